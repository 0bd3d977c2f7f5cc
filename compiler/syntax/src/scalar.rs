//! The text of a scalar.

use std::borrow::Cow;

use crate::tree::ScalarKind;

/// The decoded text of a string value, the source of any other.
pub fn text(kind: ScalarKind, source: &str) -> Cow<'_, str> {
    match kind {
        ScalarKind::Quoted => Cow::Borrowed(source.trim_matches('"')),
        _ => Cow::Borrowed(source),
    }
}
