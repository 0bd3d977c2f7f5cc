//! A data contract in the words of the Open Data Contract Standard 3.1.0 (bitol-io/open-data-contract-standard,
//! `schema/odcs-json-schema-v3.1.0.json`, read 2026-11-21). What the standard has no word for stands in its
//! `customProperties`.

use std::fmt::Display;

use purlin_core::Resource;
use purlin_core::emit::tape::{List, Map};
use purlin_core::emit::{Sound, Tape};
use purlin_schema::kinds::contracts::{
    ContractField, ContractSchema, DataContract, DataType, Personal, QualityCheck, QualityKind,
};
use purlin_schema::kinds::organisation::Team;
use purlin_schema::view::{ChoiceType, Rows};
use purlin_schema::{Value, View};

/// One contract.
pub(super) fn write(
    tape: &mut Tape,
    sound: &Sound<'_>,
    resource: &Resource,
    contract: View<'_, DataContract>,
) {
    tape.comment(&resource.address());
    tape.map(|t| {
        t.set("apiVersion", "v3.1.0");
        t.set("kind", "DataContract");
        t.set("id", resource.address());
        t.set("name", resource.name);
        if let Some(version) = contract.version().get() {
            t.set("version", version.as_str()).from(contract.version().span());
        }
        let status = contract.status().get().map_or("active", ChoiceType::word);
        t.set("status", status).from(contract.status().span());
        t.map("description", |t| {
            t.field("purpose", contract.description());
            let purposes: Vec<&str> = contract.purpose().values().collect();
            t.maybe("usage", (!purposes.is_empty()).then(|| purposes.join(", ")));
        })
        .unless_empty();
        t.list("schema", |t| {
            for schema in contract.schema().iter() {
                table(t, schema);
            }
        });
        t.list("slaProperties", |t| promises(t, contract)).unless_empty();
        if let Ok((_, team)) = sound.ask.get::<Team>(contract.owner()) {
            t.map("team", |t| {
                t.maybe("name", contract.owner().get().map(|team| team.name));
                t.maybe("description", team.contact().get());
            });
        }
        t.list("customProperties", |t| own(t, contract)).unless_empty();
    });
}

fn table(t: &mut List<'_>, schema: View<'_, ContractSchema>) {
    t.map(|t| {
        t.field("name", schema.name());
        t.field("physicalName", schema.physical_name());
        t.set("logicalType", "object");
        t.list("properties", |t| {
            let mut key = 0_u64;
            for field in schema.field_().iter() {
                property(t, field, &mut key);
            }
        })
        .unless_empty();
        t.list("quality", |t| checks(t, schema.quality(), &|_| true)).unless_empty();
    })
    .from(schema.span());
}

fn property(t: &mut List<'_>, field: View<'_, ContractField>, key: &mut u64) {
    let kind = field.r#type().get().unwrap_or(DataType::String);
    t.map(|t| {
        t.field("name", field.name());
        t.set("logicalType", logical(kind)).from(field.r#type().span());
        if let (DataType::Decimal, Some(precision)) = (kind, field.precision().get()) {
            let scale = field.scale().get().unwrap_or(0);
            t.set("physicalType", format_args!("decimal({precision},{scale})"));
        }
        t.map("logicalTypeOptions", |t| bounds(t, field, kind)).unless_empty();
        if kind == DataType::Vector {
            t.map("items", |t| {
                t.set("logicalType", "number");
            });
        }
        if field.primary_key().get() == Some(true) {
            *key += 1;
            t.set("primaryKey", true);
            t.set("primaryKeyPosition", *key);
        }
        t.field("required", field.required());
        t.field("unique", field.unique());
        t.maybe("classification", field.classification().get().map(ChoiceType::word));
        t.field("description", field.description());
        t.list("quality", |t| checks(t, field.quality(), &|kind_of| !in_type(kind_of, kind))).unless_empty();
        if let Some(personal) = field.personal().get().filter(|personal| *personal != Personal::None) {
            t.list("customProperties", |t| custom(t, "personal", personal.word()));
        }
    })
    .from(field.span());
}

fn logical(kind: DataType) -> &'static str {
    match kind {
        DataType::String => "string",
        DataType::Integer => "integer",
        DataType::Number | DataType::Decimal => "number",
        DataType::Boolean => "boolean",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::Timestamp => "timestamp",
        DataType::Vector | DataType::Array => "array",
        DataType::Object => "object",
    }
}

/// Whether the standard says such a check as an option of the field's type.
fn in_type(check: QualityKind, kind: DataType) -> bool {
    match check {
        QualityKind::Range => matches!(kind, DataType::Integer | DataType::Number | DataType::Decimal),
        QualityKind::Length => kind == DataType::String,
        _ => false,
    }
}

fn bounds(t: &mut Map<'_>, field: View<'_, ContractField>, kind: DataType) {
    for check in field.quality().iter() {
        match check.variant().get() {
            Some(QualityKind::Range) if in_type(QualityKind::Range, kind) => {
                t.field("minimum", check.min());
                t.field("maximum", check.max());
            }
            Some(QualityKind::Length) if in_type(QualityKind::Length, kind) => {
                // The standard counts characters in whole numbers.
                t.maybe("minLength", check.min().get().map(|least| least.ceil().max(0.0) as u64));
                t.maybe("maxLength", check.max().get().map(|most| most.floor().max(0.0) as u64));
            }
            _ => {}
        }
    }
    if let (DataType::Vector, Some(dimensions)) = (kind, field.dimensions().get()) {
        t.set("minItems", dimensions);
        t.set("maxItems", dimensions);
    }
}

fn checks(t: &mut List<'_>, checks: Rows<'_, QualityCheck>, wanted: &dyn Fn(QualityKind) -> bool) {
    for check in checks.iter() {
        let Some(kind) = check.variant().get().filter(|kind| wanted(*kind)) else { continue };
        t.map(|t| {
            t.field("name", check.name());
            quality(t, check, kind);
        })
        .from(check.span());
    }
}

/// A check by the standard's own metric where it has one, else in words.
fn quality(t: &mut Map<'_>, check: View<'_, QualityCheck>, kind: QualityKind) {
    let (least, most) = (check.min().get(), check.max().get());
    match kind {
        QualityKind::ValidValues | QualityKind::AcceptedValues => {
            t.set("type", "library");
            t.set("metric", "invalidValues");
            t.map("arguments", |t| {
                t.list("validValues", |t| {
                    for value in check.values().values() {
                        item(t, value);
                    }
                });
            });
            t.set("mustBe", 0_u64);
        }
        QualityKind::RowCount if least.is_some() || most.is_some() => {
            t.set("type", "library");
            t.set("metric", "rowCount");
            within(t, least, most);
            if let Some(span) = check.per().get() {
                t.list("customProperties", |t| custom(t, "per", span.word()));
            }
        }
        QualityKind::Sql if least.is_some() || most.is_some() => {
            t.set("type", "sql");
            t.maybe("query", check.query().get().map(|query| query.replace("{table}", "${table}")));
            within(t, least, most);
        }
        other => {
            t.set("type", "text");
            let bound = |word: &str, value: Option<f64>| {
                value.map_or(String::new(), |value| format!(" {word} {value}"))
            };
            let (least, most) = (bound("at least", least), bound("at most", most));
            t.set("description", format_args!("{}{least}{most}", other.word()));
        }
    }
}

/// Exactly one of the standard's operators.
fn within(t: &mut Map<'_>, least: Option<f64>, most: Option<f64>) {
    match (least, most) {
        (Some(least), Some(most)) if least < most => _ = t.items("mustBeBetween", [least, most]),
        (Some(value), Some(_)) => _ = t.set("mustBe", value),
        (Some(least), None) => _ = t.set("mustBeGreaterOrEqualTo", least),
        (None, Some(most)) => _ = t.set("mustBeLessOrEqualTo", most),
        (None, None) => {}
    }
}

fn item(t: &mut List<'_>, value: &Value) {
    match value {
        Value::Bool(value) => _ = t.item(*value),
        Value::Integer(value) => _ = t.item(*value),
        Value::Number(value) => _ = t.item(*value),
        Value::Text(value) => _ = t.item(value),
        Value::Quantity(value) => _ = t.item(format_args!("{value}")),
        Value::Reference(reference) => _ = t.item(reference.name),
        _ => {}
    }
}

fn promises(t: &mut List<'_>, contract: View<'_, DataContract>) {
    if let Some(freshness) = contract.freshness().get() {
        promise(t, "latency", freshness.max_lag().get());
        promise(t, "freshness", freshness.max_age().get());
    }
    if let Some(retention) = contract.retention().get() {
        promise(t, "retention", Some(retention));
    }
    if let Some(share) = contract.availability().get() {
        t.map(|t| {
            t.set("property", "availability");
            t.set("value", share.percent());
            t.set("unit", "percent");
        });
    }
}

/// An amount of time as a number and its unit; as text where it has several units.
fn promise(t: &mut List<'_>, property: &str, time: Option<impl Display>) {
    let Some(time) = time.map(|time| time.to_string()) else { return };
    let unit = time.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(time.len());
    t.map(|t| {
        t.set("property", property);
        let (number, unit) = time.split_at(unit);
        match number.parse::<u64>() {
            Ok(number) if unit.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                t.set("value", number);
                t.set("unit", unit);
            }
            _ => _ = t.set("value", &time),
        }
    });
}

/// What the standard has no word for.
fn own(t: &mut List<'_>, contract: View<'_, DataContract>) {
    if let Some(compatibility) = contract.compatibility().get() {
        custom(t, "compatibility", compatibility.word());
    }
    let residency: Vec<&str> = contract.residency().values().collect();
    if !residency.is_empty() {
        t.map(|t| {
            t.set("property", "residency");
            t.items("value", residency);
        });
    }
    if let Some(license) = contract.license().get() {
        custom(t, "license", license);
    }
    for basis in contract.legal_basis().iter() {
        t.map(|t| {
            t.set("property", "legalBasis");
            t.map("value", |t| {
                t.maybe("basis", basis.basis().get().map(ChoiceType::word));
                t.field("for", basis.r#for());
                t.field("article", basis.article());
                t.field("reference", basis.reference());
            });
        });
    }
    for category in contract.special_category().iter() {
        t.map(|t| {
            t.set("property", "specialCategory");
            t.map("value", |t| {
                t.field("field", category.field_());
                t.maybe("condition", category.condition().get().map(ChoiceType::word));
            });
        });
    }
    if let Some(erasure) = contract.erasure().get() {
        t.map(|t| {
            t.set("property", "erasure");
            t.map("value", |t| {
                t.field("key", erasure.key());
                t.maybe("within", erasure.within().get().map(|within| within.to_string()));
            });
        });
    }
    if contract.synthetic().get() == Some(true) {
        t.map(|t| {
            t.set("property", "synthetic");
            t.set("value", true);
        });
    }
}

fn custom(t: &mut List<'_>, property: &str, value: &str) {
    t.map(|t| {
        t.set("property", property);
        t.set("value", value);
    });
}
