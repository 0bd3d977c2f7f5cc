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
use crate::source::Sources;

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

/// A finding of one environment (none: of the project as a whole), before equal ones are said as one.
struct Raw<'a> {
    diagnostic: &'a Diagnostic,
    level: Level,
    subject: Option<ResourceId>,
    environment: Option<Symbol>,
    waived: Option<&'a str>,
    query: Query,
}

impl Raw<'_> {
    fn says_the_same(&self, other: &Raw) -> bool {
        self.level == other.level && self.waived == other.waived && self.diagnostic == other.diagnostic
    }

    fn finding(&self) -> Finding {
        let diagnostic = Diagnostic { level: self.level, ..self.diagnostic.clone() };
        let waived = self.waived.map(str::to_owned);
        Finding {
            diagnostic,
            subject: self.subject,
            environments: Vec::new(),
            waived,
            query: self.query.clone(),
        }
    }
}

/// All findings, by place, then rule, then message.
pub(crate) fn collect(
    sources: &Sources,
    own: Vec<&Diagnostic>,
    environments: &[EnvironmentState],
    options: &Options,
) -> Vec<Finding> {
    let policies: Vec<Policy> = environments.iter().map(|state| Policy::of(state, options)).collect();
    let mut all: Vec<Raw> = own
        .into_iter()
        .map(|diagnostic| Raw {
            diagnostic,
            level: diagnostic.level,
            subject: None,
            environment: None,
            waived: None,
            query: Query::None,
        })
        .collect();
    for (index, (state, policy)) in environments.iter().zip(&policies).enumerate() {
        of_environment(index, state, policy, &mut all);
    }
    let ranks = sources.ranks();
    let mut order: Vec<(Key, usize)> =
        all.iter().enumerate().map(|(n, raw)| (key(sources, &ranks, raw), n)).collect();
    order.sort_unstable();
    let mut merged: Vec<Finding> = Vec::new();
    let mut last: Option<&Raw> = None;
    for (_, n) in order {
        let raw = &all[n];
        if !last.is_some_and(|last| last.says_the_same(raw)) {
            merged.push(raw.finding());
            last = Some(raw);
        }
        if let Some(finding) = merged.last_mut() {
            finding.environments.extend(raw.environment);
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

/// File by path, place, rule, message, waiver.
type Key<'a> = (u32, u32, u32, &'static str, &'a str, Option<&'a str>);

fn key<'a>(sources: &Sources, ranks: &[u32], raw: &Raw<'a>) -> Key<'a> {
    let place = raw.diagnostic.span().and_then(|span| sources.place(span));
    let (rank, lo, hi) = place.map_or((0, 0, 0), |(file, lo, hi)| (ranks[file.0 as usize], lo, hi));
    (rank, lo, hi, raw.diagnostic.rule, &raw.diagnostic.message, raw.waived)
}

fn of_environment<'a>(index: usize, state: &'a EnvironmentState, policy: &'a Policy, all: &mut Vec<Raw<'a>>) {
    let environment = state.name();
    let mut push = |diagnostic: &'a Diagnostic, subject: Option<ResourceId>, query: Query| {
        let level = policy.levels.get(diagnostic.rule).copied().unwrap_or(diagnostic.level);
        let waived = subject.and_then(|subject| policy.waivers.get(&(diagnostic.rule, subject)));
        all.push(Raw { diagnostic, level, subject, environment, waived: waived.map(|by| &**by), query });
    };
    for diagnostic in &state.own {
        push(diagnostic, None, Query::None);
    }
    for (id, diagnostics) in sorted(&state.expanded).into_iter().chain(sorted(&state.computing.findings)) {
        for diagnostic in diagnostics {
            push(diagnostic, Some(id), Query::None);
        }
    }
    for (id, faults) in sorted(&state.linked) {
        for (diagnostic, (reference, kinds)) in faults {
            push(diagnostic, Some(id), Query::Nearest(index, *reference, kinds));
        }
    }
    let each = sorted(&state.checked.each).into_iter().flat_map(|(_, found)| found.iter());
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
