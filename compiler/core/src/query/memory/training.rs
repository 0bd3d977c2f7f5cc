//! A training job as the laws of memory take it.

use purlin_schema::kinds::training::{
    AttentionKernel, CheckpointingKind, Dtype, LossKind, Method, MethodKind, Offloaded, OptimizerKind,
    Sharding, TrainingFramework, TrainingJob,
};
use purlin_schema::units::Bytes;
use purlin_schema::{Silent, View};

use super::{Inputs, Judged, over_all, visible};
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::laws::activations::{Modules, Recompute};
use crate::laws::adapters::Adapters;
use crate::laws::interval::{Interval, MemoryEstimate, Verdict};
use crate::laws::model_states::{Optimizer, Regime, Sharding as Divided};
use crate::laws::parallel::{self, Division};
use crate::laws::pipeline::Layout;
use crate::laws::serving_memory::Precision;
use crate::laws::training_memory::{self, Loss, TrainingMemory};
use crate::query::model::{self, Shape};
use crate::query::placement::{self, Placed};

/// A training job as numbers.
#[derive(Clone, Debug)]
pub struct Training {
    /// The run; where the framework leaves number formats open, one for each way it may be.
    pub ways: Vec<TrainingMemory>,
    /// The degrees and what they cut.
    pub division: Division,
    /// What a GPU shows, in bytes.
    pub capacity: Interval,
    /// Which GPU.
    pub device: String,
    /// What was assumed.
    pub assumed: Vec<String>,
}

/// The verdict over all ways that the run may be.
pub fn judge(training: &Training) -> Judged {
    let ways = training.ways.iter().map(|way| training_memory::judge(way, training.capacity)).collect();
    let (verdict, estimate) = over_all(ways)
        .unwrap_or_else(|| (Verdict::TooClose, MemoryEstimate::of("no rank".to_owned(), Vec::new())));
    Judged {
        estimate,
        capacity: training.capacity,
        device: training.device.clone(),
        verdict,
        assumed: training.assumed.clone(),
        room: None,
    }
}

/// The degrees of a job and the numbers that they cut; silence where the model or the GPUs are not known.
pub fn division(ask: &Ask, id: ResourceId) -> Result<Division, Silent> {
    let job = ask.view::<TrainingJob>(id).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    let shape = model::shape(ask, job.model())?.ok_or(Silent)?;
    divide(job, placed.gpus().ok_or(Silent)?, &shape)
}

fn divide(job: View<'_, TrainingJob>, gpus: u64, shape: &Shape) -> Result<Division, Silent> {
    let d = &shape.dimensions;
    let (parallel, batch) = (job.parallel().known()?, job.batch().known()?);
    let degree = |field: Option<purlin_schema::Field<u64>>| field.map_or(Ok(1), |field| field.or(1));
    let flag = |field: Option<purlin_schema::Field<bool>>| field.map_or(Ok(false), |field| field.or(false));
    let cut = match parallel {
        Some(parallel) => parallel.pipeline_layout().known()?,
        None => None,
    };
    let size = |field: Option<purlin_schema::Field<u64>>| field.map_or(Ok(0), |field| field.or(0));
    Ok(Division {
        gpus,
        tensor: degree(parallel.map(|p| p.tensor()))?,
        layout: Layout {
            layers: d.layers,
            pipeline: degree(parallel.map(|p| p.pipeline()))?,
            virtual_pipeline: degree(parallel.map(|p| p.virtual_pipeline()))?,
            embedding_as_layer: flag(cut.map(|cut| cut.embedding_as_layer()))?,
            loss_as_layer: flag(cut.map(|cut| cut.loss_as_layer()))?,
        },
        context: degree(parallel.map(|p| p.context()))?,
        expert: degree(parallel.map(|p| p.expert()))?,
        data: None,
        heads: d.heads,
        kv_heads: d.kv_heads,
        ffn: d.ffn,
        vocab: d.vocab,
        experts: d.experts.map(|experts| experts.count),
        sequence: size(batch.map(|batch| batch.sequence()))?,
        global_batch: size(batch.map(|batch| batch.global()))?,
        micro_batch: degree(batch.map(|batch| batch.micro()))?,
    })
}

/// The inputs of the law; silence for work without GPUs and for degrees that do not divide, which other rules report.
pub fn inputs(ask: &Ask, id: ResourceId) -> Result<Inputs<Training>, Silent> {
    let job = ask.view::<TrainingJob>(id).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    if placed.gpus_per_node == Some(0) && placed.profile.is_none() {
        return Err(Silent);
    }
    let framework = match job.run().known()? {
        Some(run) => Some(run.variant().present()?),
        None => None,
    };
    if framework == Some(TrainingFramework::Custom) {
        return Ok(Inputs::Declared);
    }
    let mut missing = Vec::new();
    if framework == Some(TrainingFramework::Xgboost) {
        missing.push("a law for boosted trees on a GPU".to_owned());
    }
    let shape = model::shape(ask, job.model())?;
    if shape.is_none() {
        missing.push("the architecture of its model".to_owned());
    }
    let device = visible(ask, &placed).map_err(|what| missing.push(what)).ok();
    say_what_is_missing(job, &mut missing)?;
    let gpus = if placed.profile.is_some() { Some(placed.nodes) } else { placed.gpus() };
    let (Some(shape), Some((capacity, device)), Some(gpus), true) = (shape, device, gpus, missing.is_empty())
    else {
        return Ok(Inputs::Missing(missing));
    };
    let division = divide(job, gpus, &shape)?;
    let data = parallel::data_degree(&division).ok_or(Silent)?;
    let mut assumed = Vec::new();
    let run = run(job, &placed, &shape, &division, data, &mut assumed)?;
    let regimes = regimes(job, framework, &mut assumed)?;
    let ways = regimes.iter().map(|regime| TrainingMemory { regime: *regime, ..run.clone() }).collect();
    Ok(Inputs::Known(Training { ways, division, capacity, device, assumed }))
}

/// What decides the memory and has no default that could be assumed.
fn say_what_is_missing(job: View<'_, TrainingJob>, missing: &mut Vec<String>) -> Result<(), Silent> {
    let batch = job.batch().known()?;
    let mut need = |absent: bool, what: &str| {
        if absent {
            missing.push(what.to_owned());
        }
    };
    need(batch.is_none_or(|batch| batch.micro().is_absent()), "`batch micro=`");
    need(batch.is_none_or(|batch| batch.sequence().is_absent()), "`batch sequence=`");
    need(job.precision().is_absent(), "`precision`");
    need(job.optimizer().is_absent(), "`optimizer`");
    need(
        job.offload().iter().any(|row| row.what().get() == Some(Offloaded::Activations)),
        "a law for offloaded activations",
    );
    if let Some(again) = job.activation_checkpointing().known()? {
        need(again.layers().or(1)? > 1, "a law for checkpoints of every few layers");
    }
    Ok(())
}

fn run(
    job: View<'_, TrainingJob>,
    placed: &Placed,
    shape: &Shape,
    division: &Division,
    data: u64,
    assumed: &mut Vec<String>,
) -> Result<TrainingMemory, Silent> {
    let (parallel, optimizer) = (job.parallel().known()?, job.optimizer().present()?);
    let sharding = match parallel {
        Some(parallel) => parallel.sharding().or(Sharding::None)?,
        None => Sharding::None,
    };
    let offloads = |what: Offloaded| job.offload().iter().any(|row| row.what().get() == Some(what));
    let compute = job.precision().present()?.compute().present()?;
    let flash = job.attention().known()?;
    if flash.is_none() {
        assumed
            .push("attention that never keeps its scores, as every framework has it by default".to_owned());
    }
    Ok(TrainingMemory {
        dimensions: shape.dimensions.clone(),
        family: None,
        adapters: adapters(job, shape)?,
        regime: Regime::Mixed,
        optimizer: moments(
            optimizer.variant().present()?,
            optimizer.bits().or(32)?,
            optimizer.paged().or(false)?,
        ),
        sharding: match sharding {
            Sharding::None => Divided::Replicated,
            Sharding::Zero1 => Divided::Zero1,
            Sharding::Zero2 => Divided::Zero2,
            Sharding::Zero3 | Sharding::Fsdp | Sharding::Hsdp => Divided::Zero3,
        },
        shard_group: placed
            .gpus_per_node
            .filter(|_| sharding == Sharding::Hsdp)
            .map(|gpus| (gpus / division.tensor.max(1)).max(1)),
        offload_optimizer: offloads(Offloaded::Optimizer),
        offload_weights: offloads(Offloaded::Parameters),
        optimizer_in_backward: optimizer.in_backward().or(false)?,
        recompute: recompute(job)?,
        flash: flash != Some(AttentionKernel::Eager),
        compiled: job.compile().or(false)?,
        fp8: compute == Dtype::Fp8,
        loss: match job.loss().known()? {
            None => Loss::Unsaid,
            Some(LossKind::Full) => Loss::Whole,
            Some(LossKind::Chunked) => Loss::Chunked,
            Some(LossKind::Fused) => Loss::Fused,
        },
        tensor: division.tensor,
        sequence_parallel: parallel.is_some_and(|parallel| parallel.sequence().get() == Some(true)),
        pipeline: division.layout.pipeline,
        virtual_pipeline: division.layout.virtual_pipeline,
        embedding_as_layer: division.layout.embedding_as_layer,
        loss_as_layer: division.layout.loss_as_layer,
        context: division.context,
        expert: division.expert,
        data,
        micro_batch: division.micro_batch,
        micro_batches: parallel::micro_batches(division),
        sequence: division.sequence,
    })
}

/// Bytes a parameter by framework: Megatron keeps bf16 weights and sums gradients in fp32, FSDP keeps fp32 shards,
/// `torchtune` and `LitGPT` train in bf16 throughout; where a framework has several ways, each of them.
fn regimes(
    job: View<'_, TrainingJob>,
    framework: Option<TrainingFramework>,
    assumed: &mut Vec<String>,
) -> Result<Vec<Regime>, Silent> {
    use TrainingFramework as F;
    let precision = job.precision().present()?;
    let gradients = precision.gradients().known()?;
    if matches!(precision.compute().present()?, Dtype::Fp32 | Dtype::Tf32) {
        return Ok(vec![Regime::Fp32]);
    }
    let summed = if gradients == Some(Dtype::Fp32) { Regime::MixedFp32Gradients } else { Regime::Mixed };
    Ok(match framework {
        Some(F::MegatronCore) => match gradients {
            None | Some(Dtype::Fp32) => vec![Regime::MixedFp32Gradients],
            Some(_) => vec![Regime::Mixed],
        },
        Some(F::MegatronDeepspeed) => vec![Regime::DeepSpeedBf16],
        Some(F::Deepspeed) => vec![summed],
        Some(F::Torchtitan | F::Fsdp | F::LlmFoundry) => vec![Regime::ShardedFp32],
        Some(F::Torchtune | F::Litgpt) => vec![Regime::PureBf16],
        Some(F::Transformers | F::Trl | F::Unsloth | F::RayTrain) => {
            assumed.push("weights loaded in bf16 at the least, in fp32 at the most".to_owned());
            vec![Regime::PureBf16, Regime::ShardedFp32]
        }
        Some(F::Xgboost | F::Custom) => return Err(Silent),
        None => {
            assumed.push("no framework is said: from bf16 throughout to bf16 with fp32 gradients".to_owned());
            vec![Regime::PureBf16, Regime::MixedFp32Gradients]
        }
    })
}

fn moments(kind: OptimizerKind, bits: u64, paged: bool) -> Optimizer {
    match kind {
        _ if paged => Optimizer::Paged,
        OptimizerKind::Adamw | OptimizerKind::Adam if bits <= 8 => Optimizer::Adam8Bit,
        OptimizerKind::Adamw | OptimizerKind::Adam => Optimizer::Adam,
        OptimizerKind::Sgd | OptimizerKind::Lion | OptimizerKind::Adafactor | OptimizerKind::Muon => {
            Optimizer::OneMoment
        }
    }
}

/// Selective recomputation of named modules, or as the framework chooses: torchtitan every second matrix product,
/// Megatron the core of attention.
fn recompute(job: View<'_, TrainingJob>) -> Result<Recompute, Silent> {
    let Some(again) = job.activation_checkpointing().known()? else { return Ok(Recompute::None) };
    Ok(match again.variant().present()? {
        CheckpointingKind::None => Recompute::None,
        CheckpointingKind::Full => Recompute::Full,
        CheckpointingKind::Selective if again.modules().is_empty() => {
            let framework = job.run().get().and_then(|run| run.variant().get());
            match framework {
                Some(TrainingFramework::Torchtitan) => Recompute::PerOperator,
                _ => Recompute::Selective(Modules { core_attention: true, layernorm: false, mlp: false }),
            }
        }
        CheckpointingKind::Selective => {
            let named = |names: &[&str]| again.modules().values().any(|module| names.contains(&module));
            Recompute::Selective(Modules {
                core_attention: named(&["core-attention", "core_attn", "core-attn"]),
                layernorm: named(&["layernorm", "norm"]),
                mlp: named(&["mlp", "moe"]),
            })
        }
    })
}

fn adapters(job: View<'_, TrainingJob>, shape: &Shape) -> Result<Option<Adapters>, Silent> {
    let Some(method) = job.method().known()? else { return Ok(None) };
    let base = match method.variant().present()? {
        MethodKind::Full => return Ok(None),
        MethodKind::Qlora => Precision::Nf4,
        MethodKind::Lora => super::serving::stored(shape.quantization).unwrap_or(Precision::Half),
    };
    // PEFT, torchtune and TRL take rank 8 where nothing is said.
    Ok(Some(Adapters { rank: method.rank().or(8)?, every_linear: every_linear(method), base }))
}

/// Whether the adapters stand on all linear layers; none where only some are named, or nothing is said.
fn every_linear(method: View<'_, Method>) -> Option<bool> {
    let targets: Vec<&str> = method.targets().values().collect();
    let has = |part: &str| targets.iter().any(|target| target.contains(part));
    if targets.is_empty() {
        None
    } else if has("all") || (has("gate") && has("up") && has("down") && has("o_proj")) {
        Some(true)
    } else {
        (targets.len() == 2 && has("q") && has("v")).then_some(false)
    }
}

/// A size in bytes of a whole run's checkpoint: bf16 weights, fp32 master, two moments, 14 bytes a parameter (§9).
pub fn checkpoint(shape: &Shape, bytes_per_parameter: f64) -> Bytes {
    let parameters = crate::laws::transformer::parameters(&shape.dimensions) as f64;
    Bytes(crate::laws::reliability::checkpoint_bytes(parameters, bytes_per_parameter) as u64)
}
