//! The front end of Purlin: KDL 2.0, whole, lossless, and never at a loss.
//!
//! A file is a list of items (its top-level nodes). Each item has a flat [`Tree`] with positions relative to itself, so
//! that an edit re-reads the items it touches and moves nothing else. This crate knows nothing of ML.

mod blocks;
pub mod canonical;
pub mod diagnostic;
pub mod document;
mod entries;
mod errors;
pub mod format;
mod lex;
pub mod lines;
mod parse;
pub mod scalar;
mod space;
pub mod span;
pub mod suspect;
pub mod symbol;
mod tokens;
pub mod tree;
mod word;

pub use canonical::is_bare;
pub use diagnostic::{Cure, Diagnostic, Edit, Label, Level};
pub use document::{Document, Item, Splice};
pub use format::format;
pub use lines::{LineColumn, LineIndex};
pub use scalar::Number;
pub use span::{ItemId, Range, Span};
pub use suspect::suspects;
pub use symbol::Symbol;
pub use tree::{Entry, Node, NodeId, ScalarKind, SyntaxError, Tree};
