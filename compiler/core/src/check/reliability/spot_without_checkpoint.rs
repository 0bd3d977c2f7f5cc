//! `reliability.spot-without-checkpoint`: runs on capacity that is taken back, with nothing saved.

use purlin_schema::Silent;
use purlin_schema::kinds::pools::CapacityKind;
use purlin_schema::kinds::training::{ResumeEvent, TrainingJob};
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "reliability.spot-without-checkpoint",
    level: Level::Error,
    summary: "a run on spot capacity that saves nothing",
    scope: Scope::Neighbours,
    page: include_str!("spot_without_checkpoint.md"),
    run: Run::Each(&["training-job"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let job = check.view::<TrainingJob>(id)?;
    let placed = placement::of(&check.ask, id)?;
    let pool = placed.pool().filter(|pool| pool.capacity == CapacityKind::Spot).ok_or(Silent)?;
    let name = check.ask.resource(id).ok_or(Silent)?.address();
    let address = pool.address();
    if job.checkpoint().is_absent() {
        let message = format!("{name} runs on spot capacity and saves nothing");
        let finding = check
            .finding(message, placed.span)
            .label(pool.span, "taken back at any time, with two minutes' notice or less")
            .with_note("what was computed is lost with the node; say `checkpoint every=… to=…`");
        check.report(finding);
        return Ok(());
    }
    let resumes = job.resume().iter().any(|row| row.variant().get() == Some(ResumeEvent::Preemption));
    if !resumes {
        let message = format!("{name} does not go on after {address} takes its nodes back");
        let finding = check
            .warning(message, placed.span)
            .label(pool.span, "spot")
            .with_note("say `resume preemption max=…`");
        check.report(finding);
    }
    Ok(())
}
