//! A saved plan: what was looked at when it was made, so that `apply` does exactly that or says what moved.

use std::collections::BTreeMap;
use std::path::Path;

use purlin_core::plan::digest::hex;
use purlin_core::plan::snapshot::digest;
use purlin_core::{Options, World as _};
use purlin_schema::units::Date;
use serde_json::{Map, Value, json};

use crate::commands::Failure;
use crate::planning::Planned;
use crate::project::{Project, day};
use crate::views::escape;

const FORMAT: u64 = 1;

/// A plan as it was saved.
pub(crate) struct Saved {
    body: Map<String, Value>,
}

/// Saves plans of the output folder.
pub(crate) fn write(
    path: &Path,
    project: &Project,
    plans: &[Planned],
    only: Option<&str>,
) -> Result<(), Failure> {
    let body = json!({
        "format": FORMAT,
        "tool": tool(),
        "environment": project.session.options.environment,
        "only": only,
        "as_of": project.session.options.as_of.map(|day| day.to_string()),
        "spec": spec(project)?,
        "environments": plans.iter().map(environment).collect::<Vec<_>>(),
    });
    let text = format!("{:#}\n", json!({ "checksum": checksum(&body), "purlin-plan": body }));
    std::fs::write(path, text)
        .map_err(|error| Failure(format!("{}: cannot be written: {error}", path.display())))
}

/// What a plan of one environment rests on, and what it leads to.
fn environment(planned: &Planned) -> Value {
    let actions: Vec<String> =
        planned.actions.iter().map(|action| format!("{} {}", action.verb.as_str(), action.address)).collect();
    json!({
        "name": planned.environment,
        "baseline": planned.held.digest.map(|digest| hex(&digest)),
        "result": digest(planned.manifest.print().as_bytes()),
        "approvals": planned.approvals().iter().map(|group| group.as_str()).collect::<Vec<_>>(),
        "actions": actions,
    })
}

impl Saved {
    /// Reads a plan back; what was not written by `plan --out` is refused.
    pub(crate) fn read(path: &Path) -> Result<Saved, Failure> {
        let failed = |reason: &str| Failure(format!("{}: {reason}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| failed(&format!("cannot be read: {error}")))?;
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|_| failed("is no plan"))?;
        let body = value.get_mut("purlin-plan").map(Value::take).ok_or_else(|| failed("is no plan"))?;
        if body.get("format").and_then(Value::as_u64).is_some_and(|format| format > FORMAT) {
            return Err(failed("was saved by a newer Purlin"));
        }
        if value.get("checksum").and_then(Value::as_str) != Some(&checksum(&body)) {
            return Err(failed("is damaged or was edited: plan again"));
        }
        match body {
            Value::Object(body) => Ok(Saved { body }),
            _ => Err(failed("is no plan")),
        }
    }

    /// What was asked for when it was made.
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        if self.text("tool") != Some(&tool()) {
            let other = self.text("tool").unwrap_or("another tool");
            return Err(Failure(format!("the plan was made by {other}, this is {}: plan again", tool())));
        }
        let as_of: Option<Date> = match self.text("as_of") {
            Some(text) => Some(day(text).map_err(Failure)?),
            None => None,
        };
        Ok(Options { environment: self.text("environment").map(str::to_owned), as_of, track: false })
    }

    /// The one environment that was planned of several, or what they share.
    pub(crate) fn only(&self) -> Option<&str> {
        self.text("only")
    }

    /// The spec is what it was.
    pub(crate) fn check_spec(&self, project: &Project) -> Result<(), Failure> {
        let now = spec(project)?;
        let none = Map::new();
        let then = self.body.get("spec").and_then(Value::as_object).unwrap_or(&none);
        let changed = now.iter().filter(|(path, sha)| then.get(*path).and_then(Value::as_str) != Some(sha));
        let mut moved: Vec<&str> = changed.map(|(path, _)| path.as_str()).collect();
        moved.extend(then.keys().filter(|path| !now.contains_key(*path)).map(String::as_str));
        match &moved[..] {
            [] => Ok(()),
            moved => {
                let moved = escape::line(&moved.join(", ")).into_owned();
                Err(Failure(format!(
                    "the spec has changed since it was planned ({moved}); nothing was changed, plan again"
                )))
            }
        }
    }

    /// Every environment stands where it stood, and leads to what was planned.
    pub(crate) fn check_plans(&self, plans: &[Planned]) -> Result<(), Failure> {
        let empty = Vec::new();
        let then = self.body.get("environments").and_then(Value::as_array).unwrap_or(&empty);
        if then.len() != plans.len() {
            return Err(Failure("the plan has other environments than the project; plan again".to_owned()));
        }
        for (then, planned) in then.iter().zip(plans) {
            let now = environment(planned);
            for (key, what) in [
                ("name", "the environment is another"),
                ("baseline", "it was changed by another apply since it was planned"),
                ("result", "the result is another than what was planned"),
            ] {
                if then.get(key) != now.get(key) {
                    let place = &planned.against;
                    return Err(Failure(format!("{place}: {what}; nothing was changed, plan again")));
                }
            }
        }
        Ok(())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key)?.as_str()
    }
}

fn tool() -> String {
    format!("purlin {}", env!("CARGO_PKG_VERSION"))
}

/// Digest of every spec file.
fn spec(project: &Project) -> Result<BTreeMap<String, String>, Failure> {
    let mut digests = BTreeMap::new();
    for path in project.world.files()? {
        let text = project.world.read(&path)?;
        digests.insert(path, digest(text.as_bytes()));
    }
    Ok(digests)
}

fn checksum(body: &Value) -> String {
    digest(body.to_string().as_bytes())
}
