//! A law with its numbers filled in, spelled out when somebody looks: most estimates are judged and never printed.

use std::fmt;

use super::format;
use super::interval::Interval;

/// A product or sum as a message prints it: `2 · 4096 · 16.1 K`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worked(Vec<Piece>);

/// One piece of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words and signs between numbers.
    Words(&'static str),
    /// A number with so many decimals.
    Decimals(f64, usize),
    /// A number as short as it is exact, to five decimals: `2`, `0.5625`.
    Short(f64),
    /// A number in thousands, millions or billions.
    Count(f64),
    /// A whole number, grouped by three.
    Integer(u64),
    /// A whole number as it is.
    Plain(u64),
    /// Two ends with so many decimals, and the unit.
    Range(Interval, usize, &'static str),
}

impl Worked {
    /// What the pieces spell one after the other.
    pub fn of(pieces: impl Into<Vec<Piece>>) -> Worked {
        Worked(pieces.into())
    }
}

impl From<&'static str> for Worked {
    fn from(words: &'static str) -> Worked {
        Worked(vec![Piece::Words(words)])
    }
}

impl fmt::Display for Worked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| piece.fmt(f))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Piece::Words(words) => f.write_str(words),
            Piece::Decimals(value, places) => f.write_str(&format::decimals(value, places)),
            Piece::Short(value) => {
                let text = format::decimals(value, 5);
                f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
            Piece::Count(value) => f.write_str(&format::count(value)),
            Piece::Integer(value) => f.write_str(&format::integer(value)),
            Piece::Plain(value) => write!(f, "{value}"),
            Piece::Range(value, places, unit) => f.write_str(&format::range(value, places, unit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_spelled_one_after_the_other() {
        let worked = Worked::of([
            Piece::Short(0.5625),
            Piece::Words(" B · "),
            Piece::Count(16_060.0),
            Piece::Words(" · "),
            Piece::Range(Interval::new(2.0, 4.0), 0, "B"),
        ]);
        assert_eq!(worked.to_string(), "0.5625 B · 16.1 K · 2–4 B");
    }
}
