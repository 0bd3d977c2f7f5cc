//! `serving.rollout`: steps that lead somewhere, and bounds that can stop them in time.

use purlin_schema::Silent;
use purlin_schema::kinds::monitoring::Monitor;
use purlin_schema::kinds::serving::{Rollout, RolloutKind, Serving};
use purlin_schema::units::Duration;
use purlin_schema::view::{ChoiceType, View};
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "serving.rollout",
    level: Level::Warning,
    summary: "rollout steps that do not rise, or bounds that nobody measures in time",
    scope: Scope::Neighbours,
    page: include_str!("rollout.md"),
    run: Run::Each(&["serving"], check),
};

/// What every endpoint measures of itself: the server's own counters and times.
const OWN: [&str; 12] = [
    "error-rate",
    "request-rate",
    "availability",
    "latency",
    "ttft",
    "tpot",
    "queue-depth",
    "queue-latency",
    "requests-per-second",
    "saturation",
    "gpu-utilization",
    "restarts",
];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let serving = check.view::<Serving>(id)?;
    let rollout = serving.rollout().present()?;
    steps(check, rollout);
    let kind = rollout.variant().present()?;
    let monitors = monitors(check, id);
    let longest = time(rollout);
    for bound in rollout.abort().iter() {
        let (Some(name), Some(span)) = (bound.metric().get(), bound.metric().span()) else { continue };
        match measured(name, &monitors) {
            Measured::No => {
                let message = format!("the rollout is to stop on `{name}`, which nothing measures");
                let finding = check.finding(message, span).with_note(format!(
                    "no monitor of this endpoint has `metric {name}`, `quality {name}`, or a drift or bias of that name"
                ));
                check.report(finding);
            }
            Measured::After(delay, place) if longest.is_some_and(|all| delay > all) => {
                let all = longest.unwrap_or_default();
                let message =
                    format!("`{name}` is known {delay} after an answer: the rollout is over by then");
                let finding = check.finding(message, span).label(place, "known so late").with_note(format!(
                    "all phases together take {all}; a proxy that is known sooner can stop them"
                ));
                check.report(finding);
            }
            Measured::Now | Measured::After(..) => {}
        }
    }
    let gradual = matches!(kind, RolloutKind::Canary | RolloutKind::Ab);
    if gradual && !rollout.abort().is_empty() && rollout.rollback().is_absent() {
        let finding = check
            .finding("a bound may stop the rollout, and nothing says where traffic goes then", rollout.span())
            .with_note("say it: `rollback to=previous`");
        check.report(finding);
    }
    Ok(())
}

/// Shares rise, and none is above the whole.
fn steps(check: &mut Check, rollout: View<Rollout>) {
    let mut before: Option<f64> = None;
    for step in rollout.step().iter() {
        let (Some(share), Some(span)) = (step.share().get(), step.share().span()) else { continue };
        if share.0 > 1.0 {
            check.report(check.finding(format!("a step of {share} is more than all traffic"), span));
        } else if let Some(last) = before
            && share.0 <= last
        {
            let message =
                format!("the step of {share} does not rise above the one before, {}%", last * 100.0);
            check.report(check.finding(message, span));
        }
        before = Some(share.0);
    }
}

/// How long all phases take together.
fn time(rollout: View<Rollout>) -> Option<Duration> {
    let shadow = rollout.shadow().get().and_then(|shadow| shadow.r#for().get()).unwrap_or_default();
    let mut steps = rollout.step().iter().filter_map(|step| step.r#for().get());
    steps.try_fold(shadow, Duration::checked_add).filter(|all| *all > Duration::default())
}

fn monitors<'a>(check: &Check<'a>, id: ResourceId) -> Vec<View<'a, Monitor>> {
    let watching = |monitor: &View<'a, Monitor>| {
        monitor.of_().present().and_then(|of| check.ask.follow(of, &["serving"])) == Ok::<_, Silent>(id)
    };
    let incoming = check.ask.incoming(id).into_iter().filter(|from| from.kind.name == "monitor");
    incoming.filter_map(|from| check.ask.view::<Monitor>(from.id)).filter(watching).collect()
}

enum Measured {
    No,
    Now,
    After(Duration, Span),
}

/// Who measures a metric: the server itself, or a monitor under the same name (`psi-score`, `approval-rate-ratio`).
fn measured(name: &str, monitors: &[View<Monitor>]) -> Measured {
    let own = |own: &str| name == own || name.strip_prefix(own).is_some_and(|rest| rest.starts_with("-p"));
    if OWN.iter().any(|word| own(word)) {
        return Measured::Now;
    }
    for monitor in monitors {
        if let Some(bound) = monitor.quality().iter().find(|bound| bound.metric().get() == Some(name)) {
            return match bound.label_delay().get() {
                Some(delay) => Measured::After(delay, bound.span()),
                None => Measured::Now,
            };
        }
        let metric = monitor.metric().iter().any(|bound| bound.metric().get() == Some(name));
        let drift = monitor
            .drift()
            .iter()
            .filter_map(|bound| bound.test().get())
            .any(|test| begins(name, test.word()));
        let bias =
            monitor.bias().iter().filter_map(|bound| bound.metric().get()).any(|metric| begins(name, metric));
        if metric || drift || bias {
            return Measured::Now;
        }
    }
    Measured::No
}

fn begins(name: &str, with: &str) -> bool {
    name.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
