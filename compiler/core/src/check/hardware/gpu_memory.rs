//! `hardware.gpu-memory`: the terms that a GPU has to hold, against what it shows.

mod cures;

use purlin_syntax::{Diagnostic, Level};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::format::{decimals, gib, gib_range};
use crate::laws::interval::Verdict;
use crate::query::memory::{self, Judged, MemoryAnswer};
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.gpu-memory",
    level: Level::Error,
    summary: "more memory than a GPU or a slice of it has",
    scope: Scope::Neighbours,
    page: include_str!("gpu_memory.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let MemoryAnswer::Judged(judged) = memory::of(&check.ask, id)? else { return Ok(()) };
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let on = placement::of(&check.ask, id)?.span;
    let (name, span) = (resource.address(), resource.name_span);
    let shows = format!("{} has {}", judged.device, gib_range(judged.capacity));
    let diagnostic = match judged.verdict {
        Verdict::Fits => return Ok(()),
        Verdict::DoesNotFit => {
            let need = gib(judged.estimate.floor);
            check.finding(format!("{name} needs at least {need} on {}; {shows}", judged.estimate.rank), span)
        }
        Verdict::TooClose => {
            let need = gib_range(judged.estimate.total);
            check.warning(
                format!("{name} needs {need} on {}; {shows}: too close to call", judged.estimate.rank),
                span,
            )
        }
    };
    let diagnostic = explain(diagnostic.label(on, shows), &judged);
    check.report_curable(diagnostic, cures::search);
    Ok(())
}

/// The terms, their sum, what would fit instead, and what was assumed.
fn explain(mut diagnostic: Diagnostic, judged: &Judged) -> Diagnostic {
    for term in &judged.estimate.terms {
        let line = format!("{}: {} = {} [{}]", term.name, gib_range(term.bytes), term.inputs, term.formula);
        diagnostic = diagnostic.with_note(line);
    }
    let (total, floor) = (gib_range(judged.estimate.total), gib(judged.estimate.floor));
    diagnostic = diagnostic.with_note(format!("in all {total}; at least {floor} whatever is fused or freed"));
    if let Some(room) = judged.room {
        let contexts = crate::laws::format::range(room.contexts, 0, "contexts of that length");
        let longest = decimals(room.longest_context.low, 0);
        diagnostic = diagnostic.with_note(format!(
            "{} are left for keys and values: {contexts}, or this many at once of {longest} tokens",
            gib_range(room.kv)
        ));
    }
    if judged.verdict == Verdict::TooClose {
        diagnostic = diagnostic.with_note("a measured run settles it, or settings that are not said yet");
    }
    judged
        .assumed
        .iter()
        .fold(diagnostic, |diagnostic, what| diagnostic.with_note(format!("assumed: {what}")))
}
