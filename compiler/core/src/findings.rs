//! What is said to the user: the findings of all stages, with levels, waivers and environments.

use purlin_schema::view::View;
use purlin_schema::{Reference, kinds};
use purlin_syntax::{Cure, Diagnostic, Level, Symbol};
use rustc_hash::FxHashMap;

use crate::check::Search;
use crate::environment::EnvironmentState;
use crate::graph::ResourceId;
use crate::link;
use crate::options::Options;
use crate::session::Session;
use crate::source::{Position, Sources};

/// One finding, as it is shown.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What, where, why.
    pub diagnostic: Diagnostic,
    /// The resource it is about.
    pub subject: Option<ResourceId>,
    /// The environments that have it; empty: all there are, or none is declared.
    pub environments: Vec<Symbol>,
    /// Who waived it, until when: it counts for nothing then.
    pub waived: Option<String>,
    /// The environment (by index) and the search for cures.
    query: Query,
}

#[derive(Clone, Debug)]
enum Query {
    None,
    Nearest(usize, Reference, &'static [&'static str]),
    Rule(usize, Search),
}

impl Finding {
    /// Whether it stops emission.
    pub fn is_error(&self) -> bool {
        self.diagnostic.level == Level::Error && self.waived.is_none()
    }

    /// The cures: those that came with the finding, or those that a search finds now.
    pub fn cures(&self, session: &Session) -> Vec<Cure> {
        let mut cures = self.diagnostic.cures.clone();
        match &self.query {
            Query::None => {}
            Query::Nearest(environment, reference, kinds) => {
                let graph = &session.environments()[*environment].graph;
                cures.extend(link::nearest(graph, *reference, kinds));
            }
            Query::Rule(environment, search) => {
                if let Some(subject) = self.subject {
                    let graph = &session.environments()[*environment].graph;
                    cures.extend(search(&session.ask(graph), subject));
                }
            }
        }
        cures
    }
}

/// All findings, by place, then rule, then message.
pub(crate) fn collect(
    sources: &Sources,
    own: Vec<&Diagnostic>,
    environments: &[EnvironmentState],
    options: &Options,
) -> Vec<Finding> {
    let mut all: Vec<Finding> = own
        .into_iter()
        .map(|diagnostic| Finding {
            diagnostic: diagnostic.clone(),
            subject: None,
            environments: Vec::new(),
            waived: None,
            query: Query::None,
        })
        .collect();
    for (index, state) in environments.iter().enumerate() {
        let policy = Policy::of(state, options);
        of_environment(index, state, &policy, &mut all);
    }
    let mut merged: Vec<Finding> = Vec::with_capacity(all.len());
    for finding in in_order(sources, all) {
        if let Some(last) = merged.last_mut()
            && last.diagnostic == finding.diagnostic
            && last.waived == finding.waived
        {
            last.environments.extend(finding.environments);
        } else {
            merged.push(finding);
        }
    }
    for finding in &mut merged {
        finding.environments.sort_unstable_by_key(|name| name.as_str());
        finding.environments.dedup();
        if finding.environments.len() == environments.len() {
            finding.environments.clear();
        }
    }
    merged
}

/// By place, then rule, message and waiver; what is equal in all of them keeps its order.
fn in_order(sources: &Sources, findings: Vec<Finding>) -> impl Iterator<Item = Finding> {
    let nowhere = Position { path: "", lo: 0, hi: 0 };
    let place = |finding: &Finding| finding.diagnostic.span().and_then(|span| sources.position(span));
    let mut order: Vec<(Position<'_>, u32)> =
        findings.iter().zip(0..).map(|(finding, n)| (place(finding).unwrap_or(nowhere.clone()), n)).collect();
    let said = |n: u32| {
        let finding = &findings[n as usize];
        (finding.diagnostic.rule, &finding.diagnostic.message, &finding.waived, n)
    };
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| said(a.1).cmp(&said(b.1))));
    let order: Vec<u32> = order.into_iter().map(|(_, n)| n).collect();
    let mut findings: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    order.into_iter().filter_map(move |n| findings[n as usize].take())
}

fn of_environment(index: usize, state: &EnvironmentState, policy: &Policy, all: &mut Vec<Finding>) {
    let name: Vec<Symbol> = state.name().into_iter().collect();
    let mut push = |diagnostic: &Diagnostic, subject: Option<ResourceId>, query: Query| {
        let mut diagnostic = diagnostic.clone();
        if let Some(level) = policy.levels.get(diagnostic.rule) {
            diagnostic.level = *level;
        }
        let waived = subject.and_then(|subject| policy.waivers.get(&(diagnostic.rule, subject)).cloned());
        all.push(Finding { diagnostic, subject, environments: name.clone(), waived, query });
    };
    for diagnostic in &state.own {
        push(diagnostic, None, Query::None);
    }
    for (id, diagnostics) in sorted(&state.expanded) {
        for diagnostic in diagnostics {
            push(diagnostic, Some(id), Query::None);
        }
    }
    for (id, faults) in sorted(&state.linked) {
        for (diagnostic, (reference, kinds)) in faults {
            push(diagnostic, Some(id), Query::Nearest(index, *reference, kinds));
        }
    }
    let each = sorted(&state.checked.each).into_iter().flat_map(|(_, found)| found);
    for found in each.chain(&state.checked.once) {
        let query = found.search.map_or(Query::None, |search| Query::Rule(index, search));
        push(&found.diagnostic, found.subject, query);
    }
}

fn sorted<T>(map: &FxHashMap<ResourceId, T>) -> Vec<(ResourceId, &T)> {
    let mut entries: Vec<_> = map.iter().map(|(id, value)| (*id, value)).collect();
    entries.sort_unstable_by_key(|(id, _)| *id);
    entries
}

/// Levels that the platform sets, and waivers in force.
struct Policy {
    levels: FxHashMap<&'static str, Level>,
    waivers: FxHashMap<(&'static str, ResourceId), String>,
}

impl Policy {
    fn of(state: &EnvironmentState, options: &Options) -> Policy {
        let mut policy = Policy { levels: FxHashMap::default(), waivers: FxHashMap::default() };
        for resource in state.graph.of_kind("platform") {
            let view: View<kinds::organisation::Platform> = View::of(&resource.record);
            for rule in view.rule().iter() {
                if let (Some(id), Some(level)) = (rule.rule().get(), rule.level().get())
                    && let Some(known) = crate::check::find(id)
                {
                    policy.levels.insert(known.id, level_of(level));
                }
            }
        }
        for resource in state.graph.of_kind("waiver") {
            let view: View<kinds::governance::Waiver> = View::of(&resource.record);
            let (Some(rule), Some(until)) = (view.rule().get(), view.until().get()) else { continue };
            let Some(known) = crate::check::find(rule) else { continue };
            if options.as_of.is_some_and(|today| today > until) {
                continue;
            }
            for edge in state.graph.edges(resource.id).iter().filter(|edge| edge.relation == "applies-to") {
                policy.waivers.insert((known.id, edge.to), format!("{} until {until}", resource.address()));
            }
        }
        policy
    }
}

fn level_of(level: kinds::organisation::Level) -> Level {
    match level {
        kinds::organisation::Level::Error => Level::Error,
        kinds::organisation::Level::Warn => Level::Warning,
        kinds::organisation::Level::Note => Level::Note,
    }
}
