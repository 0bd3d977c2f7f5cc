//! Asking the graph: the one way in which rules and queries read it, so that a session knows what an answer rests on.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use purlin_schema::view::{KindSet, KindType};
use purlin_schema::{Field, Reference, Silent, View};
use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::graph::{Graph, Resource, ResourceId};
use crate::link::{self, Resolution};
use crate::options::Options;
use crate::query::placement::{Placed, Pool};

/// Something an answer rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Read {
    /// A resource: its fields, and what they refer to.
    Resource(ResourceId),
    /// Who refers to a resource.
    Incoming(ResourceId),
    /// All resources of a kind.
    Kind(&'static str),
    /// Params and lets, and the name of the environment.
    Variables,
}

/// The graph of one environment, the catalog and the options, with a record of what was read.
pub struct Ask<'a> {
    /// The graph. Reading it directly is not recorded: outside rules only.
    pub graph: &'a Graph,
    /// Facts: the built-in ones and the project's own.
    pub catalog: &'a Catalog,
    /// What the caller asked for.
    pub options: &'a Options,
    reads: Option<RefCell<Vec<Read>>>,
    pools: Option<&'a SharedShelf<Pool>>,
    pub(crate) placed: Shelf<Placed>,
}

/// The answer of a query, or its silence.
type Answer<T> = Result<Arc<T>, Silent>;

/// Answers that were given already, to one who asks several times.
pub(crate) struct Shelf<T>(RefCell<FxHashMap<ResourceId, Answer<T>>>);

/// As many answers are kept as one subject's rules, or a few targets', ask for.
const KEPT: usize = 16_384;

impl<T> Shelf<T> {
    /// The kept answer, or the one that is found now. What it rests on was noted when it was found.
    pub(crate) fn get(&self, id: ResourceId, find: impl FnOnce() -> Answer<T>) -> Answer<T> {
        if let Some(kept) = self.0.borrow().get(&id) {
            return kept.clone();
        }
        let found = find();
        let mut kept = self.0.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id, found.clone());
        found
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Shelf<T> {
        Shelf(RefCell::default())
    }
}

/// Answers that many subjects ask for while one environment is checked, each with what it rests on.
pub(crate) struct SharedShelf<T>([Mutex<FxHashMap<ResourceId, Rested<T>>>; 16]);

type Rested<T> = (Answer<T>, Arc<[Read]>);

impl<T> SharedShelf<T> {
    fn part(&self, id: ResourceId) -> std::sync::MutexGuard<'_, FxHashMap<ResourceId, Rested<T>>> {
        self.0[id.0 as usize % 16].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for SharedShelf<T> {
    fn default() -> SharedShelf<T> {
        SharedShelf(std::array::from_fn(|_| Mutex::default()))
    }
}

impl<'a> Ask<'a> {
    /// Asks without recording: plans, targets, hover.
    pub fn new(graph: &'a Graph, catalog: &'a Catalog, options: &'a Options) -> Self {
        Ask { graph, catalog, options, reads: None, pools: None, placed: Shelf::default() }
    }

    /// Asks for what a field's expression reads, recording it.
    pub(crate) fn recording(graph: &'a Graph, catalog: &'a Catalog, options: &'a Options) -> Self {
        Ask { reads: Some(RefCell::default()), ..Ask::new(graph, catalog, options) }
    }

    /// Asks for one subject of many: recording where answers are to be kept, and sharing what all of them ask for.
    pub(crate) fn of_many(
        graph: &'a Graph,
        catalog: &'a Catalog,
        options: &'a Options,
        pools: &'a SharedShelf<Pool>,
        record: bool,
    ) -> Self {
        let reads = record.then(RefCell::default);
        Ask { reads, pools: Some(pools), ..Ask::new(graph, catalog, options) }
    }

    /// A pool's facts: found once for all who ask beside one another.
    pub(crate) fn pool(&self, id: ResourceId, find: impl FnOnce() -> Answer<Pool>) -> Answer<Pool> {
        let Some(shelf) = self.pools else { return find() };
        let kept = shelf.part(id).get(&id).cloned();
        if let Some((answer, rests_on)) = kept {
            self.note_all(&rests_on);
            return answer;
        }
        let before = self.reads.as_ref().map(RefCell::take);
        let answer = find();
        let mut rests_on: Vec<Read> = Vec::new();
        if let (Some(reads), Some(before)) = (&self.reads, before) {
            rests_on = reads.replace(before);
            rests_on.sort_unstable();
            rests_on.dedup();
            self.note_all(&rests_on);
        }
        shelf.part(id).insert(id, (answer.clone(), rests_on.into()));
        answer
    }

    fn note_all(&self, rests_on: &[Read]) {
        if let Some(reads) = &self.reads {
            reads.borrow_mut().extend_from_slice(rests_on);
        }
    }

    /// What was read, sorted, once each.
    pub(crate) fn into_reads(self) -> Vec<Read> {
        let mut reads = self.reads.map(RefCell::into_inner).unwrap_or_default();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// Notes that the answer rests on something.
    pub fn note(&self, read: Read) {
        if let Some(reads) = &self.reads {
            let mut reads = reads.borrow_mut();
            if reads.last() != Some(&read) {
                reads.push(read);
            }
        }
    }

    /// A resource.
    pub fn resource(&self, id: ResourceId) -> Option<&'a Resource> {
        self.note(Read::Resource(id));
        self.graph.get(id)
    }

    /// A resource read as a `K`, where it is one.
    pub fn view<K: KindType>(&self, id: ResourceId) -> Option<View<'a, K>> {
        self.note(Read::Resource(id));
        self.graph.view(id)
    }

    /// The resource that a reference stands for; silence where there is none (linking has reported it).
    pub fn follow(&self, reference: Reference, kinds: &[&str]) -> Result<ResourceId, Silent> {
        match link::resolve(self.graph, reference, kinds) {
            Resolution::Found(id) => {
                self.note(Read::Resource(id));
                Ok(id)
            }
            Resolution::Fact | Resolution::Nothing | Resolution::Ambiguous => Err(Silent),
        }
    }

    /// The resource that a field refers to, read as a `K`; silence where the field is absent or the reference is broken.
    pub fn get<K: KindType>(&self, field: Field<Reference>) -> Result<(ResourceId, View<'a, K>), Silent> {
        let id = self.follow(field.present()?, <K as KindSet>::KINDS)?;
        Ok((id, self.view(id).ok_or(Silent)?))
    }

    /// The same for a reference out of a list or a row.
    pub fn get_one<K: KindType>(&self, reference: Reference) -> Result<(ResourceId, View<'a, K>), Silent> {
        let id = self.follow(reference, <K as KindSet>::KINDS)?;
        Ok((id, self.view(id).ok_or(Silent)?))
    }

    /// Who refers to a resource, by address.
    pub fn incoming(&self, id: ResourceId) -> Vec<&'a Resource> {
        self.note(Read::Incoming(id));
        let mut found: Vec<&Resource> =
            self.graph.incoming(id).iter().filter_map(|from| self.resource(*from)).collect();
        found.sort_unstable_by_key(|resource| (resource.kind.name, resource.name.as_str()));
        found
    }

    /// All resources of a kind, by name.
    pub fn all<K: KindType>(&self) -> Vec<(ResourceId, View<'a, K>)> {
        let kind = K::KIND.name;
        self.note(Read::Kind(kind));
        self.graph
            .of_kind(kind)
            .into_iter()
            .filter_map(|resource| Some((resource.id, self.graph.view::<K>(resource.id)?)))
            .collect()
    }
}
