//! The lossless tree of one item: flat, in source order, spans relative to the item's first byte.
//!
//! Trivia (white space, comments, what a slashdash removes) is what lies between the spans; nothing else is needed to
//! print the source back, byte for byte.

use std::borrow::Cow;

use crate::diagnostic::{Cure, Diagnostic, Edit, Level};
use crate::span::{ItemId, Range, Span};
use crate::symbol::Symbol;

/// A node's place in its tree; 0 is the item itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// One item: nodes in pre-order, entries in source order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tree {
    /// Pre-order. Empty when the item is nothing but an error (a stray `}` at the top of a file).
    pub nodes: Box<[Node]>,
    /// All entries of all nodes; each node owns one contiguous run.
    pub entries: Box<[Entry]>,
    /// What is wrong with the text, in source order.
    pub errors: Box<[SyntaxError]>,
}

/// A node: `(annotation)name entries { children }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Its name, unescaped.
    pub name: Symbol,
    /// Where the name stands.
    pub name_range: Range,
    /// `(annotation)` before the name.
    pub annotation: Option<Symbol>,
    /// From the annotation or name to the end of the last entry or the closing brace.
    pub range: Range,
    /// First of its entries in [`Tree::entries`], and one past the last.
    pub entries: (u32, u32),
    /// One past its last descendant in [`Tree::nodes`].
    pub end: u32,
    /// The braces and what is between them, where it has a children block.
    pub block: Option<Range>,
}

/// An argument or a property.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The property's name; none for an argument.
    pub name: Option<Symbol>,
    /// Where the name stands; empty for an argument.
    pub name_range: Range,
    /// `(annotation)` before the value, such as `expr`.
    pub annotation: Option<Symbol>,
    /// What sort of value it is.
    pub kind: ScalarKind,
    /// The value alone, quotes included, annotation excluded.
    pub value_range: Range,
    /// The whole entry.
    pub range: Range,
}

/// How a value is written, which is also how its text is decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScalarKind {
    /// `bare-word`.
    Bare,
    /// `"quoted"` without an escape: its text is the source between the quotes.
    Quoted,
    /// `"with \n escapes"`.
    Escaped,
    /// `#"raw"#`, on one line.
    Raw,
    /// `"""` over several lines, raw or not.
    MultiLine,
    /// Any number of KDL: decimal, exponent, hexadecimal, octal, binary, with underscores.
    Number,
    /// `#true`.
    True,
    /// `#false`.
    False,
    /// `#null`.
    Null,
    /// `#inf`, `#-inf` or `#nan`.
    NotFinite,
    /// Text that KDL cannot read bare (`80GiB`, `10.0.0.0/16`, `true`), taken as one string; an error was reported.
    Recovered,
    /// Nothing where a value belongs (`min=`); an error was reported.
    Missing,
}

/// What is wrong with the text, and the edit that mends it where there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Rule id, `syntax.…`.
    pub rule: &'static str,
    /// The message, standing alone.
    pub message: String,
    /// Where, relative to the item.
    pub range: Range,
    /// A second place and what it says (`the block opened here`).
    pub related: Option<(Range, String)>,
    /// Title and edits of the cure.
    pub cure: Option<(String, Vec<(Range, String)>)>,
}

impl Tree {
    /// The item's own node.
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Arguments and properties of a node, in source order.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        let (lo, hi) = self.node(id).entries;
        &self.entries[lo as usize..hi as usize]
    }

    /// The children of a node, in source order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).end;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = NodeId(next);
                next = self.node(child).end;
                child
            })
        })
    }
}

impl SyntaxError {
    /// The error as a diagnostic of the item that its tree belongs to.
    pub fn diagnostic(&self, item: ItemId, level: Level) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::new(self.rule, level, self.message.clone(), Span::new(item, self.range));
        if let Some((range, text)) = &self.related {
            diagnostic = diagnostic.label(Span::new(item, *range), text.clone());
        }
        if let Some((title, edits)) = &self.cure {
            let edit =
                |(range, text): &(Range, String)| Edit { span: Span::new(item, *range), text: text.clone() };
            diagnostic.cures.push(Cure { title: title.clone(), edits: edits.iter().map(edit).collect() });
        }
        diagnostic
    }
}

impl Entry {
    /// Whether the value is text in any way of writing it.
    pub fn is_text(&self) -> bool {
        use ScalarKind::{Bare, Escaped, MultiLine, Quoted, Raw, Recovered};
        matches!(self.kind, Bare | Quoted | Escaped | Raw | MultiLine | Recovered)
    }

    /// The decoded text of a string value, the source of any other; `item` is the item's text.
    pub fn text<'t>(&self, item: &'t str) -> Cow<'t, str> {
        crate::scalar::text(self.kind, self.value_range.of(item))
    }
}
