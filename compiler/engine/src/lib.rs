//! The one crate of Purlin that touches disk, network and processes.

pub mod disk;

pub use disk::DiskWorld;
