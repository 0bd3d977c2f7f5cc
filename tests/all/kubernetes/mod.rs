//! Kubernetes objects of the examples against the schemas of an API server: read back by a strict parser, every field
//! known, every value of its type, the rules in CEL kept.
//!
//! Custom kinds are judged by the schemas in `../shared/schemas/kubernetes`; core kinds by the types of `k8s-openapi`,
//! through which an object has to pass unchanged.

mod core_kinds;
mod custom_kinds;
mod metadata;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::examples::{Emitted, emitted, shared, skipped};
use custom_kinds::CustomKinds;

/// Every object of an environment, with the file it stands in.
fn objects(environment: &Emitted) -> Vec<(&str, Value)> {
    let files = environment.of("kubernetes").filter(|file| file.path.ends_with(".yaml"));
    files
        .flat_map(|file| documents(&file.text).into_iter().map(|object| (file.path.as_str(), object)))
        .collect()
}

/// The documents of a YAML file. Duplicate keys and indentation that another parser might read otherwise are refused.
#[track_caller]
fn documents(text: &str) -> Vec<Value> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
    };
    serde_saphyr::from_multiple_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What is wrong with an object, a line each.
fn faults(object: &Value, custom: Option<&CustomKinds>) -> Vec<String> {
    let (Some(api), Some(kind)) = (object["apiVersion"].as_str(), object["kind"].as_str()) else {
        return vec!["has no apiVersion or no kind".to_owned()];
    };
    if api.starts_with("kustomize.config.k8s.io/") {
        return Vec::new();
    }
    let mut faults = metadata::faults(object);
    match (core_kinds::faults(api, kind, object), custom) {
        (Some(found), _) => faults.extend(found),
        (None, Some(custom)) => faults.extend(custom.faults(api, kind, object)),
        (None, None) => {}
    }
    faults
}

/// Names an object in a message.
fn name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!("{}/{} {}", text(&object["apiVersion"]), text(&object["kind"]), text(&object["metadata"]["name"]))
}

fn custom_kinds() -> Option<CustomKinds> {
    let folder = shared("schemas");
    if folder.is_none() {
        skipped("../shared/schemas/kubernetes");
    }
    folder.map(|folder| CustomKinds::open(&folder))
}

#[track_caller]
fn check(project: &str) {
    let custom = custom_kinds();
    let mut wrong = Vec::new();
    let mut count = 0;
    for environment in emitted(project) {
        let objects = objects(environment);
        count += objects.len();
        for (path, object) in &objects {
            let of = |fault| format!("{} {path} {}: {fault}", environment.environment, name(object));
            wrong.extend(faults(object, custom.as_ref()).into_iter().map(of));
        }
        wrong.extend(twice(&objects));
        wrong.extend(unlisted(environment));
    }
    assert!(count > 0, "{project} emits no object");
    assert!(wrong.is_empty(), "{} faults in {count} objects:\n{}", wrong.len(), wrong.join("\n"));
}

/// Two objects of one kind and name in one cluster: the second would overwrite the first.
fn twice(objects: &[(&str, Value)]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (path, object) in objects.iter().filter(|(path, _)| !path.ends_with("kustomization.yaml")) {
        let cluster = path.split('/').nth(1).unwrap_or_default();
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        if !seen.insert((cluster, namespace.to_owned(), name(object))) {
            found.push(format!("{path} {namespace}: {} stands twice", name(object)));
        }
    }
    found
}

/// Files that `kustomization.yaml` beside them does not list, or lists and that are not there.
fn unlisted(environment: &Emitted) -> Vec<String> {
    let mut listed: BTreeSet<String> = BTreeSet::new();
    let mut written: BTreeMap<String, bool> = BTreeMap::new();
    for file in environment.of("kubernetes").filter(|file| file.path.ends_with(".yaml")) {
        let Some(folder) = file.path.strip_suffix("kustomization.yaml") else {
            written.insert(file.path.clone(), false);
            continue;
        };
        for document in documents(&file.text) {
            let resources = document["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
            listed.extend(resources.iter().filter_map(Value::as_str).map(|path| format!("{folder}{path}")));
        }
    }
    let files: BTreeSet<String> = written.into_keys().collect();
    files.symmetric_difference(&listed).map(|path| format!("{path} is written or listed, not both")).collect()
}

#[test]
fn the_api_knows_every_object_of_the_support_assistant() {
    check("support-assistant");
}

#[test]
fn the_api_knows_every_object_of_the_pretraining_run() {
    check("pretrain-405b");
}

#[test]
fn the_api_knows_every_object_of_the_credit_scoring_platform() {
    check("credit-scoring");
}

/// An object with one fault, which must be told.
#[track_caller]
fn refuses(yaml: &str, expect: &str) {
    let Some(custom) = custom_kinds() else { return };
    let found: Vec<String> =
        documents(yaml).iter().flat_map(|object| faults(object, Some(&custom))).collect();
    assert!(found.iter().any(|fault| fault.contains(expect)), "expected `{expect}` in {found:#?}");
}

#[track_caller]
fn accepts(yaml: &str) {
    let Some(custom) = custom_kinds() else { return };
    let found: Vec<String> =
        documents(yaml).iter().flat_map(|object| faults(object, Some(&custom))).collect();
    assert!(found.is_empty(), "{found:#?}");
}

const QUEUE: &str = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata:\n  name: q\nspec:\n";

#[test]
fn a_good_object_is_accepted() {
    accepts(&format!("{QUEUE}  namespaceSelector: {{}}\n  queueingStrategy: StrictFIFO\n"));
}

#[test]
fn an_unknown_field_of_a_custom_kind_is_refused() {
    refuses(&format!("{QUEUE}  queueingStratagy: StrictFIFO\n"), "queueingStratagy");
}

#[test]
fn a_value_outside_of_its_list_is_refused() {
    refuses(&format!("{QUEUE}  queueingStrategy: Random\n"), "/spec/queueingStrategy");
}

#[test]
fn a_rule_in_cel_is_kept() {
    let preemption = "  preemption:\n    reclaimWithinCohort: Never\n    borrowWithinCohort:\n      policy: LowerPriority\n";
    refuses(&format!("{QUEUE}{preemption}"), "reclaimWithinCohort");
}

#[test]
fn a_version_that_is_not_served_is_refused() {
    refuses(
        "apiVersion: kueue.x-k8s.io/v1alpha1\nkind: ClusterQueue\nmetadata:\n  name: q\n",
        "is not known",
    );
}

#[test]
fn an_unknown_field_of_a_core_kind_is_refused() {
    refuses(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  port:\n    - port: 80\n",
        "/spec/port",
    );
}

#[test]
fn a_wrong_type_in_a_core_kind_is_refused() {
    refuses(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n  replicas: many\n",
        "expected i32",
    );
}

#[test]
fn a_name_in_capitals_is_refused() {
    refuses("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Config\n", "metadata.name");
}

#[test]
fn a_label_that_is_too_long_is_refused() {
    let long = "a".repeat(64);
    refuses(
        &format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  labels:\n    l: {long}\n"),
        "label",
    );
}
