//! `XGBoost`: the parameters of the spec as JSON, in its own words.

use purlin_core::emit::tape::{Map, Null};
use purlin_core::emit::{Format, Tape};
use purlin_schema::Value;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::value::{Element, Entry};

use super::work::Work;
use super::{Config, Content};

/// The file that the image's program reads: the parameters as `xgboost.train` takes them.
const FILE: &str = "xgboost.json";

/// Parameters of `XGBoost` hold maps of one level; a spec's may hold as many as it likes.
const DEEPEST: usize = 16;

pub(super) fn training(mut job: Work<'_, '_, TrainingJob>) -> Config {
    let mut tape = Tape::default();
    let parameters = job.said.parameters();
    let mut whole = true;
    tape.map(|t| {
        whole = entries(t, parameters, DEEPEST);
        let named = |name: &str| parameters.iter().any(|entry| entry.key.as_str() == name);
        if let Some(seed) = job.said.seed().get().filter(|_| !named("seed") && !named("random_state")) {
            t.set("seed", seed).from(job.said.seed().span());
        }
    });
    job.loss_if(!whole, "parameters", "maps in more than sixteen maps are left out");
    for entry in parameters.iter().filter(|entry| matches!(entry.value, Value::Deferred | Value::Unknown)) {
        job.loss("parameters", format!("`{}` is not known before it is applied", entry.key));
    }
    let learns = job.read.data().iter().any(|used| !used.exclude().is_absent() || !used.split().is_absent());
    job.loss_if(learns, "data", "`split` and `exclude` are the work of the image's own loader");
    job.loss_if(!job.read.calibrate().is_absent(), "calibrate", "XGBoost does not calibrate: the image does");
    job.into_config(vec![(FILE.to_owned(), Content::Tape(Format::Json, tape))], Vec::new())
}

/// Writes a map, and says whether all of it was written: maps in more maps than `left` are left out.
fn entries(t: &mut Map<'_>, entries: &[Entry], left: usize) -> bool {
    let mut whole = true;
    for entry in entries {
        let key = entry.key.as_str();
        let last = match &entry.value {
            Value::Bool(value) => t.set(key, *value),
            Value::Integer(value) => t.set(key, *value),
            Value::Number(value) => t.set(key, *value),
            Value::Text(value) => t.set(key, value),
            Value::Quantity(value) => t.set(key, format_args!("{value}")),
            Value::Reference(reference) => t.set(key, reference.name),
            Value::List(elements) => t.list(key, |t| list(t, elements)),
            Value::Map(inner) if left > 0 => t.map(key, |t| whole &= self::entries(t, inner, left - 1)),
            Value::Map(_) => {
                whole = false;
                continue;
            }
            Value::Hole => t.set(key, Null),
            _ => continue,
        };
        last.from(entry.span);
    }
    whole
}

fn list(t: &mut purlin_core::emit::tape::List<'_>, elements: &[Element]) {
    for element in elements {
        let last = match &element.value {
            Value::Bool(value) => t.item(*value),
            Value::Integer(value) => t.item(*value),
            Value::Number(value) => t.item(*value),
            Value::Text(value) => t.item(value),
            Value::Quantity(value) => t.item(format_args!("{value}")),
            Value::Reference(reference) => t.item(reference.name),
            _ => continue,
        };
        last.from(element.span);
    }
}
