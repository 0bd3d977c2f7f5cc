//! The target `node`: what makes a GPU node right, and the script that compares a live node with it.
//!
//! | file | what | where |
//! |---|---|---|
//! | `verify.sh` | compares a node with what was compiled, field by field | every pool of GPUs |
//! | `nccl.conf` | NCCL's variables, without those that its network plugin sets by itself | where the facts know them |
//! | `dcgm-counters.csv` | what the DCGM exporter exports | every pool |
//! | `mig-parted.yaml` | the slices of every GPU | pools that are cut |
//! | `sysctl.conf`, `limits.conf`, `modules.conf`, `modprobe.conf` | the kernel | where facts or the pool ask for it |
//! | `containerd-limits.conf` | how much memory containers may lock | pools with a fabric |
//! | `nodeconfig.yaml` | what nodeadm is told: cores and GPUs of one NUMA node, disks | AWS |
//! | `nvidia.toml` | the container toolkit | own machines: a cloud's image or the GPU operator brings its own |
//! | `purlin-verify.service` | runs `verify.sh` before the node takes work | pools with `health before-join`, where the image brings the driver |
//! | `cloud-init.yaml` | puts the files in place | AWS and own machines: the others' images take none |
//!
//! Who owns the driver: the images of the clouds bring it, with persistence daemon, fabric manager and clocks, and
//! `verify.sh` compares; on own machines the GPU operator installs it from inside of the cluster. On AWS the launch template
//! carries `nodeconfig.yaml` and `cloud-init.yaml` ([`user_data`]); layouts of slices reach the nodes through the GPU
//! operator ([`mig_layouts`]).

mod counters;
mod files;
mod mig;
mod nodeadm;
mod pool;
mod verify;

#[cfg(test)]
mod tests;

use purlin_core::ResourceId;
use purlin_core::emit::{Format, Loss, Part, Sink, Sound, Tape, Target};
use purlin_schema::View;
use purlin_schema::kinds::pools::GpuPool;

use pool::Node;

pub use mig::{UNCUT, config_name as mig_config_name};
pub use nodeadm::{UserData, user_data};

/// Files for the nodes of every pool of GPUs.
pub struct Nodes;

/// The text of one file, before it is printed.
enum Content {
    Yaml(Tape),
    Toml(Tape),
    Text(String),
}

impl Target for Nodes {
    fn name(&self) -> &'static str {
        "node"
    }

    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink) {
        // Nothing that runs is shared.
        if sound.part == Part::Shared {
            return;
        }
        for node in nodes(sound) {
            for loss in losses(&node) {
                sink.loss(loss);
            }
            for (name, content) in files::all(&node) {
                let path = format!("node/{}/{name}", node.resource.name);
                let id = Some(node.resource.id);
                match content {
                    Content::Yaml(tape) => {
                        sink.file(&path, Format::Yaml);
                        sink.document(id, &tape);
                    }
                    Content::Toml(tape) => {
                        sink.file(&path, Format::Toml);
                        sink.document(id, &tape);
                    }
                    Content::Text(text) => {
                        sink.file(&path, Format::Text);
                        sink.text(id, &text);
                    }
                }
            }
        }
    }
}

fn losses(node: &Node<'_>) -> Vec<Loss> {
    let loss = |field: &str, reason: &str| Loss {
        address: node.resource.address(),
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    let mut losses = Vec::new();
    let before = node.read.health().get().and_then(|health| health.before_join().get());
    if before.is_some_and(|before| !before.min_pair_bandwidth().is_absent()) {
        losses.push(loss(
            "health.before-join.min-pair-bandwidth",
            "`verify.sh` measures it when it is given a neighbour; before a node joins, nobody gives it one",
        ));
    }
    if let Some(instance) = &node.pool.instance
        && instance.nvlink_domain.is_some_and(|domain| domain > instance.gpu_count)
    {
        losses.push(loss(
            "instance",
            "memory is shared between its nodes through IMEX, in domains that NVIDIA's DRA driver makes for each job: no `ComputeDomain` is written",
        ));
    }
    if node.pool.instance.is_none() {
        losses
            .push(loss("instance", "the catalog does not know the machine: its nodes are compared in part"));
    }
    losses
}

/// The layouts of all pools of a cluster in one file of mig-parted, under the names that their nodes are labelled with;
/// `None`: none of them is cut.
pub fn mig_layouts<'a>(sound: &'a Sound<'a>, cluster: ResourceId) -> Option<String> {
    mig::layouts(&of_cluster(sound, cluster))
}

/// What the exporter of a cluster exports, where its pools ask for more than it does by itself.
pub fn dcgm_counters<'a>(sound: &'a Sound<'a>, cluster: ResourceId) -> Option<String> {
    counters::of_cluster(&of_cluster(sound, cluster))
}

/// Pools of GPUs of a cluster that this project makes, by name.
fn of_cluster<'a>(sound: &'a Sound<'a>, cluster: ResourceId) -> Vec<Node<'a>> {
    let is_here = |pool: &ResourceId| {
        let edges = sound.graph().edges(*pool);
        edges.iter().any(|edge| edge.relation == "cluster" && edge.to == cluster)
    };
    let mut pools: Vec<Node<'_>> = sound
        .graph()
        .incoming(cluster)
        .iter()
        .copied()
        .filter(is_here)
        .filter_map(|id| Node::of(sound, sound.graph().get(id)?, sound.view::<GpuPool>(id)?))
        .collect();
    pools.sort_unstable_by_key(|node| node.resource.name.as_str());
    pools
}

/// Whether the nodes of a pool are cut.
pub fn is_cut(pool: View<'_, GpuPool>) -> bool {
    !View::<GpuPool>::of(pool.record()).mig().is_absent()
}

/// Pools of GPUs that this project makes, by name.
fn nodes<'a>(sound: &'a Sound<'a>) -> Vec<Node<'a>> {
    let pools = sound.all::<GpuPool>().into_iter();
    pools.filter_map(|(resource, said)| Node::of(sound, resource, said)).collect()
}
