//! Kinds of what things run on: networks, clusters, pools, queues, storage, brokers.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
