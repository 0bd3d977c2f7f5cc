//! Item → declaration: what one top-level node says, typed by the schema of its kind.
//!
//! Lowering looks at one item alone, so that its result can be kept as long as the item's bytes stay.

use std::sync::Arc;

use purlin_schema::decode::{self, Decoded};
use purlin_schema::print;
use purlin_schema::value::Element;
use purlin_schema::view::RecordType as _;
use purlin_schema::{KindSchema, Record, Type, Value, kinds};
use purlin_syntax::{Diagnostic, Entry, ItemId, Level, Node, NodeId, Range, Span, Symbol, SyntaxError, Tree};

/// One item, lowered.
#[derive(Debug)]
pub struct Lowered {
    /// What it declares.
    pub what: What,
    /// What is wrong with it, by itself.
    pub diagnostics: Vec<Diagnostic>,
}

/// What an item declares.
#[derive(Debug)]
pub enum What {
    /// A resource or a fact.
    Resource(Arc<Declaration>),
    /// What one environment sets, changes, adds and removes.
    Environment(Arc<Environment>),
    /// A parameter.
    Param(Arc<Variable>),
    /// A name for a value.
    Let(Arc<Variable>),
    /// A form of the language that a later version compiles: kept, formatted, and listed in the plan.
    Later(&'static str),
    /// Nothing: it is broken, and a diagnostic says how.
    Nothing,
}

/// A resource as declared.
#[derive(Debug)]
pub struct Declaration {
    /// Its kind.
    pub kind: &'static KindSchema,
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub name_span: Span,
    /// The item.
    pub item: ItemId,
    /// Its fields; some may still be names or templates.
    pub record: Arc<Record>,
    /// Whether any field is still a name, a template or an expression.
    pub open: bool,
}

/// A `param` or a `let`.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub name_span: Span,
    /// What it holds: a `let`'s value, a `param`'s default.
    pub value: Option<(Value, Span)>,
    /// Whether it is a `param`, which environments may set.
    pub param: bool,
    /// Whether a value must come from somewhere (`param` without a default, not `required=#false`).
    pub required: bool,
    /// The declared type of a parameter: `string`, `list`, …
    pub of: Option<Symbol>,
}

/// What one environment says.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub name_span: Span,
    /// Values of parameters.
    pub sets: Vec<(Symbol, Span, Value, Span)>,
    /// Changes, additions and removals.
    pub statements: Statements,
    /// `protected`, `window`, `freeze`, `doc`: the environment's own fields.
    pub record: Arc<Record>,
}

/// `change`, `add` and `remove`: in environments and in tests.
#[derive(Debug, Default)]
pub struct Statements {
    /// `change KIND.NAME { … }`.
    pub changes: Vec<Change>,
    /// `add KIND NAME { … }`.
    pub additions: Vec<Arc<Declaration>>,
    /// `remove KIND.NAME`.
    pub removals: Vec<(Target, Span)>,
}

/// One `change`.
#[derive(Debug)]
pub struct Change {
    /// Which resource.
    pub target: Target,
    /// Where its address stands.
    pub span: Span,
    /// What it changes.
    pub body: decode::Change,
}

/// An address in a statement.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// The kind.
    pub kind: &'static str,
    /// The name.
    pub name: Symbol,
}

/// Reads one item.
pub fn lower(tree: &Tree, text: &str, item: ItemId) -> Lowered {
    let mut diagnostics: Vec<Diagnostic> =
        tree.errors.iter().map(|error| error.diagnostic(item, Level::Error)).collect();
    let what = match tree.root() {
        None => What::Nothing,
        Some(root) => declared(&mut Reader { tree, text, item, out: &mut diagnostics }, root),
    };
    if diagnostics.len() > tree.errors.len() && tree.errors.iter().any(SyntaxError::breaks_structure) {
        drop_consequences(&mut diagnostics, tree, text);
    }
    Lowered { what, diagnostics }
}

/// Where the structure of a text is broken, what stands on the same lines may be read wrongly, and what seems to be
/// missing may stand there.
fn drop_consequences(diagnostics: &mut Vec<Diagnostic>, tree: &Tree, text: &str) {
    let line = |error: &SyntaxError| {
        let (lo, hi) = (error.range.lo as usize, error.range.hi as usize);
        let start = text.get(..lo).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let end = text.get(hi..).and_then(|behind| behind.find('\n')).map_or(text.len(), |at| hi + at);
        Range::new(start as u32, end as u32)
    };
    let broken: Vec<Range> = tree.errors.iter().filter(|error| error.breaks_structure()).map(line).collect();
    let mut syntax = tree.errors.len();
    diagnostics.retain(|diagnostic| {
        if syntax > 0 {
            syntax -= 1;
            return true;
        }
        let missing = matches!(diagnostic.rule, "type.name" | "type.required-missing");
        let beside = |span: Span| broken.iter().any(|line| span.lo <= line.hi && line.lo <= span.hi);
        !missing && !diagnostic.span().is_some_and(beside)
    });
}

/// What reading an item needs at hand.
struct Reader<'a> {
    tree: &'a Tree,
    text: &'a str,
    item: ItemId,
    out: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, range: Range) -> Span {
        Span::new(self.item, range)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// One scalar, of whatever type it is written as.
    fn value(&mut self, entry: &Entry) -> Value {
        decode::decode_scalar(Type::Any, "value", entry, self.text, self.item, self.out)
    }

    /// The arguments after the first: one value, or a list of several.
    fn values(&mut self, node: NodeId) -> Option<(Value, Span)> {
        let tree = self.tree;
        let mut elements: Vec<Element> = Vec::new();
        for entry in tree.entries(node).iter().filter(|entry| entry.name.is_none()).skip(1) {
            elements.push(Element { span: self.span(entry.value_range), value: self.value(entry) });
        }
        let (first, last) = (elements.first()?.span, elements.last()?.span);
        let span = Span { item: self.item, lo: first.lo, hi: last.hi };
        Some(if elements.len() == 1 {
            (elements.remove(0).value, span)
        } else {
            (Value::List(elements.into()), span)
        })
    }

    /// The first argument's text and place.
    fn argument(&self, node: NodeId) -> Option<(Symbol, Span)> {
        let entry = self.tree.entries(node).iter().find(|entry| entry.name.is_none() && entry.is_text())?;
        Some((Symbol::intern(&entry.text(self.text)), self.span(entry.value_range)))
    }
}

fn declared(reader: &mut Reader, root: NodeId) -> What {
    let node = reader.tree.node(root);
    match node.name.as_str() {
        "environment" => environment(reader, root),
        "param" => variable(reader, root, true),
        "let" => variable(reader, root, false),
        form @ ("template" | "use" | "for-each" | "import" | "kind" | "test") => {
            What::Later(later_form(form))
        }
        _ => match declaration(reader, root) {
            Some(declaration) => What::Resource(Arc::new(declaration)),
            None => What::Nothing,
        },
    }
}

fn later_form(form: &str) -> &'static str {
    ["template", "use", "for-each", "import", "kind", "test"]
        .into_iter()
        .find(|known| *known == form)
        .unwrap_or("")
}

/// A resource or fact: at the top of a file, or after `add`.
fn declaration(reader: &mut Reader, node: NodeId) -> Option<Declaration> {
    let name = reader.tree.node(node).name;
    let Some(kind) = kinds::kind(name.as_str()) else {
        let span = reader.span(reader.tree.node(node).name_range);
        reader.report(kinds::unknown_kind(name.as_str(), span, []));
        return None;
    };
    let Decoded { name, record, open } =
        decode::decode(kind, reader.tree, node, reader.text, reader.item, reader.out);
    let (name, name_span) = name?;
    let name = if kind.name == "price" { price_name(name, &record) } else { name };
    Some(Declaration { kind, name, name_span, item: reader.item, record: Arc::new(record), open })
}

/// Prices of one instance differ by region and capacity; all three are its name.
fn price_name(instance: Symbol, record: &Record) -> Symbol {
    let part = |field: &str| {
        let shape = record.schema.field(field).map(|field| field.shape);
        shape
            .zip(record.named(field))
            .map(|(shape, slot)| print::plain(&slot.value, shape))
            .unwrap_or_default()
    };
    Symbol::intern(&format!("{instance}@{}/{}", part("region"), part("capacity")))
}

fn environment(reader: &mut Reader, root: NodeId) -> What {
    let Some((name, name_span)) = reader.argument(root) else {
        let span = reader.span(reader.tree.node(root).name_range);
        reader.report(Diagnostic::error("type.name", "an environment has no name", span));
        return What::Nothing;
    };
    let mut sets = Vec::new();
    let mut statements = Statements::default();
    for child in reader.tree.children(root) {
        match reader.tree.node(child).name.as_str() {
            "set" => sets.extend(set(reader, child)),
            "change" | "add" | "remove" => statement(reader, child, &mut statements),
            _ => {}
        }
    }
    let own = part(reader.tree, root, 0, &|name| !matches!(name, "set" | "change" | "add" | "remove"));
    let schema = kinds::language::Environment::SCHEMA;
    let record = decode::decode_record(schema, &own, NodeId(0), reader.text, reader.item, reader.out);
    What::Environment(Arc::new(Environment { name, name_span, sets, statements, record: Arc::new(record) }))
}

/// A node by itself: without its first entries, and with only some of its children.
fn part(tree: &Tree, root: NodeId, skip: u32, keep: &dyn Fn(&str) -> bool) -> Tree {
    let node = tree.node(root);
    let first = (node.entries.0 + skip).min(node.entries.1);
    let mut nodes = vec![Node { entries: (first, node.entries.1), ..node.clone() }];
    for child in tree.children(root).filter(|child| keep(tree.node(*child).name.as_str())) {
        let shift = child.0 - nodes.len() as u32;
        let end = tree.node(child).end;
        let moved = tree.nodes[child.0 as usize..end as usize].iter().cloned();
        nodes.extend(moved.map(|node| Node { end: node.end - shift, ..node }));
    }
    nodes[0].end = nodes.len() as u32;
    Tree { nodes: nodes.into_boxed_slice(), entries: tree.entries.clone(), errors: Box::default() }
}

/// `set NAME VALUE…`: one value, or a list.
fn set(reader: &mut Reader, node: NodeId) -> Option<(Symbol, Span, Value, Span)> {
    let Some((name, span)) = reader.argument(node) else {
        let span = reader.span(reader.tree.node(node).range);
        reader.report(Diagnostic::error("type.name", "`set` names no parameter", span));
        return None;
    };
    let (value, value_span) = reader.values(node)?;
    Some((name, span, value, value_span))
}

fn statement(reader: &mut Reader, node: NodeId, into: &mut Statements) {
    match reader.tree.node(node).name.as_str() {
        "add" => {
            if let Some(addition) = addition(reader, node) {
                into.additions.push(Arc::new(addition));
            }
        }
        verb => {
            let Some((target, kind, span)) = target(reader, node, verb) else { return };
            if verb == "remove" {
                into.removals.push((target, span));
            } else {
                let body = decode::decode_change(
                    kind.record,
                    reader.tree,
                    node,
                    reader.text,
                    reader.item,
                    reader.out,
                );
                into.changes.push(Change { target, span, body });
            }
        }
    }
}

/// `add monitor extra { … }`: the kind is the first argument, the name the second.
fn addition(reader: &mut Reader, node: NodeId) -> Option<Declaration> {
    let Some((kind_name, span)) = reader.argument(node) else {
        let span = reader.span(reader.tree.node(node).range);
        reader.report(Diagnostic::error("type.name", "`add` names no kind", span));
        return None;
    };
    let Some(kind) = kinds::kind(kind_name.as_str()) else {
        reader.report(kinds::unknown_kind(kind_name.as_str(), span, []));
        return None;
    };
    let alone = part(reader.tree, node, 1, &|_| true);
    let Decoded { name, record, open } =
        decode::decode(kind, &alone, NodeId(0), reader.text, reader.item, reader.out);
    let (name, name_span) = name?;
    Some(Declaration { kind, name, name_span, item: reader.item, record: Arc::new(record), open })
}

/// The address after `change` or `remove`.
fn target(reader: &mut Reader, node: NodeId, verb: &str) -> Option<(Target, &'static KindSchema, Span)> {
    let Some((address, span)) = reader.argument(node) else {
        let span = reader.span(reader.tree.node(node).range);
        reader.report(Diagnostic::error("type.name", format!("`{verb}` names no resource"), span));
        return None;
    };
    let Some((kind, name)) = address.as_str().split_once('.') else {
        let message = format!("`{verb}` needs the kind of `{address}`: `KIND.{address}`");
        reader.report(Diagnostic::error("language.address", message, span));
        return None;
    };
    let Some(kind) = kinds::kind(kind) else {
        reader.report(kinds::unknown_kind(kind, span, []));
        return None;
    };
    Some((Target { kind: kind.name, name: Symbol::intern(name) }, kind, span))
}

fn variable(reader: &mut Reader, root: NodeId, param: bool) -> What {
    let Some((name, name_span)) = reader.argument(root) else {
        let span = reader.span(reader.tree.node(root).name_range);
        reader.report(Diagnostic::error("type.name", "a `param` or `let` has no name", span));
        return What::Nothing;
    };
    if !param {
        let value = reader.values(root);
        if value.is_none() && !reader.tree.entries(root).iter().any(|entry| entry.name.is_some()) {
            reader.report(Diagnostic::error(
                "type.required-missing",
                format!("`let {name}` has no value"),
                name_span,
            ));
        }
        return What::Let(Arc::new(Variable {
            name,
            name_span,
            value,
            param: false,
            required: false,
            of: None,
        }));
    }
    let property = |wanted: &str| {
        reader.tree.entries(root).iter().find(|entry| entry.name.is_some_and(|name| name.as_str() == wanted))
    };
    let of = property("type").map(|entry| Symbol::intern(&entry.text(reader.text)));
    let optional = property("required").is_some_and(|entry| entry.kind == purlin_syntax::ScalarKind::False);
    let default = property("default").cloned();
    let default = default.map(|entry| (reader.value(&entry), reader.span(entry.value_range)));
    let required = default.is_none() && !optional;
    What::Param(Arc::new(Variable { name, name_span, value: default, param: true, required, of }))
}

#[cfg(test)]
mod tests;
