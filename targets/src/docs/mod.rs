//! The target `docs`: what people and other tools read of data and models.
//!
//! | file | what |
//! |---|---|
//! | `data/contracts/<contract>.yaml` | the contract in the Open Data Contract Standard 3.1.0 |
//! | `governance/model-cards/<model>.md` | what a model is, what it is for, what it was made from and held against |

mod card;
mod contract;
mod markdown;

#[cfg(test)]
mod tests;

use purlin_core::emit::{Format, Sink, Sound, Tape, Target};
use purlin_schema::kinds::contracts::DataContract;
use purlin_schema::kinds::models::Model;

/// Contracts and model cards.
pub struct Docs;

impl Target for Docs {
    fn name(&self) -> &'static str {
        "docs"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        let mut tape = Tape::default();
        for (resource, contract) in
            sound.all::<DataContract>().into_iter().filter(|(resource, _)| sound.makes(resource))
        {
            tape.clear();
            contract::write(&mut tape, sound, resource, contract);
            sink.file(&format!("data/contracts/{}.yaml", resource.name), Format::Yaml);
            sink.document(Some(resource.id), &tape);
        }
        for (resource, model) in
            sound.all::<Model>().into_iter().filter(|(resource, _)| sound.makes(resource))
        {
            sink.file(&format!("governance/model-cards/{}.md", resource.name), Format::Text);
            sink.text(Some(resource.id), &card::write(sound, resource, model));
        }
    }
}
