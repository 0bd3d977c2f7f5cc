//! The one crate of Purlin that touches disk, network and processes.

pub mod directory;
pub mod disk;
pub mod files;
pub mod git;

pub use directory::Directory;
pub use disk::DiskWorld;
pub use files::{Disk, Files};
