//! The facts about each resource that a later plan needs of it: kept in the manifest, without spans or dates.

use std::borrow::Cow;
use std::collections::BTreeMap;

use purlin_schema::print::write_value;
use purlin_schema::{Record, Value};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::emit::{Emission, Part};
use crate::findings::Finding;
use crate::graph::{Graph, ResourceId};
use crate::plan::digest::{Half, hex};
use crate::plan::{duties, facts};
use crate::session::Session;

/// All resources of one environment, by address.
pub type Snapshot = BTreeMap<String, Facts>;

/// What is kept of one resource.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Digest of what is said of it in the spec.
    pub spec: Half,
    /// Digest of all that was emitted from it; nothing where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Half>,
    /// Whether it is owned by somebody else and only referred to.
    #[serde(default, skip_serializing_if = "is_false")]
    pub existing: bool,
    /// Nodes at least and at most (pools).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<(u64, u64)>,
    /// Replicas at least and at most (endpoints).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<(u64, u64)>,
    /// GPUs at most: of a pool, of one run, of all replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// How nodes are bought, where not on demand, and what was bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<String>,
    /// Money each month, at least and at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Box<Money>>,
    /// Whether its memory suffices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Box<Fit>>,
    /// Why it is not known what it needs: declared by a command of its own, or what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfit: Option<Cow<'static, str>>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Box<str>>,
    /// Classes of data in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Rules that have something to say of it, and how much it weighs: `error`, `warning`, `note`, `waived`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<String, String>,
    /// Verdicts on what the law asks of a system, by framework and control: `missing`. Since format 2 of the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub duties: BTreeMap<String, BTreeMap<String, String>>,
}

/// An amount of money each month, as an interval.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// At least, in hundredths of the currency's unit.
    pub low: u64,
    /// At most, in hundredths.
    pub high: u64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Whether the memory of one GPU suffices.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// `fits`, `too-close` or `does-not-fit`.
    pub verdict: String,
    /// What one GPU needs, in bytes, at least and at most.
    pub need: (u64, u64),
    /// What one GPU has, in bytes, at least and at most.
    pub have: (u64, u64),
    /// Of which GPU or slice: `h100-sxm5-80gb`.
    pub of: String,
    /// GPUs of one run or replica, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// Whole contexts that fit at once, at least and at most (endpoints of language models).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contexts: Option<(u64, u64)>,
}

/// The facts of one environment before it is known what is emitted: can be found beside the emission.
#[derive(Default, Debug)]
pub struct Known {
    rows: Vec<(ResourceId, String, Facts)>,
}

/// What is known of every resource of an environment (by its index), or of those of one part; without digests of what the
/// spec says where nothing will be compared.
pub fn known(
    session: &Session,
    environment: usize,
    findings: &[Finding],
    part: Part,
    digests: bool,
) -> Known {
    let Some(state) = session.environments().get(environment) else { return Known::default() };
    let ask = session.ask(&state.graph);
    let bill = facts::bill(&ask);
    let mut spec = SpecDigest::default();
    let mut resources = state.graph.sorted();
    if part != Part::Whole {
        resources.retain(|resource| resource.is_shared() == (part == Part::Shared));
    }
    let mut known = Known { rows: Vec::with_capacity(resources.len()) };
    for resource in resources {
        let mut facts = facts::of(&ask, resource);
        if digests {
            facts.spec = spec.of(&resource.record);
        }
        facts.monthly = bill.get(&resource.id).cloned().map(Box::new);
        facts.existing = resource.record.named("existing").is_some();
        known.rows.push((resource.id, resource.address(), facts));
    }
    let rows: FxHashMap<ResourceId, usize> =
        known.rows.iter().enumerate().map(|(row, (id, ..))| (*id, row)).collect();
    let at = |id: ResourceId| rows.get(&id).copied();
    verdicts(&state.graph, findings, &mut known.rows, at);
    for standing in duties::standings(&ask) {
        if let Some(row) = at(standing.of) {
            let words =
                standing.duties.into_iter().map(|duty| (duty.control, duty.verdict.as_str().to_owned()));
            known.rows[row].2.duties.insert(standing.under, words.collect());
        }
    }
    known
}

impl Known {
    /// The facts by address, with what was emitted from each resource.
    pub fn with(self, emission: &Emission) -> Snapshot {
        let rows = self.rows.into_iter().map(|(id, address, mut facts)| {
            facts.emitted = emission.digests.get(&id).map(Half::of_sha);
            (address, facts)
        });
        // Of sorted rows a map is built at once, without gaps.
        rows.collect()
    }
}

fn verdicts(
    graph: &Graph,
    findings: &[Finding],
    rows: &mut [(ResourceId, String, Facts)],
    at: impl Fn(ResourceId) -> Option<usize>,
) {
    for finding in findings {
        let here = finding.environments.is_empty()
            || graph.environment.is_some_and(|name| finding.environments.contains(&name));
        let Some(row) = finding.subject.filter(|_| here).and_then(&at) else { continue };
        let weight = if finding.waived.is_some() { "waived" } else { finding.diagnostic.level.as_str() };
        let verdict = rows[row].2.verdicts.entry(finding.diagnostic.rule.to_owned()).or_default();
        if rank(weight) > rank(verdict) {
            weight.clone_into(verdict);
        }
    }
}

fn rank(weight: &str) -> u8 {
    match weight {
        "error" => 4,
        "warning" => 3,
        "waived" => 2,
        "note" => 1,
        _ => 0,
    }
}

/// Digests of records, with one text that is used again.
#[derive(Default)]
struct SpecDigest {
    text: String,
}

impl SpecDigest {
    /// Digest of all fields of a record, as they would be written.
    fn of(&mut self, record: &Record) -> Half {
        self.text.clear();
        for slot in record.slots() {
            let Some(field) = record.schema.fields.get(usize::from(slot.field)) else { continue };
            self.text.push_str(field.name);
            self.text.push('\0');
            write_value(&mut self.text, &slot.value, field.shape);
            self.text.push(if matches!(slot.value, Value::Deferred) { '\u{1}' } else { '\0' });
        }
        Half::of(self.text.as_bytes())
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
