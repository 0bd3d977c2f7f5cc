//! What a resource comes to in numbers. What the catalog or the spec does not say stays unknown.

use purlin_schema::kinds::contracts::Personal;
use purlin_schema::kinds::pools::{Capacity, CapacityKind, CpuPool, GpuPool, Nodes};
use purlin_schema::kinds::serving::Serving;
use purlin_schema::view::ChoiceType as _;
use purlin_schema::{Field, View};

use rustc_hash::FxHashMap;

use crate::ask::Ask;
use crate::graph::{Resource, ResourceId};
use crate::laws::interval::{Interval, Verdict};
use crate::plan::snapshot::{Facts, Fit, Money};
use crate::query::cost::{self, Cost};
use crate::query::memory::{self, Judged, MemoryAnswer};
use crate::query::{labels, placement, places};

/// The facts of a resource; digests and verdicts are the caller's.
pub fn of(ask: &Ask, resource: &Resource) -> Facts {
    let mut facts = Facts::default();
    if HOLDS_DATA.contains(&resource.kind.name) {
        facts.region = region(ask, resource);
        facts.classes = classes(ask, resource);
    }
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
            of_memory(&mut facts, ask, resource);
        }
        "training-job" => of_memory(&mut facts, ask, resource),
        _ => {}
    }
    facts
}

/// The kinds in which data is, or what was learnt of it.
const HOLDS_DATA: &[&str] = &[
    "dataset",
    "stream",
    "feature-view",
    "vector-store",
    "training-job",
    "model",
    "serving",
    "batch-inference",
];

/// The regions in which it is kept or computed on.
fn region(ask: &Ask, resource: &Resource) -> Option<Box<str>> {
    let places = places::of(ask, resource.id);
    match places.as_slice() {
        [] => None,
        [one] => Some(one.region.as_str().into()),
        several => {
            let regions: Vec<&str> = several.iter().map(|place| place.region.as_str()).collect();
            Some(regions.join(", ").into())
        }
    }
}

/// The classes of the data that flows into it, the words of the language, sorted.
fn classes(ask: &Ask, resource: &Resource) -> Vec<String> {
    if !ask.graph.has_kind("data-contract") {
        return Vec::new();
    }
    let labels = labels::labels(ask, resource.id);
    let fields = labels.of(resource.id).map_or(&[][..], |node| &node.fields);
    let mut classes: Vec<String> = fields
        .iter()
        .filter(|label| label.personal != Personal::None)
        .map(|label| format!("personal {}", label.personal.word()))
        .chain(fields.iter().map(|label| label.classification.word().to_owned()))
        .collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// What each resource costs a month, as far as prices are known.
pub fn bill(ask: &Ask) -> FxHashMap<ResourceId, Money> {
    cost::month(ask).lines.into_iter().map(|line| (line.id, money(&line.cost))).collect()
}

/// A cost in whole hundredths; a conversion saturates.
pub fn money(cost: &Cost) -> Money {
    let hundredths = |amount: f64| (amount * 100.0).round() as u64;
    Money {
        low: hundredths(cost.amount.low),
        high: hundredths(cost.amount.high),
        currency: cost.currency.code().to_owned(),
    }
}

/// Whether the memory of a GPU suffices; nothing where no GPU is used.
fn of_memory(facts: &mut Facts, ask: &Ask, resource: &Resource) {
    let placed = placement::of(ask, resource.id);
    facts.gpus = placed.as_ref().ok().and_then(|placed| placed.gpus()).filter(|gpus| *gpus > 0);
    match memory::of(ask, resource.id) {
        Ok(MemoryAnswer::Judged(judged)) => facts.fit = Some(Box::new(fit(&judged, facts.gpus))),
        Ok(MemoryAnswer::Declared) => facts.unfit = Some("declared by a command of its own".into()),
        Ok(MemoryAnswer::Unknown(missing)) => {
            facts.unfit = Some(format!("unknown: {} is missing", missing.join(", ")).into());
        }
        Err(purlin_schema::Silent) => {}
    }
}

fn fit(judged: &Judged, gpus: Option<u64>) -> Fit {
    let verdict = match judged.verdict {
        Verdict::Fits => "fits",
        Verdict::TooClose => "too-close",
        Verdict::DoesNotFit => "does-not-fit",
    };
    Fit {
        verdict: verdict.to_owned(),
        need: whole(judged.estimate.total),
        have: whole(judged.capacity),
        of: judged.device.clone(),
        gpus,
        contexts: judged.room.map(|room| whole(room.contexts)),
    }
}

/// Both ends as whole numbers that are not negative; a conversion saturates.
fn whole(interval: Interval) -> (u64, u64) {
    (interval.low.round() as u64, interval.high.round() as u64)
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
