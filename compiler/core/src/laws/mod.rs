//! The pure arithmetic of Purlin: memory, time, reliability and packing, one law a function.
//!
//! Nothing here knows KDL, the graph or a schema: plain numbers go in, terms and intervals come out.
//! Sizes are bytes, times are seconds, rates are per second, unless a name says otherwise. A section
//! sign in a comment or a formula (`§2`) names the part of the memory notes that a law was taken
//! from, with the paper or source file it goes back to. All arithmetic is on `f64`, which holds every
//! integer below 2^53 exactly and neither overflows nor panics on what a user types.

#![allow(clippy::many_single_char_names, reason = "the papers' symbols: b, s, h, t, p, d")]
#![cfg_attr(test, allow(clippy::float_cmp, reason = "exact laws are compared exactly"))]

pub mod activations;
pub mod adapters;
pub mod calibration;
pub mod capacity_block;
pub mod communication;
pub mod format;
pub mod interval;
pub mod kv_cache;
pub mod mig;
pub mod model_states;
pub mod parallel;
pub mod pipeline;
pub mod reliability;
pub mod serving_memory;
pub mod serving_time;
pub mod tabular;
pub mod time;
pub mod training_memory;
pub mod transformer;
pub mod worked;
