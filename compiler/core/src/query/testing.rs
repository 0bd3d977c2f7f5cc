//! Specs and examples for the tests of queries and of the rules that ask them.

use crate::graph::{Graph, ResourceId};
use crate::world::MemoryWorld;
use crate::{Options, Serial, Session, compile};

/// A project, compiled.
pub(crate) fn session(world: &MemoryWorld) -> Session {
    compile(world, Options::default(), &Serial).unwrap_or_else(|error| panic!("{error}"))
}

/// The findings of a rule in a project of one file, each as `level: message`.
#[track_caller]
pub(crate) fn findings(rule: &str, world: &MemoryWorld) -> Vec<String> {
    let session = session(world);
    let findings = session.findings();
    let of = |level: &str, message: &str| format!("{level}: {message}");
    findings
        .iter()
        .filter(|finding| finding.diagnostic.rule == rule)
        .map(|finding| of(finding.diagnostic.level.as_str(), &finding.diagnostic.message))
        .collect()
}

/// Asserts that a spec has exactly these findings of a rule, each told by a part of its `level: message`.
#[track_caller]
pub(crate) fn check(rule: &str, spec: &str, expect: &[&str]) {
    check_world(rule, &MemoryWorld::of(spec), expect);
}

/// The same for a project of several files.
#[track_caller]
pub(crate) fn check_world(rule: &str, world: &MemoryWorld, expect: &[&str]) {
    let found = findings(rule, world);
    let same =
        found.len() == expect.len() && found.iter().zip(expect).all(|(have, part)| have.contains(part));
    assert!(same, "expected {expect:#?}\nfound {found:#?}");
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
