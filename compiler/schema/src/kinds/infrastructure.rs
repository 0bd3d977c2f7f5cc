//! Kinds of what things run on: networks, keys, clusters, queues. Pools of nodes stand in [`pools`](super::pools),
//! storage, brokers and databases in [`stores`](super::stores).

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::organisation::Cloud;
use crate::schema::KindSchema;
use crate::units::{Bytes, Cidr, Duration, Period, Version};
use crate::view::{KindType, List, Many, Map, Ref, Text};

pub use crate::kinds::pools::{CpuPool, GpuPool, TpuPool};
pub use crate::kinds::stores::{Broker, Database, Storage};

/// The kinds of this module, of `pools` and of `stores`, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[
    Network::KIND,
    Key::KIND,
    Cluster::KIND,
    GpuPool::KIND,
    CpuPool::KIND,
    TpuPool::KIND,
    Queue::KIND,
    Storage::KIND,
    Broker::KIND,
    Database::KIND,
];

/// A network of a cloud, with subnets in the zones it names.
#[derive(Kind)]
#[kind(name = "network", plural = "networks", existing("vpc", "vnet", "network", "subnets"))]
pub struct Network {
    /// The cloud in which it is made.
    #[field(required)]
    pub cloud: Ref<Cloud>,
    /// The address range, which the subnets share. It cannot be changed later without a new network.
    pub cidr: Cidr,
    /// The availability zones that get a subnet each.
    pub zones: List<Text>,
    /// Nodes get no public addresses, and reach the cloud's services through private endpoints. Default: false.
    pub private: bool,
    /// How traffic leaves the network, where not through a gateway of its own.
    pub egress: Egress,
}

/// The way out of a network.
#[derive(Record)]
pub struct Egress {
    /// The proxy that nodes and workloads use, as a URL with its port.
    pub proxy: Text,
}

/// An encryption key for storage, clusters and disks of one cloud.
#[derive(Kind)]
#[kind(name = "key", plural = "keys", existing("arn", "alias", "id"))]
pub struct Key {
    /// The cloud that keeps the key.
    #[field(required)]
    pub cloud: Ref<Cloud>,
    /// How often the cloud replaces the key's material. Data stays readable. Default: never.
    pub rotation: Period,
}

/// A managed Kubernetes cluster, with the operators that its workloads need.
#[derive(Kind)]
#[kind(name = "cluster", plural = "clusters", existing("name"))]
pub struct Cluster {
    /// The cloud that runs the control plane.
    #[field(required)]
    pub cloud: Ref<Cloud>,
    /// The network of its nodes.
    pub network: Ref<Network>,
    /// The Kubernetes version, and how the cloud keeps it up to date.
    pub kubernetes: Kubernetes,
    /// From where the API server is reached. Default: private.
    #[field(default = "private")]
    pub endpoint: ClusterEndpoint,
    /// The key that encrypts the cluster's secrets at rest. Default: the cloud's own key.
    pub encryption: Ref<Key>,
    /// Who installs the components, and keeps them as they are.
    pub operators: Operators,
    /// The operators that run in the cluster, each with its version. Without a version: the one of the tested matrix.
    /// What pools and storage need (device plugins, drivers of volumes) comes by itself.
    pub components: Map,
    /// Labels of nodes that say how near two of them are. Default: what the cloud itself sets.
    pub topology: TopologyLabels,
}

/// The version of a cluster.
#[derive(Record)]
pub struct Kubernetes {
    /// Major and minor, such as `1.34`.
    #[field(argument, required)]
    pub version: Version,
    /// How early new patch versions arrive. Default: the cloud's own.
    pub channel: ReleaseChannel,
}

/// How early a cluster gets new versions.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReleaseChannel {
    /// As soon as the cloud has them.
    Rapid,
    /// After they have been in use elsewhere.
    Regular,
    /// Late, after they have proved themselves.
    Stable,
    /// Like regular, and supported for longer.
    Extended,
}

/// From where a cluster's API server is reached.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClusterEndpoint {
    /// From inside the network only.
    Private,
    /// From the internet, for whoever can sign in.
    Public,
}

/// How components get into a cluster.
#[derive(Record)]
pub struct Operators {
    /// The tool that installs them. Default: argocd.
    #[field(default = "argocd")]
    pub via: OperatorsVia,
}

/// A tool that installs the components of a cluster.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperatorsVia {
    /// Argo CD Applications, in waves, so that definitions precede what uses them.
    #[choice("argocd")]
    ArgoCd,
    /// Flux HelmReleases.
    Flux,
    /// A Terraform root of Helm releases.
    Terraform,
    /// A helmfile.
    Helmfile,
}

/// The labels of nodes that say where they stand, from coarse to fine.
#[derive(Record)]
pub struct TopologyLabels {
    /// The label whose value two nodes of one block share: a few network hops apart.
    pub block: Text,
    /// The label whose value two nodes of one rack share: one switch apart.
    pub rack: Text,
    /// The label whose value is the node's own.
    pub host: Text,
}

/// A share of one or more pools, from which jobs are admitted in order of priority, whole or not at all.
#[derive(Kind)]
#[kind(name = "queue", plural = "queues")]
pub struct Queue {
    /// The pools that its jobs may run on, in order of preference.
    #[field(required)]
    pub over: List<Ref<(GpuPool, CpuPool, TpuPool)>>,
    /// What the queue's jobs may always hold together. Default: everything that its pools have, spares excepted.
    pub nominal_quota: Quota,
    /// The group of queues that lend each other what they do not use.
    pub cohort: Text,
    /// How much beyond its own quota it may borrow from its cohort. Default: all that is idle.
    pub borrowing_limit: Quota,
    /// Named priorities of jobs.
    pub priority: Many<Priority>,
    /// How near to each other the nodes of one job must be.
    pub topology: QueueTopology,
    /// Which running jobs a waiting one may push out. Default: never.
    #[field(default = "never")]
    pub preempt: Preempt,
    /// How long a job's processes are waited for after admission. All must be ready in that time, or all are put back.
    pub gang: Gang,
}

/// Amounts of what a queue shares out.
#[derive(Record)]
pub struct Quota {
    /// Whole GPUs.
    pub gpus: u64,
    /// EFA interfaces, where nodes have them: a job that spans nodes asks for them beside its GPUs.
    pub efa: u64,
    /// CPU cores.
    pub cpu: f64,
    /// Main memory.
    pub memory: Bytes,
}

/// A named priority.
#[derive(Record)]
pub struct Priority {
    /// Its name, as jobs say it.
    #[field(argument, key)]
    pub name: Text,
    /// Its rank: the higher number goes first.
    #[field(required)]
    pub value: i64,
}

/// How near to each other the nodes of one job must be.
#[derive(Record)]
pub struct QueueTopology {
    /// The level that all nodes must share, or the job waits.
    pub required: TopologyLevel,
    /// The level that all nodes share if that is possible; else the next coarser one.
    pub preferred: TopologyLevel,
}

/// A level of nearness.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TopologyLevel {
    /// The same block of racks.
    Block,
    /// The same rack.
    Rack,
    /// The same node.
    Host,
}

/// Which running jobs a waiting one may push out.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preempt {
    /// None: what runs, runs to its end.
    Never,
    /// Those of lower priority.
    LowerPriority,
    /// Those of lower priority, and those of the same priority that came later.
    LowerOrNewerEqualPriority,
}

/// All processes of a job, or none.
#[derive(Record)]
pub struct Gang {
    /// How long to wait for all of them to be ready.
    pub timeout: Duration,
}
