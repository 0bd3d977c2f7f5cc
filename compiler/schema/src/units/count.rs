//! Counts: tokens, parameters, steps, floating-point operations.

use std::fmt;

use super::error::{likely, quoted};
use super::number::{Decimal, count, plain, scaled, whole};
use super::{QuantityKind, UnitError};

/// A number of tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Tokens(pub u64);

/// A number of parameters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Parameters(pub u64);

/// A number of training steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Steps(pub u64);

/// An amount of computation in floating-point operations.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Flop(pub f64);

/// Reads a count with its noun: `300B tokens`. The noun of exactly one may lack its `s`.
fn read_count(kind: QuantityKind, text: &str, noun: &str, noun_needed: bool) -> Result<u64, UnitError> {
    let Some((number, factor, rest)) = count(text) else {
        return Err(not_a_count(text, noun));
    };
    let written = &text[..text.len() - rest.len()];
    let named = rest.strip_prefix(' ').is_some_and(|rest| rest == noun);
    if number.negative {
        return Err(UnitError::new(format!("{} is negative; {} cannot be", quoted(text), kind.phrase())));
    }
    if !named && (noun_needed || !rest.is_empty()) {
        if rest.is_empty() {
            let message = format!("{} has no unit of {}", quoted(text), kind.name());
            return Err(UnitError::offering(message, likely(kind, written)));
        }
        return Err(not_a_count(text, noun));
    }
    match number.times(factor) {
        Some((_, false)) => Err(UnitError::new(format!("{} is not a whole number of {noun}", quoted(text)))),
        _ => whole(kind, text, number, factor),
    }
}

/// Offers for `300b tokens`, `300 B tokens`, `300k`, `1 token`, `1,000 tokens`, `2 million tokens`.
fn not_a_count(text: &str, noun: &str) -> UnitError {
    let clean = text.replace([',', '_'], "");
    let offer = Decimal::split(&clean).and_then(|(_, rest)| {
        let written = &clean[..clean.len() - rest.len()];
        let lower = rest.trim().to_lowercase();
        let without_noun = lower.strip_suffix(noun).or(lower.strip_suffix(noun.trim_end_matches('s')));
        let scale = match without_noun.unwrap_or(&lower).trim() {
            "" => "",
            "k" | "thousand" => "K",
            "m" | "mio" | "million" => "M",
            "b" | "g" | "bn" | "billion" => "B",
            "t" | "trillion" => "T",
            _ => return None,
        };
        Some(format!("{written}{scale} {noun}"))
    });
    UnitError::offering(format!("{} is not a number of {noun}", quoted(text)), offer)
}

macro_rules! counts {
    ($($name:ident $noun:literal $needed:literal;)*) => { $(
        impl $name {
            pub(super) fn read(text: &str) -> Result<$name, UnitError> {
                read_count(QuantityKind::$name, text, $noun, $needed).map($name)
            }

            /// How many.
            pub const fn count(self) -> u64 {
                self.0
            }

            /// The sum, if it fits.
            pub fn checked_add(self, other: $name) -> Option<$name> {
                self.0.checked_add(other.0).map($name)
            }

            /// So many times, if it fits.
            pub fn checked_mul(self, count: u64) -> Option<$name> {
                self.0.checked_mul(count).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", scaled(self.0), $noun)
            }
        }
    )* };
}

counts! {
    Tokens "tokens" true;
    Parameters "parameters" false;
    Steps "steps" true;
}

impl Flop {
    pub(super) fn read(text: &str) -> Result<Flop, UnitError> {
        let number = text.strip_suffix("FLOP").map(|number| number.strip_suffix(' ').unwrap_or(number));
        let Some(number) = number.and_then(Decimal::read) else {
            return Err(not_flop(text));
        };
        match number.to_f64() {
            Some(value) if value >= 0.0 => Ok(Flop(value)),
            Some(_) => Err(UnitError::new(format!("{} is negative; FLOP cannot be", quoted(text)))),
            None => Err(UnitError::new(format!("{} is too large for FLOP", quoted(text)))),
        }
    }

    /// In floating-point operations.
    pub const fn flop(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Flop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} FLOP", plain(self.0))
    }
}

fn not_flop(text: &str) -> UnitError {
    let Some((_, rest)) = Decimal::split(text) else {
        return UnitError::new(format!("{} is not a number of FLOP", quoted(text)));
    };
    let written = &text[..text.len() - rest.len()];
    match rest.trim().to_lowercase().as_str() {
        "" => UnitError::offering(
            format!("{} has no unit of flops", quoted(text)),
            likely(QuantityKind::Flop, written),
        ),
        "flop" | "flops" => UnitError::offering(
            format!("{} is not the unit FLOP", quoted(rest.trim())),
            [format!("{written} FLOP")],
        ),
        _ => UnitError::new(format!("{} is not a number of FLOP", quoted(text))),
    }
}
