//! Emits a spec into memory.
#![allow(clippy::disallowed_methods, reason = "tests read the examples")]

use std::collections::BTreeMap;
use std::path::Path;

use purlin_core::catalog::Catalog;
use purlin_core::emit::tape::Tape;
use purlin_core::emit::{Format, Loss, Sink, Sound, Target};
use purlin_core::{MemoryWorld, Options, ResourceId, Serial, Session, compile};
use purlin_schema::units::Date;

use super::super::Terraform;
use super::schema::{self, Schemas};
use crate::print;
use crate::print::testing::terraform_fmt;

/// Files by path, and what is wrong with their blocks.
#[derive(Default)]
pub(super) struct Emitted {
    files: BTreeMap<String, String>,
    current: String,
    schemas: Option<Schemas>,
    wrong: Vec<String>,
    /// As `address field`.
    losses: Vec<String>,
}

impl Emitted {
    /// All files of a spec without environments.
    #[track_caller]
    pub(super) fn of(text: &str) -> Emitted {
        with_sound(text, Emitted::from)
    }

    fn from(sound: &Sound<'_>) -> Emitted {
        let mut emitted = Emitted { schemas: schema::load(), ..Emitted::default() };
        Terraform.emit(sound, &mut emitted);
        emitted
    }

    /// All files of an example, one set an environment.
    pub(super) fn of_example(name: &str) -> Vec<Emitted> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
        let mut world = MemoryWorld::default();
        for (path, text) in read(&folder, "") {
            world = world.with(&path, &text);
        }
        let session = compile(&world, Options::default(), &Serial).unwrap();
        let graphs: Vec<_> = session.environments().iter().map(|environment| &environment.graph).collect();
        assert!(!graphs.is_empty());
        graphs
            .into_iter()
            .map(|graph| Emitted::from(&Sound::vouch(graph, &Catalog, &Options::default())))
            .collect()
    }

    /// The text of a file; empty where it is not written.
    pub(super) fn file(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }

    /// What is in no file, as `address field`, sorted.
    pub(super) fn losses(mut self) -> Vec<String> {
        self.losses.sort();
        self.losses.dedup();
        self.losses
    }

    /// `terraform fmt` changes no file.
    #[track_caller]
    pub(super) fn is_formatted(&self) {
        let all: String = self.files.values().cloned().collect::<Vec<_>>().join("\n");
        if let Some(formatted) = terraform_fmt(&all) {
            assert_eq!(all, formatted);
        }
    }

    /// Every block has the arguments that the provider asks for, and no others.
    #[track_caller]
    pub(super) fn fits_the_schema(&self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

impl Sink for Emitted {
    fn file(&mut self, path: &str, format: Format) {
        assert_eq!(format, Format::Hcl);
        assert!(!self.files.contains_key(path), "{path} is begun twice");
        self.files.insert(path.to_owned(), String::new());
        path.clone_into(&mut self.current);
    }

    fn document(&mut self, _: Option<ResourceId>, tape: &Tape) {
        print::print(Format::Hcl, tape, self.files.get_mut(&self.current).unwrap());
        // What is overridden has its arguments elsewhere.
        if let Some(schemas) = self.schemas.as_ref().filter(|_| !self.current.ends_with("/override.tf")) {
            schemas.check(tape, &mut self.wrong);
        }
    }

    fn text(&mut self, _: Option<ResourceId>, _: &str) {
        unreachable!("Terraform is HCL alone");
    }

    fn loss(&mut self, loss: Loss) {
        self.losses.push(format!("{} {}", loss.address, loss.field));
    }
}

/// Compiles a spec without errors and hands its graph on.
#[track_caller]
fn with_sound<R>(text: &str, then: impl FnOnce(&Sound<'_>) -> R) -> R {
    let options = Options { as_of: Date::of(2026, 11, 21), ..Options::default() };
    let session: Session = compile(&MemoryWorld::of(text), options.clone(), &Serial).unwrap();
    let errors: Vec<String> = session
        .findings()
        .iter()
        .filter(|finding| finding.is_error())
        .map(|finding| format!("{}: {}", finding.diagnostic.rule, finding.diagnostic.message))
        .filter(|text| text.starts_with("syntax") || text.starts_with("type") || text.starts_with("name"))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let graph = &session.environments()[0].graph;
    then(&Sound::vouch(graph, &Catalog, &options))
}

fn read(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(read(&entry.path(), &format!("{name}/")));
        } else if entry.path().extension().is_some_and(|extension| extension == "kdl") {
            found.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}
