//! Spans of time: of fixed length, and of the calendar.

use std::cmp::Ordering;
use std::fmt;

use super::error::{likely, quoted};
use super::number::{Decimal, Unit, read_units, shortest, whole};
use super::{QuantityKind, UnitError};

/// A span of time of fixed length, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Duration(pub u64);

const SECOND: u128 = 1_000_000;
const MINUTE: u128 = 60 * SECOND;
const HOUR: u128 = 60 * MINUTE;
const DAY: u128 = 24 * HOUR;

/// What is written first; `m` and `w` are read, too.
const DURATIONS: &[Unit] = &[
    ("h", HOUR),
    ("min", MINUTE),
    ("s", SECOND),
    ("d", DAY),
    ("ms", 1_000),
    ("us", 1),
    ("m", MINUTE),
    ("w", 7 * DAY),
];
/// The units in which a duration is written.
const WRITTEN: usize = 6;

const DURATION_ALIASES: &[(&str, &[&str])] = &[
    ("sec", &["s"]),
    ("secs", &["s"]),
    ("second", &["s"]),
    ("seconds", &["s"]),
    ("mins", &["min"]),
    ("minute", &["min"]),
    ("minutes", &["min"]),
    ("hr", &["h"]),
    ("hrs", &["h"]),
    ("hour", &["h"]),
    ("hours", &["h"]),
    ("day", &["d"]),
    ("days", &["d"]),
    ("week", &["w"]),
    ("weeks", &["w"]),
    ("msec", &["ms"]),
    ("millis", &["ms"]),
    ("milliseconds", &["ms"]),
    ("µs", &["us"]),
    ("μs", &["us"]),
    ("micros", &["us"]),
    ("microseconds", &["us"]),
];

impl Duration {
    pub(super) fn read(text: &str) -> Result<Duration, UnitError> {
        let read = read_units(QuantityKind::Duration, text, DURATIONS, DURATION_ALIASES).map(Duration);
        read.map_err(|error| if error.offers.is_empty() { not_a_duration(text, error) } else { error })
    }

    /// So many seconds.
    pub const fn from_seconds(seconds: u32) -> Duration {
        Duration(seconds as u64 * 1_000_000)
    }

    /// In microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// In milliseconds.
    pub fn milliseconds(self) -> f64 {
        self.0 as f64 / 1e3
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In whole seconds, rounded up: for targets that know nothing finer.
    pub const fn whole_seconds(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// In minutes.
    pub fn minutes(self) -> f64 {
        self.seconds() / 60.0
    }

    /// In hours.
    pub fn hours(self) -> f64 {
        self.seconds() / 3600.0
    }

    /// In days of 24 hours.
    pub fn days(self) -> f64 {
        self.hours() / 24.0
    }

    /// The sum, if it fits.
    pub fn checked_add(self, other: Duration) -> Option<Duration> {
        self.0.checked_add(other.0).map(Duration)
    }

    /// The difference, if it is not negative.
    pub fn checked_sub(self, other: Duration) -> Option<Duration> {
        self.0.checked_sub(other.0).map(Duration)
    }

    /// So many times, if it fits.
    pub fn checked_mul(self, count: u64) -> Option<Duration> {
        self.0.checked_mul(count).map(Duration)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortest(self.0, &DURATIONS[..WRITTEN]))
    }
}

/// Offers for what has several units (`1h30min`), and for months and years, which have no fixed length.
fn not_a_duration(text: &str, error: UnitError) -> UnitError {
    if let Some(sum) = sum(text) {
        let message = format!("{} has several units; a duration has one", quoted(text));
        return UnitError::offering(message, [sum.to_string()]);
    }
    match Period::read(text) {
        Ok(period) if period.months > 0 => UnitError::offering(
            format!(
                "{} has no fixed length: months and years are periods, and a duration is wanted",
                quoted(text)
            ),
            [format!("{}d", period.days_at_most())],
        ),
        _ => error,
    }
}

/// The sum of a text such as `1h30m`.
fn sum(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration(0);
    while !rest.is_empty() {
        let (number, after) = Decimal::split(rest)?;
        let end = after.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, factor) = DURATIONS.iter().find(|(name, _)| *name == unit)?;
        let part = whole(QuantityKind::Duration, text, number, *factor).ok()?;
        sum = sum.checked_add(Duration(part))?;
        rest = after.trim_start();
        if number.negative {
            return None;
        }
    }
    Some(sum)
}

/// A span of the calendar: months, then days.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Period {
    /// Whole months; a year is twelve.
    pub months: u32,
    /// Whole days; a week is seven.
    pub days: u32,
}

/// The fewest and the most days that 0 to 11 months in a row have.
const FEWEST: [u64; 12] = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334];
const MOST: [u64; 12] = [0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337];

impl Period {
    pub(super) fn read(text: &str) -> Result<Period, UnitError> {
        let mut period = Period::default();
        let mut rest = text;
        let mut units = ["y", "mo", "w", "d"].as_slice();
        loop {
            let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            let end = after.bytes().position(|b| b.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(end);
            let unit = unit.strip_prefix(' ').unwrap_or(unit);
            let Some(position) = units.iter().position(|known| *known == unit) else {
                return Err(not_a_period(text, number, unit));
            };
            if number.is_empty() {
                return Err(not_a_period(text, number, unit));
            }
            let count: u32 = number.parse().map_err(|_| too_long(text))?;
            period = period.plus(count, unit).ok_or_else(|| too_long(text))?;
            if after.is_empty() {
                return if period.fits() { Ok(period) } else { Err(too_long(text)) };
            }
            units = &units[position + 1..];
            rest = after;
        }
    }

    fn plus(self, count: u32, unit: &str) -> Option<Period> {
        let (per_month, per_day) = match unit {
            "y" => (12, 0),
            "mo" => (1, 0),
            "w" => (0, 7),
            _ => (0, 1),
        };
        Some(Period {
            months: self.months.checked_add(count.checked_mul(per_month)?)?,
            days: self.days.checked_add(count.checked_mul(per_day)?)?,
        })
    }

    /// No more than ten thousand years: the calendar ends there.
    fn fits(self) -> bool {
        self.months <= 120_000 && self.days <= 3_660_000
    }

    /// The fewest days that the period can have, whenever it begins.
    pub fn days_at_least(self) -> u64 {
        let years = u64::from(self.months / 12);
        let leap_days = (years / 4).saturating_sub(years.div_ceil(100));
        years * 365 + leap_days + FEWEST[self.months as usize % 12] + u64::from(self.days)
    }

    /// The most days that the period can have, whenever it begins.
    pub fn days_at_most(self) -> u64 {
        let years = u64::from(self.months / 12);
        years * 365 + years.div_ceil(4) + MOST[self.months as usize % 12] + u64::from(self.days)
    }

    /// Which is longer; `None` where it depends on the date from which they are counted (`1mo`, `30d`).
    pub fn compare(self, other: Period) -> Option<Ordering> {
        if self.months == other.months {
            Some(self.days.cmp(&other.days))
        } else if self.days_at_most() < other.days_at_least() {
            Some(Ordering::Less)
        } else if self.days_at_least() > other.days_at_most() {
            Some(Ordering::Greater)
        } else if self.days == other.days {
            Some(self.months.cmp(&other.months))
        } else {
            None
        }
    }

    /// A duration of the fewest days that the period can have.
    pub fn shortest(self) -> Duration {
        Duration(self.days_at_least() * DAY as u64)
    }

    /// A duration of the most days that the period can have.
    pub fn longest(self) -> Duration {
        Duration(self.days_at_most() * DAY as u64)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (years, months) = (self.months / 12, self.months % 12);
        if years > 0 {
            write!(f, "{years}y")?;
        }
        if months > 0 {
            write!(f, "{months}mo")?;
        }
        if self.days > 0 || self.months == 0 {
            write!(f, "{}d", self.days)?;
        }
        Ok(())
    }
}

fn too_long(text: &str) -> UnitError {
    UnitError::new(format!("{} is longer than ten thousand years", quoted(text)))
}

fn not_a_period(text: &str, number: &str, unit: &str) -> UnitError {
    let lower = unit.trim().to_lowercase();
    let meant: &[&str] = match lower.as_str() {
        "year" | "years" | "yr" | "yrs" | "a" | "y" => &["y"],
        "month" | "months" | "mon" | "m" | "mo" => &["mo"],
        "week" | "weeks" | "w" => &["w"],
        "day" | "days" | "d" => &["d"],
        _ => &[],
    };
    if !number.is_empty() && unit.is_empty() {
        let message = format!("{} has no unit of period", quoted(text));
        return UnitError::offering(message, likely(QuantityKind::Period, number));
    }
    if let Some(months) = text.strip_suffix('y').and_then(Decimal::read).and_then(|years| years.times(12))
        && months.1
    {
        let message = format!("{} has a part of a year; a period has whole months", quoted(text));
        return UnitError::offering(message, [format!("{}mo", months.0)]);
    }
    if let Some(hours) = text.strip_suffix('h').and_then(|hours| hours.parse::<u32>().ok())
        && hours % 24 == 0
    {
        let message = format!("{} is a duration; a period has whole days", quoted(text));
        return UnitError::offering(message, [format!("{}d", hours / 24)]);
    }
    let message = if unit.is_empty() || number.is_empty() {
        format!("{} is not a period", quoted(text))
    } else {
        format!("{} is not a unit of period", quoted(unit))
    };
    UnitError::offering(message, meant.iter().map(|unit| format!("{number}{unit}")))
}
