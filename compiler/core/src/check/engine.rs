//! Runs the rules, and runs again only those whose ground has moved.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ask::{Ask, Read, SharedShelf};
use crate::catalog::Catalog;
use crate::check::{Check, Found, Rule, Run, rules};
use crate::executor::{self, Executor};
use crate::graph::{Graph, ResourceId};
use crate::options::Options;

/// The findings of one environment, and what they rest on.
#[derive(Default, Debug)]
pub struct Checked {
    /// Findings about a resource; resources without any are absent.
    pub(crate) each: FxHashMap<ResourceId, Arc<[Found]>>,
    /// Findings of rules that look at the whole project.
    pub(crate) once: Vec<Found>,
    reads: FxHashMap<ResourceId, Vec<Read>>,
    readers: FxHashMap<Read, Vec<ResourceId>>,
}

/// What moved under the rules.
#[derive(Default, Debug)]
pub struct Moved {
    /// Things that answers may rest on.
    pub reads: Vec<Read>,
    /// Resources to check in any case: new, changed or relinked.
    pub subjects: Vec<ResourceId>,
}

impl Checked {
    /// The same findings, for an environment that begins as a copy; what they rest on only where it will be edited.
    pub(crate) fn copy(&self, track: bool) -> Checked {
        let mut copy = Checked { each: self.each.clone(), ..Checked::default() };
        if track {
            copy.reads.clone_from(&self.reads);
            copy.readers.clone_from(&self.readers);
        }
        copy
    }

    /// The resources whose findings rest on any of the reads.
    fn rest_on_any(&self, reads: &[Read]) -> impl Iterator<Item = ResourceId> {
        let reads: FxHashSet<Read> = reads.iter().copied().collect();
        self.reads
            .iter()
            .filter(move |(_, rests_on)| rests_on.iter().any(|read| reads.contains(read)))
            .map(|(id, _)| *id)
    }

    /// Checks again whatever rests on what moved: by what it rested on here, or in the environment that this one began
    /// as a copy of.
    pub(crate) fn update(
        &mut self,
        (graph, catalog, options): (&Graph, &Catalog, &Options),
        moved: Moved,
        copied: Option<&Checked>,
        record: bool,
        executor: &dyn Executor,
    ) {
        let Moved { mut reads, mut subjects } = moved;
        reads.sort_unstable();
        reads.dedup();
        for read in &reads {
            subjects.extend(self.readers.get(read).into_iter().flatten());
        }
        if let Some(copied) = copied {
            subjects.extend(copied.rest_on_any(&reads));
        }
        subjects.sort_unstable();
        subjects.dedup();
        let pools = SharedShelf::default();
        let answers = executor::map(executor, &subjects, |id| {
            check_one(Ask::of_many(graph, catalog, options, &pools, record), *id)
        });
        for (id, (found, reads)) in subjects.into_iter().zip(answers) {
            if found.is_empty() {
                self.each.remove(&id);
            } else {
                self.each.insert(id, found.into());
            }
            if options.track {
                self.rest_on(id, reads);
            } else if record {
                self.reads.insert(id, reads);
            }
        }
        self.once = check_once(graph, catalog, options);
    }

    fn rest_on(&mut self, id: ResourceId, reads: Vec<Read>) {
        let old = self.reads.get(&id).map_or(&[][..], |old| old);
        if old == reads {
            return;
        }
        for read in old.iter().filter(|read| !reads.contains(read)) {
            if let Some(readers) = self.readers.get_mut(read)
                && let Some(position) = readers.iter().position(|have| *have == id)
            {
                readers.swap_remove(position);
            }
        }
        for read in reads.iter().filter(|read| !old.contains(read)) {
            self.readers.entry(*read).or_default().push(id);
        }
        if reads.is_empty() {
            self.reads.remove(&id);
        } else {
            self.reads.insert(id, reads);
        }
    }
}

/// All rules that look at one resource.
fn check_one(ask: Ask, id: ResourceId) -> (Vec<Found>, Vec<Read>) {
    let Some(resource) = ask.graph.get(id) else { return (Vec::new(), Vec::new()) };
    let rules = rules_of(resource.kind.name);
    let Some(first) = rules.first() else { return (Vec::new(), Vec::new()) };
    let mut check = Check { ask, found: Vec::new(), rule: first, subject: Some(id) };
    for rule in rules {
        check.rule = rule;
        if let Run::Each(_, run) = rule.run {
            // A rule that stays silent has met a hole that is already reported, or something unknown.
            let _ = run(&mut check, id);
        }
    }
    let mut reads = check.ask.into_reads();
    reads.retain(|read| *read != Read::Resource(id));
    reads.shrink_to_fit();
    (check.found, reads)
}

fn check_once(graph: &Graph, catalog: &Catalog, options: &Options) -> Vec<Found> {
    let mut found = Vec::new();
    for rule in rules() {
        if let Run::Once(run) = rule.run {
            let ask = Ask::new(graph, catalog, options);
            let mut check = Check { ask, found: Vec::new(), rule, subject: None };
            let _ = run(&mut check);
            found.append(&mut check.found);
        }
    }
    found
}

/// The rules that look at each resource of a kind.
fn rules_of(kind: &'static str) -> &'static [&'static Rule] {
    static BY_KIND: std::sync::LazyLock<FxHashMap<&'static str, Vec<&'static Rule>>> =
        std::sync::LazyLock::new(|| {
            let mut by_kind: FxHashMap<&'static str, Vec<&'static Rule>> = FxHashMap::default();
            for kind in purlin_schema::kinds::KINDS {
                let looking = rules().iter().copied().filter(|rule| match rule.run {
                    Run::Each(kinds, _) => kinds.is_empty() || kinds.contains(&kind.name),
                    Run::Once(_) | Run::Stage | Run::NotYet => false,
                });
                by_kind.insert(kind.name, looking.collect());
            }
            by_kind
        });
    BY_KIND.get(kind).map_or(&[], |rules| rules)
}
