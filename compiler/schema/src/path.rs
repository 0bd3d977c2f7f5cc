//! Reading a record by a path, without knowing its kind: `purlin get`, expressions, removals.

use purlin_syntax::Span;

use crate::schema::{Place, RecordSchema, Shape, Type};
use crate::value::{Record, Slot, Value};

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A value, how it is shaped, and where it stands.
    Value(&'a Value, Shape, Span),
    /// A row of a `many`, or the record itself for the empty path.
    Record(&'a Record),
}

/// Why nothing stands at a path; `at` is the index of the part that leads nowhere.
#[derive(Clone, Copy, Debug)]
pub enum NotFound {
    /// The record has no such field.
    UnknownField {
        /// Which part of the path.
        at: usize,
        /// The record that was asked.
        schema: &'static RecordSchema,
    },
    /// The field exists and nothing is said.
    Absent {
        /// Which part of the path.
        at: usize,
    },
    /// No row and no entry has this key.
    UnknownKey {
        /// Which part of the path.
        at: usize,
    },
    /// A scalar or a list has no parts.
    NoParts {
        /// Which part of the path.
        at: usize,
    },
}

/// Follows a path: fields by name, rows of a `many` and entries of a map by key, `variant` to a record's first word.
/// A value that is open, wrong or not known ends the path: it is what is found.
pub fn get<'a>(record: &'a Record, path: &[&str]) -> Result<Found<'a>, NotFound> {
    let mut here = Found::Record(record);
    for (at, part) in path.iter().enumerate() {
        here = match here {
            Found::Record(record) => field(record, part, at)?,
            Found::Value(Value::Record(record), ..) => field(record, part, at)?,
            Found::Value(Value::Many(rows), ..) => {
                let row = rows.iter().find(|row| row.key.as_str() == *part);
                Found::Record(&row.ok_or(NotFound::UnknownKey { at })?.record)
            }
            Found::Value(Value::Map(entries), ..) => {
                let entry = entries.iter().find(|entry| entry.key.as_str() == *part);
                let entry = entry.ok_or(NotFound::UnknownKey { at })?;
                let shape = if let Value::Map(_) = entry.value { Shape::Map } else { Shape::One(Type::Any) };
                Found::Value(&entry.value, shape, entry.span)
            }
            Found::Value(value, ..) if ends(value) => return Ok(here),
            Found::Value(..) => return Err(NotFound::NoParts { at }),
        };
    }
    Ok(here)
}

fn field<'a>(record: &'a Record, name: &str, at: usize) -> Result<Found<'a>, NotFound> {
    let schema = record.schema;
    let index = match schema.field_index(name) {
        Some(index) => Some(index),
        None if name == "variant" => variant_index(schema),
        None => None,
    };
    let index = index.ok_or(NotFound::UnknownField { at, schema })?;
    let slot = record.slot(index).ok_or(NotFound::Absent { at })?;
    let shape = schema.fields.get(index as usize).map_or(Shape::One(Type::Any), |field| field.shape);
    Ok(Found::Value(&slot.value, shape, slot.span))
}

fn ends(value: &Value) -> bool {
    use Value::{Deferred, Expression, Hole, Name, Template, Unknown};
    matches!(value, Name(_) | Template(_) | Expression(_) | Hole | Deferred | Unknown)
}

/// The first word of a record, which says what variant it is: the field `variant`, or a first argument that is one of a
/// closed set of words, or a reference. A row's key is none.
pub fn variant(record: &Record) -> Option<&Slot> {
    record.slot(variant_index(record.schema)?)
}

pub(crate) fn variant_index(schema: &RecordSchema) -> Option<u16> {
    schema.field_index("variant").or_else(|| {
        let first = schema.fields.iter().position(|field| field.place == Place::Argument)?;
        let field = &schema.fields[first];
        let word = matches!(field.shape, Shape::One(Type::Choice(_) | Type::Reference(_)));
        (word && field.key == 0).then_some(first as u16)
    })
}

#[cfg(test)]
mod tests {
    use purlin_derive::{Kind, Record};
    use purlin_syntax::{Document, ItemId, NodeId};

    use super::{Found, get};
    use crate::decode::decode;
    use crate::print::print_value;
    use crate::view::{KindType, Many, Map, Text};

    /// A thing.
    #[derive(Kind)]
    pub struct Thing {
        /// Parts.
        pub parts: Map,
        /// Rows.
        pub rows: Many<Line>,
        /// One.
        pub one: Line,
    }

    /// A line.
    #[derive(Record)]
    pub struct Line {
        /// Its name.
        #[field(argument, key)]
        pub name: Text,
        /// A number.
        pub size: f64,
    }

    fn check(path: &str, expect: &str) {
        let text = "thing t { parts { a { b 1 } }; rows x size=2; one $y.z; doc d }";
        let document = Document::parse(text.to_owned());
        let mut out = Vec::new();
        let tree = &document.items()[0].tree;
        let record = decode(Thing::KIND, tree, NodeId(0), text, ItemId(0), &mut out).record;
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let found = match get(&record, &parts) {
            Ok(Found::Value(value, shape, _)) => print_value(value, shape),
            Ok(Found::Record(record)) => format!("record {}", record.schema.name),
            Err(error) => {
                let shown = format!("{error:?}");
                let variant = shown.split(" {").next().unwrap_or_default();
                let place = shown.split("at: ").nth(1).map_or("", |at| &at[..1]);
                format!("{variant}{place}")
            }
        };
        assert_eq!(found, expect, "of {path}");
    }

    #[test]
    fn a_path_leads_through_records_rows_and_maps() {
        check("doc", "d");
        check("parts/a/b", "1");
        check("rows/x/size", "2");
        check("rows/x", "record line");
        check("", "record thing");
    }

    #[test]
    fn a_path_that_leads_nowhere_says_why() {
        check("nothing", "UnknownField0");
        check("owner/name", "Absent0");
        check("rows/z", "UnknownKey1");
        check("doc/x", "NoParts1");
        check("rows/x/height", "UnknownField2");
    }
}
