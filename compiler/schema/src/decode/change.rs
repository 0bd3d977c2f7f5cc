//! What changes in a resource: fields that it says anew, fields that are removed, elements that are added to lists.

use purlin_syntax::{Diagnostic, NodeId, Span};

use super::Decoder;
use super::fields::Draft;
use super::problems::shown;
use crate::schema::{RecordSchema, Shape, Type};
use crate::value::{Element, Record};

/// The body of a `change`.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The fields that are said anew.
    pub record: Record,
    /// `remove FIELD`, `remove replicas.schedule`, `remove labels.team`.
    pub removals: Vec<Removal>,
    /// `add zones eu-central-1c`.
    pub additions: Vec<Addition>,
}

/// One path that is removed.
#[derive(Clone, PartialEq, Debug)]
pub struct Removal {
    /// The path as written; its first part is a field of the schema.
    pub path: String,
    /// Where it stands.
    pub span: Span,
}

/// Elements that are added to a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Addition {
    /// The path of the list, through records.
    pub path: String,
    /// The whole line.
    pub span: Span,
    /// What is added, in order.
    pub elements: Vec<Element>,
}

impl Decoder<'_> {
    pub(super) fn change(&mut self, schema: &'static RecordSchema, node: NodeId) -> Change {
        let tree = self.tree;
        let mut draft = Draft::new(schema, tree.children(node).count());
        let (mut removals, mut additions) = (Vec::new(), Vec::new());
        self.entries(&mut draft, node, 1);
        for child in tree.children(node) {
            match tree.node(child).name.as_str() {
                "remove" if schema.field("remove").is_none() => self.removals(schema, child, &mut removals),
                "add" if schema.field("add").is_none() => additions.extend(self.addition(schema, child)),
                _ => self.child(&mut draft, child),
            }
        }
        Change { record: self.finish(draft, node), removals, additions }
    }

    fn removals(&mut self, schema: &'static RecordSchema, node: NodeId, out: &mut Vec<Removal>) {
        let tree = self.tree;
        for entry in tree.entries(node) {
            let path = entry.text(self.text).into_owned();
            let field = path.split('.').next().unwrap_or_default();
            if entry.name.is_some() || !entry.is_text() {
                let message = "`remove` takes the fields that are removed, as plain words".to_owned();
                self.wrong_type(message, entry.range);
            } else if schema.field(field).is_none() {
                self.unknown_field(schema, field, entry.value_range);
            } else {
                out.push(Removal { span: self.span(entry.value_range), path });
            }
        }
        if tree.entries(node).is_empty() {
            self.wrong_type("`remove` names no field".to_owned(), tree.node(node).name_range);
        }
    }

    fn addition(&mut self, schema: &'static RecordSchema, node: NodeId) -> Option<Addition> {
        let tree = self.tree;
        let entries = tree.entries(node);
        let Some((target, elements)) = entries.split_first().filter(|(target, _)| target.is_text()) else {
            self.wrong_type("`add` names no list".to_owned(), tree.node(node).name_range);
            return None;
        };
        let path = target.text(self.text).into_owned();
        let Some(ty) = list_at(schema, &path) else {
            let field = path.split('.').next().unwrap_or_default();
            if schema.field(field).is_none() {
                self.unknown_field(schema, field, target.value_range);
            } else {
                let message = format!("`{}` is no list of plain values", shown(&path));
                self.wrong_type(message, target.value_range);
            }
            return None;
        };
        let mut added = Vec::with_capacity(elements.len());
        for entry in elements {
            if entry.name.is_some() {
                let span = self.span(entry.range);
                let message = format!("`{}` is a list of plain values and has no properties", shown(&path));
                self.out.push(Diagnostic::error("type.unknown-field", message, span));
                continue;
            }
            let value = self.scalar(ty, &path, entry);
            added.push(Element { span: self.span(entry.value_range), value });
        }
        Some(Addition { path, span: self.span(tree.node(node).range), elements: added })
    }
}

/// The type of the elements of the list at a path that leads through records.
fn list_at(schema: &'static RecordSchema, path: &str) -> Option<Type> {
    let mut schema = schema;
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        match schema.field(part)?.shape {
            Shape::List(ty) => return parts.peek().is_none().then_some(ty),
            Shape::Record(inner) => schema = inner,
            _ => return None,
        }
    }
    None
}
