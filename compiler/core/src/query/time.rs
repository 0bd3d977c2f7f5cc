//! How long a training job runs: its computation over what its GPUs can do, at a range of utilisation.

use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::training::{Dtype, Expected, MethodKind, TrainingJob};
use purlin_schema::{Silent, View};
use purlin_stdlib::facts::Gpu;

use super::{model, placement};
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::laws::interval::Interval;
use crate::laws::{time, transformer};

/// Model FLOP utilisation where nothing is expected: published runs reach up to 56.3% (arXiv:2205.05198), Llama 3
/// 38–43%; small runs stay far below.
const UTILIZATION: Interval = Interval { low: 0.20, high: 0.57 };

/// The computation of a run and how long it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct RunTime {
    /// Tokens that it trains on.
    pub tokens: f64,
    /// Parameters that one token passes.
    pub parameters: f64,
    /// Floating-point operations for one token.
    pub flop_per_token: f64,
    /// GPUs of the run.
    pub gpus: u64,
    /// Operations a second of one GPU, dense, in the precision of the run.
    pub peak: f64,
    /// Which GPU.
    pub device: &'static str,
    /// The share of the peak that is reached.
    pub utilization: Interval,
    /// Tokens a second.
    pub tokens_per_second: Interval,
    /// Seconds of computation, without waiting, starting and failures.
    pub seconds: Interval,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
}

/// How long a job computes; `None`: something that decides it is not known.
pub fn of(ask: &Ask, id: ResourceId) -> Result<Option<RunTime>, Silent> {
    let job = ask.view::<TrainingJob>(id).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    let (Some(shape), Some(gpu)) = (model::shape(ask, job.model())?, placed.gpu.as_ref()) else {
        return Ok(None);
    };
    let Some(gpus) = placed.gpus().filter(|gpus| *gpus > 0) else { return Ok(None) };
    let (Some(tokens), Some(peak)) = (tokens(ask, job)?, peak(job, gpu)?) else { return Ok(None) };
    let d = &shape.dimensions;
    let sequence = match job.batch().known()? {
        Some(batch) => batch.sequence().or(0)?,
        None => 0,
    };
    let mut assumed = Vec::new();
    let parameters = transformer::active_parameters(d) as f64;
    let (layers, width) = (d.layers as f64, d.query_width());
    let whole =
        time::training_flop_per_token(parameters, layers, width, sequence as f64, shape.architecture.causal);
    let flop_per_token = if is_adapter(job)? {
        assumed.push("frozen weights need no gradients: two thirds of the computation".to_owned());
        whole * 2.0 / 3.0
    } else {
        whole
    };
    let utilization = utilization(job, &mut assumed)?;
    let tokens_per_second = time::tokens_per_second(flop_per_token, gpus as f64, peak, utilization);
    Ok(Some(RunTime {
        tokens,
        parameters,
        flop_per_token,
        gpus,
        peak,
        device: gpu.name,
        utilization,
        tokens_per_second,
        seconds: time::seconds(tokens, tokens_per_second),
        assumed,
    }))
}

/// Tokens of the whole run: as said, or steps of a batch, or passes over data whose size is known.
pub fn tokens(ask: &Ask, job: View<'_, TrainingJob>) -> Result<Option<f64>, Silent> {
    if let Some(tokens) = job.tokens().known()? {
        return Ok(Some(tokens.0 as f64));
    }
    if let (Some(steps), Some(batch)) = (job.steps().known()?, job.batch().known()?) {
        let (global, sequence) = (batch.global().known()?, batch.sequence().known()?);
        return Ok(global
            .zip(sequence)
            .map(|(global, sequence)| steps as f64 * global as f64 * sequence as f64));
    }
    let Some(epochs) = job.epochs().known()? else { return Ok(None) };
    let mut all = 0.0;
    for row in job.data().iter() {
        let (_, dataset) = ask.get::<Dataset>(row.dataset())?;
        let Some(tokens) = dataset.size().known()?.and_then(|size| size.tokens().get()) else {
            return Ok(None);
        };
        let share = match row.split().known()? {
            None => Some(1.0),
            Some(part) => dataset
                .split()
                .known()?
                .and_then(|split| split.part().get(part))
                .and_then(|part| part.share().get())
                .map(|share| share.0),
        };
        let Some(share) = share else { return Ok(None) };
        all += share * tokens.0 as f64;
    }
    Ok((all > 0.0).then_some(all * epochs))
}

/// The steps of a run; `None`: tokens or batch are not known.
pub fn steps(ask: &Ask, job: View<'_, TrainingJob>) -> Result<Option<f64>, Silent> {
    let Some(batch) = job.batch().known()? else { return Ok(job.steps().known()?.map(|steps| steps as f64)) };
    let (global, sequence) = (batch.global().known()?, batch.sequence().known()?);
    let size = global.zip(sequence).filter(|(global, sequence)| *global > 0 && *sequence > 0);
    Ok(tokens(ask, job)?
        .zip(size)
        .map(|(tokens, (global, sequence))| time::steps(tokens, global as f64, sequence as f64)))
}

fn is_adapter(job: View<'_, TrainingJob>) -> Result<bool, Silent> {
    Ok(match job.method().known()? {
        Some(method) => method.variant().present()? != MethodKind::Full,
        None => false,
    })
}

fn utilization(job: View<'_, TrainingJob>, assumed: &mut Vec<String>) -> Result<Interval, Silent> {
    if let Some(row) = job.expect().iter().find(|row| row.variant().get() == Some(Expected::Mfu)) {
        let low = row.min().known()?.map(|ratio| ratio.0);
        let high = row.max().known()?.map(|ratio| ratio.0);
        return Ok(Interval::new(
            low.unwrap_or(UTILIZATION.low.min(high.unwrap_or(1.0))),
            high.unwrap_or(UTILIZATION.high.max(low.unwrap_or(0.0))),
        ));
    }
    assumed.push("20–57% of the peak: `expect mfu` is not said".to_owned());
    Ok(UTILIZATION)
}

/// The dense peak of a GPU in the precision of a job, in operations a second.
fn peak(job: View<'_, TrainingJob>, gpu: &Gpu) -> Result<Option<f64>, Silent> {
    let compute = match job.precision().known()? {
        Some(precision) => precision.compute().present()?,
        None => Dtype::Bf16,
    };
    let tflops = match compute {
        Dtype::Fp32 | Dtype::Tf32 => gpu.tflops.tf32.or(gpu.tflops.fp32),
        Dtype::Bf16 => gpu.tflops.bf16,
        Dtype::Fp16 => gpu.tflops.fp16,
        Dtype::Fp8 | Dtype::Int8 => gpu.tflops.fp8,
        Dtype::Int4 | Dtype::Mxfp4 | Dtype::Nvfp4 => gpu.tflops.fp4,
    };
    Ok(tflops.map(|tflops| tflops * 1e12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::format::decimals;
    use crate::query::testing::{example, id, session};

    /// Checks hours of a job of an example, with one decimal.
    #[track_caller]
    fn check(project: &str, environment: Option<&str>, job: &str, expect: (&str, &str)) {
        let session = session(&example(project, &[]));
        let graph = session.graph(environment).expect("the environment is declared");
        let run = of(&session.ask(graph), id(graph, job)).expect("all is said").expect("all is known");
        let hours = run.seconds / 3600.0;
        assert_eq!((decimals(hours.low, 1).as_str(), decimals(hours.high, 1).as_str()), expect);
    }

    #[test]
    fn tuning_takes_four_to_six_hours() {
        check("support-assistant", Some("prod"), "training-job.tune", ("4.3", "5.8"));
    }

    #[test]
    fn phase_1_takes_39_to_49_days_in_hours() {
        check("pretrain-405b", None, "training-job.phase-1", ("927.7", "1180.7"));
    }
}
