//! Rules on what is owed: a house's own predicates, and laws.

pub mod eu_ai_act;
pub mod require;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&require::RULE, &eu_ai_act::RULE];
