//! Asking the graph: the one way in which rules and queries read it, so that a session knows what an answer rests on.

use std::cell::RefCell;

use purlin_schema::view::{KindSet, KindType};
use purlin_schema::{Field, Reference, Silent, View};

use crate::catalog::Catalog;
use crate::graph::{Graph, Resource, ResourceId};
use crate::link::{self, Resolution};
use crate::options::Options;

/// Something an answer rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Read {
    /// A resource: its fields, and what they refer to.
    Resource(ResourceId),
    /// Who refers to a resource.
    Incoming(ResourceId),
    /// The labels that flow into a resource.
    Labels(ResourceId),
    /// All resources of a kind.
    Kind(&'static str),
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
}

impl<'a> Ask<'a> {
    /// Asks without recording: plans, targets, hover.
    pub fn new(graph: &'a Graph, catalog: &'a Catalog, options: &'a Options) -> Self {
        Ask { graph, catalog, options, reads: None }
    }

    /// Asks with recording: rules in a session that lives on.
    pub(crate) fn recording(graph: &'a Graph, catalog: &'a Catalog, options: &'a Options) -> Self {
        Ask { graph, catalog, options, reads: Some(RefCell::default()) }
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
