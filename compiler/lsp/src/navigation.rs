//! Hover, definition, references, symbols.

use std::path::Path;

use lsp_types::{DocumentSymbol, Location, SymbolKind};
use purlin_core::{Resource, Session};
use purlin_schema::print::print_value;
use purlin_schema::{Shape, Type};
use purlin_syntax::Span;

use crate::convert::{to_location, to_range};
use crate::locate::{self, What};

/// What there is to say of a place, as markdown.
pub(crate) fn hover(session: &Session, path: &str, offset: u32) -> Option<(String, Span)> {
    let located = locate::at(session, path, offset)?;
    match located.what {
        What::Kind(span) => Some((format!("**{}**\n\n{}", located.kind.name, located.kind.doc), span)),
        What::Name(span) => {
            let resource = of_item(session, span)?;
            Some((about(session, resource), span))
        }
        What::Field(field, span) => {
            let mut text = format!("**{}** ({})\n\n{}", field.name, shape(field.shape), field.doc);
            if !field.default.is_empty() {
                text.push_str(&format!("\n\nDefault: `{}`", field.default));
            }
            Some((text, span))
        }
        What::Value(field, span) => match target(session, span) {
            Some(resource) => Some((about(session, resource), span)),
            None => Some((format!("**{}** ({})\n\n{}", field.name, shape(field.shape), field.doc), span)),
        },
    }
}

/// A resource in a few lines: address, what its kind is, its fields in each environment.
fn about(session: &Session, resource: &Resource) -> String {
    let mut text = format!("**{}**\n\n{}\n", resource.address(), resource.kind.doc);
    for state in session.environments() {
        let Some(here) = state.graph.get(resource.id) else { continue };
        let name = state.name().map_or(String::new(), |name| format!("// {name}\n"));
        let mut fields = String::new();
        for slot in here.record.slots().iter().take(24) {
            let field = &here.record.schema.fields[slot.field as usize];
            let printed = print_value(&slot.value, field.shape);
            let line = printed.lines().next().unwrap_or_default();
            fields.push_str(&format!("{} {line}\n", field.name));
        }
        text.push_str(&format!("\n```kdl\n{name}{fields}```\n"));
    }
    text
}

fn shape(shape: Shape) -> String {
    match shape {
        Shape::One(of) => word(of),
        Shape::List(of) => format!("list of {}", word(of)),
        Shape::Record(record) => format!("record {}", record.name),
        Shape::Many(record) => format!("many {}", record.name),
        Shape::Map => "map".to_owned(),
    }
}

fn word(of: Type) -> String {
    match of {
        Type::Bool => "true or false".to_owned(),
        Type::Integer | Type::Count => "whole number".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Any => "any value".to_owned(),
        Type::Choice(choice) => choice.choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" | "),
        Type::Quantity(kind) => {
            format!("{}, such as `{}`", kind.name(), kind.examples().first().unwrap_or(&""))
        }
        Type::Reference([]) => "any resource".to_owned(),
        Type::Reference(kinds) => kinds.join(" | "),
    }
}

/// The resource that an item declares, in the first environment that has it.
fn of_item(session: &Session, span: Span) -> Option<&Resource> {
    session.environments().iter().find_map(|state| {
        state.graph.iter().find(|resource| resource.item == span.item && overlaps(resource.name_span, span))
    })
}

/// The resource that the reference at a place stands for.
fn target(session: &Session, span: Span) -> Option<&Resource> {
    session.environments().iter().find_map(|state| {
        state.graph.iter().find_map(|resource| {
            let edge = state.graph.edges(resource.id).iter().find(|edge| overlaps(edge.span, span))?;
            state.graph.get(edge.to)
        })
    })
}

fn overlaps(a: Span, b: Span) -> bool {
    a.item == b.item && a.lo <= b.hi && b.lo <= a.hi
}

/// Where what stands at a place is declared.
pub(crate) fn definition(session: &Session, root: &Path, path: &str, offset: u32) -> Option<Location> {
    let located = locate::at(session, path, offset)?;
    let span = match located.what {
        What::Name(span) => span,
        What::Value(_, span) => target(session, span)?.name_span,
        What::Kind(_) | What::Field(..) => return None,
    };
    to_location(session, root, span)
}

/// Every place that names the resource at a place, by file and position.
pub(crate) fn references(
    session: &Session,
    root: &Path,
    path: &str,
    offset: u32,
    with_declaration: bool,
) -> Vec<Location> {
    let Some(located) = locate::at(session, path, offset) else { return Vec::new() };
    let resource = match located.what {
        What::Name(span) => of_item(session, span),
        What::Value(_, span) => target(session, span),
        What::Kind(_) | What::Field(..) => None,
    };
    let Some(resource) = resource else { return Vec::new() };
    let mut spans: Vec<Span> = if with_declaration { vec![resource.name_span] } else { Vec::new() };
    for state in session.environments() {
        for from in state.graph.incoming(resource.id) {
            let edges = state.graph.edges(*from).iter().filter(|edge| edge.to == resource.id);
            spans.extend(edges.map(|edge| edge.span));
        }
    }
    let mut places: Vec<_> =
        spans.into_iter().filter_map(|span| Some((session.sources.position(span)?, span))).collect();
    places.sort();
    places.dedup();
    places.into_iter().filter_map(|(_, span)| to_location(session, root, span)).collect()
}

/// The declarations of a file.
pub(crate) fn symbols(session: &Session, path: &str) -> Vec<DocumentSymbol> {
    let Some(file) = session.sources.by_path(path) else { return Vec::new() };
    let items = file.document.items().iter().enumerate();
    items
        .filter_map(|(index, item)| {
            let node = item.tree.node(item.tree.root()?);
            let name = item.tree.entries(item.tree.root()?).iter().find(|entry| entry.name.is_none())?;
            let text = file.document.item_text(index);
            let absolute = |range: purlin_syntax::Range| {
                to_range(session, path, item.start + range.lo, item.start + range.hi)
            };
            #[expect(deprecated, reason = "the protocol's struct still has the field")]
            Some(DocumentSymbol {
                name: name.text(text).into_owned(),
                detail: Some(node.name.as_str().to_owned()),
                kind: SymbolKind::OBJECT,
                tags: None,
                deprecated: None,
                range: absolute(node.range)?,
                selection_range: absolute(name.value_range)?,
                children: None,
            })
        })
        .collect()
}
