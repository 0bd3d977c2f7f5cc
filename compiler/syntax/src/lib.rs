//! The front end of Purlin: KDL 2.0, whole, lossless, and never at a loss.
//!
//! A file is a list of items (its top-level nodes). Each item has a flat [`Tree`] with positions relative to itself, so
//! that an edit re-reads the items it touches and moves nothing else. This crate knows nothing of ML.

pub mod diagnostic;
pub mod scalar;
pub mod span;
pub mod symbol;
pub mod tree;

pub use diagnostic::{Cure, Diagnostic, Edit, Label, Level};
pub use span::{ItemId, Range, Span};
pub use symbol::Symbol;
pub use tree::{Entry, Node, NodeId, ScalarKind, SyntaxError, Tree};
