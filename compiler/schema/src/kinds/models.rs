//! Kinds of models: architectures, models, adapters, tracking.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
