//! Records that repeat: their keys, and their gathering in one slot a field.

use purlin_syntax::{Diagnostic, NodeId, Span, Symbol};

use super::Decoder;
use super::fields::Draft;
use super::map::Seen;
use super::problems::shown;
use crate::print;
use crate::schema::RecordSchema;
use crate::value::{Record, Row, Slot, Value};

/// The rows of all `many` fields of a record, in source order.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<(u16, Span, Row)>,
    seen: Vec<(u16, Seen)>,
    count: usize,
}

impl Rows {
    /// A number for the next row, the key of one that says nothing.
    pub(super) fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    /// One slot a field, rows in source order.
    pub(super) fn into_slots(mut self, slots: &mut Vec<Slot>) {
        self.all.sort_by_key(|(field, ..)| *field);
        let mut rows = self.all.into_iter().peekable();
        while let Some((field, span, row)) = rows.next() {
            let mut all = vec![row];
            while let Some((_, _, row)) = rows.next_if(|(next, ..)| *next == field) {
                all.push(row);
            }
            slots.push(Slot { field, span, value: Value::Many(all.into()) });
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
    fn written_key(&mut self, schema: &RecordSchema, node: NodeId, ordinal: usize) -> Symbol {
        let tree = self.tree;
        let entries = tree.entries(node);
        let demanded = schema.fields.iter().find(|field| field.key == 1);
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
        let rows = &mut draft.rows;
        let at = rows.seen.iter().position(|(other, _)| *other == field).unwrap_or_else(|| {
            rows.seen.push((field, Seen::default()));
            rows.seen.len() - 1
        });
        let Some(first) = rows.seen[at].1.add(row.key, span) else {
            rows.all.push((field, span, row));
            return;
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
pub(super) fn key(schema: &RecordSchema, record: &Record) -> Option<Symbol> {
    let part = |which: u8| {
        let field = schema.fields.iter().position(|field| field.key == which)?;
        match &record.slot(field as u16)?.value {
            Value::Hole => None,
            Value::Many(rows) => match &rows[..] {
                [only] => Some(only.key.to_string()),
                _ => None,
            },
            value => Some(print::plain(value, schema.fields[field].shape)),
        }
    };
    let first = part(1)?;
    match part(2) {
        Some(second) => Some(Symbol::intern(&format!("{first} {second}"))),
        None => Some(Symbol::intern(&first)),
    }
}
