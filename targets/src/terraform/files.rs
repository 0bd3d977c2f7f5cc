//! The files of one Terraform root, one block at a time.

use purlin_core::Resource;
use purlin_core::emit::tape::{Body, Leaf, LeafKind, Map, Tape};
use purlin_core::emit::{Format, Sink};
use purlin_schema::value::Entry;
use purlin_schema::view::KindType;
use purlin_schema::{Field, Reference, Value, View};

use super::patches::{self, Patched};

/// What a block is made from: a resource, and what every kind has.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) resource: &'a Resource,
    labels: &'a [Entry],
    owner: Field<Reference>,
    moved_from: Field<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn of<K: KindType>(resource: &'a Resource, view: View<'a, K>) -> Self {
        Subject { resource, labels: view.labels(), owner: view.owner(), moved_from: view.moved_from() }
    }

    /// Whether it names an owner of its own.
    pub(super) fn is_owned(&self) -> bool {
        !self.owner.is_absent()
    }

    /// The label of a Terraform resource that is made from it.
    pub(super) fn label(&self, part: &str) -> String {
        label(self.resource.kind.name, self.resource.name.as_str(), part)
    }

    /// An attribute of a Terraform resource that is made from it, in the same root.
    pub(super) fn expr(&self, kind: &str, part: &str, attribute: &str) -> String {
        format!("{kind}.{}.{attribute}", self.label(part))
    }
}

/// The files of one root.
pub(super) struct Files<'s> {
    sink: &'s mut dyn Sink,
    folder: String,
    file: &'static str,
    begun: bool,
    tape: Tape,
    address: String,
    patched: Vec<Patched>,
}

impl<'s> Files<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, folder: String) -> Self {
        Files {
            sink,
            folder,
            file: "",
            begun: false,
            tape: Tape::default(),
            address: String::new(),
            patched: Vec::new(),
        }
    }

    /// What of this root the spec patches.
    pub(super) fn take_patched(&mut self) -> Vec<Patched> {
        std::mem::take(&mut self.patched)
    }

    /// What follows belongs to this file. It is begun with its first block, so that no file is empty.
    pub(super) fn file(&mut self, name: &'static str) {
        self.file = name;
        self.begun = false;
    }

    /// One block at the top of the file, under the address of what it is made from.
    pub(super) fn block(
        &mut self,
        from: Option<&Resource>,
        name: &str,
        labels: &[&str],
        build: impl FnOnce(&mut Body<'_>),
    ) {
        if !self.begun {
            self.sink.file(&format!("{}/{}", self.folder, self.file), Format::Hcl);
            self.begun = true;
        }
        self.tape.clear();
        if let Some(resource) = from {
            self.address.clear();
            self.address.push_str(resource.kind.name);
            self.address.push('.');
            self.address.push_str(resource.name.as_str());
            self.tape.comment(&self.address);
        }
        self.tape.block(name, labels, build).from(from.map(|resource| resource.name_span));
        self.sink.document(from.map(|resource| resource.id), &self.tape);
    }

    /// A resource of the provider. Where the spec says that it had another name before, Terraform is told so, too.
    pub(super) fn resource(
        &mut self,
        subject: &Subject<'_>,
        kind: &str,
        part: &str,
        build: impl FnOnce(&mut Body<'_>),
    ) {
        let label = subject.label(part);
        self.block(Some(subject.resource), "resource", &[kind, &label], build);
        self.patched.extend(patches::of(subject.resource, kind, &label));
        let before = subject.moved_from.get().and_then(|address| address.split_once('.'));
        if let Some((was, name)) = before {
            let old = self::label(was, name, part);
            self.block(Some(subject.resource), "moved", &[], |b| {
                b.expr("from", &format!("{kind}.{old}"));
                b.expr("to", &format!("{kind}.{label}"));
            });
        }
    }

    /// A data source.
    pub(super) fn data(
        &mut self,
        subject: &Subject<'_>,
        kind: &str,
        part: &str,
        build: impl FnOnce(&mut Body<'_>),
    ) {
        self.block(Some(subject.resource), "data", &[kind, &subject.label(part)], build);
    }

    /// An output.
    pub(super) fn output(&mut self, subject: &Subject<'_>, name: &str, expression: &str) {
        self.block(Some(subject.resource), "output", &[name], |b| {
            b.expr("value", expression);
        });
    }
}

/// Kinds whose resources share Terraform types with no other kind's, so that their labels go without the kind.
const UNSHARED: [&str; 6] = ["network", "key", "cluster", "storage", "broker", "stream"];

/// The label of a Terraform resource: the resource's name, before it the kind where several kinds have the same Terraform
/// types, behind it the part. Names have single hyphens alone, so a double underscore tells part from name.
pub(super) fn label(kind: &str, name: &str, part: &str) -> String {
    let mut label = String::with_capacity(kind.len() + name.len() + part.len() + 3);
    if !UNSHARED.contains(&kind) {
        label.push_str(kind);
        label.push('_');
    }
    label.push_str(name);
    if !part.is_empty() {
        label.push_str("__");
        label.push_str(part);
    }
    label.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// A text that is known now, or an expression that Terraform evaluates.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Say {
    Text(String),
    Expr(String),
}

impl Leaf for Say {
    fn kind(&self) -> LeafKind {
        match self {
            Say::Text(_) => LeafKind::Str,
            Say::Expr(_) => LeafKind::Expr,
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Say::Text(said) | Say::Expr(said) => text.push_str(said),
        }
    }
}

/// Tags of a resource: its name, the address that it comes from, who owns it, and its labels.
pub(super) fn tags(b: &mut Body<'_>, subject: &Subject<'_>, name: Option<&str>) {
    tags_after(b, subject, name, |_| ());
}

/// The same behind others: for what a service of AWS makes, which the provider's own tags do not reach.
pub(super) fn tags_after(
    b: &mut Body<'_>,
    subject: &Subject<'_>,
    name: Option<&str>,
    before: impl FnOnce(&mut Map<'_>),
) {
    b.map("tags", |t| {
        before(t);
        t.maybe("Name", name);
        t.set(ADDRESS_TAG, format_args!("{}.{}", subject.resource.kind.name, subject.resource.name));
        t.maybe(OWNER_TAG, subject.owner.get().map(|owner| owner.name)).from(subject.owner.span());
        for entry in subject.labels {
            if let Some(value) = plain(entry) {
                t.set(entry.key.as_str(), value.as_str()).from(entry.span);
            }
        }
    });
}

/// The tag that holds the address of what a resource is made from.
pub(super) const ADDRESS_TAG: &str = "purlin:address";
/// The tag that holds the owner's name; budgets of teams count by it.
pub(super) const OWNER_TAG: &str = "purlin:owner";

/// A scalar of a map of labels or ids, as text.
pub(super) fn plain(entry: &Entry) -> Option<String> {
    scalar(&entry.value)
}

pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Quantity(value) => Some(value.to_string()),
        Value::Reference(reference) => Some(reference.name.to_string()),
        _ => None,
    }
}

/// One of the ids by which somebody else's resource is known.
pub(super) fn id<'a>(existing: &'a [Entry], key: &str) -> Option<&'a Value> {
    existing.iter().find(|entry| entry.key.as_str() == key).map(|entry| &entry.value)
}

/// The same, as text.
pub(super) fn id_text(existing: &[Entry], key: &str) -> Option<String> {
    id(existing, key).and_then(scalar)
}

#[cfg(test)]
mod tests {
    use super::label;

    fn check(kind: &str, name: &str, part: &str, expect: &str) {
        assert_eq!(label(kind, name, part), expect);
    }

    #[test]
    fn labels_of_two_resources_never_meet() {
        check("gpu-pool", "h100", "", "gpu_pool_h100");
        check("cpu-pool", "h100", "", "cpu_pool_h100");
        check("cluster", "train", "nodes", "train__nodes");
        check("cluster", "train-nodes", "", "train_nodes");
    }
}
