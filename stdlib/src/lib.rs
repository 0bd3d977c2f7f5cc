//! What Purlin knows of the world: accelerators, machines, prices, drivers, CUDA, NCCL, cluster components, regions, and
//! the shapes of public models.
//!
//! The facts stand in KDL under `facts/` and `models/`, each block with its source and date. The build script decodes
//! them with the schema that a project's own fact blocks are read by, refuses any mistake, and writes tables that cost
//! nothing at start. What is not there is unknown.

pub mod catalog;
pub mod facts;
mod lookup;

pub use lookup::{
    Place, Source, architecture, architectures, component, components, compute_capability, cuda_families,
    cuda_family, driver_branch, driver_branches, gpu, gpus, instance, instances, knows, mig_table,
    mig_tables, names, nccl_profile, nccl_profiles, nccl_releases, place, price, region, regions, runtime,
    runtimes, sources, toolkit, toolkits,
};

#[allow(
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated tables, read by the look-ups alone"
)]
mod tables {
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}
