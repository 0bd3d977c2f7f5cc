//! File systems that containers mount.

use purlin_core::compose::OBJECT;
use purlin_core::emit::Sound;
use purlin_core::{Resource, ResourceId};
use purlin_schema::View;
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::stores::{Storage, StorageEngine, StorageType};

use super::amount::Memory;
use super::files::Files;
use super::object::{kind, placed, text};
use super::pools::Pools;
use super::site::{self, Owners, Site, read};

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
            claim(files, site, resource, view, namespace);
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

/// A claim whose volume is known once Terraform has made the file system: Terraform writes the volume.
pub struct Claim {
    /// The storage.
    pub storage: ResourceId,
    /// Name and namespace of the claim.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The name of the volume.
    pub volume: String,
    /// The size that is claimed.
    pub size: String,
    /// The output of Terraform that is the volume's manifest.
    pub output: String,
}

/// The claims of all clusters whose volumes Terraform writes, by cluster and namespace.
pub fn claims(sound: &Sound<'_>) -> Vec<Claim> {
    let (pools, owners) = (Pools::of(sound), Owners::of(sound));
    let mut claims = Vec::new();
    for site in &site::sites(sound, &pools, &owners) {
        for (namespace, space) in &site.namespaces {
            for id in space.volumes.values() {
                let Some(resource) = sound.graph().get(*id) else { continue };
                claims.extend(output(site, resource, namespace).map(|output| Claim {
                    storage: *id,
                    name: claim_name(resource),
                    namespace: (*namespace).to_owned(),
                    volume: volume_name(namespace, resource),
                    size: size(read::<Storage>(resource)),
                    output,
                }));
            }
        }
    }
    claims
}

/// The output of Terraform for a claim's volume; `None`: Terraform does not make the file system.
fn output(site: &Site<'_>, storage: &Resource, namespace: &str) -> Option<String> {
    let view = read::<Storage>(storage);
    let made = site.provider == Some(Provider::Aws)
        && view.existing().is_empty()
        && matches!(view.engine().get(), Some(StorageEngine::Lustre | StorageEngine::Efs));
    let name = format!("volume_{}_{namespace}_{}", site.resource.name, storage.name);
    made.then(|| name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

fn volume_name(namespace: &str, storage: &Resource) -> String {
    format!("{namespace}-{}", storage.name)
}

/// Kubernetes asks for a size, also of file systems that have none.
fn size(view: View<'_, Storage>) -> String {
    view.size().get().map_or_else(|| "1Gi".to_owned(), |size| Memory(size).to_string())
}

fn claim(
    files: &mut Files<'_>,
    site: &Site<'_>,
    resource: &Resource,
    view: View<'_, Storage>,
    namespace: &str,
) {
    if existing_claim(view).is_some() {
        return;
    }
    let output = output(site, resource, namespace);
    let volume = volume_name(namespace, resource);
    if output.is_none() {
        let reason = format!("the volume `{volume}` that the claim asks for has to be made by hand");
        files.loss(resource, "size", reason);
    }
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
            if let Some(output) = &output {
                t.comment(&format!("Made by: terraform output -raw {output} | kubectl apply -f -"));
            }
            t.set("volumeName", volume);
            t.map("resources", |t| {
                t.map("requests", |t| {
                    t.set("storage", size(view));
                });
            });
        });
    });
}
