//! Days and moments of the (proleptic Gregorian) calendar.

use std::fmt;

use super::error::quoted;
use super::{Duration, Period, UnitError};

/// A day of the calendar, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(i32);

/// A moment, in seconds since 1970-01-01T00:00:00Z, leap seconds left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

const SECONDS_PER_DAY: i64 = 86_400;

impl Date {
    /// The last day that can be written.
    const LAST: Date = Date(2_932_896);

    pub(super) fn read(text: &str) -> Result<Date, UnitError> {
        let fields = split_date(text);
        match fields.and_then(|(year, month, day)| Date::of(year, month, day)) {
            Some(date) => Ok(date),
            None => Err(not_a_date(text, fields)),
        }
    }

    /// The day of a year (1 to 9999), a month and a day of the month; `None` where there is none.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Date> {
        let real = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_of_month(year, month);
        real.then(|| Date(days_before(year, month) + day.cast_signed() - 1))
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Year, month and day of the month.
    pub fn civil(self) -> (i32, u32, u32) {
        civil(self.0)
    }

    /// 0 for Sunday to 6 for Saturday.
    pub fn weekday(self) -> u32 {
        (self.0 + 4).rem_euclid(7) as u32
    }

    /// The moment at which it begins in UTC.
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * SECONDS_PER_DAY)
    }

    /// The day so many days later, within the years that can be written.
    pub fn plus_days(self, days: u32) -> Option<Date> {
        let date = Date(self.0.checked_add(i32::try_from(days).ok()?)?);
        (date <= Date::LAST).then_some(date)
    }

    /// The day a period later: months first, held to the last day of a shorter month, then days.
    pub fn plus(self, period: Period) -> Option<Date> {
        let (year, month, day) = self.civil();
        let months =
            u32::try_from(year).ok()?.checked_mul(12)?.checked_add(month - 1)?.checked_add(period.months)?;
        let (year, month) = ((months / 12).cast_signed(), months % 12 + 1);
        if year > 9999 {
            return None;
        }
        Date::of(year, month, day.min(days_of_month(year, month)))?.plus_days(period.days)
    }

    /// Days from the other one to this one; negative where this one is earlier.
    pub const fn days_since(self, other: Date) -> i32 {
        self.0 - other.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Timestamp {
    pub(super) fn read(text: &str) -> Result<Timestamp, UnitError> {
        match rfc3339(text) {
            Some(moment) => Ok(moment),
            None => Err(not_a_timestamp(text)),
        }
    }

    /// The moment of so many seconds since 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    pub fn of(seconds: i64) -> Option<Timestamp> {
        let day = i32::try_from(seconds.div_euclid(SECONDS_PER_DAY)).ok()?;
        (civil_in_range(day)).then_some(Timestamp(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Its day in UTC.
    pub fn date(self) -> Date {
        Date(self.0.div_euclid(SECONDS_PER_DAY) as i32)
    }

    /// Hour, minute and second in UTC.
    pub fn clock(self) -> (u32, u32, u32) {
        let second = self.0.rem_euclid(SECONDS_PER_DAY) as u32;
        (second / 3600, second / 60 % 60, second % 60)
    }

    /// The time from the other moment to this one; `None` where this one is earlier.
    pub fn since(self, other: Timestamp) -> Option<Duration> {
        let seconds = u64::try_from(self.0.checked_sub(other.0)?).ok()?;
        seconds.checked_mul(1_000_000).map(Duration)
    }

    /// The moment so much later, in whole seconds, within the years that can be written.
    pub fn plus(self, time: Duration) -> Option<Timestamp> {
        Timestamp::of(self.0.checked_add(i64::try_from(time.micros() / 1_000_000).ok()?)?)
    }
}

/// In UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.clock();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", self.date())
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of a month.
fn days_before(year: i32, month: u32) -> i32 {
    const BEFORE: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let past = year - 1;
    let leap_days = past / 4 - past / 100 + past / 400;
    let this_leap_day = i32::from(month > 2 && is_leap(year));
    past * 365 + leap_days - 719_162 + BEFORE[(month as usize - 1) % 12] + this_leap_day
}

fn civil(days: i32) -> (i32, u32, u32) {
    // 400 years have 146 097 days: the guess is off by one year at most.
    let since_one = i64::from(days) + 719_162;
    let mut year = (since_one * 400 / 146_097) as i32 + 1;
    while days_before(year, 1) > days {
        year -= 1;
    }
    while days_before(year + 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days_before(year, *month) <= days).unwrap_or(1);
    (year, month, (days - days_before(year, month) + 1) as u32)
}

fn civil_in_range(day: i32) -> bool {
    (days_before(1, 1)..=Date::LAST.0).contains(&day)
}

/// The numbers of `2027-01-31`.
fn split_date(text: &str) -> Option<(i32, u32, u32)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    Some((digits(bytes, 0, 4)?.cast_signed(), digits(bytes, 5, 2)?, digits(bytes, 8, 2)?))
}

fn digits(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    bytes
        .get(from..from + count)?
        .iter()
        .try_fold(0u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}

/// `2027-01-11T11:30:00Z`, or with an offset in place of `Z`; fractions of zero are let pass.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_at_checked(10)?;
    let (year, month, day) = split_date(date)?;
    let bytes = time.as_bytes();
    if bytes.first() != Some(&b'T') || bytes.get(3) != Some(&b':') || bytes.get(6) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?, digits(bytes, 7, 2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let zone = time.get(9..)?;
    let zone = zone.strip_prefix('.').map_or(zone, |fraction| fraction.trim_start_matches('0'));
    let seconds = i64::from(hour * 3600 + minute * 60 + second) - offset(zone)?;
    Timestamp::of(Date::of(year, month, day)?.start().0 + seconds)
}

/// Seconds east of UTC of `Z` or `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let bytes = zone.as_bytes();
    if bytes.len() != 6 || bytes[3] != b':' {
        return None;
    }
    let (hours, minutes) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?);
    let seconds = i64::from(hours * 3600 + minutes * 60);
    match bytes[0] {
        _ if hours > 23 || minutes > 59 => None,
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// Offers for days that do not exist, and for `2027/1/5`, `31.01.2027`, `01/31/2027`, `20270131`.
fn not_a_date(text: &str, fields: Option<(i32, u32, u32)>) -> UnitError {
    if let Some((year, month, day)) = fields {
        let message = format!("{} is not a day of the calendar", quoted(text));
        let last = (1..=12).contains(&month).then(|| days_of_month(year, month));
        let offer = last.filter(|last| day > *last).map(|last| format!("{year:04}-{month:02}-{last:02}"));
        return UnitError::offering(message, offer);
    }
    if rfc3339(text).is_some() {
        let message = format!("{} is a timestamp; a date is wanted", quoted(text));
        return UnitError::offering(message, [text[..10].to_owned()]);
    }
    let numbers: Vec<&str> = text.trim().split(['-', '/', '.', ' ']).collect();
    let ordered: &[[usize; 3]] = match numbers[..] {
        [first, _, _] if first.len() == 4 => &[[0, 1, 2]],
        [_, _, last] if last.len() == 4 && text.contains('.') => &[[2, 1, 0]],
        [_, _, last] if last.len() == 4 => &[[2, 0, 1], [2, 1, 0]],
        _ => &[],
    };
    let written = |order: &[usize; 3]| {
        Some([numbers[order[0]], numbers[order[1]], numbers[order[2]]])
            .map(|[year, month, day]| format!("{year}-{month:0>2}-{day:0>2}"))
    };
    let mut offers: Vec<String> = ordered.iter().filter_map(written).collect();
    if let [digits] = numbers[..]
        && digits.len() == 8
        && digits.is_ascii()
    {
        offers.push(format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]));
    }
    offers.dedup();
    UnitError::offering(format!("{} is not a date of the form `2027-01-31`", quoted(text)), offers)
}

/// Offers for a missing zone, a space in place of the `T`, missing seconds, and a date alone.
fn not_a_timestamp(text: &str) -> UnitError {
    if Date::read(text).is_ok() {
        let message = format!("{} is a date; a timestamp is wanted", quoted(text));
        return UnitError::offering(message, [format!("{text}T00:00:00Z")]);
    }
    let upper = text.trim().to_uppercase().replacen(' ', "T", 1).replace(" UTC", "Z").replace(' ', "");
    let with_seconds = match upper.as_bytes() {
        bytes if bytes.len() >= 16 && bytes.get(16) != Some(&b':') && upper.is_ascii() => {
            format!("{}:00{}", &upper[..16], &upper[16..])
        }
        _ => upper.clone(),
    };
    let whole = match (with_seconds.split_once('.'), with_seconds.is_ascii()) {
        (Some((before, after)), true) => {
            format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        _ => with_seconds.clone(),
    };
    let offers = [upper, with_seconds, whole.clone(), format!("{whole}Z")];
    let offer = offers.into_iter().find(|offer| rfc3339(offer).is_some());
    let message = if offer.as_ref().is_some_and(|offer| *offer == format!("{text}Z")) {
        format!("{} has no offset from UTC", quoted(text))
    } else {
        format!("{} is not a timestamp of the form `2027-01-11T11:30:00Z`", quoted(text))
    };
    UnitError::offering(message, offer)
}
