//! The loss report: what a spec says and no output does.

use std::fmt::Write as _;

use purlin_schema::{Record, Value};
use purlin_syntax::Symbol;

use crate::emit::Loss;
use crate::graph::{Graph, Resource};

/// Completes the losses that targets told with every field that no target has read for saying and that is not read by
/// the compiler alone; sorted, once each. A field with a stated reason, or below one, is not listed again.
///
/// What was said is noted on the records, which environments share: the notes are read and wiped here, after all targets
/// have emitted, so that the next emission begins without any.
pub(crate) fn finish(graph: &Graph, losses: &mut Vec<Loss>) {
    losses.sort_unstable();
    losses.dedup();
    let stated = losses.len();
    let mut steps = Vec::new();
    for resource in graph.sorted() {
        let open = !resource.kind.fact && !resource.kind.later;
        walk(&resource.record, &mut steps, |steps, step, field| {
            if open {
                let loss = loss(resource, steps, step, field);
                if !is_stated(&losses[..stated], &loss) {
                    losses.push(loss);
                }
            }
        });
    }
    losses.sort_unstable();
}

/// Wipes what was said, where nobody asks what was not.
pub(crate) fn forget(graph: &Graph) {
    let mut steps = Vec::new();
    for resource in graph.iter() {
        walk(&resource.record, &mut steps, |_, _, _| ());
    }
}

/// A record inside a resource, and the way to it.
struct Step<'r> {
    record: &'r Record,
    /// The step that it is a field of; the resource's own record is its own parent.
    parent: usize,
    field: &'static str,
    /// Of a record that repeats.
    key: Option<Symbol>,
}

/// Tells every field that is unsaid; looks into said ones that hold records. Wipes the notes.
fn walk<'r>(
    record: &'r Record,
    steps: &mut Vec<Step<'r>>,
    mut unsaid: impl FnMut(&[Step<'r>], usize, &'static str),
) {
    steps.clear();
    steps.push(Step { record, parent: 0, field: "", key: None });
    let mut at = 0;
    while let Some(&Step { record, .. }) = steps.get(at) {
        for (slot, said) in record.take_said() {
            let Some(field) = record.schema.fields.get(usize::from(slot.field)) else { continue };
            if field.checked {
                continue;
            }
            if !said {
                unsaid(steps, at, field.name);
                continue;
            }
            let step = |record, key| Step { record, parent: at, field: field.name, key };
            match &slot.value {
                Value::Record(inner) => steps.push(step(inner, None)),
                Value::Many(rows) => steps.extend(rows.iter().map(|row| step(&row.record, Some(row.key)))),
                _ => {}
            }
        }
        at += 1;
    }
}

fn loss(resource: &Resource, steps: &[Step<'_>], step: usize, field: &str) -> Loss {
    let mut way = Vec::new();
    let mut at = step;
    while at > 0 {
        way.push(&steps[at]);
        at = steps[at].parent;
    }
    let mut path = String::new();
    for step in way.iter().rev() {
        path.push_str(step.field);
        if let Some(key) = step.key {
            // Writing to a `String` has no error of its own.
            let _ = write!(path, "[{key}]");
        }
        path.push('.');
    }
    path.push_str(field);
    Loss { address: resource.address(), field: path, reason: String::new() }
}

/// Whether a target told why the field, or one that it is a part of, is lost. `stated` is sorted.
fn is_stated(stated: &[Loss], loss: &Loss) -> bool {
    let first = stated.partition_point(|other| other.address < loss.address);
    stated[first..].iter().take_while(|other| other.address == loss.address).any(|other| {
        let rest = loss.field.strip_prefix(other.field.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}
