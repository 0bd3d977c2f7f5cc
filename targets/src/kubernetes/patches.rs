//! Fields that the language has no word for: what `patch kubernetes` says, as patches in kustomize's list.

use purlin_core::Resource;
use purlin_core::emit::tape::{Kind, LeafKind, List, Map, Slot, Tape};
use purlin_schema::kinds::universal::{Patch, Universal};
use purlin_schema::view::Many;
use purlin_schema::{Value, View};

use super::object::text;
use crate::print;

/// The changes of one object, on their way into `kustomization.yaml`.
pub(super) struct ObjectPatch {
    kind: String,
    name: String,
    namespace: Option<String>,
    /// A JSON patch (RFC 6902).
    operations: String,
}

/// The place of `patch` among the fields that every kind has.
const FIELD: u16 = 8;

/// What a resource says of an object that was just made of it.
pub(super) fn of(resource: &Resource, object: &Tape) -> Option<ObjectPatch> {
    // Nearly every resource says nothing here.
    resource.record.slot(FIELD)?;
    let head = Head::of(object)?;
    let rows = View::<Universal>::saying(&resource.record).field::<Many<Patch>>(FIELD);
    let mut operations = Tape::default();
    let mut any = false;
    operations.list(|t| {
        let mut made: Vec<String> = Vec::new();
        let said = rows.iter().filter(|row| row.target().get() == Some("kubernetes"));
        for row in said.filter(|row| row.object().get() == Some(head.kind)) {
            for set in row.set().iter() {
                if let (Some(path), Some(value)) = (set.path().get(), set.value().get()) {
                    any = true;
                    write_set(t, object, path, value, &mut made);
                }
            }
            for path in row.remove().values() {
                any = true;
                operation(t, "remove", &pointer(path.split('.')));
            }
        }
    });
    any.then(|| ObjectPatch {
        kind: head.kind.to_owned(),
        name: head.name.to_owned(),
        namespace: head.namespace.map(str::to_owned),
        operations: json(&operations),
    })
}

fn json(tape: &Tape) -> String {
    let mut text = String::new();
    print::json::print(tape, &mut text);
    text
}

/// Sets a value, and makes the maps around it that the object does not have.
fn write_set(t: &mut List<'_>, object: &Tape, path: &str, value: &Value, made: &mut Vec<String>) {
    let segments: Vec<&str> = path.split('.').collect();
    let present = present(object, &segments);
    for end in present + 1..segments.len() {
        let around = pointer(segments[..end].iter().copied());
        if !made.contains(&around) {
            t.map(|t| {
                operation_head(t, "add", &around);
                t.map("value", |_| ());
            });
            made.push(around);
        }
    }
    t.map(|t| {
        let whole = present == segments.len();
        operation_head(t, if whole { "replace" } else { "add" }, &pointer(segments.iter().copied()));
        leaf(t.key("value"), value);
    });
}

fn operation(t: &mut List<'_>, name: &str, path: &str) {
    t.map(|t| operation_head(t, name, path));
}

fn operation_head(t: &mut Map<'_>, name: &str, path: &str) {
    t.set("op", name);
    t.set("path", path);
}

/// A path as a JSON pointer (RFC 6901).
fn pointer<'p>(segments: impl Iterator<Item = &'p str>) -> String {
    let escaped = segments.map(|segment| segment.replace('~', "~0").replace('/', "~1"));
    escaped.flat_map(|segment| ["/".to_owned(), segment]).collect()
}

fn leaf(slot: Slot<'_, '_>, value: &Value) {
    match value {
        Value::Bool(value) => slot.leaf(*value),
        Value::Integer(value) => slot.leaf(*value),
        Value::Number(value) => slot.leaf(*value),
        value => slot.leaf(text(value).as_deref().unwrap_or_default()),
    };
}

/// How many leading segments of a path an object has.
fn present(object: &Tape, segments: &[&str]) -> usize {
    let tokens = object.tokens();
    let Some(mut at) = tokens.iter().position(|token| token.kind.opens()) else { return 0 };
    for (depth, segment) in segments.iter().enumerate() {
        let Some(value) = child(object, at, segment) else { return depth };
        at = value;
    }
    segments.len()
}

/// The token of the value under a key of a map, or at an index of a list.
fn child(object: &Tape, around: usize, segment: &str) -> Option<usize> {
    let tokens = object.tokens();
    let opened = tokens.get(around)?;
    let index = segment.parse::<usize>().ok();
    let (mut at, mut nth, mut key) = (around + 1, 0, None);
    while at < opened.end() {
        let token = tokens.get(at)?;
        match token.kind {
            Kind::Comment => at += 1,
            Kind::Key => {
                key = Some(object.text(*token));
                at += 1;
            }
            kind => {
                let found = match opened.kind {
                    Kind::OpenMap => key == Some(segment),
                    Kind::OpenList => index == Some(nth),
                    _ => return None,
                };
                if found {
                    return Some(at);
                }
                nth += 1;
                at = if kind.opens() { token.end() + 1 } else { at + 1 };
            }
        }
    }
    None
}

/// What names an object.
struct Head<'t> {
    kind: &'t str,
    name: &'t str,
    namespace: Option<&'t str>,
}

impl<'t> Head<'t> {
    fn of(object: &'t Tape) -> Option<Head<'t>> {
        let root = object.tokens().iter().position(|token| token.kind.opens())?;
        let text = |at: usize| {
            let token = object.tokens().get(at)?;
            (token.kind == Kind::Leaf(LeafKind::Str)).then(|| object.text(*token))
        };
        let metadata = child(object, root, "metadata")?;
        Some(Head {
            kind: text(child(object, root, "kind")?)?,
            name: text(child(object, metadata, "name")?)?,
            namespace: child(object, metadata, "namespace").and_then(text),
        })
    }
}

impl ObjectPatch {
    /// One entry of `patches`.
    pub(super) fn write(&self, t: &mut List<'_>) {
        t.map(|t| {
            t.map("target", |t| {
                t.set("kind", &self.kind);
                t.set("name", &self.name);
                t.maybe("namespace", self.namespace.as_ref());
            });
            t.set("patch", &self.operations);
        });
    }
}
