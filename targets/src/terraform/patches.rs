//! Arguments that the language has no word for: what `patch terraform` says, in an override file of the root.
//!
//! Terraform merges `override.tf` into the blocks that it finds elsewhere, argument by argument; an argument that is null is
//! as good as not written. Blocks inside a resource it replaces as a whole, so that a part of one cannot be set this way.

use purlin_core::emit::tape::{Body, Expr};
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::universal::{Patch, Universal};
use purlin_schema::view::Many;
use purlin_schema::{Value, View};

use super::files::{Files, scalar};
use super::layout::Layout;

/// The place of `patch` among the fields that every kind has.
const FIELD: u16 = 8;

/// A resource of the provider whose arguments are set or taken out.
pub(super) struct Patched {
    from: ResourceId,
    kind: String,
    label: String,
}

/// What a resource says of a resource of the provider that was just made of it.
pub(super) fn of(from: &Resource, kind: &str, label: &str) -> Option<Patched> {
    // Nearly every resource says nothing here.
    from.record.slot(FIELD)?;
    let any = rows(from).any(|row| row.object().get() == Some(kind));
    any.then(|| Patched { from: from.id, kind: kind.to_owned(), label: label.to_owned() })
}

fn rows(from: &Resource) -> impl Iterator<Item = View<'_, Patch>> {
    let rows = View::<Universal>::saying(&from.record).field::<Many<Patch>>(FIELD);
    rows.iter().filter(|row| row.target().get() == Some("terraform"))
}

/// Writes the override file of a root.
pub(super) fn write(layout: &Layout<'_>, files: &mut Files<'_>) {
    files.file("override.tf");
    for patch in files.take_patched() {
        let Some(from) = layout.sound.graph().get(patch.from) else { continue };
        files.block(Some(from), "resource", &[&patch.kind, &patch.label], |b| {
            for row in rows(from).filter(|row| row.object().get() == Some(&patch.kind)) {
                for set in row.set().iter() {
                    if let (Some(name), Some(value)) = (argument(set.path().get()), set.value().get()) {
                        assign(b, name, value);
                    }
                }
                for name in row.remove().values().filter_map(|path| argument(Some(path))) {
                    b.set(name, Expr("null"));
                }
            }
        });
        layout.note_patched(patch.from, patch.kind);
    }
}

/// A path that is the name of an argument.
fn argument(path: Option<&str>) -> Option<&str> {
    path.filter(|path| {
        !path.is_empty()
            && path.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

fn assign(b: &mut Body<'_>, name: &str, value: &Value) {
    match value {
        Value::Bool(value) => b.set(name, *value),
        Value::Integer(value) => b.set(name, *value),
        Value::Number(value) => b.set(name, *value),
        value => b.set(name, scalar(value).unwrap_or_default()),
    };
}

/// Patches that found no resource, and paths that are no argument.
pub(super) fn losses(layout: &Layout<'_>) {
    for resource in layout.sound.graph().sorted() {
        if resource.record.slot(FIELD).is_none() {
            continue;
        }
        for row in rows(resource) {
            let object = row.object().get().unwrap_or_default();
            let field = format!("patch terraform {object}");
            if !layout.is_patched(resource.id, object) {
                layout.loss(resource, &field, format!("no `{object}` is made of it"));
                continue;
            }
            let set: Vec<&str> = row.set().iter().filter_map(|set| set.path().get()).collect();
            for path in
                set.into_iter().chain(row.remove().values()).filter(|path| argument(Some(path)).is_none())
            {
                let reason = format!(
                    "`{path}` is inside a block: Terraform overrides arguments, and blocks as a whole"
                );
                layout.loss(resource, &field, reason);
            }
        }
    }
}
