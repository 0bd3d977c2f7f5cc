//! What turns resources into numbers: where work runs, what memory, time and money it takes.
//!
//! Rules, plans, hover and targets ask the same questions here; the arithmetic itself is in [`laws`](crate::laws).
//! What the catalog does not know is unknown and says so: nothing here invents a number.

mod shape;

pub mod cost;
pub mod demand;
pub mod labels;
pub mod memory;
pub mod model;
pub mod placement;
pub mod places;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod verdicts;
