//! The head that every object has, and names in it.

use std::borrow::Cow;

use purlin_core::compose::{self, LABEL_VALUE};
use purlin_core::emit::tape::Map;
use purlin_schema::Value;
use purlin_schema::value::Entry;

/// What labels an object and its pods, and finds them again.
#[derive(Clone, Copy)]
pub(super) struct Identity<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    /// `serving`, `training`, `data`, …
    pub(super) component: &'static str,
    /// Labels of the resource.
    pub(super) labels: &'a [Entry],
}

/// `apiVersion` and `kind`.
pub(super) fn kind(t: &mut Map<'_>, api: &str, kind: &str) {
    t.set("apiVersion", api);
    t.set("kind", kind);
}

/// `metadata` with nothing but a name.
pub(super) fn named(t: &mut Map<'_>, name: &str) {
    t.map("metadata", |t| {
        t.set("name", name);
    });
}

/// `metadata` with name and namespace.
pub(super) fn placed(t: &mut Map<'_>, name: &str, namespace: &str) {
    t.map("metadata", |t| {
        t.set("name", name);
        t.set("namespace", namespace);
    });
}

impl Identity<'_> {
    /// `metadata` of an object that belongs to it.
    pub(super) fn metadata(&self, t: &mut Map<'_>) {
        self.metadata_and(t, |_| ());
    }

    /// The same, with annotations and more behind the labels.
    pub(super) fn metadata_and(&self, t: &mut Map<'_>, more: impl FnOnce(&mut Map<'_>)) {
        t.map("metadata", |t| {
            t.set("name", self.name);
            t.set("namespace", self.namespace);
            t.map("labels", |t| self.write_labels(t));
            more(t);
        });
    }

    /// `metadata` of its pods.
    pub(super) fn pod_metadata(&self, t: &mut Map<'_>, more: impl FnOnce(&mut Map<'_>)) {
        t.map("metadata", |t| {
            t.map("labels", |t| self.write_labels(t));
            more(t);
        });
    }

    pub(super) fn write_labels(&self, t: &mut Map<'_>) {
        self.write_selector(t);
        t.set("app.kubernetes.io/managed-by", "purlin");
        for entry in self.labels {
            let key = entry.key.as_str();
            if is_label_key(key)
                && let Some(value) = text(&entry.value)
            {
                t.set(key, LABEL_VALUE.name(&value).as_ref()).from(entry.span);
            }
        }
    }

    /// The labels that its pods, and nobody else's, have.
    pub(super) fn write_selector(&self, t: &mut Map<'_>) {
        t.set("app.kubernetes.io/name", self.name);
        t.set("app.kubernetes.io/component", self.component);
    }
}

/// Whether Kubernetes accepts the key of a label, and the key is not one that is written anyway.
fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').unwrap_or(("", key));
    (prefix.is_empty() || compose::OBJECT.accepts(prefix))
        && LABEL_VALUE.accepts(name)
        && !prefix.ends_with("kubernetes.io")
}

/// A scalar as text; none for what has parts.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Integer(value) => Some(Cow::Owned(value.to_string())),
        Value::Number(value) => Some(Cow::Owned(value.to_string())),
        Value::Quantity(value) => Some(Cow::Owned(value.to_string())),
        Value::Reference(reference) => Some(Cow::Borrowed(reference.name.as_str())),
        _ => None,
    }
}

/// The labels of a resource, checked by whoever writes them.
pub(super) fn refused_labels(labels: &[Entry]) -> impl Iterator<Item = &Entry> {
    labels.iter().filter(|entry| !is_label_key(entry.key.as_str()) || text(&entry.value).is_none())
}
