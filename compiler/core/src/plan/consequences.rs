//! What a change means: capacity, cost, fits, verdicts, and what cannot be taken back.

use std::collections::BTreeMap;

use crate::laws::format::{decimals, integer};
use crate::laws::interval::GIB;
use crate::plan::diff::{Action, Verb};
use crate::plan::duties::counts;
use crate::plan::snapshot::{Facts, Money, Snapshot};

/// What kind of consequence, which is also what has to be approved by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// Data or keys go, or are made again empty.
    DataLoss,
    /// Something is made again.
    Replacement,
    /// Something is bought.
    Purchase,
    /// Capacity goes, something no longer fits.
    Capacity,
    /// Money each month.
    Cost,
    /// Where data is, and of which classes.
    Residency,
    /// Rules that say something else than before.
    Verdicts,
}

impl Group {
    /// All groups, the gravest first.
    pub const ALL: [Group; 7] = [
        Group::DataLoss,
        Group::Replacement,
        Group::Purchase,
        Group::Capacity,
        Group::Cost,
        Group::Residency,
        Group::Verdicts,
    ];

    /// The word that approves it: `data-loss`.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::DataLoss => "data-loss",
            Group::Replacement => "replacement",
            Group::Purchase => "purchase",
            Group::Capacity => "capacity",
            Group::Cost => "cost",
            Group::Residency => "residency",
            Group::Verdicts => "verdicts",
        }
    }

    /// Whether nothing is applied before somebody has approved it by name: it cannot be undone, or costs at once.
    pub fn needs_approval(self) -> bool {
        matches!(self, Group::DataLoss | Group::Replacement | Group::Purchase)
    }
}

/// One thing that a change means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Consequence {
    /// Of which kind.
    pub group: Group,
    /// Of which resource; empty for the platform.
    pub address: String,
    /// In words: `nodes at most 8 → 4`.
    pub text: String,
}

/// Kinds whose deletion loses what nobody can make again.
const HOLDS_DATA: &[&str] = &["storage", "key", "database", "broker", "stream", "tracking", "secret"];

/// What the actions mean, the gravest first.
pub fn consequences(before: &Snapshot, now: &Snapshot, actions: &[Action]) -> Vec<Consequence> {
    let mut all = Vec::new();
    for action in actions {
        let (was, is) = (before.get(&action.address), now.get(&action.address));
        let mut say =
            |group, text: String| all.push(Consequence { group, address: action.address.clone(), text });
        of_verb(action, was, &mut say);
        of_facts(was, is, before.is_empty(), &mut say);
    }
    for (address, is) in now.iter().filter(|_| !before.is_empty()) {
        let say = |text| all.push(Consequence { group: Group::Verdicts, address: address.clone(), text });
        of_duties(before.get(address), is, say);
    }
    let (was, is) = (total(before), total(now));
    if !before.is_empty() && was != is {
        let text = format!("{} → {}", money(was.as_ref()), money(is.as_ref()));
        all.push(Consequence { group: Group::Cost, address: String::new(), text });
    }
    all.sort();
    all
}

fn of_verb(action: &Action, was: Option<&Facts>, say: &mut impl FnMut(Group, String)) {
    let kind = action.address.split('.').next().unwrap_or_default();
    let ours = was.is_none_or(|facts| !facts.existing);
    let group = if HOLDS_DATA.contains(&kind) { Group::DataLoss } else { Group::Replacement };
    match action.verb {
        Verb::Delete if ours && group == Group::DataLoss => {
            say(group, "is deleted with what it holds".to_owned());
        }
        Verb::Replace => say(group, format!("is made again: {}", action.reasons.join("; "))),
        _ => {}
    }
}

fn of_facts(was: Option<&Facts>, is: Option<&Facts>, first: bool, say: &mut impl FnMut(Group, String)) {
    let (none, had) = (Facts::default(), was.is_some());
    let (was, is) = (was.unwrap_or(&none), is.unwrap_or(&none));
    if is.purchase.is_some() && is.purchase != was.purchase {
        say(
            Group::Purchase,
            format!("uses {}, paid whether used or not", is.purchase.as_deref().unwrap_or_default()),
        );
    }
    if first {
        return;
    }
    for (what, was, is) in [("nodes", was.nodes, is.nodes), ("replicas", was.replicas, is.replicas)] {
        if had && was != is && was.is_some() {
            say(Group::Capacity, format!("{what} {} → {}", range(was), range(is)));
        }
    }
    let (old, new) = (verdict(was), verdict(is));
    if had && old != new && is.fit.is_some() {
        say(Group::Capacity, format!("memory: {old} → {new}; {}", fit_text(is).unwrap_or_default()));
    }
    if was.monthly != is.monthly {
        say(Group::Cost, format!("{} → {}", money(was.monthly.as_deref()), money(is.monthly.as_deref())));
    }
    if had && (was.region != is.region || was.classes != is.classes) {
        say(Group::Residency, format!("{} → {}", residency(was), residency(is)));
    }
    for rule in was.verdicts.keys().chain(is.verdicts.keys().filter(|rule| !was.verdicts.contains_key(*rule)))
    {
        let (old, new) = (was.verdicts.get(rule), is.verdicts.get(rule));
        if old != new {
            let word = |verdict: Option<&String>| verdict.map_or("passes", String::as_str).to_owned();
            say(Group::Verdicts, format!("{rule}: {} → {}", word(old), word(new)));
        }
    }
}

/// Verdicts on duties move with other resources (a document that is filed) and with the day: not only with the system.
fn of_duties(was: Option<&Facts>, is: &Facts, mut say: impl FnMut(String)) {
    let nothing = BTreeMap::new();
    let had = was.map_or(&nothing, |facts| &facts.duties);
    for (under, now) in &is.duties {
        let Some(before) = had.get(under) else {
            say(format!("{under}: no verdicts recorded → {}", counts(now.values().map(String::as_str))));
            continue;
        };
        let gone = before.iter().filter(|(control, _)| !now.contains_key(*control));
        for (control, _) in now.iter().chain(gone) {
            let word =
                |of: &BTreeMap<String, String>| of.get(control).map_or("not owed", String::as_str).to_owned();
            let (old, new) = (word(before), word(now));
            if old != new {
                say(format!("{under} {control}: {old} → {new}"));
            }
        }
    }
    for under in had.keys().filter(|under| !is.duties.contains_key(*under)) {
        say(format!("{under}: asks nothing of it any more"));
    }
}

fn verdict(facts: &Facts) -> &str {
    facts.fit.as_ref().map_or("unknown", |fit| fit.verdict.as_str())
}

/// `12.0 to 14.0 of 79.1 to 79.6 GiB on h100-sxm5-80gb`: what one GPU needs of what it has.
pub fn fit_text(facts: &Facts) -> Option<String> {
    let fit = facts.fit.as_ref()?;
    let bytes = |(low, high): (u64, u64)| {
        let gib = |bytes: u64| decimals(bytes as f64 / GIB, 1);
        if gib(low) == gib(high) { gib(high) } else { format!("{}–{}", gib(low), gib(high)) }
    };
    Some(format!("{} of {} GiB on {}", bytes(fit.need), bytes(fit.have), fit.of))
}

fn range(range: Option<(u64, u64)>) -> String {
    match range {
        Some((least, most)) if least == most => most.to_string(),
        Some((least, most)) => format!("{least} to {most}"),
        None => "none".to_owned(),
    }
}

fn residency(facts: &Facts) -> String {
    let mut words: Vec<&str> = facts.region.as_deref().into_iter().collect();
    words.extend(facts.classes.iter().map(String::as_str));
    if words.is_empty() { "nowhere said".to_owned() } else { words.join(" ") }
}

/// The sum of what is known, where it is all in one currency.
pub fn total(snapshot: &Snapshot) -> Option<Money> {
    let mut sum: Option<Money> = None;
    for money in snapshot.values().filter_map(|facts| facts.monthly.as_deref()) {
        match &mut sum {
            None => sum = Some(money.clone()),
            Some(sum) if sum.currency == money.currency => {
                sum.low = sum.low.saturating_add(money.low);
                sum.high = sum.high.saturating_add(money.high);
            }
            Some(_) => return None,
        }
    }
    sum
}

/// `1,200 to 3,400 USD a month`, `unknown`.
pub fn money(money: Option<&Money>) -> String {
    let Some(Money { low, high, currency }) = money else { return "unknown".to_owned() };
    let whole = |hundredths: u64| integer(hundredths.saturating_add(50) / 100);
    if whole(*low) == whole(*high) {
        format!("{} {currency} a month", whole(*high))
    } else {
        format!("{} to {} {currency} a month", whole(*low), whole(*high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Half;
    use crate::plan::diff::diff;

    fn pool(nodes: (u64, u64), purchase: Option<&str>) -> Facts {
        let money = Money { low: 10_000, high: 10_000 * nodes.1, currency: "USD".to_owned() };
        let purchase = purchase.map(str::to_owned);
        let spec = Half::of(format!("{nodes:?}").as_bytes());
        Facts { spec, nodes: Some(nodes), monthly: Some(Box::new(money)), purchase, ..Facts::default() }
    }

    fn check(before: &[(&str, Facts)], now: &[(&str, Facts)], expected: &[&str]) {
        let snapshot = |list: &[(&str, Facts)]| -> Snapshot {
            list.iter().map(|(address, facts)| ((*address).to_owned(), facts.clone())).collect()
        };
        let (before, now) = (snapshot(before), snapshot(now));
        let actions = diff(&before, &now, &|_, _, _| Vec::new());
        let found: Vec<String> = consequences(&before, &now, &actions)
            .iter()
            .map(|c| format!("{} {}: {}", c.group.as_str(), c.address, c.text))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_deleted_with_its_data_comes_first() {
        check(
            &[("gpu-pool.a", pool((1, 2), None)), ("storage.s", Facts::default())],
            &[("gpu-pool.a", pool((1, 1), None))],
            &[
                "data-loss storage.s: is deleted with what it holds",
                "capacity gpu-pool.a: nodes 1 to 2 → 1",
                "cost : 100 to 200 USD a month → 100 USD a month",
                "cost gpu-pool.a: 100 to 200 USD a month → 100 USD a month",
            ],
        );
    }

    #[test]
    fn a_verdict_changes_without_its_system() {
        let system = |duties: &[(&str, &str)]| {
            let words = duties.iter().map(|(control, word)| ((*control).to_owned(), (*word).to_owned()));
            let duties = BTreeMap::from([("eu-ai-act".to_owned(), words.collect())]);
            ("ai-system.s", Facts { duties, ..Facts::default() })
        };
        check(
            &[system(&[("art-4", "missing"), ("art-12", "declared"), ("art-27", "human")])],
            &[system(&[("art-4", "evidenced"), ("art-12", "declared"), ("art-50-1", "missing")])],
            &[
                "verdicts ai-system.s: eu-ai-act art-27: human → not owed",
                "verdicts ai-system.s: eu-ai-act art-4: missing → evidenced",
                "verdicts ai-system.s: eu-ai-act art-50-1: not owed → missing",
            ],
        );
        check(
            &[("ai-system.s", Facts::default())],
            &[system(&[("art-4", "missing")])],
            &[
                "verdicts ai-system.s: eu-ai-act: no verdicts recorded → 0 evidenced · 0 declared · 1 missing · \
               0 human · 0 refuted",
            ],
        );
    }

    #[test]
    fn what_others_own_is_not_deleted() {
        let theirs = Facts { existing: true, ..Facts::default() };
        check(&[("key.k", theirs), ("team.t", Facts::default())], &[("team.t", Facts::default())], &[]);
    }

    #[test]
    fn a_capacity_block_is_a_purchase_even_the_first_time() {
        check(
            &[],
            &[("gpu-pool.a", pool((1, 2), Some("capacity-block cr-1")))],
            &["purchase gpu-pool.a: uses capacity-block cr-1, paid whether used or not"],
        );
    }
}
