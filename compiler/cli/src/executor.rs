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
}
