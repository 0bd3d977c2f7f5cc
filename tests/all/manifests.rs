//! Dependencies between crates point one way: a new edge is a decision, and is written down here.

use std::collections::BTreeMap;
use std::path::Path;

/// Crate → the crates of this workspace that it may use, tests included.
const EDGES: &[(&str, &[&str])] = &[
    ("purlin-syntax", &[]),
    ("purlin-derive", &[]),
    ("purlin-schema", &["purlin-derive", "purlin-syntax"]),
    ("purlin-stdlib", &["purlin-schema", "purlin-syntax"]),
    ("purlin-core", &["purlin-schema", "purlin-stdlib", "purlin-syntax"]),
    ("purlin-targets", &["purlin-core", "purlin-schema", "purlin-stdlib", "purlin-syntax"]),
    ("purlin-engine", &["purlin-core", "purlin-syntax"]),
    ("purlin-lsp", &["purlin-core", "purlin-engine", "purlin-schema", "purlin-syntax"]),
    (
        "purlin",
        &[
            "purlin-core",
            "purlin-engine",
            "purlin-lsp",
            "purlin-schema",
            "purlin-stdlib",
            "purlin-syntax",
            "purlin-targets",
        ],
    ),
];

#[test]
fn crates_depend_on_each_other_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = BTreeMap::new();
    for folder in [
        "compiler/syntax",
        "compiler/derive",
        "compiler/schema",
        "compiler/core",
        "compiler/engine",
        "compiler/lsp",
        "compiler/cli",
        "stdlib",
        "targets",
    ] {
        let text = std::fs::read_to_string(root.join(folder).join("Cargo.toml"))
            .expect("every crate has a manifest");
        let manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let name = manifest["package"]["name"].as_str().expect("a crate has a name").to_owned();
        let mut uses: Vec<String> = ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .filter_map(|section| manifest.get(*section)?.as_table())
            .flat_map(|table| table.keys().filter(|key| key.starts_with("purlin")).cloned())
            .collect();
        uses.sort_unstable();
        uses.dedup();
        seen.insert(name, uses);
    }
    assert_eq!(seen.len(), EDGES.len(), "every crate stands in the list");
    for (name, allowed) in EDGES {
        for used in &seen[*name] {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn the_core_and_the_targets_are_kept_from_the_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["compiler/core", "targets"] {
        let text = std::fs::read_to_string(root.join(folder).join("clippy.toml"))
            .expect("a clippy.toml bans the machine");
        for banned in ["std::fs::", "std::env::", "std::time::SystemTime::now", "std::process::Command::new"]
        {
            assert!(text.contains(banned), "{folder}/clippy.toml does not ban {banned}");
        }
    }
}
