//! A project that is being edited: every stage keeps what it made, and redoes what a change touches.
//!
//! The order of [`Session::apply`] is the order of the stage table. A fresh compile is one change that adds every file,
//! so that batch and incremental share every line.

use std::sync::Arc;

use purlin_syntax::document::Document;
use purlin_syntax::{ItemId, Symbol, Tree};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ask::{Ask, Read};
use crate::catalog::Catalog;
use crate::check::engine;
use crate::environment::{EnvironmentState, put};
use crate::executor::{self, Executor, Serial};
use crate::expr::{Expressions, fields};
use crate::findings::{self, Finding};
use crate::graph::{Graph, Resource, ResourceId};
use crate::link;
use crate::lower::{self, Environment, Lowered, Variable, What};
use crate::names::Names;
use crate::options::Options;
use crate::sharing;
use crate::source::{Change, Moved, Sources};
use crate::variables::Variables;

/// A project, compiled, and ready to be changed.
pub struct Session {
    /// What the caller asks for.
    pub options: Options,
    /// Files, items, positions.
    pub sources: Sources,
    /// Facts.
    pub catalog: Catalog,
    names: Arc<Names>,
    variables: FxHashMap<ItemId, Arc<Variable>>,
    declared_environments: FxHashMap<ItemId, Arc<Environment>>,
    later: FxHashMap<ItemId, &'static str>,
    faulty: FxHashSet<ItemId>,
    environments: Vec<EnvironmentState>,
    own: Vec<purlin_syntax::Diagnostic>,
}

/// Bytes of source below which starting threads takes longer than parsing.
const WORTH_THREADS: usize = 200_000;

/// What one call of [`Session::apply`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Delta {
    /// Items read again.
    pub items: usize,
    /// Resources that changed, over all environments.
    pub resources: usize,
}

/// What a stage of one environment has to redo.
#[derive(Default)]
struct Work {
    /// The environment is new: everything.
    fresh: bool,
    resources: Vec<ResourceId>,
    names: Vec<Symbol>,
    /// Params and lets have other values.
    variables: bool,
}

impl Session {
    /// An empty project.
    pub fn new(options: Options) -> Session {
        Session {
            options,
            sources: Sources::default(),
            catalog: Catalog,
            names: Arc::default(),
            variables: FxHashMap::default(),
            declared_environments: FxHashMap::default(),
            later: FxHashMap::default(),
            faulty: FxHashSet::default(),
            environments: vec![EnvironmentState::default()],
            own: Vec::new(),
        }
    }

    /// Changes files, and brings every stage up to date. A session that does not [track](Options::track) takes one call:
    /// it keeps neither trees nor who read what.
    pub fn apply(&mut self, changes: Vec<Change>, executor: &dyn Executor) -> Delta {
        debug_assert!(self.options.track || self.names.is_empty(), "a session that is edited tracks");
        // The graphs let go of the names while those may change.
        for state in &mut self.environments {
            state.graph.names = Arc::default();
        }
        let mut moved = Moved::default();
        let changes = self.open_new(changes, &mut moved, executor);
        for change in changes {
            self.sources.apply(change, &mut moved);
        }
        moved.dirty.sort_unstable();
        moved.dirty.dedup();
        let lowered = self.lower(&moved.dirty, executor);
        let touched = self.index(&moved, lowered);
        let work = self.arrange_environments(&touched);
        let mut delta = Delta { items: moved.dirty.len(), resources: 0 };
        for (index, work) in work.into_iter().enumerate() {
            delta.resources += self.update_environment(index, work, executor);
        }
        delta
    }

    /// The environments, by name; one without a name where the project declares none.
    pub fn environments(&self) -> &[EnvironmentState] {
        &self.environments
    }

    /// The graph of an environment by its name, or the only one.
    pub fn graph(&self, environment: Option<&str>) -> Option<&Graph> {
        self.environments
            .iter()
            .find(|state| environment.is_none() || state.name().map(Symbol::as_str) == environment)
            .map(|state| &state.graph)
    }

    /// The first environment that has something several environments share; none: nothing is shared.
    pub fn sharing(&self) -> Option<usize> {
        self.environments.iter().position(|state| state.name().is_some() && !state.shared.is_empty())
    }

    /// A way to ask one environment's graph.
    pub fn ask<'a>(&'a self, graph: &'a Graph) -> Ask<'a> {
        Ask::new(graph, &self.catalog, &self.options)
    }

    /// Every finding of every stage, by place; equal ones of several environments said once.
    pub fn findings(&self) -> Vec<Finding> {
        let sharing = sharing::findings(&self.environments);
        let mut own: Vec<&purlin_syntax::Diagnostic> = self.own.iter().chain(&sharing).collect();
        for item in &self.faulty.iter().copied().collect::<std::collections::BTreeSet<_>>() {
            own.extend(self.sources.item(*item).into_iter().flat_map(|item| &item.lowered.diagnostics));
        }
        findings::collect(&self.sources, own, &self.environments, &self.options)
    }

    /// Items whose form a later version compiles, with the form: `template`, `test`.
    pub fn later(&self) -> Vec<(ItemId, &'static str)> {
        let mut later: Vec<_> = self.later.iter().map(|(item, form)| (*item, *form)).collect();
        later.sort_by(|a, b| self.sources.order(a.0).cmp(&self.sources.order(b.0)));
        later
    }

    /// Takes over the files of a project that is opened, parsed beside one another. Gives back the other changes.
    fn open_new(&mut self, changes: Vec<Change>, moved: &mut Moved, executor: &dyn Executor) -> Vec<Change> {
        let mut seen = FxHashSet::default();
        let new = |change: &Change| match change {
            Change::Set { path, .. } => self.sources.by_path(path).is_none() && seen.insert(path.clone()),
            Change::Edit { .. } | Change::Remove { .. } => false,
        };
        if changes.len() < 2 || !changes.iter().all(new) {
            return changes;
        }
        let files = changes.into_iter().filter_map(|change| match change {
            Change::Set { path, text } => Some((path, text)),
            Change::Edit { .. } | Change::Remove { .. } => None,
        });
        let files: Vec<(String, String)> = files.collect();
        let size: usize = files.iter().map(|(_, text)| text.len()).sum();
        let executor = if size < WORTH_THREADS { &Serial } else { executor };
        let parsed = executor::map_owned(executor, files, |(path, text)| (path, Document::parse(text)));
        for (path, document) in parsed {
            self.sources.add(path, document, moved);
        }
        Vec::new()
    }

    fn lower(&mut self, dirty: &[ItemId], executor: &dyn Executor) -> Vec<Lowered> {
        let nothing = || Lowered { what: What::Nothing, diagnostics: Vec::new() };
        if self.options.track {
            return executor::map(executor, dirty, |item| match self.sources.text(*item) {
                Some((tree, text)) => lower::lower(tree, text, *item),
                None => nothing(),
            });
        }
        // Nobody is going to edit: a tree goes as soon as it is lowered, and its memory is used again.
        let trees: Vec<(ItemId, Option<Arc<Tree>>)> =
            dirty.iter().map(|item| (*item, self.sources.take_tree(*item))).collect();
        executor::map_taking(executor, trees, |(item, tree)| match (tree, self.sources.text(item)) {
            (Some(tree), Some((_, text))) => lower::lower(&tree, text, item),
            _ => nothing(),
        })
    }

    /// Replaces what the dirty items said by what they say now. Gives back what that touches.
    fn index(&mut self, moved: &Moved, lowered: Vec<Lowered>) -> Touched {
        let mut touched = Touched::default();
        for (item, before) in &moved.before {
            self.retract(*item, before, &mut touched);
        }
        for (item, lowered) in moved.dirty.iter().zip(lowered) {
            self.declare(*item, &lowered, &mut touched);
            if !lowered.diagnostics.is_empty() {
                self.faulty.insert(*item);
            }
            self.sources.set_lowered(*item, lowered);
        }
        touched.resources.sort_unstable();
        touched.resources.dedup();
        touched
    }

    fn retract(&mut self, item: ItemId, before: &Lowered, touched: &mut Touched) {
        self.faulty.remove(&item);
        match &before.what {
            What::Resource(declaration) => {
                let names = Arc::make_mut(&mut self.names);
                let id = names.id(declaration.kind, declaration.name);
                names.retract(id, item);
                touched.resources.push(id);
            }
            What::Environment(_) => {
                self.declared_environments.remove(&item);
                touched.environments = true;
            }
            What::Param(_) | What::Let(_) => {
                self.variables.remove(&item);
                touched.variables = true;
            }
            What::Later(_) => {
                self.later.remove(&item);
            }
            What::Nothing => {}
        }
    }

    fn declare(&mut self, item: ItemId, lowered: &Lowered, touched: &mut Touched) {
        match &lowered.what {
            What::Resource(declaration) => {
                let names = Arc::make_mut(&mut self.names);
                let id = names.id(declaration.kind, declaration.name);
                names.declare(id, item);
                touched.resources.push(id);
            }
            What::Environment(environment) => {
                self.declared_environments.insert(item, environment.clone());
                touched.environments = true;
            }
            What::Param(variable) | What::Let(variable) => {
                self.variables.insert(item, variable.clone());
                touched.variables = true;
            }
            What::Later(form) => {
                self.later.insert(item, form);
            }
            What::Nothing => {}
        }
    }

    /// Brings the list of environments up to date, and says what each has to redo.
    fn arrange_environments(&mut self, touched: &Touched) -> Vec<Work> {
        let mut work: Vec<Work>;
        if touched.environments {
            work = self.rebuild_environments();
        } else {
            work = self.environments.iter().map(|_| Work::default()).collect();
        }
        if touched.environments || touched.variables {
            self.bind_variables(&mut work);
        }
        let names: Vec<Symbol> = touched.resources.iter().map(|id| self.names.address(*id).name).collect();
        for work in &mut work {
            work.resources.extend(&touched.resources);
            work.names.extend(&names);
        }
        work
    }

    /// Keeps the state of every environment that is still there; a new one expands everything.
    fn rebuild_environments(&mut self) -> Vec<Work> {
        let mut declared: Vec<(ItemId, Arc<Environment>)> = self
            .declared_environments
            .iter()
            .map(|(item, environment)| (*item, environment.clone()))
            .collect();
        declared.sort_by(|a, b| self.sources.order(a.0).cmp(&self.sources.order(b.0)));
        self.own.clear();
        let mut wanted: Vec<Arc<Environment>> = Vec::new();
        for (_, environment) in declared {
            if let Some(first) = wanted.iter().find(|first| first.name == environment.name) {
                let message = format!("environment `{}` is declared twice", environment.name);
                self.own.push(
                    purlin_syntax::Diagnostic::error("reference.duplicate", message, environment.name_span)
                        .label(first.name_span, "first declared here"),
                );
            } else {
                wanted.push(environment);
            }
        }
        if let Some(only) = &self.options.environment {
            wanted.retain(|environment| environment.name.as_str() == only);
        }
        wanted.sort_by_key(|environment| environment.name.as_str());
        let mut old: Vec<EnvironmentState> = std::mem::take(&mut self.environments);
        let wanted: Vec<Option<Arc<Environment>>> =
            if wanted.is_empty() { vec![None] } else { wanted.into_iter().map(Some).collect() };
        let mut all_work = Vec::new();
        for declared in wanted {
            let name = declared.as_ref().map(|declared| declared.name);
            let kept = old.iter().position(|state| state.name() == name);
            let mut work = Work::default();
            let mut state = match kept {
                Some(position) => old.swap_remove(position),
                None => {
                    work.fresh = true;
                    EnvironmentState::default()
                }
            };
            work.resources.extend(state.declare(declared, Arc::make_mut(&mut self.names)));
            self.environments.push(state);
            all_work.push(work);
        }
        all_work
    }

    fn bind_variables(&mut self, work: &mut [Work]) {
        let mut declared: Vec<(ItemId, Arc<Variable>)> =
            self.variables.iter().map(|(item, variable)| (*item, variable.clone())).collect();
        declared.sort_by(|a, b| self.sources.order(a.0).cmp(&self.sources.order(b.0)));
        let declared: Vec<Arc<Variable>> = declared.into_iter().map(|(_, variable)| variable).collect();
        for (state, work) in self.environments.iter_mut().zip(work) {
            state.own.clear();
            let mut out = Vec::new();
            let bound = Variables::bind(&declared, state.declared.as_deref(), &mut out);
            state.own = out;
            if bound != state.variables {
                state.graph.expressions = Arc::new(Expressions::new(bound.clone()));
                state.variables = bound;
                work.variables = true;
                work.resources.extend(&state.open);
            }
        }
    }

    /// Expand, link and check one environment, as far as `work` reaches. Gives back how many resources changed.
    fn update_environment(&mut self, index: usize, mut work: Work, executor: &dyn Executor) -> usize {
        let track = self.options.track;
        let record = track || self.environments.len() > 1;
        let (before, rest) = self.environments.split_at_mut(index);
        let Some(state) = rest.first_mut() else { return 0 };
        let mut copied = None;
        let mut unresolved: Vec<ResourceId> = Vec::new();
        match before.first() {
            Some(first) if work.fresh => {
                work.resources = state.begin_as(first, track);
                work.names.clear();
                // Who found nothing is told so in the name of this environment.
                unresolved = first.linked.keys().copied().collect();
                // Where the copy is to be edited, it knows by itself who reads what.
                copied = (!track).then_some(first);
            }
            _ if work.fresh => work.resources = (0..self.names.len() as u32).map(ResourceId).collect(),
            _ => {}
        }
        work.resources.sort_unstable();
        work.resources.dedup();
        state.graph.names = self.names.clone();
        state.graph.reserve(self.names.len());
        let mut moved = engine::Moved::default();
        if record && work.variables {
            moved.reads.push(Read::Variables);
        }
        let mut computed: Vec<ResourceId> = Vec::new();
        for id in std::mem::take(&mut work.resources) {
            let resource = state.expand(id, &self.names, &self.sources);
            let open = state.open.contains(&id);
            match state.computing.put(id, resource, open) {
                Ok(()) => computed.push(id),
                Err(resource) => replace(state, id, resource, &self.names, record, &mut work, &mut moved),
            }
        }
        if !state.computing.is_empty() {
            let ground = (&self.catalog, &self.options);
            compute(state, computed, ground, &self.names, record, &mut work, &mut moved);
        }
        let mut relink = moved.subjects.clone();
        relink.append(&mut unresolved);
        for name in &work.names {
            relink.extend(state.readers.get(name).into_iter().flatten());
        }
        if let Some(copied) = copied {
            let sought: FxHashSet<Symbol> = work.names.iter().copied().collect();
            let reads_any = |names: &Vec<Symbol>| names.iter().any(|name| sought.contains(name));
            relink.extend(copied.looked_up.iter().filter(|(_, names)| reads_any(names)).map(|(id, _)| *id));
        }
        relink.sort_unstable();
        relink.dedup();
        let graph = &state.graph;
        let links = executor::map(executor, &relink, |id| match graph.get(*id) {
            Some(resource) => link::link(resource, graph),
            None => link::Linked::default(),
        });
        for (id, linked) in relink.into_iter().zip(links) {
            link_one(state, id, linked, (track, record), &mut moved);
        }
        moved.subjects.sort_unstable();
        moved.subjects.dedup();
        let changed = moved.subjects.len();
        let ground = (&state.graph, &self.catalog, &self.options);
        let copied = copied.map(|first| &first.checked);
        state.checked.update(ground, moved, copied, record, executor);
        changed
    }
}

/// Puts a resource into the graph, and notes what that moves.
fn replace(
    state: &mut EnvironmentState,
    id: ResourceId,
    resource: Option<Resource>,
    names: &Names,
    record: bool,
    work: &mut Work,
    moved: &mut engine::Moved,
) {
    let old = state.graph.get(id);
    if same(old, resource.as_ref()) {
        return;
    }
    let address = names.address(id);
    if record {
        if old.is_none() || resource.is_none() {
            work.names.push(address.name);
            if address.kind.name == "platform" {
                work.names.push(link::platform_name());
            }
        }
        moved.reads.push(Read::Kind(address.kind.name));
        moved.reads.push(Read::Resource(id));
    }
    moved.subjects.push(id);
    state.graph.set(id, resource);
}

/// Evaluates the expressions in fields: of the resources that were expanded, and of those that rest on what moved.
fn compute(
    state: &mut EnvironmentState,
    expanded: Vec<ResourceId>,
    (catalog, options): (&Catalog, &Options),
    names: &Names,
    record: bool,
    work: &mut Work,
    moved: &mut engine::Moved,
) {
    let mut grounds: Vec<fields::Ground> = Vec::new();
    for id in &moved.subjects {
        let address = names.address(*id);
        grounds.extend(fields::moved(*id, address.kind.name, address.name));
        if address.kind.name == "platform" {
            grounds.push(fields::platform_moved());
        }
    }
    let due = state.computing.due(expanded, grounds);
    let mut before: Vec<Option<Resource>> = Vec::with_capacity(due.len());
    for id in &due {
        before.push(state.graph.get(*id).cloned());
        state.graph.set(*id, state.computing.raw(*id).cloned());
    }
    let graph = &state.graph;
    let ask =
        || if record { Ask::recording(graph, catalog, options) } else { Ask::new(graph, catalog, options) };
    let mut done = fields::evaluate(ask, graph, &due);
    for ((id, before), done) in due.into_iter().zip(before).zip(&mut done) {
        let raw = state.graph.get(id).cloned();
        let new = raw.map(|raw| Resource { record: done.record.take().unwrap_or(raw.record.clone()), ..raw });
        state.computing.take(id, done, record);
        // The graph is as it was before, so that what differs is noted in one place.
        state.graph.set(id, before);
        replace(state, id, new, names, record, work, moved);
    }
}

/// Whether a resource is as it was.
fn same(old: Option<&Resource>, new: Option<&Resource>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => {
            old.item == new.item
                && old.name_span == new.name_span
                && (Arc::ptr_eq(&old.record, &new.record) || old.record == new.record)
        }
        _ => false,
    }
}

/// What a change touched, before environments are asked.
#[derive(Default)]
struct Touched {
    resources: Vec<ResourceId>,
    environments: bool,
    variables: bool,
}

/// Takes over what linking found for a resource.
fn link_one(
    state: &mut EnvironmentState,
    id: ResourceId,
    linked: link::Linked,
    (track, record): (bool, bool),
    moved: &mut engine::Moved,
) {
    if track {
        looks_up(state, id, linked.names);
    } else if record && !linked.names.is_empty() {
        state.looked_up.insert(id, linked.names);
    }
    let edges_changed = *state.graph.edges(id) != *linked.edges;
    let faults_changed = state.linked.get(&id).map_or(&[][..], |faults| faults) != linked.diagnostics;
    put(&mut state.linked, id, linked.diagnostics);
    if edges_changed || faults_changed {
        moved.subjects.push(id);
        let changed = state.graph.relink(id, linked.edges);
        if record {
            moved.reads.push(Read::Resource(id));
            moved.reads.extend(changed.into_iter().map(Read::Incoming));
        }
    }
}

/// Notes the names that a resource looks up: who declares one of them later has it linked again.
fn looks_up(state: &mut EnvironmentState, id: ResourceId, names: Vec<Symbol>) {
    let old_names = state.looked_up.get(&id).map_or(&[][..], |names| names);
    if old_names == names {
        return;
    }
    for name in old_names.iter().filter(|name| !names.contains(name)) {
        if let Some(readers) = state.readers.get_mut(name)
            && let Some(position) = readers.iter().position(|have| *have == id)
        {
            readers.swap_remove(position);
        }
    }
    for name in names.iter().filter(|name| !old_names.contains(name)) {
        state.readers.entry(*name).or_default().push(id);
    }
    if names.is_empty() {
        state.looked_up.remove(&id);
    } else {
        state.looked_up.insert(id, names);
    }
}
