//! Kinds of data: contracts, streams, pipelines, datasets.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
