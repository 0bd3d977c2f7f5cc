//! What can be said in a spec: the kinds and their fields, units, and the one decoder that lowers every kind.
//!
//! A kind is declared once, as a struct with doc comments under [`kinds`]; `#[derive(Kind)]` makes its table
//! ([`schema::KindSchema`]) and its typed view ([`view::View`]). Decoding, completion, hover, the reference and the JSON
//! schema read the same table.

pub mod closest;
pub mod decode;
#[cfg(test)]
mod derive_tests;
pub mod field;
pub mod kinds;
pub mod merge;
pub mod path;
pub mod print;
pub mod schema;
pub mod units;
pub mod value;
pub mod view;

pub use field::{Field, Silent};
pub use schema::{ChoiceSchema, FieldSchema, KindSchema, Place, RecordSchema, Shape, Type};
pub use value::{Record, Reference, Slot, Value};
pub use view::{Items, KindType, Rows, View};
