//! Facts as rules see them: the built-in catalog, and the project's own fact blocks before it.
//!
//! `None` is unknown: a rule that meets it stays silent or says so, and refuses nothing.

use std::ops::Deref;
use std::sync::Arc;

use purlin_schema::kinds::{facts as kinds, models};
use purlin_schema::view::KindType;
use purlin_schema::{Reference, View};
use purlin_stdlib::facts::{
    Architecture, Capacity, CudaFamily, DriverBranch, Gpu, Instance, MigTable, Price, Rate, Region, Runtime,
    Toolkit,
};
use purlin_syntax::Diagnostic;

use crate::ask::{Ask, Read};

/// A fact, cheap to hand on.
#[derive(Debug)]
pub enum Known<T: 'static> {
    /// Of the built-in tables.
    BuiltIn(&'static T),
    /// Made from a block of the project.
    Stated(Arc<T>),
}

impl<T> Known<T> {
    fn stated(fact: T) -> Known<T> {
        Known::Stated(Arc::new(fact))
    }
}

impl<T> Deref for Known<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Known::BuiltIn(fact) => fact,
            Known::Stated(fact) => fact,
        }
    }
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Known<T> {
        match self {
            Known::BuiltIn(fact) => Known::BuiltIn(fact),
            Known::Stated(fact) => Known::Stated(fact.clone()),
        }
    }
}

/// The catalog of a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog;

impl Catalog {
    /// Whether a kind describes the world rather than something to be made.
    pub fn is_fact_kind(kind: &str) -> bool {
        purlin_schema::kinds::kind(kind).is_some_and(|kind| kind.fact)
    }

    /// Whether the built-in catalog has the name, in one of the kinds that a field admits.
    pub fn has(reference: Reference, admitted: &[&str]) -> bool {
        admitted
            .iter()
            .filter(|kind| reference.kind.is_none_or(|said| said.as_str() == **kind))
            .any(|kind| Self::names(kind).binary_search(&reference.name.as_str()).is_ok())
    }

    /// The names of a kind that the built-in catalog has, sorted.
    pub fn names(kind: &str) -> &'static [&'static str] {
        purlin_stdlib::names(kind)
    }

    /// The finding for a name that the catalog lacks: a warning, never a refusal.
    pub fn unknown(reference: Reference, kind: &str) -> Diagnostic {
        let message = format!("the catalog has no {kind} `{}`", reference.name);
        Diagnostic::warning("catalog.unknown", message, reference.span).with_note(format!(
            "what depends on it is not checked; declare it: `{kind} {} {{ … source \"…\"; as-of \"…\" }}`",
            reference.name
        ))
    }
}

/// An accelerator by its name.
pub fn gpu(ask: &Ask, name: &str) -> Option<Known<Gpu>> {
    own(ask, name, |name, view: View<'_, kinds::Gpu>| Some(Gpu::from_view(name, view)))
        .or_else(|| purlin_stdlib::gpu(name).map(Known::BuiltIn))
}

/// A type of machine by its name.
pub fn instance(ask: &Ask, name: &str) -> Option<Known<Instance>> {
    own(ask, name, |name, view: View<'_, kinds::Instance>| Some(Instance::from_view(name, view)))
        .or_else(|| purlin_stdlib::instance(name).map(Known::BuiltIn))
}

/// A region by its name.
pub fn region(ask: &Ask, name: &str) -> Option<Known<Region>> {
    own(ask, name, |name, view: View<'_, kinds::CloudRegion>| Some(Region::from_view(name, view)))
        .or_else(|| purlin_stdlib::region(name).map(Known::BuiltIn))
}

/// The shape of a model by its name.
pub fn architecture(ask: &Ask, name: &str) -> Option<Known<Architecture>> {
    own(ask, name, |name, view: View<'_, models::Architecture>| Architecture::from_view(name, view))
        .or_else(|| purlin_stdlib::architecture(name).map(Known::BuiltIn))
}

/// The options of a program by its name.
pub fn runtime(ask: &Ask, name: &str) -> Option<Known<Runtime>> {
    own(ask, name, |name, view: View<'_, kinds::Runtime>| Some(Runtime::from_view(name, view)))
        .or_else(|| purlin_stdlib::runtime(name).map(Known::BuiltIn))
}

/// A CUDA toolkit by its version.
pub fn toolkit(ask: &Ask, version: &str) -> Option<Known<Toolkit>> {
    own(ask, version, |name, view: View<'_, kinds::CudaToolkit>| Some(Toolkit::from_view(name, view)))
        .or_else(|| purlin_stdlib::toolkit(version).map(Known::BuiltIn))
}

/// The MIG table of an accelerator; `None` where it has none, or where its table is unknown.
pub fn mig_table(ask: &Ask, gpu: &str) -> Option<Known<MigTable>> {
    all(ask, |name, view: View<'_, kinds::MigTable>| Some(MigTable::from_view(name, view)))
        .find(|table| table.gpus.contains(&gpu))
        .map(Known::stated)
        .or_else(|| purlin_stdlib::mig_table(gpu).map(Known::BuiltIn))
}

/// A major family of CUDA.
pub fn cuda_family(ask: &Ask, major: u64) -> Option<Known<CudaFamily>> {
    all(ask, |name, view: View<'_, kinds::CudaFamily>| Some(CudaFamily::from_view(name, view)))
        .find(|family| family.major == Some(major))
        .map(Known::stated)
        .or_else(|| purlin_stdlib::cuda_family(major).map(Known::BuiltIn))
}

/// A branch of the driver by its number.
pub fn driver_branch(ask: &Ask, number: u64) -> Option<Known<DriverBranch>> {
    all(ask, |name, view: View<'_, kinds::DriverBranch>| DriverBranch::from_view(name, view))
        .find(|branch| branch.branch == number)
        .map(Known::stated)
        .or_else(|| purlin_stdlib::driver_branch(number).map(Known::BuiltIn))
}

/// What an instance costs in a region for a kind of capacity: the project's prices first, those of the region before
/// those that hold everywhere.
pub fn price(ask: &Ask, name: &str, region: &str, capacity: Capacity) -> Option<Rate> {
    let rates = rates(ask, name);
    let of =
        |place: &str| rates.iter().find(|rate| rate.capacity == capacity && rate.region == place).copied();
    of(region).or_else(|| of(""))
}

/// Every known price of an instance, over all regions and kinds of capacity: the project's own first.
pub fn rates(ask: &Ask, name: &str) -> Vec<Rate> {
    // The name of a price is its instance type with region and kind of capacity behind `@`.
    let stated = |name: &'static str, view: View<'_, kinds::Price>| {
        Price::from_view(name.split('@').next().unwrap_or(name), view)
    };
    let mut rates: Vec<Rate> =
        all(ask, stated).filter(|price| price.instance == name).map(|price| price.rate).collect();
    if let Some(instance) = instance(ask, name) {
        rates.extend(instance.rates.iter().copied());
    }
    rates
}

/// The project's own block of a name.
fn own<K: KindType, T>(
    ask: &Ask,
    name: &str,
    fact: impl FnOnce(&'static str, View<'_, K>) -> Option<T>,
) -> Option<Known<T>> {
    ask.note(Read::Kind(K::NAME));
    // Few projects state facts of their own.
    if ask.graph.facts == 0 {
        return None;
    }
    let resource = ask.graph.find(K::NAME, name)?;
    fact(resource.name.as_str(), ask.graph.view::<K>(resource.id)?).map(Known::stated)
}

/// The project's own blocks of a kind, by name.
fn all<'a, K: KindType, T>(
    ask: &Ask<'a>,
    fact: impl Fn(&'static str, View<'a, K>) -> Option<T> + 'a,
) -> impl Iterator<Item = T> {
    let graph = ask.graph;
    ask.note(Read::Kind(K::NAME));
    let stated = if graph.facts == 0 { Vec::new() } else { ask.all::<K>() };
    stated.into_iter().filter_map(move |(id, view)| fact(graph.get(id)?.name.as_str(), view))
}
