//! Kinds of who there is: platform, teams, clouds, secrets, tenants.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
