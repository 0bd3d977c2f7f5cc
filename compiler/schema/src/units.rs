//! Quantities with units.

/// A typed quantity.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Quantity {}

/// The type of a quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuantityKind {}
