//! The commands, one a file.

mod apply;
mod build;
mod catalog;
mod check;
mod completions;
mod cost;
mod diff;
mod explain;
mod fmt;
mod get;
mod graph;
mod init;
mod lsp;
mod man;
mod memory;
mod plan;
mod why;

use clap::{Parser, Subcommand};
use purlin_core::WorldError;
use purlin_engine::directory::Refusal;
use purlin_schema::closest::closest;

use crate::screen::Screen;

/// Compiles the KDL description of an ML platform: checks that everything fits together, shows what it would create,
/// and writes Terraform, Kubernetes and node configuration.
#[derive(Parser, Debug)]
#[command(name = "purlin", version, about, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be asked.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Say what is wrong with a project; exit code 1 when there is an error
    Check(check::Arguments),
    /// Show what would change and what that means; exit code 2 when there is something to do
    Plan(plan::Arguments),
    /// Do what was planned, and nothing else
    Apply(apply::Arguments),
    /// Plan and apply to the output folder, in one call
    Build(build::Arguments),
    /// Lay out spec files; what is not KDL 2 is refused
    Fmt(fmt::Arguments),
    /// Print one resolved value or resource
    Get(get::Arguments),
    /// Explain a rule, or list all rules
    Explain(explain::Arguments),
    /// Say where an emitted line comes from, and what a resource becomes
    Why(why::Arguments),
    /// Write the graph of resources and relations
    Graph(graph::Arguments),
    /// Say what one GPU needs and has, term by term
    Memory(memory::Arguments),
    /// Say what a month costs, as far as prices are known
    Cost(cost::Arguments),
    /// Search the facts: GPUs, instances, models
    Catalog(catalog::Arguments),
    /// Compare two revisions, as a reviewer reads it
    Diff(diff::Arguments),
    /// Make a new project
    Init(init::Arguments),
    /// Serve an editor
    Lsp(lsp::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Print the manual page
    Man(man::Arguments),
}

/// What a command answers: text on stdout, and an exit code.
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) code: u8,
}

impl Outcome {
    /// An answer with exit code 0.
    pub(crate) fn fine(text: String) -> Outcome {
        Outcome { text, code: 0 }
    }
}

/// Why there is no answer: shown on stderr, exit code 1, nothing was changed.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure(refusal.0)
    }
}

/// That nothing has this address, and the nearest that there is.
pub(crate) fn no_resource(graph: &purlin_core::Graph, wanted: &str) -> Failure {
    let mut addresses: Vec<String> = graph.iter().map(purlin_core::Resource::address).collect();
    addresses.sort_unstable();
    Failure(match closest(wanted, addresses.iter().map(String::as_str)) {
        Some(near) => format!("there is no resource `{wanted}`; the nearest is `{near}`"),
        None => format!("there is no resource `{wanted}`"),
    })
}

/// Runs a command.
pub(crate) fn run(command: &Command, screen: &Screen) -> Result<Outcome, Failure> {
    match command {
        Command::Check(arguments) => check::run(arguments, screen),
        Command::Plan(arguments) => plan::run(arguments, screen),
        Command::Apply(arguments) => apply::run(arguments, screen),
        Command::Build(arguments) => build::run(arguments, screen),
        Command::Fmt(arguments) => fmt::run(arguments, screen),
        Command::Get(arguments) => get::run(arguments),
        Command::Explain(arguments) => explain::run(arguments, screen),
        Command::Why(arguments) => why::run(arguments, screen),
        Command::Graph(arguments) => graph::run(arguments),
        Command::Memory(arguments) => memory::run(arguments, screen),
        Command::Cost(arguments) => cost::run(arguments, screen),
        Command::Catalog(arguments) => catalog::run(arguments, screen),
        Command::Diff(arguments) => diff::run(arguments, screen),
        Command::Init(arguments) => init::run(arguments, screen),
        Command::Lsp(arguments) => lsp::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}
