//! Rules on capacity: whether what runs at once has the nodes for it.

pub mod capacity_kind;
pub mod pool_capacity;
pub mod queue_covers;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&pool_capacity::RULE, &queue_covers::RULE, &capacity_kind::RULE];
