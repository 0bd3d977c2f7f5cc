//! The facts about each resource that a later plan needs of it: kept in the manifest, without spans or dates.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use purlin_schema::print::print_value;
use purlin_schema::{Record, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::emit::{Emission, Sha};
use crate::findings::Finding;
use crate::graph::Graph;
use crate::plan::{duties, facts};
use crate::session::Session;

/// All resources of one environment, by address.
pub type Snapshot = BTreeMap<String, Facts>;

/// What is kept of one resource.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Digest of what is said of it in the spec.
    pub spec: String,
    /// Digest of all that was emitted from it; nothing where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<String>,
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
    pub monthly: Option<Money>,
    /// Whether its memory suffices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Why it is not known what it needs: declared by a command of its own, or what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfit: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
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

/// The facts of one environment (by its index), with what was emitted from each resource.
pub fn snapshot(
    session: &Session,
    environment: usize,
    findings: &[Finding],
    emission: &Emission,
) -> Snapshot {
    let Some(state) = session.environments().get(environment) else { return Snapshot::new() };
    let ask = session.ask(&state.graph);
    let mut snapshot = Snapshot::new();
    let bill = facts::bill(&ask);
    for resource in state.graph.sorted() {
        let mut facts = facts::of(&ask, resource);
        facts.spec = short(&spec_digest(&resource.record));
        facts.emitted = emission.digests.get(&resource.id).map(short);
        facts.monthly = bill.get(&resource.id).cloned();
        facts.existing = resource.record.named("existing").is_some();
        snapshot.insert(resource.address(), facts);
    }
    verdicts(&state.graph, findings, &mut snapshot);
    for standing in duties::standings(&ask) {
        if let Some(facts) = snapshot.get_mut(&standing.system) {
            let words =
                standing.duties.into_iter().map(|duty| (duty.control, duty.verdict.as_str().to_owned()));
            facts.duties.insert(standing.under, words.collect());
        }
    }
    snapshot
}

fn verdicts(graph: &Graph, findings: &[Finding], snapshot: &mut Snapshot) {
    for finding in findings {
        let here = finding.environments.is_empty()
            || graph.environment.is_some_and(|name| finding.environments.contains(&name));
        let Some(resource) = finding.subject.filter(|_| here).and_then(|id| graph.get(id)) else { continue };
        let Some(facts) = snapshot.get_mut(&resource.address()) else { continue };
        let weight = if finding.waived.is_some() { "waived" } else { finding.diagnostic.level.as_str() };
        let verdict = facts.verdicts.entry(finding.diagnostic.rule.to_owned()).or_default();
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

/// Digest of all fields of a record, as they would be written.
fn spec_digest(record: &Record) -> Sha {
    let mut hasher = Sha256::new();
    for slot in record.slots() {
        let Some(field) = record.schema.fields.get(usize::from(slot.field)) else { continue };
        hasher.update(field.name.as_bytes());
        hasher.update([0]);
        hasher.update(print_value(&slot.value, field.shape).as_bytes());
        hasher.update([u8::from(matches!(slot.value, Value::Deferred))]);
    }
    hasher.finalize().into()
}

/// The first half of a digest, in hexadecimal: enough to tell versions of one resource apart.
fn short(sha: &Sha) -> String {
    hex(&sha[..16])
}

/// SHA-256 of bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` has no error of its own.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
