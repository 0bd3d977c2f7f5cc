//! Counts per time.

use std::cmp::Ordering;
use std::fmt;

use purlin_syntax::Symbol;

use super::error::{likely, quoted};
use super::number::{Decimal, count, fixed, scaled};
use super::{QuantityKind, UnitError};

/// So many of something for each second, minute, hour or day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rate {
    /// Millionths of one, for each period.
    pub micros: u64,
    /// For each of what.
    pub per: RatePer,
    /// Empty for none: an option of a symbol takes four bytes more, and every value with it.
    what: Symbol,
}

/// The period of a rate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RatePer {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day of 24 hours.
    Day,
}

impl RatePer {
    const ALL: [RatePer; 4] = [RatePer::Second, RatePer::Minute, RatePer::Hour, RatePer::Day];

    /// `s`, `min`, `h`, `day`.
    pub const fn word(self) -> &'static str {
        match self {
            RatePer::Second => "s",
            RatePer::Minute => "min",
            RatePer::Hour => "h",
            RatePer::Day => "day",
        }
    }

    /// How many seconds it has.
    pub const fn seconds(self) -> u32 {
        match self {
            RatePer::Second => 1,
            RatePer::Minute => 60,
            RatePer::Hour => 3600,
            RatePer::Day => 86_400,
        }
    }
}

impl Rate {
    pub(super) fn read(text: &str) -> Result<Rate, UnitError> {
        let Some((counted, per)) = text.rsplit_once('/') else {
            return Err(without_period(text));
        };
        let Some(per) = RatePer::ALL.into_iter().find(|known| known.word() == per) else {
            return Err(unknown_period(text, counted, per));
        };
        let Some((number, factor, rest)) = count(counted) else {
            return Err(UnitError::new(format!("{} is not a rate", quoted(text))));
        };
        let what = match rest.strip_prefix(' ') {
            None if rest.is_empty() => None,
            Some(word) if is_noun(word) => Some(word),
            _ => return Err(not_counted(text, counted, rest, per)),
        };
        if number.negative {
            return Err(UnitError::new(format!("{} is negative; a rate cannot be", quoted(text))));
        }
        let micros = number.times(factor * 1_000_000).map(|(micros, exact)| (u64::try_from(micros), exact));
        match micros {
            Some((Ok(micros), true)) => Ok(Rate::of(micros, per, what.unwrap_or_default())),
            Some((_, false)) => {
                Err(UnitError::new(format!("{} is finer than a millionth of one", quoted(text))))
            }
            _ => Err(UnitError::new(format!("{} is too large for a rate", quoted(text)))),
        }
    }

    /// So many millionths of what is named (`""`: unsaid) per period.
    pub fn of(micros: u64, per: RatePer, what: &str) -> Rate {
        Rate { micros, per, what: Symbol::intern(what) }
    }

    /// Of what: `tokens`; `None` where the field says it.
    pub fn what(self) -> Option<&'static str> {
        Some(self.what.as_str()).filter(|what| !what.is_empty())
    }

    /// How many per second.
    pub fn per_second(self) -> f64 {
        self.micros as f64 / 1e6 / f64::from(self.per.seconds())
    }

    /// How many per minute.
    pub fn per_minute(self) -> f64 {
        self.per_second() * 60.0
    }

    /// How many per hour.
    pub fn per_hour(self) -> f64 {
        self.per_second() * 3600.0
    }

    /// Which is more for the same time; `None` where different things are counted.
    pub fn compare(self, other: Rate) -> Option<Ordering> {
        let cross = |a: Rate, b: Rate| u128::from(a.micros) * u128::from(b.per.seconds());
        (self.what == other.what).then(|| cross(self, other).cmp(&cross(other, self)))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.micros.is_multiple_of(1_000_000);
        let number = if whole { scaled(self.micros / 1_000_000) } else { fixed(u128::from(self.micros), 6) };
        f.write_str(&number)?;
        if let Some(what) = self.what() {
            write!(f, " {what}")?;
        }
        write!(f, "/{}", self.per.word())
    }
}

fn is_noun(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn without_period(text: &str) -> UnitError {
    let slashed = text.replace(" per ", "/");
    if let Some((counted, per)) = slashed.rsplit_once('/') {
        return unknown_period(text, counted, per);
    }
    let lower = text.to_lowercase();
    let short = [("rps", "requests"), ("qps", "queries"), ("tps", "transactions")];
    if let Some(number) = short.iter().find_map(|(unit, _)| lower.strip_suffix(unit)) {
        let message = format!("{} is not a rate: it is written as a count per time", quoted(text));
        return UnitError::offering(message, [format!("{}/s", number.trim())]);
    }
    let offers = if Decimal::read(text).is_some() {
        likely(QuantityKind::Rate, text)
    } else {
        vec![format!("{text}/s"), format!("{text}/min")]
    };
    UnitError::offering(format!("{} is not per second, minute, hour or day", quoted(text)), offers)
}

fn unknown_period(text: &str, counted: &str, per: &str) -> UnitError {
    let meant: &[&str] = match per.trim().to_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => &["s"],
        "m" | "min" | "minute" | "minutes" => &["min"],
        "h" | "hr" | "hour" | "hours" => &["h"],
        "d" | "day" | "days" => &["day"],
        _ => &[],
    };
    let message = format!("{} is not per second, minute, hour or day", quoted(text));
    UnitError::offering(message, meant.iter().map(|per| format!("{}/{per}", counted.trim())))
}

/// Offers for `2m tokens/min`, `2 M tokens/min`, `2Mtokens/min`.
fn not_counted(text: &str, counted: &str, rest: &str, per: RatePer) -> UnitError {
    let written = &counted[..counted.len() - rest.len()];
    let rest = rest.trim();
    let mut offers = Vec::new();
    let mut letters = rest.chars();
    let scale =
        letters.next().map(|letter| letter.to_ascii_uppercase()).filter(|letter| "KMBT".contains(*letter));
    if let Some(scale) = scale
        && (letters.as_str().starts_with(' ') || letters.as_str().is_empty())
    {
        offers.push(format!("{written}{scale}{}/{}", letters.as_str(), per.word()));
    }
    let lower = rest.to_lowercase();
    if is_noun(&lower) {
        offers.push(format!("{written} {lower}/{}", per.word()));
    }
    UnitError::offering(format!("{} is not a count of something", quoted(text)), offers)
}
