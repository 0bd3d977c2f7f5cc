//! Endpoints and batches of answers, and the registry of these, of gateways and of monitors.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::features::FeatureView;
use crate::kinds::gateway::{Gateway, Route};
use crate::kinds::models::{Adapter, Architecture, Model};
use crate::kinds::monitoring::{LoadTest, Monitor, ResilienceTest};
use crate::kinds::parts::{
    Arg, DataUse, EndpointAuth, Image, Limit, Location, Metric, Placement, QueueUse, Replicas, Schedule,
    SecretUse,
};
use crate::kinds::stores::Storage;
use crate::kinds::training::Dtype;
use crate::schema::KindSchema;
use crate::units::{Duration, Period, Rate, Ratio, Tokens, Version};
use crate::view::{KindType, List, Many, Map, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[
    Serving::KIND,
    BatchInference::KIND,
    Gateway::KIND,
    Route::KIND,
    Monitor::KIND,
    ResilienceTest::KIND,
    LoadTest::KIND,
];

/// An endpoint that answers with a model. The server's own configuration is written from these fields.
#[derive(Kind)]
#[kind(plural = "servings")]
pub struct Serving {
    /// The model that answers; an architecture alone where only memory is asked. A custom program needs none.
    pub model: Ref<(Model, Architecture)>,
    /// The program that serves.
    pub run: ServingRun,
    /// The controller that runs it. Default: kserve for models, deployment otherwise.
    pub via: ServingVia,
    /// The image with the program. Default: the program's own of that version.
    pub image: Image,
    /// The pool, and what each replica takes of it.
    #[field(required)]
    pub on: Placement,
    /// How the model is divided over the GPUs of a replica.
    pub parallel: ServingParallel,
    /// Number format of the computation. Default: that of the weights.
    pub precision: Dtype,
    /// The longest sequence, prompt and answer together, in tokens. Default: the model's own.
    pub context: u64,
    /// Requests that one replica computes at the same time.
    pub concurrency: u64,
    /// The memory that holds keys and values of attention.
    pub kv_cache: KvCache,
    /// Tokens that one step computes at most, over all requests. Default: the program's own.
    pub max_batched_tokens: u64,
    /// The share of GPU memory that the program may take. Default: the program's own.
    pub memory_utilization: Ratio,
    /// Keeps what requests with the same beginning share.
    pub prefix_cache: bool,
    /// A small model guesses tokens that the large one checks.
    pub speculative: Speculative,
    /// Adapters that requests may choose.
    pub adapters: Adapters,
    /// Features that are read for each request.
    pub features: List<Ref<FeatureView>>,
    /// Other endpoints that it calls.
    pub calls: List<Ref<(Serving, Route)>>,
    /// The load that it is built for: what capacity, memory and latency are checked against.
    #[field(checked)]
    pub load: Load,
    /// What it promises to callers.
    #[field(checked)]
    pub slo: Slo,
    /// How many replicas.
    pub replicas: Replicas,
    /// How a new version takes over.
    pub rollout: Rollout,
    /// Who may call.
    pub auth: EndpointAuth,
    /// How often clients may call.
    pub limit: Many<Limit>,
    /// What is recorded of each answer, and for how long.
    pub audit: Audit,
    /// Persons who watch over it and can step in (EU AI Act Art. 14).
    #[field(checked)]
    pub oversight: Oversight,
    /// What users are told about talking to, or being judged by, a machine.
    #[field(checked)]
    pub disclosure: Disclosure,
    /// How generated content is marked as such (EU AI Act Art. 50(2)).
    #[field(checked)]
    pub marking: Marking,
    /// Reasons that are given with each answer.
    pub explain: Explain,
    /// What becomes of a score.
    pub decision: Decision,
    /// What happens with requests that cannot be answered.
    pub fallback: ServingFallback,
    /// Environment variables, as the program names them.
    pub env: Map,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// The program of an endpoint.
#[derive(Record)]
pub struct ServingRun {
    /// Which.
    #[field(argument, required)]
    pub variant: ServingProgram,
    /// Its version: decides which options it knows.
    pub version: Version,
    /// Arguments handed to it as written, checked against the flags that it is known to have.
    pub arg: Many<Arg>,
    /// The command and its words. What the spec says of its memory is then declared, not proved.
    #[field(only("custom"))]
    pub command: List<Text>,
}

/// Programs that serve.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServingProgram {
    /// vLLM.
    Vllm,
    /// SGLang.
    Sglang,
    /// TensorRT-LLM.
    #[choice("tensorrt-llm")]
    TensorrtLlm,
    /// NVIDIA Triton.
    Triton,
    /// Hugging Face Text Embeddings Inference.
    TextEmbeddings,
    /// TorchServe.
    TorchServe,
    /// Ray Serve.
    RayServe,
    /// MLServer.
    Mlserver,
    /// XGBoost.
    Xgboost,
    /// Any other: `command` says how it is started.
    Custom,
}

/// Controllers of endpoints.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServingVia {
    /// KServe.
    Kserve,
    /// llm-d.
    #[choice("llm-d")]
    LlmD,
    /// Seldon Core.
    Seldon,
    /// KubeRay.
    Ray,
    /// A plain Kubernetes Deployment.
    Deployment,
}

/// How a model is divided over the GPUs of a replica.
#[derive(Record)]
pub struct ServingParallel {
    /// GPUs that share each matrix. Default: 1.
    #[field(default = "1")]
    pub tensor: u64,
    /// Stages that each hold some of the layers. Default: 1.
    #[field(default = "1")]
    pub pipeline: u64,
    /// Copies inside one replica. Default: 1.
    #[field(default = "1")]
    pub data: u64,
    /// GPUs over which the experts are divided. Default: 1.
    #[field(default = "1")]
    pub expert: u64,
}

/// The memory that holds keys and values of attention.
#[derive(Record)]
pub struct KvCache {
    /// Its number format. Default: that of the computation.
    pub dtype: Dtype,
}

/// A small model guesses tokens that the large one checks.
#[derive(Record)]
pub struct Speculative {
    /// The small model. Its weights and cache count in the memory of the replica.
    #[field(required)]
    pub draft: Ref<Model>,
    /// Tokens guessed at a time.
    #[field(required)]
    pub tokens: u64,
}

/// Adapters that requests may choose.
#[derive(Record)]
pub struct Adapters {
    /// The adapters.
    #[field(arguments)]
    pub adapters: List<Ref<Adapter>>,
    /// How many are in GPU memory at the same time. Default: all of them.
    pub max_loaded: u64,
    /// The highest rank for which memory is set aside. Default: the highest among them.
    pub max_rank: u64,
}

/// The load that an endpoint is built for.
#[derive(Record)]
pub struct Load {
    /// Requests as a rule.
    #[field(argument, required)]
    pub rate: Rate,
    /// Requests at most.
    pub peak: Rate,
    /// Length of a typical prompt.
    pub prompt: Tokens,
    /// Length of a typical answer.
    pub output: Tokens,
}

/// What an endpoint promises.
#[derive(Record)]
pub struct Slo {
    /// The share of requests that are answered.
    pub availability: Ratio,
    /// Time to the first token.
    pub ttft: LatencyBounds,
    /// Time for each token after the first.
    pub tpot: LatencyBounds,
    /// Time to the whole answer.
    pub latency: LatencyBounds,
}

/// Bounds on a distribution of times.
#[derive(Record)]
pub struct LatencyBounds {
    /// Half of the requests are at least this fast.
    pub p50: Duration,
    /// 90% of the requests are at least this fast.
    pub p90: Duration,
    /// 95% of the requests are at least this fast.
    pub p95: Duration,
    /// 99% of the requests are at least this fast.
    pub p99: Duration,
    /// The length of prompt for which it is promised. Default: that of `load`.
    pub prompt: Tokens,
}

/// How a new version takes over. What runs besides the old version while it does counts in the capacity.
#[derive(Record)]
pub struct Rollout {
    /// The way.
    #[field(argument, required)]
    pub variant: RolloutKind,
    /// The shares of traffic that the new version gets, in this order.
    pub step: Many<RolloutStep>,
    /// A phase before the first step in which the new version gets copies of requests and its answers are dropped.
    pub shadow: ShadowPhase,
    /// Bounds of the new version that end the rollout when they break.
    pub abort: Many<Metric>,
    /// Where traffic goes when it ends that way.
    pub rollback: Rollback,
    /// How long the old version may finish what it has begun.
    #[field(only("recreate"))]
    pub drain: Duration,
}

/// Ways in which a new version takes over.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum RolloutKind {
    /// It gets a growing share of the traffic.
    Canary,
    /// It stands complete beside the old one, then gets all traffic at once.
    BlueGreen,
    /// The old one stops first: no surge, and a gap in service.
    Recreate,
    /// Both serve and are compared.
    Ab,
    /// It gets copies of requests; its answers are dropped.
    Shadow,
}

/// One step of a rollout.
#[derive(Record)]
pub struct RolloutStep {
    /// The new version's share of traffic.
    #[field(argument, key, required)]
    pub share: Ratio,
    /// How long it stays there.
    #[field(required)]
    pub r#for: Duration,
}

/// A phase in which a new version gets copies of requests.
#[derive(Record)]
pub struct ShadowPhase {
    /// How long.
    #[field(required)]
    pub r#for: Duration,
}

/// Where traffic goes when a rollout is aborted.
#[derive(Record)]
pub struct Rollback {
    /// The version.
    #[field(required)]
    pub to: RollbackTarget,
}

/// Versions to go back to.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum RollbackTarget {
    /// The one that served before.
    Previous,
}

/// What is recorded of each answer.
#[derive(Record)]
pub struct Audit {
    /// What a record is made for.
    #[field(argument, required)]
    pub variant: AuditKind,
    /// How long records are kept.
    pub retention: Period,
    /// Where they are kept.
    pub to: Ref<Storage>,
    /// What a record holds.
    pub include: List<AuditItem>,
    /// Fields that are replaced by a keyed hash.
    pub pseudonymise: List<Text>,
}

/// What a record is made for.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditKind {
    /// Each answer or decision.
    Decisions,
}

/// What a record can hold.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditItem {
    /// The request.
    Input,
    /// The answer.
    Output,
    /// The reasons that were given.
    ReasonCodes,
    /// The model and its version.
    ModelVersion,
    /// The threshold that was applied.
    Threshold,
    /// Who reviewed it.
    Reviewer,
    /// What the reviewer decided instead.
    Override,
}

/// Persons who watch over an endpoint.
#[derive(Record)]
pub struct Oversight {
    /// Who: a role in the organisation.
    #[field(required)]
    pub role: Text,
    /// What they do.
    #[field(required)]
    pub action: OversightAction,
    /// The directory group whose members have the role.
    pub group: Text,
    /// Which outcomes they look at.
    pub review: Many<Review>,
    /// How they stop it.
    pub stop: Stop,
}

/// What overseers do.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OversightAction {
    /// Nothing takes effect before a person agrees, every time.
    ApproveEach,
    /// A named action waits until a person agrees.
    Approve,
    /// They look at outcomes afterwards and can change them.
    Review,
}

/// Outcomes that overseers look at.
#[derive(Record)]
pub struct Review {
    /// The outcome: `declined`.
    #[field(argument, key, required)]
    pub outcome: Text,
    /// The share that they look at. Default: all.
    #[field(default = "100%")]
    pub sample: Ratio,
}

/// How overseers stop an endpoint.
#[derive(Record)]
pub struct Stop {
    /// How soon traffic is at zero.
    #[field(required)]
    pub within: Duration,
}

/// What users are told.
#[derive(Record)]
pub struct Disclosure {
    /// The words.
    #[field(argument, required)]
    pub text: Text,
    /// When. Default: first-turn.
    #[field(default = "first-turn")]
    pub at: DisclosureTime,
}

/// When users are told.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DisclosureTime {
    /// At the beginning.
    FirstTurn,
    /// With every answer.
    EachTurn,
    /// With the decision.
    Decision,
}

/// How generated content is marked.
#[derive(Record)]
pub struct Marking {
    /// A mark inside the content, of this sort of content.
    pub watermark: Watermark,
    /// A mark in the content's metadata.
    pub metadata: MarkingMetadata,
}

/// Content that carries a mark.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watermark {
    /// Text.
    Text,
    /// Images.
    Image,
    /// Sound.
    Audio,
    /// Video.
    Video,
}

/// Marks in metadata.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkingMetadata {
    /// With a signature over the content.
    Signed,
}

/// Reasons that are given with each answer.
#[derive(Record)]
pub struct Explain {
    /// The method.
    #[field(argument, required)]
    pub variant: ExplainMethod,
    /// How many of the strongest. Default: all.
    pub top: u64,
    /// In what form. Default: numbers.
    pub r#as: ExplainForm,
}

/// Methods that find reasons.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExplainMethod {
    /// Exact Shapley values of trees.
    TreeShap,
}

/// Forms of reasons.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExplainForm {
    /// A number for each feature.
    Numbers,
    /// Codes that stand for sentences a customer understands.
    ReasonCodes,
}

/// What becomes of a score.
#[derive(Record)]
pub struct Decision {
    /// What is decided within the bounds.
    #[field(argument, required)]
    pub outcome: Text,
    /// The lowest score for it.
    pub min: f64,
    /// The highest score for it.
    pub max: f64,
    /// What is decided outside of them.
    #[field(required)]
    pub otherwise: Text,
}

/// What happens with requests that cannot be answered.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServingFallback {
    /// A person answers them.
    ManualQueue,
}

/// A model run over a whole dataset.
#[derive(Kind)]
#[kind(name = "batch-inference", plural = "batch-inferences", later)]
pub struct BatchInference {
    /// The model.
    #[field(required)]
    pub model: Ref<Model>,
    /// What it runs over.
    #[field(required)]
    pub data: Many<DataUse>,
    /// The program that runs it.
    pub run: ServingRun,
    /// The image with the program. Default: the program's own of that version.
    pub image: Image,
    /// The pool, and how much of it.
    pub on: Placement,
    /// The queue that admits it.
    pub queue: QueueUse,
    /// When it is started.
    pub schedule: Schedule,
    /// The longest that one run may take.
    pub deadline: Duration,
    /// Where answers are written.
    #[field(required)]
    pub to: Location,
    /// Environment variables, as the program names them.
    pub env: Map,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}
