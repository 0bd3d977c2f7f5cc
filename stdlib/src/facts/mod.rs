//! Facts as rules read them: plain structs, made from decoded blocks by `from_view`.
//!
//! The build script makes the catalog's tables with the same functions that turn a project's own fact blocks into
//! facts. Their `Debug` form is the Rust expression that builds them: that is how the tables are written.

mod architecture;
mod component;
mod cuda;
mod gpu;
mod instance;
mod nccl;
mod region;
mod runtime;

use std::fmt;
use std::ops::Deref;

use purlin_schema::kinds::facts as kinds;
use purlin_schema::value::{Entry, Value};
use purlin_schema::view::{Items, Text};
use purlin_syntax::Symbol;

pub use architecture::{Activation, Architecture, Experts, LatentAttention, Norm, NormKind};
pub use component::{Chart, Component};
pub use cuda::{ComputeCapability, CudaFamily, DriverBranch, NcclRelease, Toolkit};
pub use gpu::{CudaRange, DriverRange, Gpu, Link, MigProfile, MigTable, Tflops};
pub use instance::{Fabric, Instance, Price, Rate};
pub use nccl::{NcclProfile, Variables};
pub use region::Region;
pub use runtime::{Runtime, RuntimeOption};

pub use kinds::{
    Arch, DriverSupport, FabricKind, GpuVendor, KernelModule, PricedCapacity as Capacity, Provider, Takes,
};

/// A list that a table holds without allocation. Lists of a project's own facts live as long as the process, as all
/// names do: facts are few, and change seldom.
#[derive(Clone, Copy, PartialEq)]
pub struct List<T: 'static>(pub &'static [T]);

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items: Vec<T> = items.into_iter().collect();
        if items.is_empty() { List(&[]) } else { List(items.leak()) }
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("List(&")?;
        f.debug_list().entries(self.iter()).finish()?;
        f.write_str(")")
    }
}

/// Where a fact was read, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct Provenance {
    /// Where: documents, repositories with their commit.
    pub source: List<&'static str>,
    /// When, `2026-11-20`.
    pub as_of: &'static str,
}

/// What every fact has.
pub trait Fact: fmt::Debug + 'static {
    /// Its name, unique among its kind.
    fn name(&self) -> &'static str;
    /// Where it was read, and when.
    fn provenance(&self) -> &Provenance;
}

/// Says that the types are facts: all of them have a name and a provenance.
macro_rules! facts {
    ($($type:ty),* $(,)?) => { $(
        impl Fact for $type {
            fn name(&self) -> &'static str {
                self.name
            }
            fn provenance(&self) -> &Provenance {
                &self.provenance
            }
        }
    )* };
}
facts!(
    Gpu,
    MigTable,
    Instance,
    Price,
    Toolkit,
    CudaFamily,
    ComputeCapability,
    DriverBranch,
    NcclRelease,
    NcclProfile,
    Component,
    Region,
    Runtime,
    Architecture,
);

/// A text that lives as long as the process, as those of the tables do.
fn keep(text: &str) -> &'static str {
    Symbol::intern(text).as_str()
}

fn texts(items: Items<'_, Text>) -> List<&'static str> {
    items.values().map(keep).collect()
}

/// Source and date of a view that has the fields `source` and `as-of`.
macro_rules! provenance {
    ($view:expr) => {
        $crate::facts::Provenance {
            source: $crate::facts::texts($view.source()),
            as_of: $crate::facts::date($view.as_of().get()),
        }
    };
}
use provenance;

fn date(date: Option<purlin_schema::units::Date>) -> &'static str {
    date.map_or("", |date| keep(&date.to_string()))
}

/// The entries of a map whose values are scalars, each value as a program would be given it.
fn pairs(entries: &[Entry]) -> List<(&'static str, &'static str)> {
    entries.iter().filter_map(|entry| Some((entry.key.as_str(), plain(&entry.value)?))).collect()
}

fn plain(value: &Value) -> Option<&'static str> {
    match value {
        Value::Text(text) => Some(keep(text)),
        Value::Bool(value) => Some(if *value { "true" } else { "false" }),
        Value::Integer(value) => Some(keep(&value.to_string())),
        Value::Number(value) => Some(keep(&value.to_string())),
        Value::Quantity(value) => Some(keep(&value.to_string())),
        _ => None,
    }
}
