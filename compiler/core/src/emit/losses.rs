//! The loss report: what a spec says and no output does.

use std::fmt::Write as _;

use purlin_schema::value::Slot;
use purlin_schema::{Record, Value};
use purlin_syntax::Symbol;

use crate::emit::Loss;
use crate::graph::{Graph, Resource};

/// Completes the losses that targets told with every field that no target has read for saying and that is not read by
/// the compiler alone; sorted, once each.
///
/// A field with a stated reason, or below one, is not listed again. Of a record or a resource of which nothing is said one
/// line tells it. What exists elsewhere is described and not asked for: of it only what targets told is lost.
///
/// What was said is noted on the records, which environments share: the notes are read and wiped here, after all targets
/// have emitted, so that the next emission begins without any.
pub(crate) fn finish(graph: &Graph, losses: &mut Vec<Loss>) {
    losses.sort_unstable();
    losses.dedup();
    let stated = losses.len();
    let mut steps = Vec::new();
    for resource in graph.sorted() {
        let open = !resource.kind.fact && !resource.kind.later && resource.record.named("existing").is_none();
        walk(&resource.record, &mut steps, |steps, unsaid| {
            if open {
                let loss = loss(resource, steps, unsaid);
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
        walk(&resource.record, &mut steps, |_, _| ());
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

/// What nobody said.
#[derive(Clone, Copy)]
enum Unsaid {
    /// A field of the record of a step.
    Field(usize, &'static str),
    /// Anything of the record of a step.
    All(usize),
}

/// Tells what is unsaid; looks into what is said and holds records. Wipes the notes.
fn walk<'r>(record: &'r Record, steps: &mut Vec<Step<'r>>, mut unsaid: impl FnMut(&[Step<'r>], Unsaid)) {
    steps.clear();
    steps.push(Step { record, parent: 0, field: "", key: None });
    let mut at = 0;
    while let Some(&Step { record, .. }) = steps.get(at) {
        let field = |slot: &Slot| record.schema.fields.get(usize::from(slot.field));
        let (mut silent, mut heard) = (0_usize, 0_usize);
        let said = record.take_said();
        for (slot, said) in said.clone() {
            let Some(field) = field(slot).filter(|field| !field.checked) else { continue };
            if !said {
                silent += 1;
                continue;
            }
            heard += 1;
            let step = |record, key| Step { record, parent: at, field: field.name, key };
            match &slot.value {
                Value::Record(inner) => steps.push(step(inner, None)),
                Value::Many(rows) => steps.extend(rows.iter().map(|row| step(&row.record, Some(row.key)))),
                _ => {}
            }
        }
        // A resource of many fields is one line, the only field of one is told as such.
        if heard == 0 && silent > usize::from(at == 0) {
            unsaid(steps, Unsaid::All(at));
        } else if silent > 0 {
            // The key of a row stands wherever the row does.
            let silent = said.filter(|(_, said)| !said).filter_map(|(slot, _)| field(slot));
            for field in silent.filter(|field| !field.checked && field.key == 0) {
                unsaid(steps, Unsaid::Field(at, field.name));
            }
        }
        at += 1;
    }
}

fn loss(resource: &Resource, steps: &[Step<'_>], unsaid: Unsaid) -> Loss {
    let (Unsaid::Field(step, _) | Unsaid::All(step)) = unsaid;
    let mut way = Vec::new();
    let mut at = step;
    while at > 0 {
        way.push(&steps[at]);
        at = steps[at].parent;
    }
    let mut path = String::new();
    for step in way.iter().rev() {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(step.field);
        if let Some(key) = step.key {
            // Writing to a `String` has no error of its own.
            let _ = write!(path, "[{key}]");
        }
    }
    let mut reason = String::new();
    match unsaid {
        Unsaid::Field(_, field) => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(field);
        }
        Unsaid::All(_) if path.is_empty() => NOTHING.clone_into(&mut reason),
        Unsaid::All(_) => {}
    }
    Loss { address: resource.address(), field: path, reason }
}

/// Of a resource in no output.
const NOTHING: &str = "nothing of it is in any output";

/// Whether a target told why the field, or what it is a part of, is lost. `stated` is sorted.
fn is_stated(stated: &[Loss], loss: &Loss) -> bool {
    let first = stated.partition_point(|other| other.address < loss.address);
    stated[first..].iter().take_while(|other| other.address == loss.address).any(|other| {
        let rest = loss.field.strip_prefix(other.field.as_str());
        let is_part = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        is_part || other.field.is_empty()
    })
}

#[cfg(test)]
mod tests;
