//! The name of a declaration, and the ids of what someone else owns.

use purlin_syntax::{Diagnostic, NodeId, Span, Symbol};

use super::Decoder;
use super::problems::shown;
use crate::closest::closest;
use crate::schema::KindSchema;
use crate::value::{Record, Value};

impl Decoder<'_> {
    /// The first argument of a declaration.
    pub(super) fn name(&mut self, kind: &KindSchema, node: NodeId, demanded: bool) -> Option<(Symbol, Span)> {
        let tree = self.tree;
        let Some(entry) = tree.entries(node).iter().find(|entry| entry.name.is_none()) else {
            if demanded {
                let span = self.span(tree.node(node).name_range);
                let message = format!("`{}` has no name", kind.name);
                self.out.push(
                    Diagnostic::error("type.name", message, span).with_note(format!(
                        "the name is the first argument: `{} some-name {{ … }}`",
                        kind.name
                    )),
                );
            }
            return None;
        };
        let text = entry.text(self.text);
        let span = self.span(entry.value_range);
        if text.is_empty() {
            self.out.push(Diagnostic::error(
                "type.name",
                format!("the name of this `{}` is empty", kind.name),
                span,
            ));
            return None;
        }
        if !text.contains("${") && !is_name(&text, kind.fact) {
            self.out.push(not_a_name(kind, &text, span));
        }
        Some((Symbol::intern(&text), span))
    }

    /// The keys of `existing` are ids that the kind knows.
    pub(super) fn existing_ids(&mut self, kind: &KindSchema, record: &Record) {
        let Some(slot) = record.named("existing") else { return };
        let Value::Map(entries) = &slot.value else { return };
        for entry in entries.iter().filter(|entry| !kind.existing.contains(&entry.key.as_str())) {
            let key = entry.key.as_str();
            let diagnostic = if kind.existing.is_empty() {
                let message = format!("a `{}` cannot be `existing`: it has no id in the cloud", kind.name);
                Diagnostic::error("type.unknown-field", message, slot.span)
            } else {
                let message = format!("an existing `{}` has no id `{}`", kind.name, shown(key));
                let ids = kind.existing.join("`, `");
                let mut diagnostic = Diagnostic::error("type.unknown-field", message, entry.span)
                    .with_note(format!("its ids are `{ids}`"));
                if let Some(meant) = closest(key, kind.existing.iter().copied()) {
                    diagnostic = diagnostic.because(format!("`{meant}` is one"));
                }
                diagnostic
            };
            self.out.push(diagnostic);
            if kind.existing.is_empty() {
                return;
            }
        }
    }
}

/// Kebab-case for what is made; whatever the vendor calls it for a fact.
fn is_name(text: &str, fact: bool) -> bool {
    if fact {
        return !text.contains(|c: char| c.is_whitespace() || c.is_control());
    }
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn not_a_name(kind: &KindSchema, text: &str, span: Span) -> Diagnostic {
    let message = format!("`{}` is no name for a `{}`", shown(text), kind.name);
    let rule = "a name is kebab-case: lower-case letters, digits and single hyphens, a letter first";
    let diagnostic = Diagnostic::error("type.name", message, span).with_note(rule);
    let name = kebab(text);
    if is_name(&name, false) { diagnostic.cure(format!("call it `{name}`"), span, name) } else { diagnostic }
}

fn kebab(text: &str) -> String {
    let mut name = String::new();
    let mut before = '-';
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        before = c;
    }
    name.trim_end_matches('-').to_owned()
}
