//! `compliance.eu-ai-act`: duties of the AI Act that the spec refutes, or leaves without an answer.

use purlin_syntax::{Diagnostic, Level};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels::edges;
use crate::query::verdicts::{self, Judged, Verdict};

/// The rule.
pub static RULE: Rule = Rule {
    id: "compliance.eu-ai-act",
    level: Level::Error,
    summary: "duties of the EU AI Act that the spec refutes or does not answer",
    scope: Scope::Project,
    page: include_str!("eu_ai_act.md"),
    run: Run::Each(&["ai-system", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let systems: Vec<ResourceId> = if resource.kind.name == "ai-system" {
        vec![id]
    } else {
        let including = check.ask.incoming(id).into_iter().filter(|from| from.kind.name == "ai-system");
        including.map(|from| from.id).collect()
    };
    for system in systems {
        for one in verdicts::of_system(&check.ask, system) {
            if one.subject == id && matches!(one.verdict, Verdict::Refuted | Verdict::Missing) {
                let finding = finding(check, &one);
                check.report(finding);
            }
        }
    }
    Ok(())
}

fn finding(check: &Check, one: &Judged) -> Diagnostic {
    let name = |id: ResourceId| check.ask.resource(id).map(crate::Resource::address).unwrap_or_default();
    let message = format!("{} {}: {}", one.control, one.verdict.as_str(), one.why);
    let level = if one.mild { Level::Note } else { check.rule.level };
    let mut finding = Diagnostic::new(check.rule.id, level, message, one.span).with_note(format!(
        "{} asks it of {}: {}",
        name(one.policy),
        name(one.system),
        one.duty
    ));
    let framework = edges(&check.ask, one.policy).iter().find(|edge| edge.to == one.system);
    if let Some(edge) = framework {
        finding = finding.label(edge.span, "governed here");
    }
    match one.since {
        Some(since) => finding.with_note(format!(
            "owed since {since} (Regulation (EU) 2024/1689 as amended by (EU) 2026/1744)"
        )),
        None => finding,
    }
}
