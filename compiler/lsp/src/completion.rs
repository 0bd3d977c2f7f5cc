//! What can be written at a place.

use lsp_types::{CompletionItem, CompletionItemKind, Documentation};
use purlin_core::catalog::Catalog;
use purlin_core::{Session, link};
use purlin_schema::{FieldSchema, RecordSchema, Shape, Type, kinds};

use crate::locate::{argument_field, record_at, record_of};

/// Words of the language that are no kinds.
const LANGUAGE: &[(&str, &str)] = &[
    ("environment", "What one environment sets, changes, adds and removes."),
    ("param", "A value that every environment may set."),
    ("let", "A name for a value."),
    ("test", "A change, and what is expected of it."),
];

/// The candidates at an offset.
pub(crate) fn complete(session: &Session, path: &str, offset: u32) -> Vec<CompletionItem> {
    let Some(file) = session.sources.by_path(path) else { return Vec::new() };
    let Some(before) = file.document.text().get(..offset as usize) else { return Vec::new() };
    let line = &before[before.rfind(['\n', ';', '{']).map_or(0, |at| at + 1)..];
    let words: Vec<&str> = line.split_whitespace().collect();
    let fresh = line.is_empty() || line.ends_with(char::is_whitespace);
    let done = if fresh { words.len() } else { words.len().saturating_sub(1) };
    let typed = if fresh { "" } else { words.last().copied().unwrap_or("") };
    match record_at(session, path, offset) {
        None if done == 0 => top(),
        None => {
            let Some(kind) = words.first().and_then(|word| kinds::kind(word)) else { return Vec::new() };
            value_or_property(session, kind.record, typed, done.checked_sub(2))
        }
        Some((schema, present)) if done == 0 => fields(schema, &present),
        Some((schema, _)) => {
            let Some(field) = words.first().and_then(|word| schema.field(word)) else { return Vec::new() };
            match record_of(field) {
                Some(record) => value_or_property(session, record, typed, Some(done - 1)),
                None => values(session, field),
            }
        }
    }
}

/// After the first word of a line: the value of `name=`, or the next argument and the properties of the record.
fn value_or_property(
    session: &Session,
    schema: &'static RecordSchema,
    typed: &str,
    argument: Option<usize>,
) -> Vec<CompletionItem> {
    if let Some((name, _)) = typed.split_once('=') {
        return schema.field(name).map_or_else(Vec::new, |field| values(session, field));
    }
    let mut items = argument
        .and_then(|argument| argument_field(schema, argument))
        .map_or_else(Vec::new, |field| values(session, field));
    let scalars = schema.fields.iter().filter(|field| matches!(field.shape, Shape::One(_)));
    items.extend(scalars.map(|field| CompletionItem {
        insert_text: Some(format!("{}=", field.name)),
        ..item(field.name, CompletionItemKind::PROPERTY, field.doc)
    }));
    items
}

fn top() -> Vec<CompletionItem> {
    let kinds = kinds::KINDS.iter().map(|kind| item(kind.name, CompletionItemKind::CLASS, kind.doc));
    kinds.chain(LANGUAGE.iter().map(|(word, doc)| item(word, CompletionItemKind::KEYWORD, doc))).collect()
}

/// The fields that may still be written.
fn fields(schema: &'static RecordSchema, present: &[String]) -> Vec<CompletionItem> {
    schema
        .fields
        .iter()
        .filter(|field| {
            matches!(field.shape, Shape::Many(_)) || !present.iter().any(|have| have == field.name)
        })
        .map(|field| item(field.name, CompletionItemKind::FIELD, field.doc))
        .collect()
}

/// The values of a field: words, names, or examples of its unit.
fn values(session: &Session, field: &FieldSchema) -> Vec<CompletionItem> {
    let (Shape::One(of) | Shape::List(of)) = field.shape else { return Vec::new() };
    match of {
        Type::Bool => {
            ["#true", "#false"].iter().map(|word| item(word, CompletionItemKind::VALUE, "")).collect()
        }
        Type::Choice(choice) => choice
            .choices
            .iter()
            .map(|(word, doc)| item(word, CompletionItemKind::ENUM_MEMBER, doc))
            .collect(),
        Type::Quantity(kind) => kind
            .examples()
            .iter()
            .map(|example| item(&format!("\"{example}\""), CompletionItemKind::UNIT, kind.doc()))
            .collect(),
        Type::Reference(kinds) => references(session, kinds),
        Type::Integer | Type::Count | Type::Number | Type::Text | Type::Any => Vec::new(),
    }
}

/// Resources of the admitted kinds, and facts of the catalog.
fn references(session: &Session, admitted: &[&'static str]) -> Vec<CompletionItem> {
    let first = session.environments().first();
    let admitted = &first.map_or_else(|| admitted.to_vec(), |state| link::meant(admitted, &state.graph))[..];
    let mut names: Vec<(&str, &str)> = session
        .environments()
        .iter()
        .flat_map(|state| state.graph.iter())
        .filter(|resource| admitted.is_empty() || admitted.contains(&resource.kind.name))
        .map(|resource| (resource.name.as_str(), resource.kind.name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let facts = admitted.iter().flat_map(|kind| Catalog::names(kind).iter().map(|name| (*name, *kind)));
    names
        .into_iter()
        .chain(facts)
        .map(|(name, kind)| CompletionItem {
            detail: Some(kind.to_owned()),
            ..item(name, CompletionItemKind::REFERENCE, "")
        })
        .collect()
}

fn item(label: &str, kind: CompletionItemKind, doc: &str) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        documentation: (!doc.is_empty()).then(|| Documentation::String(doc.to_owned())),
        ..CompletionItem::default()
    }
}
