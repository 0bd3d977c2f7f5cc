//! Rules on data: what contracts promise, and whether that still holds wherever the data goes.

pub mod classification_flow;
pub mod contract_valid;
pub mod dataset_pinned;
pub mod purpose;
pub mod residency;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[
    &contract_valid::RULE,
    &classification_flow::RULE,
    &residency::RULE,
    &purpose::RULE,
    &dataset_pinned::RULE,
];
