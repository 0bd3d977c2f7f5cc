//! What several environments share: made once, under `out/shared/`, and the same everywhere.
//!
//! Shared are things of the account that stand by themselves; what runs in a cluster belongs to its cluster. What is shared
//! has to read the same in every environment that has it, with all that it refers to, and may refer only to what is made
//! once, too.

use purlin_schema::{Record, Value};
use purlin_syntax::{Diagnostic, Span, Symbol};

use crate::environment::EnvironmentState;
use crate::graph::{Graph, Resource, ResourceId};

/// The folder of what is shared, and what stands for the environment in its names.
pub const SHARED: &str = "shared";

/// The kinds that may be shared.
const KINDS: &[&str] = &["storage", "key", "network", "data-contract", "dataset", "model"];

/// Kinds of which each environment makes its own.
const MADE: &[&str] = &["storage", "key", "network"];

/// What stands against sharing what is shared.
pub(crate) fn findings(environments: &[EnvironmentState]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if environments.iter().all(|state| state.shared.is_empty()) {
        return found;
    }
    for state in environments {
        if let Some(declared) = state.declared.as_ref().filter(|declared| declared.name.as_str() == SHARED) {
            let message = "an environment cannot be called `shared` where something is shared";
            found.push(Diagnostic::error("language.shared", message, declared.name_span));
        }
        let mut ids: Vec<ResourceId> = state.shared.iter().copied().collect();
        ids.sort_unstable();
        for resource in ids.into_iter().filter_map(|id| state.graph.get(id)) {
            of_one(&state.graph, resource, &mut found);
            disagreements(environments, state, resource, &mut found);
        }
    }
    found.dedup();
    found
}

/// What a shared resource may not be or refer to.
fn of_one(graph: &Graph, resource: &Resource, found: &mut Vec<Diagnostic>) {
    let span = said(&resource.record).unwrap_or(resource.name_span);
    let mounted = resource.kind.name == "storage" && is_mounted(&resource.record);
    if !KINDS.contains(&resource.kind.name) || mounted {
        let what = if mounted { "a file system" } else { resource.kind.name };
        let message = format!("{what} cannot be shared between environments");
        found.push(
            Diagnostic::error("language.shared", message, span)
                .with_note(format!("shared can be: {}; storage of objects alone", KINDS.join(", ")))
                .with_note("make it in one environment, and name it by its id in the others: `existing …`"),
        );
    }
    for edge in graph.edges(resource.id) {
        let Some(to) = graph.get(edge.to) else { continue };
        let own = MADE.contains(&to.kind.name) && !to.is_shared() && to.record.named("existing").is_none();
        if own {
            let message = format!(
                "{} is shared, and {} is made for each environment",
                resource.address(),
                to.address()
            );
            found.push(
                Diagnostic::error("language.shared", message, edge.span)
                    .label(to.name_span, "say `shared` here, too"),
            );
        }
    }
}

/// Fields in which two environments do not agree on a shared resource, or on what it refers to directly.
fn disagreements(
    environments: &[EnvironmentState],
    state: &EnvironmentState,
    resource: &Resource,
    found: &mut Vec<Diagnostic>,
) {
    let referred = state.graph.edges(resource.id).iter().map(|edge| edge.to);
    for subject in std::iter::once(resource.id).chain(referred) {
        let Some(here) = state.graph.get(subject) else { continue };
        // Of the others nothing is written where the shared things are.
        if subject != resource.id && here.kind.name != "cloud" && !MADE.contains(&here.kind.name) {
            continue;
        }
        // The first environment that has it is held against all others.
        let first = environments.iter().find(|other| other.graph.get(subject).is_some());
        let Some(first) = first.filter(|first| !std::ptr::eq(*first, state)) else { continue };
        let Some(there) = first.graph.get(subject) else { continue };
        let fields = differing(&here.record, &there.record);
        if fields.is_empty() {
            continue;
        }
        let (one, other) = (name(first), name(state));
        let message = format!("{} is shared, and {one} and {other} differ in it", resource.address());
        let span = said(&resource.record).unwrap_or(resource.name_span);
        found.push(
            Diagnostic::error("language.shared", message, span)
                .label(here.name_span, format!("{} differs in: {}", here.address(), fields.join(", "))),
        );
    }
}

fn name(state: &EnvironmentState) -> &'static str {
    state.name().map_or("the project", Symbol::as_str)
}

/// The names of the fields that two records do not both have with the same value.
fn differing(one: &Record, other: &Record) -> Vec<&'static str> {
    let printed = |record: &Record, field: &str, shape| {
        record.named(field).map(|slot| purlin_schema::print::print_value(&slot.value, shape))
    };
    let fields = one
        .schema
        .fields
        .iter()
        .filter(|field| printed(one, field.name, field.shape) != printed(other, field.name, field.shape));
    fields.map(|field| field.name).collect()
}

fn said(record: &Record) -> Option<Span> {
    record.named("shared").map(|slot| slot.span)
}

fn is_mounted(record: &Record) -> bool {
    let word = |field: &str| {
        let slot = record.named(field)?;
        let field = record.schema.fields.get(usize::from(slot.field))?;
        Some(purlin_schema::print::print_value(&slot.value, field.shape))
    };
    match (word("type"), word("engine")) {
        (Some(kind), _) => kind != "object",
        (None, Some(engine)) => !matches!(engine.as_str(), "s3" | "gcs" | "azure-blob" | "minio"),
        (None, None) => false,
    }
}

/// Whether a record says `shared`.
pub(crate) fn is_shared(record: &Record) -> bool {
    record.named("shared").is_some_and(|slot| matches!(slot.value, Value::Bool(true)))
}
