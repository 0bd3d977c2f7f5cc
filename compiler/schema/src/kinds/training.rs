//! Training jobs: the kind, its records, and the registry of it and of evaluations.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::data::Dataset;
use crate::kinds::evaluation::Evaluation;
use crate::kinds::models::{Architecture, Model, Tracking};
use crate::kinds::organisation::Team;
use crate::kinds::parts::{Arg, DataUse, Image, Placement, QueueUse, Schedule, SecretUse};
use crate::kinds::stores::Storage;
use crate::schema::KindSchema;
use crate::units::{Duration, Extent, Money, Ratio, Tokens, Version};
use crate::view::{KindType, List, Many, Map, Ref, Text};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[TrainingJob::KIND, Evaluation::KIND];

/// A run that makes or changes a model. The framework's own configuration is written from these fields.
#[derive(Kind)]
pub struct TrainingJob {
    /// The team whose namespace and quota it uses.
    pub team: Ref<Team>,
    /// The queue that admits it.
    pub queue: QueueUse,
    /// The pool and how much of it. With `queue` it chooses among the queue's pools.
    pub on: Placement,
    /// The model that it starts from; an architecture alone where only memory is asked.
    pub model: Ref<(Model, Architecture)>,
    /// Whether all weights are trained, or small ones beside them. Default: full.
    pub method: Method,
    /// The program that trains.
    pub run: TrainingRun,
    /// The controller that runs it. Default: trainer where the cluster has it, else jobset.
    pub via: TrainingVia,
    /// The image with the program.
    pub image: Image,
    /// Number formats of the computation.
    pub precision: Precision,
    /// The optimizer and its settings.
    pub optimizer: Optimizer,
    /// How the model is divided over GPUs; the data-parallel degree follows from the number of GPUs.
    pub parallel: Parallel,
    /// How much goes into a step.
    pub batch: Batch,
    /// What is computed a second time in the backward pass instead of being kept. Default: none.
    pub activation_checkpointing: ActivationCheckpointing,
    /// How attention is computed. Default: what the framework takes.
    pub attention: AttentionKernel,
    /// How the loss over the vocabulary is computed. Default: what the framework does.
    pub loss: LossKind,
    /// Whether the model is compiled with `torch.compile`.
    pub compile: bool,
    /// What is kept outside of GPU memory.
    pub offload: Many<Offload>,
    /// How far to train, in tokens.
    pub tokens: Tokens,
    /// How far to train, in passes over the data.
    pub epochs: f64,
    /// How far to train, in optimizer steps.
    pub steps: u64,
    /// The data, with its shares of the mixture.
    pub data: Many<DataUse>,
    /// How often the model is measured meanwhile, and on what.
    pub validate: Validate,
    /// How often the state is saved, where, and what is kept.
    pub checkpoint: Checkpoint,
    /// After which events it goes on from the last checkpoint.
    pub resume: Many<Resume>,
    /// What is expected of the run; predictions of time and cost rest on it.
    #[field(checked)]
    pub expect: Many<RunExpectation>,
    /// The most that one run may cost.
    #[field(checked)]
    pub budget: Money,
    /// The longest that one run may take.
    pub deadline: Duration,
    /// The seed of every random choice.
    pub seed: u64,
    /// Where its metrics go.
    pub track: Track,
    /// When it is started.
    pub schedule: Schedule,
    /// Parameters of the program, as it names them.
    pub parameters: Map,
    /// How scores are turned into probabilities after training. Default: not at all.
    pub calibrate: Calibration,
    /// Environment variables, as the program names them.
    pub env: Map,
    /// Secrets that it is handed.
    pub secret: Many<SecretUse>,
}

/// Which weights are trained.
#[derive(Record)]
pub struct Method {
    /// How.
    #[field(argument, required)]
    pub variant: MethodKind,
    /// Rank of the adapter's matrices.
    #[field(only("lora", "qlora"))]
    pub rank: u64,
    /// Scale of the adapter, divided by its rank when it is applied.
    #[field(only("lora", "qlora"))]
    pub alpha: f64,
    /// The linear layers that get an adapter. Default: the framework's.
    #[field(only("lora", "qlora"))]
    pub targets: List<Text>,
}

/// Ways of training.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    /// All weights.
    Full,
    /// Low-rank matrices beside frozen weights.
    Lora,
    /// Low-rank matrices beside frozen weights of 4 bits.
    Qlora,
}

/// The program of a training job.
#[derive(Record)]
pub struct TrainingRun {
    /// Which.
    #[field(argument, required)]
    pub variant: TrainingFramework,
    /// Its version: decides which options it knows.
    pub version: Version,
    /// Arguments handed to it as written, checked against the flags that it is known to have.
    pub arg: Many<Arg>,
    /// The command and its words. What the spec says of its memory is then declared, not proved.
    #[field(only("custom"))]
    pub command: List<Text>,
}

/// Programs that train.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrainingFramework {
    /// NVIDIA Megatron-Core.
    MegatronCore,
    /// torchtitan.
    Torchtitan,
    /// torchtune.
    Torchtune,
    /// DeepSpeed.
    Deepspeed,
    /// Megatron-DeepSpeed.
    MegatronDeepspeed,
    /// PyTorch with fully sharded data parallelism, started by accelerate.
    Fsdp,
    /// Hugging Face Transformers' trainer.
    Transformers,
    /// Hugging Face TRL.
    Trl,
    /// LitGPT.
    Litgpt,
    /// Unsloth.
    Unsloth,
    /// LLM Foundry.
    LlmFoundry,
    /// Ray Train.
    RayTrain,
    /// XGBoost.
    Xgboost,
    /// Any other: `command` says how it is started.
    Custom,
}

/// Controllers of training jobs.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrainingVia {
    /// Kubeflow Trainer.
    Trainer,
    /// JobSet.
    Jobset,
    /// KubeRay.
    Ray,
    /// Volcano.
    Volcano,
}

/// Number formats of a training run.
#[derive(Record)]
pub struct Precision {
    /// That of the computation.
    #[field(argument, required)]
    pub compute: Dtype,
    /// That in which gradients are summed. Default: the framework's.
    pub gradients: Dtype,
}

/// Number formats.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dtype {
    /// 32-bit floating point.
    Fp32,
    /// 32 bits in memory, 19 in the tensor cores.
    Tf32,
    /// 16-bit floating point with the exponent of 32 bits.
    Bf16,
    /// 16-bit floating point.
    Fp16,
    /// 8-bit floating point.
    Fp8,
    /// 8-bit integers.
    Int8,
    /// 4-bit integers.
    Int4,
    /// 4-bit floating point with a scale for 32 numbers (OCP MX).
    Mxfp4,
    /// 4-bit floating point with a scale for 16 numbers (NVIDIA).
    Nvfp4,
}

/// The optimizer and its settings.
#[derive(Record)]
pub struct Optimizer {
    /// Which.
    #[field(argument, required)]
    pub variant: OptimizerKind,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Decay of the first and second moment.
    #[field(only("adamw", "adam", "lion"))]
    pub betas: List<f64>,
    /// What keeps the division from zero.
    #[field(only("adamw", "adam"))]
    pub epsilon: f64,
    /// How much weights shrink each step, in parts of the learning rate.
    pub weight_decay: f64,
    /// The longest gradient; longer ones are scaled down to it.
    pub gradient_clip: f64,
    /// How the learning rate goes.
    pub schedule: LearningSchedule,
    /// Bits of each state: 8 keeps a quarter of the memory. Default: 32.
    pub bits: u64,
    /// States move to host memory when the GPU's runs short.
    pub paged: bool,
    /// Steps each weight as soon as its gradient is there, so that gradients are never all in memory.
    pub in_backward: bool,
}

/// Optimizers.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptimizerKind {
    /// Adam with decoupled weight decay: two states a parameter.
    Adamw,
    /// Adam: two states a parameter.
    Adam,
    /// Stochastic gradient descent with momentum: one state a parameter.
    Sgd,
    /// Lion: one state a parameter.
    Lion,
    /// Adafactor: sums of rows and columns instead of a second state.
    Adafactor,
    /// Muon: one state a parameter.
    Muon,
}

/// How the learning rate goes.
#[derive(Record)]
pub struct LearningSchedule {
    /// The curve after the warm-up.
    #[field(argument, required)]
    pub variant: LearningCurve,
    /// How long the rate rises from zero, in steps or tokens.
    pub warmup: Extent,
    /// The rate at the end.
    pub r#final: f64,
    /// Where the curve ends, in steps or tokens. Default: with the run.
    pub horizon: Extent,
}

/// Curves of the learning rate.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LearningCurve {
    /// Half a cosine wave, down to `final`.
    Cosine,
    /// A straight line down to `final`.
    Linear,
    /// It stays as it is.
    Constant,
}

/// How a model is divided over GPUs.
#[derive(Record)]
pub struct Parallel {
    /// GPUs that share each matrix; inside one NVLink domain. Default: 1.
    #[field(default = "1")]
    pub tensor: u64,
    /// Whether what lies between the matrices is divided along the sequence over the same GPUs.
    pub sequence: bool,
    /// Stages that each hold some of the layers. Default: 1.
    #[field(default = "1")]
    pub pipeline: u64,
    /// Pieces into which each stage is cut and interleaved. Default: 1.
    #[field(default = "1")]
    pub virtual_pipeline: u64,
    /// How layers fall on stages.
    pub pipeline_layout: PipelineLayout,
    /// GPUs that share each sequence. Default: 1.
    #[field(default = "1")]
    pub context: u64,
    /// GPUs over which the experts are divided. Default: 1.
    #[field(default = "1")]
    pub expert: u64,
    /// What of the states is divided over data-parallel GPUs. Default: nothing.
    #[field(default = "none")]
    pub sharding: Sharding,
}

/// How layers fall on pipeline stages.
#[derive(Record)]
pub struct PipelineLayout {
    /// The embedding takes the place of a layer.
    pub embedding_as_layer: bool,
    /// The output layer with the loss takes the place of a layer.
    pub loss_as_layer: bool,
}

/// What of the states is divided over data-parallel GPUs.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharding {
    /// Nothing: each GPU has all of its states.
    None,
    /// Optimizer states; Megatron's distributed optimizer.
    #[choice("zero-1")]
    Zero1,
    /// Optimizer states and gradients.
    #[choice("zero-2")]
    Zero2,
    /// Optimizer states, gradients and weights.
    #[choice("zero-3")]
    Zero3,
    /// Optimizer states, gradients and weights, by PyTorch.
    Fsdp,
    /// As `fsdp` inside a node, copied between nodes.
    Hsdp,
}

/// How much goes into a step.
#[derive(Record)]
pub struct Batch {
    /// Sequences of a step, over all GPUs.
    pub global: u64,
    /// Sequences that one GPU (or group of GPUs that share the model) computes at once.
    pub micro: u64,
    /// Tokens of a sequence.
    pub sequence: u64,
}

/// What is computed a second time instead of being kept.
#[derive(Record)]
pub struct ActivationCheckpointing {
    /// How much.
    #[field(argument, required)]
    pub variant: CheckpointingKind,
    /// The modules that are computed again, by the framework's names.
    #[field(only("selective"))]
    pub modules: List<Text>,
    /// Layers between two activations that are kept. Default: 1.
    #[field(only("full"))]
    pub layers: u64,
}

/// How much is computed a second time.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckpointingKind {
    /// Nothing: the fastest, with the most memory.
    None,
    /// What takes much memory and little time.
    Selective,
    /// Every layer: the slowest, with the least memory.
    Full,
}

/// How attention is computed.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttentionKernel {
    /// FlashAttention: the matrix of scores is never kept.
    Flash,
    /// PyTorch's scaled dot-product attention, with the kernel that it chooses.
    Sdpa,
    /// Step by step: the matrix of scores is kept.
    Eager,
}

/// How the loss over the vocabulary is computed.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LossKind {
    /// All scores at once.
    Full,
    /// Piece by piece along the sequence: scores are never all in memory.
    Chunked,
    /// Output layer and loss in one kernel: scores are never in memory.
    Fused,
}

/// Something that is kept outside of GPU memory.
#[derive(Record)]
pub struct Offload {
    /// What.
    #[field(argument, key, required)]
    pub what: Offloaded,
    /// Where. Default: host.
    #[field(default = "host")]
    pub to: OffloadTarget,
}

/// What may be kept outside of GPU memory.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offloaded {
    /// Optimizer states.
    Optimizer,
    /// Weights.
    Parameters,
    /// Activations.
    Activations,
}

/// Where it is kept instead.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OffloadTarget {
    /// The node's memory.
    Host,
    /// The node's own disks.
    Nvme,
}

/// How a model is measured while it is trained.
#[derive(Record)]
pub struct Validate {
    /// How often, in steps, tokens or time.
    #[field(required)]
    pub every: Extent,
    /// The dataset.
    #[field(required)]
    pub data: Ref<Dataset>,
    /// One of the parts of its `split`. Default: all of it.
    pub split: Text,
    /// How much of it each time. Default: all.
    pub tokens: Tokens,
}

/// How the state of a run is saved.
#[derive(Record)]
pub struct Checkpoint {
    /// How often, in steps, tokens or time.
    #[field(required)]
    pub every: Extent,
    /// Where to.
    #[field(required)]
    pub to: Ref<Storage>,
    /// How many are kept; older ones are deleted. Default: all.
    pub keep: u64,
    /// Whether training waits for the write. Default: sync.
    #[field(default = "sync")]
    pub mode: CheckpointMode,
    /// Copies that are kept for good.
    pub milestone: Milestone,
    /// One more this long before the capacity ends.
    pub before_end: Duration,
}

/// Whether training waits for a checkpoint.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckpointMode {
    /// It waits until everything is written.
    Sync,
    /// It waits for a copy in memory alone.
    Async,
}

/// Checkpoints that are kept for good.
#[derive(Record)]
pub struct Milestone {
    /// How often.
    #[field(required)]
    pub every: Extent,
    /// Where to. Default: where the others are.
    pub to: Ref<Storage>,
    /// What of them. Default: all.
    #[field(default = "all")]
    pub what: MilestonePart,
}

/// What of a checkpoint is kept.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MilestonePart {
    /// Weights alone.
    Weights,
    /// Everything that a run needs to go on.
    All,
}

/// An event after which a run goes on from its last checkpoint.
#[derive(Record)]
pub struct Resume {
    /// The event.
    #[field(argument, key, required)]
    pub variant: ResumeEvent,
    /// How often at most; the run then fails.
    pub max: u64,
    /// How soon it must be running again.
    #[field(checked)]
    pub within: Duration,
    /// After how long without a step it counts as hung.
    #[field(only("hang"))]
    pub after: Duration,
}

/// Events that a run survives.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResumeEvent {
    /// A node, a GPU or a link fails.
    NodeFailure,
    /// Capacity is taken back: spot, or a job of higher priority.
    Preemption,
    /// No step is made any more.
    Hang,
    /// The loss jumps: it goes on from before, without the batches that made it.
    LossSpike,
}

/// Something that is expected of a run.
#[derive(Record)]
pub struct RunExpectation {
    /// What; nothing for `expect node-mtbf=`.
    #[field(argument)]
    pub variant: Expected,
    /// At least.
    #[field(only("mfu"))]
    pub min: Ratio,
    /// At most.
    #[field(only("mfu"))]
    pub max: Ratio,
    /// Mean time between failures of one node. It stands alone: `expect node-mtbf="3692h"`.
    pub node_mtbf: Duration,
}

/// What can be expected of a run.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Model FLOP utilisation: useful computation divided by the peak of the GPUs.
    Mfu,
}

/// Where the metrics of a run go.
#[derive(Record)]
pub struct Track {
    /// The tracking server.
    #[field(argument, required)]
    pub tracking: Ref<Tracking>,
    /// The experiment. Default: the job's name.
    pub experiment: Text,
}

/// How scores are turned into probabilities.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Calibration {
    /// A rising step function.
    Isotonic,
    /// A logistic curve (Platt).
    Sigmoid,
}
