//! `cost.job-budget`: runs that cost more than they may.

use purlin_schema::Silent;
use purlin_schema::kinds::training::TrainingJob;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::cost::{self, show};

/// The rule.
pub static RULE: Rule = Rule {
    id: "cost.job-budget",
    level: Level::Error,
    summary: "a run that costs more than its budget",
    scope: Scope::Neighbours,
    page: include_str!("job_budget.md"),
    run: Run::Each(&["training-job"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let said = check.view::<TrainingJob>(id)?.budget();
    let (budget, span) = (said.present()?, said.span().ok_or(Silent)?);
    let cost = cost::run(&check.ask, id)?.ok_or(Silent)?;
    let name = check.ask.resource(id).ok_or(Silent)?.address();
    let Some(cost) = cost.converted(&check.ask, budget.currency) else {
        let message = format!(
            "{name} costs {} and may cost {budget}: two currencies",
            show(cost.amount, cost.currency)
        );
        let finding = check.warning(message, span).with_note(format!(
            "say `exchange-rate {} to={} rate=… as-of=…` at the platform",
            cost.currency, budget.currency
        ));
        check.report(finding);
        return Ok(());
    };
    if cost.amount.high <= budget.amount() {
        return Ok(());
    }
    let shown = show(cost.amount, cost.currency);
    let mut finding = if cost.amount.low > budget.amount() {
        check.finding(format!("{name} costs {shown}; its budget is {budget}"), span)
    } else {
        check.warning(format!("{name} costs {shown}; its budget is {budget}: it may not suffice"), span)
    };
    for line in &cost.how {
        finding = finding.with_note(line.clone());
    }
    for what in &cost.assumed {
        finding = finding.with_note(format!("assumed: {what}"));
    }
    check.report(finding);
    Ok(())
}
