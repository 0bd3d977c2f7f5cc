//! Walking a record by its schema: every scalar in it, with its type and the field of the resource it belongs to.

use purlin_schema::{Record, Shape, Type, Value};
use purlin_syntax::Span;

/// A scalar found in a record.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The field of the resource under which it stands, which names the relation: `on`, `data`.
    pub relation: &'static str,
    /// What the schema wants there.
    pub wanted: Type,
    /// What stands there.
    pub value: &'a Value,
    /// Where.
    pub span: Span,
}

/// Calls `visit` with every scalar of a record, in the order of the schema. Depth is bounded by the schema's own, and by
/// the decoder for maps.
pub fn scalars<'a>(record: &'a Record, visit: &mut dyn FnMut(Found<'a>)) {
    walk(record, None, visit);
}

fn walk<'a>(record: &'a Record, relation: Option<&'static str>, visit: &mut dyn FnMut(Found<'a>)) {
    for slot in record.slots() {
        let field = &record.schema.fields[slot.field as usize];
        let relation = relation.unwrap_or(field.name);
        let wanted = match field.shape {
            Shape::One(wanted) | Shape::List(wanted) => wanted,
            Shape::Record(_) | Shape::Many(_) | Shape::Map => Type::Any,
        };
        value(&slot.value, relation, wanted, slot.span, visit);
    }
}

fn value<'a>(
    found: &'a Value,
    relation: &'static str,
    wanted: Type,
    span: Span,
    visit: &mut dyn FnMut(Found<'a>),
) {
    match found {
        Value::Record(record) => walk(record, Some(relation), visit),
        Value::Many(rows) => rows.iter().for_each(|row| walk(&row.record, Some(relation), visit)),
        Value::List(elements) => {
            for element in elements.iter() {
                value(&element.value, relation, wanted, element.span, visit);
            }
        }
        Value::Map(entries) => {
            for entry in entries.iter() {
                value(&entry.value, relation, Type::Any, entry.span, visit);
            }
        }
        scalar => visit(Found { relation, wanted, value: scalar, span }),
    }
}
