//! The computed values that expressions may ask for: what plans and rules calculate, by name.

use std::rc::Rc;

use purlin_schema::units::{Bytes, Currency, Duration, Money, Quantity, QuantityKind};

use super::types::Ty;
use super::value::Val;
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::laws::interval::{Interval, Verdict};
use crate::query::{cost, demand, memory};

/// A computed value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Computed {
    /// What one GPU needs.
    MemoryTotal,
    /// What one GPU has.
    MemoryCapacity,
    /// Whether that suffices.
    MemoryVerdict,
    /// GPUs that may be asked for at once.
    DemandMax,
    /// What a month of a pool costs.
    PoolMonth,
    /// What one run costs.
    RunCost,
    /// How long one run takes.
    RunTime,
    /// What a month of all pools costs.
    Month,
}

/// One row of the reference: the kinds that have it, its two words, its type, its meaning.
pub struct Row {
    /// The kinds whose resources have it; empty: the project itself.
    pub kinds: &'static [&'static str],
    /// `memory`.
    pub group: &'static str,
    /// `total`.
    pub name: &'static str,
    /// Which.
    pub which: Computed,
    /// Its type.
    pub ty: fn() -> Ty,
    /// What it is.
    pub doc: &'static str,
}

/// All of them, in the order of the reference.
pub const COMPUTED: &[Row] = &[
    Row {
        kinds: &["training-job", "serving"],
        group: "memory",
        name: "total",
        which: Computed::MemoryTotal,
        ty: || Ty::Range(QuantityKind::Bytes),
        doc: "what one GPU needs",
    },
    Row {
        kinds: &["training-job", "serving"],
        group: "memory",
        name: "capacity",
        which: Computed::MemoryCapacity,
        ty: || Ty::Range(QuantityKind::Bytes),
        doc: "what one GPU or slice shows to programs",
    },
    Row {
        kinds: &["training-job", "serving"],
        group: "memory",
        name: "verdict",
        which: Computed::MemoryVerdict,
        ty: || Ty::Text,
        doc: "`fits`, `too-close`, `does-not-fit`, `declared` or `unknown`",
    },
    Row {
        kinds: &["gpu-pool"],
        group: "demand",
        name: "max",
        which: Computed::DemandMax,
        ty: || Ty::Int,
        doc: "GPUs that everything on the pool may ask for at once, rollouts included",
    },
    Row {
        kinds: &["gpu-pool", "cpu-pool"],
        group: "cost",
        name: "month",
        which: Computed::PoolMonth,
        ty: || Ty::Range(QuantityKind::Money),
        doc: "what a month of its nodes costs",
    },
    Row {
        kinds: &["training-job", "batch-inference"],
        group: "cost",
        name: "run",
        which: Computed::RunCost,
        ty: || Ty::Range(QuantityKind::Money),
        doc: "what one run costs",
    },
    Row {
        kinds: &["training-job", "batch-inference"],
        group: "time",
        name: "run",
        which: Computed::RunTime,
        ty: || Ty::Range(QuantityKind::Duration),
        doc: "how long one run takes, its deadline at the most",
    },
    Row {
        kinds: &[],
        group: "cost",
        name: "month",
        which: Computed::Month,
        ty: || Ty::Range(QuantityKind::Money),
        doc: "what a month of all pools costs, where all prices are of one currency; what has no known price is not in it",
    },
];

/// The computed values of a group that one of the kinds has.
pub(super) fn of(kinds: &'static [&'static str], group: &str) -> impl Iterator<Item = &'static Row> {
    COMPUTED.iter().filter(move |row| row.group == group && row.kinds.iter().any(|kind| kinds.contains(kind)))
}

/// The computed values of a group that the project itself has.
pub(super) fn of_project(group: &str) -> impl Iterator<Item = &'static Row> {
    COMPUTED.iter().filter(move |row| row.group == group && row.kinds.is_empty())
}

impl Computed {
    /// The value; unknown where the arithmetic stays silent.
    pub fn value<'a>(self, ask: &Ask, id: Option<ResourceId>) -> Val<'a> {
        self.find(ask, id).unwrap_or(Val::Unknown)
    }

    fn find<'a>(self, ask: &Ask, id: Option<ResourceId>) -> Option<Val<'a>> {
        match self {
            Computed::Month => {
                let bill = cost::month(ask);
                match bill.totals.as_slice() {
                    [(currency, amount)] => range(*amount, |value| money(value, *currency)),
                    _ => None,
                }
            }
            Computed::MemoryTotal => match memory::of(ask, id?).ok()? {
                memory::MemoryAnswer::Judged(judged) => range(judged.estimate.total, bytes),
                _ => None,
            },
            Computed::MemoryCapacity => match memory::of(ask, id?).ok()? {
                memory::MemoryAnswer::Judged(judged) => range(judged.capacity, bytes),
                _ => None,
            },
            Computed::MemoryVerdict => Some(Val::Text(match memory::of(ask, id?).ok()? {
                memory::MemoryAnswer::Declared => "declared",
                memory::MemoryAnswer::Unknown(_) => "unknown",
                memory::MemoryAnswer::Judged(judged) => match judged.verdict {
                    Verdict::Fits => "fits",
                    Verdict::TooClose => "too-close",
                    Verdict::DoesNotFit => "does-not-fit",
                },
            })),
            Computed::DemandMax => {
                let mut gpus: u64 = 0;
                for used in demand::of_pool(ask, id?) {
                    gpus = gpus.checked_add(used.gpus(used.peak())?)?;
                }
                i64::try_from(gpus).ok().map(Val::Int)
            }
            Computed::PoolMonth => of_cost(&cost::pool_month(ask, id?).ok()??),
            Computed::RunCost => of_cost(&cost::run(ask, id?).ok()??),
            Computed::RunTime => {
                let seconds = cost::run_hours(ask, id?).ok()?? * 3600.0;
                range(seconds, duration)
            }
        }
    }
}

fn of_cost<'a>(cost: &cost::Cost) -> Option<Val<'a>> {
    range(cost.amount, |value| money(value, cost.currency))
}

fn range<'a>(interval: Interval, end: impl Fn(f64) -> Option<Quantity>) -> Option<Val<'a>> {
    Some(Val::Range(Rc::new((Val::Quantity(end(interval.low)?), Val::Quantity(end(interval.high)?)))))
}

fn whole(value: f64) -> Option<u64> {
    (0.0..1.8e19).contains(&value).then(|| value.round() as u64)
}

fn bytes(value: f64) -> Option<Quantity> {
    Some(Quantity::Bytes(Bytes(whole(value)?)))
}

fn duration(seconds: f64) -> Option<Quantity> {
    Some(Quantity::Duration(Duration(whole(seconds * 1e6)?)))
}

fn money(value: f64, currency: Currency) -> Option<Quantity> {
    let micros = (value * 1e6).round();
    (micros.abs() < 9e18).then_some(Quantity::Money(Money { micros: micros as i64, currency }))
}
