//! Custom kinds, against the schemas of their definitions, as strictly as an API server with strict validation.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jsonschema::{Draft, Validator};
use kube_cel::{CompiledSchema, apply_defaults, compile_schema, validate_compiled};
use serde_json::{Map, Value, json};

/// The schemas, read when they are first asked for.
pub(super) struct CustomKinds {
    folder: PathBuf,
    /// `group/version Kind` of every version that is served and not deprecated.
    served: BTreeSet<String>,
    compiled: RefCell<BTreeMap<PathBuf, Rc<Judge>>>,
}

/// What judges the objects of one kind.
struct Judge {
    defaults: Value,
    shape: Validator,
    rules: CompiledSchema,
}

impl CustomKinds {
    /// Opens `../shared/schemas`.
    pub(super) fn open(folder: &Path) -> CustomKinds {
        let index =
            std::fs::read_to_string(folder.join("kubernetes-INDEX.md")).expect("the index can be read");
        // `- group/version Kind (Namespaced) [Ss] …`: s is served, D deprecated.
        let served = index.lines().filter_map(|line| {
            let (kind, rest) = line.strip_prefix("- ")?.split_once(" (")?;
            let flags = rest.split_once('[')?.1.split_once(']')?.0;
            (flags.contains('s') && !flags.contains('D')).then(|| kind.to_owned())
        });
        CustomKinds {
            folder: folder.join("kubernetes"),
            served: served.collect(),
            compiled: RefCell::default(),
        }
    }

    /// What is wrong with an object.
    pub(super) fn faults(&self, api: &str, kind: &str, object: &Value) -> Vec<String> {
        if !self.served.contains(&format!("{api} {kind}")) {
            return vec![format!("{api} {kind} is not known, or not served, or deprecated")];
        }
        let judge = self.judge(api, kind);
        let object = &defaulted(&judge.defaults, object);
        let shape =
            judge.shape.iter_errors(object).map(|error| format!("{}: {error}", error.instance_path()));
        let mut faults: Vec<String> = shape.collect();
        if let Err(broken) = validate_compiled(&judge.rules, object, None) {
            faults.extend(broken.as_slice().iter().map(|error| format!("{} (rule `{}`)", error, error.rule)));
        }
        faults
    }

    fn judge(&self, api: &str, kind: &str) -> Rc<Judge> {
        let (group, version) = api.split_once('/').expect("a custom kind has a group");
        let path = self.folder.join(group).join(format!("{}_{version}.json", kind.to_lowercase()));
        if let Some(judge) = self.compiled.borrow().get(&path) {
            return judge.clone();
        }
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
        let (rules, defaults) = (compile_schema(&schema), schema.clone());
        strict(&mut schema);
        root(&mut schema);
        let shape = jsonschema::options().with_draft(Draft::Draft4).build(&schema);
        let shape = shape.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let judge = Rc::new(Judge { defaults, shape, rules });
        self.compiled.borrow_mut().insert(path, judge.clone());
        judge
    }
}

/// As a server does: what has a default need not be written, and what a default holds has defaults in turn.
fn defaulted(schema: &Value, object: &Value) -> Value {
    let mut before = object.clone();
    loop {
        let after = apply_defaults(schema, &before);
        if after == before {
            return after;
        }
        before = after;
    }
}

/// Every object has these, and no schema need say so.
fn root(schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, shape) in
        [("apiVersion", "string"), ("kind", "string"), ("metadata", "object"), ("status", "object")]
    {
        properties.insert(name.to_owned(), json!({ "type": shape }));
    }
}

/// Says in JSON Schema what a definition means: fields that are not named are refused, `x-kubernetes-int-or-string`
/// and `nullable` are types, and what is no expression of ECMA 262 is left to the server.
fn strict(schema: &mut Value) {
    let mut open = vec![schema];
    while let Some(Value::Object(node)) = open.pop() {
        let keeps = flag(node, "x-kubernetes-preserve-unknown-fields");
        let closed = node.contains_key("properties") && !node.contains_key("additionalProperties");
        if closed && !keeps && !flag(node, "x-kubernetes-embedded-resource") {
            node.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        if flag(node, "x-kubernetes-int-or-string") {
            node.insert("type".to_owned(), json!(["integer", "string"]));
        }
        if flag(node, "nullable")
            && let Some(shape) = node.get("type").and_then(Value::as_str)
        {
            node.insert("type".to_owned(), json!([shape, "null"]));
        }
        if node.get("pattern").and_then(Value::as_str).is_some_and(|pattern| pattern.contains("(?")) {
            node.remove("pattern");
        }
        for (key, value) in node.iter_mut() {
            match (key.as_str(), value) {
                ("properties" | "patternProperties", Value::Object(properties)) => {
                    open.extend(properties.values_mut());
                }
                ("items" | "additionalProperties", value @ Value::Object(_)) => open.push(value),
                _ => {}
            }
        }
    }
}

fn flag(node: &Map<String, Value>, name: &str) -> bool {
    node.get(name).and_then(Value::as_bool).unwrap_or(false)
}
