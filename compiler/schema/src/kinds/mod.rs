//! The kinds of the language, each declared once as a struct, and the registry of them all.
//!
//! Every module lists its own kinds in its `KINDS`; [`KINDS`] is all of them, in the order of the reference.

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
