//! The kinds of the language, each declared once as a struct, and the registry of them all.
//!
//! Every module lists its own kinds in its `KINDS`; [`KINDS`] is all of them, in the order of the reference.

#![allow(
    clippy::doc_markdown,
    reason = "the comments are what users read in hover, and name products as these are written"
)]
#![allow(clippy::struct_excessive_bools, reason = "a kind is a table of its fields, no state machine")]

pub mod agents;
pub mod contracts;
pub mod data;
pub mod evaluation;
pub mod facts;
pub mod features;
pub mod gateway;
pub mod governance;
pub mod infrastructure;
pub mod language;
pub mod meant;
pub mod models;
pub mod monitoring;
pub mod organisation;
pub mod parts;
pub mod pools;
pub mod serving;
pub mod stores;
pub mod training;
pub mod universal;

use crate::schema::KindSchema;

pub use meant::{meant_kind, unknown_kind};

/// The kinds of each module.
const MODULES: [&[&KindSchema]; 9] = [
    organisation::KINDS,
    infrastructure::KINDS,
    data::KINDS,
    models::KINDS,
    training::KINDS,
    serving::KINDS,
    agents::KINDS,
    governance::KINDS,
    facts::KINDS,
];

const COUNT: usize = {
    let mut sum = 0;
    let mut module = 0;
    while module < MODULES.len() {
        sum += MODULES[module].len();
        module += 1;
    }
    sum
};

static ALL: [&KindSchema; COUNT] = {
    let mut all = [&NONE; COUNT];
    let (mut module, mut next) = (0, 0);
    while module < MODULES.len() {
        let mut kind = 0;
        while kind < MODULES[module].len() {
            all[next] = MODULES[module][kind];
            next += 1;
            kind += 1;
        }
        module += 1;
    }
    all
};

/// Fills the array before its elements are known; no element of [`KINDS`].
static NONE: KindSchema = KindSchema {
    name: "",
    plural: "",
    doc: "",
    record: &crate::schema::RecordSchema { name: "", doc: "", fields: &[] },
    fact: false,
    later: false,
    unnamed: false,
    existing: &[],
};

/// Every kind, in the order of the reference.
pub static KINDS: &[&KindSchema] = &ALL;

/// A kind by its name.
pub fn kind(name: &str) -> Option<&'static KindSchema> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// A kind by its plural, as expressions say it: `gpu-pools`.
pub fn kind_of_plural(plural: &str) -> Option<&'static KindSchema> {
    KINDS.iter().copied().find(|kind| kind.plural == plural)
}

#[cfg(test)]
mod tests {
    use super::KINDS;
    use crate::schema::{RecordSchema, Shape};

    #[test]
    fn names_and_plurals_of_kinds_are_unique() {
        assert!(KINDS.len() > 40, "{} kinds", KINDS.len());
        for (n, kind) in KINDS.iter().enumerate() {
            assert!(!kind.doc.is_empty(), "{} has no doc", kind.name);
            for other in &KINDS[..n] {
                assert!(kind.name != other.name && kind.plural != other.plural, "{}", kind.name);
            }
        }
    }

    #[test]
    fn tables_are_finite_and_every_field_is_explained_once() {
        for kind in KINDS {
            check(kind.record, 0);
        }
    }

    fn check(schema: &RecordSchema, depth: usize) {
        assert!(depth < 16, "{} nests too deep", schema.name);
        for (n, field) in schema.fields.iter().enumerate() {
            assert!(!field.doc.is_empty(), "{}.{} has no doc", schema.name, field.name);
            let twice = schema.fields[..n].iter().any(|other| other.name == field.name);
            assert!(!twice, "{} has {} twice", schema.name, field.name);
            if let Shape::Record(inner) | Shape::Many(inner) = field.shape {
                check(inner, depth + 1);
            }
        }
    }
}
