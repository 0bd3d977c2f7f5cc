//! What an environment changes: a record and a change make a record.
//!
//! Records merge property by property, unless the change is of another variant: then it replaces the record. Rows merge
//! by key, maps by key, lists are replaced. Removals come first, additions last.

use std::sync::Arc;

use purlin_syntax::{Diagnostic, Span, Symbol};

use crate::closest::closest;
use crate::decode::{Addition, Change, Removal};
use crate::path::{variant, variant_index};
use crate::print;
use crate::schema::{Place, RecordSchema, Shape, Type};
use crate::value::{Element, Entry, Record, Row, Slot, Value};

/// The fields whose loss is always shown: what they guard is gone when nobody looks.
const GUARDS: [&str; 4] = ["exclude", "quality", "abort", "blocks"];

/// A guard that a change has taken away.
#[derive(Clone, PartialEq, Debug)]
pub struct Dropped {
    /// Where it was in the resource: `rollout.abort.error-rate`.
    pub path: String,
    /// Where it stood.
    pub span: Span,
}

/// The resource with the change made. A removal of what is not there is reported.
pub fn merge(base: &Record, change: &Change, out: &mut Vec<Diagnostic>) -> Record {
    let mut record = base.clone();
    for removal in &change.removals {
        match without(&record, &removal.path) {
            Ok(rest) => record = rest,
            Err(nothing) => out.push(nothing_to_remove(base, removal, &nothing)),
        }
    }
    let mut record = merge_records(&record, &change.record);
    for addition in &change.additions {
        record = with(&record, addition, &addition.path);
    }
    record
}

/// The guards (`exclude`, `quality`, `abort`, `blocks`) of `before` that `after` lacks, in source order.
pub fn dropped(before: &Record, after: &Record) -> Vec<Dropped> {
    let mut out = Vec::new();
    dropped_in(before, Some(after), "", false, &mut out);
    out
}

/// One record over another: property by property, or in its place if it is another variant.
pub fn merge_records(base: &Record, change: &Record) -> Record {
    if other_variant(base, change) {
        return change.clone();
    }
    let mut slots: Vec<Slot> = base.slots().to_vec();
    for new in change.slots() {
        match slots.iter_mut().find(|slot| slot.field == new.field) {
            Some(old) => *old = merge_slots(old, new),
            None => slots.push(new.clone()),
        }
    }
    Record::new(base.schema, base.span, slots)
}

fn merge_slots(old: &Slot, new: &Slot) -> Slot {
    let (span, value) = match (&old.value, &new.value) {
        (Value::Record(base), Value::Record(change)) if !other_variant(base, change) => {
            (old.span, Value::Record(merge_records(base, change).into()))
        }
        (Value::Many(base), Value::Many(change)) => (old.span, Value::Many(merge_rows(base, change))),
        (Value::Map(base), Value::Map(change)) => (old.span, Value::Map(merge_maps(base, change))),
        (_, value) => (new.span, value.clone()),
    };
    Slot { field: new.field, span, value }
}

fn merge_rows(base: &[Row], change: &[Row]) -> Arc<[Row]> {
    let mut rows = base.to_vec();
    for new in change {
        match rows.iter_mut().find(|row| row.key == new.key) {
            Some(row) => row.record = merge_records(&row.record, &new.record).into(),
            None => rows.push(new.clone()),
        }
    }
    rows.into()
}

fn merge_maps(base: &[Entry], change: &[Entry]) -> Arc<[Entry]> {
    let mut entries = base.to_vec();
    for new in change {
        let Some(old) = entries.iter_mut().find(|entry| entry.key == new.key) else {
            entries.push(new.clone());
            continue;
        };
        *old = match (&old.value, &new.value) {
            (Value::Map(base), Value::Map(change)) => {
                Entry { key: old.key, span: old.span, value: Value::Map(merge_maps(base, change)) }
            }
            _ => new.clone(),
        };
    }
    entries.into()
}

/// Whether the change is of another variant than the base: another first word, or exact against bounds.
fn other_variant(base: &Record, change: &Record) -> bool {
    let index = variant_index(base.schema);
    if let (Some(_), Some(old), Some(new)) = (index, variant(base), variant(change)) {
        return !same_word(&old.value, &new.value);
    }
    let (Some(exact), bounds) = exact_and_bounds(base.schema) else { return false };
    let bounded = |record: &Record| bounds.iter().flatten().any(|&field| record.slot(field).is_some());
    let is_exact = |record: &Record| record.slot(exact).is_some();
    (is_exact(base) && bounded(change)) || (bounded(base) && is_exact(change))
}

/// The field that says an exact number as its first argument, beside `min` and `max`.
fn exact_and_bounds(schema: &RecordSchema) -> (Option<u16>, [Option<u16>; 2]) {
    let bounds = [schema.field_index("min"), schema.field_index("max")];
    let first = schema.fields.iter().position(|field| field.place == Place::Argument);
    let numeric = |n: &usize| {
        matches!(schema.fields[*n].shape, Shape::One(Type::Count | Type::Integer | Type::Number))
            && schema.fields[*n].key == 0
    };
    let exact = if bounds == [None, None] { None } else { first.filter(numeric).map(|n| n as u16) };
    (exact, bounds)
}

/// Whether two first words say the same, wherever they stand; a bare name is the name with its kind.
fn same_word(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Reference(a), Value::Reference(b)) => {
            a.name == b.name && (a.kind == b.kind || a.kind.is_none() || b.kind.is_none())
        }
        _ => a == b,
    }
}

/// Nothing stands at a path.
struct Nothing {
    /// The end of the path, from where it leads nowhere.
    rest: String,
    /// What is there instead.
    there: Vec<String>,
}

impl Nothing {
    fn new(rest: &str, there: impl IntoIterator<Item = String>) -> Nothing {
        Nothing { rest: rest.to_owned(), there: there.into_iter().collect() }
    }
}

/// The record without what stands at the path.
fn without(record: &Record, path: &str) -> Result<Record, Nothing> {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let said = || record.slots().iter().map(|slot| record.schema.fields[slot.field as usize].name.to_owned());
    let Some(index) = record.schema.field_index(name) else { return Err(Nothing::new(path, said())) };
    let Some(slot) = record.slot(index) else { return Err(Nothing::new(path, said())) };
    let left = match rest {
        None => None,
        Some(rest) => Some(value_without(&slot.value, rest)?).filter(|value| !is_empty(value)),
    };
    let others = record.slots().iter().filter(|slot| slot.field != index).cloned();
    let kept = left.map(|value| Slot { field: index, span: slot.span, value });
    Ok(Record::new(record.schema, record.span, others.chain(kept).collect()))
}

fn value_without(value: &Value, path: &str) -> Result<Value, Nothing> {
    match value {
        Value::Record(record) => Ok(Value::Record(without(record, path)?.into())),
        Value::Many(rows) => rows_without(rows, path),
        Value::Map(entries) => map_without(entries, path),
        Value::List(elements) => {
            let text = |element: &Element| print::plain(&element.value, Shape::One(Type::Any));
            let left: Vec<Element> =
                elements.iter().filter(|element| text(element) != path).cloned().collect();
            if left.len() == elements.len() {
                return Err(Nothing::new(path, elements.iter().map(text)));
            }
            Ok(Value::List(left.into()))
        }
        _ => Err(Nothing::new(path, [])),
    }
}

/// Rows by their key, by the first of their two keys, or a field of a row.
fn rows_without(rows: &[Row], path: &str) -> Result<Value, Nothing> {
    let goes = |row: &Row| {
        let key = row.key.as_str();
        key == path || key.strip_prefix(path).is_some_and(|rest| rest.starts_with(' '))
    };
    if rows.iter().any(goes) {
        let left: Vec<Row> = rows.iter().filter(|row| !goes(row)).cloned().collect();
        return Ok(Value::Many(left.into()));
    }
    let mut left = rows.to_vec();
    let inner =
        |row: &Row| path.strip_prefix(row.key.as_str()).and_then(|rest| rest.strip_prefix('.')).map(str::len);
    let Some((row, length)) = left.iter_mut().find_map(|row| inner(row).map(|length| (row, length))) else {
        return Err(Nothing::new(path, rows.iter().map(|row| row.key.to_string())));
    };
    row.record = without(&row.record, &path[path.len() - length..])?.into();
    Ok(Value::Many(left.into()))
}

fn map_without(entries: &[Entry], path: &str) -> Result<Value, Nothing> {
    let mut left: Vec<Entry> = entries.iter().filter(|entry| entry.key.as_str() != path).cloned().collect();
    if left.len() < entries.len() {
        return Ok(Value::Map(left.into()));
    }
    let inner = |key: Symbol| path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.'));
    let found = left.iter_mut().find_map(|entry| inner(entry.key).map(|rest| (entry, rest)));
    let Some((entry, rest)) = found else {
        return Err(Nothing::new(path, entries.iter().map(|entry| entry.key.to_string())));
    };
    entry.value = value_without(&entry.value, rest)?;
    Ok(Value::Map(left.into()))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(elements) => elements.is_empty(),
        Value::Many(rows) => rows.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Record(record) => record.slots().is_empty(),
        _ => false,
    }
}

fn nothing_to_remove(base: &Record, removal: &Removal, nothing: &Nothing) -> Diagnostic {
    let message = format!("`{}` has no `{}` to remove", base.schema.name, removal.path);
    let mut diagnostic = Diagnostic::error("reference.nothing-to-remove", message, removal.span)
        .label(base.span, "the resource as it is declared");
    if let Some(meant) = closest(&nothing.rest, nothing.there.iter().map(String::as_str)) {
        let path = removal.path.strip_suffix(&nothing.rest).unwrap_or_default().to_owned() + meant;
        let written = print::word(&path);
        diagnostic = diagnostic.cure(format!("write `{path}`"), removal.span, written);
    }
    diagnostic
}

/// The record with elements added to the list at the path; those that it has are not added again.
fn with(record: &Record, addition: &Addition, path: &str) -> Record {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(index) = record.schema.field_index(name) else { return record.clone() };
    let old = record.slot(index);
    let shape = record.schema.fields[index as usize].shape;
    let value = match (old.map(|slot| &slot.value), shape, rest) {
        (Some(Value::Record(inner)), _, Some(rest)) => Value::Record(with(inner, addition, rest).into()),
        (None, Shape::Record(schema), Some(rest)) => {
            let empty = Record::new(schema, addition.span, Vec::new());
            Value::Record(with(&empty, addition, rest).into())
        }
        (Some(Value::List(elements)), _, None) => Value::List(joined(elements, &addition.elements)),
        (None, _, None) => Value::List(joined(&[], &addition.elements)),
        _ => return record.clone(),
    };
    let span = old.map_or(addition.span, |slot| slot.span);
    let others = record.slots().iter().filter(|slot| slot.field != index).cloned();
    let slots = others.chain([Slot { field: index, span, value }]).collect();
    Record::new(record.schema, record.span, slots)
}

fn joined(old: &[Element], new: &[Element]) -> Arc<[Element]> {
    let mut all = old.to_vec();
    for element in new {
        if !all.iter().any(|have| same_word(&have.value, &element.value)) {
            all.push(element.clone());
        }
    }
    all.into()
}

/// Walks the record as it was beside the record as it is; `guarded` is set below a guard.
fn dropped_in(before: &Record, after: Option<&Record>, path: &str, guarded: bool, out: &mut Vec<Dropped>) {
    for slot in before.slots() {
        let Some(field) = before.schema.fields.get(slot.field as usize) else { continue };
        let guard = guarded || GUARDS.contains(&field.name);
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        let now = after.and_then(|after| after.slot(slot.field)).map(|slot| &slot.value);
        dropped_value(slot, now, &path, guard, out);
    }
}

fn dropped_value(slot: &Slot, now: Option<&Value>, path: &str, guard: bool, out: &mut Vec<Dropped>) {
    let mut drop = |path: String, span: Span| {
        if guard {
            out.push(Dropped { path, span });
        }
    };
    match (&slot.value, now) {
        (Value::Record(_) | Value::List(_), None) if guard => drop(path.to_owned(), slot.span),
        (Value::Record(record), now) => {
            let now = if let Some(Value::Record(now)) = now { Some(&**now) } else { None };
            dropped_in(record, now, path, guard, out);
        }
        (Value::Many(rows), now) => {
            let left = if let Some(Value::Many(left)) = now { &left[..] } else { &[] };
            for row in rows.iter() {
                let path = format!("{path}.{}", row.key);
                match left.iter().find(|other| other.key == row.key) {
                    None if guard => out.push(Dropped { path, span: row.record.span }),
                    other => dropped_in(&row.record, other.map(|row| &*row.record), &path, guard, out),
                }
            }
        }
        (Value::List(elements), Some(Value::List(left))) => {
            for element in elements.iter() {
                if !left.iter().any(|other| same_word(&other.value, &element.value)) {
                    let text = print::plain(&element.value, Shape::One(Type::Any));
                    drop(format!("{path}.{text}"), element.span);
                }
            }
        }
        (_, None) => drop(path.to_owned(), slot.span),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
