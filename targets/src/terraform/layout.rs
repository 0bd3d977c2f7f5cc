//! Which root each thing is in: one root a cloud for what belongs to the account, one a cluster for the rest.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use purlin_core::compose::{self, NameRule};
use purlin_core::emit::{Loss, Part, Sound};
use purlin_core::sharing::SHARED;
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::infrastructure::{Cluster, Key, Network};
use purlin_schema::kinds::organisation::{Cloud, Provider};
use purlin_schema::kinds::stores::{Broker, BrokerEngine, Storage, StorageEngine};
use purlin_schema::units::Date;
use purlin_schema::{Field, Reference, View};

use super::access::{self, WORKLOADS};
use super::files::{Say, Subject, id_text, label};
use crate::kubernetes::{self, Claim};

/// The root of an account, or of a cluster in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Home {
    /// The account's root below `out/shared/`, seen from an environment.
    Shared(ResourceId),
    Account(ResourceId),
    Cluster {
        cloud: ResourceId,
        cluster: ResourceId,
    },
}

impl Home {
    pub(super) fn cloud(self) -> ResourceId {
        match self {
            Home::Shared(cloud) | Home::Account(cloud) | Home::Cluster { cloud, .. } => cloud,
        }
    }
}

/// Everything that stands in a cloud of AWS, each in its root.
pub(super) struct Layout<'a> {
    pub(super) sound: &'a Sound<'a>,
    /// The environment's name; empty where a project has none.
    pub(super) environment: &'a str,
    /// The platform's name; empty where a project has none.
    pub(super) platform: &'a str,
    homes: BTreeMap<ResourceId, Home>,
    /// The network of each cluster, file system and broker that has one.
    networks: BTreeMap<ResourceId, ResourceId>,
    /// What runs in each cluster and may touch stores, in the order of kinds, then of names.
    workloads: BTreeMap<ResourceId, Vec<ResourceId>>,
    /// The pools of each cluster that are made: those with GPUs first, each by name.
    pools: BTreeMap<ResourceId, Vec<ResourceId>>,
    losses: RefCell<Vec<Loss>>,
    /// Resources whose patches found a resource of the provider, with its type.
    patched: RefCell<BTreeSet<(ResourceId, String)>>,
    /// Claims of file systems in Kubernetes, found when the first is asked for.
    claims: OnceCell<Vec<Claim>>,
}

impl<'a> Layout<'a> {
    pub(super) fn of(sound: &'a Sound<'a>) -> Self {
        let graph = sound.graph();
        let platform = graph.of_kind("platform").first().map_or("", |platform| platform.name.as_str());
        let mut layout = Layout {
            sound,
            environment: match sound.part {
                Part::Shared => SHARED,
                Part::Own | Part::Whole => graph.environment.map_or("", |name| name.as_str()),
            },
            platform,
            homes: BTreeMap::new(),
            networks: BTreeMap::new(),
            workloads: BTreeMap::new(),
            pools: BTreeMap::new(),
            losses: RefCell::default(),
            patched: RefCell::default(),
            claims: OnceCell::new(),
        };
        layout.place_clusters();
        layout.place_networks();
        layout.place_stores();
        layout.place_workloads();
        layout.divide();
        layout
    }

    /// What environments share is in the shared root; there, nothing else is.
    fn divide(&mut self) {
        let graph = self.sound.graph();
        let shared = |id: &ResourceId| graph.get(*id).is_some_and(purlin_core::Resource::is_shared);
        match self.sound.part {
            Part::Whole => {}
            Part::Own => {
                for (_, home) in self.homes.iter_mut().filter(|(id, _)| shared(id)) {
                    *home = Home::Shared(home.cloud());
                }
            }
            Part::Shared => self.homes.retain(|id, _| shared(id)),
        }
    }

    /// Whether anything of a cloud is in one of the roots that are written.
    pub(super) fn has_account(&self, cloud: ResourceId) -> bool {
        self.sound.part != Part::Shared || self.homes.values().any(|home| home.cloud() == cloud)
    }

    /// The clouds of AWS, by name.
    pub(super) fn clouds(&self) -> Vec<(&'a Resource, View<'a, Cloud>)> {
        let mut clouds = self.sound.all::<Cloud>();
        clouds.retain(|(_, cloud)| cloud.provider().get() == Some(Provider::Aws));
        clouds
    }

    /// The clusters of a cloud, by name.
    pub(super) fn clusters(&self, cloud: ResourceId) -> Vec<(&'a Resource, View<'a, Cluster>)> {
        let mut clusters = self.sound.all::<Cluster>();
        clusters.retain(|(resource, _)| self.home(resource.id).is_some_and(|home| home.cloud() == cloud));
        clusters
    }

    /// The root that something is in; none for what is not in a cloud of AWS.
    pub(super) fn home(&self, id: ResourceId) -> Option<Home> {
        self.homes.get(&id).copied()
    }

    /// The network of a cluster, a file system or a broker.
    pub(super) fn network(&self, id: ResourceId) -> Option<ResourceId> {
        self.networks.get(&id).copied()
    }

    /// What runs in a cluster and may touch stores.
    pub(super) fn workloads(&self, cluster: ResourceId) -> &[ResourceId] {
        self.workloads.get(&cluster).map_or(&[], |ids| ids)
    }

    /// The pools of a cluster.
    pub(super) fn pools(&self, cluster: ResourceId) -> &[ResourceId] {
        self.pools.get(&cluster).map_or(&[], |ids| ids)
    }

    /// A name in the cloud: the parts, and the environment.
    pub(super) fn name(&self, rule: NameRule, parts: &[&str]) -> String {
        let mut all = parts.to_vec();
        all.push(self.environment);
        rule.join(&all)
    }

    /// What the cluster is called in the cloud.
    pub(super) fn cluster_name(&self, cluster: &Resource) -> String {
        self.name(compose::EKS_CLUSTER, &[cluster.name.as_str()])
    }

    /// Says that something asked for is in no file.
    pub(super) fn loss(&self, resource: &Resource, field: &str, reason: impl Into<String>) {
        let loss = Loss { address: resource.address(), field: field.to_owned(), reason: reason.into() };
        self.losses.borrow_mut().push(loss);
    }

    /// The claims of a file system in Kubernetes.
    pub(super) fn claims(&self, storage: ResourceId) -> impl Iterator<Item = &Claim> {
        let all = self.claims.get_or_init(|| kubernetes::claims(self.sound));
        all.iter().filter(move |claim| claim.storage == storage)
    }

    /// A patch has found a resource of the provider.
    pub(super) fn note_patched(&self, id: ResourceId, kind: String) {
        self.patched.borrow_mut().insert((id, kind));
    }

    /// Whether a patch has found a resource of the provider.
    pub(super) fn is_patched(&self, id: ResourceId, kind: &str) -> bool {
        self.patched.borrow().contains(&(id, kind.to_owned()))
    }

    pub(super) fn into_losses(self) -> Vec<Loss> {
        self.losses.into_inner()
    }

    /// The cloud that a field names, or the only one there is; where it is one of AWS.
    fn cloud(&self, field: Field<Reference>) -> Option<ResourceId> {
        let ask = &self.sound.ask;
        let (id, cloud) = match field {
            Field::Absent => {
                let all = ask.all::<Cloud>();
                let [only] = all.as_slice() else { return None };
                *only
            }
            field => ask.get::<Cloud>(field).ok()?,
        };
        (cloud.provider().get() == Some(Provider::Aws)).then_some(id)
    }

    fn place_clusters(&mut self) {
        // The root that a thing is in says its cloud; here and below.
        for (resource, cluster) in self.sound.all::<Cluster>() {
            let Some(cloud) = self.cloud(cluster.cloud()) else { continue };
            self.homes.insert(resource.id, Home::Cluster { cloud, cluster: resource.id });
            if let Some(network) = self.network_of(cloud, cluster.network(), None) {
                self.networks.insert(resource.id, network);
            }
        }
        for (resource, key) in self.sound.all::<Key>() {
            if let Some(cloud) = self.cloud(key.cloud()) {
                self.homes.insert(resource.id, Home::Account(cloud));
            }
        }
    }

    /// A network that one cluster uses is in that cluster's root, any other one in the account's.
    fn place_networks(&mut self) {
        for (resource, network) in self.sound.all::<Network>() {
            let id = resource.id;
            let Some(cloud) = self.cloud(network.cloud()) else { continue };
            let mut users = self.networks.iter().filter(|(_, used)| **used == id).map(|(user, _)| *user);
            let shared = self.sound.graph().get(id).is_some_and(purlin_core::Resource::is_shared);
            let home = match (users.next(), users.next()) {
                (Some(cluster), None) if !shared || self.sound.part == Part::Whole => {
                    Home::Cluster { cloud, cluster }
                }
                _ => Home::Account(cloud),
            };
            self.homes.insert(id, home);
        }
    }

    fn place_stores(&mut self) {
        for (resource, said) in self.sound.all::<Storage>() {
            let (id, storage) = (resource.id, View::<Storage>::of(said.record()));
            let Some(cloud) = self.cloud(said.cloud()) else { continue };
            let home = match storage.engine().get() {
                Some(StorageEngine::Lustre | StorageEngine::Efs) => {
                    let network = self.network_of(cloud, Field::Absent, storage.zone().get());
                    if let Some(network) = network {
                        self.networks.insert(id, network);
                    }
                    network.and_then(|network| self.own_home(network, cloud))
                }
                Some(StorageEngine::S3) | None => Some(Home::Account(cloud)),
                _ => None,
            };
            if let Some(home) = home {
                self.homes.insert(id, home);
            }
        }
        for (resource, said) in self.sound.all::<Broker>() {
            let (id, broker) = (resource.id, View::<Broker>::of(said.record()));
            let engine = broker.engine().get().and_then(|engine| engine.variant().get());
            if engine != Some(BrokerEngine::Msk) {
                continue;
            }
            let Some(cloud) = self.cloud(said.cloud()) else { continue };
            let network = self.network_of(cloud, broker.network(), None);
            if let Some(network) = network {
                self.networks.insert(id, network);
            }
            let only = self.only_cluster(cloud);
            let home = network.and_then(|network| self.own_home(network, cloud)).or(only);
            self.homes.insert(id, home.unwrap_or(Home::Account(cloud)));
        }
    }

    fn place_workloads(&mut self) {
        let sound = self.sound;
        for kind in WORKLOADS {
            for resource in sound.graph().of_kind(kind) {
                if let Some(cluster) = access::cluster(sound, resource.id) {
                    self.workloads.entry(cluster).or_default().push(resource.id);
                }
            }
        }
        for kind in ["gpu-pool", "cpu-pool", "tpu-pool"] {
            for resource in sound.graph().of_kind(kind) {
                let edges = sound.graph().edges(resource.id);
                if let Some(edge) = edges.iter().find(|edge| edge.relation == "cluster")
                    && resource.record.named("existing").is_none()
                {
                    self.pools.entry(edge.to).or_default().push(resource.id);
                }
            }
        }
    }

    /// Where something of an environment's own is that stands in a network: with the network, unless that is shared.
    fn own_home(&self, network: ResourceId, cloud: ResourceId) -> Option<Home> {
        let shared = self.sound.graph().get(network).is_some_and(purlin_core::Resource::is_shared);
        if self.sound.part == Part::Own && shared {
            return Some(self.only_cluster(cloud).unwrap_or(Home::Account(cloud)));
        }
        self.home(network)
    }

    fn only_cluster(&self, cloud: ResourceId) -> Option<Home> {
        let mut clusters = self.homes.values().filter(|home| matches!(home, Home::Cluster { cloud: of, cluster } if *of == cloud && self.homes.get(cluster) == Some(*home)));
        let first = clusters.next()?;
        clusters.all(|home| home == first).then_some(*first)
    }

    /// The network that is named; else the only one of the cloud, or the only one that has the zone.
    fn network_of(
        &self,
        cloud: ResourceId,
        field: Field<Reference>,
        zone: Option<&str>,
    ) -> Option<ResourceId> {
        let ask = &self.sound.ask;
        if !field.is_absent() {
            return ask.get::<Network>(field).ok().map(|(id, _)| id);
        }
        let mut all = ask.all::<Network>();
        all.retain(|(_, network)| self.cloud(network.cloud()) == Some(cloud));
        if all.len() > 1
            && let Some(zone) = zone
        {
            all.retain(|(_, network)| network.zones().values().any(|has| has == zone));
        }
        let [(id, _)] = all.as_slice() else { return None };
        Some(*id)
    }
}

/// One root, seen from inside: how it refers to what is in it and in the account's root.
pub(super) struct Scope<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) home: Home,
    pub(super) cloud: (&'a Resource, View<'a, Cloud>),
    /// Whether the account's state is read.
    remote: Cell<bool>,
    /// Whether the state of what environments share is read.
    shares: Cell<bool>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(layout: &'a Layout<'a>, home: Home, cloud: (&'a Resource, View<'a, Cloud>)) -> Self {
        Scope { layout, home, cloud, remote: Cell::new(false), shares: Cell::new(false) }
    }

    pub(super) fn sound(&self) -> &'a Sound<'a> {
        self.layout.sound
    }

    /// The day for which files are written.
    pub(super) fn today(&self) -> Option<Date> {
        self.sound().ask.options.as_of
    }

    /// Whether anything refers to the account's root.
    pub(super) fn reads_account(&self) -> bool {
        self.remote.get()
    }

    /// Whether anything refers to what environments share.
    pub(super) fn reads_shared(&self) -> bool {
        self.shares.get()
    }

    /// An expression that is `local` in the root of a resource, and an output of that root elsewhere.
    pub(super) fn reach(&self, id: ResourceId, local: String, output: &str) -> Option<String> {
        let home = self.layout.home(id)?;
        if home == self.home {
            return Some(local);
        }
        if home == Home::Shared(self.home.cloud()) {
            self.shares.set(true);
            return Some(format!("data.terraform_remote_state.shared.outputs.{output}"));
        }
        if home != Home::Account(self.home.cloud()) {
            return None;
        }
        self.remote.set(true);
        Some(format!("data.terraform_remote_state.account.outputs.{output}"))
    }

    /// The ARN of a key; none where the field says none, or one of another cloud.
    pub(super) fn key_arn(&self, field: Field<Reference>) -> Option<Say> {
        let (id, key) = self.sound().ask.get::<Key>(field).ok()?;
        if let Some(arn) = id_text(key.existing(), "arn") {
            return Some(Say::Text(arn));
        }
        let resource = self.sound().graph().get(id)?;
        let subject = Subject::of(resource, key);
        let kind = if key.existing().is_empty() { "aws_kms_key" } else { "data.aws_kms_key" };
        let output = key_output(resource);
        self.reach(id, subject.expr(kind, "", "arn"), &output).map(Say::Expr)
    }

    /// `aws`, `aws-cn` or `aws-us-gov`, as ARNs of the cloud's region begin with it.
    pub(super) fn partition(&self) -> &'static str {
        match self.region() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The cloud's region; empty where it is not said.
    pub(super) fn region(&self) -> &'static str {
        self.cloud.1.region().get().map_or("", |region| region.as_str())
    }

    /// An ARN of a policy that AWS itself keeps.
    pub(super) fn managed_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition())
    }
}

/// The output that holds a key's ARN.
pub(super) fn key_output(key: &Resource) -> String {
    format!("key_{}_arn", label("key", key.name.as_str(), ""))
}
