//! How the GPUs of a node are cut, as mig-parted reads it (`api/spec/v1` of NVIDIA/mig-parted).

use std::collections::BTreeMap;

use purlin_core::catalog;
use purlin_core::emit::tape::Map;
use purlin_core::emit::{Format, Tape};
use purlin_schema::kinds::pools::MigStrategy;

use super::pool::Node;
use crate::print::print;

/// The name of a pool's layout in `mig-parted.yaml`, and the value of the label `nvidia.com/mig.config` of its nodes.
pub fn config_name(pool: &str) -> String {
    format!("purlin-{pool}")
}

/// GPUs of a node that are cut alike.
pub(super) struct Cut {
    /// Their numbers in the node; empty: all.
    pub(super) devices: Vec<u64>,
    /// Slices of each GPU by profile.
    pub(super) slices: Vec<(String, u64)>,
}

/// How the pool's GPUs are cut; empty: they are whole, or how many slices fit is not known.
pub(super) fn cuts(node: &Node<'_>) -> Vec<Cut> {
    let Some(mig) = node.said.mig().get() else { return Vec::new() };
    if mig.variant().get() == Some(MigStrategy::Single) {
        let cut = mig.profile().get().and_then(|profile| {
            let gpu = node.pool.gpu.as_ref()?;
            let table = catalog::mig_table(&node.sound.ask, gpu.name)?;
            let name = profile.to_string();
            let most = table.profiles.iter().find(|known| known.name == name)?.max?;
            Some(Cut { devices: Vec::new(), slices: vec![(name, most)] })
        });
        return cut.into_iter().collect();
    }
    let layouts = mig.layout().iter().map(|layout| Cut {
        devices: layout.devices().values().collect(),
        slices: layout
            .profile()
            .iter()
            .filter_map(|share| Some((share.profile().get()?.to_string(), share.count().get().unwrap_or(1))))
            .collect(),
    });
    layouts.collect()
}

/// The file of mig-parted.
pub(super) fn file(node: &Node<'_>, cuts: &[Cut]) -> Tape {
    let mut tape = Tape::default();
    tape.comment(&node.resource.address());
    tape.map(|t| {
        t.set("version", "v1");
        t.map("mig-configs", |t| layout(t, node, cuts));
    });
    tape
}

/// The layouts of several pools in one file, and beside them the one of nodes that are not cut.
pub(super) fn layouts(nodes: &[Node<'_>]) -> Option<String> {
    let cut: Vec<(&Node<'_>, Vec<Cut>)> =
        nodes.iter().map(|node| (node, cuts(node))).filter(|(_, cuts)| !cuts.is_empty()).collect();
    if cut.is_empty() {
        return None;
    }
    let mut tape = Tape::default();
    tape.map(|t| {
        t.set("version", "v1");
        t.map("mig-configs", |t| {
            t.list(UNCUT, |t| {
                t.map(|t| {
                    t.set("devices", "all");
                    t.set("mig-enabled", false);
                });
            });
            for (node, cuts) in &cut {
                layout(t, node, cuts);
            }
        });
    });
    let mut text = String::new();
    print(Format::Yaml, &tape, &mut text);
    Some(text)
}

/// The layout of nodes that are not cut, as the GPU operator calls it.
pub const UNCUT: &str = "all-disabled";

fn layout(t: &mut Map<'_>, node: &Node<'_>, cuts: &[Cut]) {
    t.list(&config_name(node.resource.name.as_str()), |t| {
        for cut in cuts {
            t.map(|t| {
                if cut.devices.is_empty() {
                    t.set("devices", "all");
                } else {
                    t.items("devices", &cut.devices);
                }
                t.set("mig-enabled", true);
                t.map("mig-devices", |t| {
                    for (profile, count) in &cut.slices {
                        t.set(profile, *count);
                    }
                });
            });
        }
        whole(t, node, cuts);
    });
}

/// GPUs that no layout names stay whole.
fn whole(t: &mut purlin_core::emit::tape::List<'_>, node: &Node<'_>, cuts: &[Cut]) {
    if cuts.iter().any(|cut| cut.devices.is_empty()) {
        return;
    }
    let Some(gpus) = node.pool.gpus_per_node() else { return };
    let cut = |gpu: &u64| cuts.iter().any(|cut| cut.devices.contains(gpu));
    let rest: Vec<u64> = (0..gpus).filter(|gpu| !cut(gpu)).collect();
    if !rest.is_empty() {
        t.map(|t| {
            t.items("devices", &rest);
            t.set("mig-enabled", false);
        });
    }
}

/// Slices of a whole node by profile, as `nvidia-smi -L` lists them; `None`: how many GPUs it has is not known.
pub(super) fn slices_of_node(node: &Node<'_>, cuts: &[Cut]) -> Option<BTreeMap<String, u64>> {
    let mut sum = BTreeMap::new();
    for cut in cuts {
        let devices = match cut.devices.len() as u64 {
            0 => node.pool.gpus_per_node()?,
            some => some,
        };
        for (profile, count) in &cut.slices {
            *sum.entry(profile.clone()).or_insert(0_u64) += count.saturating_mul(devices);
        }
    }
    Some(sum)
}
