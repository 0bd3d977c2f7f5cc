//! Times that recur.

use std::fmt;

use purlin_syntax::Symbol;

use super::error::quoted;
use super::{Date, Timestamp, UnitError};

/// A cron schedule of five fields, as written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cron(Symbol);

/// The times of a [`Cron`], one bit for each minute, hour, day, month and day of the week (Sunday is 0).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CronTimes {
    /// 0 to 59.
    pub minutes: u64,
    /// 0 to 23.
    pub hours: u32,
    /// 1 to 31.
    pub days: u32,
    /// 1 to 12.
    pub months: u16,
    /// 0 to 6.
    pub weekdays: u8,
    /// Whether a day has to match both fields of days (one begins with `*`) or either.
    pub both_days: bool,
}

struct FieldRange {
    name: &'static str,
    low: u32,
    high: u32,
    words: &'static [&'static str],
}

const FIELDS: [FieldRange; 5] = [
    FieldRange { name: "minute", low: 0, high: 59, words: &[] },
    FieldRange { name: "hour", low: 0, high: 23, words: &[] },
    FieldRange { name: "day of the month", low: 1, high: 31, words: &[] },
    FieldRange {
        name: "month",
        low: 1,
        high: 12,
        words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    FieldRange {
        name: "day of the week",
        low: 0,
        high: 7,
        words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

const MACROS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

impl Cron {
    pub(super) fn read(text: &str) -> Result<Cron, UnitError> {
        times(text).map(|_| Cron(Symbol::intern(text)))
    }

    /// As written.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// When it fires.
    pub fn times(self) -> CronTimes {
        // Only texts that read are kept, so the default is never met.
        times(self.as_str()).unwrap_or(CronTimes {
            minutes: 0,
            hours: 0,
            days: 0,
            months: 0,
            weekdays: 0,
            both_days: true,
        })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CronTimes {
    /// Whether it fires on a day at all.
    pub fn on_day(&self, date: Date) -> bool {
        let (_, month, day) = date.civil();
        let by_day = self.days & (1 << day) != 0;
        let by_weekday = self.weekdays & (1 << date.weekday()) != 0;
        let by_either = if self.both_days { by_day && by_weekday } else { by_day || by_weekday };
        self.months & (1 << month) != 0 && by_either
    }

    /// How often it fires on a day on which it does.
    pub fn per_day(&self) -> u32 {
        self.minutes.count_ones() * self.hours.count_ones()
    }

    /// The first time after a moment at which it fires, on a clock that shows UTC; `None` if there is none in the
    /// eight years that follow (a 29th of February is at most that far away).
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let start = moment.seconds().div_euclid(60).checked_add(1)?;
        let (first_day, first_minute) = (start.div_euclid(1440), start.rem_euclid(1440));
        let mut day = Timestamp::of(first_day.checked_mul(86_400)?)?.date();
        let mut from = first_minute as u32;
        for _ in 0..=8 * 366 {
            if self.on_day(day)
                && let Some(minute) = (from..1440).find(|minute| self.at_minute(*minute))
            {
                return Timestamp::of(day.start().seconds() + i64::from(minute) * 60);
            }
            day = day.plus_days(1)?;
            from = 0;
        }
        None
    }

    fn at_minute(&self, minute: u32) -> bool {
        self.hours & (1 << (minute / 60)) != 0 && self.minutes & (1 << (minute % 60)) != 0
    }
}

fn times(text: &str) -> Result<CronTimes, UnitError> {
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err(wrong_count(text, &fields));
    };
    let set =
        |index: usize, field: &str| set(&FIELDS[index], field).map_err(|message| wrong_field(text, &message));
    let weekdays = set(4, weekday)?;
    let times = CronTimes {
        minutes: set(0, minute)?,
        hours: set(1, hour)? as u32,
        days: set(2, day)? as u32,
        months: set(3, month)? as u16,
        weekdays: ((weekdays | weekdays >> 7) & 0x7f) as u8,
        both_days: day.starts_with('*') || weekday.starts_with('*'),
    };
    if times.both_days && weekday.starts_with('*') && !some_day_exists(&times) {
        return Err(UnitError::new(format!("{} never comes: no such month has that day", quoted(text))));
    }
    Ok(times)
}

fn some_day_exists(times: &CronTimes) -> bool {
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let first = times.days.trailing_zeros();
    (1..=12).zip(LONGEST).any(|(month, days)| times.months & (1 << month) != 0 && first <= days)
}

/// The bits of a field: `*`, `1`, `1-5`, `*/15`, `1-5/2`, `mon-fri`, and lists of these.
fn set(range: &FieldRange, field: &str) -> Result<u64, String> {
    let mut bits = 0u64;
    for part in field.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => {
                let step = number(step).filter(|step| *step > 0 && *step <= range.high);
                (span, step.ok_or_else(|| format!("{} is not a step of its {}", quoted(part), range.name))?)
            }
            None => (part, 1),
        };
        let (low, high) = match span.split_once('-') {
            _ if span == "*" => (range.low, if range.high == 7 { 6 } else { range.high }),
            Some((low, high)) => (value(range, low)?, value(range, high)?),
            None if part.contains('/') => {
                (value(range, span)?, range.high.min(if range.high == 7 { 6 } else { 59 }))
            }
            None => (value(range, span)?, value(range, span)?),
        };
        if low > high {
            return Err(format!("{} of its {} runs backwards", quoted(span), range.name));
        }
        for value in (low..=high).step_by(step as usize) {
            bits |= 1 << value;
        }
    }
    Ok(bits)
}

fn value(range: &FieldRange, text: &str) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(position) = range.words.iter().position(|word| *word == lower) {
        return Ok(position as u32 + range.low);
    }
    match number(text) {
        Some(value) if (range.low..=range.high).contains(&value) => Ok(value),
        _ => Err(format!("{} is no {} from {} to {}", quoted(text), range.name, range.low, range.high)),
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Offers `*` for Quartz's `?`, and 7 for a Sunday that ends a range.
fn wrong_field(text: &str, message: &str) -> UnitError {
    let starred = text.contains('?').then(|| text.replace('?', "*"));
    let week_end = ["-0", "-sun", "-Sun", "-SUN"].iter().find_map(|end| text.strip_suffix(end));
    let offers = starred.into_iter().chain(week_end.map(|start| format!("{start}-7")));
    UnitError::offering(format!("{message}, in {}", quoted(text)), offers)
}

fn wrong_count(text: &str, fields: &[&str]) -> UnitError {
    let lower = text.trim().to_ascii_lowercase();
    if let Some((_, cron)) = MACROS.iter().find(|(name, _)| *name == lower) {
        let message = format!("{} is a shorthand; a cron schedule has five fields", quoted(text));
        return UnitError::offering(message, [(*cron).to_owned()]);
    }
    let message = format!("{} has {} of the five fields of a cron schedule", quoted(text), fields.len());
    match fields {
        [second, rest @ ..] if rest.len() == 5 && number(second).is_some() => {
            let message =
                format!("{} has six fields; a cron schedule has five, without seconds", quoted(text));
            UnitError::offering(message, [rest.join(" ").replace('?', "*")])
        }
        _ => UnitError::new(message),
    }
}
