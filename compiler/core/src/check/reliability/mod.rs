//! Rules on reliability: whether runs end in time, and lose little when nodes fail.

pub mod checkpoint_interval;
pub mod known_option;
pub mod spot_without_checkpoint;
#[cfg(test)]
mod tests;
pub mod training_time;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] =
    &[&training_time::RULE, &checkpoint_interval::RULE, &spot_without_checkpoint::RULE, &known_option::RULE];
