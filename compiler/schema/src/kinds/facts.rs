//! Kinds of facts of the world: GPUs, instances, prices, frameworks.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
