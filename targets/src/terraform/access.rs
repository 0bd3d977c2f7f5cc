//! What a workload reads and writes: places in stores, found by following what it is made of.

use std::collections::BTreeSet;

use purlin_core::ResourceId;
use purlin_core::emit::Sound;
use purlin_schema::kinds::data::{Dataset, Pipeline};
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::models::{Adapter, Model, Tracking};
use purlin_schema::kinds::parts::{DataUse, Location};
use purlin_schema::kinds::serving::{BatchInference, Serving};
use purlin_schema::kinds::stores::Storage;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::view::KindType;
use purlin_schema::{Field, Reference, Rows, View};

/// A place in a store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) storage: ResourceId,
    /// What the keys begin with; empty: everything.
    pub(super) prefix: String,
}

/// What one workload may do.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Access {
    /// What it reads.
    pub(super) reads: BTreeSet<Place>,
    /// What it writes, reads back and replaces: checkpoints, datasets, weights.
    pub(super) keeps: BTreeSet<Place>,
    /// What it adds to and never reads: records of what it did.
    pub(super) adds: BTreeSet<Place>,
}

/// How a workload uses a place.
#[derive(Clone, Copy)]
enum Use {
    Read,
    Keep,
    Add,
}

impl Access {
    pub(super) fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.keeps.is_empty() && self.adds.is_empty()
    }
}

/// The kinds that run as pods and touch stores.
pub(super) const WORKLOADS: [&str; 6] =
    ["training-job", "serving", "batch-inference", "pipeline", "evaluation", "tracking"];

/// What a workload reads and writes.
pub(super) fn of(sound: &Sound<'_>, id: ResourceId) -> Access {
    find(sound, id, false)
}

/// Says the fields that [`of`] reads: a role of the workload's own grants it just that.
pub(super) fn say(sound: &Sound<'_>, id: ResourceId) {
    find(sound, id, true);
}

fn find(sound: &Sound<'_>, id: ResourceId, says: bool) -> Access {
    let mut found = Find { sound, says, access: Access::default() };
    if let Some(job) = found.view::<TrainingJob>(id) {
        found.training(id, job);
    } else if let Some(serving) = found.view::<Serving>(id) {
        found.serving(serving);
    } else if let Some(batch) = found.view::<BatchInference>(id) {
        found.weights(batch.model());
        found.datasets(batch.data());
        found.location(batch.to(), Use::Keep);
    } else if let Some(pipeline) = found.view::<Pipeline>(id) {
        found.pipeline(id, pipeline);
    } else if let Some(evaluation) = found.view::<Evaluation>(id) {
        found.weights(evaluation.of_());
        found.datasets(evaluation.data());
    } else if let Some(tracking) = found.view::<Tracking>(id) {
        found.whole(tracking.artifacts(), Use::Keep);
    }
    found.access
}

/// The cluster that a workload runs in.
pub(super) fn cluster(sound: &Sound<'_>, id: ResourceId) -> Option<ResourceId> {
    let ask = &sound.ask;
    if let Some(tracking) = ask.view::<Tracking>(id)
        && let Ok((cluster, _)) = ask.get::<purlin_schema::kinds::infrastructure::Cluster>(tracking.cluster())
    {
        return Some(cluster);
    }
    let graph = sound.graph();
    let along = |from: ResourceId, relation: &str| {
        graph.edges(from).iter().find(|edge| edge.relation == relation).map(|edge| edge.to)
    };
    let pool = match along(id, "on") {
        Some(pool) => pool,
        // It prefers the first pool of its queue, unless `on` names what is no pool.
        None if graph.get(id)?.record.named("on").is_none() => along(along(id, "queue")?, "over")?,
        None => return None,
    };
    along(pool, "cluster")
}

struct Find<'s, 'a> {
    sound: &'s Sound<'a>,
    /// Whether reading the workload's fields says them.
    says: bool,
    access: Access,
}

impl<'a> Find<'_, 'a> {
    fn view<K: KindType>(&self, id: ResourceId) -> Option<View<'a, K>> {
        if self.says { self.sound.view(id) } else { self.sound.ask.view(id) }
    }

    fn training(&mut self, id: ResourceId, job: View<'_, TrainingJob>) {
        self.weights(job.model());
        self.datasets(job.data());
        if let Some(validate) = job.validate().get() {
            self.dataset(validate.data());
        }
        if let Some(checkpoint) = job.checkpoint().get() {
            self.whole(checkpoint.to(), Use::Keep);
            if let Some(milestone) = checkpoint.milestone().get() {
                self.whole(milestone.to(), Use::Keep);
            }
        }
        for from in self.sound.ask.incoming(id) {
            if let Some(model) = self.sound.ask.view::<Model>(from.id) {
                self.location(model.weights(), Use::Keep);
            } else if let Some(adapter) = self.sound.ask.view::<Adapter>(from.id) {
                self.location(adapter.weights(), Use::Keep);
            }
        }
    }

    fn serving(&mut self, serving: View<'_, Serving>) {
        self.weights(serving.model());
        if let Some(audit) = serving.audit().get() {
            self.whole(audit.to(), Use::Add);
        }
        let Ok((model, _)) = self.sound.ask.get::<Model>(serving.model()) else { return };
        // A model may have thousands of readers: they are not sorted, only looked at, and a set takes what is found.
        for from in self.sound.graph().incoming(model) {
            if let Some(adapter) = self.sound.ask.view::<Adapter>(*from) {
                self.location(adapter.weights(), Use::Read);
            }
        }
    }

    fn pipeline(&mut self, id: ResourceId, pipeline: View<'_, Pipeline>) {
        for reference in pipeline.from().values() {
            if let Ok((_, dataset)) = self.sound.ask.get_one::<Dataset>(reference) {
                self.location(dataset.location(), Use::Read);
            }
        }
        if let Some(checkpoint) = pipeline.checkpoint().get() {
            self.whole(checkpoint.to(), Use::Keep);
        }
        for made in self.sound.ask.incoming(id) {
            let edges = self.sound.graph().edges(made.id);
            let from = edges.iter().any(|edge| edge.to == id && edge.relation == "from");
            if let Some(dataset) = self.sound.ask.view::<Dataset>(made.id)
                && from
            {
                self.location(dataset.location(), Use::Keep);
            }
        }
    }

    /// The weights of a model or an adapter, and those of the adapter's model.
    fn weights(&mut self, field: Field<Reference>) {
        let Some(reference) = field.get() else { return };
        if let Ok((_, model)) = self.sound.ask.get_one::<Model>(reference) {
            self.location(model.weights(), Use::Read);
        } else if let Ok((_, adapter)) = self.sound.ask.get_one::<Adapter>(reference) {
            self.location(adapter.weights(), Use::Read);
            if let Ok((_, base)) = self.sound.ask.get::<Model>(adapter.base()) {
                self.location(base.weights(), Use::Read);
            }
        }
    }

    fn datasets(&mut self, rows: Rows<'_, DataUse>) {
        for row in rows.iter() {
            self.dataset(row.dataset());
        }
    }

    fn dataset(&mut self, field: Field<Reference>) {
        if let Ok((_, dataset)) = self.sound.ask.get::<Dataset>(field) {
            self.location(dataset.location(), Use::Read);
        }
    }

    fn location(&mut self, location: Field<View<'_, Location>>, how: Use) {
        if let Some(location) = location.get() {
            self.place(location.storage(), location.path().get().unwrap_or_default(), how);
        }
    }

    fn whole(&mut self, storage: Field<Reference>, how: Use) {
        self.place(storage, "", how);
    }

    fn place(&mut self, storage: Field<Reference>, prefix: &str, how: Use) {
        let Ok((storage, _)) = self.sound.ask.get::<Storage>(storage) else { return };
        let place = Place { storage, prefix: prefix.trim_start_matches('/').to_owned() };
        match how {
            Use::Read => self.access.reads.insert(place),
            Use::Keep => self.access.keeps.insert(place),
            Use::Add => self.access.adds.insert(place),
        };
    }
}
