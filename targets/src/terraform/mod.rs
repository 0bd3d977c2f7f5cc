//! Terraform for AWS: one root for what belongs to the account, and one for each cluster in it.
//!
//! ```text
//! terraform/<cloud>/            versions providers keys storage network streaming observability budget outputs
//! terraform/<cloud>-<cluster>/  versions providers network cluster pools storage identity streaming observability
//!                               account outputs
//! ```
//! In both, `override.tf` holds what `patch terraform` says.
//!
//! Every resource is a block of its own, never one of many by `for_each`, under the address of what it is made from. A
//! root refers to the account's root by that root's outputs; what exists already is a data source.

mod access;
mod budget;
mod cluster;
pub mod facts;
mod files;
mod identity;
mod keys;
mod layout;
mod losses;
mod network;
mod observability;
mod patches;
mod pools;
mod roots;
mod storage;
mod streaming;

#[cfg(test)]
mod tests;

use purlin_core::emit::{Sink, Sound, Target};
use purlin_core::{Resource, ResourceId};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::Cluster;
use purlin_schema::kinds::organisation::Cloud;

use cluster::Eks;
use files::Files;
use layout::{Home, Layout, Scope};

/// The target: HCL for Terraform and `OpenTofu` alike.
pub struct Terraform;

impl Target for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        let layout = Layout::of(sound);
        write(&layout, sink);
        losses::unsaid(&layout);
        layout.into_losses().into_iter().for_each(|loss| sink.loss(loss));
    }
}

fn write(layout: &Layout<'_>, sink: &mut dyn Sink) {
    for cloud in layout.clouds() {
        if !layout.has_account(cloud.0.id) {
            continue;
        }
        account(layout, sink, cloud);
        for (resource, view) in layout.clusters(cloud.0.id) {
            of_cluster(layout, sink, cloud, resource, view);
        }
    }
}

/// `terraform/<cloud>/`.
fn account<'a>(layout: &'a Layout<'a>, sink: &mut dyn Sink, cloud: (&'a Resource, View<'a, Cloud>)) {
    let root = cloud.0.name.as_str();
    let scope = Scope::new(layout, Home::Account(cloud.0.id), cloud);
    let mut files = Files::new(sink, format!("terraform/{root}"));
    let zones = zones(&scope);
    roots::head(&scope, &mut files, root);
    keys::write(&scope, &mut files);
    network::write(&scope, &mut files, &zones);
    storage::write(&scope, &mut files);
    streaming::write(&scope, &mut files);
    observability::write(&scope, &mut files);
    budget::write(&scope, &mut files);
    files.file("outputs.tf");
    keys::outputs(&scope, &mut files);
    network::outputs(&scope, &mut files, &zones);
    storage::outputs(&scope, &mut files);
    streaming::outputs(&scope, &mut files);
    roots::other_states(&scope, &mut files);
    patches::write(layout, &mut files);
}

/// `terraform/<cloud>-<cluster>/`.
fn of_cluster<'a>(
    layout: &'a Layout<'a>,
    sink: &mut dyn Sink,
    cloud: (&'a Resource, View<'a, Cloud>),
    resource: &'a Resource,
    view: View<'a, Cluster>,
) {
    let root = format!("{}-{}", cloud.0.name, resource.name);
    let scope = Scope::new(layout, Home::Cluster { cloud: cloud.0.id, cluster: resource.id }, cloud);
    let mut files = Files::new(sink, format!("terraform/{root}"));
    let eks = Eks::of(&scope, resource, view);
    if eks.made() && eks.subnets(&scope, None).is_none() {
        let reason = "without a network that has subnets no cluster is written";
        return layout.loss(resource, "network", reason);
    }
    let zones = zones(&scope);
    roots::head(&scope, &mut files, &root);
    network::write(&scope, &mut files, &zones);
    cluster::write(&scope, &mut files, &eks);
    pools::write(&scope, &mut files, &eks);
    storage::write(&scope, &mut files);
    identity::write(&scope, &mut files, &eks);
    streaming::write(&scope, &mut files);
    observability::write(&scope, &mut files);
    roots::other_states(&scope, &mut files);
    files.file("outputs.tf");
    cluster::outputs(&mut files, &eks);
    storage::outputs(&scope, &mut files);
    streaming::outputs(&scope, &mut files);
    patches::write(layout, &mut files);
}

/// Networks and the zones in which pools and file systems ask for a subnet of them, once each.
fn zones(scope: &Scope<'_>) -> Vec<(ResourceId, String)> {
    let layout = scope.layout;
    let mut zones = Vec::new();
    for (resource, _) in layout.clusters(scope.home.cloud()) {
        let Some(network) = layout.network(resource.id) else { continue };
        zones.extend(pools::zones(scope, resource.id).into_iter().map(|zone| (network, zone.to_owned())));
    }
    zones.extend(storage::zones(scope));
    zones.sort();
    zones.dedup();
    zones
}
