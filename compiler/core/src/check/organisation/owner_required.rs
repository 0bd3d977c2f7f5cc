//! `organisation.owner-required`: something for which nobody answers.

use purlin_schema::kinds::organisation::Platform;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels::edges;

/// The rule.
pub static RULE: Rule = Rule {
    id: "organisation.owner-required",
    level: Level::Warning,
    summary: "something for which nobody answers",
    scope: Scope::Neighbours,
    page: include_str!("owner_required.md"),
    run: Run::Each(
        &[
            "platform",
            "data-contract",
            "training-job",
            "serving",
            "agent",
            "ai-system",
            "evaluation",
            "batch-inference",
        ],
        check,
    ),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    if resource.kind.name == "platform" || owned(check, id) {
        return Ok(());
    }
    // The platform's owner answers for whatever has none of its own.
    let platforms = check.ask.all::<Platform>();
    if platforms.iter().any(|(platform, _)| owned(check, *platform)) {
        return Ok(());
    }
    let finding = check
        .finding(format!("nobody answers for {}", resource.address()), resource.name_span)
        .with_note("neither it nor the platform has an `owner`: there is no one to ask, to page, or to approve a change");
    check.report(finding);
    Ok(())
}

fn owned(check: &Check, id: ResourceId) -> bool {
    let Some(resource) = check.ask.resource(id) else { return false };
    let said = |field| resource.record.named(field).is_some();
    said("owner") || said("team") || edges(&check.ask, id).iter().any(|edge| edge.relation == "owner")
}
