//! Megatron-Core 0.15: the flags of `pretrain_gpt.py`.

use purlin_core::query::model;
use purlin_schema::kinds::data::{Dataset, DatasetFormat};
use purlin_schema::kinds::models::{InitKind, Model, Tracking, TrackingKind};
use purlin_schema::kinds::parts::DataUse;
use purlin_schema::kinds::training::{
    AttentionKernel, CheckpointMode, CheckpointingKind, Dtype, LearningCurve, LossKind, Method, MethodKind,
    Offloaded, OptimizerKind, Sharding, TrainingJob,
};
use purlin_schema::units::Version;
use purlin_schema::{Field, View};
use purlin_stdlib::facts::{Activation, Architecture, NormKind};

use super::command::{Command, number};
use super::work::{Work, has};
use super::{Config, steps};

type Job<'s, 'a> = Work<'s, 'a, TrainingJob>;

pub(super) fn write(mut job: Job<'_, '_>) -> Config {
    let Some(run) = job.said.run().get() else { return job.into_config(Vec::new(), Vec::new()) };
    let old = run.version().get().filter(|version| !has(Some(*version), "0.15"));
    if let Some(version) = old {
        too_old(&mut job, version);
        return job.into_config(Vec::new(), Vec::new());
    }
    let mut command = Command::new(&["torchrun", "pretrain_gpt.py"]);
    shape(&mut command, &mut job);
    parallel(&mut command, &mut job);
    length(&mut command, &mut job);
    precision(&mut command, &mut job);
    optimizer(&mut command, &mut job);
    memory(&mut command, &mut job);
    checkpoint(&mut command, &mut job);
    data(&mut command, &mut job);
    command.maybe("--seed", job.said.seed().get());
    tracking(&mut command, &job);
    wordless(&mut job);
    job.into_config(Vec::new(), command.extra(run.arg()))
}

fn too_old(job: &mut Job<'_, '_>, version: Version) {
    job.loss("run.version", format!("the flags of Megatron-Core {version} are not known; those of 0.15 are"));
}

/// The shape of the model, of which Megatron takes every number from its flags.
fn shape(command: &mut Command, job: &mut Job<'_, '_>) {
    let Some(shape) = model::shape(&job.sound.ask, job.said.model()).ok().flatten() else {
        return job.loss("model", "the architecture of the model is not known");
    };
    let a = &*shape.architecture;
    command.pair("--num-layers", a.layers);
    command.pair("--hidden-size", a.hidden);
    command.pair("--ffn-hidden-size", a.ffn);
    command.pair("--num-attention-heads", a.heads);
    command.pair("--kv-channels", a.head_dim);
    if a.kv_heads != a.heads {
        command.flag("--group-query-attention");
        command.pair("--num-query-groups", a.kv_heads);
    }
    positions(command, job, a);
    norm(command, job, a);
    match (a.activation, a.gated) {
        (Some(Activation::Silu), true) => command.flag("--swiglu"),
        (Some(Activation::Gelu) | None, false) => {}
        _ => job.loss("model.architecture.activation", "of this activation no flag of Megatron is known"),
    }
    command.flag_if(!a.tied, "--untie-embeddings-and-output-weights");
    match (a.qkv_bias, a.output_bias || a.mlp_bias) {
        (false, false) => command.flag("--disable-bias-linear"),
        (true, false) => {
            command.flag("--disable-bias-linear");
            command.flag("--add-qkv-bias");
        }
        (true, true) if a.output_bias && a.mlp_bias => {}
        _ => job.loss(
            "model.architecture.bias",
            "Megatron has a bias on all linear layers, on queries, keys and values, or on none",
        ),
    }
    // Its own default, a tenth, belongs to models of another time.
    command.pair("--attention-dropout", number(0.0));
    command.pair("--hidden-dropout", number(0.0));
    vocabulary(command, a);
    experts(command, job, a);
    let other = a.attention.is_some() || a.parallel_blocks || a.window.is_some() || !a.causal;
    job.loss_if(
        other,
        "model.architecture.attention",
        "of this attention no flag of Megatron is written yet",
    );
    let init = job.sound.ask.get::<Model>(job.read.model()).ok().and_then(|(_, model)| model.init().get());
    if let Some(init) = init.filter(|init| init.variant().get() == Some(InitKind::Normal)) {
        command.maybe("--init-method-std", init.std().get().map(number));
    }
}

fn positions(command: &mut Command, job: &mut Job<'_, '_>, a: &Architecture) {
    let sequence = job.read.batch().get().and_then(|batch| batch.sequence().get());
    command.maybe("--max-position-embeddings", a.context.or(sequence));
    match a.rope_theta {
        Some(theta) => {
            command.pair("--position-embedding-type", "rope");
            command.pair("--rotary-base", theta.round() as u64);
            let whole = theta.fract() == 0.0;
            job.loss_if(!whole, "model.architecture.rope", "Megatron takes a whole number as `theta`");
        }
        None if a.learned_positions > 0 => command.pair("--position-embedding-type", "learned_absolute"),
        None => command.pair("--position-embedding-type", "none"),
    }
}

fn norm(command: &mut Command, job: &mut Job<'_, '_>, a: &Architecture) {
    match a.norm.kind {
        NormKind::Rmsnorm => command.pair("--normalization", "RMSNorm"),
        NormKind::Layernorm => command.pair("--normalization", "LayerNorm"),
        NormKind::LayernormNoBias | NormKind::Bare => {
            job.loss("model.architecture.norm", "Megatron's norms are RMSNorm and LayerNorm with a bias");
        }
    }
    command.flag_if(a.norm.qk, "--qk-layernorm");
    job.loss_if(
        a.norm.qk_whole,
        "model.architecture.norm",
        "Megatron's norm on queries and keys is as wide as a head",
    );
}

/// Tokens come from the data as numbers. Megatron adds one for the end of a text, and pads to a multiple of its tensor
/// ranks alone, so that the embedding has the rows that were counted.
fn vocabulary(command: &mut Command, a: &Architecture) {
    command.pair("--tokenizer-type", "NullTokenizer");
    command.pair("--vocab-size", a.vocab.saturating_sub(1));
    command.pair("--make-vocab-size-divisible-by", 1);
}

fn experts(command: &mut Command, job: &mut Job<'_, '_>, a: &Architecture) {
    let Some(experts) = a.experts else { return };
    command.pair("--num-experts", experts.count);
    command.pair("--moe-router-topk", experts.per_token);
    command.pair("--moe-ffn-hidden-size", experts.ffn);
    let other = experts.shared > 0 || experts.dense_layers > 0 || experts.router_bias;
    job.loss_if(
        other,
        "model.architecture.experts",
        "of shared experts and dense layers no flag is written yet",
    );
}

fn parallel(command: &mut Command, job: &mut Job<'_, '_>) {
    let Some(parallel) = job.said.parallel().get() else { return };
    let degree = |field: Field<u64>| field.get().filter(|degree| *degree > 1);
    command.maybe("--tensor-model-parallel-size", degree(parallel.tensor()));
    command.flag_if(parallel.sequence().get() == Some(true), "--sequence-parallel");
    command.maybe("--pipeline-model-parallel-size", degree(parallel.pipeline()));
    command.maybe("--num-virtual-stages-per-pipeline-rank", degree(parallel.virtual_pipeline()));
    if let Some(layout) = parallel.pipeline_layout().get() {
        let embedding = layout.embedding_as_layer().get() == Some(true);
        command.flag_if(embedding, "--account-for-embedding-in-pipeline-split");
        command.flag_if(layout.loss_as_layer().get() == Some(true), "--account-for-loss-in-pipeline-split");
    }
    command.maybe("--context-parallel-size", degree(parallel.context()));
    command.maybe("--expert-model-parallel-size", degree(parallel.expert()));
    match parallel.sharding().get() {
        None | Some(Sharding::None) => {}
        Some(Sharding::Zero1) => command.flag("--use-distributed-optimizer"),
        Some(Sharding::Zero2) => sharded(command, "optim_grads"),
        Some(Sharding::Zero3 | Sharding::Fsdp) => sharded(command, "optim_grads_params"),
        Some(Sharding::Hsdp) => job.loss("parallel.sharding", "no flags are written yet for `hsdp`"),
    }
}

/// Megatron's own fully sharded data parallelism, which saves in a format of its own.
fn sharded(command: &mut Command, what: &str) {
    command.flag("--use-megatron-fsdp");
    command.flag("--use-distributed-optimizer");
    command.pair("--data-parallel-sharding-strategy", what);
    command.pair("--ckpt-format", "fsdp_dtensor");
}

fn length(command: &mut Command, job: &mut Job<'_, '_>) {
    if let Some(batch) = job.said.batch().get() {
        command.maybe("--micro-batch-size", batch.micro().get());
        command.maybe("--global-batch-size", batch.global().get());
        command.maybe("--seq-length", batch.sequence().get());
    }
    match steps::total(job.sound, job.said) {
        Some(steps) => command.pair("--train-iters", steps),
        None => job.loss("steps", "how many steps the run has is neither said nor known from its data"),
    }
}

fn precision(command: &mut Command, job: &mut Job<'_, '_>) {
    let Some(precision) = job.said.precision().get() else { return };
    match precision.compute().get() {
        Some(Dtype::Bf16) => command.flag("--bf16"),
        Some(Dtype::Fp16) => command.flag("--fp16"),
        Some(Dtype::Fp8) => {
            command.flag("--bf16");
            command.pair("--fp8-format", "hybrid");
        }
        Some(Dtype::Fp32) => {}
        _ => job.loss("precision", "Megatron computes in `bf16`, `fp16`, `fp32` or `fp8`"),
    }
    match precision.gradients().get() {
        None => {}
        Some(Dtype::Fp32) => command.flag("--accumulate-allreduce-grads-in-fp32"),
        Some(Dtype::Bf16) => command.flag("--grad-reduce-in-bf16"),
        Some(_) => job.loss("precision.gradients", "Megatron sums gradients in `fp32` or `bf16`"),
    }
}

fn optimizer(command: &mut Command, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) = (job.said.optimizer().get(), job.read.optimizer().get()) else { return };
    match read.variant().get() {
        // Its Adam decays weights apart from the gradient.
        Some(OptimizerKind::Adamw) => command.pair("--optimizer", "adam"),
        Some(OptimizerKind::Sgd) => command.pair("--optimizer", "sgd"),
        _ => job.loss("optimizer", "Megatron knows `adamw` and `sgd` alone"),
    }
    let _ = said.variant();
    command.maybe("--lr", said.learning_rate().get().map(number));
    let mut betas = said.betas().values();
    command.maybe("--adam-beta1", betas.next().map(number));
    command.maybe("--adam-beta2", betas.next().map(number));
    command.maybe("--adam-eps", said.epsilon().get().map(number));
    command.maybe("--weight-decay", said.weight_decay().get().map(number));
    command.maybe("--clip-grad", said.gradient_clip().get().map(number));
    if let Some(schedule) = said.schedule().get() {
        let style = match schedule.variant().get() {
            Some(LearningCurve::Linear) => "linear",
            Some(LearningCurve::Constant) => "constant",
            Some(LearningCurve::Cosine) | None => "cosine",
        };
        command.pair("--lr-decay-style", style);
        let in_steps = |extent| steps::of(job.sound, job.id, extent);
        command.maybe("--lr-warmup-iters", schedule.warmup().get().and_then(in_steps));
        command.maybe("--min-lr", schedule.r#final().get().map(number));
        command.maybe("--lr-decay-iters", schedule.horizon().get().and_then(in_steps));
    }
    match read.bits().get() {
        Some(32) => _ = said.bits(),
        None => {}
        Some(_) => job.loss("optimizer.bits", "Megatron keeps optimizer states in 32 bits"),
    }
    job.loss_if(read.paged().get() == Some(true), "optimizer.paged", "Megatron has no paged optimizer");
    let early = read.in_backward().get() == Some(true);
    job.loss_if(early, "optimizer.in-backward", "Megatron steps after the whole backward pass");
}

fn memory(command: &mut Command, job: &mut Job<'_, '_>) {
    recompute(command, job);
    match job.said.attention().get() {
        Some(AttentionKernel::Flash) => command.pair("--attention-backend", "flash"),
        Some(AttentionKernel::Eager) => command.pair("--attention-backend", "unfused"),
        Some(AttentionKernel::Sdpa) => command.pair("--attention-backend", "fused"),
        None => {}
    }
    match job.read.loss().get() {
        Some(LossKind::Full) => _ = job.said.loss(),
        Some(LossKind::Fused) => {
            let _ = job.said.loss();
            command.flag("--cross-entropy-loss-fusion");
        }
        Some(LossKind::Chunked) => job.loss("loss", "Megatron computes the loss over all scores at once"),
        None => {}
    }
    let asked: Vec<_> = job.read.offload().iter().filter_map(|row| row.what().get()).collect();
    if asked == [Offloaded::Optimizer] {
        let _ = job.said.offload().iter().next().map(|row| (row.what(), row.to()));
        command.flag("--optimizer-cpu-offload");
    } else if !asked.is_empty() {
        job.loss("offload", "Megatron offloads the optimizer alone");
    }
}

/// Names of modules as Megatron has them; a spec may write them with hyphens and in full.
fn recompute(command: &mut Command, job: &mut Job<'_, '_>) {
    let Some(again) = job.said.activation_checkpointing().get() else { return };
    match again.variant().get() {
        Some(CheckpointingKind::Full) => {
            command.pair("--recompute-granularity", "full");
            command.pair("--recompute-method", "uniform");
            command.pair("--recompute-num-layers", again.layers().get().unwrap_or(1));
        }
        Some(CheckpointingKind::Selective) => {
            command.pair("--recompute-granularity", "selective");
            let mut modules = again.modules().values().peekable();
            if modules.peek().is_some() {
                command.flag("--recompute-modules");
            }
            for module in modules {
                match module {
                    "core-attention" | "core-attn" => command.flag("core_attn"),
                    other => command.flag(&other.replace('-', "_")),
                }
            }
        }
        Some(CheckpointingKind::None) | None => {}
    }
}

fn checkpoint(command: &mut Command, job: &mut Job<'_, '_>) {
    if let Some(folder) = job.weights_folder(job.read.model()) {
        command.pair("--pretrained-checkpoint", folder);
    }
    let (Some(said), Some(read)) = (job.said.checkpoint().get(), job.read.checkpoint().get()) else { return };
    let name = job.sound.graph().get(job.id).map_or("", |resource| resource.name.as_str());
    match job.mount(read.to()) {
        Some(mount) => {
            let _ = said.to();
            command.pair("--save", format_args!("{mount}/checkpoint/{name}"));
            command.pair("--load", format_args!("{mount}/checkpoint/{name}"));
        }
        None => {
            job.loss("checkpoint.to", "Megatron writes to a mounted folder here, not to an object storage");
        }
    }
    match read.every().get().and_then(|every| steps::of(job.sound, job.id, every)) {
        Some(steps) => {
            let _ = said.every();
            command.pair("--save-interval", steps);
        }
        None => job.loss("checkpoint.every", "Megatron counts steps, and how long one takes is not known"),
    }
    command.flag_if(said.mode().get() == Some(CheckpointMode::Async), "--async-save");
    job.loss_if(!read.keep().is_absent(), "checkpoint.keep", "Megatron deletes no checkpoints");
    job.loss_if(!read.milestone().is_absent(), "checkpoint.milestone", "Megatron copies no checkpoints");
    let before = !read.before_end().is_absent();
    job.loss_if(before, "checkpoint.before-end", "Megatron saves every so many steps alone");
}

/// Megatron knows one tracking product; to the others its environment leads.
fn tracking(command: &mut Command, job: &Job<'_, '_>) {
    let Some(track) = job.read.track().get() else { return };
    let Ok((_, server)) = job.sound.ask.get::<Tracking>(track.tracking()) else { return };
    if server.run().get().and_then(|run| run.variant().get()) != Some(TrackingKind::Wandb) {
        return;
    }
    let name = job.sound.graph().get(job.id).map_or("", |resource| resource.name.as_str());
    let experiment = job.said.track().get().and_then(|track| track.experiment().get());
    command.pair("--wandb-project", experiment.unwrap_or(name));
    command.pair("--wandb-exp-name", name);
}

fn data(command: &mut Command, job: &mut Job<'_, '_>) {
    let mut words = Vec::new();
    for used in job.said.data().iter() {
        let Some(prefix) = prefix(job, "data", used.dataset()) else { continue };
        // Megatron weighs all sources or none.
        words.extend(used.weight().get().map(|weight| number(weight.0)));
        words.push(prefix);
        let used = View::<DataUse>::of(used.record());
        let part = !used.split().is_absent() || !used.exclude().is_absent();
        job.loss_if(part, "data", "Megatron reads all of a dataset's file");
    }
    if !words.is_empty() {
        command.flag("--train-data-path");
        for word in &words {
            command.flag(word);
        }
    }
    validation(command, job);
}

fn validation(command: &mut Command, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) = (job.said.validate().get(), job.read.validate().get()) else { return };
    if let Some(prefix) = prefix(job, "validate.data", said.data()) {
        command.pair("--valid-data-path", prefix);
    }
    match read.every().get().and_then(|every| steps::of(job.sound, job.id, every)) {
        Some(steps) => {
            let _ = said.every();
            command.pair("--eval-interval", steps);
        }
        None => job.loss("validate.every", "Megatron counts steps, and how long one takes is not known"),
    }
    let step = steps::tokens_per_step(job.read);
    let steps = said.tokens().get().zip(step).map(|(tokens, step)| tokens.0.div_ceil(step));
    command.maybe("--eval-iters", steps);
}

/// The path of a dataset without `.bin` and `.idx`, as Megatron takes it.
fn prefix(job: &mut Job<'_, '_>, field: &str, reference: Field<purlin_schema::Reference>) -> Option<String> {
    let name = reference.get()?.name;
    let dataset = job.sound.ask.get::<Dataset>(reference).ok().map(|(_, dataset)| dataset);
    let indexed = dataset.and_then(|dataset| dataset.format().get()) == Some(DatasetFormat::MegatronIndexed);
    if !indexed {
        job.loss(field, format!("`{name}` is not `megatron-indexed`: Megatron reads nothing else"));
        return None;
    }
    match job.dataset_folder(reference) {
        None => job.loss(field, format!("`{name}` lies in an object storage: Megatron reads mounted files")),
        Some(folder) if folder.ends_with('/') => {
            job.loss(
                field,
                format!("`{name}` is a folder: Megatron takes the name of its file, without `.bin`"),
            );
        }
        Some(prefix) => return Some(prefix),
    }
    None
}

fn wordless(job: &mut Job<'_, '_>) {
    match job.read.method().get().and_then(|method| method.variant().get()) {
        Some(MethodKind::Full) => _ = job.said.method().get().map(View::<Method>::variant),
        Some(_) => job.loss("method", "`pretrain_gpt.py` trains all weights"),
        None => {}
    }
    job.loss_if(job.read.compile().get() == Some(true), "compile", "Megatron has kernels of its own");
    job.loss_if(!job.read.parameters().is_empty(), "parameters", "Megatron's options are its own fields");
    job.loss_if(!job.read.calibrate().is_absent(), "calibrate", "Megatron does not calibrate");
}
