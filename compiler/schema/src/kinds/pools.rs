//! Kinds of nodes: pools of GPU, CPU and TPU machines.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::facts::Instance;
use crate::kinds::infrastructure::Cluster;
use crate::units::{Bandwidth, Duration, MigProfile, Timestamp, Version};
use crate::view::{List, Many, Ref, Text};

/// Nodes with GPUs, all of one instance type: how many, how they are bought, and how their GPUs are set up.
#[derive(Kind)]
#[kind(name = "gpu-pool", plural = "gpu-pools", existing("name"))]
pub struct GpuPool {
    /// The cluster whose nodes these are.
    #[field(required)]
    pub cluster: Ref<Cluster>,
    /// The machine, by its name at the cloud or by the name of a declared `instance`.
    #[field(required)]
    pub instance: Ref<Instance>,
    /// How many nodes.
    #[field(required)]
    pub nodes: Nodes,
    /// How the nodes are bought. Default: on demand.
    pub capacity: Capacity,
    /// The NVIDIA driver of the nodes.
    pub driver: Driver,
    /// The CUDA toolkit that images on this pool may need at most. Default: the newest that the driver runs.
    #[field(checked)]
    pub cuda: Version,
    /// How near to each other the cloud places the nodes. Default: where there is room; a capacity block is near by itself.
    pub placement: NodePlacement,
    /// What becomes of the disks inside the machines. Default: none.
    pub local_storage: LocalStorage,
    /// What adds and removes nodes between minimum and maximum. Default: what the cloud offers for its node groups.
    pub autoscaler: Autoscaler,
    /// Over what the nodes are spread. Default: none, all in the capacity's zone.
    pub spread: Spread,
    /// Cuts every GPU into slices with memory and cores of their own.
    pub mig: Mig,
    /// Lets several workloads take turns on one GPU, with nothing between their memory.
    pub sharing: Sharing,
    /// Slices that other projects' teams hold: they are taken from the capacity before anything is placed here.
    pub lend: Many<Lend>,
    /// What a node must pass before it takes work, what is watched after, and what happens when it fails.
    pub health: Health,
}

/// Nodes without accelerators, all of one instance type.
#[derive(Kind)]
#[kind(name = "cpu-pool", plural = "cpu-pools", existing("name"))]
pub struct CpuPool {
    /// The cluster whose nodes these are.
    #[field(required)]
    pub cluster: Ref<Cluster>,
    /// The machine, by its name at the cloud or by the name of a declared `instance`.
    #[field(required)]
    pub instance: Ref<Instance>,
    /// How many nodes.
    #[field(required)]
    pub nodes: Nodes,
    /// How the nodes are bought. Default: on demand.
    pub capacity: Capacity,
    /// What becomes of the disks inside the machines. Default: none.
    pub local_storage: LocalStorage,
    /// What adds and removes nodes between minimum and maximum. Default: what the cloud offers for its node groups.
    pub autoscaler: Autoscaler,
    /// Over what the nodes are spread. Default: none.
    pub spread: Spread,
}

/// Nodes with TPUs, all of one generation and one topology.
#[derive(Kind)]
#[kind(name = "tpu-pool", plural = "tpu-pools", existing("name"), later)]
pub struct TpuPool {
    /// The cluster whose nodes these are.
    #[field(required)]
    pub cluster: Ref<Cluster>,
    /// The generation of TPU, such as `v6e`.
    #[field(required)]
    pub r#type: Text,
    /// How the chips of one slice are wired: `4x8` is 32 chips in two dimensions.
    #[field(required)]
    pub topology: Text,
    /// How many nodes.
    #[field(required)]
    pub nodes: Nodes,
    /// How the nodes are bought. Default: on demand.
    pub capacity: Capacity,
}

/// How many nodes a pool has: an exact number, or a minimum and a maximum between which it is scaled.
#[derive(Record)]
pub struct Nodes {
    /// Exactly this many, spares included.
    #[field(argument)]
    pub count: u64,
    /// The least; 0 lets the pool vanish while it is idle.
    pub min: u64,
    /// The most. What fits is checked against it.
    pub max: u64,
    /// Nodes that wait to replace a broken one. No queue hands them out. Default: 0.
    #[field(default = "0")]
    pub spare: u64,
}

/// How nodes are bought.
#[derive(Record)]
pub struct Capacity {
    /// The sort of purchase. Default: on demand.
    #[field(argument, default = "on-demand")]
    pub variant: CapacityKind,
    /// The reservation's id at the cloud.
    #[field(required, only("reserved"))]
    pub id: Text,
    /// The zone of the capacity. Reserved capacity exists in its own zone alone.
    pub zone: Text,
    /// The blocks that were bought, each with its nodes.
    #[field(required, only("capacity-block"))]
    pub block: Many<CapacityBlock>,
    /// When the blocks begin. Before, the pool has no nodes.
    #[field(only("capacity-block"))]
    pub start: Timestamp,
    /// When the blocks end. The cloud begins to take the nodes back some time before.
    #[field(only("capacity-block"))]
    pub end: Timestamp,
}

/// A sort of purchase.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CapacityKind {
    /// By the hour, as long as there are any. Large GPUs often are not to be had so.
    OnDemand,
    /// By the hour, cheaper, and taken back at any time with little notice.
    Spot,
    /// From a reservation that is paid whether used or not.
    Reserved,
    /// A reservation for a fixed span of days, paid up front, which cannot be cancelled.
    CapacityBlock,
    /// Waits until all nodes are to be had at once, and keeps them for a limited time.
    FlexStart,
}

/// One reservation of a capacity block.
#[derive(Record)]
pub struct CapacityBlock {
    /// Its id at the cloud.
    #[field(argument, key)]
    pub id: Text,
    /// How many nodes it holds.
    #[field(required)]
    pub nodes: u64,
}

/// The NVIDIA driver of a pool.
#[derive(Record)]
pub struct Driver {
    /// The branch, such as `580`, or `managed` where the cloud installs the driver.
    #[field(argument, required)]
    pub branch: Text,
    /// Which of its drivers the cloud installs. Only with `managed`.
    pub channel: DriverChannel,
}

/// Which driver a cloud installs.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DriverChannel {
    /// The one that the cloud tested with this version of Kubernetes.
    Default,
    /// The newest that the cloud has.
    Latest,
}

/// How near to each other a cloud places nodes.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodePlacement {
    /// In one low-latency group, in one zone.
    Cluster,
    /// Wherever there is room.
    None,
}

/// What becomes of the disks inside a machine.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalStorage {
    /// All disks as one striped volume, for scratch data and images. Its content dies with the node.
    #[choice("raid0")]
    Raid0,
    /// Each disk mounted by itself. Its content dies with the node.
    Mount,
    /// Left alone.
    None,
}

/// What adds and removes nodes.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Autoscaler {
    /// Karpenter, which starts machines itself.
    Karpenter,
    /// The cluster autoscaler, which resizes node groups.
    ClusterAutoscaler,
    /// Nothing: the number of nodes is changed by hand.
    None,
}

/// Over what nodes are spread.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// The network's zones, evenly: losing one loses its share.
    Zone,
    /// Nothing: wherever there is room.
    None,
}

/// How every GPU of a pool is cut into slices.
#[derive(Record)]
pub struct Mig {
    /// How consumers name the slices.
    #[field(argument, required)]
    pub variant: MigStrategy,
    /// The one profile of all slices. Default number: as many as fit.
    #[field(required, only("single"))]
    pub profile: MigProfile,
    /// Groups of devices that are cut alike.
    #[field(required, only("mixed"))]
    pub layout: Many<MigLayout>,
}

/// How slices are published to Kubernetes.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MigStrategy {
    /// All slices are alike and are asked for as whole GPUs.
    Single,
    /// Slices differ and are asked for by their profile.
    Mixed,
}

/// GPUs of each node that are cut alike.
#[derive(Record)]
pub struct MigLayout {
    /// A name for the group.
    #[field(argument, key)]
    pub name: Text,
    /// The GPUs' numbers in the node, from 0. Default: every GPU.
    pub devices: List<u64>,
    /// The slices of each of these GPUs.
    pub profile: Many<MigShare>,
}

/// Slices of one profile on one GPU.
#[derive(Record)]
pub struct MigShare {
    /// The profile, such as `1g.10gb`: compute slices and memory.
    #[field(argument, key)]
    pub profile: MigProfile,
    /// How many of them. Default: 1.
    #[field(default = "1")]
    pub count: u64,
}

/// How several workloads share one GPU.
#[derive(Record)]
pub struct Sharing {
    /// The way of sharing.
    #[field(argument, required)]
    pub variant: SharingKind,
    /// As how many GPUs each one is published.
    pub replicas: u64,
}

/// A way of sharing a GPU.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SharingKind {
    /// Workloads take turns; each may use all of the memory, and none is protected from the others.
    TimeSlicing,
    /// Workloads run at once through one server process, with limits on memory and threads.
    Mps,
}

/// Slices that another project's team holds.
#[derive(Record)]
pub struct Lend {
    /// The team, by the name it has in its own project.
    #[field(argument, key)]
    pub team: Text,
    /// The profile of the slices.
    pub profile: MigProfile,
    /// How many slices or, without a profile, whole GPUs. Default: an equal part of all slices of the profile among those
    /// to whom they are lent.
    pub count: u64,
}

/// How nodes are tested and watched.
#[derive(Record)]
pub struct Health {
    /// Tests that a node passes before its first job, and again after every fault.
    pub before_join: BeforeJoin,
    /// What counts as a fault while jobs run.
    pub watch: Watch,
    /// What happens to a node with a fault.
    pub on_fault: OnFault,
    /// When a node that fails again and again is given up.
    pub lemon: Lemon,
}

/// Tests of a node before it takes work.
#[derive(Record)]
pub struct BeforeJoin {
    /// The level of DCGM's diagnostics, from 1 (seconds) to 4 (an hour and more).
    pub dcgm: u64,
    /// The collective that is measured with nccl-tests.
    pub nccl: NcclTest,
    /// The least bus bandwidth that the collective must reach inside the node.
    pub min_bus_bandwidth: Bandwidth,
    /// The least bus bandwidth that it must reach together with a neighbour, over the network.
    pub min_pair_bandwidth: Bandwidth,
}

/// A collective that is measured.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NcclTest {
    /// Sums over all GPUs: what data parallel training does.
    AllReduce,
    /// Collects from all GPUs: what sharded training does before a layer.
    AllGather,
    /// Sums and scatters: what sharded training does after a layer.
    ReduceScatter,
    /// Every GPU sends to every other one: what mixtures of experts do.
    #[choice("alltoall")]
    AllToAll,
}

/// What counts as a fault.
#[derive(Record)]
pub struct Watch {
    /// Errors that the driver reports by an XID.
    pub xid: WatchXid,
    /// Errors of GPU memory.
    pub ecc: WatchEcc,
    /// Links between the GPUs of a node.
    pub nvlink: WatchLink,
    /// Links of the EFA interfaces.
    pub efa: WatchLink,
}

/// Which XIDs are faults.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatchXid {
    /// Those after which a GPU needs a reset or replacement.
    Fatal,
    /// All of them, also those that a faulty program causes.
    Any,
}

/// Which memory errors are faults.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatchEcc {
    /// Those that lost data.
    Uncorrectable,
    /// Also those that were corrected.
    Any,
}

/// When a link is a fault.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatchLink {
    /// When it is down.
    Down,
}

/// What happens to a node with a fault.
#[derive(Record)]
pub struct OnFault {
    /// What is done to the node.
    #[field(argument, required)]
    pub variant: FaultAction,
    /// Where its replacement comes from. Default: a new node from the cloud.
    pub replace_from: ReplaceFrom,
}

/// What is done to a node with a fault.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultAction {
    /// It takes no new work; what runs on it goes on.
    Cordon,
    /// It takes no new work, and what runs on it is moved away.
    Drain,
}

/// Where a replacement comes from.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplaceFrom {
    /// One of the pool's spares, at once.
    Spare,
    /// A new node from the cloud.
    Cloud,
}

/// When a node is given up.
#[derive(Record)]
pub struct Lemon {
    /// How many faults.
    #[field(required)]
    pub after: u64,
    /// In which time.
    #[field(required)]
    pub window: Duration,
}
