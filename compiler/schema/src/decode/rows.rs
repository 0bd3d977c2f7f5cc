//! Records that repeat: their keys, and their gathering in one slot a field.

use purlin_syntax::{Diagnostic, NodeId, Span, Symbol};
use rustc_hash::FxHashMap;

use super::Decoder;
use super::fields::Draft;
use super::problems::shown;
use super::table::table;
use crate::print;
use crate::schema::RecordSchema;
use crate::value::{Record, Reference, Row, Slot, Value};

/// The rows of all `many` fields of a record, in source order.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<(u16, Span, Row)>,
    /// Where each key stands, as soon as there are more than a [`FEW`] rows.
    seen: FxHashMap<(u16, Symbol), Span>,
    count: usize,
}

/// Up to so many rows are compared one by one.
const FEW: usize = 16;

impl Rows {
    /// A number for the next row, the key of one that says nothing.
    pub(super) fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    /// Where a row of the same field and key stands.
    fn first(&mut self, field: u16, key: Symbol) -> Option<Span> {
        if self.all.len() <= FEW {
            let same = |(other, _, row): &&(u16, Span, Row)| *other == field && row.key == key;
            return self.all.iter().find(same).map(|(_, span, _)| *span);
        }
        if self.seen.is_empty() {
            self.seen = self.all.iter().map(|(field, span, row)| ((*field, row.key), *span)).collect();
        }
        self.seen.get(&(field, key)).copied()
    }

    fn push(&mut self, field: u16, span: Span, row: Row) {
        if !self.seen.is_empty() {
            self.seen.insert((field, row.key), span);
        }
        self.all.push((field, span, row));
    }

    /// One slot a field, rows in source order.
    pub(super) fn into_slots(mut self, slots: &mut Vec<Slot>) {
        self.all.sort_by_key(|(field, ..)| *field);
        let mut counts: Vec<(u16, Span, usize)> = Vec::new();
        for (field, span, _) in &self.all {
            match counts.last_mut() {
                Some((last, _, count)) if last == field => *count += 1,
                _ => counts.push((*field, *span, 1)),
            }
        }
        let mut rows = self.all.into_iter().map(|(_, _, row)| row);
        for (field, span, count) in counts {
            let rows = rows.by_ref().take(count).collect();
            slots.push(Slot { field, span, value: Value::Many(rows) });
        }
    }
}

impl Decoder<'_> {
    /// One record of a `many`.
    pub(super) fn row(&mut self, schema: &'static RecordSchema, node: NodeId, ordinal: usize) -> Row {
        let record = self.record(schema, node, 0);
        let key = key(schema, &record).unwrap_or_else(|| self.written_key(schema, node, ordinal));
        Row { key, record: record.into() }
    }

    /// The key of a record whose schema names none, or that lacks it: its first argument, or the name of its first
    /// property.
    fn written_key(&mut self, schema: &'static RecordSchema, node: NodeId, ordinal: usize) -> Symbol {
        let tree = self.tree;
        let entries = tree.entries(node);
        let demanded = table(schema).keys[0].map(|index| &schema.fields[index as usize]);
        if let Some(field) = demanded.filter(|field| !field.required && field.default.is_empty())
            && entries.iter().all(|entry| entry.name.is_some())
        {
            let named =
                entries.iter().any(|entry| entry.name.is_some_and(|name| name.as_str() == field.name));
            let child = tree.children(node).any(|child| tree.node(child).name.as_str() == field.name);
            if !named && !child {
                self.missing(schema, &[field], tree.node(node).name_range);
            }
        }
        if let Some(first) = entries.iter().find(|entry| entry.name.is_none()) {
            return Symbol::intern(&first.text(self.text));
        }
        match entries.first().and_then(|entry| entry.name) {
            Some(name) => name,
            None => Symbol::intern(&ordinal.to_string()),
        }
    }

    /// Adds a row to its field, unless its key is taken.
    pub(super) fn put_row(&mut self, draft: &mut Draft, field: u16, row: Row, span: Span) {
        let Some(first) = draft.rows.first(field, row.key) else {
            return draft.rows.push(field, span, row);
        };
        let name = draft.schema.fields[field as usize].name;
        let message = format!("`{name} {}` is given twice", shown(row.key.as_str()));
        let diagnostic = Diagnostic::error("language.duplicate-key", message, span)
            .because("here for the second time")
            .label(first, "first given here");
        self.out.push(diagnostic);
    }
}

/// The key that the schema names: its first key field, and the second where the record says it. A second key of rows
/// (`fairness sex { metric a; metric b }`) tells records apart only where it is one row.
pub(super) fn key(schema: &'static RecordSchema, record: &Record) -> Option<Symbol> {
    let keys = table(schema).keys;
    let part = |which: usize| {
        let field = keys[which]?;
        match &record.slot(field)?.value {
            Value::Hole => None,
            Value::Text(text) => Some(Symbol::intern(text)),
            Value::Reference(Reference { kind: None, name, .. }) => Some(*name),
            Value::Many(rows) => match &rows[..] {
                [only] => Some(only.key),
                _ => None,
            },
            value => Some(Symbol::intern(&print::plain(value, schema.fields[field as usize].shape))),
        }
    };
    let first = part(0)?;
    match part(1) {
        Some(second) => Some(Symbol::intern(&format!("{first} {second}"))),
        None => Some(first),
    }
}
