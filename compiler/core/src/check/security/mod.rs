//! Rules on secrets and on what runs.

pub mod image_pinned;
pub mod secret_in_spec;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&secret_in_spec::RULE, &image_pinned::RULE];
