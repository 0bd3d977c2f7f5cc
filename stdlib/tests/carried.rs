//! Every entry of the collected facts is in the catalog, field by field. The collection lies outside of the repository;
//! where it is not there, the tests say so and compare nothing.

use std::path::Path;

use purlin_schema::units::{Bandwidth, Bytes};
use purlin_schema::view::ChoiceType;
use purlin_stdlib::facts::{Capacity, DriverSupport, Instance, KernelModule};
use serde_json::Value;

/// A file of the collection.
fn collected(file: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/facts").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the collection is JSON"))
}

fn rows<'a>(file: &'a Value, field: &str, count: usize) -> &'a [Value] {
    let rows = file[field].as_array().expect("a list");
    assert_eq!(rows.len(), count, "{field}");
    rows
}

/// The text at a place; also where it stands as `{ v, src }`.
fn text<'a>(row: &'a Value, field: &str) -> Option<&'a str> {
    sourced(row, field).as_str()
}

fn number(row: &Value, field: &str) -> Option<f64> {
    sourced(row, field).as_f64()
}

fn count(row: &Value, field: &str) -> Option<u64> {
    sourced(row, field).as_u64()
}

fn sourced<'a>(row: &'a Value, field: &str) -> &'a Value {
    match &row[field] {
        Value::Object(pair) if pair.contains_key("v") => &pair["v"],
        other => other,
    }
}

/// Compares two numbers to within a part in 10⁹, absent with absent.
#[track_caller]
fn same(have: Option<f64>, want: Option<f64>, what: &str) {
    let near = match (have, want) {
        (Some(have), Some(want)) => (have - want).abs() <= want.abs() * 1e-9,
        (None, None) => true,
        _ => false,
    };
    assert!(near, "{what}: {have:?} in the catalog, {want:?} collected");
}

#[test]
fn all_accelerators_are_carried_over() {
    let Some(file) = collected("gpus.json") else { return };
    for row in rows(&file, "accelerators", 49) {
        let id = text(row, "id").expect("it has an id");
        let gpu = purlin_stdlib::gpu(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(gpu.vendor.map(ChoiceType::word), text(row, "vendor"), "{id}");
        assert_eq!(gpu.product, text(row, "name"), "{id}");
        assert_eq!(gpu.generation, text(row, "architecture"), "{id}");
        assert_eq!(gpu.compute_capability, text(row, "compute_capability"), "{id}");
        let unit = if text(row, "memory_unit_in_source") == Some("GiB") { (1u64 << 30) as f64 } else { 1e9 };
        let label = number(row, "memory_marketing_gb").map(|label| label * unit);
        same(gpu.memory.map(|bytes| bytes.0 as f64), label, id);
        assert_eq!(gpu.usable.map(|bytes| bytes.0 >> 20), count(row, "memory_mib_nvidia_smi"), "{id}");
        same(gpu.memory_bandwidth.map(Bandwidth::gb_per_second), number(row, "memory_bandwidth_gbps"), id);
        for (rate, field) in [
            (gpu.tflops.fp32, "fp32"),
            (gpu.tflops.tf32, "tf32"),
            (gpu.tflops.fp16, "fp16"),
            (gpu.tflops.bf16, "bf16"),
            (gpu.tflops.fp8, "fp8"),
            (gpu.tflops.fp4, "fp4"),
        ] {
            same(rate, number(&row["tflops_dense"], field), id);
        }
        links(gpu, row, id);
        assert_eq!(gpu.pcie, count(row, "pcie_generation"), "{id}");
        assert_eq!(gpu.tdp_watts, count(row, "tdp_w"), "{id}");
        assert_eq!(gpu.mig, row["mig_capable"].as_bool(), "{id}");
        assert_eq!(gpu.max_mig_instances, count(row, "max_mig_instances"), "{id}");
        let ids = sourced(row, "pci_device_ids").as_array().cloned().unwrap_or_default();
        assert_eq!(gpu.pci_ids.to_vec(), ids.iter().filter_map(Value::as_str).collect::<Vec<_>>(), "{id}");
        support(gpu, row, id);
    }
}

fn links(gpu: &purlin_stdlib::facts::Gpu, row: &Value, id: &str) {
    assert_eq!(gpu.nvlink.and_then(|link| link.generation), count(row, "nvlink_generation"), "{id}");
    let nvlink = gpu.nvlink.and_then(|link| link.bandwidth).map(Bandwidth::gb_per_second);
    same(nvlink, number(row, "nvlink_bandwidth_gbps_bidirectional"), id);
    assert_eq!(gpu.interconnect.map(|link| link.name), text(row, "interconnect"), "{id}");
    let other = gpu.interconnect.and_then(|link| link.bandwidth).map(Bandwidth::gb_per_second);
    let collected = number(row, "interconnect_bandwidth_gbps_bidirectional");
    same(other, collected.or(number(row, "ici_bidirectional_gbps")), id);
}

fn support(gpu: &purlin_stdlib::facts::Gpu, row: &Value, id: &str) {
    assert_eq!(gpu.cuda.and_then(|range| range.first), text(row, "first_cuda"), "{id}");
    let last = gpu.cuda.map(|range| match range.last {
        Some(family) => format!("{family}.x"),
        None if range.ongoing => "ongoing".to_owned(),
        None => String::new(),
    });
    assert_eq!(last.as_deref(), text(row, "last_cuda"), "{id}");
    assert_eq!(gpu.driver.and_then(|range| range.min), count(row, "min_driver_branch"), "{id}");
    let last = gpu.driver.map(|range| match range.last {
        Some(branch) => format!("R{branch}"),
        None if range.ongoing => "ongoing".to_owned(),
        None => String::new(),
    });
    assert_eq!(last.as_deref(), text(row, "last_driver_branch"), "{id}");
    let module = gpu.driver.and_then(|range| range.kernel_module).map(|module| match module {
        KernelModule::Open => "open_only",
        KernelModule::Proprietary => "proprietary_only",
        KernelModule::Either => "open_or_proprietary",
    });
    assert_eq!(module, text(row, "kernel_module"), "{id}");
}

#[test]
fn all_instances_are_carried_over() {
    let Some(file) = collected("instances.json") else { return };
    for row in rows(&file, "instances", 157) {
        let name = text(row, "name").expect("it has a name");
        let instance = purlin_stdlib::instance(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(instance.provider.map(ChoiceType::word), text(row, "cloud"), "{name}");
        assert_eq!(instance.arch.map(ChoiceType::word), text(row, "arch"), "{name}");
        assert_eq!(instance.gpu, text(row, "gpu_id"), "{name}");
        assert_eq!(Some(instance.gpu_count), count(row, "gpu_count"), "{name}");
        assert_eq!(instance.gpu_fraction, number(row, "gpu_fraction"), "{name}");
        assert_eq!(instance.vcpu, count(row, "vcpu"), "{name}");
        same(instance.memory.map(Bytes::gib), number(row, "memory_gib"), name);
        same(instance.local_nvme.map(Bytes::gb), number(row, "local_nvme_gb"), name);
        same(instance.network.map(Bandwidth::gbps), number(row, "network_gbps"), name);
        assert_eq!(instance.gpudirect, text(row, "gpudirect"), "{name}");
        assert_eq!(instance.placement, text(row, "placement"), "{name}");
        assert_eq!(instance.nvlink_domain, count(row, "nvlink_domain_gpus"), "{name}");
        assert_eq!(instance.fabric_manager, row["fabric_manager"].as_bool(), "{name}");
        assert_eq!(instance.gke_accelerator, text(row, "gke_accelerator"), "{name}");
        fabric(instance, &row["rdma"]);
        offer(instance, row);
    }
}

fn fabric(instance: &Instance, row: &Value) {
    let name = instance.name;
    assert_eq!(instance.fabric.map(|fabric| fabric.kind.word()), text(row, "kind"), "{name}");
    let Some(fabric) = instance.fabric else { return };
    assert_eq!(fabric.ports, count(row, "interfaces"), "{name}");
    same(fabric.bandwidth.map(Bandwidth::gbps), number(row, "gbps_each"), name);
    assert_eq!(fabric.generation, text(row, "version").or(text(row, "generation")), "{name}");
    assert_eq!(fabric.mtu, count(row, "mtu"), "{name}");
    assert_eq!(fabric.network_profile, text(row, "network_profile"), "{name}");
    assert_eq!(fabric.nccl_net, text(row, "nccl_net"), "{name}");
}

fn offer(instance: &Instance, row: &Value) {
    let name = instance.name;
    let regions = row["regions"].as_array();
    let regions = regions.map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    assert_eq!(instance.regions.map(|list| list.to_vec()), regions, "{name}");
    let complete = row["regions_complete"] == true && row["regions"].is_array();
    assert_eq!(instance.regions_complete, complete, "{name}");
    let price = &row["price_usd_h"];
    let region = text(price, "region").unwrap_or_default();
    for (capacity, field) in [(Capacity::OnDemand, "on_demand"), (Capacity::Spot, "spot")] {
        let rate = instance.rate(region, capacity);
        let micros = number(price, field).map(|price| (price * 1e6).round() as i64);
        assert_eq!(rate.map(|rate| rate.rate.micros), micros, "{name}");
        assert_eq!(rate.map(|rate| rate.as_of), micros.and(text(price, "date")), "{name}");
        assert_eq!(rate.and_then(|rate| rate.basis), micros.and(text(price, "basis")), "{name}");
    }
}

#[test]
fn all_mig_tables_are_carried_over() {
    let Some(file) = collected("mig.json") else { return };
    for row in rows(&file, "gpus", 16) {
        let ids: Vec<&str> =
            row["gpu_ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let table = purlin_stdlib::mig_table(ids[0]).unwrap_or_else(|| panic!("{ids:?} is missing"));
        assert_eq!(table.gpus.to_vec(), ids);
        assert_eq!(table.compute_slices, count(row, "compute_slices"), "{ids:?}");
        assert_eq!(table.memory_slots, count(row, "memory_slots"), "{ids:?}");
        assert_eq!(table.max_instances, count(row, "max_instances"), "{ids:?}");
        let filters = row["pci_device_filters"].as_array().into_iter().flatten().filter_map(Value::as_str);
        assert_eq!(table.device_filters.to_vec(), filters.collect::<Vec<_>>(), "{ids:?}");
        let profiles = row["profiles"].as_array().expect("a list");
        assert_eq!(table.profiles.len(), profiles.len(), "{ids:?}");
        for (profile, row) in table.profiles.iter().zip(profiles) {
            let name = profile.name;
            assert_eq!(Some(name), text(row, "name"));
            assert_eq!(profile.id, count(row, "profile_id"), "{name}");
            assert_eq!(profile.compute, count(row, "compute_slices"), "{name}");
            assert_eq!(profile.slots, count(row, "memory_slices"), "{name}");
            same(profile.memory.map(Bytes::gib), number(row, "memory_gib"), name);
            assert_eq!(profile.max, count(row, "max_count"), "{name}");
            assert_eq!(profile.sm, count(row, "sm"), "{name}");
            let placements = row["placements"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let size = profile.slots.unwrap_or(0);
            let own = profile.starts.iter().map(|start| format!("{start}:{size}"));
            assert!(own.eq(placements.map(str::to_owned)), "{name} of {ids:?}");
            let attributes = row["attributes"].as_array().into_iter().flatten().filter_map(Value::as_str);
            assert_eq!(profile.attributes.to_vec(), attributes.collect::<Vec<_>>(), "{name}");
        }
    }
}

#[test]
fn all_toolkits_are_carried_over() {
    let Some(file) = collected("cuda.json") else { return };
    for row in rows(&file, "toolkits", 48) {
        let release = text(row, "toolkit");
        let toolkit = purlin_stdlib::toolkits().iter().find(|toolkit| toolkit.release == release);
        let toolkit = toolkit.unwrap_or_else(|| panic!("{release:?} is missing"));
        assert_eq!(toolkit.driver, text(row, "linux_driver_bundled_min"), "{release:?}");
    }
    assert_eq!(purlin_stdlib::toolkits().len(), 48);
    for row in rows(&file["minor_version_compat"], "families", 3) {
        let family = count(row, "major").and_then(purlin_stdlib::cuda_family).expect("it is there");
        assert_eq!(family.driver_branch, count(row, "min_driver_branch"));
        assert_eq!(family.driver, text(row, "min_driver_exact"));
    }
    let releases = file["nccl_releases"]["rows"].as_object().expect("a table");
    assert_eq!(purlin_stdlib::nccl_releases().len(), releases.len());
    for release in purlin_stdlib::nccl_releases() {
        assert_eq!(releases.get(release.name).and_then(Value::as_str), Some(release.released));
    }
}

#[test]
fn all_driver_branches_are_carried_over() {
    let Some(file) = collected("cuda.json") else { return };
    let mut seen = 0;
    for row in rows(&file["driver_branches"], "rows", 6) {
        for name in text(row, "branch").expect("it has a name").split('/') {
            let branch = name[1..].parse().ok().and_then(purlin_stdlib::driver_branch);
            let branch = branch.unwrap_or_else(|| panic!("{name} is missing"));
            let support = branch.support.map(|support| match support {
                DriverSupport::LongTerm => "LTSB",
                DriverSupport::Production => "PB",
                DriverSupport::NewFeature => "NFB",
            });
            assert_eq!(support, text(row, "kind"), "{name}");
            assert_eq!(branch.end_of_life, text(row, "eol"), "{name}");
            assert_eq!(branch.max_cuda, count(row, "max_cuda_major_without_compat"), "{name}");
            seen += 1;
        }
    }
    assert_eq!(purlin_stdlib::driver_branches().len(), seen);
}

#[test]
fn all_compute_capabilities_are_carried_over() {
    let Some(file) = collected("cuda.json") else { return };
    for row in rows(&file["compute_capability_support"], "rows", 10) {
        for version in row["cc"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let fact =
                purlin_stdlib::compute_capability(version).unwrap_or_else(|| panic!("{version} is missing"));
            assert_eq!(fact.cuda.and_then(|range| range.first), text(row, "first_toolkit"), "{version}");
            let last = fact.last_driver.map(|branch| format!("R{branch}"));
            let collected = text(row, "last_driver").filter(|last| *last != "ongoing");
            assert_eq!(last.as_deref(), collected, "{version}");
        }
    }
}
