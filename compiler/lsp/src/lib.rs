//! The language server: a session behind the Language Server Protocol.
//!
//! The editor's edits are changes of one [`purlin_core::Session`]; every answer is read out of it. This is the one crate
//! that knows LSP types; it makes no decision that the command line could not make.

mod actions;
mod completion;
mod convert;
mod diagnostics;
mod locate;
mod navigation;
mod server;

pub use server::{Error, run, run_stdio};
