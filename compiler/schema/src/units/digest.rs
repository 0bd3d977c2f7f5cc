//! Digests of contents.

use std::fmt;

use purlin_syntax::Symbol;

use super::UnitError;
use super::error::quoted;

/// The SHA-256 of a content, with or without `sha256:` in front when written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Digest(Symbol);

impl Digest {
    pub(super) fn read(text: &str) -> Result<Digest, UnitError> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if is_sha256(hex) {
            return Ok(Digest(Symbol::intern(hex)));
        }
        let lower = text.trim().to_lowercase();
        let bare = lower.strip_prefix("sha256:").or(lower.strip_prefix("sha256-")).unwrap_or(&lower);
        let digits = bare.bytes().all(|b| b.is_ascii_hexdigit()) && !bare.is_empty();
        let message = if digits && bare.len() != 64 {
            format!("{} has {} hexadecimal digits; a SHA-256 has 64", quoted(text), bare.len())
        } else {
            format!("{} is not a SHA-256", quoted(text))
        };
        Err(UnitError::offering(message, [format!("sha256:{bare}")]))
    }

    /// The 64 hexadecimal digits, without `sha256:`.
    pub fn hex(self) -> &'static str {
        self.0.as_str()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

/// Whether a text is 64 hexadecimal digits in small letters.
pub(super) fn is_sha256(hex: &str) -> bool {
    hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
