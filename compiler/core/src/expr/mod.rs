//! Predicates: `(expr)"has(self.auth) && self.replicas.min >= 2"`.
//!
//! What is evaluated today: `&& || !`, comparisons, `has`, parentheses, literals, and paths of names. Anything else is
//! parsed by a later version: it is kept, and the plan lists it as not evaluated.

mod evaluate;
mod parse;

pub use evaluate::{Truth, evaluate};
pub use parse::parse;

/// A predicate.
#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    /// All of them.
    All(Vec<Expression>),
    /// At least one of them.
    Some(Vec<Expression>),
    /// The opposite.
    Not(Box<Expression>),
    /// `left op right`.
    Compare(Operand, Comparison, Operand),
    /// `has(path)`.
    Has(Path),
    /// A value that stands alone: true when it is `#true`.
    Is(Operand),
}

/// One side of a comparison.
#[derive(Clone, PartialEq, Debug)]
pub enum Operand {
    /// `self.replicas.min`, `gpu-pool.h100.nodes.max`.
    Path(Path),
    /// `'text'`.
    Text(String),
    /// `8`, `80GiB`, `180000 USD`, `99.9%`: typed by what it is compared with.
    Quantity(String),
    /// `true` or `false`.
    Bool(bool),
}

/// Names with dots, and keys in brackets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path(pub Vec<String>);

/// How two values are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A text that is no predicate of today's language: wrong, or of a later version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// No expression at all: what is wrong, and the byte where.
    Wrong(String, usize),
    /// An expression of a later version: which part of it.
    Later(&'static str),
}
