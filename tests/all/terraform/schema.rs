//! Provider schemas: from the compact JSON of `../shared/schemas/terraform` to the messages of the protocol.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::protocol::{Attribute, Block, NestedBlock, Nesting, Object, Schema, Schemas};

/// Reads the schemas of one provider, out of one file or several.
pub(super) fn read(paths: &[PathBuf]) -> Schemas {
    let mut schemas = Schemas::default();
    for path in paths {
        add(path, &mut schemas);
    }
    schemas
}

fn add(path: &Path, schemas: &mut Schemas) {
    let text = std::fs::read_to_string(path).expect("a schema can be read");
    let all: Map<String, Value> = serde_json::from_str(&text).expect("a schema is JSON");
    // Providers that never knew the old protocol have nested attributes where others have blocks in attributes.
    let nested = path.file_stem().is_some_and(|name| name == "helm" || name == "awscc");
    for (name, attributes) in &all {
        let Some(attributes) = attributes.as_object() else { continue };
        let schema = Schema { version: 0, block: Some(block(attributes, nested)) };
        match name.strip_prefix("data.") {
            _ if name.starts_with('_') => {}
            _ if name == "provider" => schemas.provider = Some(schema),
            Some(name) => drop(schemas.data_sources.insert(name.to_owned(), schema)),
            None => drop(schemas.resources.insert(name.clone(), schema)),
        }
    }
}

fn block(attributes: &Map<String, Value>, nested: bool) -> Block {
    let mut block = Block::default();
    for (name, entry) in attributes.iter().filter(|(name, _)| !name.starts_with('_')) {
        match inner(entry) {
            Some(inner) if !nested && !flag(inner, "as_attribute") => {
                block.blocks.push(nested_block(name, inner));
            }
            _ => block.attributes.push(attribute(name, entry, nested)),
        }
    }
    block
}

fn nested_block(name: &str, inner: &Value) -> NestedBlock {
    let many = matches!(inner["nesting"].as_str(), Some("list" | "set"));
    let limit = |key: &str| inner[key].as_i64().filter(|_| many).unwrap_or(0);
    NestedBlock {
        name: name.to_owned(),
        block: Some(block(attributes_of(inner), false)),
        nesting: nesting(inner).into(),
        min_items: limit("min"),
        max_items: limit("max"),
    }
}

fn attribute(name: &str, entry: &Value, nested: bool) -> Attribute {
    let required = flag(entry, "required");
    let (optional, computed) = (flag(entry, "optional") && !required, flag(entry, "computed") && !required);
    let object = inner(entry).filter(|_| nested && (optional || required || !computed));
    Attribute {
        name: name.to_owned(),
        r#type: if object.is_some() { Vec::new() } else { cty(entry).to_string().into_bytes() },
        nested: object.map(|inner| Object {
            attributes: block(attributes_of(inner), true).attributes,
            nesting: nesting(inner).into(),
        }),
        required,
        optional,
        computed,
        sensitive: flag(entry, "sensitive"),
        write_only: flag(entry, "write_only"),
    }
}

/// The type of an attribute as cty writes it in JSON.
fn cty(entry: &Value) -> Value {
    let Some(inner) = inner(entry) else { return entry["type"].clone() };
    let fields = attributes_of(inner).iter().filter(|(name, _)| !name.starts_with('_'));
    let object =
        json!(["object", fields.map(|(name, entry)| (name.clone(), cty(entry))).collect::<Map<_, _>>()]);
    match inner["nesting"].as_str() {
        Some(collection @ ("list" | "set" | "map")) => json!([collection, object]),
        _ => object,
    }
}

fn nesting(inner: &Value) -> Nesting {
    match inner["nesting"].as_str() {
        Some("list") => Nesting::List,
        Some("set") => Nesting::Set,
        Some("map") => Nesting::Map,
        Some("single") => Nesting::Single,
        _ => Nesting::Invalid,
    }
}

fn inner(entry: &Value) -> Option<&Value> {
    entry.get("block")
}

fn attributes_of(inner: &Value) -> &Map<String, Value> {
    inner["attrs"].as_object().expect("a block has attributes")
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}
