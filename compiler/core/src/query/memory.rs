//! What one GPU needs for a training job or an endpoint, and whether it has it.
//!
//! An answer is an interval with its terms. Where the framework leaves something open, every way that it may be is
//! judged: only what no way can fit is refused.

pub mod serving;
pub mod training;

use purlin_schema::Silent;

use super::placement::Placed;
use crate::ask::Ask;
use crate::catalog;
use crate::graph::ResourceId;
use crate::laws::interval::{Interval, MemoryEstimate, Verdict};
use crate::laws::serving_memory::Room;

/// CUDA shows 0.7% less than `nvidia-smi` prints: 79.1 of 79.65 GiB on an H100 with 80 GB (§4).
const SHOWN: f64 = 0.993;

/// Whether the memory of a GPU suffices.
#[derive(Clone, Debug, PartialEq)]
pub enum MemoryAnswer {
    /// It was calculated.
    Judged(Box<Judged>),
    /// A command of the project's own: nothing can be calculated.
    Declared,
    /// Something is missing, in words.
    Unknown(Vec<String>),
}

/// A need, a capacity, and what they allow to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What is needed on the rank that decides.
    pub estimate: MemoryEstimate,
    /// What there is, in bytes.
    pub capacity: Interval,
    /// What `capacity` is of, in words: `h100-sxm5-80gb`, `1g.5gb of a100-sxm4-40gb · 0.9`.
    pub device: String,
    /// What both allow to say.
    pub verdict: Verdict,
    /// What was assumed where the project does not say it, in words.
    pub assumed: Vec<String>,
    /// What is left for keys and values; endpoints of language models alone.
    pub room: Option<Room>,
}

/// Inputs of the laws, or why there are none.
#[derive(Clone, Debug)]
pub enum Inputs<T> {
    /// All of them.
    Known(T),
    /// A command of the project's own.
    Declared,
    /// Something is missing, in words.
    Missing(Vec<String>),
}

/// The memory of a training job or an endpoint; silence for whatever else, and for work without GPUs.
pub fn of(ask: &Ask, id: ResourceId) -> Result<MemoryAnswer, Silent> {
    match ask.resource(id).ok_or(Silent)?.kind.name {
        "training-job" => Ok(answer(training::inputs(ask, id)?, training::judge)),
        "serving" => Ok(answer(serving::inputs(ask, id)?, serving::judge)),
        _ => Err(Silent),
    }
}

fn answer<T>(inputs: Inputs<T>, judge: impl FnOnce(&T) -> Judged) -> MemoryAnswer {
    match inputs {
        Inputs::Known(inputs) => MemoryAnswer::Judged(Box::new(judge(&inputs))),
        Inputs::Declared => MemoryAnswer::Declared,
        Inputs::Missing(missing) => MemoryAnswer::Unknown(missing),
    }
}

/// The memory that one GPU or slice shows, in bytes, and its name; an error says what is not known.
pub fn visible(ask: &Ask, placed: &Placed) -> Result<(Interval, String), String> {
    let Some(gpu) = &placed.gpu else {
        let instance = placed.pool().map_or("", |pool| pool.instance_name.as_str());
        return Err(format!("the GPU of instance `{instance}`"));
    };
    if let Some(profile) = placed.profile {
        let name = profile.to_string();
        let table = catalog::mig_table(ask, gpu.name);
        let memory = table.and_then(|table| table.profile(&name).and_then(|row| row.memory));
        let Some(memory) = memory else { return Err(format!("the memory of `{name}` on {}", gpu.name)) };
        return Ok((Interval::exactly(memory.0 as f64), format!("{name} of {}", gpu.name)));
    }
    if let Some(usable) = gpu.usable {
        let bytes = usable.0 as f64;
        return Ok((Interval { low: SHOWN * bytes, high: bytes }, gpu.name.to_owned()));
    }
    // The vendor's label is an upper bound; how much of it can be used is not known, so nothing is known to fit.
    match gpu.memory {
        Some(label) => {
            Ok((Interval { low: 0.0, high: label.0 as f64 }, format!("{}, as labelled", gpu.name)))
        }
        None => Err(format!("the memory of {}", gpu.name)),
    }
}

/// The verdict over every way that something may be: refused only where all are, fitting only where all do. The estimate
/// is that of the hungriest way, or where all are refused of the leanest.
pub(crate) fn over_all(ways: Vec<(Verdict, MemoryEstimate)>) -> Option<(Verdict, MemoryEstimate)> {
    let refused = ways.iter().all(|(verdict, _)| *verdict == Verdict::DoesNotFit);
    let fits = ways.iter().all(|(verdict, _)| *verdict == Verdict::Fits);
    let least = ways.iter().map(|(_, estimate)| estimate.floor).fold(f64::INFINITY, f64::min);
    let lowest = ways.iter().map(|(_, estimate)| estimate.total.low).fold(f64::INFINITY, f64::min);
    let mut ways = ways.into_iter();
    let first = ways.next()?;
    let (mut verdict, mut estimate) = ways.fold(first, |best, next| {
        let better =
            if refused { next.1.floor < best.1.floor } else { next.1.total.high > best.1.total.high };
        if better { next } else { best }
    });
    if !refused {
        estimate.floor = estimate.floor.min(least);
        estimate.total.low = estimate.total.low.min(lowest);
        verdict = if fits { Verdict::Fits } else { Verdict::TooClose };
    }
    Some((verdict, estimate))
}

#[cfg(test)]
mod tests;
