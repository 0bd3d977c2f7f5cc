//! Bundles documents into files of a readable length, and lists them for kustomize.

use purlin_core::emit::tape::{Kind, Map, Tape};
use purlin_core::emit::{Format, Loss, Sink};
use purlin_core::{Resource, ResourceId};

use super::patches::{self, ObjectPatch};

/// A file is ended after the resource with which it reaches this many lines.
const LINES: usize = 2_000;

/// The files of one cluster.
pub(super) struct Files<'s> {
    sink: &'s mut dyn Sink,
    root: String,
    tape: Tape,
    address: String,
    listed: Vec<String>,
    patches: Vec<ObjectPatch>,
    stem: &'static str,
    part: usize,
    lines: usize,
    last: Option<ResourceId>,
}

impl<'s> Files<'s> {
    pub(super) fn new(root: String, sink: &'s mut dyn Sink) -> Self {
        Files {
            sink,
            root,
            tape: Tape::default(),
            address: String::new(),
            listed: Vec::new(),
            patches: Vec::new(),
            stem: "",
            part: 0,
            lines: 0,
            last: None,
        }
    }

    /// What follows belongs to `<stem>.yaml`; the file begins with its first document.
    pub(super) fn group(&mut self, stem: &'static str) {
        self.stem = stem;
        self.part = 0;
        self.lines = 0;
        self.last = None;
    }

    /// One object, made from a resource (none: from the platform as a whole).
    pub(super) fn object(&mut self, from: Option<&Resource>, build: impl FnOnce(&mut Map<'_>)) {
        self.tape.clear();
        if let Some(resource) = from {
            self.address.clear();
            self.address.push_str(resource.kind.name);
            self.address.push('.');
            self.address.push_str(resource.name.as_str());
            self.tape.comment(&self.address);
        }
        self.tape.map(build);
        self.patches.extend(from.and_then(|resource| patches::of(resource, &self.tape)));
        let id = from.map(|resource| resource.id);
        if self.part == 0 || self.lines >= LINES && (id.is_none() || id != self.last) {
            self.part += 1;
            self.lines = 0;
            let path = match self.part {
                1 => format!("{}.yaml", self.stem),
                part => format!("{}-{part}.yaml", self.stem),
            };
            self.sink.file(&format!("{}/{path}", self.root), Format::Yaml);
            self.listed.push(path);
        }
        self.sink.document(id, &self.tape);
        self.last = id;
        self.lines += 1 + self.tape.tokens().iter().filter(|token| token.kind == Kind::Key).count();
    }

    /// A spec asks for something that no object here says.
    pub(super) fn loss(&mut self, resource: &Resource, field: &str, reason: impl Into<String>) {
        self.sink.loss(Loss { address: resource.address(), field: field.to_owned(), reason: reason.into() });
    }

    /// The list of all files, as kustomize reads it.
    pub(super) fn kustomization(mut self) {
        self.tape.clear();
        self.tape.map(|t| {
            t.set("apiVersion", "kustomize.config.k8s.io/v1beta1");
            t.set("kind", "Kustomization");
            t.items("resources", &self.listed);
            t.list("patches", |t| self.patches.iter().for_each(|patch| patch.write(t))).unless_empty();
        });
        self.sink.file(&format!("{}/kustomization.yaml", self.root), Format::Yaml);
        self.sink.document(None, &self.tape);
    }
}
