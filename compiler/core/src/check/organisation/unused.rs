//! `organisation.unused`: something that is declared, paid for, and used by nothing.

use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels::edges;

/// The rule.
pub static RULE: Rule = Rule {
    id: "organisation.unused",
    level: Level::Warning,
    summary: "something that nothing uses",
    scope: Scope::Aggregate,
    page: include_str!("unused.md"),
    run: Run::Each(
        &[
            "team",
            "secret",
            "network",
            "key",
            "cluster",
            "gpu-pool",
            "tpu-pool",
            "queue",
            "storage",
            "broker",
            "database",
            "data-contract",
            "stream",
            "pipeline",
            "dataset",
            "feature-view",
            "vector-store",
            "model",
            "adapter",
            "tracking",
            "prompt",
            "tool",
            "guardrail",
        ],
        check,
    ),
};

/// Kinds that speak about others without using them.
const ABOUT: [&str; 4] = ["policy", "waiver", "approval", "evidence"];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let used = check.ask.incoming(id).into_iter().any(|user| {
        user.id != id
            && (!ABOUT.contains(&user.kind.name)
                || edges(&check.ask, user.id)
                    .iter()
                    .any(|edge| edge.to == id && edge.relation != "applies-to"))
    });
    if !used {
        let finding = check
            .finding(format!("nothing uses {}", resource.address()), resource.name_span)
            .with_note("remove it, or say what uses it");
        check.report(finding);
    }
    Ok(())
}
