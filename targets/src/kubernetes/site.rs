//! One cluster, and what of the graph belongs into it: one pass over every kind that has objects here.

use std::collections::{BTreeMap, BTreeSet};

use purlin_core::emit::Sound;
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::data::{Dataset, Pipeline, Stream};
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::infrastructure::{Cluster, Queue};
use purlin_schema::kinds::models::Tracking;
use purlin_schema::kinds::monitoring::Monitor;
use purlin_schema::kinds::organisation::{Cloud, Platform, Provider, Team};
use purlin_schema::kinds::parts::{Location, SecretUse};
use purlin_schema::kinds::serving::{Serving, ServingVia};
use purlin_schema::kinds::stores::{Broker, Storage};
use purlin_schema::kinds::training::{Checkpoint, Milestone, TrainingJob, Validate};
use purlin_schema::view::{KindType, Rows};
use purlin_schema::{Field, Reference, View};
use rustc_hash::FxHashMap;

use super::pools::{Pool, Pools};

/// Resources of a kind, by name, with views that say.
pub(super) type Of<'a, K> = Vec<(&'a Resource, View<'a, K>)>;

/// One cluster.
pub(super) struct Site<'a> {
    pub(super) sound: &'a Sound<'a>,
    pub(super) pools: &'a Pools<'a>,
    pub(super) owners: &'a Owners<'a>,
    pub(super) resource: &'a Resource,
    pub(super) view: View<'a, Cluster>,
    pub(super) cloud: Option<View<'a, Cloud>>,
    pub(super) provider: Option<Provider>,
    pub(super) namespaces: BTreeMap<&'a str, Namespace<'a>>,
    pub(super) queues: Of<'a, Queue>,
    pub(super) jobs: Of<'a, TrainingJob>,
    pub(super) servings: Of<'a, Serving>,
    pub(super) evaluations: Of<'a, Evaluation>,
    pub(super) pipelines: Of<'a, Pipeline>,
    pub(super) trackings: Of<'a, Tracking>,
    pub(super) brokers: Of<'a, Broker>,
    pub(super) streams: Of<'a, Stream>,
    pub(super) monitors: Of<'a, Monitor>,
}

/// What a namespace has to hold because of what runs in it.
#[derive(Default)]
pub(super) struct Namespace<'a> {
    /// The teams whose own it is.
    pub(super) teams: Vec<ResourceId>,
    /// Queues of which a local one is needed.
    pub(super) queues: BTreeMap<&'a str, ResourceId>,
    /// Secrets by name, and how they are used.
    pub(super) secrets: BTreeMap<&'a str, Handed>,
    /// File systems by name.
    pub(super) volumes: BTreeMap<&'a str, ResourceId>,
    /// Other namespaces that call in here.
    pub(super) callers: BTreeSet<&'a str>,
}

/// How a secret is used in a namespace.
#[derive(Clone, Copy)]
pub(super) struct Handed {
    pub(super) secret: ResourceId,
    /// As an environment variable.
    pub(super) value: bool,
    /// As the credential for pulling images.
    pub(super) pull: bool,
}

/// In whose namespace things are.
pub(super) struct Owners<'a> {
    teams: FxHashMap<ResourceId, &'a str>,
    default: &'a str,
}

impl<'a> Owners<'a> {
    pub(super) fn of(sound: &Sound<'a>) -> Self {
        let mut teams = FxHashMap::default();
        for (resource, view) in sound.all::<Team>() {
            teams.insert(resource.id, view.namespace().get().unwrap_or(resource.name.as_str()));
        }
        let platform = sound.ask.all::<Platform>().first().copied();
        let name = platform
            .and_then(|(id, _)| sound.graph().get(id))
            .map_or("default", |platform| platform.name.as_str());
        let owner = platform.and_then(|(_, platform)| sound.ask.get::<Team>(platform.owner()).ok());
        let default = owner.and_then(|(id, _)| teams.get(&id).copied()).unwrap_or(name);
        Owners { teams, default }
    }

    /// The namespace of a team, or of the platform's owner.
    pub(super) fn namespace(&self, sound: &Sound<'a>, team: Field<Reference>) -> &'a str {
        let team = team.get().and_then(|team| sound.ask.follow(team, &["team"]).ok());
        team.and_then(|team| self.teams.get(&team).copied()).unwrap_or(self.default)
    }
}

/// Every cluster, by name, with what belongs into it.
pub(super) fn sites<'a>(sound: &'a Sound<'a>, pools: &'a Pools<'a>, owners: &'a Owners<'a>) -> Vec<Site<'a>> {
    let mut sites: Vec<Site<'a>> = sound
        .all::<Cluster>()
        .into_iter()
        .map(|(resource, view)| Site::new(sound, pools, owners, resource, view))
        .collect();
    let index: FxHashMap<ResourceId, usize> =
        sites.iter().enumerate().map(|(n, site)| (site.resource.id, n)).collect();
    let mut sorter = Sorter { sound, pools, sites: &mut sites, index };
    sorter.sort();
    for site in &mut sites {
        site.gather();
    }
    sites
}

struct Sorter<'s, 'a> {
    sound: &'a Sound<'a>,
    pools: &'a Pools<'a>,
    sites: &'s mut [Site<'a>],
    index: FxHashMap<ResourceId, usize>,
}

impl<'a> Sorter<'_, 'a> {
    fn sort(&mut self) {
        let (sound, pools) = (self.sound, self.pools);
        let cluster =
            |reference: Field<Reference>| sound.ask.get::<Cluster>(reference).ok().map(|(id, _)| id);
        let at = |reference: Field<Reference>| pools.at(sound, reference).map(|pool| pool.cluster);
        for (resource, view) in sound.all::<Queue>() {
            let mut clusters: Vec<ResourceId> =
                queue_pools(sound, pools, view).map(|pool| pool.cluster).collect();
            clusters.sort_unstable();
            clusters.dedup();
            for cluster in clusters {
                self.put(Some(cluster), |site| site.queues.push((resource, view)));
            }
        }
        for (resource, view) in sound.all::<TrainingJob>() {
            let on = sound.ask.view::<TrainingJob>(resource.id).and_then(|job| job.on().get());
            let from_queue = || {
                let queue = sound.ask.view::<TrainingJob>(resource.id)?.queue().get()?;
                let (_, queue) = sound.ask.get::<Queue>(queue.queue()).ok()?;
                queue_pools(sound, pools, queue).next().map(|pool| pool.cluster)
            };
            let cluster = on.and_then(|on| at(on.pool())).or_else(from_queue);
            self.put(cluster, |site| site.jobs.push((resource, view)));
        }
        for (resource, view) in sound.all::<Serving>() {
            let on = read::<Serving>(resource).on().get();
            self.put(on.and_then(|on| at(on.pool())), |site| site.servings.push((resource, view)));
        }
        for (resource, view) in sound.all::<Evaluation>() {
            let on = read::<Evaluation>(resource).on().get();
            self.put(on.and_then(|on| at(on.pool())), |site| site.evaluations.push((resource, view)));
        }
        for (resource, view) in sound.all::<Pipeline>() {
            let on = read::<Pipeline>(resource).on().get();
            self.put(on.and_then(|on| at(on.pool())), |site| site.pipelines.push((resource, view)));
        }
        for (resource, view) in sound.all::<Tracking>() {
            let read = read::<Tracking>(resource);
            let place = cluster(read.cluster()).or_else(|| at(read.on().get()?.pool()));
            self.put(place, |site| site.trackings.push((resource, view)));
        }
        for (resource, view) in sound.all::<Broker>() {
            if view.existing().is_empty() {
                let place = cluster(read::<Broker>(resource).cluster());
                self.put(place, |site| site.brokers.push((resource, view)));
            }
        }
        for (resource, view) in sound.all::<Stream>() {
            let broker = sound.ask.get::<Broker>(read::<Stream>(resource).broker()).ok();
            let broker = broker.filter(|(_, broker)| broker.existing().is_empty());
            let place = broker.and_then(|(_, broker)| cluster(broker.cluster()));
            self.put(place, |site| site.streams.push((resource, view)));
        }
        for (resource, view) in sound.all::<Monitor>() {
            let place = self.watched(read::<Monitor>(resource).of_());
            self.put(place, |site| site.monitors.push((resource, view)));
        }
    }

    fn put(&mut self, cluster: Option<ResourceId>, put: impl FnOnce(&mut Site<'a>)) {
        if let Some(site) = cluster.and_then(|cluster| self.index.get(&cluster)) {
            put(&mut self.sites[*site]);
        }
    }

    /// The cluster of what a monitor watches.
    fn watched(&self, of: Field<Reference>) -> Option<ResourceId> {
        let kinds = ["serving", "training-job", "pipeline", "stream"];
        let id = self.sound.ask.follow(of.get()?, &kinds).ok()?;
        let found = self.sites.iter().find(|site| site.holds(id))?;
        Some(found.resource.id)
    }
}

/// The pools of a queue, in its order.
pub(super) fn queue_pools<'a>(
    sound: &'a Sound<'a>,
    pools: &'a Pools<'a>,
    queue: View<'a, Queue>,
) -> impl Iterator<Item = &'a Pool<'a>> {
    let over = View::<Queue>::of(queue.record()).over();
    over.values().filter_map(move |reference| {
        let id = sound.ask.follow(reference, &["gpu-pool", "cpu-pool", "tpu-pool"]).ok()?;
        pools.get(id)
    })
}

fn has<K>(of: &Of<'_, K>, sound: &Sound<'_>, id: ResourceId) -> bool {
    let Some(name) = sound.graph().get(id).map(|resource| resource.name.as_str()) else { return false };
    of.binary_search_by(|(resource, _)| resource.name.as_str().cmp(name)).is_ok_and(|at| of[at].0.id == id)
}

impl<'a> Site<'a> {
    fn new(
        sound: &'a Sound<'a>,
        pools: &'a Pools<'a>,
        owners: &'a Owners<'a>,
        resource: &'a Resource,
        view: View<'a, Cluster>,
    ) -> Self {
        let cloud = sound.ask.get::<Cloud>(view.cloud()).ok();
        let cloud = cloud.map(|(_, cloud)| cloud);
        Site {
            sound,
            pools,
            owners,
            resource,
            view,
            cloud,
            provider: cloud.and_then(|cloud| cloud.provider().get()),
            namespaces: BTreeMap::new(),
            queues: Vec::new(),
            jobs: Vec::new(),
            servings: Vec::new(),
            evaluations: Vec::new(),
            pipelines: Vec::new(),
            trackings: Vec::new(),
            brokers: Vec::new(),
            streams: Vec::new(),
            monitors: Vec::new(),
        }
    }

    fn holds(&self, id: ResourceId) -> bool {
        has(&self.servings, self.sound, id)
            || has(&self.jobs, self.sound, id)
            || has(&self.pipelines, self.sound, id)
            || has(&self.streams, self.sound, id)
    }

    /// Whether the cluster has a component.
    pub(super) fn has(&self, component: &str) -> bool {
        let components = View::<Cluster>::of(self.view.record()).components();
        components.iter().any(|entry| entry.key.as_str() == component)
    }

    /// Whether nodes of the cluster have interfaces of EFA.
    pub(super) fn has_efa(&self) -> bool {
        self.own_pools().any(|pool| pool.node.efa.is_some() && pool.taint.is_some())
    }

    /// Whether GPUs of the cluster are cut into slices that are told apart.
    pub(super) fn has_slices(&self) -> bool {
        self.own_pools().any(|pool| !pool.slices.is_empty())
    }

    fn own_pools(&self) -> impl Iterator<Item = &Pool<'a>> {
        let pools = self.sound.graph().of_kind("gpu-pool");
        pools
            .into_iter()
            .filter_map(|pool| self.pools.get(pool.id))
            .filter(|pool| pool.cluster == self.resource.id)
    }

    /// The namespace of what a team owns.
    pub(super) fn namespace(&self, team: Field<Reference>) -> &'a str {
        self.owners.namespace(self.sound, team)
    }

    /// The controller of an endpoint: what the spec says, else `KServe` where it is installed and there is a program.
    pub(super) fn serving_via(&self, view: View<'a, Serving>) -> ServingVia {
        view.via().get().unwrap_or(if self.has("kserve") {
            ServingVia::Kserve
        } else {
            ServingVia::Deployment
        })
    }

    /// Whose namespace holds what: read once, before anything is written.
    fn gather(&mut self) {
        let mut namespaces: BTreeMap<&'a str, Namespace<'a>> = BTreeMap::new();
        for (resource, _) in &self.jobs {
            let job = read::<TrainingJob>(resource);
            let team = if job.team().is_absent() { job.owner() } else { job.team() };
            let space = namespaces.entry(self.namespace(team)).or_default();
            self.secrets(space, job.secret());
            if let Some(queue) = job.queue().get().and_then(|queue| queue.queue().get()) {
                self.queue(space, queue);
            }
            for (id, storage) in self.job_file_systems(job) {
                space.volumes.insert(storage.name.as_str(), id);
            }
        }
        for (resource, said) in &self.servings {
            let view = read::<Serving>(resource);
            let own = self.namespace(view.owner());
            self.secrets(namespaces.entry(own).or_default(), view.secret());
            // Who may call is in the policies of the namespaces.
            for callee in said.calls().values() {
                if let Ok((_, callee)) = self.sound.ask.get_one::<Serving>(callee) {
                    let space = self.namespace(callee.owner());
                    if space != own {
                        namespaces.entry(space).or_default().callers.insert(own);
                    }
                }
            }
        }
        for (resource, _) in &self.evaluations {
            let view = read::<Evaluation>(resource);
            self.secrets(namespaces.entry(self.namespace(view.owner())).or_default(), view.secret());
        }
        for (resource, _) in &self.pipelines {
            let view = read::<Pipeline>(resource);
            self.secrets(namespaces.entry(self.namespace(view.owner())).or_default(), view.secret());
        }
        for (resource, _) in &self.trackings {
            namespaces.entry(self.namespace(read::<Tracking>(resource).owner())).or_default();
        }
        for (resource, _) in &self.brokers {
            namespaces.entry(self.namespace(read::<Broker>(resource).owner())).or_default();
        }
        for (resource, _) in self.sound.all::<Team>() {
            let name = self.owners.teams.get(&resource.id).copied().unwrap_or(self.owners.default);
            if let Some(space) = namespaces.get_mut(name) {
                space.teams.push(resource.id);
            }
        }
        self.namespaces = namespaces;
    }

    fn queue(&self, space: &mut Namespace<'a>, reference: Reference) {
        if let Ok((id, _)) = self.sound.ask.get_one::<Queue>(reference)
            && let Some(resource) = self.sound.graph().get(id)
        {
            space.queues.insert(resource.name.as_str(), id);
        }
    }

    /// The file systems that a job mounts, once each: of its checkpoints, and of its data.
    pub(super) fn job_file_systems(&self, job: View<'a, TrainingJob>) -> Vec<(ResourceId, &'a Resource)> {
        let checkpoint = job.checkpoint().get();
        let milestone = checkpoint.and_then(|checkpoint| checkpoint.milestone().get());
        let mut references = vec![
            checkpoint.map_or(Field::Absent, View::<Checkpoint>::to),
            milestone.map_or(Field::Absent, View::<Milestone>::to),
        ];
        let validated = job.validate().get().map_or(Field::Absent, View::<Validate>::data);
        for dataset in job.data().iter().map(View::dataset).chain([validated]) {
            if let Ok((_, dataset)) = self.sound.ask.get::<Dataset>(dataset) {
                references.extend(dataset.location().get().map(View::<Location>::storage));
            }
        }
        let mut found: Vec<(ResourceId, &'a Resource)> = Vec::new();
        for (id, storage) in references.into_iter().filter_map(|reference| self.file_system(reference)) {
            if found.iter().all(|(have, _)| *have != id) {
                found.push((id, storage));
            }
        }
        found
    }

    /// The storage of a reference, where containers mount it.
    pub(super) fn file_system(&self, reference: Field<Reference>) -> Option<(ResourceId, &'a Resource)> {
        let (id, storage) = self.sound.ask.get::<Storage>(reference).ok()?;
        let resource = self.sound.graph().get(id)?;
        super::volumes::is_mounted(storage).then_some((id, resource))
    }

    fn secrets(&self, space: &mut Namespace<'a>, secrets: Rows<'a, SecretUse>) {
        for used in secrets.iter() {
            let Some(reference) = used.secret().get() else { continue };
            let Ok(id) = self.sound.ask.follow(reference, &["secret"]) else { continue };
            let Some(resource) = self.sound.graph().get(id) else { continue };
            let handed = space.secrets.entry(resource.name.as_str()).or_insert(Handed {
                secret: id,
                value: false,
                pull: false,
            });
            if used.r#as().get() == Some("image-pull") {
                handed.pull = true;
            } else {
                handed.value = true;
            }
        }
    }
}

/// A resource of a kind, read without saying.
pub(super) fn read<K: KindType>(resource: &Resource) -> View<'_, K> {
    View::of(&resource.record)
}
