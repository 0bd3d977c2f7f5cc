//! Rules on endpoints: what they can load, how long a text they take, who may call, how a new version takes over.

pub mod auth_required;
pub mod context_window;
pub mod model_runtime_format;
pub mod rollout;
#[cfg(test)]
mod tests;
pub mod weights_placed;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[
    &model_runtime_format::RULE,
    &context_window::RULE,
    &auth_required::RULE,
    &rollout::RULE,
    &weights_placed::RULE,
];
