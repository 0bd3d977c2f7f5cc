//! Kinds of facts of the world: accelerators, instances, prices, drivers, CUDA, NCCL, cluster components, regions.
//!
//! A fact carries where it was read and when. What is absent is unknown, never zero and never "no".

use crate::schema::KindSchema;
use crate::units::{Bandwidth, Bytes, Date, MoneyRate, Region as RegionName, Version};
use crate::view::{KindType, List, Many, Map, Ref, Text};
use purlin_derive::{Choice, Kind, Record};

/// The kinds of this module, in the order of the reference.
pub const KINDS: &[&KindSchema] = &[
    Gpu::KIND,
    MigTable::KIND,
    Instance::KIND,
    Price::KIND,
    CudaToolkit::KIND,
    CudaFamily::KIND,
    ComputeCapability::KIND,
    DriverBranch::KIND,
    NcclRelease::KIND,
    NcclProfile::KIND,
    Component::KIND,
    CloudRegion::KIND,
    License::KIND,
    Runtime::KIND,
];

/// An accelerator: one GPU, TPU, Trainium or Gaudi chip.
#[derive(Kind)]
#[kind(name = "gpu", plural = "gpus", fact)]
pub struct Gpu {
    /// Who makes it.
    pub vendor: GpuVendor,
    /// The name on the product page.
    pub product: Text,
    /// The chip generation: `hopper`, `cdna3`, `tpu-v6e`.
    pub generation: Text,
    /// CUDA compute capability; NVIDIA alone has one.
    pub compute_capability: Version,
    /// The vendor's memory label.
    pub memory: Bytes,
    /// Memory as `nvidia-smi` prints it: what a fit is judged by.
    pub usable: Bytes,
    /// Peak memory bandwidth.
    pub memory_bandwidth: Bandwidth,
    /// Peak rates without sparsity, in units of 10¹² operations a second.
    pub tflops: Tflops,
    /// NVLink, where the part has it.
    pub nvlink: NvLink,
    /// The link between chips that is not NVLink: xGMI, ICI, NeuronLink, RoCE.
    pub interconnect: Interconnect,
    /// PCI Express generation.
    pub pcie: u64,
    /// Board power, in watts.
    pub tdp_watts: u64,
    /// Whether Multi-Instance GPU exists on this part.
    pub mig: bool,
    /// How many MIG instances fit on one GPU.
    pub max_mig_instances: u64,
    /// PCI device ids, `0x` and eight digits, device before vendor.
    pub pci_ids: List<Text>,
    /// CUDA releases that can build for it.
    pub cuda: CudaRange,
    /// Driver branches that run it.
    pub driver: DriverRange,
    /// Recollections that no source has confirmed; no rule reads them.
    pub unverified: Map,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// Who makes an accelerator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Choice)]
pub enum GpuVendor {
    /// NVIDIA.
    Nvidia,
    /// AMD.
    Amd,
    /// Google (TPU).
    Google,
    /// Amazon (Trainium, Inferentia).
    Aws,
    /// Intel (Gaudi).
    Intel,
}

/// Peak rates without sparsity, in units of 10¹² operations a second.
#[derive(Record)]
pub struct Tflops {
    /// 32-bit floats, outside the matrix units.
    pub fp32: f64,
    /// TF32 in the matrix units.
    pub tf32: f64,
    /// 16-bit floats.
    pub fp16: f64,
    /// Brain floats of 16 bits.
    pub bf16: f64,
    /// 8-bit floats.
    pub fp8: f64,
    /// 4-bit floats.
    pub fp4: f64,
}

/// NVLink of one GPU.
#[derive(Record)]
pub struct NvLink {
    /// Generation, 1 to 5.
    pub generation: u64,
    /// Bandwidth of one GPU, both directions together.
    pub bandwidth: Bandwidth,
}

/// A link between chips that is not NVLink.
#[derive(Record)]
pub struct Interconnect {
    /// Its name: `xgmi`, `ici`, `neuronlink-v2`.
    #[field(argument)]
    pub name: Text,
    /// Bandwidth of one chip, both directions together.
    pub bandwidth: Bandwidth,
}

/// CUDA releases that can build for a part.
#[derive(Record)]
pub struct CudaRange {
    /// The first release.
    pub first: Version,
    /// The last major family, where support has ended.
    pub last: u64,
    /// Support goes on.
    pub ongoing: bool,
}

/// Driver branches that run a part.
#[derive(Record)]
pub struct DriverRange {
    /// The first branch.
    pub min: u64,
    /// The last branch, where support has ended.
    pub last: u64,
    /// Support goes on.
    pub ongoing: bool,
    /// Which kernel modules serve it.
    pub kernel_module: KernelModule,
}

/// Which of NVIDIA's kernel modules serve a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Choice)]
pub enum KernelModule {
    /// The open modules alone.
    Open,
    /// The proprietary modules alone.
    Proprietary,
    /// Both.
    Either,
}

/// The MIG profiles of one or more GPUs that share a table, with their placements.
#[derive(Kind)]
#[kind(name = "mig-table", plural = "mig-tables", fact)]
pub struct MigTable {
    /// The GPUs that have this table.
    pub gpus: List<Ref<Gpu>>,
    /// Compute slices of the GPU.
    pub compute_slices: u64,
    /// Memory slots on which instances are placed.
    pub memory_slots: u64,
    /// How many instances one GPU holds at most.
    pub max_instances: u64,
    /// `mig-parted` device filters, `0x`, device, vendor.
    pub device_filters: List<Text>,
    /// The profiles.
    pub profile: Many<MigProfileRow>,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// One MIG profile of a GPU.
#[derive(Record)]
pub struct MigProfileRow {
    /// `1g.10gb`, `1g.10gb+me`.
    #[field(argument, key)]
    pub name: Text,
    /// NVIDIA's number of the profile.
    pub id: u64,
    /// Compute slices of one instance.
    pub compute: u64,
    /// Memory slots that one instance takes, from its start on.
    pub slots: u64,
    /// Memory of one instance as `nvidia-smi mig -lgip` prints it.
    pub memory: Bytes,
    /// How many instances of this profile one GPU holds at most.
    pub max: u64,
    /// Streaming multiprocessors of one instance.
    pub sm: u64,
    /// Memory slots at which an instance may start.
    pub starts: List<u64>,
    /// `+me` takes the media engines, `+gfx` has graphics, `+me.all` takes all media engines, `-me` has none.
    pub attributes: List<Text>,
}

/// A type of virtual or bare machine.
#[derive(Kind)]
#[kind(name = "instance", plural = "instances", fact)]
pub struct Instance {
    /// The cloud that sells it; absent for hardware of one's own.
    pub provider: Provider,
    /// Processor architecture.
    pub arch: Arch,
    /// Its accelerators; absent on machines without.
    pub gpu: InstanceGpu,
    /// Virtual processors.
    pub vcpu: u64,
    /// Main memory.
    pub memory: Bytes,
    /// Local NVMe storage, all drives together.
    pub local_nvme: Bytes,
    /// Network bandwidth as the source states it: front end or total.
    pub network: Bandwidth,
    /// The network between nodes for collectives.
    pub fabric: Fabric,
    /// How the fabric reaches GPU memory: `efa-gdr`, `efa-host`, `rdma-ib`, `rdma-roce`, `tcpx`, `tcpxo`.
    pub gpudirect: Text,
    /// What keeps nodes close together.
    pub placement: Text,
    /// GPUs that share one NVLink domain; may span instances.
    pub nvlink_domain: u64,
    /// Whether the guest runs NVIDIA's fabric manager.
    pub fabric_manager: bool,
    /// GKE's accelerator label.
    pub gke_accelerator: Text,
    /// Where it is offered.
    pub regions: OfferedIn,
    /// What it costs, by region and kind of capacity.
    pub price: Many<PriceRow>,
    /// Recollections that no source has confirmed; no rule reads them.
    pub unverified: Map,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A cloud whose instances the catalog knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Choice)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
}

/// Processor architecture, as container images name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Choice)]
pub enum Arch {
    /// x86-64.
    Amd64,
    /// Arm, 64 bits.
    Arm64,
}

/// The accelerators of an instance.
#[derive(Record)]
pub struct InstanceGpu {
    /// Which.
    #[field(argument)]
    pub gpu: Ref<Gpu>,
    /// How many whole ones.
    pub count: u64,
    /// The part of one GPU, where the instance has less than a whole one.
    pub fraction: f64,
}

/// A network between nodes for collectives.
#[derive(Record)]
pub struct Fabric {
    /// Its kind.
    #[field(argument)]
    pub variant: FabricKind,
    /// Interfaces of one instance.
    pub ports: u64,
    /// Bandwidth of one interface.
    pub bandwidth: Bandwidth,
    /// Generation as the vendor names it: `v2`, `NDR`.
    pub generation: Text,
    /// Maximum transmission unit, in bytes.
    pub mtu: u64,
    /// GCP's network profile.
    pub network_profile: Text,
    /// The NCCL network plugin.
    pub nccl_net: Text,
}

/// Kinds of fabric.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Choice)]
pub enum FabricKind {
    /// AWS Elastic Fabric Adapter.
    Efa,
    /// InfiniBand.
    Infiniband,
    /// RDMA over Ethernet.
    Roce,
    /// RDMA over Ethernet on Google's MRDMA interfaces.
    MrdmaRoce,
    /// Google gVNIC with GPUDirect-TCPX.
    GvnicTcpx,
    /// Google gVNIC with GPUDirect-TCPXO.
    GvnicTcpxo,
    /// Google's links between TPU chips.
    Ici,
}

/// Regions in which an instance is offered.
#[derive(Record)]
pub struct OfferedIn {
    /// Regions that the source lists.
    #[field(arguments)]
    pub names: List<RegionName>,
    /// Whether the list is the whole of it; where it is not, a region outside it is unknown.
    pub complete: bool,
}

/// What an instance costs in a region for a kind of capacity.
#[derive(Record)]
pub struct PriceRow {
    /// The region.
    #[field(argument, key)]
    pub region: RegionName,
    /// The kind of capacity.
    #[field(argument, key = 2)]
    pub capacity: PricedCapacity,
    /// What one instance costs.
    #[field(argument)]
    pub rate: MoneyRate,
    /// When the price was published.
    pub as_of: Date,
    /// How the price was arrived at, where it is not printed as such.
    pub basis: Text,
}

/// Kinds of capacity that have a price of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Choice)]
pub enum PricedCapacity {
    /// By the hour, whenever there is room.
    OnDemand,
    /// Spare capacity that may be taken back.
    Spot,
    /// Reserved for a term.
    Reserved,
    /// Bought for a fixed span (AWS Capacity Blocks).
    CapacityBlock,
    /// Queued until there is room (GCP).
    FlexStart,
}

/// A price of one instance type; a project's own prices stand before the catalog's.
#[derive(Kind)]
#[kind(name = "price", plural = "prices", fact)]
pub struct Price {
    /// The instance type; absent: the name of the block is the instance type.
    pub instance: Ref<Instance>,
    /// Where it holds; absent: everywhere.
    pub region: RegionName,
    /// The kind of capacity.
    #[field(default = "on-demand")]
    pub capacity: PricedCapacity,
    /// What one instance costs.
    #[field(required)]
    pub rate: MoneyRate,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A release of the CUDA toolkit.
#[derive(Kind)]
#[kind(name = "cuda-toolkit", plural = "cuda-toolkits", fact)]
pub struct CudaToolkit {
    /// The release as NVIDIA names it: `13.0 Update 1`.
    pub release: Text,
    /// The Linux driver that comes with it, and the least that its own features need.
    pub driver: Version,
    /// Driver branches on which its forward-compatibility package runs.
    pub forward_compatible: ForwardCompatible,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// Older driver branches on which a toolkit's `cuda-compat` package runs.
#[derive(Record)]
pub struct ForwardCompatible {
    /// The branches.
    #[field(arguments)]
    pub branches: List<u64>,
    /// Whether the list is the whole of it.
    pub complete: bool,
}

/// A major family of CUDA: what runs on which driver within it.
#[derive(Kind)]
#[kind(name = "cuda-family", plural = "cuda-families", fact)]
pub struct CudaFamily {
    /// The major version.
    pub major: u64,
    /// The first driver branch on which every program built with this family runs (minor-version compatibility).
    pub driver_branch: u64,
    /// The exact least driver, where it is stated.
    pub driver: Version,
    /// The first branch beyond the family; newer drivers run it by backward compatibility.
    pub below: u64,
    /// Least compute capability that its newest releases build for.
    pub min_compute_capability: Version,
    /// Greatest compute capability that its newest releases build for.
    pub max_compute_capability: Version,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// Which toolkits and drivers support a compute capability.
#[derive(Kind)]
#[kind(name = "compute-capability", plural = "compute-capabilities", fact)]
pub struct ComputeCapability {
    /// The generation: `hopper`.
    pub generation: Text,
    /// Products that have it.
    pub products: List<Text>,
    /// CUDA releases that can build for it.
    pub cuda: CudaRange,
    /// The last driver branch, where support has ended.
    pub last_driver: u64,
    /// Recollections that no source has confirmed; no rule reads them.
    pub unverified: Map,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A branch of NVIDIA's data centre driver.
#[derive(Kind)]
#[kind(name = "driver-branch", plural = "driver-branches", fact)]
pub struct DriverBranch {
    /// Its number: `580`.
    #[field(required)]
    pub branch: u64,
    /// How long it is maintained.
    pub support: DriverSupport,
    /// The last month of maintenance, `2028-06`.
    pub end_of_life: Text,
    /// The greatest CUDA major family that runs without a compatibility package.
    pub max_cuda: u64,
    /// A release of the branch that was seen.
    pub release: Version,
    /// What the numbers leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// How long a driver branch is maintained.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Choice)]
pub enum DriverSupport {
    /// Long-term support branch.
    LongTerm,
    /// Production branch.
    Production,
    /// New-feature branch.
    NewFeature,
}

/// A release of NCCL.
#[derive(Kind)]
#[kind(name = "nccl-release", plural = "nccl-releases", fact)]
pub struct NcclRelease {
    /// When it was published.
    pub released: Date,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// How NCCL runs on some instance types: what the network plugin sets by itself, and what a job sets.
#[derive(Kind)]
#[kind(name = "nccl-profile", plural = "nccl-profiles", fact)]
pub struct NcclProfile {
    /// The cloud.
    pub provider: Provider,
    /// The instance types.
    pub instances: List<Ref<Instance>>,
    /// The network plugin: `aws-ofi-nccl`, `gIB`.
    pub plugin: Text,
    /// The plugin's topology file.
    pub topology_file: Text,
    /// Latency that the plugin assumes, in microseconds.
    pub latency_us: f64,
    /// Whether the plugin insists on GPUDirect RDMA.
    pub gpudirect_required: bool,
    /// The plugin's default protocol.
    pub protocol: Text,
    /// Variables that the plugin sets by itself; a job does not repeat them.
    pub sets: Map,
    /// Variables in the node's `/etc/nccl.conf`.
    pub conf: Map,
    /// Variables that a job sets.
    pub env: Map,
    /// A script that sets variables, sourced before the job starts.
    pub env_script: Text,
    /// Variables that must stay unset.
    pub unset: List<Text>,
    /// The Kubernetes resource of one interface.
    pub resource: Text,
    /// Huge pages of 2 MiB that a pod asks for.
    pub hugepages: Bytes,
    /// Maximum transmission unit, in bytes.
    pub mtu: u64,
    /// Kernel modules that a node loads.
    pub modules: List<Text>,
    /// Kernel parameters of a node.
    pub sysctl: Map,
    /// Resource limits of a node's processes.
    pub limits: Map,
    /// What the values leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A controller or operator of a cluster, at the version of the tested matrix.
#[derive(Kind)]
#[kind(name = "component", plural = "components", fact)]
pub struct Component {
    /// The product's name.
    pub product: Text,
    /// The tested version.
    #[field(required)]
    pub version: Version,
    /// When that version was released.
    pub released: Date,
    /// The repository of its source, `owner/name`.
    pub project: Text,
    /// Groups and versions of its kinds, as manifests name them.
    pub apis: List<Text>,
    /// The Helm charts that install it, in this order; none: not known, or it has none.
    pub chart: Many<Chart>,
    /// The namespace that its own documentation installs it in.
    pub namespace: Text,
    /// Versions of what it brings along.
    pub ships: Map,
    /// Other components that it needs.
    pub needs: List<Text>,
    /// The licence, where it is not a permissive one.
    pub license: Text,
    /// What the values leave out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A Helm chart.
#[derive(Record)]
pub struct Chart {
    /// The chart's name.
    #[field(argument, key)]
    pub name: Text,
    /// The repository that holds it: an index over HTTPS, or a registry (`oci://`).
    pub repository: Text,
    /// The chart's version, where it is known to differ from the product's or was seen.
    pub version: Text,
}

/// A region of a cloud, and the country whose law its data is under.
#[derive(Kind)]
#[kind(name = "region", plural = "regions", fact)]
pub struct CloudRegion {
    /// The cloud.
    #[field(required)]
    pub provider: Provider,
    /// The country, two letters (ISO 3166-1).
    #[field(required)]
    pub country: Text,
    /// The place as the cloud names it.
    pub place: Text,
    /// Whether the country is in the European Union.
    pub eu: bool,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A licence under which models or data are published.
#[derive(Kind)]
#[kind(name = "license", plural = "licenses", fact, later)]
pub struct License {
    /// Its full name.
    pub title: Text,
    /// Its SPDX identifier, where it has one.
    pub spdx: Text,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// What it asks or forbids, in words.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// A program that trains or serves, and the options that it takes at one version.
#[derive(Kind)]
#[kind(name = "runtime", plural = "runtimes", fact)]
pub struct Runtime {
    /// The product's name.
    pub product: Text,
    /// The version whose options these are.
    #[field(required)]
    pub version: Version,
    /// The repository of its source, `owner/name`.
    pub project: Text,
    /// Its options, all of them.
    pub option: Many<RuntimeOption>,
    /// What the list leaves out.
    pub notes: Text,
    /// Where it was read.
    #[field(required)]
    pub source: List<Text>,
    /// When it was read.
    #[field(required)]
    pub as_of: Date,
}

/// An option of a program.
#[derive(Record)]
pub struct RuntimeOption {
    /// As it is written: `--max-model-len`, `training.seq_len`.
    #[field(argument, key, required)]
    pub name: Text,
    /// What it takes.
    #[field(argument, required)]
    pub takes: Takes,
    /// The version that it was first seen in; none: the oldest that was read.
    pub since: Version,
}

/// What an option takes.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Nothing: it stands alone.
    Flag,
    /// Nothing: it stands alone, and so does its opposite with `no-`.
    Switch,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A word or a path.
    Word,
    /// Several words.
    Words,
    /// `true` or `false`.
    Bool,
}
