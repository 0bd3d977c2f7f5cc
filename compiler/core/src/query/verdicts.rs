//! What a law asks of a system, and what the spec has to say to each duty.
//!
//! No verdict says that a duty is met: a machine sees what is declared and what is filed, and people answer for the rest.

mod classification;
mod duties;
pub mod law;
mod system;

use purlin_schema::kinds::governance::{AiSystem, Framework, Policy};
use purlin_schema::units::Date;
use purlin_syntax::Span;

use crate::ask::Ask;
use crate::graph::ResourceId;

/// What can be said of a duty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The spec contradicts it, or its evidence is stale.
    Refuted,
    /// It holds, and nothing in the spec answers it.
    Missing,
    /// The spec answers it, in fields or in words.
    Declared,
    /// It is answered by a document with digest, date and signature that is not stale.
    Evidenced,
    /// Only people can decide it.
    Human,
}

impl Verdict {
    /// `refuted`, `missing`, `declared`, `evidenced` or `human`.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Refuted => "refuted",
            Verdict::Missing => "missing",
            Verdict::Declared => "declared",
            Verdict::Evidenced => "evidenced",
            Verdict::Human => "human",
        }
    }
}

/// The verdict on one duty of one system.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// The policy that asks.
    pub policy: ResourceId,
    /// The system that is asked.
    pub system: ResourceId,
    /// The control: `art-27`.
    pub control: &'static str,
    /// What is owed, in a few words.
    pub duty: &'static str,
    /// The day from which it is owed.
    pub since: Option<Date>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub why: String,
    /// What it is about: the system, or one of its endpoints.
    pub subject: ResourceId,
    /// Where that is said.
    pub span: Span,
    /// Its absence is worth a note and stops nothing.
    pub mild: bool,
}

/// The verdicts on every system of an environment, by policy, system and order of the law.
pub fn verdicts(ask: &Ask) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (system, _) in ask.all::<AiSystem>() {
        judged.extend(of_system(ask, system));
    }
    judged.sort_by_key(|one| address(ask, one.policy));
    judged
}

/// The verdicts on one system, of every policy that governs it.
pub fn of_system(ask: &Ask, system: ResourceId) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (policy_id, policy) in ask.all::<Policy>() {
        let named = || policy.applies_to().values().any(|reference| ask.follow(reference, &[]) == Ok(system));
        let governs = policy.applies_to().is_empty() || named();
        if governs
            && policy.framework().get() == Some(Framework::EuAiAct)
            && let Some(case) = system::Case::of(ask, policy_id, system)
        {
            judged.extend(classification::judge(&case));
            judged.extend(duties::judge(&case));
        }
    }
    judged
}

fn address(ask: &Ask, id: ResourceId) -> String {
    ask.graph.get(id).map(crate::Resource::address).unwrap_or_default()
}
