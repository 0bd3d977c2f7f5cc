//! Decimal numbers read exactly, and tables of units.

use super::error::{likely, quoted};
use super::{QuantityKind, UnitError};

/// `digits × 10^exponent`, exactly as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Decimal {
    pub negative: bool,
    digits: u128,
    exponent: i32,
}

/// A name of a unit, and how many of the smallest unit it is.
pub(super) type Unit = (&'static str, u128);

/// The digits of the largest number that is read exactly; more are refused.
const MOST_DIGITS: u32 = 36;

impl Decimal {
    /// Splits a text into the number that it begins with and the rest; `None` if it begins with no number.
    pub(super) fn split(text: &str) -> Option<(Decimal, &str)> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let whole_end = digits_end(unsigned);
        let mut rest = &unsigned[whole_end..];
        let mut fraction = "";
        if let Some(after) = rest.strip_prefix('.') {
            fraction = &after[..digits_end(after)];
            rest = &after[fraction.len()..];
            if fraction.is_empty() {
                return None;
            }
        }
        if whole_end == 0 {
            return None;
        }
        let (exponent, rest) = exponent(rest)?;
        let mut number = Decimal { negative, digits: 0, exponent };
        let mut zeros = 0u32;
        for digit in unsigned[..whole_end].bytes().chain(fraction.bytes()).map(|b| u128::from(b - b'0')) {
            if digit == 0 {
                zeros += 1;
                continue;
            }
            let shift = if number.digits == 0 { 0 } else { zeros + 1 };
            number.digits = number.digits.checked_mul(10u128.checked_pow(shift)?)?.checked_add(digit)?;
            zeros = 0;
        }
        if number.digits >= 10u128.pow(MOST_DIGITS) {
            return None;
        }
        number.exponent = number
            .exponent
            .checked_add(zeros.cast_signed())?
            .checked_sub(i32::try_from(fraction.len()).ok()?)?;
        if number.digits == 0 {
            number = Decimal { negative: false, digits: 0, exponent: 0 };
        }
        Some((number, rest))
    }

    /// The whole text as a number.
    pub(super) fn read(text: &str) -> Option<Decimal> {
        Decimal::split(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number)
    }

    /// The number divided by a power of ten.
    pub(super) fn shifted(self, exponent: i32) -> Option<Decimal> {
        Some(Decimal { exponent: self.exponent.checked_add(exponent)?, ..self })
    }

    /// How many units that is; the flag says whether it is exact or rounded to the nearest. The sign is left out.
    pub(super) fn times(self, factor: u128) -> Option<(u128, bool)> {
        if self.digits == 0 {
            return Some((0, true));
        }
        if self.exponent >= 0 {
            let scale = 10u128.checked_pow(self.exponent.unsigned_abs())?;
            return Some((self.digits.checked_mul(scale)?.checked_mul(factor)?, true));
        }
        let Some(divisor) = 10u128.checked_pow(self.exponent.unsigned_abs()) else { return Some((0, false)) };
        let product = self.digits.checked_mul(factor)?;
        let (quotient, remainder) = (product / divisor, product % divisor);
        let up = u128::from(remainder >= divisor - remainder && remainder > 0);
        Some((quotient + up, remainder == 0))
    }

    /// The number as the nearest `f64`; `None` when it is out of range.
    pub(super) fn to_f64(self) -> Option<f64> {
        // Where both are exact, one division or product rounds once: the nearest number. Else the text is read.
        const EXACT: u128 = 1 << 53;
        const POWERS: i32 = 22;
        if self.digits <= EXACT && self.exponent.abs() <= POWERS {
            let power = 10_f64.powi(self.exponent.abs());
            let digits = self.digits as f64;
            let value = if self.exponent < 0 { digits / power } else { digits * power };
            return Some(if self.negative { -value } else { value });
        }
        let sign = if self.negative { "-" } else { "" };
        let value: f64 = format!("{sign}{}e{}", self.digits, self.exponent).parse().ok()?;
        value.is_finite().then_some(value)
    }
}

fn digits_end(text: &str) -> usize {
    text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

/// An exponent, where the letter is followed by a number (`1e25`); otherwise it belongs to the unit (`1EB`).
fn exponent(rest: &str) -> Option<(i32, &str)> {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return Some((0, rest)) };
    let sign = usize::from(after.starts_with(['+', '-']));
    let digits = digits_end(&after[sign..]);
    if digits == 0 {
        return Some((0, rest));
    }
    let (exponent, rest) = after.split_at(sign + digits);
    let exponent: i32 = exponent.parse().ok()?;
    (exponent.abs() <= 400).then_some((exponent, rest))
}

/// A number and a unit, with one space between them or none.
pub(super) fn number_and_unit(kind: QuantityKind, text: &str) -> Result<(Decimal, &str, &str), UnitError> {
    let Some((number, rest)) = Decimal::split(text) else {
        return Err(not_a_number(kind, text));
    };
    let written = &text[..text.len() - rest.len()];
    if number.negative {
        return Err(UnitError::new(format!("{} is negative; {} cannot be", quoted(text), kind.phrase())));
    }
    let unit = rest.strip_prefix(' ').unwrap_or(rest);
    if unit.is_empty() {
        return Err(UnitError::offering(
            format!("{} has no unit of {}", quoted(text), kind.name()),
            likely(kind, written),
        ));
    }
    Ok((number, written, unit))
}

fn not_a_number(kind: QuantityKind, text: &str) -> UnitError {
    let dotted = text.trim_start().strip_prefix('.').map(|fraction| format!("0.{fraction}"));
    UnitError::offering(format!("{} is not {}", quoted(text), kind.phrase()), dotted)
}

/// A number of the smallest unit, read with a table of units; `aliases` lead from what people write (in lower case) to
/// the units that they may mean.
pub(super) fn read_units(
    kind: QuantityKind,
    text: &str,
    units: &[Unit],
    aliases: &[(&str, &[&str])],
) -> Result<u64, UnitError> {
    let (number, written, unit) = number_and_unit(kind, text)?;
    let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(kind, written, unit, units, aliases));
    };
    whole(kind, text, number, *factor)
}

/// The number times the factor, as a whole number that fits.
pub(super) fn whole(kind: QuantityKind, text: &str, number: Decimal, factor: u128) -> Result<u64, UnitError> {
    let value = number.times(factor).and_then(|(value, exact)| Some((u64::try_from(value).ok()?, exact)));
    match value {
        None => Err(UnitError::new(format!("{} is too large for {}", quoted(text), kind.phrase()))),
        Some((value, false)) if value == 0 || factor == 1 => Err(UnitError::new(format!(
            "{} is finer than the smallest unit of {}",
            quoted(text),
            kind.name()
        ))),
        Some((value, _)) => Ok(value),
    }
}

fn unknown_unit(
    kind: QuantityKind,
    written: &str,
    unit: &str,
    units: &[Unit],
    aliases: &[(&str, &[&str])],
) -> UnitError {
    let lower = unit.trim().to_lowercase();
    let alike = units.iter().map(|(name, _)| *name).filter(|name| name.to_lowercase() == lower);
    let meant = aliases.iter().filter(|(alias, _)| *alias == lower).flat_map(|(_, units)| *units).copied();
    let mut names: Vec<&str> = Vec::new();
    for name in alike.chain(meant) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let offers = names.iter().map(|name| format!("{written}{name}"));
    UnitError::offering(format!("{} is not a unit of {}", quoted(unit), kind.name()), offers)
}

/// An amount with the unit that makes its number shortest, so that it reads back the same; earlier units win ties.
pub(super) fn shortest(value: u64, units: &[Unit]) -> String {
    let numbers =
        units.iter().filter_map(|(name, factor)| Some((decimals(u128::from(value), *factor)?, *name)));
    let best = numbers.min_by_key(|(number, _)| number.len());
    best.map_or_else(|| value.to_string(), |(number, name)| format!("{number}{name}"))
}

/// `value / factor` with at most three decimals, if that rounds back to the same value.
fn decimals(value: u128, factor: u128) -> Option<String> {
    if value == 0 {
        return (factor == 1).then(|| "0".to_owned());
    }
    for places in 0..=3u32 {
        let scale = 10u128.pow(places);
        let scaled = (value * scale + factor / 2) / factor;
        let number = Decimal { negative: false, digits: scaled, exponent: -places.cast_signed() };
        if scaled >= scale && number.times(factor)?.0 == value {
            return Some(fixed(scaled, places));
        }
    }
    None
}

/// `digits / 10^places`, without zeros at the end.
pub(super) fn fixed(digits: u128, places: u32) -> String {
    let scale = 10u128.pow(places);
    let (whole, fraction) = (digits / scale, digits % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let fraction = format!("{fraction:0width$}", width = places as usize);
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// The scales of counts: `K` `M` `B` `T`.
pub(super) const SCALES: [Unit; 5] =
    [("", 1), ("K", 1_000), ("M", 1_000_000), ("B", 1_000_000_000), ("T", 1_000_000_000_000)];

/// A count at the start of a text, with its scale (`2M tokens` gives two million and ` tokens`): the factor is kept
/// apart from the number, so that nothing is rounded.
pub(super) fn count(text: &str) -> Option<(Decimal, u128, &str)> {
    let (number, rest) = Decimal::split(text)?;
    for (name, factor) in SCALES.iter().skip(1) {
        if let Some(after) = rest.strip_prefix(name)
            && !after.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return Some((number, *factor, after));
        }
    }
    Some((number, 1, rest))
}

/// A count as it is written: plain where it is small, else with the scale that makes it shortest.
pub(super) fn scaled(value: u64) -> String {
    if value < 10_000 { value.to_string() } else { shortest(value, &SCALES) }
}

/// A number as it is written: with an exponent where it is very large or very small.
pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e7).contains(&size) { format!("{value:e}") } else { value.to_string() }
}
