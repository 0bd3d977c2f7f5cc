//! The typed graph of one environment: resources, and the relations between them.

use std::sync::Arc;

use purlin_schema::view::KindType;
use purlin_schema::{KindSchema, Record, View};
use purlin_syntax::{ItemId, Span, Symbol};
use rustc_hash::FxHashMap;

use crate::expr::Expressions;
use crate::names::Names;

/// A resource's number: one an address, the same in every environment, for the whole life of a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ResourceId(pub u32);

/// One declaration of a kind, as it is in one environment.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its number.
    pub id: ResourceId,
    /// Its kind.
    pub kind: &'static KindSchema,
    /// Its name; the address is `kind.name`.
    pub name: Symbol,
    /// Where the name stands.
    pub name_span: Span,
    /// The item that declared it.
    pub item: ItemId,
    /// Its fields, with the environment's changes in them.
    pub record: Arc<Record>,
}

impl Resource {
    /// `kind.name`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.kind.name, self.name)
    }

    /// Whether several environments use this one.
    pub fn is_shared(&self) -> bool {
        crate::sharing::is_shared(&self.record)
    }
}

/// One reference that was found: a typed edge of the graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The resource that the name stands for.
    pub to: ResourceId,
    /// The field in whose record the name stands, which is what the relation is called: `on`, `of`, `data`.
    pub relation: &'static str,
    /// Where the name stands.
    pub span: Span,
}

/// All resources of one environment. A copy shares what both leave as it is.
#[derive(Clone, Default, Debug)]
pub struct Graph {
    /// The environment; none where a project has none.
    pub environment: Option<Symbol>,
    pub(crate) resources: Vec<Option<Resource>>,
    pub(crate) edges: Vec<Arc<[Edge]>>,
    pub(crate) incoming: Vec<Arc<Vec<ResourceId>>>,
    /// The names of the session, of which this environment may lack some.
    pub(crate) names: Arc<Names>,
    pub(crate) by_kind: FxHashMap<&'static str, Vec<ResourceId>>,
    /// How many resources are facts that the project states itself.
    pub(crate) facts: usize,
    /// Params and lets, and what is compiled against them.
    pub(crate) expressions: Arc<Expressions>,
}

impl Graph {
    /// The resource of a number, where this environment has it.
    pub fn get(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.get(id.0 as usize)?.as_ref()
    }

    /// Params and lets, and the programs that are compiled against them.
    pub fn expressions(&self) -> &Expressions {
        &self.expressions
    }

    /// The resource read as a `K`, where it is one.
    pub fn view<K: KindType>(&self, id: ResourceId) -> Option<View<'_, K>> {
        let resource = self.get(id)?;
        std::ptr::eq(resource.record.schema, K::SCHEMA).then(|| View::of(&resource.record))
    }

    /// The resource of an address `kind.name`.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Resource> {
        self.named(Symbol::intern(name)).find(|resource| resource.kind.name == kind)
    }

    /// The resources of a name, in no order.
    pub fn named(&self, name: Symbol) -> impl Iterator<Item = &Resource> {
        self.names.of(name).filter_map(|id| self.get(id))
    }

    /// The resource of an address as a user writes it: `gpu-pool.h100`, or `h100` where just one has that name.
    pub fn lookup(&self, address: &str) -> Option<&Resource> {
        if let Some((kind, name)) = address.split_once('.')
            && let Some(found) = self.find(kind, name)
        {
            return Some(found);
        }
        let mut found = self.named(Symbol::intern(address));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// What a resource refers to, in the order of its text.
    pub fn edges(&self, id: ResourceId) -> &[Edge] {
        self.edges.get(id.0 as usize).map_or(&[], |edges| edges)
    }

    /// Who refers to a resource, once each, in no order: sort before it reaches any output.
    pub fn incoming(&self, id: ResourceId) -> &[ResourceId] {
        self.incoming.get(id.0 as usize).map_or(&[], |ids| ids)
    }

    /// All resources of a kind, by name.
    pub fn of_kind(&self, kind: &str) -> Vec<&Resource> {
        let ids = self.by_kind.get(kind).map_or(&[][..], |ids| ids);
        let mut found: Vec<&Resource> = ids.iter().filter_map(|id| self.get(*id)).collect();
        found.sort_by_cached_key(|resource| resource.name.as_str());
        found
    }

    /// Whether there is any resource of a kind.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.by_kind.get(kind).is_some_and(|ids| !ids.is_empty())
    }

    /// Every resource, by address.
    pub fn sorted(&self) -> Vec<&Resource> {
        let mut all: Vec<&Resource> = self.iter().collect();
        all.sort_by_cached_key(|resource| (resource.kind.name, resource.name.as_str()));
        all
    }

    /// Every resource, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().flatten()
    }

    /// Number of resources.
    pub fn len(&self) -> usize {
        self.resources.iter().flatten().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.resources.iter().all(Option::is_none)
    }

    pub(crate) fn reserve(&mut self, count: usize) {
        if self.resources.len() < count {
            self.resources.resize_with(count, || None);
            self.edges.resize(count, Arc::default());
            self.incoming.resize(count, Arc::default());
        }
    }

    /// Puts, replaces or takes away a resource; its edges are left as they are until it is linked.
    pub(crate) fn set(&mut self, id: ResourceId, resource: Option<Resource>) {
        self.reserve(id.0 as usize + 1);
        let slot = &mut self.resources[id.0 as usize];
        match (slot.as_ref(), resource.as_ref()) {
            (None, Some(new)) => {
                self.by_kind.entry(new.kind.name).or_default().push(id);
                self.facts += usize::from(new.kind.fact);
            }
            (Some(old), None) => {
                forget(self.by_kind.get_mut(old.kind.name), id);
                self.facts -= usize::from(old.kind.fact);
            }
            _ => {}
        }
        *slot = resource;
    }

    /// Replaces the edges of a resource. Gives back the resources whose incoming edges changed.
    pub(crate) fn relink(&mut self, id: ResourceId, edges: Vec<Edge>) -> Vec<ResourceId> {
        let old = std::mem::take(&mut self.edges[id.0 as usize]);
        let mut changed = Vec::new();
        for (n, edge) in old.iter().enumerate() {
            let repeated = old[..n].iter().any(|other| other.to == edge.to);
            if !repeated && !edges.iter().any(|new| new.to == edge.to) {
                forget(Some(Arc::make_mut(&mut self.incoming[edge.to.0 as usize])), id);
                changed.push(edge.to);
            }
        }
        for (n, edge) in edges.iter().enumerate() {
            let repeated = edges[..n].iter().any(|other| other.to == edge.to);
            if !repeated && !old.iter().any(|had| had.to == edge.to) {
                Arc::make_mut(&mut self.incoming[edge.to.0 as usize]).push(id);
                changed.push(edge.to);
            }
        }
        self.edges[id.0 as usize] = edges.into();
        changed
    }
}

fn forget(ids: Option<&mut Vec<ResourceId>>, id: ResourceId) {
    if let Some(ids) = ids
        && let Some(position) = ids.iter().position(|have| *have == id)
    {
        ids.swap_remove(position);
    }
}
