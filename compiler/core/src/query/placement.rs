//! Where work runs: its pool, the machines of the pool, and how much of them one replica or run takes.

use std::sync::Arc;

use purlin_schema::kinds::agents::Tool;
use purlin_schema::kinds::data::Pipeline;
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::infrastructure::{Cluster, CpuPool, GpuPool, Queue};
use purlin_schema::kinds::models::Tracking;
use purlin_schema::kinds::organisation::{Cloud, Provider};
use purlin_schema::kinds::parts::{self, QueueUse};
use purlin_schema::kinds::pools::{Capacity, CapacityKind, Nodes};
use purlin_schema::kinds::serving::{BatchInference, Serving};
use purlin_schema::kinds::stores::Broker;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::units::{Bytes, MigProfile, Region};
use purlin_schema::{Field, Reference, Silent, View};
use purlin_stdlib::facts::{Gpu, Instance};
use purlin_syntax::{Span, Symbol};

use crate::ask::{Ask, Read};
use crate::catalog::{self, Known};
use crate::graph::ResourceId;
use crate::link::{self, Resolution};

/// The kinds that can be placed on a pool.
pub const PLACED: &[&str] =
    &["training-job", "serving", "evaluation", "batch-inference", "pipeline", "tracking", "broker", "tool"];

/// The kinds of pools.
const POOLS: &[&str] = &["gpu-pool", "cpu-pool", "tpu-pool"];

/// The kinds that `on` admits: outside a platform a GPU too.
const ON: &[&str] = &["gpu-pool", "cpu-pool", "tpu-pool", "gpu"];

/// A pool of nodes, with what the catalog knows of its machines.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The pool.
    pub id: ResourceId,
    /// Its name.
    pub name: Symbol,
    /// Where its name stands.
    pub span: Span,
    /// `gpu-pool` or `cpu-pool`.
    pub kind: &'static str,
    /// Whose cloud it is in.
    pub provider: Option<Provider>,
    /// The region of that cloud.
    pub region: Option<Region>,
    /// The name of its instance type, and where it stands.
    pub instance_name: Symbol,
    /// Where the instance type is said.
    pub instance_span: Span,
    /// The machine; `None`: the catalog does not know it.
    pub instance: Option<Known<Instance>>,
    /// Its GPU; `None`: it has none, or it is not known.
    pub gpu: Option<Known<Gpu>>,
    /// Nodes that are always there.
    pub least_nodes: u64,
    /// Nodes at most, spares included; `None`: not said.
    pub most_nodes: Option<u64>,
    /// Of those, nodes that wait to replace a broken one.
    pub spare: u64,
    /// How the nodes are bought.
    pub capacity: CapacityKind,
    /// The one zone of the capacity.
    pub zone: Option<&'static str>,
}

impl Pool {
    /// `gpu-pool.h100`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// Whole GPUs of one node; `None`: the instance is not known.
    pub fn gpus_per_node(&self) -> Option<u64> {
        self.instance.as_ref().map(|instance| instance.gpu_count)
    }

    /// Nodes that work may run on: all but the spares.
    pub fn working_nodes(&self) -> Option<u64> {
        self.most_nodes.map(|most| most.saturating_sub(self.spare))
    }

    /// Interfaces of the fabric on one node.
    pub fn fabric_ports(&self) -> Option<u64> {
        self.instance.as_ref()?.fabric?.ports
    }
}

/// Where something runs, and how much of it one run or replica takes.
#[derive(Clone, Debug)]
pub struct Placed {
    /// What runs.
    pub id: ResourceId,
    /// The pools that it may run on, in order of preference: one with `on`, those of its queue without.
    pub pools: Vec<Arc<Pool>>,
    /// The queue that admits it.
    pub queue: Option<ResourceId>,
    /// The GPU: of the first pool, or of the catalog where `on` names a GPU and no pool.
    pub gpu: Option<Known<Gpu>>,
    /// Nodes of one run or replica.
    pub nodes: u64,
    /// Whether nodes were asked for as such: then nobody else runs on them.
    pub whole_nodes: bool,
    /// Whole GPUs that it takes of each node: 0 for slices and for work without GPUs; `None`: the instance is not known.
    pub gpus_per_node: Option<u64>,
    /// The MIG slice of each replica.
    pub profile: Option<MigProfile>,
    /// CPU cores that each replica requests.
    pub cpu: Option<f64>,
    /// Memory that each replica requests.
    pub memory: Option<Bytes>,
    /// Where `on` stands, or the resource's name.
    pub span: Span,
}

impl Placed {
    /// The pool that it prefers.
    pub fn pool(&self) -> Option<&Pool> {
        self.pools.first().map(|pool| &**pool)
    }

    /// Whole GPUs of one run or replica.
    pub fn gpus(&self) -> Option<u64> {
        self.gpus_per_node.and_then(|gpus| gpus.checked_mul(self.nodes))
    }

    /// Whether it takes GPUs, or a slice of one.
    pub fn uses_gpu(&self) -> bool {
        self.profile.is_some() || self.gpus_per_node.is_some_and(|gpus| gpus > 0)
    }
}

/// Where a resource runs; silence where it says nothing, or what it says cannot be known.
pub fn of(ask: &Ask, id: ResourceId) -> Result<Arc<Placed>, Silent> {
    ask.placed.get(id, || placed(ask, id).map(Arc::new))
}

fn placed(ask: &Ask, id: ResourceId) -> Result<Placed, Silent> {
    let (on, queue) = spoken(ask, id)?;
    let name_span = ask.resource(id).ok_or(Silent)?.name_span;
    let queue = match queue.known()? {
        Some(queue) => Some(ask.get::<Queue>(queue.queue())?),
        None => None,
    };
    let span = on.span().unwrap_or(name_span);
    let mut placed = Placed {
        id,
        pools: Vec::new(),
        queue: queue.map(|(id, _)| id),
        gpu: None,
        nodes: 1,
        whole_nodes: false,
        gpus_per_node: Some(0),
        profile: None,
        cpu: None,
        memory: None,
        span,
    };
    match (on.known()?, queue) {
        (Some(on), _) => take(ask, &mut placed, on)?,
        (None, Some((_, queue))) => {
            placed.pools = queue_pools(ask, queue)?;
            placed.whole_nodes = true;
            placed.gpus_per_node = placed.pool().and_then(Pool::gpus_per_node);
        }
        (None, None) => return Err(Silent),
    }
    if placed.gpu.is_none() {
        placed.gpu = placed.pool().and_then(|pool| pool.gpu.clone());
    }
    Ok(placed)
}

/// The pools of a queue, in its order.
pub fn queue_pools(ask: &Ask, queue: View<'_, Queue>) -> Result<Vec<Arc<Pool>>, Silent> {
    queue.over().values().map(|reference| pool_of(ask, reference)).collect()
}

fn pool_of(ask: &Ask, reference: Reference) -> Result<Arc<Pool>, Silent> {
    pool(ask, ask.follow(reference, POOLS)?)
}

/// Silence where `on` names no GPU: the pool it means is not there.
fn catalog_gpu(ask: &Ask, target: Reference) -> Result<(), Silent> {
    ask.note(Read::Kind("platform"));
    match link::resolve(ask.graph, target, ON) {
        Resolution::Fact | Resolution::Found(_) => Ok(()),
        Resolution::Nothing | Resolution::Ambiguous => Err(Silent),
    }
}

/// Facts of a pool of GPU or CPU nodes.
pub fn pool(ask: &Ask, id: ResourceId) -> Result<Arc<Pool>, Silent> {
    ask.pool(id, || facts(ask, id).map(Arc::new))
}

fn facts(ask: &Ask, id: ResourceId) -> Result<Pool, Silent> {
    let resource = ask.resource(id).ok_or(Silent)?;
    let said = match resource.kind.name {
        "gpu-pool" => {
            let pool = ask.view::<GpuPool>(id).ok_or(Silent)?;
            (pool.cluster(), pool.instance(), pool.nodes(), pool.capacity())
        }
        "cpu-pool" => {
            let pool = ask.view::<CpuPool>(id).ok_or(Silent)?;
            (pool.cluster(), pool.instance(), pool.nodes(), pool.capacity())
        }
        _ => return Err(Silent),
    };
    let (cluster, instance_name, nodes, capacity) = said;
    let instance_span = instance_name.span().unwrap_or(resource.name_span);
    let instance_name = instance_name.present()?.name;
    let cloud = cluster_cloud(ask, cluster).ok();
    let instance = catalog::instance(ask, instance_name.as_str());
    let gpu = instance.as_ref().and_then(|instance| instance.gpu).and_then(|name| catalog::gpu(ask, name));
    let (least_nodes, most_nodes, spare) = node_counts(nodes)?;
    let (variant, zone) = bought(capacity)?;
    Ok(Pool {
        id,
        name: resource.name,
        span: resource.name_span,
        kind: resource.kind.name,
        provider: cloud.and_then(|cloud| cloud.provider().get()),
        region: cloud.and_then(|cloud| cloud.region().get()),
        instance_name,
        instance_span,
        instance,
        gpu,
        least_nodes,
        most_nodes,
        spare,
        capacity: variant,
        zone,
    })
}

fn cluster_cloud<'a>(ask: &Ask<'a>, cluster: Field<Reference>) -> Result<View<'a, Cloud>, Silent> {
    let (_, cluster) = ask.get::<Cluster>(cluster)?;
    Ok(ask.get::<Cloud>(cluster.cloud())?.1)
}

fn node_counts(nodes: Field<View<'_, Nodes>>) -> Result<(u64, Option<u64>, u64), Silent> {
    let nodes = nodes.present()?;
    let spare = nodes.spare().or(0)?;
    match nodes.count().known()? {
        Some(count) => Ok((count, Some(count), spare)),
        None => Ok((nodes.min().or(0)?, nodes.max().known()?, spare)),
    }
}

fn bought(capacity: Field<View<'_, Capacity>>) -> Result<(CapacityKind, Option<&'static str>), Silent> {
    let Some(capacity) = capacity.known()? else { return Ok((CapacityKind::OnDemand, None)) };
    let zone = capacity.zone().get().map(|zone| Symbol::intern(zone).as_str());
    Ok((capacity.variant().or(CapacityKind::OnDemand)?, zone))
}

/// What a resource says of where it runs.
type Spoken<'a> = (Field<View<'a, parts::Placement>>, Field<View<'a, QueueUse>>);

fn spoken<'a>(ask: &Ask<'a>, id: ResourceId) -> Result<Spoken<'a>, Silent> {
    let kind = ask.resource(id).ok_or(Silent)?.kind.name;
    let said = match kind {
        "training-job" => ask.view::<TrainingJob>(id).map(|job| (job.on(), job.queue())),
        "batch-inference" => ask.view::<BatchInference>(id).map(|batch| (batch.on(), batch.queue())),
        "serving" => ask.view::<Serving>(id).map(|serving| (serving.on(), Field::Absent)),
        "evaluation" => ask.view::<Evaluation>(id).map(|evaluation| (evaluation.on(), Field::Absent)),
        "pipeline" => ask.view::<Pipeline>(id).map(|pipeline| (pipeline.on(), Field::Absent)),
        "tracking" => ask.view::<Tracking>(id).map(|tracking| (tracking.on(), Field::Absent)),
        "broker" => ask.view::<Broker>(id).map(|broker| (broker.on(), Field::Absent)),
        "tool" => ask.view::<Tool>(id).map(|tool| (tool.on(), Field::Absent)),
        _ => None,
    };
    said.ok_or(Silent)
}

/// Whole nodes take all of their GPUs where nothing else is said; a replica on a GPU pool takes one.
fn take(ask: &Ask, placed: &mut Placed, on: View<'_, parts::Placement>) -> Result<(), Silent> {
    let target = on.pool().present()?;
    let (nodes, gpus) = (on.nodes().known()?, on.gpus().known()?);
    placed.profile = on.profile().known()?;
    placed.cpu = on.cpu().known()?;
    placed.memory = on.memory().known()?;
    placed.nodes = nodes.unwrap_or(1);
    placed.whole_nodes = nodes.is_some();
    match ask.follow(target, POOLS) {
        Ok(id) => {
            let pool = pool(ask, id)?;
            placed.gpus_per_node = match (gpus, nodes) {
                _ if placed.profile.is_some() || pool.kind != "gpu-pool" => Some(0),
                (Some(gpus), _) => Some(gpus),
                (None, Some(_)) => pool.gpus_per_node(),
                (None, None) => Some(1),
            };
            placed.pools.push(pool);
        }
        Err(Silent) => {
            catalog_gpu(ask, target)?;
            placed.gpu = Some(catalog::gpu(ask, target.name.as_str()).ok_or(Silent)?);
            let count = on.count().known()?.or(gpus).unwrap_or(1);
            placed.gpus_per_node = Some(if placed.profile.is_some() { 0 } else { count });
        }
    }
    Ok(())
}
