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

    /// On a thread of the pool, whose memory is warm. It may wait for the calling thread, which is none of the pool.
    fn pair(&self, here: &mut dyn FnMut(), there: &mut (dyn FnMut() + Send)) -> bool {
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| there());
            here();
        });
        true
    }
}

/// Both results; the second is found on a thread of the pool.
pub(crate) fn beside<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    let mut found = None;
    let first = rayon::in_place_scope(|scope| {
        scope.spawn(|_| found = Some(there()));
        here()
    });
    let Some(second) = found else { unreachable!("a scope ends when all of it is done") };
    (first, second)
}
