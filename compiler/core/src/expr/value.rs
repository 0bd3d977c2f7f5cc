//! What an expression is made of while it runs.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use purlin_schema::units::{self, Quantity, QuantityKind};
use purlin_schema::value::{Element, Entry, Row};
use purlin_schema::{Record, Reference, Shape, Type, Value, print};
use purlin_syntax::{ItemId, Span, Symbol};

use crate::graph::ResourceId;

/// A value. Records and rows know the resource that they belong to.
#[derive(Clone, Debug)]
pub enum Val<'a> {
    /// A field that is not said.
    Absent,
    /// Nobody knows it yet, or it is wrong and reported.
    Unknown,
    /// `null`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Number(f64),
    /// Text that stands somewhere.
    Text(&'a str),
    /// Text that was made.
    Made(Rc<str>),
    /// A quantity.
    Quantity(Quantity),
    /// A resource.
    Resource(ResourceId),
    /// A fact of the catalog: its name.
    Fact(Symbol),
    /// A record of a resource.
    Record(&'a Record, ResourceId),
    /// Records that repeat.
    Many(&'a [Row], ResourceId),
    /// A map whose keys others own.
    Entries(&'a [Entry], ResourceId),
    /// A list.
    List(Rc<[Val<'a>]>),
    /// A map that the expression writes.
    Table(Rc<[(Val<'a>, Val<'a>)]>),
    /// From … to.
    Range(Rc<(Val<'a>, Val<'a>)>),
}

impl Val<'_> {
    /// The text of what is one: text, and quantities that are names (regions, images, versions).
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Val::Text(text) => Some(Cow::Borrowed(text)),
            Val::Made(text) => Some(Cow::Borrowed(text)),
            Val::Fact(name) => Some(Cow::Borrowed(name.as_str())),
            Val::Quantity(quantity) if is_textual(quantity.kind()) => Some(Cow::Owned(quantity.to_string())),
            _ => None,
        }
    }

    /// The number of what is one: numbers, ratios, parameters.
    pub fn number(&self) -> Option<f64> {
        match self {
            Val::Int(value) => Some(*value as f64),
            Val::Number(value) => Some(*value),
            Val::Quantity(Quantity::Ratio(ratio)) => Some(ratio.0),
            Val::Quantity(Quantity::Parameters(count)) => Some(count.0 as f64),
            _ => None,
        }
    }

    /// As a variable or a scalar field of any type holds it.
    pub fn to_value(&self) -> Option<Value> {
        let nowhere = Span { item: ItemId(0), lo: 0, hi: 0 };
        Some(match self {
            Val::Bool(value) => Value::Bool(*value),
            Val::Int(value) => Value::Integer(*value),
            Val::Number(value) => Value::Number(*value),
            Val::Quantity(quantity) => Value::Quantity(*quantity),
            Val::Text(text) => Value::Text((*text).into()),
            Val::Made(text) => Value::Text((&**text).into()),
            Val::Fact(name) => Value::Reference(Reference { kind: None, name: *name, span: nowhere }),
            Val::List(values) => {
                let element = |value: &Val| Some(Element { span: nowhere, value: value.to_value()? });
                Value::List(values.iter().map(element).collect::<Option<Vec<_>>>()?.into())
            }
            Val::Unknown => Value::Unknown,
            _ => return None,
        })
    }

    /// As a user would write it.
    pub fn shown(&self) -> String {
        let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(", ");
        match self {
            Val::Absent => "(absent)".to_owned(),
            Val::Unknown => "(unknown)".to_owned(),
            Val::Null => "null".to_owned(),
            Val::Bool(value) => value.to_string(),
            Val::Int(value) => value.to_string(),
            Val::Number(value) => format!("{value:?}"),
            Val::Text(text) => print::quoted(text),
            Val::Made(text) => print::quoted(text),
            Val::Quantity(quantity) => quantity.to_string(),
            Val::Resource(_) => "(resource)".to_owned(),
            Val::Fact(name) => name.to_string(),
            Val::Record(record, _) => {
                print::print_value(&Value::Record((*record).clone().into()), Shape::Record(record.schema))
            }
            Val::Many(rows, _) => format!("[{}]", list(&mut rows.iter().map(|row| row.key.to_string()))),
            Val::Entries(entries, _) => {
                let shown = |entry: &Entry| {
                    format!("{}: {}", entry.key, print::print_value(&entry.value, Shape::One(Type::Any)))
                };
                format!("{{{}}}", list(&mut entries.iter().map(shown)))
            }
            Val::List(values) => format!("[{}]", list(&mut values.iter().map(Val::shown))),
            Val::Table(entries) => {
                let shown = |(key, value): &(Val, Val)| format!("{}: {}", key.shown(), value.shown());
                format!("{{{}}}", list(&mut entries.iter().map(shown)))
            }
            Val::Range(ends) => format!("{}–{}", ends.0.shown(), ends.1.shown()),
        }
    }

    /// What it is, in words: for a message about a value whose type is not known before.
    pub fn phrase(&self) -> &'static str {
        match self {
            Val::Absent => "absent",
            Val::Unknown => "unknown",
            Val::Null => "null",
            Val::Bool(_) => "a truth",
            Val::Int(_) | Val::Number(_) => "a number",
            Val::Text(_) | Val::Made(_) => "text",
            Val::Quantity(quantity) => quantity.kind().phrase(),
            Val::Resource(_) => "a resource",
            Val::Fact(_) => "a fact of the catalog",
            Val::Record(..) => "a record",
            Val::Many(..) | Val::List(_) => "a list",
            Val::Entries(..) | Val::Table(_) => "a map",
            Val::Range(_) => "an interval",
        }
    }
}

/// Whether a quantity is a name rather than an amount.
pub(super) fn is_textual(kind: QuantityKind) -> bool {
    use QuantityKind as K;
    matches!(
        kind,
        K::Region | K::ImageRef | K::Cidr | K::Digest | K::Timezone | K::MigProfile | K::Version | K::Cron
    )
}

/// A quantity that may be of several types, as the one that it is; all others as they are.
pub(super) fn narrow<'a>(quantity: Quantity) -> Val<'a> {
    use purlin_schema::units::{Extent, Measure};
    Val::Quantity(match quantity {
        Quantity::Extent(Extent::Steps(steps)) => Quantity::Steps(steps),
        Quantity::Extent(Extent::Tokens(tokens)) => Quantity::Tokens(tokens),
        Quantity::Extent(Extent::Duration(duration)) => Quantity::Duration(duration),
        Quantity::Measure(Measure::Number(number)) => return Val::Number(number),
        Quantity::Measure(Measure::Ratio(ratio)) => Quantity::Ratio(ratio),
        Quantity::Measure(Measure::Duration(duration)) => Quantity::Duration(duration),
        Quantity::Measure(Measure::Rate(rate)) => Quantity::Rate(rate),
        Quantity::Measure(Measure::Money(money)) => Quantity::Money(money),
        other => other,
    })
}

/// Whether two values are the same. What is absent equals nothing.
pub(super) fn equal(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Resource(a), Val::Resource(b)) => a == b,
        (Val::List(a), Val::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b))
        }
        (Val::Table(a), Val::Table(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.iter().any(|(other, have)| equal(key, other) && equal(value, have)))
        }
        (Val::Record(a, _), Val::Record(b, _)) => std::ptr::eq(*a, *b),
        _ => order(a, b) == Some(Ordering::Equal),
    }
}

/// How two values are ordered; `None` where they are different things.
pub(super) fn order(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Quantity(a), Val::Quantity(b)) => quantities(*a, *b),
        (Val::Quantity(quantity), other) if is_textual(quantity.kind()) => {
            let text = other.text()?;
            match units::parse(quantity.kind(), &text) {
                Ok(other) => quantities(*quantity, other),
                Err(_) => Some(quantity.to_string().as_str().cmp(&text)),
            }
        }
        (other, Val::Quantity(quantity)) if is_textual(quantity.kind()) => {
            order(b, other).map(Ordering::reverse)
        }
        _ => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => Some(a.text()?.cmp(&b.text()?)),
        },
    }
}

/// How two quantities are ordered; `None` where their types are different or have no order.
pub(super) fn quantities(a: Quantity, b: Quantity) -> Option<Ordering> {
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
