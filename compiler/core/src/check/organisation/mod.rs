//! Rules on who answers for what.

pub mod owner_required;
#[cfg(test)]
mod tests;
pub mod unused;
pub mod waiver_expired;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&owner_required::RULE, &waiver_expired::RULE, &unused::RULE];
