//! Kinds of endpoints and what watches them.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
