//! Two snapshots → one action a resource.

use std::cmp::Ordering;

use crate::plan::snapshot::{Facts, Snapshot};

/// What happens to a resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verb {
    /// It is new.
    Create,
    /// It changes in place.
    Update,
    /// It is made again: what it holds is lost.
    Replace,
    /// It goes.
    Delete,
}

impl Verb {
    /// `create`, `update`, `replace`, `delete`.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Replace => "replace",
            Verb::Delete => "delete",
        }
    }

    /// `+`, `~`, `±`, `-`.
    pub fn sign(self) -> char {
        match self {
            Verb::Create => '+',
            Verb::Update => '~',
            Verb::Replace => '±',
            Verb::Delete => '-',
        }
    }
}

/// One resource that does not stay as it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Action {
    /// What happens.
    pub verb: Verb,
    /// To which resource.
    pub address: String,
    /// Whether any output changes; otherwise only the compiler reads what changed (a budget, a waiver).
    pub output: bool,
    /// Why it is replaced and not updated.
    pub reasons: Vec<String>,
}

/// Why a provider replaces a resource rather than updating it: asked for resources whose output changed.
pub type Replaces<'a> = &'a dyn Fn(&str, &Facts, &Facts) -> Vec<String>;

/// What happens to every resource that is not the same in both, by address.
pub fn diff(before: &Snapshot, now: &Snapshot, replaces: Replaces<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let (mut old, mut new) = (before.iter().peekable(), now.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((was, _)), Some((is, _))) => was.cmp(is),
        };
        let was = if order == Ordering::Greater { None } else { old.next() };
        let is = if order == Ordering::Less { None } else { new.next() };
        let verb = match order {
            Ordering::Less => Verb::Delete,
            Ordering::Equal => Verb::Update,
            Ordering::Greater => Verb::Create,
        };
        let Some((address, _)) = was.or(is) else { break };
        let pair = (was.map(|(_, facts)| facts), is.map(|(_, facts)| facts));
        actions.extend(action(verb, address, pair, replaces));
    }
    actions
}

fn action(
    verb: Verb,
    address: &str,
    (was, is): (Option<&Facts>, Option<&Facts>),
    replaces: Replaces<'_>,
) -> Option<Action> {
    let output = was.and_then(|facts| facts.emitted.as_ref()) != is.and_then(|facts| facts.emitted.as_ref());
    let said = was.map(|facts| &facts.spec) != is.map(|facts| &facts.spec);
    if verb == Verb::Update && !output && !said {
        return None;
    }
    let reasons = match (was, is) {
        (Some(was), Some(is)) if output => replaces(address, was, is),
        _ => Vec::new(),
    };
    let verb = if reasons.is_empty() { verb } else { Verb::Replace };
    Some(Action { verb, address: address.to_owned(), output, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Half;

    /// Resources as `name:spec:emitted`, what happens as `+name`, with `(said)` where no output changes.
    fn check(before: &[&str], now: &[&str], expected: &[&str]) {
        let snapshot = |lines: &[&str]| -> Snapshot {
            let facts = |line: &str| {
                let parts: Vec<&str> = line.split(':').collect();
                let half = |text: &str| Half::of(text.as_bytes());
                let facts = Facts { spec: half(parts[1]), emitted: Some(half(parts[2])), ..Facts::default() };
                (parts[0].to_owned(), facts)
            };
            lines.iter().map(|line| facts(line)).collect()
        };
        let force = |_: &str, _: &Facts, now: &Facts| match now.emitted {
            Some(emitted) if emitted == Half::of(b"new-disk") => vec!["the disk".to_owned()],
            _ => Vec::new(),
        };
        let actions: Vec<String> = diff(&snapshot(before), &snapshot(now), &force)
            .iter()
            .map(|a| format!("{}{}{}", a.verb.sign(), a.address, if a.output { "" } else { " (said)" }))
            .collect();
        assert_eq!(actions, expected);
    }

    #[test]
    fn every_difference_is_one_action() {
        check(&[], &[], &[]);
        check(&["a:1:1"], &["a:1:1"], &[]);
        check(&[], &["a:1:1", "b:1:1"], &["+a", "+b"]);
        check(&["a:1:1", "c:1:1"], &["b:1:1"], &["-a", "+b", "-c"]);
        check(&["a:1:1"], &["a:2:2"], &["~a"]);
        check(&["a:1:1"], &["a:2:1"], &["~a (said)"]);
        check(&["a:1:1"], &["a:2:new-disk"], &["±a"]);
    }
}
