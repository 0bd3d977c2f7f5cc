//! Closed intervals, the terms of an estimate, and the verdict they allow.

use std::iter::Sum;
use std::ops::{Add, Div, Mul};

use super::worked::Worked;

/// One gibibyte in bytes.
pub const GIB: f64 = 1_073_741_824.0;

/// A closed interval of a non-negative quantity; the unit is that of the field or function holding it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below `low`.
    pub high: f64,
}

impl Interval {
    /// The interval that holds only zero.
    pub const ZERO: Self = Self { low: 0.0, high: 0.0 };

    /// The interval between two values, given in either order.
    pub fn new(one: f64, other: f64) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// The interval that holds one value.
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Whether the value lies inside, ends included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// `value / self`: what is left per unit when the divisor is only known as an interval.
    #[must_use]
    pub fn divides(self, value: f64) -> Self {
        Self { low: value / self.high, high: value / self.low }
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }
}

impl Mul<f64> for Interval {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }
}

impl Div<f64> for Interval {
    type Output = Self;
    fn div(self, divisor: f64) -> Self {
        Self { low: self.low / divisor, high: self.high / divisor }
    }
}

impl Sum for Interval {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

/// One line of a memory estimate, ready to be printed in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What holds the memory: `weights`, `gradients`, `optimizer`, `gathered`, `activations`,
    /// `working set`, `logits`, `kv-cache` or `framework`.
    pub name: &'static str,
    /// The law in symbols with the section it comes from.
    pub formula: &'static str,
    /// The same law with the numbers filled in.
    pub inputs: Worked,
    /// What the law predicts, in bytes.
    pub bytes: Interval,
    /// The part that must exist whatever is fused, freed or recomputed, in bytes; never above `bytes.low`.
    pub floor: f64,
}

/// What one GPU needs: the terms of the rank that needs most, and their sums.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryEstimate {
    /// The rank that the terms describe, in words.
    pub rank: String,
    /// The terms in the order in which they are printed.
    pub terms: Vec<Term>,
    /// The sum of the terms' predictions, in bytes.
    pub total: Interval,
    /// The sum of the terms' floors, in bytes: a proof that less cannot do.
    pub floor: f64,
}

impl MemoryEstimate {
    /// Adds up the terms of one rank.
    pub fn of(rank: String, terms: Vec<Term>) -> Self {
        let total = terms.iter().map(|term| term.bytes).sum();
        let floor = terms.iter().map(|term| term.floor).sum();
        Self { rank, terms, total, floor }
    }

    /// Compares the estimate with a capacity in bytes; only the floor can refuse.
    pub fn verdict(&self, capacity: Interval) -> Verdict {
        verdict(Interval { low: self.floor, high: self.total.high }, capacity)
    }

    /// The terms of one name, added up, in bytes.
    pub fn named(&self, name: &str) -> Interval {
        self.terms.iter().filter(|term| term.name == name).map(|term| term.bytes).sum()
    }
}

/// What an interval of need and an interval of capacity allow to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Even the upper end of the need stays within the lower end of the capacity.
    Fits,
    /// The intervals overlap: nobody can tell without a measurement or more declared settings.
    TooClose,
    /// Even the lower end of the need exceeds the upper end of the capacity.
    DoesNotFit,
}

/// Compares a need with a capacity of the same unit. A need that is not a number is never refused.
pub fn verdict(need: Interval, capacity: Interval) -> Verdict {
    if need.low > capacity.high {
        Verdict::DoesNotFit
    } else if need.high <= capacity.low {
        Verdict::Fits
    } else {
        Verdict::TooClose
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(need: (f64, f64), capacity: (f64, f64), expect: Verdict) {
        assert_eq!(verdict(Interval::new(need.0, need.1), Interval::new(capacity.0, capacity.1)), expect);
    }

    #[test]
    fn a_need_below_the_capacity_fits() {
        check((65.1, 73.7), (79.1, 79.65), Verdict::Fits);
    }

    #[test]
    fn a_need_that_ends_exactly_at_the_capacity_fits() {
        check((65.1, 79.1), (79.1, 79.65), Verdict::Fits);
    }

    #[test]
    fn an_overlap_is_too_close() {
        check((69.5, 79.3), (79.1, 79.65), Verdict::TooClose);
        check((79.3, 90.0), (79.1, 79.65), Verdict::TooClose);
    }

    #[test]
    fn only_a_proven_need_is_refused() {
        check((79.7, 90.0), (79.1, 79.65), Verdict::DoesNotFit);
    }

    #[test]
    fn what_is_not_a_number_is_not_refused() {
        check((f64::NAN, f64::NAN), (79.1, 79.65), Verdict::TooClose);
    }

    #[test]
    fn division_by_an_interval_turns_it_round() {
        assert_eq!(Interval::new(2.0, 4.0).divides(8.0), Interval::new(2.0, 4.0));
        assert_eq!(Interval::new(1.0, 4.0).divides(8.0), Interval::new(2.0, 8.0));
    }
}
