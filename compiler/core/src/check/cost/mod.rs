//! Rules on cost: what runs and platforms may cost, against what they do.

pub mod job_budget;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&job_budget::RULE];
