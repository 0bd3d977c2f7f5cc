//! Kinds of what must hold: AI systems, policies, evidence, waivers, approvals, workflows.

use crate::schema::KindSchema;

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[];
