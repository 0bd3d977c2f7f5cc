//! The one decoder: from a node and a kind's table to a record. It knows no kind, and every kind is decoded by it.
//!
//! A mistake is a diagnostic and leaves a [`Value::Hole`], so that nothing is reported twice. What is open (`$name`,
//! `"${…}"`, `(expr)"…"`) is kept as written. A list element `$name` whose value turns out to be a list is to be
//! spliced by whoever evaluates it.

mod change;
mod fields;
mod map;
mod name;
mod problems;
mod rows;
mod scalar;
mod table;
#[cfg(test)]
mod tests;

use purlin_syntax::{Diagnostic, Entry, ItemId, NodeId, Range, Span, Symbol, Tree};

pub use change::{Addition, Change, Removal};
pub use scalar::scalar_type;

use crate::schema::{KindSchema, RecordSchema, Type};
use crate::value::{Record, Value};

/// A declaration, decoded.
#[derive(Clone, PartialEq, Debug)]
pub struct Decoded {
    /// Its name and where it stands; none where it is missing, which was reported if it had to be there. As written:
    /// it may hold `${…}`.
    pub name: Option<(Symbol, Span)>,
    /// Its fields.
    pub record: Record,
    /// Whether any of them may be a name, a template or an expression still.
    pub open: bool,
}

/// Decodes a declaration of a kind: `gpu-pool h100 { … }`.
pub fn decode(
    kind: &'static KindSchema,
    tree: &Tree,
    node: NodeId,
    text: &str,
    item: ItemId,
    out: &mut Vec<Diagnostic>,
) -> Decoded {
    Decoder::new(tree, text, item, out).kind(kind, node, true)
}

/// Decodes a declaration whose name may be left out, as that of a template's member: `serving { … }`.
pub fn decode_member(
    kind: &'static KindSchema,
    tree: &Tree,
    node: NodeId,
    text: &str,
    item: ItemId,
    out: &mut Vec<Diagnostic>,
) -> Decoded {
    Decoder::new(tree, text, item, out).kind(kind, node, false)
}

/// Decodes a record that is no kind's: the arguments, properties and children of a node, all of them its fields.
pub fn decode_record(
    schema: &'static RecordSchema,
    tree: &Tree,
    node: NodeId,
    text: &str,
    item: ItemId,
    out: &mut Vec<Diagnostic>,
) -> Record {
    Decoder::new(tree, text, item, out).record(schema, node, 0)
}

/// Decodes what changes in a resource: `change gpu-pool.h100 { nodes min=4; remove labels.team }`.
///
/// The node's first argument (the address) is skipped. Required fields are not demanded; `remove` and `add` are
/// collected.
pub fn decode_change(
    schema: &'static RecordSchema,
    tree: &Tree,
    node: NodeId,
    text: &str,
    item: ItemId,
    out: &mut Vec<Diagnostic>,
) -> Change {
    Decoder { whole: false, ..Decoder::new(tree, text, item, out) }.change(schema, node)
}

/// Decodes one scalar of a known type, as params, lets and sets have them; `field` names it in messages.
pub fn decode_scalar(
    ty: Type,
    field: &str,
    entry: &Entry,
    text: &str,
    item: ItemId,
    out: &mut Vec<Diagnostic>,
) -> Value {
    let tree = Tree::default();
    Decoder::new(&tree, text, item, out).scalar(ty, field, entry)
}

/// What is read, and where findings go.
struct Decoder<'s> {
    tree: &'s Tree,
    text: &'s str,
    item: ItemId,
    /// Whether required fields are demanded: not so inside of a change.
    whole: bool,
    out: &'s mut Vec<Diagnostic>,
    /// Whether anything open was read.
    open: bool,
    /// Where each property of the node that is being read stood, to find those that stand twice.
    properties: Vec<(u16, Span)>,
}

impl<'s> Decoder<'s> {
    fn new(tree: &'s Tree, text: &'s str, item: ItemId, out: &'s mut Vec<Diagnostic>) -> Decoder<'s> {
        Decoder { tree, text, item, whole: true, out, open: false, properties: Vec::new() }
    }
}

impl Decoder<'_> {
    fn span(&self, range: Range) -> Span {
        Span::new(self.item, range)
    }

    /// The source of a range; empty where a tree and a text do not belong together.
    fn source(&self, range: Range) -> &str {
        self.text.get(range.lo as usize..range.hi as usize).unwrap_or("")
    }

    fn kind(&mut self, kind: &'static KindSchema, node: NodeId, named: bool) -> Decoded {
        if kind.unnamed {
            let record = self.record(kind.record, node, 0);
            return Decoded { name: None, record, open: self.open };
        }
        let name = self.name(kind, node, named);
        let record = self.record(kind.record, node, 1);
        self.existing_ids(kind, &record);
        Decoded { name, record, open: self.open }
    }
}
