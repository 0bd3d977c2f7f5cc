//! How far a run goes, in the steps that programs count.

use purlin_core::ResourceId;
use purlin_core::ask::Ask;
use purlin_core::emit::Sound;
use purlin_core::laws::interval::Interval;
use purlin_core::laws::{parallel, time, transformer};
use purlin_core::query::{memory, model, placement};
use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::training::{Dtype, Expected, TrainingJob};
use purlin_schema::units::{Extent, Ratio};
use purlin_schema::{Silent, View};

/// Tokens of one step: sequences of a step times tokens of a sequence.
pub(super) fn tokens_per_step(job: View<'_, TrainingJob>) -> Option<u64> {
    let batch = job.batch().get()?;
    batch.global().get()?.checked_mul(batch.sequence().get()?).filter(|tokens| *tokens > 0)
}

/// Steps of the whole run: as said, or what comes nearest to its tokens or epochs.
pub(super) fn total(sound: &Sound<'_>, job: View<'_, TrainingJob>) -> Option<u64> {
    if let Some(steps) = job.steps().get() {
        return Some(steps);
    }
    let tokens = match job.tokens().get() {
        Some(tokens) => tokens.0 as f64,
        None => job.epochs().get()? * tokens_of_data(sound, job)?,
    };
    Some((tokens / tokens_per_step(job)? as f64).round().max(1.0) as u64)
}

/// Tokens of all that the job reads, where every dataset says its size and is read whole.
fn tokens_of_data(sound: &Sound<'_>, job: View<'_, TrainingJob>) -> Option<f64> {
    let mut sum = 0.0;
    for used in job.data().iter() {
        let (_, dataset) = sound.ask.get::<Dataset>(used.dataset()).ok()?;
        let share = match used.split().get() {
            Some(name) => dataset.split().get()?.part().get(name)?.share().get()?.0,
            None => 1.0,
        };
        sum += dataset.size().get()?.tokens().get()?.0 as f64 * share;
    }
    (sum > 0.0).then_some(sum)
}

/// An extent in steps, at least one: tokens by the size of a step, time by the slowest step that is expected, so that it
/// is never longer than asked.
pub(super) fn of(sound: &Sound<'_>, id: ResourceId, extent: Extent) -> Option<u64> {
    let job = sound.ask.view::<TrainingJob>(id)?;
    let steps = match extent {
        Extent::Steps(steps) => return Some(steps.0),
        Extent::Tokens(tokens) => tokens.0 as f64 / tokens_per_step(job)? as f64,
        Extent::Duration(time) => time.seconds() / step_seconds(&sound.ask, id).ok()?.high,
    };
    Some(steps.floor().max(1.0) as u64)
}

/// Seconds of one step at the utilisation that the job expects; silence where it expects none or a fact is missing.
fn step_seconds(ask: &Ask<'_>, id: ResourceId) -> Result<Interval, Silent> {
    let job = ask.view::<TrainingJob>(id).ok_or(Silent)?;
    let expected =
        job.expect().iter().find(|row| row.variant().get() == Some(Expected::Mfu)).ok_or(Silent)?;
    let (least, most) = (expected.min().known()?, expected.max().known()?);
    let Ratio(slow) = least.or(most).ok_or(Silent)?;
    let Ratio(fast) = most.or(least).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    let (gpus, gpu) = (placed.gpus().ok_or(Silent)?, placed.gpu.clone().ok_or(Silent)?);
    let tflops = match job.precision().present()?.compute().present()? {
        Dtype::Bf16 => gpu.tflops.bf16,
        Dtype::Fp16 => gpu.tflops.fp16,
        Dtype::Fp8 => gpu.tflops.fp8,
        Dtype::Tf32 => gpu.tflops.tf32,
        _ => gpu.tflops.fp32,
    };
    let shape = model::shape(ask, job.model())?.ok_or(Silent)?;
    let sequence = job.batch().present()?.sequence().present()?;
    let d = &shape.dimensions;
    let parameters = transformer::active_parameters(d) as f64;
    let causal = shape.architecture.causal;
    let (layers, width) = (d.layers as f64, d.query_width());
    let flop = time::training_flop_per_token(parameters, layers, width, sequence as f64, causal);
    let rate =
        time::tokens_per_second(flop, gpus as f64, tflops.ok_or(Silent)? * 1e12, Interval::new(slow, fast));
    Ok(time::seconds(tokens_per_step(job).ok_or(Silent)? as f64, rate))
}

/// Groups of GPUs that each compute other sequences.
pub(super) fn data_degree(sound: &Sound<'_>, id: ResourceId) -> Option<u64> {
    parallel::data_degree(&memory::training::division(&sound.ask, id).ok()?)
}

/// GPUs of one node that the job takes.
pub(super) fn gpus_per_node(sound: &Sound<'_>, id: ResourceId) -> Option<u64> {
    placement::of(&sound.ask, id).ok()?.gpus_per_node.filter(|gpus| *gpus > 0)
}
