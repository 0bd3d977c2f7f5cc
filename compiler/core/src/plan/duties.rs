//! What the law asks of each system and how the spec answers, by system and policy: for plans and for what changed.

use std::collections::{BTreeMap, BTreeSet};

use purlin_schema::kinds::governance::Policy;
use purlin_schema::view::ChoiceType as _;

use crate::ask::Ask;
use crate::graph::{Resource, ResourceId};
use crate::query::verdicts::{self, Judged, Verdict};

/// The verdicts on one system under one policy.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// The system.
    pub of: ResourceId,
    /// Its address.
    pub system: String,
    /// The framework that asks; with the policy's address where several policies ask for the same framework.
    pub under: String,
    /// One verdict a duty, in the order of the law.
    pub duties: Vec<Duty>,
}

/// The verdict on one duty.
#[derive(Clone, PartialEq, Debug)]
pub struct Duty {
    /// The control, with what it is about where that is not the system: `art-50-2 on serving.chat`.
    pub control: String,
    /// What is owed, in a few words.
    pub duty: &'static str,
    /// The verdict.
    pub verdict: Verdict,
}

impl Standing {
    /// How many duties have each verdict: `3 evidenced · 2 declared · 4 missing · 1 human · 0 refuted`.
    pub fn counts(&self) -> String {
        counts(self.duties.iter().map(|duty| duty.verdict.as_str()))
    }

    /// How many duties have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.duties.iter().filter(|duty| duty.verdict == verdict).count()
    }

    /// What is refuted, then what is missing.
    pub fn open(&self) -> impl Iterator<Item = &Duty> {
        let of = |verdict: Verdict| self.duties.iter().filter(move |duty| duty.verdict == verdict);
        of(Verdict::Refuted).chain(of(Verdict::Missing))
    }
}

/// The verdicts in the order in which they are counted.
pub const ORDER: [Verdict; 5] =
    [Verdict::Evidenced, Verdict::Declared, Verdict::Missing, Verdict::Human, Verdict::Refuted];

/// `3 evidenced · 2 declared · 4 missing · 1 human · 0 refuted`, from the words of verdicts.
pub(crate) fn counts<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut numbers = [0_usize; ORDER.len()];
    for word in words {
        for (number, _) in numbers.iter_mut().zip(ORDER).filter(|(_, verdict)| verdict.as_str() == word) {
            *number += 1;
        }
    }
    let parts: Vec<String> =
        numbers.iter().zip(ORDER).map(|(number, verdict)| format!("{number} {}", verdict.as_str())).collect();
    parts.join(" · ")
}

/// Every system with every policy that governs it, by their addresses.
pub fn standings(ask: &Ask) -> Vec<Standing> {
    let mut groups: BTreeMap<(String, String), Vec<Judged>> = BTreeMap::new();
    for judged in verdicts::verdicts(ask) {
        let key = (address(ask, judged.system), address(ask, judged.policy));
        groups.entry(key).or_default().push(judged);
    }
    let mut frameworks: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for ((system, _), group) in &groups {
        *frameworks.entry((system, framework(ask, group))).or_default() += 1;
    }
    groups
        .iter()
        .filter_map(|((system, policy), group)| {
            let of = group.first()?.system;
            let framework = framework(ask, group);
            let alone = frameworks.get(&(system.as_str(), framework)) == Some(&1);
            let under = if alone { framework.to_owned() } else { format!("{framework} of {policy}") };
            Some(Standing { of, system: system.clone(), under, duties: duties(ask, group) })
        })
        .collect()
}

fn framework(ask: &Ask, group: &[Judged]) -> &'static str {
    let policy = group.first().and_then(|judged| ask.view::<Policy>(judged.policy));
    policy.and_then(|policy| policy.framework().get()).map_or("", |framework| framework.word())
}

/// One duty a verdict; a control that says several things of one subject is told apart by what is owed.
fn duties(ask: &Ask, group: &[Judged]) -> Vec<Duty> {
    let mut taken = BTreeSet::new();
    let mut duties = Vec::with_capacity(group.len());
    for judged in group {
        let mut control = judged.control.to_owned();
        if judged.subject != judged.system {
            control = format!("{control} on {}", address(ask, judged.subject));
        }
        if !taken.insert(control.clone()) {
            control = format!("{control} ({})", judged.duty);
            taken.insert(control.clone());
        }
        duties.push(Duty { control, duty: judged.duty, verdict: judged.verdict });
    }
    duties
}

fn address(ask: &Ask, id: ResourceId) -> String {
    ask.graph.get(id).map(Resource::address).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expected: &str) {
        assert_eq!(counts(words.iter().copied()), expected);
    }

    #[test]
    fn verdicts_are_counted_in_one_order() {
        check(&[], "0 evidenced · 0 declared · 0 missing · 0 human · 0 refuted");
        check(
            &["missing", "human", "missing", "refuted", "evidenced"],
            "1 evidenced · 0 declared · 2 missing · 1 human · 1 refuted",
        );
    }
}
