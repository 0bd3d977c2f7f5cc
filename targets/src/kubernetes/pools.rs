//! What the nodes of a pool have, and what a placement takes of them.

use purlin_core::emit::Sound;
use purlin_core::emit::tape::Map;
use purlin_core::{Resource, ResourceId, catalog, compose};
use purlin_schema::kinds::facts::{FabricKind, GpuVendor};
use purlin_schema::kinds::infrastructure::{Cluster, CpuPool, GpuPool, TpuPool};
use purlin_schema::kinds::parts::Placement;
use purlin_schema::kinds::pools::{Mig, MigStrategy, Nodes};
use purlin_schema::units::Bytes;
use purlin_schema::{Field, Reference, View};
use purlin_stdlib::facts::NcclProfile;
use rustc_hash::FxHashMap;

use super::amount::{Amount, mig_resource};

/// The part of a node's cores and memory that workloads may ask for; the rest is the kubelet's and the system's.
const USABLE: f64 = 7.0 / 8.0;

/// A pool, as far as pods see it.
pub(super) struct Pool<'a> {
    pub(super) resource: &'a Resource,
    pub(super) cluster: ResourceId,
    /// The value of the label by which its nodes are chosen.
    pub(super) label: String,
    /// The most nodes that queues hand out.
    pub(super) nodes: u64,
    /// What workloads may ask of one node.
    pub(super) node: Amount,
    /// Slices of one node by resource name, where its GPUs are cut and slices are told apart.
    pub(super) slices: Vec<(String, u64)>,
    /// What Kubernetes counts its accelerators as.
    pub(super) device: &'static str,
    /// The taint of its nodes: they take only who tolerates it.
    pub(super) taint: Option<&'static str>,
    /// How NCCL runs on its machines.
    pub(super) nccl: Option<&'static NcclProfile>,
}

/// All pools by id; looked up, never iterated.
pub(super) struct Pools<'a>(FxHashMap<ResourceId, Pool<'a>>);

impl<'a> Pools<'a> {
    pub(super) fn of(sound: &Sound<'a>) -> Self {
        let mut pools = FxHashMap::default();
        for resource in sound.graph().of_kind("gpu-pool") {
            if let Some(view) = sound.ask.view::<GpuPool>(resource.id) {
                // Its nodes are labelled in its cluster.
                let _ = sound.view::<GpuPool>(resource.id).map(View::<GpuPool>::cluster);
                pools.extend(gpu_pool(sound, resource, view));
            }
        }
        for resource in sound.graph().of_kind("cpu-pool") {
            if let Some(view) = sound.ask.view::<CpuPool>(resource.id) {
                // Its nodes are labelled in its cluster.
                let _ = sound.view::<CpuPool>(resource.id).map(View::<CpuPool>::cluster);
                pools.extend(cpu_pool(sound, resource, view));
            }
        }
        for resource in sound.graph().of_kind("tpu-pool") {
            if let Some(view) = sound.ask.view::<TpuPool>(resource.id) {
                // Its nodes are labelled in its cluster.
                let _ = sound.view::<TpuPool>(resource.id).map(View::<TpuPool>::cluster);
                pools.extend(tpu_pool(sound, resource, view));
            }
        }
        Pools(pools)
    }

    pub(super) fn get(&self, id: ResourceId) -> Option<&Pool<'a>> {
        self.0.get(&id)
    }

    /// The pool of a placement; none where it names a GPU of the catalog, or nothing.
    pub(super) fn at(&self, sound: &Sound<'a>, reference: Field<Reference>) -> Option<&Pool<'a>> {
        let id = sound.ask.follow(reference.get()?, &["gpu-pool", "cpu-pool", "tpu-pool"]).ok()?;
        self.get(id)
    }
}

fn gpu_pool<'a>(
    sound: &Sound<'a>,
    resource: &'a Resource,
    view: View<'a, GpuPool>,
) -> Option<(ResourceId, Pool<'a>)> {
    let cluster = sound.ask.get::<Cluster>(view.cluster()).ok()?.0;
    let machine = machine(sound, view.instance());
    let device = device(machine.vendor);
    let mut node = machine.usable();
    let mut slices = Vec::new();
    let shared = view.sharing().get().and_then(|sharing| sharing.replicas().get()).unwrap_or(1);
    if machine.gpus > 0 {
        node.devices = Some((device.to_owned(), machine.gpus * shared));
    }
    if let Some(mig) = view.mig().get() {
        (node.devices, slices) = cut(mig, &machine, device);
    }
    let pool = Pool {
        resource,
        cluster,
        label: compose::pool_label(resource.kind.name, resource.name.as_str()),
        nodes: view.nodes().get().map_or(0, most),
        node,
        slices,
        device,
        taint: Some(device),
        nccl: machine.nccl,
    };
    Some((resource.id, pool))
}

fn cpu_pool<'a>(
    sound: &Sound<'a>,
    resource: &'a Resource,
    view: View<'a, CpuPool>,
) -> Option<(ResourceId, Pool<'a>)> {
    let cluster = sound.ask.get::<Cluster>(view.cluster()).ok()?.0;
    let pool = Pool {
        resource,
        cluster,
        label: compose::pool_label(resource.kind.name, resource.name.as_str()),
        nodes: view.nodes().get().map_or(0, most),
        node: machine(sound, view.instance()).usable(),
        slices: Vec::new(),
        device: device(None),
        taint: None,
        nccl: None,
    };
    Some((resource.id, pool))
}

fn tpu_pool<'a>(
    sound: &Sound<'a>,
    resource: &'a Resource,
    view: View<'a, TpuPool>,
) -> Option<(ResourceId, Pool<'a>)> {
    let cluster = sound.ask.get::<Cluster>(view.cluster()).ok()?.0;
    let pool = Pool {
        resource,
        cluster,
        label: compose::pool_label(resource.kind.name, resource.name.as_str()),
        nodes: view.nodes().get().map_or(0, most),
        node: Amount::default(),
        slices: Vec::new(),
        device: device(Some(GpuVendor::Google)),
        taint: Some(device(Some(GpuVendor::Google))),
        nccl: None,
    };
    Some((resource.id, pool))
}

fn most(nodes: View<'_, Nodes>) -> u64 {
    let most = nodes.max().get().or(nodes.count().get()).or(nodes.min().get()).unwrap_or(0);
    most.saturating_sub(nodes.spare().get().unwrap_or(0))
}

/// What the catalog, or a block of the project's own, knows of a machine.
#[derive(Default)]
struct Machine {
    cpu: Option<u64>,
    memory: Option<Bytes>,
    gpu: Option<&'static str>,
    vendor: Option<GpuVendor>,
    gpus: u64,
    efa: Option<u64>,
    nccl: Option<&'static NcclProfile>,
}

impl Machine {
    fn usable(&self) -> Amount {
        Amount {
            cpu: self.cpu.map(|cpu| (cpu as f64 * USABLE).floor()),
            memory: self.memory.map(|memory| whole_gib(memory.0 as f64 * USABLE)),
            devices: None,
            efa: self.efa,
            huge_pages: self.efa.and(self.nccl).and_then(|profile| profile.hugepages),
        }
    }
}

fn whole_gib(bytes: f64) -> Bytes {
    Bytes(bytes as u64 >> 30 << 30)
}

fn machine(sound: &Sound<'_>, reference: Field<Reference>) -> Machine {
    let Some(name) = reference.get().map(|reference| reference.name.as_str()) else {
        return Machine::default();
    };
    let Some(known) = catalog::instance(&sound.ask, name) else { return Machine::default() };
    let fabric = known.fabric.filter(|fabric| fabric.kind == FabricKind::Efa);
    Machine {
        cpu: known.vcpu,
        memory: known.memory,
        gpu: known.gpu,
        vendor: known.gpu.and_then(|name| catalog::gpu(&sound.ask, name)).and_then(|gpu| gpu.vendor),
        gpus: known.gpu_count,
        efa: fabric.and_then(|fabric| fabric.ports),
        nccl: purlin_stdlib::nccl_profile(name),
    }
}

/// The extended resource that each vendor's device plugin publishes.
fn device(vendor: Option<GpuVendor>) -> &'static str {
    match vendor {
        None | Some(GpuVendor::Nvidia) => "nvidia.com/gpu",
        Some(GpuVendor::Amd) => "amd.com/gpu",
        Some(GpuVendor::Google) => "google.com/tpu",
        Some(GpuVendor::Aws) => "aws.amazon.com/neuron",
        Some(GpuVendor::Intel) => "habana.ai/gaudi",
    }
}

/// A resource, and how much of it.
type Counted = (String, u64);

/// What one node publishes when its GPUs are cut: slices as whole GPUs, or by profile.
fn cut(mig: View<'_, Mig>, machine: &Machine, device: &str) -> (Option<Counted>, Vec<Counted>) {
    if mig.variant().get() == Some(MigStrategy::Single) {
        let each = mig
            .profile()
            .get()
            .and_then(|profile| purlin_stdlib::mig_table(machine.gpu?)?.profile(&profile.to_string())?.max);
        return (each.map(|each| (device.to_owned(), each * machine.gpus)), Vec::new());
    }
    let mut slices: Vec<(String, u64)> = Vec::new();
    let mut cut = 0;
    for layout in mig.layout().iter() {
        let devices = layout.devices().len() as u64;
        let devices = if devices == 0 { machine.gpus } else { devices };
        cut += devices;
        for share in layout.profile().iter() {
            let Some(profile) = share.profile().get() else { continue };
            let count = devices * share.count().get().unwrap_or(1);
            let name = mig_resource(profile);
            match slices.iter_mut().find(|(have, _)| *have == name) {
                Some((_, sum)) => *sum += count,
                None => slices.push((name, count)),
            }
        }
    }
    let whole = machine.gpus.saturating_sub(cut);
    ((whole > 0).then(|| (device.to_owned(), whole)), slices)
}

impl Pool<'_> {
    /// What one pod of a placement takes, and how many pods there are where whole nodes are meant.
    pub(super) fn take(&self, on: View<'_, Placement>) -> Amount {
        let (cpu, memory) = (on.cpu().get(), on.memory().get());
        if let Some(profile) = on.profile().get() {
            let name = if self.slices.is_empty() { self.device.to_owned() } else { mig_resource(profile) };
            return Amount { cpu, memory, devices: Some((name, 1)), ..Amount::default() };
        }
        let all = self.node.devices.as_ref().map(|(_, count)| *count);
        let nodes = on.nodes().get();
        let gpus = match (on.gpus().get(), nodes, self.taint) {
            (Some(gpus), ..) => Some(gpus),
            (None, Some(_), Some(_)) => all,
            (None, None, Some(_)) => Some(1),
            (None, _, None) => None,
        };
        let share = match (gpus, all) {
            (Some(gpus), Some(all)) if all > 0 => Some((gpus as f64 / all as f64).min(1.0)),
            (None, _) if nodes.is_some() => Some(1.0),
            _ => None,
        };
        Amount {
            cpu: cpu.or_else(|| Some((self.node.cpu? * share?).floor())),
            memory: memory.or_else(|| Some(whole_gib(self.node.memory?.0 as f64 * share?))),
            devices: gpus.filter(|gpus| *gpus > 0).map(|gpus| (self.device.to_owned(), gpus)),
            efa: self.node.efa.filter(|_| nodes.is_some_and(|nodes| nodes > 1)),
            huge_pages: self.node.huge_pages.filter(|_| nodes.is_some_and(|nodes| nodes > 1)),
        }
    }

    /// Says how many nodes there are, where a queue hands them out.
    pub(super) fn say_nodes(&self, sound: &Sound<'_>) {
        let id = self.resource.id;
        let nodes = match sound.view::<GpuPool>(id) {
            Some(pool) => pool.nodes().get(),
            None => sound.view::<CpuPool>(id).and_then(|pool| pool.nodes().get()),
        };
        if let Some(nodes) = nodes {
            most(nodes);
        }
    }

    /// Chooses the pool's nodes, and tolerates their taint.
    pub(super) fn write_choice(&self, t: &mut Map<'_>) {
        t.map("nodeSelector", |t| {
            t.set(compose::POOL_LABEL, &self.label);
        });
        if let Some(taint) = self.taint {
            t.list("tolerations", |t| {
                t.map(|t| toleration(t, taint));
            });
        }
    }
}

pub(super) fn toleration(t: &mut Map<'_>, taint: &str) {
    t.set("key", taint);
    t.set("operator", "Exists");
    t.set("effect", "NoSchedule");
}
