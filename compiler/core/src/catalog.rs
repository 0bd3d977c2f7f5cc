//! Facts as rules see them: the built-in catalog, and the project's own fact blocks before it.

use purlin_schema::{Reference, kinds};
use purlin_syntax::Diagnostic;

/// The catalog of a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog;

impl Catalog {
    /// Whether a kind describes the world rather than something to be made.
    pub fn is_fact_kind(kind: &str) -> bool {
        kinds::kind(kind).is_some_and(|kind| kind.fact)
    }

    /// Whether the built-in catalog has the name, in one of the kinds that a field admits.
    pub fn has(reference: Reference, admitted: &[&str]) -> bool {
        admitted
            .iter()
            .filter(|kind| reference.kind.is_none_or(|said| said.as_str() == **kind))
            .any(|kind| Self::names(kind).binary_search(&reference.name.as_str()).is_ok())
    }

    /// The names of a kind that the built-in catalog has, sorted.
    pub fn names(_kind: &str) -> &'static [&'static str] {
        &[]
    }

    /// The finding for a name that the catalog lacks: a warning, never a refusal.
    pub fn unknown(reference: Reference, kind: &str) -> Diagnostic {
        let message = format!("the catalog has no {kind} `{}`", reference.name);
        Diagnostic::warning("catalog.unknown", message, reference.span).with_note(format!(
            "what depends on it is not checked; declare it: `{kind} {} {{ … source \"…\"; as-of \"…\" }}`",
            reference.name
        ))
    }
}
