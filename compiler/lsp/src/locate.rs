//! What stands at a place of a file: a kind, a field, a value.

use purlin_core::Session;
use purlin_schema::{FieldSchema, KindSchema, Place, RecordSchema, Shape, kinds};
use purlin_syntax::{Entry, ItemId, NodeId, Span, Tree};

/// What the cursor is on.
pub(crate) struct Located {
    /// The kind of the declaration.
    pub(crate) kind: &'static KindSchema,
    /// What is under the cursor.
    pub(crate) what: What,
}

/// The thing under the cursor, with its place.
pub(crate) enum What {
    /// The word that names the kind.
    Kind(Span),
    /// The resource's own name.
    Name(Span),
    /// The name of a field.
    Field(&'static FieldSchema, Span),
    /// The value of a field, or an argument that is one.
    Value(&'static FieldSchema, Span),
}

/// Finds what stands at an offset; none between declarations, and in forms that are no resource.
pub(crate) fn at(session: &Session, path: &str, offset: u32) -> Option<Located> {
    let item = session.sources.item_at(path, offset)?;
    let (tree, _) = session.sources.text(item)?;
    let start = session.sources.position(Span { item, lo: 0, hi: 0 })?.lo;
    let offset = offset.checked_sub(start)?;
    let root = tree.root()?;
    let node = tree.node(root);
    let kind = kinds::kind(node.name.as_str())?;
    if covers(node.name_range, offset) {
        return Some(Located { kind, what: What::Kind(Span::new(item, node.name_range)) });
    }
    let own_name = tree.entries(root).iter().find(|entry| entry.name.is_none());
    if let Some(entry) = own_name.filter(|entry| covers(entry.range, offset)) {
        return Some(Located { kind, what: What::Name(Span::new(item, entry.value_range)) });
    }
    let what = within(tree, root, kind.record, 1, item, offset)?;
    Some(Located { kind, what })
}

/// The record whose block (or whose line) holds an offset, from the outside in.
pub(crate) fn record_at(
    session: &Session,
    path: &str,
    offset: u32,
) -> Option<(&'static RecordSchema, Vec<String>)> {
    let item = session.sources.item_at(path, offset)?;
    let (tree, _) = session.sources.text(item)?;
    let start = session.sources.position(Span { item, lo: 0, hi: 0 })?.lo;
    let offset = offset.checked_sub(start)?;
    let mut node = tree.root()?;
    let mut schema = kinds::kind(tree.node(node).name.as_str())?.record;
    if !in_block(tree, node, offset) {
        return None;
    }
    loop {
        let inner = tree.children(node).find(|child| in_block(tree, *child, offset));
        let next =
            inner.and_then(|child| Some((child, record_of(schema.field(tree.node(child).name.as_str())?)?)));
        match next {
            Some((child, record)) => (node, schema) = (child, record),
            None => {
                let present =
                    tree.children(node).map(|child| tree.node(child).name.as_str().to_owned()).collect();
                return Some((schema, present));
            }
        }
    }
}

fn in_block(tree: &Tree, node: NodeId, offset: u32) -> bool {
    tree.node(node).block.is_some_and(|block| block.lo < offset && offset < block.hi)
}

fn covers(range: purlin_syntax::Range, offset: u32) -> bool {
    range.lo <= offset && offset <= range.hi
}

/// The record of a field, where its values are records.
pub(crate) fn record_of(field: &FieldSchema) -> Option<&'static RecordSchema> {
    match field.shape {
        Shape::Record(record) | Shape::Many(record) => Some(record),
        Shape::One(_) | Shape::List(_) | Shape::Map => None,
    }
}

/// Walks down the node that holds the offset; each step goes one node deeper, so the tree's depth bounds it.
fn within(
    tree: &Tree,
    node: NodeId,
    schema: &'static RecordSchema,
    skip: usize,
    item: ItemId,
    offset: u32,
) -> Option<What> {
    let (mut node, mut schema, mut skip) = (node, schema, skip);
    loop {
        if let Some(found) = in_entries(tree, node, schema, skip, item, offset) {
            return Some(found);
        }
        let child = tree.children(node).find(|child| covers(tree.node(*child).range, offset))?;
        let field = schema.field(tree.node(child).name.as_str())?;
        if covers(tree.node(child).name_range, offset) {
            return Some(What::Field(field, Span::new(item, tree.node(child).name_range)));
        }
        let Some(record) = record_of(field) else {
            let entry = tree.entries(child).iter().find(|entry| covers(entry.range, offset))?;
            return Some(What::Value(field, Span::new(item, entry.value_range)));
        };
        (node, schema, skip) = (child, record, 0);
    }
}

fn in_entries(
    tree: &Tree,
    node: NodeId,
    schema: &'static RecordSchema,
    skip: usize,
    item: ItemId,
    offset: u32,
) -> Option<What> {
    let mut arguments = 0;
    for entry in tree.entries(node) {
        let argument = arguments;
        arguments += usize::from(entry.name.is_none());
        if covers(entry.range, offset) && (entry.name.is_some() || argument >= skip) {
            return in_entry(entry, schema, argument - skip.min(argument), item, offset);
        }
    }
    None
}

fn in_entry(
    entry: &Entry,
    schema: &'static RecordSchema,
    argument: usize,
    item: ItemId,
    offset: u32,
) -> Option<What> {
    let field = match entry.name {
        Some(name) => schema.field(name.as_str())?,
        None => argument_field(schema, argument)?,
    };
    Some(if entry.name.is_some() && covers(entry.name_range, offset) {
        What::Field(field, Span::new(item, entry.name_range))
    } else {
        What::Value(field, Span::new(item, entry.value_range))
    })
}

/// The field that the n-th argument of a record fills.
pub(crate) fn argument_field(schema: &'static RecordSchema, argument: usize) -> Option<&'static FieldSchema> {
    let single = schema.fields.iter().filter(|field| field.place == Place::Argument).nth(argument);
    single.or_else(|| schema.fields.iter().find(|field| field.place == Place::Arguments))
}
