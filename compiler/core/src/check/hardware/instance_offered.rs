//! `hardware.instance-offered`: machines that a cloud does not have there.

use purlin_schema::Silent;
use purlin_schema::view::ChoiceType;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.instance-offered",
    level: Level::Error,
    summary: "an instance type that the cloud or the region does not have",
    scope: Scope::Neighbours,
    page: include_str!("instance_offered.md"),
    run: Run::Each(&["gpu-pool", "cpu-pool"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let pool = placement::pool(&check.ask, id)?;
    let instance = pool.instance.as_ref().ok_or(Silent)?;
    if let (Some(sold), Some(cloud)) = (instance.provider, pool.provider)
        && sold.word() != cloud.word()
    {
        let message = format!(
            "{} is an instance type of {}; its cluster is in {}",
            instance.name,
            sold.word(),
            cloud.word()
        );
        let finding = check.finding(message, pool.instance_span);
        check.report(finding);
        return Ok(());
    }
    let region = pool.region.ok_or(Silent)?;
    // A list that is not complete answers nothing about a region that it lacks.
    if instance.offered_in(region.as_str()) == Some(false) {
        let listed = instance.regions.as_ref().map_or(String::new(), |regions| regions.join(", "));
        let message = format!("{} is not offered in {region}", instance.name);
        let finding = check
            .finding(message, pool.instance_span)
            .with_note(format!("offered in {listed} ({})", instance.provenance.as_of));
        check.report(finding);
    }
    Ok(())
}
