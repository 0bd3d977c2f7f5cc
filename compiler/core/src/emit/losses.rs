//! The loss report: what a spec says and no output does.

use purlin_schema::{Record, Value};

use crate::emit::Loss;
use crate::graph::Graph;

/// Every field that no target has read for saying and that is not read by the compiler alone.
///
/// What was said is noted on the records; call it after all targets have emitted.
pub fn unsaid(graph: &Graph) -> Vec<Loss> {
    let mut losses = Vec::new();
    for resource in graph.sorted() {
        if resource.kind.fact || resource.kind.later {
            continue;
        }
        let address = resource.address();
        let mut open: Vec<(String, &Record)> = vec![(String::new(), &resource.record)];
        while let Some((prefix, record)) = open.pop() {
            walk(&address, &prefix, record, &mut open, &mut losses);
        }
    }
    losses.sort();
    losses
}

/// Unsaid fields of one record are losses; said ones that hold records are looked into.
fn walk<'r>(
    address: &str,
    prefix: &str,
    record: &'r Record,
    open: &mut Vec<(String, &'r Record)>,
    losses: &mut Vec<Loss>,
) {
    let path = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    let unsaid: Vec<u16> = record.unsaid().map(|slot| slot.field).collect();
    for slot in record.slots() {
        let Some(field) = record.schema.fields.get(usize::from(slot.field)) else { continue };
        if field.checked {
            continue;
        }
        if unsaid.contains(&slot.field) {
            losses.push(Loss { address: address.to_owned(), field: path(field.name), reason: String::new() });
            continue;
        }
        match &slot.value {
            Value::Record(inner) => open.push((path(field.name), inner)),
            Value::Many(rows) => {
                for row in rows.iter() {
                    open.push((format!("{}[{}]", path(field.name), row.key), &row.record));
                }
            }
            _ => {}
        }
    }
}
