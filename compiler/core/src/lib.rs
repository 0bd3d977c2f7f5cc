//! The compiler of Purlin, without a disk, a network, a clock or a printer.
//!
//! | stage | in → out | where |
//! |---|---|---|
//! | read | path → source | [`world`] |
//! | parse | source → trees and items | `purlin_syntax`, kept by [`source`] |
//! | index | items → names | [`names`] |
//! | lower | item → declaration | [`mod@lower`] |
//! | expand | declarations + environment → resources | [`environment`], [`variables`] |
//! | link | resources + catalog → graph | [`mod@link`], [`graph`] |
//! | check | graph + options → findings | [`check`], [`findings`] |
//! | emit | sound graph → sink of artifacts | [`emit`] |
//! | plan | baseline × (graph, artifacts) → plan | [`plan`] |
//!
//! [`compile`] is a [`Session`] given one change; an editor keeps the session.

pub mod ask;
pub mod catalog;
pub mod check;
pub mod compose;
pub mod emit;
pub mod environment;
pub mod executor;
pub mod expr;
pub mod findings;
pub mod graph;
pub mod laws;
pub mod link;
pub mod lower;
pub mod names;
pub mod options;
pub mod plan;
pub mod query;
pub mod session;
pub mod sharing;
pub mod source;
pub mod variables;
pub mod walk;
pub mod world;

pub use executor::{Executor, Serial};
pub use findings::Finding;
pub use graph::{Edge, Graph, Resource, ResourceId};
pub use options::Options;
pub use session::Session;
pub use source::Change;
pub use world::{MemoryWorld, World, WorldError};

/// Compiles a project: the function to read first.
///
/// The result is a session whose [`findings`](Session::findings) say what is wrong and whose graphs hold what is right;
/// errors of the world (a file that cannot be read) are the only `Err`.
pub fn compile(world: &dyn World, options: Options, executor: &dyn Executor) -> Result<Session, WorldError> {
    let mut changes = Vec::new();
    for path in world.files()? {
        let text = world.read(&path)?;
        changes.push(Change::Set { path, text });
    }
    let mut session = Session::new(options);
    session.apply(changes, executor);
    Ok(session)
}
