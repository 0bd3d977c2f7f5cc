//! Versions of software, of models, of data.

use std::cmp::Ordering;
use std::fmt;

use purlin_syntax::Symbol;

use super::error::quoted;
use super::{Bandwidth, Bytes, Duration, UnitError};

/// A version as written: numbers with dots, then perhaps a suffix (`2.1.0`, `580.65.06`, `1.2.0-rc.1`, `2026-10-01`).
///
/// Equal means written alike; [`Version::compare`] finds `1.34` and `1.34.0` to be the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Version(Symbol);

/// The longest tag that a registry takes; versions become tags and labels.
const LONGEST: usize = 128;

impl Version {
    pub(super) fn read(text: &str) -> Result<Version, UnitError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_');
        let broken = text.split(['.', '-', '+', '_']).any(str::is_empty);
        let digit = text.starts_with(|c: char| c.is_ascii_digit());
        if digit && text.len() <= LONGEST && text.bytes().all(legal) && !broken && !has_unit(text) {
            return Ok(Version(Symbol::intern(text)));
        }
        let plain = text.trim().trim_start_matches(['v', 'V', '=', '^', '~', '>', ' ']);
        let plain = plain.trim_end_matches(".x").trim_end_matches(".*");
        let offers = (plain != text).then(|| plain.to_owned());
        Err(UnitError::offering(format!("{} is not a version", quoted(text)), offers))
    }

    /// As written.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The first number, if it is not astronomical.
    pub fn major(self) -> Option<u64> {
        parts(self.as_str()).next()?.parse().ok()
    }

    /// The second number, where there is one.
    pub fn minor(self) -> Option<u64> {
        parts(self.as_str()).nth(1)?.parse().ok()
    }

    /// Which is later. A missing number counts as zero; `alpha`, `beta`, `dev`, `preview`, `pre` and `rc` come before
    /// the version that they announce.
    pub fn compare(self, other: Version) -> Ordering {
        let (mut left, mut right) = (parts(self.as_str()), parts(other.as_str()));
        loop {
            let order = match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (Some(left), None) => against_nothing(left),
                (None, Some(right)) => against_nothing(right).reverse(),
                (Some(left), Some(right)) => compare_parts(left, right),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
    }

    /// Whether it is that version or a later one.
    pub fn at_least(self, other: Version) -> bool {
        self.compare(other) != Ordering::Less
    }

    /// Whether all parts of the other one stand at its beginning: `580.65.06` is a `580`, `1.34.2` is a `1.34`.
    pub fn is_a(self, other: Version) -> bool {
        let mut own = parts(self.as_str());
        parts(other.as_str())
            .all(|part| own.next().is_some_and(|own| compare_parts(own, part) == Ordering::Equal))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether it is an amount or a duration (`80GiB`, `20min`); `1.1.1w` and `2024a` are versions.
fn has_unit(text: &str) -> bool {
    let letters = text.len() - text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    letters > 1
        && (Bytes::read(text).is_ok() || Duration::read(text).is_ok() || Bandwidth::read(text).is_ok())
}

/// Runs of digits and runs of letters, in order.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-', '+', '_']);
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let other = |c: char| c.is_ascii_digit() != digits || matches!(c, '.' | '-' | '+' | '_');
        let (part, after) = rest.split_at(rest.find(other).unwrap_or(rest.len()));
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    match (is_number(left), is_number(right)) {
        (true, true) => {
            let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
            left.len().cmp(&right.len()).then_with(|| left.cmp(right))
        }
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => announces(right).cmp(&announces(left)).then_with(|| left.cmp(right)),
    }
}

/// How a part compares with its absence.
fn against_nothing(part: &str) -> Ordering {
    if is_number(part) {
        if part.bytes().all(|b| b == b'0') { Ordering::Equal } else { Ordering::Greater }
    } else if announces(part) {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a word stands before the version that follows.
fn announces(word: &str) -> bool {
    ["a", "alpha", "b", "beta", "dev", "pre", "preview", "rc", "c", "snapshot", "nightly"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}
