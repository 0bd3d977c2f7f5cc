//! Parallelism by an executor that the caller hands in. The core starts no thread of its own.

use std::sync::Mutex;

/// Runs independent pieces of work, in any order, on as many threads as it likes.
pub trait Executor: Sync {
    /// Calls `work` once with every number below `count`, and returns when all are done.
    fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync));

    /// How many pieces are worth making.
    fn width(&self) -> usize;

    /// Runs both at the same time, `there` on another thread, and returns when both are done. `false`: it has no other
    /// thread, and neither was run.
    fn pair(&self, _here: &mut dyn FnMut(), _there: &mut (dyn FnMut() + Send)) -> bool {
        false
    }
}

/// One after the other, on the calling thread: wasm, tests, small projects.
pub struct Serial;

impl Executor for Serial {
    fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(work);
    }

    fn width(&self) -> usize {
        1
    }
}

/// Below this many elements the hand-over costs more than it brings.
const WORTHWHILE: usize = 2_000;

/// So many pieces a thread: one that takes longer is made up for by the others.
const PIECES: usize = 4;

/// Applies `work` to every element, results in the order of the elements whatever the executor did.
pub fn map<T: Sync, R: Send>(
    executor: &dyn Executor,
    elements: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if elements.len() < WORTHWHILE || executor.width() < 2 {
        return elements.iter().map(work).collect();
    }
    let pieces = executor.width() * PIECES;
    let size = elements.len().div_ceil(pieces);
    let slots: Vec<Mutex<Vec<R>>> = (0..pieces).map(|_| Mutex::new(Vec::new())).collect();
    executor.run(pieces, &|piece| {
        let lo = (piece * size).min(elements.len());
        let hi = ((piece + 1) * size).min(elements.len());
        let done: Vec<R> = elements[lo..hi].iter().map(&work).collect();
        *slots[piece].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = done;
    });
    slots
        .into_iter()
        .flat_map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
        .collect()
}

/// The same for many elements that the work takes over, each gone as soon as it is done.
pub fn map_taking<T: Send, R: Send>(
    executor: &dyn Executor,
    mut elements: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if elements.len() < WORTHWHILE || executor.width() < 2 {
        return elements.into_iter().map(work).collect();
    }
    let size = elements.len().div_ceil(executor.width() * PIECES);
    let mut pieces = Vec::new();
    while elements.len() > size {
        let rest = elements.split_off(size);
        pieces.push(std::mem::replace(&mut elements, rest));
    }
    pieces.push(elements);
    let done = map_owned(executor, pieces, |piece| piece.into_iter().map(&work).collect::<Vec<_>>());
    done.into_iter().flatten().collect()
}

/// The same for few large elements.
pub fn map_owned<T: Send, R: Send>(
    executor: &dyn Executor,
    elements: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if elements.len() < 2 || executor.width() < 2 {
        return elements.into_iter().map(work).collect();
    }
    let slots: Vec<Mutex<(Option<T>, Option<R>)>> =
        elements.into_iter().map(|element| Mutex::new((Some(element), None))).collect();
    executor.run(slots.len(), &|n| {
        let mut slot = slots[n].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        slot.1 = slot.0.take().map(&work);
    });
    let done =
        slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    done.filter_map(|slot| slot.1).collect()
}
