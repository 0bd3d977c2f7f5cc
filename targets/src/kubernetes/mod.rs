//! The target `kubernetes`: the objects of every cluster, in the order in which they are applied.
//!
//! | folder | what |
//! |---|---|
//! | `00-namespaces` | namespaces, network policies, quotas |
//! | `10-platform` | operators, stores of secrets, secrets |
//! | `20-queues` | Kueue: flavors, topology, queues, priorities |
//! | `30-data` | brokers, topics, users, volumes, pipelines |
//! | `40-training` | training jobs, evaluations, tracking |
//! | `50-serving` | endpoints |
//! | `60-observability` | what is scraped, and what alerts |
//! | `70-policy` | what the API server looks at when pods are made |

mod amount;
mod batch;
mod files;
mod models;
mod namespaces;
mod object;
mod observe;
mod operators;
mod patches;
mod pods;
mod policy;
mod pools;
mod program;
mod queues;
mod scaling;
mod secrets;
mod serving;
mod site;
mod streams;
mod tracking;
mod training;
mod volumes;

use purlin_core::emit::{Part, Sink, Sound, Target};

pub use volumes::{Claim, claims};

use files::Files;
use pools::Pools;
use site::{Owners, Site};

/// Manifests for every cluster, without any cluster to ask.
pub struct Kubernetes;

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        // Nothing in a cluster is shared.
        if sound.part == Part::Shared {
            return;
        }
        let (pools, owners) = (Pools::of(sound), Owners::of(sound));
        for site in &site::sites(sound, &pools, &owners) {
            let mut files = Files::new(root(site), &mut *sink);
            write(site, &mut files);
            files.kustomization();
        }
    }
}

fn root(site: &Site<'_>) -> String {
    format!("kubernetes/{}", site.resource.name)
}

fn write(site: &Site<'_>, files: &mut Files<'_>) {
    namespaces::write(site, files);
    operators::write(site, files);
    secrets::write(site, files);
    queues::write(site, files);
    volumes::write(site, files);
    streams::write(site, files);
    batch::pipelines(site, files);
    training::write(site, files);
    batch::evaluations(site, files);
    tracking::write(site, files);
    serving::write(site, files);
    observe::write(site, files);
    policy::write(site, files);
}

#[cfg(test)]
mod tests;
