//! Baseline × (graph, artifacts) → plan: what would change, and what the change means.
//!
//! A plan compares two [`Snapshot`]s: one read from where the last output went (or made from another revision or
//! environment), one made now. It is pure: reading and writing files is the engine's.

pub mod consequences;
pub mod diff;
pub mod digest;
pub mod duties;
pub mod facts;
pub mod files;
pub mod manifest;
pub mod replace;
pub mod snapshot;

pub use consequences::{Consequence, Group, consequences};
pub use diff::{Action, Verb, diff};
pub use digest::Half;
pub use duties::{Duty, Standing, standings};
pub use files::{Change, Conflict, FieldDiff, FilePlan, Kept};
pub use manifest::{FileEntry, Manifest, Unreadable};
pub use snapshot::{Facts, Fit, Known, Money, Snapshot, known};
