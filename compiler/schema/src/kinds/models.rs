//! Kinds of models: architectures, models, adapters, tracking.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::infrastructure::Cluster;
use crate::kinds::organisation::Tenant;
use crate::kinds::parts::{Arg, Location, Placement};
use crate::kinds::stores::Storage;
use crate::kinds::training::{Method, TrainingJob};
use crate::schema::KindSchema;
use crate::units::{Date, Digest, Parameters, Version};
use crate::view::{KindType, List, Many, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[Architecture::KIND, Model::KIND, Adapter::KIND, Tracking::KIND];

/// The shape of a transformer: what its parameters, its memory and its computation are counted from.
#[derive(Kind)]
#[kind(fact)]
pub struct Architecture {
    /// Parameters in all, exactly. It must agree with what the other fields add up to.
    pub parameters: Parameters,
    /// Transformer layers.
    #[field(required)]
    pub layers: u64,
    /// Width of the residual stream.
    #[field(required)]
    pub hidden: u64,
    /// The feed-forward block.
    pub ffn: Ffn,
    /// Attention heads.
    #[field(required)]
    pub heads: u64,
    /// Heads of keys and values. Default: as many as `heads`; 1 is multi-query attention.
    pub kv_heads: u64,
    /// Width of a head. Default: `hidden` divided by `heads`.
    pub head_dim: u64,
    /// Tokens of the vocabulary, padding included.
    #[field(required)]
    pub vocab: u64,
    /// The longest sequence that the model was made for, in tokens.
    pub context: u64,
    /// A sliding window of attention. Default: none, every token sees all before it.
    pub window: AttentionWindow,
    /// Whether the output layer uses the input embedding's weights. Default: false.
    #[field(default = "#false")]
    pub tied_embeddings: bool,
    /// Whether there is an output layer over the vocabulary; an encoder for embeddings has none. Default: true.
    #[field(default = "#true")]
    pub output_layer: bool,
    /// The normalisation of the layers.
    pub norm: Norm,
    /// The activation of the feed-forward block.
    pub activation: Activation,
    /// Rotary position embedding.
    pub rope: Rope,
    /// Learned positions, instead of rotary ones.
    pub positions: Positions,
    /// Whether a token sees only those before it. Default: true.
    #[field(default = "#true")]
    pub causal: bool,
    /// Which linear layers have a bias. Default: none.
    pub bias: Bias,
    /// Attention of another make: latent attention and its ranks.
    pub attention: LatentAttention,
    /// A mixture of experts in place of one feed-forward block.
    pub experts: Experts,
    /// Attention and feed-forward block side by side, with one normalisation.
    pub parallel_blocks: bool,
    /// A pooling layer after the last one, as BERT has.
    pub pooler: bool,
    /// Rows of a table of token types, as BERT has. Default: no such table.
    pub token_types: u64,
    /// A learned sink for each query head, as GPT-OSS has.
    pub attention_sinks: bool,
    /// Where the numbers come from.
    #[field(checked)]
    pub source: List<Text>,
    /// When they were looked up.
    #[field(checked)]
    pub as_of: Date,
}

/// The feed-forward block of a layer.
#[derive(Record)]
pub struct Ffn {
    /// Its inner width.
    #[field(argument, required)]
    pub size: u64,
    /// A third matrix gates the second one, as in SwiGLU. Default: false.
    #[field(default = "#false")]
    pub gated: bool,
}

/// The normalisation of the layers.
#[derive(Record)]
pub struct Norm {
    /// Which.
    #[field(argument, required)]
    pub variant: NormKind,
    /// Norms of a layer. Default: 2, or 1 where blocks are parallel.
    pub per_layer: u64,
    /// One more after the last layer. Default: true.
    #[field(default = "#true")]
    pub r#final: bool,
    /// One more after the embedding.
    pub embedding_norm: bool,
    /// One more on queries and keys, as wide as a head.
    pub qk_norm: bool,
    /// The one on queries and keys is as wide as all heads together.
    pub qk_norm_whole: bool,
}

/// A sliding window of attention.
#[derive(Record)]
pub struct AttentionWindow {
    /// Its width in tokens.
    #[field(argument, required)]
    pub tokens: u64,
    /// How many layers have it; the others see everything. Default: all layers.
    pub layers: u64,
}

/// Sorts of normalisation.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NormKind {
    /// Root mean square: one weight a channel.
    Rmsnorm,
    /// Mean and variance: a weight and a bias a channel.
    Layernorm,
    /// Mean and variance with a weight and no bias a channel.
    LayernormNoBias,
    /// Mean and variance without learned weights.
    Bare,
}

/// Activations of the feed-forward block.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activation {
    /// Sigmoid linear unit.
    Silu,
    /// Gaussian error linear unit.
    Gelu,
    /// Rectified linear unit.
    Relu,
}

/// Rotary position embedding.
#[derive(Record)]
pub struct Rope {
    /// The base of its wavelengths.
    #[field(required)]
    pub theta: f64,
}

/// Learned positions.
#[derive(Record)]
pub struct Positions {
    /// How many positions have a vector of their own.
    #[field(required)]
    pub learned: u64,
}

/// Which linear layers have a bias.
#[derive(Record)]
pub struct Bias {
    /// All of attention: `qkv` and `output`.
    pub attention: bool,
    /// The projections to queries, keys and values.
    pub qkv: bool,
    /// The projection out of attention.
    pub output: bool,
    /// Those of the feed-forward block, experts included.
    pub mlp: bool,
    /// The output layer over the vocabulary.
    pub head: bool,
}

/// Attention whose keys and values are kept compressed.
#[derive(Record)]
pub struct LatentAttention {
    /// Which.
    #[field(argument, required)]
    pub variant: LatentKind,
    /// Rank of the queries' compression. Default: they are not compressed.
    pub q_rank: u64,
    /// Rank of the compression of keys and values: what the cache holds.
    #[field(required)]
    pub kv_rank: u64,
    /// Width of a head's part with positions.
    #[field(required)]
    pub rope_dim: u64,
    /// Width of a head's part without positions.
    #[field(required)]
    pub nope_dim: u64,
    /// Width of a head's values.
    #[field(required)]
    pub v_dim: u64,
}

/// Sorts of latent attention.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LatentKind {
    /// Multi-head latent attention.
    Mla,
}

/// A mixture of experts.
#[derive(Record)]
pub struct Experts {
    /// Experts of a layer among which the router chooses.
    #[field(argument, required)]
    pub count: u64,
    /// How many of them each token passes.
    #[field(required)]
    pub per_token: u64,
    /// Inner width of an expert. Default: that of `ffn`.
    pub ffn: u64,
    /// Experts that every token passes besides. Default: none.
    #[field(default = "0")]
    pub shared: u64,
    /// Layers at the beginning that have one feed-forward block and no experts. Default: none.
    #[field(default = "0")]
    pub dense_layers: u64,
    /// The router has a bias for each expert.
    pub router_bias: bool,
    /// The shared experts have a gate of the model's width, as Qwen's mixtures have.
    pub shared_gate: bool,
}

/// Weights: where they come from, where they lie, what they are for.
#[derive(Kind)]
pub struct Model {
    /// The training job that makes it, or the hub that it is taken from.
    pub from: ModelSource,
    /// Its shape.
    pub architecture: Ref<Architecture>,
    /// How weights begin that are not taken from anywhere.
    pub init: Init,
    /// Where the weights lie.
    pub weights: Location,
    /// How their files are written.
    pub format: ModelFormat,
    /// Whether weights are stored in fewer bits. Default: none.
    pub quantization: Quantization,
    /// The license of the weights.
    pub license: Text,
    /// Where its versions are registered.
    pub registry: Registry,
    /// What it does. Default: generates text, where its architecture does.
    pub task: Task,
    /// What it is meant for, in words: stands in its model card.
    #[field(checked)]
    pub intended_use: Text,
    /// What it is not meant for, one text each.
    #[field(checked)]
    pub out_of_scope: List<Text>,
}

/// Where weights come from.
#[derive(Record)]
pub struct ModelSource {
    /// The training job that makes them.
    #[field(argument)]
    pub job: Ref<TrainingJob>,
    /// The repository at Hugging Face: `organisation/name`.
    pub huggingface: Text,
    /// The commit of that repository. Without one the weights may change unseen.
    pub revision: Text,
}

/// How new weights begin.
#[derive(Record)]
pub struct Init {
    /// The distribution.
    #[field(argument, required)]
    pub variant: InitKind,
    /// Its standard deviation.
    #[field(only("normal"))]
    pub std: f64,
}

/// Distributions of new weights.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum InitKind {
    /// The normal distribution.
    Normal,
}

/// How the files of a model are written.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModelFormat {
    /// Tensors alone; reading it runs no code.
    Safetensors,
    /// ONNX: graph and weights.
    Onnx,
    /// GGUF, as llama.cpp reads it.
    Gguf,
    /// XGBoost's binary JSON.
    Ubj,
    /// XGBoost's JSON.
    Json,
    /// A TensorRT engine, built for one GPU architecture.
    Tensorrt,
    /// TorchScript.
    Torchscript,
    /// A distributed checkpoint of PyTorch.
    TorchDistributed,
    /// Python's pickle. Reading it runs code that it holds.
    Pickle,
}

/// In what bits weights are stored.
#[derive(Record)]
pub struct Quantization {
    /// The number format.
    #[field(argument, required)]
    pub variant: QuantizationKind,
    /// What shares one scale. Default: that of the format.
    pub scheme: QuantizationScheme,
    /// How many weights, along each side, share a scale.
    pub block: u64,
}

/// Number formats of stored weights.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuantizationKind {
    /// As trained.
    None,
    /// 8-bit floating point.
    Fp8,
    /// 8-bit integers.
    Int8,
    /// 4-bit integers.
    Int4,
    /// 4-bit floating point with a scale for 32 weights (OCP MX).
    Mxfp4,
    /// 4-bit floating point with a scale for 16 weights (NVIDIA).
    Nvfp4,
    /// 4-bit normal floats, as QLoRA stores a frozen base.
    Nf4,
}

/// What shares one scale.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuantizationScheme {
    /// The whole tensor.
    Tensor,
    /// A row of the matrix.
    Channel,
    /// A run of weights of a row.
    Group,
    /// A square of weights.
    Block,
}

/// Where the versions of a model are registered.
#[derive(Record)]
pub struct Registry {
    /// The tracking server.
    #[field(argument, required)]
    pub tracking: Ref<Tracking>,
    /// Its name there. Default: its name here.
    pub name: Text,
}

/// What a model does.
#[derive(Record)]
pub struct Task {
    /// Which.
    #[field(argument, required)]
    pub variant: TaskKind,
    /// Length of the vectors that it makes.
    #[field(only("embedding"))]
    pub dimensions: u64,
}

/// What models do.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskKind {
    /// Continues text.
    Generation,
    /// Turns text into a vector.
    Embedding,
    /// Puts input into classes, or scores it.
    Classification,
    /// Orders texts by how well they answer.
    Reranking,
}

/// A small set of weights over a base model.
#[derive(Kind)]
pub struct Adapter {
    /// The training job that makes it, or the hub that it is taken from.
    pub from: ModelSource,
    /// The model that it changes.
    #[field(required)]
    pub base: Ref<Model>,
    /// How it was trained: what its size is counted from.
    pub method: Method,
    /// Where its weights lie.
    pub weights: Location,
    /// SHA-256 of its weights.
    pub sha256: Digest,
    /// The tenant whose own it is. Default: anybody may use it.
    pub tenant: Ref<Tenant>,
}

/// A server that records runs, metrics and models.
#[derive(Kind)]
pub struct Tracking {
    /// The product.
    #[field(required)]
    pub run: TrackingRun,
    /// The cluster that it runs in.
    pub cluster: Ref<Cluster>,
    /// The pool that it runs on.
    pub on: Placement,
    /// Where the files of runs and models lie.
    pub artifacts: Ref<Storage>,
}

/// The product behind tracking.
#[derive(Record)]
pub struct TrackingRun {
    /// Which.
    #[field(argument, required)]
    pub variant: TrackingKind,
    /// Its version. Default: that of the tested matrix.
    pub version: Version,
    /// Arguments handed to it as written.
    pub arg: Many<Arg>,
}

/// The products behind tracking.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrackingKind {
    /// MLflow.
    Mlflow,
    /// Weights & Biases.
    Wandb,
}
