//! A predicate over the graph.

use std::cmp::Ordering;

use purlin_schema::units::{self, Quantity};
use purlin_schema::{Record, Reference, Shape, Type, Value, kinds};
use purlin_syntax::Symbol;

use super::{Comparison, Expression, Operand, Path};
use crate::ask::{Ask, Read};
use crate::graph::ResourceId;

/// What a predicate is of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// A field in it has no answer: a hole, a value that only the cloud knows.
    Unknown,
}

/// Evaluates a predicate about a resource. An absent field equals nothing and is ordered with nothing.
pub fn evaluate(expression: &Expression, ask: &Ask, subject: ResourceId) -> Truth {
    match expression {
        Expression::All(parts) => fold(parts, ask, subject, Truth::False, Truth::True),
        Expression::Some(parts) => fold(parts, ask, subject, Truth::True, Truth::False),
        Expression::Not(inner) => match evaluate(inner, ask, subject) {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        },
        Expression::Has(path) => match find(path, ask, subject) {
            Found::Nothing => Truth::False,
            Found::Unknown => Truth::Unknown,
            Found::Value(..) | Found::Resource(_) => Truth::True,
        },
        Expression::Is(operand) => match side(operand, ask, subject) {
            Side::Bool(true) => Truth::True,
            Side::Unknown => Truth::Unknown,
            _ => Truth::False,
        },
        Expression::Compare(left, comparison, right) => {
            compare(&side(left, ask, subject), *comparison, &side(right, ask, subject))
        }
    }
}

/// Stops at the first part that decides; otherwise unknown if any part was.
fn fold(parts: &[Expression], ask: &Ask, subject: ResourceId, decides: Truth, otherwise: Truth) -> Truth {
    let mut result = otherwise;
    for part in parts {
        match evaluate(part, ask, subject) {
            truth if truth == decides => return decides,
            Truth::Unknown => result = Truth::Unknown,
            _ => {}
        }
    }
    result
}

/// What a path leads to.
enum Found<'a> {
    Value(&'a Value, Type),
    Resource(ResourceId),
    Nothing,
    Unknown,
}

fn find<'a>(path: &Path, ask: &Ask<'a>, subject: ResourceId) -> Found<'a> {
    let parts: Vec<&str> = path.0.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["self", rest @ ..] => within(subject, rest, ask),
        [kind, name, rest @ ..] if kinds::kind(kind).is_some() => {
            match ask.graph.find(kind, name).map(|resource| resource.id) {
                Some(id) => within(id, rest, ask),
                None => {
                    // It may come later: the answer rests on its absence.
                    if let Some(kind) = kinds::kind(kind) {
                        ask.note(Read::Kind(kind.name));
                    }
                    Found::Nothing
                }
            }
        }
        _ => Found::Nothing,
    }
}

fn within<'a>(id: ResourceId, path: &[&str], ask: &Ask<'a>) -> Found<'a> {
    let Some(resource) = ask.resource(id) else { return Found::Nothing };
    let record: &'a Record = &resource.record;
    if path.is_empty() { Found::Resource(id) } else { in_record(record, path, ask) }
}

/// Walks a path through records, rows by key, maps by key, and references into other resources. Each step takes one
/// name, so the length of the path bounds it.
fn in_record<'a>(record: &'a Record, path: &[&str], ask: &Ask<'a>) -> Found<'a> {
    let mut record = record;
    let mut path = path;
    loop {
        let Some((name, rest)) = path.split_first() else { return Found::Nothing };
        let Some(slot) = record.named(name) else { return Found::Nothing };
        let wanted = match record.schema.fields[slot.field as usize].shape {
            Shape::One(wanted) | Shape::List(wanted) => wanted,
            _ => Type::Any,
        };
        match (&slot.value, rest) {
            (Value::Hole | Value::Deferred | Value::Unknown, _) => return Found::Unknown,
            (value, []) => return Found::Value(value, wanted),
            (Value::Record(inner), rest) => (record, path) = (inner, rest),
            (Value::Many(rows), [key, rest @ ..]) => {
                match (rows.iter().find(|row| row.key.as_str() == *key), rest) {
                    (Some(_), []) => return Found::Value(&slot.value, wanted),
                    (Some(row), rest) => (record, path) = (&row.record, rest),
                    (None, _) => return Found::Nothing,
                }
            }
            (Value::Map(entries), [key]) => {
                return match entries.iter().find(|entry| entry.key.as_str() == *key) {
                    Some(entry) => Found::Value(&entry.value, Type::Any),
                    None => Found::Nothing,
                };
            }
            (Value::Reference(reference), rest) => {
                let Type::Reference(kinds) = wanted else { return Found::Nothing };
                let Ok(id) = ask.follow(*reference, kinds) else { return Found::Unknown };
                let Some(resource) = ask.resource(id) else { return Found::Unknown };
                (record, path) = (&resource.record, rest);
            }
            _ => return Found::Nothing,
        }
    }
}

/// One side of a comparison, evaluated.
enum Side {
    Number(f64),
    Text(String),
    Bool(bool),
    Quantity(Quantity),
    /// A literal with a unit, to be read as what stands on the other side.
    Literal(String),
    Resource(Option<ResourceId>, Symbol),
    Nothing,
    Unknown,
}

fn side(operand: &Operand, ask: &Ask, subject: ResourceId) -> Side {
    match operand {
        Operand::Text(text) => Side::Text(text.clone()),
        Operand::Quantity(text) => text.parse().map_or_else(|_| Side::Literal(text.clone()), Side::Number),
        Operand::Bool(value) => Side::Bool(*value),
        Operand::Path(path) => match find(path, ask, subject) {
            Found::Nothing => Side::Nothing,
            Found::Unknown => Side::Unknown,
            Found::Resource(id) => match ask.graph.get(id) {
                Some(resource) => Side::Resource(Some(id), resource.name),
                None => Side::Nothing,
            },
            Found::Value(value, wanted) => of_value(value, wanted, ask),
        },
    }
}

fn of_value(value: &Value, wanted: Type, ask: &Ask) -> Side {
    match value {
        Value::Bool(value) => Side::Bool(*value),
        Value::Integer(value) => Side::Number(*value as f64),
        Value::Number(value) => Side::Number(*value),
        Value::Text(text) => Side::Text(text.to_string()),
        Value::Choice(index) => match wanted {
            Type::Choice(choices) => {
                Side::Text(choices.choices.get(*index as usize).map_or("", |choice| choice.0).to_owned())
            }
            _ => Side::Nothing,
        },
        Value::Quantity(quantity) => Side::Quantity(*quantity),
        Value::Reference(reference) => of_reference(*reference, wanted, ask),
        _ => Side::Unknown,
    }
}

fn of_reference(reference: Reference, wanted: Type, ask: &Ask) -> Side {
    let Type::Reference(kinds) = wanted else { return Side::Unknown };
    Side::Resource(ask.follow(reference, kinds).ok(), reference.name)
}

fn compare(left: &Side, comparison: Comparison, right: &Side) -> Truth {
    if matches!(left, Side::Unknown) || matches!(right, Side::Unknown) {
        return Truth::Unknown;
    }
    let order = order(left, right);
    let holds = match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    };
    if holds { Truth::True } else { Truth::False }
}

/// How two sides are ordered; `None` where they are different things.
fn order(left: &Side, right: &Side) -> Option<Ordering> {
    match (left, right) {
        (Side::Number(a), Side::Number(b)) => a.partial_cmp(b),
        (Side::Text(a), Side::Text(b)) => Some(a.cmp(b)),
        (Side::Bool(a), Side::Bool(b)) => Some(a.cmp(b)),
        (Side::Quantity(a), Side::Quantity(b)) => quantities(*a, *b),
        (Side::Quantity(a), Side::Literal(text) | Side::Text(text)) => {
            quantities(*a, units::parse(a.kind(), text).ok()?)
        }
        (Side::Literal(_) | Side::Text(_) | Side::Number(_), Side::Quantity(_)) => {
            order(right, left).map(Ordering::reverse)
        }
        (Side::Quantity(a), Side::Number(number)) => {
            quantities(*a, units::parse_number(a.kind(), &number.to_string()).ok()?)
        }
        (Side::Resource(Some(a), _), Side::Resource(Some(b), _)) => (a == b).then_some(Ordering::Equal),
        (Side::Resource(_, name), Side::Text(text)) | (Side::Text(text), Side::Resource(_, name)) => {
            (name.as_str() == text).then_some(Ordering::Equal)
        }
        _ => None,
    }
}

/// How two quantities are ordered; `None` where their types are different or have no order.
fn quantities(a: Quantity, b: Quantity) -> Option<Ordering> {
    match (a, b) {
        (Quantity::Bytes(a), Quantity::Bytes(b)) => a.partial_cmp(&b),
        (Quantity::Bandwidth(a), Quantity::Bandwidth(b)) => a.partial_cmp(&b),
        (Quantity::Throughput(a), Quantity::Throughput(b)) => a.partial_cmp(&b),
        (Quantity::Duration(a), Quantity::Duration(b)) => a.partial_cmp(&b),
        (Quantity::Period(a), Quantity::Period(b)) => a.compare(b),
        (Quantity::Money(a), Quantity::Money(b)) => a.compare(b),
        (Quantity::MoneyRate(a), Quantity::MoneyRate(b)) => a.compare(b),
        (Quantity::Ratio(a), Quantity::Ratio(b)) => a.0.partial_cmp(&b.0),
        (Quantity::Rate(a), Quantity::Rate(b)) => a.compare(b),
        (Quantity::Tokens(a), Quantity::Tokens(b)) => a.partial_cmp(&b),
        (Quantity::Parameters(a), Quantity::Parameters(b)) => a.partial_cmp(&b),
        (Quantity::Flop(a), Quantity::Flop(b)) => a.partial_cmp(&b),
        (Quantity::Steps(a), Quantity::Steps(b)) => a.partial_cmp(&b),
        (Quantity::Measure(a), Quantity::Measure(b)) => a.compare(b),
        (Quantity::Version(a), Quantity::Version(b)) => Some(a.compare(b)),
        (Quantity::Extent(a), Quantity::Extent(b)) => a.compare(b),
        (Quantity::Date(a), Quantity::Date(b)) => a.partial_cmp(&b),
        (Quantity::Timestamp(a), Quantity::Timestamp(b)) => a.partial_cmp(&b),
        (a, b) => (a == b).then_some(Ordering::Equal),
    }
}
