//! CUDA toolkits, families, compute capabilities, driver branches, NCCL releases.

use purlin_schema::units::Version;
use purlin_schema::view::View;

use super::{CudaRange, DriverSupport, List, Provenance, date, keep, kinds, provenance, texts};

/// A release of the CUDA toolkit.
#[derive(Clone, PartialEq, Debug)]
pub struct Toolkit {
    /// `13.0.1`.
    pub name: &'static str,
    /// `13.0 Update 1`.
    pub release: Option<&'static str>,
    /// The Linux driver that comes with it.
    pub driver: Option<&'static str>,
    /// Driver branches on which its forward-compatibility package runs.
    pub forward_compatible: List<u64>,
    /// Whether that list is the whole of it.
    pub forward_complete: bool,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// A major family of CUDA.
#[derive(Clone, PartialEq, Debug)]
pub struct CudaFamily {
    /// `13`.
    pub name: &'static str,
    /// The major version.
    pub major: Option<u64>,
    /// The first driver branch on which every program of the family runs.
    pub driver_branch: Option<u64>,
    /// The exact least driver, where it is stated.
    pub driver: Option<&'static str>,
    /// The first branch beyond the family.
    pub below: Option<u64>,
    /// Least compute capability of its newest releases.
    pub min_compute_capability: Option<&'static str>,
    /// Greatest compute capability of its newest releases.
    pub max_compute_capability: Option<&'static str>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// Which toolkits and drivers support a compute capability.
#[derive(Clone, PartialEq, Debug)]
pub struct ComputeCapability {
    /// `9.0`.
    pub name: &'static str,
    /// `hopper`.
    pub generation: Option<&'static str>,
    /// Products that have it.
    pub products: List<&'static str>,
    /// CUDA releases that build for it.
    pub cuda: Option<CudaRange>,
    /// The last driver branch, where support has ended.
    pub last_driver: Option<u64>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// A branch of NVIDIA's data centre driver.
#[derive(Clone, PartialEq, Debug)]
pub struct DriverBranch {
    /// `r580`.
    pub name: &'static str,
    /// `580`.
    pub branch: u64,
    /// How long it is maintained.
    pub support: Option<DriverSupport>,
    /// The last month of maintenance, `2028-06`.
    pub end_of_life: Option<&'static str>,
    /// The greatest CUDA family that runs without a compatibility package.
    pub max_cuda: Option<u64>,
    /// A release of the branch that was seen.
    pub release: Option<&'static str>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// A release of NCCL.
#[derive(Clone, PartialEq, Debug)]
pub struct NcclRelease {
    /// `2.29.7`.
    pub name: &'static str,
    /// When it was published, `2026-03-03`; empty: unknown.
    pub released: &'static str,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

impl Toolkit {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::CudaToolkit>) -> Toolkit {
        let forward = view.forward_compatible().get();
        Toolkit {
            name,
            release: view.release().get().map(keep),
            driver: view.driver().get().map(Version::as_str),
            forward_compatible: forward.into_iter().flat_map(|list| list.branches().values()).collect(),
            forward_complete: forward.is_some_and(|list| list.complete().get().unwrap_or(false)),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }
}

impl CudaFamily {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::CudaFamily>) -> CudaFamily {
        CudaFamily {
            name,
            major: view.major().get(),
            driver_branch: view.driver_branch().get(),
            driver: view.driver().get().map(Version::as_str),
            below: view.below().get(),
            min_compute_capability: view.min_compute_capability().get().map(Version::as_str),
            max_compute_capability: view.max_compute_capability().get().map(Version::as_str),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }
}

impl ComputeCapability {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::ComputeCapability>) -> ComputeCapability {
        ComputeCapability {
            name,
            generation: view.generation().get().map(keep),
            products: texts(view.products()),
            cuda: view.cuda().get().map(CudaRange::from_view),
            last_driver: view.last_driver().get(),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }
}

impl DriverBranch {
    /// The fact that a block states; `None` where its number was refused.
    pub fn from_view(name: &'static str, view: View<'_, kinds::DriverBranch>) -> Option<DriverBranch> {
        Some(DriverBranch {
            name,
            branch: view.branch().get()?,
            support: view.support().get(),
            end_of_life: view.end_of_life().get().map(keep),
            max_cuda: view.max_cuda().get(),
            release: view.release().get().map(Version::as_str),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        })
    }
}

impl NcclRelease {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::NcclRelease>) -> NcclRelease {
        NcclRelease { name, released: date(view.released().get()), provenance: provenance!(view) }
    }
}
