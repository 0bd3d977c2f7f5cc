//! Values: what a declaration and a resource are made of, for every kind alike.
//!
//! One generic [`Record`] serves the built-in kinds and the users' own. Decoding, merging of environments, paths,
//! equality and expressions work on it without knowing the kind; rules and targets read it through typed
//! [views](crate::view::View).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use purlin_syntax::{Span, Symbol};

use crate::schema::RecordSchema;
use crate::units::Quantity;

/// The fields that a resource (or a record inside one) has, in the order of its schema.
#[derive(Debug)]
pub struct Record {
    /// Names and types of the fields.
    pub schema: &'static RecordSchema,
    /// The whole node.
    pub span: Span,
    slots: Box<[Slot]>,
    /// One bit a slot: some target has said it. Feeds the loss report.
    said: AtomicU64,
}

/// One field that is present: which, where, what.
#[derive(Clone, PartialEq, Debug)]
pub struct Slot {
    /// Index in [`RecordSchema::fields`].
    pub field: u16,
    /// The value, or the node where it is a record; for a `many`, its first row.
    pub span: Span,
    /// What it holds.
    pub value: Value,
}

/// A value, or what will become one.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `#true`, or a flag that stands alone.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// One of a closed set of words: its index in the schema's choices.
    Choice(u16),
    /// A number with a unit, a version, an address, a date.
    Quantity(Quantity),
    /// The name of a resource or a fact.
    Reference(Reference),
    /// A record.
    Record(Arc<Record>),
    /// A list of plain scalars.
    List(Arc<[Element]>),
    /// Records that repeat, in source order, keys unique.
    Many(Arc<[Row]>),
    /// A map whose keys others own, in source order, keys unique.
    Map(Arc<[Entry]>),
    /// `$name` or `$name.field`: a whole typed value, in declarations only.
    Name(Symbol),
    /// Text with `${…}` in it, as written, in declarations only.
    Template(Arc<str>),
    /// `(expr)"…"`: kept as written until it is evaluated.
    Expression(Arc<Formula>),
    /// A diagnostic was reported here; whoever reads it stays silent.
    Hole,
    /// Only the cloud knows it, after apply.
    Deferred,
    /// The catalog does not know it.
    Unknown,
}

/// The text of an `(expr)"…"`, and where each part of it stands in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Formula {
    /// What stands between the quotes, escapes read.
    pub text: Box<str>,
    /// The whole string, with its quotes.
    pub span: Span,
    /// Where text and source run apart: a byte of the text, and the byte of the source at which it stands.
    anchors: Box<[(u32, u32)]>,
}

impl Formula {
    /// A formula out of its text and the source of its string, quotes and all.
    pub fn new(text: &str, source: &str, span: Span) -> Formula {
        Formula { text: text.into(), span, anchors: anchors(text, source).into() }
    }

    /// Where a part of the text stands in the source.
    pub fn at(&self, lo: usize, hi: usize) -> Span {
        let place = |at: usize| {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let anchor = self.anchors.iter().rev().find(|anchor| anchor.0 <= at).unwrap_or(&(0, 0));
            self.span.lo.saturating_add(anchor.1).saturating_add(at - anchor.0).min(self.span.hi)
        };
        let lo_place = place(lo);
        let hi_place = if hi > lo { place(hi - 1).saturating_add(1) } else { lo_place };
        Span { item: self.span.item, lo: lo_place, hi: hi_place.max(lo_place).min(self.span.hi) }
    }
}

/// Walks text and source side by side: what the source has more of is quotes, escapes and indentation.
fn anchors(text: &str, source: &str) -> Vec<(u32, u32)> {
    let quotes = source.bytes().take_while(|byte| *byte == b'#').count();
    let quotes = quotes + source.bytes().skip(quotes).take_while(|byte| *byte == b'"').count();
    // An empty string is quotes and nothing else.
    let mut at = if text.is_empty() { quotes / 2 } else { quotes };
    let mut anchors: Vec<(u32, u32)> = Vec::new();
    let mut shift: Option<usize> = None;
    let mut chars = source.get(at..).unwrap_or("").char_indices().peekable();
    let start = at;
    for (offset, wanted) in text.char_indices() {
        let mut found = None;
        while let Some((place, c)) = chars.next() {
            at = start + place;
            if c == wanted && c != '\\' {
                found = Some(at);
                break;
            }
            if c == '\\' {
                match chars.next() {
                    // White space after a backslash is nothing; it is skipped below like indentation.
                    Some((_, c)) if c.is_whitespace() => {}
                    Some((_, 'u')) => {
                        while chars.next().is_some_and(|(_, c)| c != '}') {}
                        found = Some(at);
                        break;
                    }
                    _ => {
                        found = Some(at);
                        break;
                    }
                }
            }
        }
        let place = found.unwrap_or(at);
        if shift != Some(place.wrapping_sub(offset)) {
            shift = Some(place.wrapping_sub(offset));
            anchors.push((offset as u32, place as u32));
        }
    }
    anchors
}

/// A name as written: bare, or with its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    /// The kind, where it was said: `gpu-pool` of `gpu-pool.h100`.
    pub kind: Option<Symbol>,
    /// The name; may hold dots where the kind's names do (`p5.48xlarge`, `llama-3.1-8b`).
    pub name: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// One element of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Element {
    /// Where it stands.
    pub span: Span,
    /// A plain scalar.
    pub value: Value,
}

/// One record of a `many`.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What tells it from its siblings: its first argument, and the second key where the schema says so
    /// (`sex approval-rate`).
    pub key: Symbol,
    /// The record; the key stands in it as a field, too.
    pub record: Arc<Record>,
}

/// One entry of a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The key as written.
    pub key: Symbol,
    /// Key and value.
    pub span: Span,
    /// A scalar, a list, or a map again.
    pub value: Value,
}

impl Record {
    /// A record of the given slots, which are put in the order of the schema.
    pub fn new(schema: &'static RecordSchema, span: Span, mut slots: Vec<Slot>) -> Record {
        slots.sort_by_key(|slot| slot.field);
        Record { schema, span, slots: slots.into_boxed_slice(), said: AtomicU64::new(0) }
    }

    /// The fields that are present.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot of a field.
    pub fn slot(&self, field: u16) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.field == field)
    }

    /// The slot of a field by its name.
    pub fn named(&self, name: &str) -> Option<&Slot> {
        self.slot(self.schema.field_index(name)?)
    }

    /// The slot of a field, with a note that a target has said it.
    pub fn say(&self, field: u16) -> Option<&Slot> {
        let position = self.slots.iter().position(|slot| slot.field == field)?;
        let bit = 1 << position.min(63);
        if self.said.load(Ordering::Relaxed) & bit == 0 {
            self.said.fetch_or(bit, Ordering::Relaxed);
        }
        self.slots.get(position)
    }

    /// The fields that are present, and whether a target has said them since this was last called: it wipes the notes.
    ///
    /// Environments share records, so each emission takes its notes before the next one begins.
    pub fn take_said(&self) -> impl Iterator<Item = (&Slot, bool)> + Clone {
        let said = self.said.load(Ordering::Relaxed);
        if said != 0 {
            self.said.store(0, Ordering::Relaxed);
        }
        self.slots.iter().enumerate().map(move |(n, slot)| (slot, said & (1 << n.min(63)) != 0))
    }
}

impl Clone for Record {
    fn clone(&self) -> Record {
        Record { schema: self.schema, span: self.span, slots: self.slots.clone(), said: AtomicU64::new(0) }
    }
}

/// What has been said of a record is no part of its value.
impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        std::ptr::eq(self.schema, other.schema) && self.span == other.span && self.slots == other.slots
    }
}

impl Value {
    /// Whether it is still a name, a template or an expression, here or anywhere below.
    pub fn is_open(&self) -> bool {
        match self {
            Value::Name(_) | Value::Template(_) | Value::Expression(_) => true,
            Value::Record(record) => record.slots().iter().any(|slot| slot.value.is_open()),
            Value::List(elements) => elements.iter().any(|element| element.value.is_open()),
            Value::Many(rows) => {
                rows.iter().any(|row| row.record.slots().iter().any(|slot| slot.value.is_open()))
            }
            Value::Map(entries) => entries.iter().any(|entry| entry.value.is_open()),
            _ => false,
        }
    }
}
