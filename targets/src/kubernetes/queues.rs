//! Kueue: what pools have, who may hold how much of it, and who goes first.

use std::collections::BTreeMap;

use purlin_core::compose::{LABEL_VALUE, OBJECT, POOL_LABEL};
use purlin_core::emit::tape::{List, Map};
use purlin_core::{Resource, ResourceId};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::{Preempt, Queue, Quota, TopologyLevel};
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::units::Bytes;

use super::amount::{Cores, EFA, HUGE_PAGES, Memory};
use super::files::Files;
use super::object::{kind, named, placed};
use super::pools::{Pool, toleration};
use super::site::{Site, queue_pools, read};

/// The label that every node has, with its own name.
const HOST: &str = "kubernetes.io/hostname";

/// Writes the queues of a cluster, and what they share out.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    if site.queues.is_empty() {
        return;
    }
    files.group("20-queues/queues");
    if !site.has("kueue") {
        for (resource, _) in &site.queues {
            files.loss(resource, "over", "the cluster has no component `kueue`, which admits jobs");
        }
        return;
    }
    let levels = Levels::of(site);
    let mut flavors: BTreeMap<(&str, &str), (&Pool<'_>, bool)> = BTreeMap::new();
    for (_, view) in &site.queues {
        let near = levels.is_known() && View::<Queue>::of(view.record()).topology().get().is_some();
        let own = queue_pools(site.sound, site.pools, *view).filter(|pool| pool.cluster == site.resource.id);
        for pool in own {
            let resource = pool.resource;
            let (_, any) =
                flavors.entry((resource.kind.name, resource.name.as_str())).or_insert((pool, false));
            *any |= near;
        }
    }
    if flavors.values().any(|(_, near)| *near) {
        topology(site, files, &levels);
    }
    for (pool, near) in flavors.values() {
        flavor(site, files, pool, *near);
    }
    for (resource, view) in &site.queues {
        queue(site, files, resource, *view, &levels);
    }
    for (namespace, space) in &site.namespaces {
        for id in space.queues.values() {
            local_queue(site, files, *id, namespace);
        }
    }
}

/// The name of a named priority of a queue, as jobs say it.
pub(super) fn priority_name(queue: &str, priority: &str) -> String {
    OBJECT.join(&[queue, priority])
}

/// The labels of nodes that say where they stand.
pub(super) struct Levels<'a> {
    block: Option<&'a str>,
    rack: Option<&'a str>,
    host: &'a str,
    /// Coarser than a block, where the cloud tells.
    above: Option<&'a str>,
}

impl<'a> Levels<'a> {
    pub(super) fn of(site: &Site<'a>) -> Self {
        let (above, block, rack) = match site.provider {
            Some(Provider::Aws) => (
                Some("topology.k8s.aws/network-node-layer-1"),
                Some("topology.k8s.aws/network-node-layer-2"),
                Some("topology.k8s.aws/network-node-layer-3"),
            ),
            Some(Provider::Gcp) => (
                None,
                Some("cloud.google.com/gce-topology-block"),
                Some("cloud.google.com/gce-topology-subblock"),
            ),
            _ => (None, None, None),
        };
        let Some(own) = site.view.topology().get() else { return Levels { block, rack, host: HOST, above } };
        Levels {
            block: own.block().get().or(block),
            rack: own.rack().get().or(rack),
            host: own.host().get().unwrap_or(HOST),
            above: above.filter(|_| own.block().is_absent()),
        }
    }

    fn is_known(&self) -> bool {
        self.block.is_some() || self.rack.is_some()
    }

    fn label(&self, level: TopologyLevel) -> Option<&'a str> {
        match level {
            TopologyLevel::Block => self.block,
            TopologyLevel::Rack => self.rack,
            TopologyLevel::Host => Some(self.host),
        }
    }

    /// The annotation of the pods of a job: how near they must, or should, be.
    pub(super) fn annotation(&self, queue: View<'_, Queue>) -> Option<(&'static str, &'a str)> {
        let topology = queue.topology().get()?;
        let required = topology.required().get().and_then(|level| self.label(level));
        let preferred = topology.preferred().get().and_then(|level| self.label(level));
        required
            .map(|label| ("kueue.x-k8s.io/podset-required-topology", label))
            .or(preferred.map(|label| ("kueue.x-k8s.io/podset-preferred-topology", label)))
    }
}

fn topology(site: &Site<'_>, files: &mut Files<'_>, levels: &Levels<'_>) {
    files.object(Some(site.resource), |t| {
        kind(t, "kueue.x-k8s.io/v1beta2", "Topology");
        named(t, site.resource.name.as_str());
        t.map("spec", |t| {
            t.list("levels", |t| {
                for label in
                    levels.above.into_iter().chain(levels.block).chain(levels.rack).chain([levels.host])
                {
                    t.map(|t| {
                        t.set("nodeLabel", label);
                    });
                }
            });
        });
    });
}

fn flavor(site: &Site<'_>, files: &mut Files<'_>, pool: &Pool<'_>, near: bool) {
    files.object(Some(pool.resource), |t| {
        kind(t, "kueue.x-k8s.io/v1beta2", "ResourceFlavor");
        named(t, &flavor_name(pool));
        t.map("spec", |t| {
            t.map("nodeLabels", |t| {
                t.set(POOL_LABEL, &pool.label);
            });
            if near {
                t.set("topologyName", site.resource.name);
            }
            if let Some(taint) = pool.taint {
                t.list("tolerations", |t| {
                    t.map(|t| toleration(t, taint));
                });
            }
        });
    });
}

fn flavor_name(pool: &Pool<'_>) -> String {
    OBJECT.name(&pool.label).into_owned()
}

fn queue(
    site: &Site<'_>,
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, Queue>,
    levels: &Levels<'_>,
) {
    let mut pools: Vec<&Pool<'_>> = Vec::new();
    for pool in queue_pools(site.sound, site.pools, view).filter(|pool| pool.cluster == site.resource.id) {
        // A queue knows a flavor once.
        if pools.iter().all(|have| have.resource.id != pool.resource.id) {
            pools.push(pool);
        }
    }
    let shares = shares(&pools, view);
    for pool in &pools {
        pool.say_nodes(site.sound);
    }
    let read = read::<Queue>(resource);
    if levels.annotation(read).is_some() {
        // The jobs of the queue say it.
        let _ = view.topology().get().map(|topology| (topology.required(), topology.preferred()));
    } else if read.topology().get().is_some() {
        files.loss(
            resource,
            "topology",
            "the labels that say where a node stands are not known for this cloud",
        );
    }
    if read.gang().get().is_some() {
        files.loss(resource, "gang", "how long to wait for all pods is a setting of Kueue as a whole");
    }
    files.object(Some(resource), |t| {
        kind(t, "kueue.x-k8s.io/v1beta2", "ClusterQueue");
        named(t, resource.name.as_str());
        t.map("spec", |t| {
            t.maybe("cohortName", view.cohort().get().map(|cohort| OBJECT.name(cohort).into_owned()));
            t.map("namespaceSelector", |t| {
                t.list("matchExpressions", |t| namespaces(t, site, resource.id));
            });
            let _ = view.over();
            t.list("resourceGroups", |t| group(t, &pools, &shares, view));
            t.map("preemption", |t| preemption(t, view));
        });
    });
    for (name, priority) in view.priority().keyed() {
        let Some(value) = priority.value().get() else { continue };
        files.object(Some(resource), |t| {
            kind(t, "kueue.x-k8s.io/v1beta2", "WorkloadPriorityClass");
            named(t, &priority_name(resource.name.as_str(), name.as_str()));
            t.set("value", value);
        });
    }
}

/// The queue is open to the namespaces that have a local queue of it.
fn namespaces(t: &mut List<'_>, site: &Site<'_>, queue: ResourceId) {
    t.map(|t| {
        t.set("key", "kubernetes.io/metadata.name");
        t.set("operator", "In");
        let open = site.namespaces.iter().filter(|(_, space)| space.queues.values().any(|id| *id == queue));
        let open: Vec<&str> = open.map(|(name, _)| *name).collect();
        // `In` refuses an empty list: without any user the queue is open to nobody.
        t.items("values", if open.is_empty() { vec!["no-namespace-uses-this-queue"] } else { open });
    });
}

fn preemption(t: &mut Map<'_>, view: View<'_, Queue>) {
    let (within, reclaim) = match view.preempt().get() {
        Some(Preempt::LowerPriority) => ("LowerPriority", "Any"),
        Some(Preempt::LowerOrNewerEqualPriority) => ("LowerOrNewerEqualPriority", "Any"),
        Some(Preempt::Never) | None => ("Never", "Never"),
    };
    t.set("withinClusterQueue", within);
    t.set("reclaimWithinCohort", reclaim);
}

/// One resource that a queue shares out: its quota and the most that is borrowed, for each pool.
struct Share {
    name: String,
    quota: Vec<f64>,
    borrow: Option<Vec<f64>>,
}

/// Fills the pools in the order of preference, up to what each has, until the queue's quota is spent.
fn shares(pools: &[&Pool<'_>], view: View<'_, Queue>) -> Vec<Share> {
    let (quota, limit) = (view.nominal_quota().get(), view.borrowing_limit().get());
    let limit = limit.filter(|_| !view.cohort().is_absent());
    let ask = |of: fn(View<'_, Quota>) -> Option<f64>| (quota.and_then(of), limit.and_then(of));
    let nodes = nodes(pools, quota);
    let mut shares = Vec::new();
    let mut add = |name: &str, has: &dyn Fn(&Pool<'_>) -> Option<f64>, said: (Option<f64>, Option<f64>)| {
        let per_node: Vec<Option<f64>> = pools.iter().map(|pool| has(pool)).collect();
        if said.0.is_none() && per_node.iter().all(Option::is_none) {
            return;
        }
        // A pool whose machine is not known takes all that is asked for: the catalog says so in a finding.
        let room: Vec<f64> = per_node
            .iter()
            .zip(&nodes)
            .map(|(each, nodes)| match each {
                Some(each) => each * *nodes as f64,
                None if pools.len() == 1 => f64::INFINITY,
                None => 0.0,
            })
            .collect();
        let quota = match said.0 {
            Some(amount) => fill(
                amount,
                &pools
                    .iter()
                    .zip(&per_node)
                    .map(|(pool, each)| match each {
                        Some(each) => each * pool.nodes as f64,
                        None if pools.len() == 1 => f64::INFINITY,
                        None => 0.0,
                    })
                    .collect::<Vec<_>>(),
            ),
            None => room.iter().map(|room| if room.is_finite() { *room } else { 0.0 }).collect(),
        };
        let borrow = said.1.map(|amount| first(amount, &per_node));
        shares.push(Share { name: name.to_owned(), quota, borrow });
    };
    add("cpu", &|pool| pool.node.cpu, ask(|quota| quota.cpu().get()));
    add(
        "memory",
        &|pool| Some(pool.node.memory?.0 as f64),
        ask(|quota| Some(quota.memory().get()?.0 as f64)),
    );
    let mut devices: Vec<&str> = Vec::new();
    for pool in pools
        .iter()
        .filter(|pool| pool.taint.is_some() && (pool.node.devices.is_some() || pool.slices.is_empty()))
    {
        if !devices.contains(&pool.device) {
            devices.push(pool.device);
        }
    }
    for (n, device) in devices.iter().enumerate() {
        let said = if n == 0 { ask(|quota| Some(quota.gpus().get()? as f64)) } else { (None, None) };
        add(
            device,
            &|pool| pool.node.devices.as_ref().filter(|(name, _)| name == device).map(|(_, n)| *n as f64),
            said,
        );
    }
    let mut slices: Vec<&str> =
        pools.iter().flat_map(|pool| pool.slices.iter().map(|(name, _)| name.as_str())).collect();
    slices.sort_unstable();
    slices.dedup();
    for slice in slices {
        let has =
            |pool: &Pool<'_>| pool.slices.iter().find(|(name, _)| name == slice).map(|(_, n)| *n as f64);
        add(slice, &has, (None, None));
    }
    add(EFA, &|pool| pool.node.efa.map(|n| n as f64), ask(|quota| Some(quota.efa().get()? as f64)));
    add(HUGE_PAGES, &|pool| Some(pool.node.huge_pages?.0 as f64), (None, None));
    shares
}

/// How many nodes of each pool the queue holds: as many as its quota of GPUs, or of cores, makes; else all.
fn nodes(pools: &[&Pool<'_>], quota: Option<View<'_, Quota>>) -> Vec<u64> {
    let Some(gpus) = quota.and_then(|quota| quota.gpus().get()) else {
        return pools.iter().map(|pool| pool.nodes).collect();
    };
    let mut left = gpus;
    pools
        .iter()
        .map(|pool| match &pool.node.devices {
            Some((_, each)) if *each > 0 => {
                let nodes = left.div_ceil(*each).min(pool.nodes);
                left = left.saturating_sub(nodes * each);
                nodes
            }
            _ => pool.nodes,
        })
        .collect()
}

fn fill(amount: f64, room: &[f64]) -> Vec<f64> {
    let mut left = amount;
    let mut filled: Vec<f64> = room
        .iter()
        .map(|room| {
            let take = left.min(*room);
            left -= take;
            take
        })
        .collect();
    // More than the pools have: the rest stays with the first, as the spec says it.
    if left > 0.0
        && let Some(first) = filled.first_mut()
    {
        *first += left;
    }
    filled
}

/// All of it at the first pool that has the resource, nothing at the others.
fn first(amount: f64, has: &[Option<f64>]) -> Vec<f64> {
    let at = has.iter().position(Option::is_some).unwrap_or(0);
    (0..has.len()).map(|n| if n == at { amount } else { 0.0 }).collect()
}

fn group(t: &mut List<'_>, pools: &[&Pool<'_>], shares: &[Share], _: View<'_, Queue>) {
    if shares.is_empty() || pools.is_empty() {
        return;
    }
    t.map(|t| {
        t.items("coveredResources", shares.iter().map(|share| share.name.as_str()));
        t.list("flavors", |t| {
            for (n, pool) in pools.iter().enumerate() {
                t.map(|t| {
                    t.set("name", flavor_name(pool));
                    t.list("resources", |t| {
                        for share in shares {
                            t.map(|t| {
                                t.set("name", &share.name);
                                set_amount(t, "nominalQuota", &share.name, share.quota[n]);
                                if let Some(borrow) = &share.borrow {
                                    set_amount(t, "borrowingLimit", &share.name, borrow[n]);
                                }
                            });
                        }
                    });
                });
            }
        });
    });
}

fn set_amount(t: &mut Map<'_>, key: &str, resource: &str, amount: f64) {
    match resource {
        "cpu" => t.set(key, format_args!("{}", Cores(amount))),
        "memory" | HUGE_PAGES => t.set(key, format_args!("{}", Memory(Bytes(amount as u64)))),
        _ => t.set(key, format_args!("{}", amount as u64)),
    };
}

fn local_queue(site: &Site<'_>, files: &mut Files<'_>, queue: ResourceId, namespace: &str) {
    let Some(resource) = site.sound.graph().get(queue) else { return };
    files.object(Some(resource), |t| {
        kind(t, "kueue.x-k8s.io/v1beta2", "LocalQueue");
        placed(t, LABEL_VALUE.name(resource.name.as_str()).as_ref(), namespace);
        t.map("spec", |t| {
            t.set("clusterQueue", resource.name);
        });
    });
}
