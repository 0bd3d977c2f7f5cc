//! Reading the graph: fields of resources, rows by key, references into other resources.

use std::cell::RefCell;

use purlin_schema::value::Element;
use purlin_schema::{Record, RecordSchema, Reference, Shape, Type, Value};
use purlin_syntax::{Span, Symbol};
use rustc_hash::FxHashMap;

use super::run::{Env, Stop};
use super::value::{self, Val};
use crate::ask::Read;
use crate::graph::ResourceId;
use crate::link::{self, Resolution};

/// An expression in a field: its resource, and where it stands.
pub(super) type Key = (ResourceId, Span);

/// Values of the expressions in fields; none while it is not evaluated.
pub(super) type Cells = FxHashMap<Key, Option<Value>>;

type Got<'a> = Result<Val<'a>, Stop>;

/// A field by the index in a table that is known; by its name where the value turns out to have another table.
pub(super) fn slot<'a>(env: &Env<'a>, from: &Val<'a>, schema: &'static RecordSchema, field: u16) -> Got<'a> {
    let Some((record, owner)) = record(env, from) else { return by_name(env, from, name_of(schema, field)) };
    if !std::ptr::eq(record.schema, schema) {
        return by_name(env, from, name_of(schema, field));
    }
    in_record(env, record, owner, field)
}

fn name_of(schema: &'static RecordSchema, field: u16) -> &'static str {
    schema.fields.get(field as usize).map_or("", |field| field.name)
}

/// The record of a record or a resource.
fn record<'a>(env: &Env<'a>, from: &Val<'a>) -> Option<(&'a Record, ResourceId)> {
    match from {
        Val::Record(record, owner) => Some((record, *owner)),
        Val::Resource(id) => Some((&env.ask?.resource(*id)?.record, *id)),
        _ => None,
    }
}

fn in_record<'a>(env: &Env<'a>, record: &'a Record, owner: ResourceId, field: u16) -> Got<'a> {
    match record.slot(field) {
        None => Ok(Val::Absent),
        Some(slot) => lift(env, &slot.value, record.schema.fields[field as usize].shape, owner),
    }
}

/// A field, a row or an entry by its name.
pub(super) fn by_name<'a>(env: &Env<'a>, from: &Val<'a>, name: &str) -> Got<'a> {
    if let Some((record, owner)) = record(env, from) {
        return match record.schema.field_index(name) {
            Some(field) => in_record(env, record, owner, field),
            None => Ok(Val::Absent),
        };
    }
    match from {
        Val::Many(rows, owner) => Ok(match rows.iter().find(|row| row.key.as_str() == name) {
            Some(row) => Val::Record(&row.record, *owner),
            None => Val::Absent,
        }),
        Val::Entries(entries, owner) => match entries.iter().find(|entry| entry.key.as_str() == name) {
            Some(entry) => lift(env, &entry.value, Shape::One(Type::Any), *owner),
            None => Ok(Val::Absent),
        },
        Val::Table(entries) => {
            let found = entries.iter().find(|(key, _)| key.text().is_some_and(|key| key == name));
            Ok(found.map_or(Val::Absent, |(_, value)| value.clone()))
        }
        Val::Absent => Ok(Val::Absent),
        _ => Ok(Val::Unknown),
    }
}

/// A value of the graph as one of the machine.
pub(super) fn lift<'a>(env: &Env<'a>, value: &'a Value, shape: Shape, owner: ResourceId) -> Got<'a> {
    let wanted = match shape {
        Shape::One(wanted) | Shape::List(wanted) => wanted,
        _ => Type::Any,
    };
    Ok(match value {
        Value::Bool(value) => Val::Bool(*value),
        Value::Integer(value) => Val::Int(*value),
        Value::Number(value) => Val::Number(*value),
        Value::Text(text) => Val::Text(text),
        Value::Choice(index) => match wanted {
            Type::Choice(choices) => {
                Val::Text(choices.choices.get(*index as usize).map_or("", |choice| choice.0))
            }
            _ => Val::Unknown,
        },
        Value::Quantity(quantity) => value::narrow(*quantity),
        Value::Reference(reference) => follow(env, *reference, wanted),
        Value::Record(record) => Val::Record(record, owner),
        Value::Many(rows) => Val::Many(rows, owner),
        Value::Map(entries) => Val::Entries(entries, owner),
        Value::List(elements) => return list(env, elements, wanted, owner),
        Value::Expression(formula) => match env.cells.and_then(|cells| cells.get(&(owner, formula.span))) {
            None => Val::Unknown,
            Some(None) => return Err(Stop::Pending((owner, formula.span))),
            Some(Some(Value::Expression(_))) => Val::Unknown,
            Some(Some(value)) => return lift(env, value, shape, owner),
        },
        Value::Name(_) | Value::Template(_) | Value::Hole | Value::Deferred | Value::Unknown => Val::Unknown,
    })
}

fn list<'a>(env: &Env<'a>, elements: &'a [Element], wanted: Type, owner: ResourceId) -> Got<'a> {
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        match lift(env, &element.value, Shape::One(wanted), owner)? {
            // An expression in a list that gives a list stands for its elements.
            Val::List(more) if !matches!(element.value, Value::List(_)) => {
                values.extend(more.iter().cloned());
            }
            value => values.push(value),
        }
    }
    Ok(Val::List(values.into()))
}

/// What a reference stands for; unknown where it is broken, which linking reports.
fn follow<'a>(env: &Env<'a>, reference: Reference, wanted: Type) -> Val<'a> {
    let (Some(ask), Type::Reference(kinds)) = (env.ask, wanted) else { return Val::Unknown };
    note(env.names, reference.name);
    note(env.names, link::platform_name());
    match link::resolve(ask.graph, reference, kinds) {
        Resolution::Found(id) => {
            ask.note(Read::Resource(id));
            Val::Resource(id)
        }
        Resolution::Fact => Val::Fact(reference.name),
        Resolution::Nothing | Resolution::Ambiguous => Val::Unknown,
    }
}

fn note(names: Option<&RefCell<Vec<Symbol>>>, name: Symbol) {
    if let Some(names) = names {
        let mut names = names.borrow_mut();
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// A resource by its kind and name. Where it is not there, the answer rests on its absence.
pub(super) fn address<'a>(env: &Env<'a>, kind: &'static str, name: &str) -> Val<'a> {
    let Some(ask) = env.ask else { return Val::Unknown };
    match ask.graph.find(kind, name).map(|resource| resource.id) {
        Some(id) => {
            ask.note(Read::Resource(id));
            Val::Resource(id)
        }
        None => {
            ask.note(Read::Kind(kind));
            Val::Absent
        }
    }
}

/// All resources of a kind, by name.
pub(super) fn all<'a>(env: &Env<'a>, kind: &'static str) -> Val<'a> {
    let Some(ask) = env.ask else { return Val::Unknown };
    ask.note(Read::Kind(kind));
    Val::List(ask.graph.of_kind(kind).into_iter().map(|resource| Val::Resource(resource.id)).collect())
}
