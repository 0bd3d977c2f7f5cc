//! What a resource comes to in numbers. What the catalog or the spec does not say stays unknown.

use purlin_schema::kinds::pools::{Capacity, CapacityKind, CpuPool, GpuPool, Nodes};
use purlin_schema::kinds::serving::Serving;
use purlin_schema::{Field, View};

use crate::ask::Ask;
use crate::graph::Resource;
use crate::plan::snapshot::Facts;

/// The facts of a resource; digests and verdicts are the caller's.
pub fn of(ask: &Ask, resource: &Resource) -> Facts {
    let mut facts = Facts::default();
    match resource.kind.name {
        "gpu-pool" => {
            if let Some(pool) = ask.view::<GpuPool>(resource.id) {
                of_pool(&mut facts, pool.nodes(), pool.capacity());
            }
        }
        "cpu-pool" => {
            if let Some(pool) = ask.view::<CpuPool>(resource.id) {
                of_pool(&mut facts, pool.nodes(), pool.capacity());
            }
        }
        "serving" => {
            if let Some(serving) = ask.view::<Serving>(resource.id) {
                facts.replicas = replicas(serving);
            }
        }
        _ => {}
    }
    facts
}

fn of_pool(facts: &mut Facts, nodes: Field<View<'_, Nodes>>, capacity: Field<View<'_, Capacity>>) {
    if let Some(nodes) = nodes.get() {
        let exactly = nodes.count().get();
        let least = nodes.min().get().or(exactly);
        let most = nodes.max().get().or(exactly).or(least);
        facts.nodes = least.or(most).zip(most).map(|(least, most)| (least.min(most), most));
    }
    facts.purchase = capacity.get().and_then(purchase);
}

/// `capacity-block cr-1, cr-2`, `reserved cr-1`; nothing for what is bought by the hour.
fn purchase(capacity: View<'_, Capacity>) -> Option<String> {
    match capacity.variant().get()? {
        CapacityKind::CapacityBlock => {
            let ids: Vec<&str> = capacity.block().keyed().map(|(id, _)| id.as_str()).collect();
            Some(format!("capacity-block {}", ids.join(", ")))
        }
        CapacityKind::Reserved => Some(format!("reserved {}", capacity.id().get().unwrap_or_default())),
        CapacityKind::OnDemand | CapacityKind::Spot | CapacityKind::FlexStart => None,
    }
}

fn replicas(serving: View<'_, Serving>) -> Option<(u64, u64)> {
    let replicas = serving.replicas().get()?;
    let exactly = replicas.count().get();
    let least = replicas.min().get().or(exactly)?;
    let most = replicas.max().get().or(exactly).unwrap_or(least);
    Some((least, most.max(least)))
}
