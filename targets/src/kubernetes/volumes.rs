//! File systems that containers mount.

use purlin_core::Resource;
use purlin_core::compose::OBJECT;
use purlin_core::emit::Sound;
use purlin_schema::View;
use purlin_schema::kinds::stores::{Storage, StorageEngine, StorageType};

use super::amount::Memory;
use super::files::Files;
use super::object::{kind, placed, text};
use super::site::{Site, read};

/// Whether containers see a storage as files: everything but objects.
pub(super) fn is_mounted(storage: View<'_, Storage>) -> bool {
    match (storage.r#type().get(), storage.engine().get()) {
        (Some(kind), _) => kind != StorageType::Object,
        (None, Some(engine)) => !matches!(
            engine,
            StorageEngine::S3 | StorageEngine::Gcs | StorageEngine::AzureBlob | StorageEngine::MinIo
        ),
        (None, None) => false,
    }
}

/// The claims of a cluster's namespaces.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("30-data/volumes");
    for (namespace, space) in &site.namespaces {
        for id in space.volumes.values() {
            let (Some(resource), Some(view)) = (site.sound.graph().get(*id), said(site.sound, *id)) else {
                continue;
            };
            claim(files, resource, view, namespace);
        }
    }
}

fn said<'a>(sound: &Sound<'a>, id: purlin_core::ResourceId) -> Option<View<'a, Storage>> {
    sound.view::<Storage>(id)
}

/// The claim by which pods mount a storage: one that somebody else made, or one of the storage's name.
pub(super) fn claim_name(resource: &Resource) -> String {
    existing_claim(read::<Storage>(resource))
        .unwrap_or_else(|| OBJECT.name(resource.name.as_str()).into_owned())
}

fn existing_claim(view: View<'_, Storage>) -> Option<String> {
    let claim = view.existing().iter().find(|entry| entry.key.as_str() == "claim")?;
    Some(text(&claim.value)?.into_owned())
}

fn claim(files: &mut Files<'_>, resource: &Resource, view: View<'_, Storage>, namespace: &str) {
    if existing_claim(view).is_some() {
        return;
    }
    files.loss(
        resource,
        "size",
        format!(
            "the volume `{namespace}-{}` that the claim asks for needs the file system's id, which the cloud gives on apply",
            resource.name
        ),
    );
    files.object(Some(resource), |t| {
        kind(t, "v1", "PersistentVolumeClaim");
        placed(t, &OBJECT.name(resource.name.as_str()), namespace);
        t.map("spec", |t| {
            let modes = if view.r#type().get() == Some(StorageType::Block) {
                "ReadWriteOnce"
            } else {
                "ReadWriteMany"
            };
            t.items("accessModes", [modes]);
            // Bound by name to the volume of the file system that Terraform makes; no class provisions a second one.
            t.set("storageClassName", "");
            t.set("volumeName", format_args!("{namespace}-{}", resource.name));
            t.map("resources", |t| {
                t.map("requests", |t| match view.size().get() {
                    Some(size) => {
                        t.set("storage", format_args!("{}", Memory(size)));
                    }
                    None => {
                        t.set("storage", "1Gi");
                    }
                });
            });
        });
    });
}
