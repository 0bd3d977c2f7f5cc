//! What an API server asks of every object's `metadata`, and no schema says: names, label keys, label values.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};

use super::core_kinds::lost;

pub(super) fn faults(object: &Value) -> Vec<String> {
    let metadata = &object["metadata"];
    let mut faults: Vec<String> = match serde_json::from_value::<ObjectMeta>(metadata.clone()) {
        Err(error) => return vec![format!("metadata: {error}")],
        Ok(typed) => {
            let again = serde_json::to_value(typed).expect("metadata can be written");
            lost(metadata, &again).into_iter().map(|fault| format!("metadata{fault}")).collect()
        }
    };
    let name = metadata["name"].as_str().unwrap_or_default();
    if !is_subdomain(name) {
        faults.push(format!("metadata.name: `{name}` is no name"));
    }
    if let Some(namespace) = metadata["namespace"].as_str()
        && (namespace.len() > 63 || namespace.contains('.') || !is_subdomain(namespace))
    {
        faults.push(format!("metadata.namespace: `{namespace}` is no name"));
    }
    walk(object, &mut faults);
    faults
}

/// Labels and annotations wherever they stand: templates of pods have them too.
fn walk(object: &Value, faults: &mut Vec<String>) {
    let mut open = vec![object];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), value) {
                        ("metadata", Value::Object(metadata)) => check(metadata, faults),
                        ("matchLabels" | "nodeSelector", Value::Object(labels)) => {
                            check_labels(labels, faults);
                        }
                        _ => open.push(value),
                    }
                }
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
}

fn check(metadata: &Map<String, Value>, faults: &mut Vec<String>) {
    if let Some(labels) = metadata.get("labels").and_then(Value::as_object) {
        check_labels(labels, faults);
    }
    for (key, value) in metadata.get("annotations").and_then(Value::as_object).into_iter().flatten() {
        if !is_key(key) || !value.is_string() {
            faults.push(format!("annotation `{key}`: {value} is refused"));
        }
    }
}

fn check_labels(labels: &Map<String, Value>, faults: &mut Vec<String>) {
    for (key, value) in labels {
        if !is_key(key) || !value.as_str().is_some_and(|value| value.is_empty() || is_label(value)) {
            faults.push(format!("label `{key}`: {value} is refused"));
        }
    }
}

/// RFC 1123, lower case, with dots: at most 253 characters.
fn is_subdomain(name: &str) -> bool {
    let part = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !part.is_empty() && part.chars().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(part)
}

/// `name` or `domain/name`.
fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => is_subdomain(domain) && is_label(name),
        None => is_label(key),
    }
}

/// At most 63 characters, letters and digits at the ends.
fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63 && text.chars().all(inner) && end(text.chars().next()) && end(text.chars().last())
}
