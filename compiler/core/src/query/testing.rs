//! Specs and examples for the tests of queries and of the rules that ask them.

use crate::graph::{Graph, ResourceId};
use crate::world::MemoryWorld;
use crate::{Options, Serial, Session, compile};

/// A project, compiled.
pub(crate) fn session(world: &MemoryWorld) -> Session {
    compile(world, Options::default(), &Serial).unwrap_or_else(|error| panic!("{error}"))
}

/// The id of an address in a graph.
#[track_caller]
pub(crate) fn id(graph: &Graph, address: &str) -> ResourceId {
    graph.lookup(address).unwrap_or_else(|| panic!("no {address}")).id
}

/// An example project, with replacements of text in it, each of which must be found.
#[track_caller]
pub(crate) fn example(name: &str, replacements: &[(&str, &str)]) -> MemoryWorld {
    let files: &[(&str, &str)] = match name {
        "support-assistant" => SUPPORT_ASSISTANT,
        "pretrain-405b" => PRETRAIN_405B,
        _ => CREDIT_SCORING,
    };
    for (old, _) in replacements {
        assert!(files.iter().any(|(_, text)| text.contains(old)), "`{old}` is nowhere in {name}");
    }
    files.iter().fold(MemoryWorld::default(), |world, (path, text)| {
        let text =
            replacements.iter().fold((*text).to_owned(), |text, (old, new)| text.replacen(old, new, 1));
        world.with(path, &text)
    })
}

macro_rules! project {
    ($constant:ident $name:literal $($path:literal)+) => {
        const $constant: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../../../examples/", $name, "/", $path)))),+
        ];
    };
}

project!(SUPPORT_ASSISTANT "support-assistant"
    "purlin.kdl" "data.kdl" "environments.kdl" "governance.kdl" "infrastructure.kdl" "model.kdl" "serving.kdl");
project!(PRETRAIN_405B "pretrain-405b"
    "purlin.kdl" "data.kdl" "governance.kdl" "infrastructure.kdl" "results.kdl" "training.kdl");
project!(CREDIT_SCORING "credit-scoring"
    "purlin.kdl" "infrastructure.kdl" "tests.kdl" "data/contracts.kdl" "data/derived.kdl" "data/features.kdl"
    "data/flows.kdl" "governance/house.kdl" "governance/records.kdl" "governance/system.kdl" "model/gates.kdl"
    "model/training.kdl" "serving/monitoring.kdl" "serving/score.kdl");
