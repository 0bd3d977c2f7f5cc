//! What runs at once on a pool, and what it takes.
//!
//! Endpoints hold what they take; training, batches and evaluations wait for room, so each of them has to fit alone
//! beside what endpoints always hold.

use std::sync::Arc;

use purlin_schema::kinds::parts::Replicas;
use purlin_schema::kinds::pools::{GpuPool, Mig, MigStrategy};
use purlin_schema::kinds::serving::{Rollout, RolloutKind, Serving};
use purlin_schema::units::MigProfile;
use purlin_schema::{Field, Silent, View};

use super::placement::{self, PLACED, Placed, Pool};
use crate::ask::Ask;
use crate::catalog;
use crate::graph::ResourceId;

/// How long something holds what it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Always: an endpoint, a tool, a tracking server.
    Always,
    /// While it runs; it waits for room.
    WhileItRuns,
}

/// What one resource takes of a pool.
#[derive(Clone, Debug)]
pub struct Use {
    /// Which, and how much one replica or run of it takes.
    pub placed: Arc<Placed>,
    /// `serving.drafts`.
    pub address: String,
    /// How long.
    pub holds: Holds,
    /// Replicas at the least.
    pub least: u64,
    /// Replicas at the most, without a rollout.
    pub most: u64,
    /// Replicas that a rollout adds.
    pub surge: u64,
}

impl Use {
    /// Replicas at the worst moment.
    pub fn peak(&self) -> u64 {
        self.most.saturating_add(self.surge)
    }

    /// Whole GPUs of so many replicas; `None`: the instance is not known.
    pub fn gpus(&self, replicas: u64) -> Option<u64> {
        self.placed.gpus()?.checked_mul(replicas)
    }

    /// `6 replicas + 1 while rolling out`.
    pub fn counted(&self) -> String {
        let plural = if self.most == 1 { "replica" } else { "replicas" };
        match (self.holds, self.surge) {
            (Holds::WhileItRuns, _) => format!("{} nodes while it runs", self.placed.nodes),
            (Holds::Always, 0) => format!("{} {plural}", self.most),
            (Holds::Always, surge) => format!("{} {plural} + {surge} while rolling out", self.most),
        }
    }
}

/// Everything that may run on a pool, by address.
pub fn of_pool(ask: &Ask, pool: ResourceId) -> Vec<Use> {
    let mut users: Vec<ResourceId> = Vec::new();
    for resource in ask.incoming(pool) {
        if PLACED.contains(&resource.kind.name) {
            users.push(resource.id);
        } else if resource.kind.name == "queue" {
            let through = ask.incoming(resource.id);
            users.extend(through.iter().filter(|user| PLACED.contains(&user.kind.name)).map(|user| user.id));
        }
    }
    let mut uses: Vec<Use> = users
        .into_iter()
        .filter_map(|id| one(ask, id).ok())
        .filter(|used| used.placed.pools.iter().any(|candidate| candidate.id == pool))
        .collect();
    uses.sort_by(|a, b| a.address.cmp(&b.address));
    uses.dedup_by(|a, b| a.address == b.address);
    uses
}

/// What one resource takes.
pub fn one(ask: &Ask, id: ResourceId) -> Result<Use, Silent> {
    let resource = ask.resource(id).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    let address = resource.address();
    let used = |holds, least, most, surge| Use { placed, address, holds, least, most, surge };
    match resource.kind.name {
        "serving" => {
            let serving = ask.view::<Serving>(id).ok_or(Silent)?;
            let (least, most) = replicas(serving.replicas())?;
            let surge = surge(serving.rollout(), most)?;
            Ok(used(Holds::Always, least, most, surge))
        }
        "training-job" | "batch-inference" | "evaluation" | "pipeline" => {
            Ok(used(Holds::WhileItRuns, 0, 1, 0))
        }
        "broker" => {
            let broker = ask.view::<purlin_schema::kinds::stores::Broker>(id).ok_or(Silent)?;
            let count = match broker.brokers().known()? {
                Some(brokers) => brokers.count().or(1)?,
                None => 1,
            };
            Ok(used(Holds::Always, count, count, 0))
        }
        _ => Ok(used(Holds::Always, 1, 1, 0)),
    }
}

/// Replicas at the least and at the most, higher floors at certain times counted in the most.
fn replicas(replicas: Field<View<'_, Replicas>>) -> Result<(u64, u64), Silent> {
    let Some(said) = replicas.known()? else { return Ok((1, 1)) };
    if let Some(count) = said.count().known()? {
        return Ok((count, count));
    }
    let least = said.min().or(1)?;
    let mut most = said.max().or(least)?.max(least);
    for row in said.schedule().iter() {
        most = most.max(row.min().or(0)?).max(row.max().or(0)?);
    }
    Ok((least, most))
}

/// A canary adds one replica, a second colour all of them, stopping the old one first none.
fn surge(rollout: Field<View<'_, Rollout>>, most: u64) -> Result<u64, Silent> {
    let Some(rollout) = rollout.known()? else { return Ok(0) };
    Ok(match rollout.variant().present()? {
        RolloutKind::Recreate => 0,
        RolloutKind::BlueGreen => most,
        RolloutKind::Canary | RolloutKind::Ab | RolloutKind::Shadow => 1,
    })
}

/// Slices of a profile that a pool has on one node and in all, and how many of them are lent. `None`: not known, or the
/// pool is not cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slices {
    /// On one node.
    pub per_node: u64,
    /// At the pool's largest.
    pub all: u64,
    /// Lent to other projects with a number; those lent without one share what is left.
    pub lent: u64,
}

/// The slices of a profile on a pool.
pub fn slices(ask: &Ask, pool: &Pool, profile: MigProfile) -> Result<Slices, Silent> {
    let view = ask.view::<GpuPool>(pool.id).ok_or(Silent)?;
    let mig = view.mig().present()?;
    let per_node = on_node(ask, pool, mig, profile)?;
    let mut lent = 0;
    for row in view.lend().iter() {
        if row.profile().known()? == Some(profile) {
            lent += row.count().or(0)?;
        }
    }
    let nodes = pool.working_nodes().ok_or(Silent)?;
    Ok(Slices { per_node, all: per_node.saturating_mul(nodes), lent })
}

fn on_node(ask: &Ask, pool: &Pool, mig: View<'_, Mig>, profile: MigProfile) -> Result<u64, Silent> {
    let gpus = pool.gpus_per_node().ok_or(Silent)?;
    if mig.variant().present()? == MigStrategy::Single {
        let table = catalog::mig_table(ask, pool.gpu.as_ref().ok_or(Silent)?.name).ok_or(Silent)?;
        let max = table.profile(&profile.to_string()).and_then(|row| row.max).ok_or(Silent)?;
        return Ok(if mig.profile().known()? == Some(profile) { gpus.saturating_mul(max) } else { 0 });
    }
    let mut all: u64 = 0;
    for layout in mig.layout().iter() {
        let devices = if layout.devices().is_empty() { gpus } else { layout.devices().len() as u64 };
        for share in layout.profile().iter() {
            if share.profile().present()? == profile {
                all = all.saturating_add(devices.saturating_mul(share.count().or(1)?));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::testing::{example, id, session};

    /// Checks what an example's pool is asked for at the worst moment: (address, replicas and surge).
    #[track_caller]
    fn check(project: &str, environment: &str, pool: &str, expect: &[(&str, u64, u64)]) {
        let session = session(&example(project, &[]));
        let graph = session.graph(Some(environment)).expect("the environment is declared");
        let uses = of_pool(&session.ask(graph), id(graph, pool));
        let found: Vec<(&str, u64, u64)> =
            uses.iter().map(|used| (used.address.as_str(), used.most, used.surge)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn six_replicas_and_a_canary_share_the_l40s_with_an_evaluation() {
        let expect = [("evaluation.gate", 1, 0), ("serving.drafts", 6, 1)];
        check("support-assistant", "prod", "gpu-pool.l40s", &expect);
    }

    #[test]
    fn a_second_colour_doubles_the_slices() {
        check("credit-scoring", "prod", "gpu-pool.embed", &[("serving.embed", 6, 6)]);
    }

    #[test]
    fn two_nodes_of_two_gpus_in_seven_slices_are_28() {
        let session = session(&example("credit-scoring", &[]));
        let graph = session.graph(Some("prod")).expect("prod is declared");
        let ask = session.ask(graph);
        let pool = placement::pool(&ask, id(graph, "gpu-pool.embed")).expect("the pool is whole");
        let embed = placement::of(&ask, id(graph, "serving.embed")).expect("it says where it runs");
        let profile = embed.profile.expect("it takes a slice");
        assert_eq!(slices(&ask, &pool, profile), Ok(Slices { per_node: 14, all: 28, lent: 0 }));
    }
}
