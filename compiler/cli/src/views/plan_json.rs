//! A plan for other programs.

use purlin_core::plan::duties::ORDER;
use purlin_core::plan::{Change, Facts, Standing, standings};
use purlin_core::{Finding, Session};
use purlin_syntax::Level;
use serde_json::{Value, json};

use super::json as findings_json;
use super::plan_parts::{self as parts};
use crate::planning::Planned;

/// All plans, with the findings that stand.
pub(crate) fn json(session: &Session, findings: &[Finding], plans: &[Planned]) -> Value {
    json!({
        "as_of": session.options.as_of.map(|day| day.to_string()),
        "findings": findings_json::findings(session, findings),
        "environments": plans.iter().map(|planned| plan(session, findings, planned)).collect::<Vec<_>>(),
    })
}

fn plan(session: &Session, findings: &[Finding], planned: &Planned) -> Value {
    let graph = session.environments().get(planned.piece.index).map(|state| &state.graph);
    let sections: Vec<Value> = graph
        .map(|graph| parts::sections(planned, graph))
        .unwrap_or_default()
        .iter()
        .map(|section| {
            let rows: Vec<Value> = section
                .rows
                .iter()
                .map(|row| json!({ "kind": row.kind, "count": row.count, "names": row.names }))
                .collect();
            json!({ "title": section.title, "areas": section.areas, "rows": rows })
        })
        .collect();
    let actions: Vec<Value> = planned
        .actions
        .iter()
        .map(|action| {
            json!({
                "verb": action.verb.as_str(),
                "address": action.address,
                "output": action.output,
                "reasons": action.reasons,
                "review": review(planned, &action.address),
            })
        })
        .collect();
    let consequences: Vec<Value> = planned
        .consequences
        .iter()
        .map(|consequence| {
            json!({
                "group": consequence.group.as_str(),
                "address": consequence.address,
                "text": consequence.text,
                "needs_approval": consequence.group.needs_approval(),
                "review": review(planned, &consequence.address),
            })
        })
        .collect();
    let losses: Vec<Value> = planned
        .emission
        .losses
        .iter()
        .map(|loss| json!({ "address": loss.address, "field": loss.field, "reason": loss.reason }))
        .collect();
    let standings = graph.map(|graph| standings(&session.ask(graph))).unwrap_or_default();
    let checks = parts::checks(planned, findings);
    json!({
        "environment": planned.environment,
        "against": planned.against,
        "first": planned.first,
        "changes": !planned.is_empty(),
        "remarks": planned.remarks,
        "created": sections,
        "actions": actions,
        "consequences": consequences,
        "files": files(planned),
        "resources": planned.now().iter().map(|(address, facts)| resource(address, facts)).collect::<Vec<_>>(),
        "checks": {
            "errors": checks.standing(Level::Error),
            "warnings": checks.standing(Level::Warning),
            "notes": checks.standing(Level::Note),
            "waived": checks.waived().values().flat_map(|rules| rules.values()).sum::<usize>(),
            "waivers": checks.waived(),
            "rules": checks.built,
            "rules_not_checked_yet": checks.later,
        },
        "compliance": standings.iter().map(standing).collect::<Vec<_>>(),
        "losses": losses,
    })
}

/// Which line it comes from and who has to agree; null where nothing was compared by its spec.
fn review(planned: &Planned, address: &str) -> Value {
    planned.reviews.get(address).map_or(
        Value::Null,
        |review| json!({ "place": review.place, "through": review.through, "approvals": review.approvals }),
    )
}

fn standing(standing: &Standing) -> Value {
    let counts = ORDER.map(|verdict| (verdict.as_str().to_owned(), json!(standing.count(verdict))));
    let duties: Vec<Value> = standing
        .duties
        .iter()
        .map(|duty| json!({ "control": duty.control, "duty": duty.duty, "verdict": duty.verdict.as_str() }))
        .collect();
    let counts = Value::Object(counts.into_iter().collect());
    json!({ "system": standing.system, "under": standing.under, "counts": counts, "duties": duties })
}

fn files(planned: &Planned) -> Value {
    let of = |change: Change| -> Vec<&String> {
        planned.files.changes.iter().filter(|(_, have)| **have == change).map(|(path, _)| path).collect()
    };
    let diffs: Vec<Value> = planned
        .files
        .diffs
        .iter()
        .map(|diff| {
            let fields: Vec<Value> = diff
                .fields
                .iter()
                .map(|field| json!({ "path": field.path, "before": field.before, "after": field.after }))
                .collect();
            json!({ "path": diff.path, "fields": fields, "more": diff.more })
        })
        .collect();
    let conflicts: Vec<Value> = planned
        .files
        .conflicts
        .iter()
        .map(|conflict| json!({ "path": conflict.path, "reason": conflict.reason }))
        .collect();
    json!({
        "create": of(Change::Create),
        "update": of(Change::Update),
        "delete": of(Change::Delete),
        "unchanged": planned.files.same,
        "conflicts": conflicts,
        "diffs": diffs,
    })
}

fn resource(address: &str, facts: &Facts) -> Value {
    let mut value = serde_json::to_value(facts).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("address".to_owned(), json!(address));
    }
    value
}
