//! Findings for other programs.

use purlin_core::{Finding, Session};
use purlin_syntax::{Cure, Span};
use serde_json::{Value, json};

/// Cures are searched for so many findings. A search looks at all names of a project, or tries settings: done for each
/// of a hundred thousand findings it would take longer than anybody waits.
const SEARCHED: usize = 500;

/// All findings, as a list.
pub(crate) fn findings(session: &Session, findings: &[Finding]) -> Value {
    let cures = |n: usize, finding: &Finding| {
        if n < SEARCHED { finding.cures(session) } else { finding.diagnostic.cures.clone() }
    };
    let each = findings.iter().enumerate();
    each.map(|(n, finding)| self::finding(session, finding, &cures(n, finding))).collect()
}

fn finding(session: &Session, finding: &Finding, cures: &[Cure]) -> Value {
    let diagnostic = &finding.diagnostic;
    let labels: Value = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut place = place(session, label.span);
            place["text"] = json!(label.text);
            place
        })
        .collect();
    let cures: Value = cures
        .iter()
        .map(|cure| {
            let edits: Value = cure
                .edits
                .iter()
                .map(|edit| {
                    let mut place = place(session, edit.span);
                    place["new_text"] = json!(edit.text);
                    place
                })
                .collect();
            json!({ "title": cure.title, "edits": edits })
        })
        .collect();
    json!({
        "rule": diagnostic.rule,
        "level": diagnostic.level.as_str(),
        "message": diagnostic.message,
        "environments": finding.environments.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "waived": finding.waived,
        "labels": labels,
        "notes": diagnostic.notes,
        "cures": cures,
    })
}

/// A place in a file: bytes from 0, line and column (in bytes) from 1.
pub(crate) fn place(session: &Session, span: Span) -> Value {
    let Some(position) = session.sources.position(span) else { return json!({}) };
    let at = session.sources.by_path(position.path).map(|file| file.document.lines().position(position.lo));
    json!({
        "path": position.path,
        "line": at.map(|at| at.line + 1),
        "column": at.map(|at| at.column + 1),
        "from": position.lo,
        "to": position.hi,
    })
}
