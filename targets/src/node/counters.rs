//! What the DCGM exporter exports: `etc/default-counters.csv` of NVIDIA/dcgm-exporter at d5e5f510 (2026-05-12), and what
//! the pool's health asks besides.

use std::fmt::Write as _;

use purlin_schema::kinds::pools::WatchEcc;

use super::pool::Node;

/// Field, type for Prometheus, help.
type Counter = (&'static str, &'static str, &'static str);

const DEFAULT: &[Counter] = &[
    ("DCGM_FI_DEV_SM_CLOCK", "gauge", "Clock of the streaming multiprocessors in MHz."),
    ("DCGM_FI_DEV_MEM_CLOCK", "gauge", "Clock of the memory in MHz."),
    ("DCGM_FI_DEV_MEMORY_TEMP", "gauge", "Temperature of the memory in C."),
    ("DCGM_FI_DEV_GPU_TEMP", "gauge", "Temperature of the GPU in C."),
    ("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power in W."),
    ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Energy since boot in mJ."),
    ("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "counter", "Retries on PCIe."),
    ("DCGM_FI_DEV_GPU_UTIL", "gauge", "Part of time in which a kernel ran in %."),
    ("DCGM_FI_DEV_MEM_COPY_UTIL", "gauge", "Part of time in which memory was copied in %."),
    ("DCGM_FI_DEV_XID_ERRORS", "gauge", "The last XID."),
    ("DCGM_FI_DEV_FB_FREE", "gauge", "Free memory in MiB."),
    ("DCGM_FI_DEV_FB_USED", "gauge", "Used memory in MiB."),
    ("DCGM_FI_DEV_FB_RESERVED", "gauge", "Reserved memory in MiB."),
    ("DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL", "counter", "Traffic on all NVLinks."),
    ("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "counter", "Rows remapped after uncorrectable errors."),
    ("DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", "counter", "Rows remapped after correctable errors."),
    ("DCGM_FI_DEV_ROW_REMAP_FAILURE", "gauge", "Whether remapping of rows has failed."),
    ("DCGM_FI_DRIVER_VERSION", "label", "Driver version."),
    ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", "Part of time in which the engine was active."),
    ("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "gauge", "Part of time in which tensor cores were active."),
    ("DCGM_FI_PROF_DRAM_ACTIVE", "gauge", "Part of time in which memory was read or written."),
    ("DCGM_FI_PROF_PCIE_TX_BYTES", "gauge", "Bytes sent over PCIe per second."),
    ("DCGM_FI_PROF_PCIE_RX_BYTES", "gauge", "Bytes received over PCIe per second."),
];

const DOUBLE_BIT: &[Counter] = &[
    ("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "counter", "Uncorrectable memory errors since boot."),
    ("DCGM_FI_DEV_ECC_DBE_AGG_TOTAL", "counter", "Uncorrectable memory errors in all."),
];

const SINGLE_BIT: &[Counter] = &[
    ("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "counter", "Correctable memory errors since boot."),
    ("DCGM_FI_DEV_ECC_SBE_AGG_TOTAL", "counter", "Correctable memory errors in all."),
];

const NVLINK: &[Counter] = &[
    ("DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "counter", "Checksum errors of NVLink flits."),
    ("DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "counter", "Checksum errors of NVLink data."),
    ("DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "counter", "Retries on NVLink."),
    ("DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "counter", "Recoveries of NVLink."),
];

/// The file of a pool.
pub(super) fn file(node: &Node<'_>) -> String {
    format!("# {}\n{}", node.resource.address(), lines(Watched::of(node)))
}

/// One file for all pools of a cluster, whose nodes share an exporter; `None`: none of them asks for more than the exporter
/// exports by itself.
pub(super) fn of_cluster(nodes: &[Node<'_>]) -> Option<String> {
    let all = nodes.iter().map(Watched::of).fold(Watched::default(), |all, one| Watched {
        double_bit: all.double_bit || one.double_bit,
        single_bit: all.single_bit || one.single_bit,
        nvlink: all.nvlink || one.nvlink,
    });
    (all != Watched::default()).then(|| lines(all))
}

/// What is exported beside what always is.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Watched {
    double_bit: bool,
    single_bit: bool,
    nvlink: bool,
}

impl Watched {
    fn of(node: &Node<'_>) -> Watched {
        let watch = node.said.health().get().and_then(|health| health.watch().get());
        let ecc = watch.and_then(|watch| watch.ecc().get());
        Watched {
            double_bit: ecc.is_some(),
            single_bit: ecc == Some(WatchEcc::Any),
            nvlink: watch.is_some_and(|watch| !watch.nvlink().is_absent()),
        }
    }
}

fn lines(watched: Watched) -> String {
    let tables = [
        Some(DEFAULT),
        watched.double_bit.then_some(DOUBLE_BIT),
        watched.single_bit.then_some(SINGLE_BIT),
        watched.nvlink.then_some(NVLINK),
    ];
    let mut text = String::new();
    for (field, kind, help) in tables.into_iter().flatten().flatten() {
        // Writing to a `String` has no error of its own.
        let _ = writeln!(text, "{field}, {kind}, {help}");
    }
    text
}
