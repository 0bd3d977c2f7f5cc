//! Bounds of metrics, and how far something goes.

use std::cmp::Ordering;
use std::fmt;

use purlin_syntax::Symbol;

use super::error::{likely, quoted};
use super::number::{Decimal, count, plain, scaled};
use super::{Duration, Money, QuantityKind, Rate, Ratio, Steps, Tokens, UnitError};

/// How far something goes: in steps, in tokens, in time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// Training steps.
    Steps(Steps),
    /// Tokens.
    Tokens(Tokens),
    /// Time.
    Duration(Duration),
}

impl Extent {
    pub(super) fn read(text: &str) -> Result<Extent, UnitError> {
        if let Some(number) = Decimal::read(text) {
            let message =
                format!("{} has no unit: an extent is in steps, in tokens, or in time", quoted(text));
            let offers = if number.negative { Vec::new() } else { likely(QuantityKind::Extent, text) };
            return Err(UnitError::offering(message, offers));
        }
        let lower = text.to_lowercase();
        if lower.contains("tok") {
            Tokens::read(text).map(Extent::Tokens)
        } else if lower.contains("step") {
            Steps::read(text).map(Extent::Steps)
        } else {
            Duration::read(text).map(Extent::Duration)
        }
    }

    /// Which is further; `None` where they are not in the same unit.
    pub fn compare(self, other: Extent) -> Option<Ordering> {
        match (self, other) {
            (Extent::Steps(a), Extent::Steps(b)) => Some(a.cmp(&b)),
            (Extent::Tokens(a), Extent::Tokens(b)) => Some(a.cmp(&b)),
            (Extent::Duration(a), Extent::Duration(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extent::Steps(value) => value.fmt(f),
            Extent::Tokens(value) => value.fmt(f),
            Extent::Duration(value) => value.fmt(f),
        }
    }
}

/// The bound of a metric.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Measure {
    /// A plain number.
    Number(f64),
    /// A percentage.
    Ratio(Ratio),
    /// A span of time.
    Duration(Duration),
    /// A count per time.
    Rate(Rate),
    /// An amount of money.
    Money(Money),
    /// So many of what is named.
    Count(u64, Symbol),
}

impl Measure {
    pub(super) fn read(text: &str) -> Result<Measure, UnitError> {
        if let Some(number) = Decimal::read(text) {
            let too_large = || UnitError::new(format!("{} is too large for a measure", quoted(text)));
            return number.to_f64().map(Measure::Number).ok_or_else(too_large);
        }
        if text.ends_with('%') {
            return Ratio::read(text).map(Measure::Ratio);
        }
        if text.contains('/') {
            return Rate::read(text).map(Measure::Rate);
        }
        let not_a_duration = match Duration::read(text) {
            Ok(duration) => return Ok(Measure::Duration(duration)),
            Err(error) => error,
        };
        let not_money = match Money::read(text) {
            Ok(money) => return Ok(Measure::Money(money)),
            Err(error) => error,
        };
        let mut offers = [not_a_duration.offers, not_money.offers].concat();
        match counted(text) {
            Some(count) if offers.is_empty() => return Ok(count),
            _ => {}
        }
        let others = [Tokens::read(text).err(), Ratio::read(text).err()];
        offers.extend(others.into_iter().flatten().flat_map(|error| error.offers));
        offers.dedup();
        let message =
            format!("{} is no number, ratio, duration, rate, count or amount of money", quoted(text));
        Err(UnitError::offering(message, offers))
    }

    /// Which is more; `None` where they measure different things. A number and a percentage are comparable.
    pub fn compare(self, other: Measure) -> Option<Ordering> {
        match (self, other) {
            (Measure::Duration(a), Measure::Duration(b)) => Some(a.cmp(&b)),
            (Measure::Rate(a), Measure::Rate(b)) => a.compare(b),
            (Measure::Money(a), Measure::Money(b)) => a.compare(b),
            (Measure::Count(a, what), Measure::Count(b, other)) => (what == other).then(|| a.cmp(&b)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// The number of a number or a percentage.
    pub fn number(self) -> Option<f64> {
        match self {
            Measure::Number(value) | Measure::Ratio(Ratio(value)) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Number(value) => f.write_str(&plain(*value)),
            Measure::Ratio(value) => value.fmt(f),
            Measure::Duration(value) => value.fmt(f),
            Measure::Rate(value) => value.fmt(f),
            Measure::Money(value) => value.fmt(f),
            Measure::Count(count, what) => write!(f, "{} {what}", scaled(*count)),
        }
    }
}

/// `250 tokens`, `2B tokens`.
fn counted(text: &str) -> Option<Measure> {
    let (number, factor, rest) = count(text)?;
    let what = rest.strip_prefix(' ')?;
    let noun = what.len() > 2 && what.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let (count, exact) = number.times(factor)?;
    let count = u64::try_from(count).ok()?;
    (noun && exact && !number.negative && what.starts_with(|c: char| c.is_ascii_lowercase()))
        .then(|| Measure::Count(count, Symbol::intern(what)))
}
