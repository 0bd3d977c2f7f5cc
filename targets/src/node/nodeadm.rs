//! What a node of Amazon Linux 2023 is told when it starts: nodeadm's configuration, and the files of the pool.
//!
//! Read in awslabs/amazon-eks-ami at 81fec2e8 (2026-07-23): nodeadm merges every part of type `application/node.eks.aws`, among
//! them what EKS appends for its managed node groups; it starts containerd and the kubelet after cloud-init is through.

use purlin_core::ResourceId;
use purlin_core::emit::tape::Map;
use purlin_core::emit::{Format, Sound, Tape};
use purlin_core::query::placement;
use purlin_schema::View;
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::pools::{GpuPool, LocalStorage};

use super::files;
use super::pool::Node;
use crate::print::print;

/// User data is 16 KiB at most (EC2 user guide, before it is encoded); what EKS appends, cluster name, endpoint and
/// certificate, has room beside it.
const MOST: usize = 13 << 10;

/// The user data of a launch template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserData {
    /// A MIME document.
    Text(String),
    /// The same without the pool's files, which are too large.
    Cut(String),
}

/// What the nodes of a pool, of GPUs or not, are told; `None`: nothing.
pub fn user_data(sound: &Sound<'_>, id: ResourceId, local_storage: Option<LocalStorage>) -> Option<UserData> {
    let node = sound
        .graph()
        .get(id)
        .and_then(|resource| Node::of(sound, resource, sound.view::<GpuPool>(id)?))
        .filter(|node| node.pool.provider == Some(Provider::Aws));
    let gpus = placement::pool(&sound.ask, id).ok().and_then(|pool| pool.gpus_per_node()).unwrap_or(0);
    let mut parts = Vec::new();
    if let Some(config) = tape(gpus, local_storage) {
        let mut text = String::new();
        print(Format::Yaml, &config, &mut text);
        parts.push(("application/node.eks.aws", text));
    }
    let without = mime(&parts);
    if let Some(node) = &node {
        parts.push(("text/cloud-config; charset=\"utf-8\"", files::cloud_init(node)));
    }
    let whole = mime(&parts)?;
    if whole.len() > MOST { without.map(UserData::Cut) } else { Some(UserData::Text(whole)) }
}

fn mime(parts: &[(&str, String)]) -> Option<String> {
    if parts.is_empty() {
        return None;
    }
    let mut text = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"purlin\"\n\n".to_owned();
    for (kind, part) in parts {
        text.push_str(&format!("--purlin\nContent-Type: {kind}\n\n{part}\n"));
    }
    text.push_str("--purlin--\n");
    Some(text)
}

/// The configuration of a pool's nodes, as a file.
pub(super) fn config(node: &Node<'_>) -> Option<Tape> {
    if node.pool.provider != Some(Provider::Aws) {
        return None;
    }
    let storage = View::<GpuPool>::of(&node.resource.record).local_storage().get();
    let mut tape = Tape::default();
    tape.comment(&node.resource.address());
    write(&mut tape, node.pool.gpus_per_node().unwrap_or(0), storage).then_some(tape)
}

fn tape(gpus: u64, storage: Option<LocalStorage>) -> Option<Tape> {
    let mut tape = Tape::default();
    write(&mut tape, gpus, storage).then_some(tape)
}

/// Says whether there is anything to say. A machine with several GPUs has several NUMA nodes: whole cores are given out
/// where a pod asks for whole ones, near its GPUs where there is a choice; no pod is refused for it.
fn write(tape: &mut Tape, gpus: u64, storage: Option<LocalStorage>) -> bool {
    let strategy = match storage {
        Some(LocalStorage::Raid0) => Some("RAID0"),
        Some(LocalStorage::Mount) => Some("Mount"),
        Some(LocalStorage::None) | None => None,
    };
    let numa = gpus > 1;
    if strategy.is_none() && !numa {
        return false;
    }
    tape.map(|t| {
        t.set("apiVersion", "node.eks.aws/v1alpha1");
        t.set("kind", "NodeConfig");
        t.map("spec", |t| {
            if numa {
                t.map("kubelet", |t| {
                    t.map("config", kubelet);
                });
            }
            if let Some(strategy) = strategy {
                t.map("instance", |t| {
                    t.map("localStorage", |t| {
                        t.set("strategy", strategy);
                    });
                });
            }
        });
    });
    true
}

fn kubelet(t: &mut Map<'_>) {
    t.set("cpuManagerPolicy", "static");
    t.set("topologyManagerPolicy", "best-effort");
}
