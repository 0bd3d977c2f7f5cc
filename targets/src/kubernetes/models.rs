//! Where weights lie, as controllers are told.

use purlin_core::compose::BUCKET;
use purlin_schema::kinds::models::Model;
use purlin_schema::kinds::organisation::Platform;
use purlin_schema::kinds::parts::Location;
use purlin_schema::kinds::serving::ServingProgram;
use purlin_schema::kinds::stores::{Storage, StorageEngine};
use purlin_schema::{Field, Reference, View};

use super::object::text;
use super::site::Site;

/// Why the place of weights is not said.
pub(super) const UNPLACED: &str =
    "the model says no `weights`: where they lie is known only once they are registered";

/// The address of a model's weights: `s3://…`, `gs://…`, `hf://…`.
pub(super) fn uri(site: &Site<'_>, model: Field<Reference>) -> Option<String> {
    let (id, model) = site.sound.ask.get::<Model>(model).ok()?;
    if !model.weights().is_absent() {
        return location(site, site.sound.view::<Model>(id)?.weights().get()?);
    }
    let from = model.from().get()?;
    let repository = from.huggingface().get()?;
    Some(match from.revision().get() {
        Some(revision) => format!("hf://{repository}:{revision}"),
        None => format!("hf://{repository}"),
    })
}

/// The address of a place in a store.
pub(super) fn location(site: &Site<'_>, location: View<'_, Location>) -> Option<String> {
    let (_, storage) = site.sound.ask.get::<Storage>(location.storage()).ok()?;
    let path = location.path().get().unwrap_or("");
    let name = location.storage().get()?.name;
    if super::volumes::is_mounted(storage) {
        return Some(format!("pvc://{name}/{path}"));
    }
    let scheme = scheme(storage)?;
    Some(format!("{scheme}://{}/{path}", bucket(site, storage, name.as_str())))
}

/// How the addresses of an object storage begin.
pub(super) fn scheme(storage: View<'_, Storage>) -> Option<&'static str> {
    match storage.engine().get() {
        None | Some(StorageEngine::S3 | StorageEngine::MinIo) => Some("s3"),
        Some(StorageEngine::Gcs) => Some("gs"),
        Some(_) => None,
    }
}

/// The name of a bucket: that of the spec, or of platform, environment and storage.
pub(super) fn bucket(site: &Site<'_>, storage: View<'_, Storage>, name: &str) -> String {
    let existing = storage.existing().iter().find(|entry| entry.key.as_str() == "bucket");
    if let Some(bucket) = existing.and_then(|entry| text(&entry.value)) {
        return bucket.into_owned();
    }
    if let Some(bucket) = storage.bucket().get() {
        return bucket.to_owned();
    }
    let platform = site.sound.ask.all::<Platform>().first().and_then(|(id, _)| site.sound.graph().get(*id));
    let resource = site.sound.graph().find("storage", name);
    BUCKET.join(&[
        platform.map_or("", |platform| platform.name.as_str()),
        resource.map_or("", |resource| site.sound.environment(resource)),
        name,
    ])
}

/// The format under which `KServe` knows a program that it brings itself.
pub(super) fn kserve_format(program: ServingProgram) -> Option<&'static str> {
    match program {
        ServingProgram::Xgboost => Some("xgboost"),
        _ => None,
    }
}
