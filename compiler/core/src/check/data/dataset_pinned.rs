//! `data.dataset-pinned`: what is trained on, or measured on, has to be a version that does not move.

use purlin_schema::kinds::data::Dataset;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels;

/// The rule.
pub static RULE: Rule = Rule {
    id: "data.dataset-pinned",
    level: Level::Error,
    summary: "training or evaluation on a dataset without a version",
    scope: Scope::Neighbours,
    page: include_str!("dataset_pinned.md"),
    run: Run::Each(&["training-job", "evaluation"], check),
};

/// Words that name another state of the data tomorrow.
const MOVING: [&str; 7] = ["latest", "newest", "current", "head", "main", "master", "live"];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let Some(uses) = labels::uses(&check.ask, id) else { return Ok(()) };
    let user = check.ask.resource(id).ok_or(purlin_schema::Silent)?.address();
    for use_ in uses.iter() {
        let Ok((dataset_id, dataset)) = check.ask.get::<Dataset>(use_.dataset()) else { continue };
        let Some(resource) = check.ask.resource(dataset_id) else { continue };
        let Ok(version) = dataset.version().known() else { continue };
        let name = resource.address();
        let (message, place) = match version {
            None => (format!("{user} reads {name}, which has no version"), resource.name_span),
            Some(word) if MOVING.contains(&word.to_ascii_lowercase().as_str()) => (
                format!("{user} reads {name} in version `{word}`, which is another one tomorrow"),
                dataset.version().span().unwrap_or(resource.name_span),
            ),
            Some(_) => continue,
        };
        let finding = check
            .finding(message, use_.span())
            .because("read here")
            .label(place, "a date, a tag or the id of a snapshot belongs here")
            .with_note("without it the run cannot be repeated, and its results cannot be explained");
        check.report(finding);
    }
    Ok(())
}
