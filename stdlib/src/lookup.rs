//! Look-ups: binary searches in constant tables.

use crate::facts::{
    Architecture, Capacity, Component, ComputeCapability, CudaFamily, DriverBranch, Fact, Gpu, Instance,
    MigTable, NcclProfile, NcclRelease, Price, Rate, Region, Runtime, Toolkit,
};
use crate::tables;

/// A file of facts, as it stands in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// `facts/gpus.kdl`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Where a block stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Index of its file in [`sources`].
    pub file: u32,
    /// Its first byte there.
    pub start: u32,
    /// Its length in bytes.
    pub len: u32,
}

fn find<T: Fact>(table: &'static [T], name: &str) -> Option<&'static T> {
    table.binary_search_by(|fact| fact.name().cmp(name)).ok().and_then(|index| table.get(index))
}

/// Declares the whole table of a kind, and the look-up by name.
macro_rules! lookups {
    ($($(#[doc = $doc:literal])+ $one:ident $all:ident $type:ty = $table:ident;)*) => { $(
        $(#[doc = $doc])+
        pub fn $one(name: &str) -> Option<&'static $type> {
            find(tables::$table, name)
        }

        /// All of them, in the order of their names.
        pub fn $all() -> &'static [$type] {
            tables::$table
        }
    )* };
}

lookups! {
    /// An accelerator: `h100-sxm5-80gb`.
    gpu gpus Gpu = GPUS;
    /// A type of machine: `p5.48xlarge`.
    instance instances Instance = INSTANCES;
    /// A component of clusters: `kueue`.
    component components Component = COMPONENTS;
    /// A region: `eu-central-1`.
    region regions Region = REGIONS;
    /// A program and its options: `vllm`.
    runtime runtimes Runtime = RUNTIMES;
    /// The shape of a public model: `llama-3.1-8b`.
    architecture architectures Architecture = ARCHITECTURES;
}

/// The MIG table of an accelerator; `None` where it has no MIG, or where its table is unknown.
pub fn mig_table(gpu: &str) -> Option<&'static MigTable> {
    mig_tables().iter().find(|table| table.gpus.contains(&gpu))
}

/// Every MIG table.
pub fn mig_tables() -> &'static [MigTable] {
    tables::MIG_TABLES
}

/// How NCCL runs on an instance type.
pub fn nccl_profile(instance: &str) -> Option<&'static NcclProfile> {
    nccl_profiles().iter().find(|profile| profile.instances.contains(&instance))
}

/// Every NCCL profile.
pub fn nccl_profiles() -> &'static [NcclProfile] {
    tables::NCCL_PROFILES
}

/// The NCCL releases that were seen.
pub fn nccl_releases() -> &'static [NcclRelease] {
    tables::NCCL_RELEASES
}

/// A CUDA toolkit by its version: `13.0`, `13.0.0` and `13.0.1` (its Update 1).
pub fn toolkit(version: &str) -> Option<&'static Toolkit> {
    find(tables::TOOLKITS, version.strip_suffix(".0").filter(|rest| rest.contains('.')).unwrap_or(version))
}

/// Every CUDA toolkit.
pub fn toolkits() -> &'static [Toolkit] {
    tables::TOOLKITS
}

/// A major family of CUDA.
pub fn cuda_family(major: u64) -> Option<&'static CudaFamily> {
    cuda_families().iter().find(|family| family.major == Some(major))
}

/// Every major family of CUDA that is known.
pub fn cuda_families() -> &'static [CudaFamily] {
    tables::CUDA_FAMILIES
}

/// What supports a compute capability: `9.0`.
pub fn compute_capability(version: &str) -> Option<&'static ComputeCapability> {
    find(tables::COMPUTE_CAPABILITIES, version)
}

/// A driver branch by its number: 580.
pub fn driver_branch(number: u64) -> Option<&'static DriverBranch> {
    driver_branches().iter().find(|branch| branch.branch == number)
}

/// Every driver branch, in the order of their numbers.
pub fn driver_branches() -> &'static [DriverBranch] {
    tables::DRIVER_BRANCHES
}

/// What an instance costs in a region for a kind of capacity; `None` is unknown.
pub fn price(name: &str, region: &str, capacity: Capacity) -> Option<&'static Rate> {
    let stated = |price: &&Price| {
        price.instance == name
            && price.rate.capacity == capacity
            && (price.rate.region == region || price.rate.region.is_empty())
    };
    match tables::PRICES.iter().find(stated) {
        Some(price) => Some(&price.rate),
        None => instance(name)?.rate(region, capacity),
    }
}

fn place_index(kind: &str, name: &str) -> Option<usize> {
    tables::PLACES.binary_search_by(|(have, of, _)| (*have, *of).cmp(&(kind, name))).ok()
}

/// Whether the catalog has a fact of that kind and name.
pub fn knows(kind: &str, name: &str) -> bool {
    place_index(kind, name).is_some()
}

/// Where the block of a fact stands: what go-to-definition shows.
pub fn place(kind: &str, name: &str) -> Option<Place> {
    place_index(kind, name).and_then(|index| tables::PLACES.get(index)).map(|(_, _, place)| *place)
}

/// The names of all facts of a kind, sorted: for completion and suggestions.
pub fn names(kind: &str) -> &'static [&'static str] {
    tables::NAMES.iter().find(|(have, _)| *have == kind).map_or(&[], |(_, names)| names)
}

/// The files of facts.
pub fn sources() -> &'static [Source] {
    tables::SOURCES
}
