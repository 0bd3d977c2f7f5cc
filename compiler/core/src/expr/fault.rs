//! What is wrong with an expression, and where in its text.

use purlin_schema::value::Formula;
use purlin_syntax::{Cure, Diagnostic, Edit};

/// A mistake in an expression, found while it is read, typed or run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What is wrong; stands alone.
    pub message: String,
    /// First byte in the text.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
    /// Reasons, a line each.
    pub notes: Vec<String>,
    /// Texts that may stand there instead.
    pub offers: Vec<String>,
}

/// The text is no expression, or cannot be run to its end.
pub(super) const LANGUAGE: &str = "language.expression";
/// Types that do not go together.
pub(super) const TYPE: &str = "type.expression";
/// A name that means nothing.
pub(super) const NAME: &str = "reference.unknown-in-expression";

impl Fault {
    /// A fault at a place.
    pub fn new(rule: &'static str, message: impl Into<String>, (lo, hi): (u32, u32)) -> Fault {
        Fault { rule, message: message.into(), lo, hi, notes: Vec::new(), offers: Vec::new() }
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Fault {
        self.notes.push(note.into());
        self
    }

    /// Adds texts that may stand there instead.
    #[must_use]
    pub fn offer(mut self, offers: impl IntoIterator<Item = String>) -> Fault {
        self.offers.extend(offers);
        self
    }

    /// As a finding, at its place in the source.
    pub fn diagnostic(&self, formula: &Formula) -> Diagnostic {
        let span = formula.at(self.lo as usize, self.hi as usize);
        let mut diagnostic = Diagnostic::error(self.rule, self.message.clone(), span);
        diagnostic.notes.clone_from(&self.notes);
        for offer in &self.offers {
            let edits = vec![Edit { span, text: offer.clone() }];
            diagnostic.cures.push(Cure { title: format!("write `{offer}`"), edits });
        }
        diagnostic
    }
}
