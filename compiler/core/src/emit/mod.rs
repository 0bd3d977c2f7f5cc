//! What a target writes: tapes, the formats in which they are printed, and the fields of a printed text.

pub mod collect;
pub mod losses;
pub mod paths;
mod relay;
pub mod tape;
pub mod target;

pub use collect::{Artifact, Emission, Objects, Receiver, Sha, emit, emit_on};
pub use tape::Tape;
pub use target::{Loss, Part, Sink, Sound, Target};

/// A format that Purlin prints and reads back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Format {
    /// YAML in block style, several documents in a file.
    Yaml,
    /// HCL as `terraform fmt` writes it.
    Hcl,
    /// JSON with two spaces of indentation.
    Json,
    /// TOML 1.0.
    Toml,
    /// Text that is written as it is: shell, unit files, prose.
    Text,
}
