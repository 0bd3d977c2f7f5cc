//! The catalog as tables for people: what `purlin catalog gpus|instances|models [FILTER]` prints.
//!
//! `?` is unknown, `–` does not apply.

use purlin_schema::units::{Bandwidth, Bytes};

use crate::facts::{Architecture, Capacity, Gpu, Instance};
use crate::lookup;

const UNKNOWN: &str = "?";
const NONE: &str = "–";

/// A table: columns, and a row of as many cells for each fact, in the order of the facts' names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// What stands above.
    pub columns: &'static [Column],
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

/// The head of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its title, with the unit.
    pub title: &'static str,
    /// Whether its cells are numbers, to be set flush right.
    pub number: bool,
}

const fn text(title: &'static str) -> Column {
    Column { title, number: false }
}

const fn number(title: &'static str) -> Column {
    Column { title, number: true }
}

const GPUS: &[Column] = &[
    text("gpu"),
    text("product"),
    number("usable"),
    number("bandwidth"),
    number("bf16 TFLOPS"),
    number("fp8 TFLOPS"),
    number("link"),
    number("capability"),
    number("MIG"),
    number("watts"),
];

/// The accelerators whose row has every word of the filter.
pub fn gpus(filter: &str) -> Table {
    table(GPUS, lookup::gpus().iter().map(gpu), filter)
}

fn gpu(gpu: &Gpu) -> Vec<String> {
    let link = gpu.nvlink.or(gpu.interconnect);
    vec![
        gpu.name.to_owned(),
        show(gpu.product),
        gpu.fit_memory().map_or_else(|| UNKNOWN.to_owned(), gib),
        gpu.memory_bandwidth.map_or_else(|| UNKNOWN.to_owned(), bytes_per_second),
        show(gpu.tflops.bf16),
        show(gpu.tflops.fp8),
        link.map_or_else(
            || NONE.to_owned(),
            |link| link.bandwidth.map_or_else(|| UNKNOWN.to_owned(), bytes_per_second),
        ),
        gpu.compute_capability.unwrap_or(NONE).to_owned(),
        match (gpu.mig, gpu.max_mig_instances) {
            (Some(false), _) => NONE.to_owned(),
            (_, count) => show(count),
        },
        show(gpu.tdp_watts),
    ]
}

const INSTANCES: &[Column] = &[
    text("instance"),
    text("cloud"),
    text("accelerators"),
    number("vCPU"),
    number("memory"),
    number("network"),
    text("fabric"),
    text("price on demand"),
];

/// The instance types whose row has every word of the filter.
pub fn instances(filter: &str) -> Table {
    table(INSTANCES, lookup::instances().iter().map(instance), filter)
}

fn instance(instance: &Instance) -> Vec<String> {
    vec![
        instance.name.to_owned(),
        instance.provider.map_or(NONE, purlin_schema::view::ChoiceType::word).to_owned(),
        accelerators(instance),
        show(instance.vcpu),
        instance.memory.map_or_else(|| UNKNOWN.to_owned(), gib),
        show(instance.network),
        fabric(instance),
        price(instance),
    ]
}

fn accelerators(instance: &Instance) -> String {
    match (instance.gpu, instance.gpu_fraction) {
        (None, _) => NONE.to_owned(),
        (Some(gpu), Some(part)) => format!("{part} × {gpu}"),
        (Some(gpu), None) => format!("{} × {gpu}", instance.gpu_count),
    }
}

fn fabric(instance: &Instance) -> String {
    let Some(fabric) = instance.fabric else { return NONE.to_owned() };
    let kind = purlin_schema::view::ChoiceType::word(fabric.kind);
    match (fabric.ports, fabric.bandwidth) {
        (Some(ports), Some(bandwidth)) => format!("{ports} × {kind} {bandwidth}"),
        (Some(ports), None) => format!("{ports} × {kind}"),
        (None, _) => kind.to_owned(),
    }
}

fn price(instance: &Instance) -> String {
    let first = instance.rates.iter().find(|rate| rate.capacity == Capacity::OnDemand);
    first.map_or_else(|| UNKNOWN.to_owned(), |rate| format!("{} {} ({})", rate.rate, rate.region, rate.as_of))
}

const MODELS: &[Column] = &[
    text("architecture"),
    number("parameters"),
    number("layers"),
    number("hidden"),
    number("heads"),
    number("kv"),
    number("vocab"),
    number("context"),
    text("experts"),
];

/// The architectures whose row has every word of the filter.
pub fn models(filter: &str) -> Table {
    table(MODELS, lookup::architectures().iter().map(model), filter)
}

fn model(model: &Architecture) -> Vec<String> {
    vec![
        model.name.to_owned(),
        show(model.parameters),
        model.layers.to_string(),
        model.hidden.to_string(),
        model.heads.to_string(),
        if model.attention.is_some() { "mla".to_owned() } else { model.kv_heads.to_string() },
        model.vocab.to_string(),
        show(model.context),
        model.experts.map_or_else(
            || NONE.to_owned(),
            |experts| match experts.shared {
                0 => format!("{} of {}", experts.per_token, experts.count),
                shared => format!("{} of {} + {shared}", experts.per_token, experts.count),
            },
        ),
    ]
}

/// The rows that have every word of the filter, in any cell, whatever the case.
fn table(columns: &'static [Column], rows: impl Iterator<Item = Vec<String>>, filter: &str) -> Table {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let matches = |row: &Vec<String>| {
        words.iter().all(|word| row.iter().any(|cell| cell.to_lowercase().contains(word.as_str())))
    };
    Table { columns, rows: rows.filter(matches).collect() }
}

fn show<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

fn gib(bytes: Bytes) -> String {
    let tenths = (bytes.gib() * 10.0).round() / 10.0;
    format!("{tenths}GiB")
}

fn bytes_per_second(bandwidth: Bandwidth) -> String {
    format!("{}GB/s", bandwidth.gb_per_second())
}
