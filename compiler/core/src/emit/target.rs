//! What a target is: graph in, tapes out.

use purlin_schema::view::{KindType, View};

use crate::ask::Ask;
use crate::emit::Format;
use crate::emit::tape::Tape;
use crate::graph::{Graph, Resource, ResourceId};
use crate::options::Options;
use crate::sharing::SHARED;

/// A graph in which no error stands: the only thing that can be emitted.
///
/// Views taken from it *say* what they read: a field that no target says is a loss, and is listed.
pub struct Sound<'a> {
    /// Asks the graph, the catalog and the options.
    pub ask: Ask<'a>,
    /// Which resources of the graph are made.
    pub part: Part,
}

/// Which resources of an environment's graph are made.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of them.
    #[default]
    Whole,
    /// Those of the environment itself; what it shares with others is referred to.
    Own,
    /// What several environments share.
    Shared,
}

impl<'a> Sound<'a> {
    /// Vouches for a graph. Called where the findings are at hand and none of them is an error.
    pub fn vouch(graph: &'a Graph, catalog: &'a crate::catalog::Catalog, options: &'a Options) -> Self {
        Sound { ask: Ask::new(graph, catalog, options), part: Part::Whole }
    }

    /// Whether a resource is made here; else it is made where its part is.
    pub fn makes(&self, resource: &Resource) -> bool {
        match self.part {
            Part::Whole => true,
            Part::Own => !resource.is_shared(),
            Part::Shared => resource.is_shared(),
        }
    }

    /// What stands for the environment in the names that are made of a resource; empty where there is none.
    pub fn environment(&self, resource: &Resource) -> &'static str {
        if self.part != Part::Whole && resource.is_shared() {
            return SHARED;
        }
        self.ask.graph.environment.map_or("", |name| name.as_str())
    }

    /// The graph.
    pub fn graph(&self) -> &'a Graph {
        self.ask.graph
    }

    /// A resource that a target is about to say.
    pub fn view<K: KindType>(&self, id: ResourceId) -> Option<View<'a, K>> {
        let resource = self.ask.graph.get(id)?;
        self.ask.graph.view::<K>(id).map(|_| View::saying(&resource.record))
    }

    /// All resources of a kind, by name, about to be said; those that exist elsewhere (`existing`) included.
    pub fn all<K: KindType>(&self) -> Vec<(&'a Resource, View<'a, K>)> {
        self.ask
            .graph
            .of_kind(K::KIND.name)
            .into_iter()
            .map(|resource| (resource, View::saying(&resource.record)))
            .collect()
    }
}

/// Takes artifacts, one document at a time, in order.
pub trait Sink {
    /// Begins a file; what follows belongs to it. Paths are relative to the output folder, with `/`; a path is begun once.
    fn file(&mut self, path: &str, format: Format);
    /// One document, made from a resource (none: from the platform as a whole). The tape may be reused afterwards.
    fn document(&mut self, from: Option<ResourceId>, tape: &Tape);
    /// A piece of text, in a file of [`Format::Text`].
    fn text(&mut self, from: Option<ResourceId>, text: &str);
    /// Something that the target cannot say though it is asked to. Told at any time, also twice.
    fn loss(&mut self, loss: Loss);
}

/// A target: what it emits, and what it refuses.
pub trait Target: Sync {
    /// `terraform`, `kubernetes`, `node`, `run` or `docs`.
    fn name(&self) -> &'static str;
    /// Writes every artifact of a sound graph, and tells what of it no artifact says. Cannot fail.
    fn emit(&self, sound: &Sound<'_>, sink: &mut dyn Sink);
}

/// Something that a spec asks and no output says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Loss {
    /// Address of the resource.
    pub address: String,
    /// Path of the field: `metric[ttft-p99].max`. Empty: the whole resource.
    pub field: String,
    /// Why, if it is known.
    pub reason: String,
}
