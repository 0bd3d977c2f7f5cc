//! What a reviewer of a change asks next: which line of the spec caused it, and who has to agree.

use std::collections::{BTreeMap, BTreeSet};

use purlin_core::plan::{Action, Consequence, Group, Verb};
use purlin_core::{Graph, Resource, Session};
use purlin_schema::kinds::governance::{Approval, ApprovalUpon};
use purlin_schema::print::print_value;
use purlin_schema::{Record, Value, View};
use purlin_syntax::Span;

/// So many resources are followed from one whose output changed to the one whose spec changed.
const REACH: usize = 256;
/// So many of these are named.
const OTHERS: usize = 3;

/// Answers by address.
pub(crate) type Reviews = BTreeMap<String, Review>;

/// Where a change comes from, and who has to agree to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Review {
    /// `serving.kdl:12`, `serving.kdl:12 in main`; none where no line of the spec changed.
    pub(crate) place: Option<String>,
    /// What it depends on that changed, where no line of its own did: `gpu-pool.h100, pools.kdl:3`.
    pub(crate) through: Vec<String>,
    /// `approval.release: 1 of safety, not the author`.
    pub(crate) approvals: Vec<String>,
}

/// One side of a comparison: a graph, and the revision that it is of where that is not what is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Where the positions are.
    pub(crate) session: &'a Session,
    /// One of its environments.
    pub(crate) graph: &'a Graph,
    /// The revision.
    pub(crate) revision: Option<&'a str>,
}

impl Side<'_> {
    fn place(&self, span: Span) -> Option<String> {
        let position = self.session.sources.position(span)?;
        let file = self.session.sources.by_path(position.path)?;
        let line = file.document.lines().position(position.lo).line + 1;
        let revision = self.revision.map_or(String::new(), |revision| format!(" in {revision}"));
        Some(format!("{}:{line}{revision}", position.path))
    }
}

/// The answers for every resource that a plan speaks of.
pub(crate) fn reviews(head: Side, base: Side, actions: &[Action], consequences: &[Consequence]) -> Reviews {
    let mut addresses: BTreeSet<&str> = actions.iter().map(|action| action.address.as_str()).collect();
    addresses.extend(consequences.iter().map(|one| one.address.as_str()).filter(|one| !one.is_empty()));
    let changed = changed_places(head, base);
    let mut reviews = Reviews::new();
    for address in addresses {
        let place = changed.get(address).cloned();
        let through =
            if place.is_none() { others(head.graph, base.graph, &changed, address) } else { Vec::new() };
        let action = actions.iter().find(|action| action.address == address);
        let mut approvals = BTreeSet::new();
        for side in [base, head] {
            approvals.extend(needed(side.graph, address, action, consequences));
        }
        let approvals = approvals.into_iter().collect();
        reviews.insert(address.to_owned(), Review { place, through, approvals });
    }
    reviews
}

/// The line of every resource of which something else is said than before.
fn changed_places(head: Side, base: Side) -> BTreeMap<String, String> {
    let all = head.graph.iter().chain(base.graph.iter()).map(Resource::address);
    let addresses: BTreeSet<String> = all.collect();
    addresses
        .into_iter()
        .filter_map(|address| Some((changed_place(head, base, &address)?, address)))
        .map(|(place, address)| (address, place))
        .collect()
}

/// What changed that a resource without a change of its own depends on, as `gpu-pool.h100, pools.kdl:3`: for a system
/// what is filed and asked, which decides its verdicts; else what it refers to, else what refers to it.
fn others(head: &Graph, base: &Graph, changed: &BTreeMap<String, String>, address: &str) -> Vec<String> {
    let is_filed = |other: &&String| other.starts_with("policy.") || other.starts_with("evidence.");
    let filed: Vec<String> = changed.keys().filter(is_filed).cloned().collect();
    let filed = if address.starts_with("ai-system.") { filed } else { Vec::new() };
    let mut back: Vec<String> = incoming(head, address);
    back.extend(incoming(base, address));
    back.sort();
    back.dedup();
    for candidates in [filed, reached(head, address), back] {
        let mut found: Vec<String> = candidates
            .into_iter()
            .filter_map(|other| changed.get(&other).map(|place| format!("{other}, {place}")))
            .collect();
        if !found.is_empty() {
            let more = found.len().saturating_sub(OTHERS);
            found.truncate(OTHERS);
            if more > 0 {
                found.push(format!("{more} more"));
            }
            return found;
        }
    }
    Vec::new()
}

/// What a resource refers to, directly and through others, the nearest first.
fn reached(graph: &Graph, address: &str) -> Vec<String> {
    let Some(start) = graph.lookup(address) else { return Vec::new() };
    let (mut queue, mut seen) = (vec![start.id], BTreeSet::from([start.id]));
    let mut at = 0;
    while let Some(id) = queue.get(at).copied().filter(|_| queue.len() < REACH) {
        at += 1;
        queue.extend(graph.edges(id).iter().map(|edge| edge.to).filter(|to| seen.insert(*to)));
    }
    queue.iter().skip(1).filter_map(|id| graph.get(*id)).map(Resource::address).collect()
}

fn incoming(graph: &Graph, address: &str) -> Vec<String> {
    let Some(resource) = graph.lookup(address) else { return Vec::new() };
    graph.incoming(resource.id).iter().filter_map(|id| graph.get(*id)).map(Resource::address).collect()
}

/// Where what is said of a resource differs.
fn changed_place(head: Side, base: Side, address: &str) -> Option<String> {
    match (head.graph.lookup(address), base.graph.lookup(address)) {
        (Some(now), None) => head.place(now.name_span),
        (None, Some(was)) => base.place(was.name_span),
        (Some(now), Some(was)) => match first_change(&now.record, &was.record)? {
            Changed::Head(span) => head.place(span).or_else(|| head.place(now.name_span)),
            Changed::Base(span) => base.place(span).or_else(|| base.place(was.name_span)),
        },
        (None, None) => None,
    }
}

/// On which side the first difference can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Changed {
    Head(Span),
    Base(Span),
}

/// The first field that differs, as deep as both sides have records: so deep as the schema nests them.
fn first_change(now: &Record, was: &Record) -> Option<Changed> {
    let (mut now, mut was) = (now, was);
    loop {
        let differs = now.slots().iter().find_map(|slot| {
            let shape = now.schema.fields.get(usize::from(slot.field))?.shape;
            let old = was.slot(slot.field);
            let same =
                old.is_some_and(|old| print_value(&old.value, shape) == print_value(&slot.value, shape));
            (!same).then_some((slot, old))
        });
        let Some((slot, old)) = differs else {
            let gone = was.slots().iter().find(|slot| now.slot(slot.field).is_none());
            return gone.map(|slot| Changed::Base(slot.span));
        };
        match (&slot.value, old.map(|old| &old.value)) {
            (Value::Record(new), Some(Value::Record(old))) => (now, was) = (new, old),
            (Value::Many(new), Some(Value::Many(old))) => {
                let pair = new.iter().find_map(|row| {
                    let other = old.iter().find(|other| other.key == row.key);
                    let same = other.is_some_and(|other| first_change(&row.record, &other.record).is_none());
                    (!same).then_some((row, other))
                });
                match pair {
                    Some((row, Some(other))) => (now, was) = (&row.record, &other.record),
                    Some((row, None)) => return Some(Changed::Head(row.record.span)),
                    None => {
                        let gone = old.iter().find(|row| new.iter().all(|other| other.key != row.key));
                        return Some(
                            gone.map_or(Changed::Head(slot.span), |row| Changed::Base(row.record.span)),
                        );
                    }
                }
            }
            _ => return Some(Changed::Head(slot.span)),
        }
    }
}

/// The approvals of a graph that a change of a resource waits for.
fn needed(
    graph: &Graph,
    address: &str,
    action: Option<&Action>,
    consequences: &[Consequence],
) -> Vec<String> {
    let Some(resource) = graph.lookup(address) else { return Vec::new() };
    let means = |group: Group| consequences.iter().any(|one| one.address == address && one.group == group);
    let mut needed = Vec::new();
    for approval in graph.of_kind("approval") {
        let applies = graph
            .edges(approval.id)
            .iter()
            .any(|edge| edge.relation == "applies-to" && edge.to == resource.id);
        let view = View::<Approval>::of(&approval.record);
        let verb = action.map(|action| action.verb);
        let (holds, when) = match view.upon().get() {
            None | Some(ApprovalUpon::Change) => (verb.is_some(), ""),
            Some(ApprovalUpon::Purchase) => (means(Group::Purchase), ""),
            Some(ApprovalUpon::Destroy) => {
                (matches!(verb, Some(Verb::Delete | Verb::Replace)) || means(Group::DataLoss), "")
            }
            // Whether the new version takes traffic is decided by the rollout, after the change.
            Some(ApprovalUpon::Promotion) => {
                let moves = action.is_some_and(|action| action.output && action.verb != Verb::Delete);
                (moves, ", before it takes production traffic")
            }
        };
        if applies && holds {
            needed.push(format!("{}{when}: {}", approval.address(), who(&view)));
        }
    }
    needed
}

/// `1 of safety, 2 of ml-platform, not the author`.
fn who(view: &View<Approval>) -> String {
    let mut words: Vec<String> = view
        .needs()
        .iter()
        .filter_map(|need| {
            let team = need.team().get()?;
            Some(format!("{} of {}", need.count().get().unwrap_or(1), team.name))
        })
        .collect();
    if view.not_author().get() == Some(true) {
        words.push("not the author".to_owned());
    }
    words.join(", ")
}
