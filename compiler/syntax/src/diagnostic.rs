//! What a user is told: what is wrong, where, and how to mend it.

use crate::span::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Worth knowing; never changes the exit code.
    Note,
    /// Probably wrong, or not provable.
    Warning,
    /// Proved wrong: nothing is emitted.
    Error,
}

impl Level {
    /// `note`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// One place that a diagnostic speaks of, and what it says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words; may be empty on the first label.
    pub text: String,
}

/// Replace a span by a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that mends the finding: proved by the rule that offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cure {
    /// What the change does, as an imperative: `quote the value`.
    pub title: String,
    /// The edits, all of them together.
    pub edits: Vec<Edit>,
}

/// A finding of any stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Id of the rule, `layer.name`.
    pub rule: &'static str,
    /// Weight.
    pub level: Level,
    /// What is wrong: one sentence that stands alone, fixed wording, no second person.
    pub message: String,
    /// Where; the first is the primary one. Never empty once a diagnostic leaves its stage.
    pub labels: Vec<Label>,
    /// The arithmetic and the reasons, a line each.
    pub notes: Vec<String>,
    /// Cures known without searching. Searched ones are asked of the rule when somebody looks.
    pub cures: Vec<Cure>,
}

impl Diagnostic {
    /// A finding at one place.
    pub fn new(rule: &'static str, level: Level, message: impl Into<String>, span: Span) -> Self {
        Diagnostic {
            rule,
            level,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            notes: Vec::new(),
            cures: Vec::new(),
        }
    }

    /// An error at one place.
    pub fn error(rule: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(rule, Level::Error, message, span)
    }

    /// A warning at one place.
    pub fn warning(rule: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(rule, Level::Warning, message, span)
    }

    /// A note at one place.
    pub fn note(rule: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(rule, Level::Note, message, span)
    }

    /// Says something of the primary place.
    #[must_use]
    pub fn because(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a line of arithmetic or reason.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a cure of one edit.
    #[must_use]
    pub fn cure(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.cures.push(Cure { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// The primary place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}
