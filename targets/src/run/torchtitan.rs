//! torchtitan 0.2: one TOML file.

mod datasets;

use purlin_core::emit::tape::Map;
use purlin_core::emit::{Format, Tape};
use purlin_core::query::model;
use purlin_schema::View;
use purlin_schema::kinds::models::{Model, Tracking, TrackingKind};
use purlin_schema::kinds::parts::DataUse;
use purlin_schema::kinds::training::{
    AttentionKernel, CheckpointMode, CheckpointingKind, Dtype, LearningCurve, LossKind, Method, MethodKind,
    Offloaded, OptimizerKind, Parallel, Sharding, TrainingJob,
};
use purlin_schema::units::{Extent, Version};

use super::command::Command;
use super::work::{Work, has};
use super::{Config, Content, MOUNT, steps};
use datasets::Registered;

type Job<'s, 'a> = Work<'s, 'a, TrainingJob>;

/// The name of the file.
const FILE: &str = "torchtitan.toml";

/// Shapes that torchtitan has under a name of its own (`torchtitan/models/*/__init__.py` at v0.2.1).
const FLAVOURS: &[(&str, &str, &str)] = &[
    ("llama-3-8b", "llama3", "8B"),
    ("llama-3-70b", "llama3", "70B"),
    ("llama-3.1-8b", "llama3", "8B"),
    ("llama-3.1-70b", "llama3", "70B"),
    ("llama-3.1-405b", "llama3", "405B"),
    ("llama-3.3-70b", "llama3", "70B"),
    ("qwen3-0.6b", "qwen3", "0.6B"),
    ("qwen3-1.7b", "qwen3", "1.7B"),
    ("qwen3-4b", "qwen3", "4B"),
    ("qwen3-8b", "qwen3", "8B"),
    ("qwen3-14b", "qwen3", "14B"),
    ("qwen3-32b", "qwen3", "32B"),
    ("qwen3-30b-a3b", "qwen3", "30B-A3B"),
    ("qwen3-235b-a22b", "qwen3", "235B-A22B"),
    ("deepseek-v3", "deepseek_v3", "671B"),
];

pub(super) fn write(mut job: Job<'_, '_>) -> Config {
    let Some(run) = job.said.run().get() else { return job.into_config(Vec::new(), Vec::new()) };
    let version = run.version().get();
    if !version.is_none_or(|version| version.major() == Some(0) && version.minor() == Some(2)) {
        job.loss("run.version", "torchtitan reads a TOML file in its versions 0.2 alone");
        return job.into_config(Vec::new(), Vec::new());
    }
    let mut tape = Tape::default();
    let mut registered = Vec::new();
    tape.comment(&job.address);
    tape.map(|t| {
        t.map("job", |t| {
            t.set("description", &job.address);
            let folder = job.read.checkpoint().get().and_then(|checkpoint| job.mount(checkpoint.to()));
            t.maybe("dump_folder", folder);
        });
        t.map("metrics", |t| metrics(t, &job)).unless_empty();
        t.map("model", |t| flavour(t, &mut job));
        t.map("optimizer", |t| optimizer(t, &mut job)).unless_empty();
        t.map("lr_scheduler", |t| schedule(t, &mut job, version)).unless_empty();
        t.map("training", |t| training(t, &mut job, version, &mut registered));
        t.map("parallelism", |t| parallelism(t, &mut job));
        t.map("checkpoint", |t| checkpoint(t, &mut job));
        t.map("activation_checkpoint", |t| again(t, &mut job));
        if let Some(compile) = job.said.compile().get() {
            t.map("compile", |t| {
                t.set("enable", compile);
            });
        }
        t.map("validation", |t| validation(t, &mut job, &mut registered)).unless_empty();
        if !registered.is_empty() {
            t.map("experimental", |t| {
                t.set("custom_import", datasets::MODULE);
            });
        }
        if let Some(seed) = job.said.seed().get().filter(|_| has(version, "0.2.1")) {
            t.map("debug", |t| {
                t.set("seed", seed);
            });
        }
    });
    wordless(&mut job);
    let (folder, file) = (format!("PYTHONPATH={MOUNT}"), format!("{MOUNT}/{FILE}"));
    let mut words = vec!["torchrun", "-m", "torchtitan.train", "--job.config_file", &file];
    let mut files = vec![(FILE.to_owned(), Content::Tape(Format::Toml, tape))];
    if !registered.is_empty() {
        words.splice(0..0, ["env", folder.as_str()]);
        let module = datasets::module(&job.address, &registered);
        files.push((format!("{}.py", datasets::MODULE), Content::Text(module)));
    }
    let argv = Command::new(&words).extra(run.arg());
    job.into_config(files, argv)
}

fn metrics(t: &mut Map<'_>, job: &Job<'_, '_>) {
    let server =
        job.read.track().get().and_then(|track| job.sound.ask.get::<Tracking>(track.tracking()).ok());
    let product = server.and_then(|(_, server)| server.run().get()).and_then(|run| run.variant().get());
    if product == Some(TrackingKind::Wandb) {
        t.set("enable_wandb", true).from(job.said.track().span());
    }
}

fn flavour(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let shape = model::shape(&job.sound.ask, job.said.model()).ok().flatten();
    let name = shape.as_ref().map(|shape| shape.architecture.name);
    match FLAVOURS.iter().find(|(architecture, ..)| Some(*architecture) == name) {
        Some((_, model, flavour)) => {
            t.set("name", *model);
            t.set("flavor", *flavour).from(job.said.model().span());
        }
        None => job.loss("model", "torchtitan has no flavour of this shape under a name of its own"),
    }
    match job.weights_folder(job.read.model()) {
        Some(folder) => {
            t.set("hf_assets_path", folder);
        }
        None => job.loss(
            "model.weights",
            "torchtitan reads weights and tokenizer from a folder; the model says none on a mounted storage",
        ),
    }
    let precision = job.read.precision().get().and_then(|precision| precision.compute().get());
    if precision == Some(Dtype::Fp8) {
        t.items("converters", ["quantize.linear.float8"]);
    }
}

fn optimizer(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) = (job.said.optimizer().get(), job.read.optimizer().get()) else { return };
    match read.variant().get() {
        Some(OptimizerKind::Adamw) => _ = t.set("name", "AdamW").from(said.variant().span()),
        Some(OptimizerKind::Adam) => _ = t.set("name", "Adam").from(said.variant().span()),
        _ => job.loss("optimizer", "torchtitan knows `adam` and `adamw` alone"),
    }
    t.field("lr", said.learning_rate());
    let mut betas = said.betas().iter();
    for key in ["beta1", "beta2"] {
        if let Some((beta, span)) = betas.next() {
            t.set(key, beta).from(span);
        }
    }
    t.field("eps", said.epsilon());
    t.field("weight_decay", said.weight_decay());
    t.field("early_step_in_backward", said.in_backward());
    match read.bits().get() {
        Some(32) => _ = said.bits(),
        None => {}
        Some(_) => job.loss("optimizer.bits", "torchtitan keeps optimizer states in 32 bits"),
    }
    job.loss_if(read.paged().get() == Some(true), "optimizer.paged", "torchtitan has no paged optimizer");
}

fn schedule(t: &mut Map<'_>, job: &mut Job<'_, '_>, version: Option<Version>) {
    let (Some(said), Some(read)) = (job.said.optimizer().get(), job.read.optimizer().get()) else { return };
    let (Some(schedule), Some(asked)) = (said.schedule().get(), read.schedule().get()) else { return };
    if let Some(warmup) = schedule.warmup().get().and_then(|extent| steps::of(job.sound, job.id, extent)) {
        t.set("warmup_steps", warmup).from(schedule.warmup().span());
    }
    match schedule.variant().get() {
        Some(LearningCurve::Cosine) => _ = t.set("decay_type", "cosine"),
        Some(LearningCurve::Linear) => _ = t.set("decay_type", "linear"),
        // No part of the run is decay.
        Some(LearningCurve::Constant) => _ = t.set("decay_ratio", 0.0),
        None => {}
    }
    if let (Some(last), Some(rate)) = (schedule.r#final().get(), read.learning_rate().get()) {
        t.set("min_lr_factor", rounded(last / rate)).from(schedule.r#final().span());
    }
    match asked.horizon().get().and_then(|extent| steps::of(job.sound, job.id, extent)) {
        Some(horizon) if has(version, "0.2.2") => {
            t.set("total_steps", horizon).from(schedule.horizon().span());
        }
        Some(_) => job.loss("optimizer.schedule.horizon", "torchtitan has it since 0.2.2"),
        None => {}
    }
}

/// A quotient of two decimals without the digits that binary fractions add.
fn rounded(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}

fn training(
    t: &mut Map<'_>,
    job: &mut Job<'_, '_>,
    version: Option<Version>,
    registered: &mut Vec<Registered>,
) {
    dataset(t, job, registered);
    batch(t, job);
    if let Some(optimizer) = job.said.optimizer().get() {
        t.field("max_norm", optimizer.gradient_clip());
    }
    match steps::total(job.sound, job.said) {
        Some(steps) => {
            let span = job.said.steps().span().or(job.said.tokens().span()).or(job.said.epochs().span());
            t.set("steps", steps).from(span);
        }
        None => job.loss("steps", "how many steps the run has is neither said nor known from its data"),
    }
    offload(t, job);
    precision(t, job);
    if let Some(seed) = job.said.seed().get().filter(|_| !has(version, "0.2.1")) {
        t.set("seed", seed);
    }
}

/// torchtitan takes a dataset by a name that is registered: what the module cannot register, the image has to.
fn dataset(t: &mut Map<'_>, job: &mut Job<'_, '_>, registered: &mut Vec<Registered>) {
    let mut uses = job.said.data().iter();
    let (Some(first), None) = (uses.next(), uses.next()) else {
        job.loss_if(job.said.data().len() > 1, "data", "torchtitan trains on one dataset");
        return;
    };
    let Some(reference) = first.dataset().get() else { return };
    let (split, exclude) = datasets::used(first);
    if let Some(found) = datasets::of(job, "data", first.dataset(), split, exclude) {
        t.set("dataset", found.name.as_str()).from(reference.span);
        _ = (first.split(), first.exclude().get().map(|exclude| (exclude.personal(), exclude.fields())));
        registered.push(found);
        return;
    }
    t.set("dataset", reference.name.as_str()).from(reference.span);
    t.maybe("dataset_path", job.dataset_folder(first.dataset()));
    left_out(job, "data", first);
}

fn left_out(job: &mut Job<'_, '_>, field: &str, used: View<'_, DataUse>) {
    let used = View::<DataUse>::of(used.record());
    let asked = !used.split().is_absent() || !used.exclude().is_absent();
    job.loss_if(asked, field, "`split` and `exclude` are the work of the image's own loader");
}

/// Without a pipeline a micro-batch is torchtitan's local batch; with one, the local batch is all that goes through it in
/// a step.
fn batch(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let Some(batch) = job.said.batch().get() else { return };
    let pipeline = job.read.parallel().get().and_then(|parallel| parallel.pipeline().get()).unwrap_or(1);
    if pipeline > 1 {
        match (batch.global().get(), steps::data_degree(job.sound, job.id)) {
            (Some(global), Some(data)) if data > 0 => _ = t.set("local_batch_size", global / data),
            _ => job.loss("batch", "how many GPUs share the data is not known"),
        }
    } else {
        t.field("local_batch_size", batch.micro());
    }
    t.field("global_batch_size", batch.global());
    t.field("seq_len", batch.sequence());
}

/// torchtitan moves weights, gradients and optimizer states to host memory together, or nothing.
fn offload(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let asked: Vec<_> = job.read.offload().iter().filter_map(|row| row.what().get()).collect();
    if asked.contains(&Offloaded::Optimizer) && asked.contains(&Offloaded::Parameters) {
        t.set("enable_cpu_offload", true).from(job.said.offload().iter().next().map(View::span));
    } else if !asked.is_empty() {
        job.loss("offload", "torchtitan offloads optimizer and parameters together, and no activations");
    }
}

fn precision(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let Some(precision) = job.said.precision().get() else { return };
    match precision.compute().get() {
        Some(Dtype::Bf16 | Dtype::Fp8) => {
            t.set("mixed_precision_param", "bfloat16").from(precision.compute().span());
        }
        Some(Dtype::Fp32) => _ = t.set("mixed_precision_param", "float32").from(precision.compute().span()),
        _ => job.loss("precision", "torchtitan computes in `bf16`, `fp32` or `fp8`"),
    }
    match precision.gradients().get() {
        None => {}
        Some(Dtype::Fp32) => {
            _ = t.set("mixed_precision_reduce", "float32").from(precision.gradients().span());
        }
        Some(_) => job.loss("precision.gradients", "torchtitan sums gradients in `fp32`"),
    }
}

fn parallelism(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) = (job.said.parallel().get(), job.read.parallel().get()) else { return };
    let degree = |field: purlin_schema::Field<u64>| field.get().unwrap_or(1);
    sharding(t, job, said);
    t.set("tensor_parallel_degree", degree(said.tensor())).from(said.tensor().span());
    let unsplit = degree(read.tensor()) > 1 && said.sequence().get() != Some(true);
    job.loss_if(
        unsplit,
        "parallel.sequence",
        "torchtitan always divides the sequence where `tensor` is over 1",
    );
    t.set("pipeline_parallel_degree", degree(said.pipeline())).from(said.pipeline().span());
    if degree(read.pipeline()) > 1 {
        pipeline(t, job, said);
    }
    t.set("context_parallel_degree", degree(said.context())).from(said.context().span());
    if degree(said.expert()) > 1 {
        t.set("expert_parallel_degree", degree(said.expert())).from(said.expert().span());
    }
}

fn pipeline(t: &mut Map<'_>, job: &mut Job<'_, '_>, said: View<'_, Parallel>) {
    let pieces = said.virtual_pipeline().get().unwrap_or(1);
    t.set("pipeline_parallel_schedule", if pieces > 1 { "Interleaved1F1B" } else { "1F1B" });
    if let Some(batch) = job.said.batch().get() {
        t.field("pipeline_parallel_microbatch_size", batch.micro());
    }
    let layout = said.pipeline_layout().get();
    let first = layout.and_then(|layout| layout.embedding_as_layer().get()).unwrap_or(false);
    let last = layout.and_then(|layout| layout.loss_as_layer().get()).unwrap_or(false);
    t.set("pipeline_parallel_first_stage_less_layers", u64::from(first));
    t.set("pipeline_parallel_last_stage_less_layers", u64::from(last));
    let division = purlin_core::query::memory::training::division(&job.sound.ask, job.id).ok();
    let Some(layout) = division.map(|division| division.layout) else { return };
    let stages = layout.pipeline.max(1).saturating_mul(pieces.max(1));
    t.set("pipeline_parallel_layers_per_stage", layout.slots().div_ceil(stages));
}

fn sharding(t: &mut Map<'_>, job: &mut Job<'_, '_>, said: View<'_, Parallel>) {
    let sharding = said.sharding().get().unwrap_or(Sharding::None);
    let span = said.sharding().span();
    match sharding {
        Sharding::Fsdp | Sharding::Zero3 => {
            t.set("data_parallel_replicate_degree", 1_u64);
            t.set("data_parallel_shard_degree", -1_i64).from(span);
        }
        Sharding::None => match steps::data_degree(job.sound, job.id) {
            Some(data) => {
                t.set("data_parallel_replicate_degree", data).from(span);
                t.set("data_parallel_shard_degree", 1_u64);
            }
            None => job.loss("parallel.sharding", "how many GPUs share the data is not known"),
        },
        Sharding::Hsdp => {
            let nodes = hybrid(job, said);
            match nodes {
                Some(replicas) => {
                    t.set("data_parallel_replicate_degree", replicas).from(span);
                    t.set("data_parallel_shard_degree", -1_i64);
                }
                None => job.loss("parallel.sharding", "how many GPUs of a node share the data is not known"),
            }
        }
        Sharding::Zero1 | Sharding::Zero2 => {
            job.loss("parallel.sharding", "torchtitan divides weights, gradients and states together");
        }
    }
}

/// Copies of the model, each divided over the GPUs of one node.
fn hybrid(job: &Job<'_, '_>, said: View<'_, Parallel>) -> Option<u64> {
    let data = steps::data_degree(job.sound, job.id)?;
    let inside = steps::gpus_per_node(job.sound, job.id)? / said.tensor().get().unwrap_or(1).max(1);
    (inside > 0 && data.is_multiple_of(inside)).then(|| data / inside)
}

fn checkpoint(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) = (job.said.checkpoint().get(), job.read.checkpoint().get()) else {
        return initial(t, job);
    };
    t.set("enable", true).from(job.said.checkpoint().span());
    match job.mount(read.to()) {
        Some(_) => _ = t.set("folder", format_args!("checkpoint/{}", name(job))).from(said.to().span()),
        None => job.loss("checkpoint.to", "torchtitan writes to a mounted folder, not to an object storage"),
    }
    match read.every().get().and_then(|every| steps::of(job.sound, job.id, every)) {
        Some(steps) => {
            if let Some(Extent::Duration(time)) = read.every().get() {
                t.comment(&format!("{time} at the slowest step that is expected"));
            }
            t.set("interval", steps).from(said.every().span());
        }
        None => job.loss("checkpoint.every", "torchtitan counts steps, and how long one takes is not known"),
    }
    match read.keep().get() {
        None => _ = t.set("keep_latest_k", 0_u64),
        Some(1) => job.loss("checkpoint.keep", "torchtitan keeps at least two"),
        Some(_) => _ = t.field("keep_latest_k", said.keep()),
    }
    let mode = if said.mode().get() == Some(CheckpointMode::Async) { "async" } else { "disabled" };
    t.set("async_mode", mode).from(said.mode().span());
    job.loss_if(!read.milestone().is_absent(), "checkpoint.milestone", "torchtitan keeps the latest alone");
    let before = !read.before_end().is_absent();
    job.loss_if(before, "checkpoint.before-end", "torchtitan saves every so many steps alone");
    initial(t, job);
}

fn name(job: &Job<'_, '_>) -> &'static str {
    job.sound.graph().get(job.id).map_or("", |resource| resource.name.as_str())
}

/// Weights that somebody else made are read once, at the first start.
fn initial(t: &mut Map<'_>, job: &Job<'_, '_>) {
    let Ok((_, model)) = job.sound.ask.get::<Model>(job.read.model()) else { return };
    if model.from().is_absent() {
        return;
    }
    if let Some(folder) = job.weights_folder(job.read.model()) {
        t.set("initial_load_path", folder);
        t.set("initial_load_in_hf", true);
    }
}

fn again(t: &mut Map<'_>, job: &mut Job<'_, '_>) {
    let (Some(said), Some(read)) =
        (job.said.activation_checkpointing().get(), job.read.activation_checkpointing().get())
    else {
        t.set("mode", "none");
        return;
    };
    let span = said.variant().span();
    match said.variant().get() {
        Some(CheckpointingKind::Full) => {
            t.set("mode", "full").from(span);
            let every = read.layers().get().unwrap_or(1);
            job.loss_if(every > 1, "activation-checkpointing.layers", "torchtitan keeps one in every layer");
        }
        Some(CheckpointingKind::Selective) => {
            t.set("mode", "selective").from(span);
            t.set("selective_ac_option", "op");
            let named = !read.modules().is_empty();
            job.loss_if(
                named,
                "activation-checkpointing.modules",
                "torchtitan chooses operators, not modules",
            );
        }
        Some(CheckpointingKind::None) | None => _ = t.set("mode", "none").from(span),
    }
}

fn validation(t: &mut Map<'_>, job: &mut Job<'_, '_>, registered: &mut Vec<Registered>) {
    let (Some(said), Some(read)) = (job.said.validate().get(), job.read.validate().get()) else { return };
    t.set("enable", true).from(job.said.validate().span());
    if let Some(reference) = said.data().get() {
        match datasets::of(job, "validate.data", read.data(), read.split().get(), None) {
            Some(found) => {
                _ = said.split();
                t.set("dataset", found.name.as_str()).from(reference.span);
                if registered.iter().all(|have| have.name != found.name) {
                    registered.push(found);
                }
            }
            None => {
                t.set("dataset", reference.name.as_str()).from(reference.span);
                t.maybe("dataset_path", job.dataset_folder(read.data()));
            }
        }
    }
    let batch = job.read.batch().get();
    let (micro, sequence) =
        (batch.and_then(|batch| batch.micro().get()), batch.and_then(|batch| batch.sequence().get()));
    t.maybe("local_batch_size", micro);
    t.maybe("seq_len", sequence);
    match read.every().get().and_then(|every| steps::of(job.sound, job.id, every)) {
        Some(steps) => _ = t.set("freq", steps).from(said.every().span()),
        None => job.loss("validate.every", "torchtitan counts steps, and how long one takes is not known"),
    }
    let data = steps::data_degree(job.sound, job.id);
    if let (Some(tokens), Some(data), Some(micro), Some(sequence)) =
        (read.tokens().get(), data, micro, sequence)
    {
        let step = data.saturating_mul(micro).saturating_mul(sequence).max(1);
        t.set("steps", tokens.0.div_ceil(step)).from(said.tokens().span());
    }
}

/// What torchtitan does in one way only, and what it cannot do.
fn wordless(job: &mut Job<'_, '_>) {
    match job.read.method().get().and_then(|method| method.variant().get()) {
        Some(MethodKind::Full) => _ = job.said.method().get().map(View::<Method>::variant),
        Some(_) => job.loss("method", "torchtitan trains all weights"),
        None => {}
    }
    match job.read.attention().get() {
        Some(AttentionKernel::Eager) => {
            job.loss("attention", "torchtitan computes attention with PyTorch's fused kernels");
        }
        // Its attention is PyTorch's, which takes FlashAttention where it can.
        Some(_) => _ = job.said.attention(),
        None => {}
    }
    match job.read.loss().get() {
        Some(LossKind::Full) => _ = job.said.loss(),
        Some(_) => job.loss("loss", "torchtitan computes the loss over all scores at once"),
        None => {}
    }
    job.loss_if(!job.read.parameters().is_empty(), "parameters", "torchtitan's options are its own fields");
    job.loss_if(!job.read.calibrate().is_absent(), "calibrate", "torchtitan does not calibrate");
}
