//! What a rule finds when it asks for a field.

use purlin_syntax::Span;

/// A field's state after evaluation.
///
/// The last three are no answer: whoever meets one stays silent or says *unknown*. The type makes it so.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Field<T> {
    /// The value, and where it stands.
    Present(T, Span),
    /// Not said, and no default.
    Absent,
    /// Wrong, and already reported.
    Hole,
    /// Known only after apply.
    Deferred,
    /// The catalog does not know it.
    Unknown,
}

/// A rule met a field that has no answer, and says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silent;

impl<T> Field<T> {
    /// The value, or silence: also when it is absent.
    pub fn present(self) -> Result<T, Silent> {
        match self {
            Field::Present(value, _) => Ok(value),
            _ => Err(Silent),
        }
    }

    /// The value if said, `None` if not said, silence if it cannot be known.
    pub fn known(self) -> Result<Option<T>, Silent> {
        match self {
            Field::Present(value, _) => Ok(Some(value)),
            Field::Absent => Ok(None),
            Field::Hole | Field::Deferred | Field::Unknown => Err(Silent),
        }
    }

    /// The value if said, a default if not said, silence if it cannot be known.
    pub fn or(self, default: T) -> Result<T, Silent> {
        Ok(self.known()?.unwrap_or(default))
    }

    /// The value where there is one: for emitting and showing, where every hole is already an error.
    pub fn get(self) -> Option<T> {
        self.present().ok()
    }

    /// Where the value stands.
    pub fn span(&self) -> Option<Span> {
        match self {
            Field::Present(_, span) => Some(*span),
            _ => None,
        }
    }

    /// Whether nothing was said.
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// The same state with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Field::Present(value, span) => Field::Present(change(value), span),
            Field::Absent => Field::Absent,
            Field::Hole => Field::Hole,
            Field::Deferred => Field::Deferred,
            Field::Unknown => Field::Unknown,
        }
    }
}
