//! `organisation.waiver-expired`: an exception whose time has passed, or that is none.

use purlin_schema::kinds::governance::Waiver;
use purlin_syntax::Level;

use crate::check::{self, Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "organisation.waiver-expired",
    level: Level::Error,
    summary: "a waiver whose last day has passed, or of a rule that does not exist",
    scope: Scope::Item,
    page: include_str!("waiver_expired.md"),
    run: Run::Each(&["waiver"], check),
};

/// Days before its end from which a waiver is announced: time for a review.
const SOON: u32 = 14;

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let waiver = check.view::<Waiver>(id)?;
    let name = check.ask.resource(id).ok_or(purlin_schema::Silent)?.address();
    if let (Some(rule), Some(span)) = (waiver.rule().get(), waiver.rule().span())
        && check::find(rule).is_none()
    {
        let finding = check.finding(format!("{name} waives `{rule}`, and there is no such rule"), span);
        let known = check::rules().iter().map(|rule| rule.id);
        let finding = match purlin_schema::closest::closest(rule, known) {
            Some(near) => finding.cure(format!("write `{near}`"), span, near.to_owned()),
            None => finding,
        };
        check.report(finding);
    }
    let Some(today) = check.ask.options.as_of else { return Ok(()) };
    let (until, span) = (waiver.until().present()?, waiver.until().span().unwrap_or(waiver.span()));
    if today > until {
        let finding = check
            .finding(format!("{name} ended on {until}"), span)
            .with_note(format!("today is {today}; the rule counts again"))
            .with_note("mend what it excused and remove it, or have its owner renew it");
        check.report(finding);
    } else if today.plus_days(SOON).is_some_and(|soon| soon > until) {
        let finding = check
            .warning(format!("{name} ends on {until}"), span)
            .with_note(format!("today is {today}; the rule counts again from the day after"));
        check.report(finding);
    }
    Ok(())
}
