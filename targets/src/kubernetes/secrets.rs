//! Secrets: External Secrets fetches each one into every namespace that uses it.

use std::collections::BTreeSet;

use purlin_core::Resource;
use purlin_core::emit::tape::Map;
use purlin_schema::View;
use purlin_schema::kinds::organisation::{Secret, SecretStore};

use super::files::Files;
use super::object::{kind, placed};
use super::pods::SECRET_KEY;
use super::site::{Handed, Site};

/// Writes the stores and the secrets of every namespace.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("10-platform/secrets");
    for (namespace, space) in &site.namespaces {
        let used: Vec<(&Resource, View<'_, Secret>, Handed)> = space
            .secrets
            .values()
            .filter_map(|handed| {
                let resource = site.sound.graph().get(handed.secret)?;
                Some((resource, site.sound.view::<Secret>(handed.secret)?, *handed))
            })
            .collect();
        let stores: BTreeSet<&str> =
            used.iter().filter_map(|(_, view, _)| Some(store_name(view.store().get()?))).collect();
        for (resource, view, handed) in &used {
            if !site.has("external-secrets") {
                if view.store().get() != Some(SecretStore::Kubernetes) {
                    files.loss(
                        resource,
                        "store",
                        "the cluster has no component `external-secrets`, which fetches it",
                    );
                }
                continue;
            }
            let Some(store) = view.store().get().filter(|store| *store != SecretStore::Kubernetes) else {
                continue;
            };
            if provider(site, store).is_none() {
                files.loss(resource, "store", "the address of this store is not known");
                continue;
            }
            external_secret(files, resource, *view, *handed, namespace);
        }
        if site.has("external-secrets") {
            for store in [
                SecretStore::AwsSecretsManager,
                SecretStore::AwsParameterStore,
                SecretStore::GcpSecretManager,
            ] {
                if stores.contains(store_name(store))
                    && let Some(provider) = provider(site, store)
                {
                    secret_store(files, store_name(store), namespace, &provider);
                }
            }
        }
    }
}

fn store_name(store: SecretStore) -> &'static str {
    match store {
        SecretStore::AwsSecretsManager => "aws-secrets-manager",
        SecretStore::AwsParameterStore => "aws-parameter-store",
        SecretStore::GcpSecretManager => "gcp-secret-manager",
        SecretStore::AzureKeyVault => "azure-key-vault",
        SecretStore::Vault => "vault",
        SecretStore::Kubernetes => "kubernetes",
    }
}

/// How External Secrets reaches a store.
enum Provider<'a> {
    Aws { service: &'static str, region: &'a str },
    Gcp { project: &'a str },
}

fn provider<'a>(site: &Site<'a>, store: SecretStore) -> Option<Provider<'a>> {
    let cloud = site.cloud?;
    match store {
        SecretStore::AwsSecretsManager => {
            Some(Provider::Aws { service: "SecretsManager", region: cloud.region().get()?.as_str() })
        }
        SecretStore::AwsParameterStore => {
            Some(Provider::Aws { service: "ParameterStore", region: cloud.region().get()?.as_str() })
        }
        SecretStore::GcpSecretManager => Some(Provider::Gcp { project: cloud.project().get()? }),
        SecretStore::AzureKeyVault | SecretStore::Vault | SecretStore::Kubernetes => None,
    }
}

/// A store of one namespace. It signs in as the operator's own identity.
fn secret_store(files: &mut Files<'_>, name: &str, namespace: &str, provider: &Provider<'_>) {
    files.object(None, |t| {
        kind(t, "external-secrets.io/v1", "SecretStore");
        placed(t, name, namespace);
        t.map("spec", |t| {
            t.map("provider", |t| match provider {
                Provider::Aws { service, region } => {
                    t.map("aws", |t| {
                        t.set("service", *service);
                        t.set("region", *region);
                    });
                }
                Provider::Gcp { project } => {
                    t.map("gcpsm", |t| {
                        t.set("projectID", *project);
                    });
                }
            });
        });
    });
}

fn external_secret(
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, Secret>,
    handed: Handed,
    namespace: &str,
) {
    files.object(Some(resource), |t| {
        kind(t, "external-secrets.io/v1", "ExternalSecret");
        placed(t, resource.name.as_str(), namespace);
        t.map("spec", |t| {
            t.set("refreshInterval", "1h");
            t.map("secretStoreRef", |t| {
                t.set("kind", "SecretStore");
                t.maybe("name", view.store().get().map(store_name));
            });
            t.map("target", |t| target(t, resource, handed));
            t.list("data", |t| {
                for key in [handed.value.then_some(SECRET_KEY), handed.pull.then_some(PULL_KEY)]
                    .into_iter()
                    .flatten()
                {
                    t.map(|t| {
                        t.set("secretKey", key);
                        t.map("remoteRef", |t| {
                            t.field("key", view.key());
                        });
                    });
                }
            });
        });
    });
}

/// Where the kubelet looks for the credential of a registry.
const PULL_KEY: &str = ".dockerconfigjson";

fn target(t: &mut Map<'_>, resource: &Resource, handed: Handed) {
    t.set("name", resource.name);
    t.set("creationPolicy", "Owner");
    if handed.pull {
        t.map("template", |t| {
            t.set("type", "kubernetes.io/dockerconfigjson");
        });
    }
}
