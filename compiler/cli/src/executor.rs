//! The executor of the command line: the threads of rayon, started when they are first worth it.

use purlin_core::Executor;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// All cores.
pub(crate) struct Threads;

impl Executor for Threads {
    fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..count).into_par_iter().for_each(work);
    }

    fn width(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    /// A thread of its own, not one of the pool: each side waits for the other, which work of the pool may not.
    fn pair(&self, here: &mut dyn FnMut(), there: &mut (dyn FnMut() + Send)) -> bool {
        std::thread::scope(|scope| {
            scope.spawn(there);
            here();
        });
        true
    }
}

/// Both results; the second is found on a thread of its own, one of many that may wait for one another.
pub(crate) fn beside<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        match there.join() {
            Ok(there) => (here, there),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
