//! `reliability.training-time`: runs that cannot end in time.

use purlin_schema::Silent;
use purlin_schema::kinds::pools::GpuPool;
use purlin_schema::kinds::training::TrainingJob;
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::format::{count, decimals, duration, percent};
use crate::query::{placement, time};

/// The rule.
pub static RULE: Rule = Rule {
    id: "reliability.training-time",
    level: Level::Error,
    summary: "a run that cannot end before its deadline or its capacity does",
    scope: Scope::Neighbours,
    page: include_str!("training_time.md"),
    run: Run::Each(&["training-job"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let job = check.view::<TrainingJob>(id)?;
    let run = time::of(&check.ask, id)?.ok_or(Silent)?;
    let name = check.ask.resource(id).ok_or(Silent)?.address();
    for limit in limits(check, id, job)? {
        let (seconds, span, what) = limit;
        if run.seconds.high <= seconds {
            continue;
        }
        let takes = format!("{}–{}", duration(run.seconds.low), duration(run.seconds.high));
        let finding = if run.seconds.low > seconds {
            let least = duration(run.seconds.low);
            check.finding(format!("{name} takes at least {least}; {what} {}", duration(seconds)), span)
        } else {
            // The utilisation at which it would just end in time.
            let needed = run.utilization.high * run.seconds.low / seconds;
            let message = format!(
                "{name} takes {takes}; {what} {}: in time from {} utilisation on",
                duration(seconds),
                percent(needed)
            );
            check.warning(message, span)
        };
        let mut finding = finding
            .with_note(format!(
                "{} FLOP a token = 6 · {} + attention",
                exponent(run.flop_per_token),
                count(run.parameters)
            ))
            .with_note(format!(
                "{} GPUs {} · {} TFLOP/s · {}–{} = {}–{} tokens/s",
                run.gpus,
                run.device,
                decimals(run.peak / 1e12, 0),
                percent(run.utilization.low),
                percent(run.utilization.high),
                count(run.tokens_per_second.low),
                count(run.tokens_per_second.high)
            ))
            .with_note(format!("{} tokens: {takes} of computation", count(run.tokens)));
        for what in &run.assumed {
            finding = finding.with_note(format!("assumed: {what}"));
        }
        check.report(finding);
    }
    Ok(())
}

fn exponent(value: f64) -> String {
    format!("{value:.2e}")
}

/// The deadline, and the time that its capacity lasts; each with its place.
fn limits(
    check: &Check,
    id: ResourceId,
    job: purlin_schema::View<'_, TrainingJob>,
) -> Result<Vec<(f64, Span, &'static str)>, Silent> {
    let mut limits = Vec::new();
    let deadline = job.deadline();
    if let (Some(limit), Some(span)) = (deadline.known()?, deadline.span()) {
        limits.push((limit.seconds(), span, "its deadline is"));
    }
    let placed = placement::of(&check.ask, id)?;
    let Some(pool) = placed.pool().and_then(|pool| check.ask.view::<GpuPool>(pool.id)) else {
        return Ok(limits);
    };
    let Some(capacity) = pool.capacity().known()? else { return Ok(limits) };
    if let (Some(start), Some(end)) = (capacity.start().known()?, capacity.end().known()?)
        && let Some(lasts) = end.since(start)
    {
        limits.push((lasts.seconds(), placed.span, "its capacity lasts"));
    }
    Ok(limits)
}
