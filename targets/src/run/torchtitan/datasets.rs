//! The datasets of a run, registered in torchtitan: it finds data by names in a table of its own, which holds `c4` alone.
//!
//! A Python module beside the configuration puts the run's datasets into that table (`experimental.custom_import`, since
//! 0.2.0). Text is what the dataset's contract calls so: a field `text`, or `prompt` and `completion` one after the other.

use std::fmt::Write as _;

use purlin_core::compose::BUCKET;
use purlin_schema::kinds::contracts::{ContractField, DataContract, DataType};
use purlin_schema::kinds::data::{Dataset, DatasetFormat, Split};
use purlin_schema::kinds::organisation::Platform;
use purlin_schema::kinds::parts::{DataUse, Exclude};
use purlin_schema::kinds::stores::{Storage, StorageEngine, StorageType};
use purlin_schema::{Field, Reference, View};

use super::Job;

/// The module's name, as Python imports it.
pub(super) const MODULE: &str = "purlin_datasets";

/// Ten thousandths of a split, over which the digests of its values are spread.
const WHOLE: f64 = 10_000.0;

/// One dataset as the module registers it.
pub(super) struct Registered {
    /// The name by which the configuration calls it: torchtitan compares in lower case.
    pub(super) name: String,
    path: String,
    /// What `datasets.load_dataset` calls the format, and the files' pattern.
    format: (&'static str, &'static str),
    fields: Vec<String>,
    part: Option<Part>,
}

/// The rows of a part of a split: those whose value has a digest from `low` to below `high`.
struct Part {
    by: String,
    low: u64,
    high: u64,
}

/// A dataset that a run reads; `None`, and a loss, where the module cannot say how it is read.
pub(super) fn of(
    job: &mut Job<'_, '_>,
    at: &str,
    reference: Field<Reference>,
    split: Option<&str>,
    exclude: Option<View<'_, Exclude>>,
) -> Option<Registered> {
    let name = reference.get()?.name.as_str().to_lowercase();
    let (_, dataset) = job.sound.ask.get::<Dataset>(reference).ok()?;
    let Some(format) = format(dataset) else {
        job.loss(at, format!("`{name}` is registered by the image: it is no Parquet, JSON, CSV or Arrow"));
        return None;
    };
    let Some(path) = path(job, dataset) else {
        job.loss(at, format!("`{name}` is registered by the image: where it lies is not known"));
        return None;
    };
    let contract = job.sound.ask.get::<DataContract>(dataset.contract()).ok().map(|(_, contract)| contract);
    let fields = contract.map(texts).unwrap_or_default();
    if fields.is_empty() {
        let reason = "its contract has no field `text`, and none `prompt` with `completion`";
        job.loss(at, format!("`{name}` is registered by the image: {reason}"));
        return None;
    }
    for field in &fields {
        let left_out = exclude.is_some_and(|exclude| excluded(exclude, *field));
        let field = field.name().get().unwrap_or_default();
        job.loss_if(left_out, at, &format!("the text of `{name}` is in `{field}`, which is to be left out"));
    }
    let part = match split {
        None => None,
        Some(split) => match dataset.split().get().and_then(|of| part(of, split)) {
            Some(part) => Some(part),
            None => {
                job.loss(
                    at,
                    format!("`{name}` is registered by the image: `{split}` is no share by a field"),
                );
                return None;
            }
        },
    };
    let name = split.map_or(name.clone(), |split| format!("{name}-{}", split.to_lowercase()));
    let fields = fields.iter().filter_map(|field| field.name().get()).map(str::to_owned).collect();
    Some(Registered { name, path, format, fields, part })
}

fn format(dataset: View<'_, Dataset>) -> Option<(&'static str, &'static str)> {
    match dataset.format().get()? {
        DatasetFormat::Parquet => Some(("parquet", "**/*.parquet")),
        DatasetFormat::Jsonl => Some(("json", "**/*.jsonl")),
        DatasetFormat::Csv => Some(("csv", "**/*.csv")),
        DatasetFormat::Arrow => Some(("arrow", "**/*.arrow")),
        _ => None,
    }
}

/// Its folder in a container, or its address in an object storage of AWS or of Google.
fn path(job: &mut Job<'_, '_>, dataset: View<'_, Dataset>) -> Option<String> {
    let location = dataset.location().get()?;
    if let Some(folder) = job.folder(location) {
        return Some(folder);
    }
    let (id, storage) = job.sound.ask.get::<Storage>(location.storage()).ok()?;
    let is_object = storage.r#type().get().is_none_or(|kind| kind == StorageType::Object);
    let (scheme, package) = match storage.engine().get() {
        _ if !is_object => return None,
        None | Some(StorageEngine::S3) => ("s3", "s3fs"),
        Some(StorageEngine::Gcs) => ("gs", "gcsfs"),
        Some(_) => return None,
    };
    let bucket = match storage.bucket().get() {
        Some(bucket) => bucket.to_owned(),
        None if !storage.existing().is_empty() => return None,
        None => {
            let graph = job.sound.graph();
            let platforms = job.sound.ask.all::<Platform>();
            let platform = platforms.first().and_then(|(id, _)| graph.get(*id));
            BUCKET.join(&[
                platform.map_or("", |platform| platform.name.as_str()),
                job.sound.environment(graph.get(id)?),
                graph.get(id)?.name.as_str(),
            ])
        }
    };
    job.loss("image", format!("data is read from `{scheme}://`: the image needs the package `{package}`"));
    Some(format!("{scheme}://{bucket}/{}", location.path().get().unwrap_or("")))
}

/// The fields that are learned, in their order.
fn texts(contract: View<'_, DataContract>) -> Vec<View<'_, ContractField>> {
    let schemas: Vec<_> = contract.schema().iter().collect();
    let [schema] = &schemas[..] else { return Vec::new() };
    let field = |name: &str| {
        let is_text = |field: &View<'_, ContractField>| {
            field.name().get() == Some(name) && field.r#type().get() == Some(DataType::String)
        };
        schema.field_().iter().find(is_text)
    };
    match (field("text"), field("prompt"), field("completion")) {
        (Some(text), _, _) => vec![text],
        (None, Some(prompt), Some(completion)) => vec![prompt, completion],
        _ => Vec::new(),
    }
}

fn excluded(exclude: View<'_, Exclude>, field: View<'_, ContractField>) -> bool {
    exclude.fields().values().any(|name| field.name().get() == Some(name))
        || exclude.personal().values().any(|class| field.personal().get() == Some(class))
}

fn part(split: View<'_, Split>, name: &str) -> Option<Part> {
    let by = split.by().get()?.to_owned();
    let mut low = 0.0;
    for part in split.part().iter() {
        let high = low + part.share().get()?.0;
        if part.name().get() == Some(name) {
            let edge = |share: f64| (share * WHOLE).round() as u64;
            return Some(Part { by, low: edge(low), high: edge(high) });
        }
        low = high;
    }
    None
}

/// What a use of a dataset says of its part.
pub(super) fn used(used: View<'_, DataUse>) -> (Option<&str>, Option<View<'_, Exclude>>) {
    let used = View::<DataUse>::of(used.record());
    (used.split().get(), used.exclude().get())
}

/// The module.
pub(super) fn module(address: &str, all: &[Registered]) -> String {
    let mut text = format!("# {address}\n{PRELUDE}");
    for dataset in all {
        let Registered { name, path, format: (kind, pattern), fields, part } = dataset;
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        let part = part.as_ref().map_or_else(
            || "None".to_owned(),
            |part| format!("({}, {}, {})", quoted(&part.by), part.low, part.high),
        );
        // Writing to a `String` has no error of its own.
        let _ = write!(
            text,
            "\nDATASETS[{}] = DatasetConfig(\n    {},\n    partial(load, kind={}, pattern={}, part={part}),\n    \
             partial(join, fields=[{}]),\n)\n",
            quoted(name),
            quoted(path),
            quoted(kind),
            quoted(pattern),
            fields.join(", ")
        );
    }
    text
}

/// How files are read, how a part of a split is told, and what of a row is text.
const PRELUDE: &str = r#""""Registers the datasets of this run in torchtitan, which finds data by names in a table."""

import hashlib
from functools import partial

from datasets import load_dataset

try:
    from torchtitan.hf_datasets import DatasetConfig
    from torchtitan.hf_datasets.text_datasets import DATASETS
except ImportError:  # torchtitan 0.2.0
    from torchtitan.datasets import DatasetConfig
    from torchtitan.datasets.hf_datasets import DATASETS


def load(path, kind, pattern, part):
    files = f"{path.rstrip('/')}/{pattern}"
    rows = load_dataset(kind, data_files=files, split="train", streaming=True)
    return rows if part is None else rows.filter(partial(is_in, part=part))


def is_in(row, part):
    """Rows with the same value are in the same part: the first 8 bytes of its SHA-256, modulo 10,000, decide."""
    by, low, high = part
    digest = hashlib.sha256(str(row[by]).encode()).digest()
    return low <= int.from_bytes(digest[:8], "big") % 10_000 < high


def join(row, fields):
    return "\n".join(row[field] for field in fields)

"#;

/// A string of Python. JSON's escapes are Python's, too.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => _ = write!(out, "\\x{:02x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_string_holds_whatever_it_is_given() {
        assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\c\x0ad""#);
    }
}
