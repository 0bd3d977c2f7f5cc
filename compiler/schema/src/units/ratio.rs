//! Parts of a whole.

use std::cmp::Ordering;
use std::fmt;

use super::error::{likely, quoted};
use super::number::Decimal;
use super::{QuantityKind, UnitError};

/// A part of a whole: 0.999, or 99.9%. May be negative where a loss is meant.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Ratio(pub f64);

impl Ratio {
    pub(super) fn read(text: &str) -> Result<Ratio, UnitError> {
        let percent = text.strip_suffix('%').map(|number| number.strip_suffix(' ').unwrap_or(number));
        let Some(number) = Decimal::read(percent.unwrap_or(text)) else {
            return Err(not_a_ratio(text));
        };
        let part = if percent.is_some() { number.shifted(-2) } else { Some(number) };
        let Some(value) = part.and_then(Decimal::to_f64) else {
            return Err(UnitError::new(format!("{} is too large for a ratio", quoted(text))));
        };
        if percent.is_none() && value.abs() > 1.0 {
            let message = format!(
                "{} is more than the whole; beyond 1 a ratio is written as a percentage",
                quoted(text)
            );
            let whole = number.shifted(2).and_then(Decimal::to_f64).map(|percent| format!("{percent}%"));
            return Err(UnitError::offering(
                message,
                likely(QuantityKind::Ratio, text).into_iter().chain(whole),
            ));
        }
        Ok(Ratio(value))
    }

    /// As a number: 0.999.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// In percent: 99.9.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }

    /// Which is greater.
    pub fn compare(self, other: Ratio) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// As a percentage; the digits are those of the number, with the point moved.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", moved_by_two(&self.0.to_string()))
    }
}

/// Moves the decimal point of a plain decimal two places to the right.
fn moved_by_two(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let padded = format!("{fraction:0<2}");
    let (moved, left) = padded.split_at(2);
    let digits = format!("{whole}{moved}");
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    if left.is_empty() { format!("{sign}{digits}") } else { format!("{sign}{digits}.{left}") }
}

fn not_a_ratio(text: &str) -> UnitError {
    let lower = text.trim().to_lowercase();
    let number = lower.trim_end_matches("percent").trim_end_matches("pct").trim_end_matches('%').trim();
    let number = number.replace(',', ".");
    let offers = (number.len() < text.len() || text.contains(',')).then(|| format!("{number}%"));
    UnitError::offering(format!("{} is not a ratio", quoted(text)), offers)
}
