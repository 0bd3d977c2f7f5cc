//! `reliability.checkpoint-interval`: checkpoints so seldom, or so often, that the GPUs lose more than they need to.

use purlin_schema::Silent;
use purlin_schema::View;
use purlin_schema::kinds::pools::CapacityKind;
use purlin_schema::kinds::stores::Storage;
use purlin_schema::kinds::training::{Checkpoint, CheckpointMode, MethodKind, ResumeEvent, TrainingJob};
use purlin_schema::units::Extent;
use purlin_syntax::{Diagnostic, Level};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::format::{decimals, duration, percent, size};
use crate::laws::{interval::Interval, reliability};
use crate::query::{model, placement, time};

/// The rule.
pub static RULE: Rule = Rule {
    id: "reliability.checkpoint-interval",
    level: Level::Warning,
    summary: "checkpoints far from the interval that wastes least",
    scope: Scope::Neighbours,
    page: include_str!("checkpoint_interval.md"),
    run: Run::Each(&["training-job"], check),
};

/// Failures of a node where nothing is expected: 6.5 in 1000 node-days on Meta's RSC-1 (§10, arXiv:2410.21680).
const FAILURES: f64 = 6.5;
/// Seconds for which an asynchronous save stops the run: an order of magnitude.
const BLOCKED: f64 = 20.0;
/// Shares of all GPU time beyond the best interval: from which it is worth a note, and a warning.
const NOTED: f64 = 0.01;
const WARNED: f64 = 0.05;

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let job = check.view::<TrainingJob>(id)?;
    let checkpoint = job.checkpoint().present()?;
    let span = checkpoint.every().span().ok_or(Silent)?;
    let placed = placement::of(&check.ask, id)?;
    let gpus = placed.gpus().filter(|gpus| *gpus > 0).ok_or(Silent)? as f64;
    // How often spot capacity is taken back, no source says.
    let spot = placed.pool().is_some_and(|pool| pool.capacity == CapacityKind::Spot);
    let adapter =
        job.method().known()?.is_some_and(|method| method.variant().get() != Some(MethodKind::Full));
    if spot || adapter {
        return Ok(());
    }
    let run = time::of(&check.ask, id)?.ok_or(Silent)?;
    let mut notes = Vec::new();
    let blocked = blocked(check, job, checkpoint, &mut notes)?;
    let every = seconds(check, job, checkpoint, run.seconds)?;
    let node = node_mtbf(job, &mut notes)?;
    let mtbf = reliability::job_mtbf(node, placed.nodes.max(1) as f64);
    let restart = restart(job)?;
    notes.push(format!(
        "{} a node / {} nodes: a failure every {}",
        duration(node),
        placed.nodes,
        duration(mtbf)
    ));
    let best = reliability::young(blocked, mtbf);
    let (now, least) = (
        reliability::waste(every, blocked, mtbf, restart),
        reliability::waste(best.min(run.seconds.high), blocked, mtbf, restart),
    );
    let beyond = now.total() - least.total();
    if beyond < NOTED {
        return Ok(());
    }
    let lost = now.gpu_hours(run.seconds.high, gpus);
    notes.push(format!(
        "best: sqrt(2 · {} · {}) = {} (Young)",
        duration(blocked),
        duration(mtbf),
        duration(best)
    ));
    notes.push(format!(
        "every {}: {} saving + {} work lost + {} restarting = {}, about {} of {} GPU-hours",
        duration(every),
        percent(now.saving),
        percent(now.lost),
        percent(now.restarting),
        percent(now.total()),
        decimals(lost, 0),
        decimals(run.seconds.high / 3600.0 * gpus, 0)
    ));
    let message = format!(
        "a checkpoint every {} costs {} of all GPU time; the best interval, {}, costs {}",
        duration(every),
        percent(now.total()),
        duration(best),
        percent(least.total())
    );
    let level = if beyond >= WARNED { Level::Warning } else { Level::Note };
    let finding = Diagnostic::new(RULE.id, level, message, span);
    check.report(notes.into_iter().fold(finding, Diagnostic::with_note));
    Ok(())
}

/// Seconds for which a save stops the run.
fn blocked(
    check: &Check,
    job: View<'_, TrainingJob>,
    checkpoint: View<'_, Checkpoint>,
    notes: &mut Vec<String>,
) -> Result<f64, Silent> {
    if checkpoint.mode().or(CheckpointMode::Sync)? == CheckpointMode::Async {
        notes.push("assumed: an asynchronous save stops the run for 20 s".to_owned());
        return Ok(BLOCKED);
    }
    let shape = model::shape(&check.ask, job.model())?.ok_or(Silent)?;
    let parameters = crate::laws::transformer::parameters(&shape.dimensions) as f64;
    let bytes = reliability::checkpoint_bytes(parameters, reliability::FULL_CHECKPOINT);
    let (_, storage) = check.ask.get::<Storage>(checkpoint.to())?;
    let (space, throughput) = (storage.size().present()?, storage.throughput().present()?);
    let rate = throughput.of(space).ok_or(Silent)?.bytes_per_second();
    let seconds = reliability::write_seconds(bytes, rate);
    notes.push(format!("14 B a parameter = {}, at {}/s: {}", size(bytes), size(rate), duration(seconds)));
    Ok(seconds)
}

/// The interval in seconds; steps and tokens as a share of the run at its slow end.
fn seconds(
    check: &Check,
    job: View<'_, TrainingJob>,
    checkpoint: View<'_, Checkpoint>,
    run: Interval,
) -> Result<f64, Silent> {
    let share = |part: f64, all: Option<f64>| {
        all.filter(|all| *all > 0.0).map(|all| part / all * run.high).ok_or(Silent)
    };
    match checkpoint.every().present()? {
        Extent::Duration(time) => Ok(time.seconds()),
        Extent::Tokens(tokens) => share(tokens.0 as f64, time::tokens(&check.ask, job)?),
        Extent::Steps(steps) => share(steps.0 as f64, time::steps(&check.ask, job)?),
    }
    .and_then(|seconds| if seconds > 0.0 { Ok(seconds) } else { Err(Silent) })
}

fn node_mtbf(job: View<'_, TrainingJob>, notes: &mut Vec<String>) -> Result<f64, Silent> {
    for row in job.expect().iter() {
        if let Some(time) = row.node_mtbf().known()?.filter(|time| time.0 > 0) {
            return Ok(time.seconds());
        }
    }
    notes.push("assumed: 6.5 failures in 1000 node-days, as on Meta's RSC-1".to_owned());
    Ok(reliability::node_mtbf(FAILURES))
}

fn restart(job: View<'_, TrainingJob>) -> Result<f64, Silent> {
    for row in job.resume().iter() {
        if row.variant().get() == Some(ResumeEvent::NodeFailure) {
            return Ok(row.within().known()?.map_or(0.0, |time| time.seconds()));
        }
    }
    Ok(0.0)
}
