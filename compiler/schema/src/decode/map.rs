//! Lists, and maps whose keys others own.

use purlin_syntax::{Diagnostic, Entry as Written, NodeId, Span, Symbol};
use rustc_hash::FxHashMap;

use super::Decoder;
use super::problems::shown;
use super::scalar::{Opened, opened};
use crate::schema::Type;
use crate::value::{Element, Entry, Value};

/// How deep maps may nest.
const DEEPEST: usize = 32;
/// Up to so many keys are compared one by one.
const FEW: usize = 16;

/// Keys that have been seen, to find those that stand twice in linear time.
#[derive(Default)]
pub(super) struct Seen {
    few: Vec<(Symbol, Span)>,
    many: FxHashMap<Symbol, Span>,
}

impl Seen {
    /// Notes a key; tells where it stood before, if it did.
    pub(super) fn add(&mut self, key: Symbol, span: Span) -> Option<Span> {
        if let Some(&(_, first)) = self.few.iter().find(|(have, _)| *have == key) {
            return Some(first);
        }
        if self.few.len() < FEW {
            self.few.push((key, span));
            return None;
        }
        let first = *self.many.entry(key).or_insert(span);
        (first != span).then_some(first)
    }
}

impl Decoder<'_> {
    /// A list field: `values f m`.
    pub(super) fn list(&mut self, ty: Type, node: NodeId) -> Value {
        let tree = self.tree;
        let this = tree.node(node);
        let name = this.name.as_str();
        let mut elements = Vec::with_capacity(tree.entries(node).len());
        for entry in tree.entries(node) {
            if let Some(property) = entry.name {
                let message = format!(
                    "`{name}` is a list of plain values and has no property `{}`",
                    shown(property.as_str())
                );
                let span = self.span(entry.range);
                self.out.push(Diagnostic::error("type.unknown-field", message, span));
                continue;
            }
            let value = self.scalar(ty, name, entry);
            elements.push(Element { span: self.span(entry.value_range), value });
        }
        if let Some(child) = tree.children(node).next() {
            let message = format!("`{name}` is a list of plain values: they are arguments, not a block");
            self.wrong_type(message, tree.node(child).range);
        } else if elements.is_empty() && this.block.is_none() && tree.entries(node).is_empty() {
            self.wrong_type(format!("the list `{name}` has no values"), this.name_range);
            return Value::Hole;
        }
        Value::List(elements.into())
    }

    /// A map field: `labels { team ml; tier 1 }`, `env A=1 B=2`, or `labels $labels`.
    pub(super) fn map(&mut self, node: NodeId) -> Value {
        self.map_at(node, 0)
    }

    fn map_at(&mut self, node: NodeId, depth: usize) -> Value {
        let tree = self.tree;
        let this = tree.node(node);
        if depth >= DEEPEST {
            let message = format!("maps nest more than {DEEPEST} deep in `{}`", shown(this.name.as_str()));
            let span = self.span(this.name_range);
            self.out.push(Diagnostic::error("syntax.depth", message, span));
            return Value::Hole;
        }
        if let [only] = tree.entries(node)
            && only.name.is_none()
            && this.block.is_none()
            && only.is_text()
            && let Opened::Open(value @ Value::Name(_)) = opened(only.text(self.text))
        {
            self.open = true;
            return value;
        }
        let mut entries = Vec::new();
        let mut seen = Seen::default();
        for written in tree.entries(node) {
            let Some(key) = written.name else {
                self.argument_of_map(this.name, written);
                continue;
            };
            let value = self.scalar(Type::Any, key.as_str(), written);
            self.entry(&mut entries, &mut seen, key, written.range, value);
        }
        for child in tree.children(node) {
            let value = self.map_value(child, depth);
            let child = tree.node(child);
            self.entry(&mut entries, &mut seen, child.name, child.range, value);
        }
        Value::Map(entries.into())
    }

    /// What stands under a key: nothing is `#true`, one argument a scalar, several a list, properties or a block a map.
    fn map_value(&mut self, node: NodeId, depth: usize) -> Value {
        let tree = self.tree;
        let this = tree.node(node);
        let entries = tree.entries(node);
        let arguments = entries.iter().filter(|entry| entry.name.is_none()).count();
        if arguments < entries.len() || this.block.is_some() {
            return self.map_at(node, depth + 1);
        }
        match entries {
            [] => Value::Bool(true),
            [one] => self.scalar(Type::Any, this.name.as_str(), one),
            _ => self.list(Type::Any, node),
        }
    }

    fn entry(
        &mut self,
        entries: &mut Vec<Entry>,
        seen: &mut Seen,
        key: Symbol,
        range: purlin_syntax::Range,
        value: Value,
    ) {
        let span = self.span(range);
        match seen.add(key, span) {
            Some(first) => self.duplicate_key(key.as_str(), first, span),
            None => entries.push(Entry { key, span, value }),
        }
    }

    /// A key that stands twice among its siblings.
    pub(super) fn duplicate_key(&mut self, key: &str, first: Span, second: Span) {
        let message = format!("the key `{}` stands twice", shown(key));
        let diagnostic = Diagnostic::error("language.duplicate-key", message, second)
            .because("here for the second time")
            .label(first, "first given here");
        self.out.push(diagnostic);
    }

    fn argument_of_map(&mut self, map: Symbol, written: &Written) {
        let source = shown(self.source(written.range));
        let message = format!("`{}` is a map: `{source}` has no key", shown(map.as_str()));
        let span = self.span(written.range);
        let note = format!("a map reads `{} {{ key value }}` or `{} key=value`", map.as_str(), map.as_str());
        self.out.push(Diagnostic::error("type.unexpected-argument", message, span).with_note(note));
    }
}
