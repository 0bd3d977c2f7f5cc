//! Merging, tried on a small serving.

use purlin_derive::{Choice, Kind, Record};
use purlin_syntax::{Document, ItemId, NodeId};

use super::{dropped, merge};
use crate::decode::{decode, decode_change};
use crate::print::print_value;
use crate::view::{AnyKind, KindType, List, Many, Map, RecordType, Ref, Text};

/// A small endpoint.
#[derive(Kind)]
pub struct Endpoint {
    /// How many.
    pub replicas: Replicas,
    /// Where.
    pub on: On,
    /// How it is rolled out.
    pub rollout: Rollout,
    /// Load.
    pub load: Load,
    /// Zones.
    pub zones: List<Text>,
    /// What it stops.
    pub blocks: Text,
    /// Variables.
    pub env: Map,
    /// Data.
    pub data: Many<Data>,
}

/// How many.
#[derive(Record)]
pub struct Replicas {
    /// Exactly so many.
    #[field(argument)]
    pub count: u64,
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
    /// At times.
    pub schedule: Many<Named>,
}

/// Where.
#[derive(Record)]
pub struct On {
    /// The pool.
    #[field(argument)]
    pub pool: Ref<AnyKind>,
    /// GPUs.
    pub gpus: u64,
}

/// How.
#[derive(Record)]
pub struct Rollout {
    /// In which way.
    #[field(argument)]
    pub variant: Way,
    /// What stops it.
    pub abort: Many<Named>,
    /// For how long.
    pub wait: u64,
}

/// A way.
#[derive(Choice, Clone, Copy)]
pub enum Way {
    /// Bit by bit.
    Canary,
    /// At once.
    Recreate,
}

/// Load.
#[derive(Record)]
pub struct Load {
    /// Requests a second.
    #[field(argument)]
    pub rate: f64,
    /// At most.
    pub peak: f64,
}

/// Something with a name.
#[derive(Record)]
pub struct Named {
    /// Its name.
    #[field(argument, key)]
    pub name: Text,
    /// A bound.
    pub max: f64,
}

/// Data.
#[derive(Record)]
pub struct Data {
    /// Which.
    #[field(argument, key)]
    pub set: Text,
    /// What is left out.
    pub exclude: List<Text>,
    /// Its part.
    pub split: Text,
}

const BASE: &str = "endpoint e {
    replicas min=1 max=8 { schedule office max=3; schedule night max=1 }
    on h100 gpus=4
    rollout canary { abort errors max=1; abort ttft max=2; wait 5 }
    load 1.5 peak=4; zones a b; blocks promotion; env A=1 B=2 { deep { x 1; y 2 } }
    data one split=train { exclude pii }
    data two
    labels team=x
}";

/// What changes in the lines of the resource, what is dropped, and what is said.
fn check(change: &str, expect: &str) {
    let base = Document::parse(BASE.to_owned());
    let text = format!("change endpoint.e {{ {change} }}");
    let document = Document::parse(text.clone());
    let mut out = Vec::new();
    let base = decode(Endpoint::KIND, &base.items()[0].tree, NodeId(0), BASE, ItemId(0), &mut out).record;
    let change =
        decode_change(Endpoint::SCHEMA, &document.items()[0].tree, NodeId(0), &text, ItemId(1), &mut out);
    let merged = merge(&base, &change, &mut out);
    let mut got = Vec::new();
    for (n, field) in Endpoint::SCHEMA.fields.iter().enumerate() {
        let line = |record: &crate::value::Record| {
            record.slot(n as u16).map(|slot| print_value(&slot.value, field.shape).replace('\n', " | "))
        };
        let (before, after) = (line(&base), line(&merged));
        if before != after {
            got.push(format!("{} {}", field.name, after.unwrap_or_else(|| "-".to_owned())));
        }
    }
    got.extend(dropped(&base, &merged).into_iter().map(|dropped| format!("dropped {}", dropped.path)));
    got.extend(out.iter().map(|diagnostic| format!("! {}", diagnostic.message)));
    got.extend(out.iter().flat_map(|diagnostic| &diagnostic.cures).map(|cure| format!("> {}", cure.title)));
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(got, expect, "\n{}", got.join("\n"));
}

#[test]
fn records_merge_property_by_property() {
    check("load 0.2", "load 0.2 peak=4");
    check("replicas max=2", "replicas min=1 max=2 { schedule office max=3; schedule night max=1 }");
    check("on h100 gpus=1", "on h100 gpus=1");
}

#[test]
fn another_variant_replaces_the_record() {
    check("on gpu-pool.l40s", "on gpu-pool.l40s");
    check("rollout recreate", "rollout recreate\ndropped rollout.abort.errors\ndropped rollout.abort.ttft");
    check("replicas 2", "replicas 2");
    check("rollout canary wait=9", "rollout canary wait=9 { abort errors max=1; abort ttft max=2 }");
}

#[test]
fn rows_and_maps_merge_by_key_and_lists_are_replaced() {
    check("data two split=x; data three", "data one split=train { exclude pii } | two split=x | three");
    check("env B=3 { deep { y 3; z 4 } }", "env { A 1; B 3; deep { x 1; y 3; z 4 } }");
    check("zones c", "zones c");
}

#[test]
fn a_removal_takes_a_field_a_row_a_key_or_an_element() {
    check("remove replicas.schedule", "replicas min=1 max=8");
    check("remove replicas.schedule.night", "replicas min=1 max=8 { schedule office max=3 }");
    check("remove data.one", "data two\ndropped data.one.exclude");
    check("remove data.one.exclude", "data one split=train | two\ndropped data.one.exclude");
    check("remove labels.team env.deep.x zones.a", "labels -\nzones b\nenv { A 1; B 2; deep { y 2 } }");
    check("remove blocks", "blocks -\ndropped blocks");
    check(
        "remove data.one; data one split=holdout",
        "data two | one split=holdout\ndropped data.one.exclude",
    );
}

#[test]
fn a_removal_of_nothing_is_told() {
    check(
        "remove replicas.schedule.ofice",
        "! `endpoint` has no `replicas.schedule.ofice` to remove\n> write `replicas.schedule.office`",
    );
    check("remove owner", "! `endpoint` has no `owner` to remove");
}

#[test]
fn an_addition_makes_a_list_longer() {
    check("add zones b c", "zones a b c");
    check("add only prod", "only prod");
}
