//! Targets: a sound graph in, tapes out, and the printers that make files of them.

pub mod print;
