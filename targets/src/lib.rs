//! Targets: a sound graph in, tapes out, and the printers that make files of them.

pub mod docs;
pub mod kubernetes;
pub mod node;
pub mod print;
pub mod run;
pub mod terraform;

use purlin_core::emit::Target;

/// Every target, in the order in which they are emitted.
pub fn all() -> &'static [&'static dyn Target] {
    &[&terraform::Terraform, &kubernetes::Kubernetes, &node::Nodes, &run::Run, &docs::Docs]
}
