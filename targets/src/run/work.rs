//! One training job or endpoint on its way into a program's configuration.

use purlin_core::compose;
use purlin_core::emit::{Loss, Sound};
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::models::Model;
use purlin_schema::kinds::parts::Location;
use purlin_schema::kinds::stores::{Storage, StorageEngine, StorageType};
use purlin_schema::units::{self, Quantity, QuantityKind, Version};
use purlin_schema::view::{ChoiceType, KindType};
use purlin_schema::{Field, Reference, View};

use super::Config;

/// What is written from: the resource twice, and what could not be said.
pub(super) struct Work<'s, 'a, K> {
    pub(super) sound: &'s Sound<'a>,
    pub(super) id: ResourceId,
    pub(super) address: String,
    /// Reading says: for what is written.
    pub(super) said: View<'a, K>,
    /// Reading does not say: for decisions and for what cannot be written.
    pub(super) read: View<'a, K>,
    losses: Vec<Loss>,
}

impl<'s, 'a, K: KindType> Work<'s, 'a, K> {
    pub(super) fn of(sound: &'s Sound<'a>, resource: &Resource) -> Option<Self> {
        Some(Work {
            sound,
            id: resource.id,
            address: resource.address(),
            said: sound.view::<K>(resource.id)?,
            read: sound.ask.view::<K>(resource.id)?,
            losses: Vec::new(),
        })
    }

    /// The spec asks for something that the program has no word for.
    pub(super) fn loss(&mut self, field: &str, reason: impl Into<String>) {
        self.losses.push(Loss {
            address: self.address.clone(),
            field: field.to_owned(),
            reason: reason.into(),
        });
    }

    /// The same, where it is asked at all.
    pub(super) fn loss_if(&mut self, asked: bool, field: &str, reason: &str) {
        if asked {
            self.loss(field, reason);
        }
    }

    /// Ends the work.
    pub(super) fn into_config(self, files: Vec<(String, super::Content)>, argv: Vec<String>) -> Config {
        Config { own: false, files, argv, losses: self.losses }
    }

    /// A program whose configuration this compiler does not write yet.
    pub(super) fn unwritten(mut self, program: impl ChoiceType) -> Config {
        self.loss("run", format!("the configuration of `{}` is not written yet", program.word()));
        self.into_config(Vec::new(), Vec::new())
    }

    /// The folder of a location in every container; `None`: it is an object storage, or not known.
    pub(super) fn folder(&self, location: View<'_, Location>) -> Option<String> {
        let mount = self.mount(location.storage())?;
        Some(match location.path().get() {
            Some(path) if !path.is_empty() => format!("{mount}/{path}"),
            _ => mount,
        })
    }

    /// Where a storage is mounted in every container; `None`: it is an object storage, or not known.
    pub(super) fn mount(&self, storage: Field<Reference>) -> Option<String> {
        let (id, view) = self.sound.ask.get::<Storage>(storage).ok()?;
        let name = self.sound.graph().get(id)?.name;
        is_mounted(view).then(|| compose::mount_path(name.as_str()))
    }

    /// The folder of a dataset in every container.
    pub(super) fn dataset_folder(&self, dataset: Field<Reference>) -> Option<String> {
        let (_, dataset) = self.sound.ask.get::<Dataset>(dataset).ok()?;
        self.folder(dataset.location().get()?)
    }

    /// The folder of a model's weights in every container.
    pub(super) fn weights_folder(&self, model: Field<Reference>) -> Option<String> {
        let (_, model) = self.sound.ask.get::<Model>(model).ok()?;
        self.folder(model.weights().get()?)
    }
}

/// Whether containers see a storage as files.
fn is_mounted(storage: View<'_, Storage>) -> bool {
    use StorageEngine::{AzureBlob, Gcs, MinIo, S3};
    match (storage.r#type().get(), storage.engine().get()) {
        (Some(kind), _) => kind != StorageType::Object,
        (None, Some(engine)) => !matches!(engine, S3 | Gcs | AzureBlob | MinIo),
        (None, None) => false,
    }
}

/// Whether a version has what `first` brought; of `0.2` alone the newest of its series is meant, and of nothing the
/// newest of all.
pub(super) fn has(version: Option<Version>, first: &str) -> bool {
    let first = units::parse(QuantityKind::Version, first);
    let (Some(version), Ok(Quantity::Version(first))) = (version, first) else { return true };
    version.at_least(first) || first.is_a(version)
}
