//! Rules on hardware: what a GPU, a node or a cluster of them cannot do.

pub mod cuda_driver;
pub mod dtype;
pub mod gpu_memory;
pub mod image_arch;
pub mod instance_offered;
pub mod mig_geometry;
pub mod mig_profile;
pub mod mig_strategy;
pub mod nvlink_domain;
pub mod parallel_divides;
pub mod parallel_world;
#[cfg(test)]
mod tests;

use super::Rule;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[
    &gpu_memory::RULE,
    &parallel_world::RULE,
    &parallel_divides::RULE,
    &nvlink_domain::RULE,
    &dtype::RULE,
    &cuda_driver::RULE,
    &mig_profile::RULE,
    &mig_geometry::RULE,
    &mig_strategy::RULE,
    &image_arch::RULE,
    &instance_offered::RULE,
];
