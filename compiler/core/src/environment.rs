//! Declarations + one environment's word → resources: overlays merged on typed values, names filled in.

use std::sync::Arc;

use purlin_schema::merge::{self, Dropped};
use purlin_schema::value::Record;
use purlin_syntax::{Diagnostic, Span, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::engine::Checked;
use crate::expr::conditions;
use crate::expr::fields::Computing;
use crate::graph::{Graph, Resource, ResourceId};
use crate::link::Unresolved;
use crate::lower::{Change, Declaration, Environment, What};
use crate::names::Names;
use crate::source::Sources;
use crate::variables::Variables;

/// One environment of a session: its graph, and all that was found in it.
#[derive(Default, Debug)]
pub struct EnvironmentState {
    /// What it says; none for the one environment of a project that declares none.
    pub(crate) declared: Option<Arc<Environment>>,
    pub(crate) variables: Variables,
    pub(crate) overlay: FxHashMap<ResourceId, Overlay>,
    /// The graph.
    pub graph: Graph,
    /// Who looked up a name, found or not.
    pub(crate) readers: FxHashMap<Symbol, Vec<ResourceId>>,
    pub(crate) looked_up: FxHashMap<ResourceId, Vec<Symbol>>,
    /// Resources that read variables.
    pub(crate) open: FxHashSet<ResourceId>,
    /// Resources that say `only`.
    pub(crate) conditional: FxHashSet<ResourceId>,
    /// Resources that say `shared`, where there are environments to share them.
    pub(crate) shared: FxHashSet<ResourceId>,
    /// Resources whose fields hold expressions.
    pub(crate) computing: Computing,
    /// Findings of expansion, by resource.
    pub(crate) expanded: FxHashMap<ResourceId, Vec<Diagnostic>>,
    /// Findings of linking, by resource.
    pub(crate) linked: FxHashMap<ResourceId, Vec<(Diagnostic, Unresolved)>>,
    /// Findings of the environment's own statements.
    pub(crate) own: Vec<Diagnostic>,
    /// Protections that a change drops (`exclude`, `quality`, `abort`, `blocks`), by resource.
    pub(crate) dropped: FxHashMap<ResourceId, Vec<Dropped>>,
    /// Findings of the rules.
    pub(crate) checked: Checked,
}

/// What an environment says of one address.
#[derive(Clone, Default, Debug)]
pub struct Overlay {
    changes: Vec<(Arc<Environment>, usize)>,
    removed: Option<Span>,
    added: Option<Arc<Declaration>>,
}

impl Overlay {
    fn change(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().map(|(environment, index)| &environment.statements.changes[*index])
    }
}

impl EnvironmentState {
    /// The environment's name.
    pub fn name(&self) -> Option<Symbol> {
        self.declared.as_ref().map(|declared| declared.name)
    }

    /// Takes the environment's statements over. Gives back every address that they touch, before and now.
    pub(crate) fn declare(
        &mut self,
        declared: Option<Arc<Environment>>,
        names: &mut Names,
    ) -> Vec<ResourceId> {
        let mut touched: Vec<ResourceId> = self.overlay.keys().copied().collect();
        self.overlay.clear();
        self.own.clear();
        self.graph.environment = declared.as_ref().map(|declared| declared.name);
        if let Some(environment) = &declared {
            let statements = &environment.statements;
            for (index, change) in statements.changes.iter().enumerate() {
                let id = address(names, change.target.kind, change.target.name);
                self.overlay.entry(id).or_default().changes.push((environment.clone(), index));
            }
            for (target, span) in &statements.removals {
                self.overlay.entry(address(names, target.kind, target.name)).or_default().removed =
                    Some(*span);
            }
            for addition in &statements.additions {
                let id = names.id(addition.kind, addition.name);
                self.overlay.entry(id).or_default().added = Some(addition.clone());
            }
        }
        self.declared = declared;
        touched.extend(self.overlay.keys());
        touched
    }

    /// Begins a new environment as a copy of another. Gives back every address that may differ between the two; the
    /// others are the same by construction: nothing that they say depends on the environment.
    pub(crate) fn begin_as(&mut self, other: &EnvironmentState, track: bool) -> Vec<ResourceId> {
        let name = self.graph.environment;
        let expressions = std::mem::take(&mut self.graph.expressions);
        self.graph = Graph { environment: name, expressions, ..other.graph.clone() };
        self.computing.clone_from(&other.computing);
        self.linked.clone_from(&other.linked);
        self.open.clone_from(&other.open);
        self.conditional.clone_from(&other.conditional);
        self.shared.clone_from(&other.shared);
        self.checked = other.checked.copy(track);
        if track {
            self.readers.clone_from(&other.readers);
            self.looked_up.clone_from(&other.looked_up);
        }
        let differ = self.overlay.keys().chain(other.overlay.keys()).chain(other.expanded.keys());
        let mut differ: Vec<ResourceId> = differ.chain(&other.conditional).copied().collect();
        if self.variables != other.variables {
            differ.extend(&other.open);
        }
        differ
    }

    /// The resource of an address as this environment has it; its findings are kept beside it.
    pub(crate) fn expand(&mut self, id: ResourceId, names: &Names, sources: &Sources) -> Option<Resource> {
        let mut out = Vec::new();
        let mut dropped = Vec::new();
        let resource = self.expanded(id, names, sources, &mut out, &mut dropped);
        put(&mut self.expanded, id, out);
        put(&mut self.dropped, id, dropped);
        resource
    }

    fn expanded(
        &mut self,
        id: ResourceId,
        names: &Names,
        sources: &Sources,
        out: &mut Vec<Diagnostic>,
        dropped: &mut Vec<Dropped>,
    ) -> Option<Resource> {
        self.open.remove(&id);
        self.conditional.remove(&id);
        self.shared.remove(&id);
        let overlay = self.overlay.get(&id).cloned().unwrap_or_default();
        let base = base(id, names, sources, out);
        let declaration = self.pick(base, &overlay, id, names, out)?;
        let mut record = declaration.record.clone();
        for change in overlay.change() {
            let merged = merge::merge(&record, &change.body, out);
            dropped.extend(merge::dropped(&record, &merged));
            record = Arc::new(merged);
        }
        let open = if overlay.changes.is_empty() { declaration.open } else { is_open(&record) };
        if open {
            self.open.insert(id);
            let filled = Arc::new(self.variables.fill(&record, out));
            record = conditions::settle(&filled, &self.graph.expressions, out)?;
        }
        let here = self.is_here(id, &record);
        if here && self.declared.is_some() && crate::sharing::is_shared(&record) {
            self.shared.insert(id);
        }
        here.then(|| Resource {
            id,
            kind: declaration.kind,
            name: declaration.name,
            name_span: declaration.name_span,
            item: declaration.item,
            record,
        })
    }

    /// The declaration that counts, if the environment keeps the address at all.
    fn pick(
        &self,
        base: Option<Arc<Declaration>>,
        overlay: &Overlay,
        id: ResourceId,
        names: &Names,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Declaration>> {
        let address = names.address(id);
        let environment = self.name().map_or("", Symbol::as_str);
        if let (Some(base), Some(added)) = (&base, &overlay.added) {
            let message = format!("`{}.{}` exists already: `change` it", address.kind.name, address.name);
            out.push(
                Diagnostic::error("reference.duplicate", message, added.name_span)
                    .label(base.name_span, "declared for every environment"),
            );
            return Some(base.clone());
        }
        if base.is_none() && overlay.added.is_none() {
            for span in overlay.change().map(|change| change.span).chain(overlay.removed) {
                let message =
                    format!("`{}.{}` does not exist: nothing to change", address.kind.name, address.name);
                out.push(Diagnostic::error("reference.unknown", message, span).with_note(format!(
                    "a change cannot create a resource; `add {} {}` does, in environment `{environment}` alone",
                    address.kind.name, address.name
                )));
            }
        }
        if overlay.removed.is_some() {
            return None;
        }
        base.or_else(|| overlay.added.clone())
    }

    /// `only`, and a `when` that is no expression: whether the resource exists in this environment.
    fn is_here(&mut self, id: ResourceId, record: &Record) -> bool {
        if matches!(record.named("when").map(|slot| &slot.value), Some(purlin_schema::Value::Bool(false))) {
            return false;
        }
        let Some(slot) = record.named("only") else { return true };
        self.conditional.insert(id);
        let purlin_schema::Value::List(names) = &slot.value else { return true };
        let Some(environment) = self.name() else { return true };
        names.iter().any(|name| match &name.value {
            purlin_schema::Value::Text(text) => **text == *environment.as_str(),
            purlin_schema::Value::Reference(reference) => reference.name == environment,
            _ => true,
        })
    }
}

/// The number of an address that a statement names; its kind was looked up when the statement was lowered.
fn address(names: &mut Names, kind: &'static str, name: Symbol) -> ResourceId {
    let kind = purlin_schema::kinds::kind(kind).unwrap_or(purlin_schema::kinds::KINDS[0]);
    names.id(kind, name)
}

/// The declaration outside environments: the first in the order of the project; the others are errors.
fn base(
    id: ResourceId,
    names: &Names,
    sources: &Sources,
    out: &mut Vec<Diagnostic>,
) -> Option<Arc<Declaration>> {
    let address = names.address(id);
    let declaration = |item| match &sources.item(item)?.lowered.what {
        What::Resource(declaration) => Some(declaration.clone()),
        _ => None,
    };
    let mut items = address.items();
    let only = items.next()?;
    if items.next().is_none() {
        return declaration(only);
    }
    let mut items: Vec<_> = address.items().collect();
    items.sort_by(|a, b| sources.order(*a).cmp(&sources.order(*b)));
    let mut declarations = items.into_iter().filter_map(declaration);
    let first = declarations.next()?;
    for again in declarations {
        let message = format!("`{}.{}` is declared twice", address.kind.name, address.name);
        out.push(
            Diagnostic::error("reference.duplicate", message, again.name_span)
                .label(first.name_span, "first declared here"),
        );
    }
    Some(first)
}

fn is_open(record: &Record) -> bool {
    record.slots().iter().any(|slot| slot.value.is_open())
}

/// Keeps a list under a key, or nothing at all when it is empty.
pub(crate) fn put<T>(map: &mut FxHashMap<ResourceId, Vec<T>>, id: ResourceId, list: Vec<T>) {
    if list.is_empty() {
        map.remove(&id);
    } else {
        map.insert(id, list);
    }
}
