//! Accelerators and their MIG tables.

use purlin_schema::units::{Bandwidth, Bytes, Version};
use purlin_schema::view::View;

use super::{GpuVendor, KernelModule, List, Provenance, keep, kinds, provenance, texts};

/// An accelerator. `None` is unknown, or not applicable to its vendor.
#[derive(Clone, PartialEq, Debug)]
pub struct Gpu {
    /// `h100-sxm5-80gb`.
    pub name: &'static str,
    /// Who makes it.
    pub vendor: Option<GpuVendor>,
    /// The name on the product page.
    pub product: Option<&'static str>,
    /// The chip generation: `hopper`.
    pub generation: Option<&'static str>,
    /// CUDA compute capability.
    pub compute_capability: Option<&'static str>,
    /// The vendor's memory label.
    pub memory: Option<Bytes>,
    /// Memory as `nvidia-smi` prints it.
    pub usable: Option<Bytes>,
    /// Peak memory bandwidth.
    pub memory_bandwidth: Option<Bandwidth>,
    /// Peak rates without sparsity.
    pub tflops: Tflops,
    /// `NVLink`; both directions together.
    pub nvlink: Option<Link>,
    /// Another link between chips; both directions together.
    pub interconnect: Option<Link>,
    /// PCI Express generation.
    pub pcie: Option<u64>,
    /// Board power in watts.
    pub tdp_watts: Option<u64>,
    /// Whether MIG exists on it.
    pub mig: Option<bool>,
    /// How many MIG instances fit on it.
    pub max_mig_instances: Option<u64>,
    /// PCI device ids.
    pub pci_ids: List<&'static str>,
    /// CUDA releases that build for it.
    pub cuda: Option<CudaRange>,
    /// Drivers that run it.
    pub driver: Option<DriverRange>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// Peak rates without sparsity, in units of 10¹² operations a second.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tflops {
    /// 32-bit floats outside the matrix units.
    pub fp32: Option<f64>,
    /// TF32.
    pub tf32: Option<f64>,
    /// 16-bit floats.
    pub fp16: Option<f64>,
    /// Brain floats.
    pub bf16: Option<f64>,
    /// 8-bit floats.
    pub fp8: Option<f64>,
    /// 4-bit floats.
    pub fp4: Option<f64>,
}

/// A link between chips.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Link {
    /// `nvlink`, `xgmi`, `ici`.
    pub name: &'static str,
    /// Its generation.
    pub generation: Option<u64>,
    /// Bandwidth of one chip, both directions together.
    pub bandwidth: Option<Bandwidth>,
}

/// CUDA releases that build for a part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CudaRange {
    /// The first release.
    pub first: Option<&'static str>,
    /// The last major family, where support has ended.
    pub last: Option<u64>,
    /// Support goes on; where neither this nor `last` is said, it is unknown.
    pub ongoing: bool,
}

/// Driver branches that run a part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DriverRange {
    /// The first branch.
    pub min: Option<u64>,
    /// The last branch, where support has ended.
    pub last: Option<u64>,
    /// Support goes on; where neither this nor `last` is said, it is unknown.
    pub ongoing: bool,
    /// Which kernel modules serve it.
    pub kernel_module: Option<KernelModule>,
}

/// The MIG profiles of one or more GPUs.
#[derive(Clone, PartialEq, Debug)]
pub struct MigTable {
    /// Its name.
    pub name: &'static str,
    /// The GPUs that have it.
    pub gpus: List<&'static str>,
    /// Compute slices of the GPU.
    pub compute_slices: Option<u64>,
    /// Memory slots of the GPU.
    pub memory_slots: Option<u64>,
    /// How many instances one GPU holds at most.
    pub max_instances: Option<u64>,
    /// `mig-parted` device filters.
    pub device_filters: List<&'static str>,
    /// The profiles.
    pub profiles: List<MigProfile>,
    /// What the numbers leave out.
    pub notes: Option<&'static str>,
    /// Where it was read, and when.
    pub provenance: Provenance,
}

/// One MIG profile of a GPU.
#[derive(Clone, PartialEq, Debug)]
pub struct MigProfile {
    /// `1g.10gb`.
    pub name: &'static str,
    /// NVIDIA's number of it.
    pub id: Option<u64>,
    /// Compute slices of one instance.
    pub compute: Option<u64>,
    /// Memory slots that one instance takes, from its start on.
    pub slots: Option<u64>,
    /// Memory of one instance.
    pub memory: Option<Bytes>,
    /// How many one GPU holds at most.
    pub max: Option<u64>,
    /// Streaming multiprocessors of one instance.
    pub sm: Option<u64>,
    /// Memory slots at which an instance may start; none: unknown.
    pub starts: List<u64>,
    /// `+me`, `+gfx`, `+me.all`, `-me`.
    pub attributes: List<&'static str>,
}

impl Gpu {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::Gpu>) -> Gpu {
        Gpu {
            name,
            vendor: view.vendor().get(),
            product: view.product().get().map(keep),
            generation: view.generation().get().map(keep),
            compute_capability: view.compute_capability().get().map(Version::as_str),
            memory: view.memory().get(),
            usable: view.usable().get(),
            memory_bandwidth: view.memory_bandwidth().get(),
            tflops: view.tflops().get().map(tflops).unwrap_or_default(),
            nvlink: view.nvlink().get().map(nvlink),
            interconnect: view.interconnect().get().map(interconnect),
            pcie: view.pcie().get(),
            tdp_watts: view.tdp_watts().get(),
            mig: view.mig().get(),
            max_mig_instances: view.max_mig_instances().get(),
            pci_ids: texts(view.pci_ids()),
            cuda: view.cuda().get().map(CudaRange::from_view),
            driver: view.driver().get().map(driver),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }

    /// The memory that a fit is judged by: what the driver shows, else the vendor's label.
    pub fn fit_memory(&self) -> Option<Bytes> {
        self.usable.or(self.memory)
    }
}

fn tflops(view: View<'_, kinds::Tflops>) -> Tflops {
    Tflops {
        fp32: view.fp32().get(),
        tf32: view.tf32().get(),
        fp16: view.fp16().get(),
        bf16: view.bf16().get(),
        fp8: view.fp8().get(),
        fp4: view.fp4().get(),
    }
}

fn nvlink(view: View<'_, kinds::NvLink>) -> Link {
    Link { name: "nvlink", generation: view.generation().get(), bandwidth: view.bandwidth().get() }
}

fn interconnect(view: View<'_, kinds::Interconnect>) -> Link {
    let name = view.name().get().map_or("", keep);
    Link { name, generation: None, bandwidth: view.bandwidth().get() }
}

impl CudaRange {
    pub(super) fn from_view(view: View<'_, kinds::CudaRange>) -> CudaRange {
        CudaRange {
            first: view.first().get().map(Version::as_str),
            last: view.last().get(),
            ongoing: view.ongoing().get().unwrap_or(false),
        }
    }
}

fn driver(view: View<'_, kinds::DriverRange>) -> DriverRange {
    DriverRange {
        min: view.min().get(),
        last: view.last().get(),
        ongoing: view.ongoing().get().unwrap_or(false),
        kernel_module: view.kernel_module().get(),
    }
}

impl MigTable {
    /// The fact that a block states.
    pub fn from_view(name: &'static str, view: View<'_, kinds::MigTable>) -> MigTable {
        MigTable {
            name,
            gpus: view.gpus().values().map(|gpu| gpu.name.as_str()).collect(),
            compute_slices: view.compute_slices().get(),
            memory_slots: view.memory_slots().get(),
            max_instances: view.max_instances().get(),
            device_filters: texts(view.device_filters()),
            profiles: view.profile().iter().map(profile).collect(),
            notes: view.notes().get().map(keep),
            provenance: provenance!(view),
        }
    }

    /// A profile by its name.
    pub fn profile(&self, name: &str) -> Option<&MigProfile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
}

fn profile(view: View<'_, kinds::MigProfileRow>) -> MigProfile {
    MigProfile {
        name: view.name().get().map_or("", keep),
        id: view.id().get(),
        compute: view.compute().get(),
        slots: view.slots().get(),
        memory: view.memory().get(),
        max: view.max().get(),
        sm: view.sm().get(),
        starts: view.starts().values().collect(),
        attributes: texts(view.attributes()),
    }
}
