//! `purlin lsp`: the language server, over standard input and output.

use clap::Args;

use super::{Failure, Outcome};
use crate::project::OptionArgs;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What editors pass; there is no other way to talk to it
    #[arg(long, hide = true)]
    stdio: bool,
    #[command(flatten)]
    options: OptionArgs,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    purlin_lsp::run_stdio(arguments.options.options()).map_err(|error| Failure(error.to_string()))?;
    Ok(Outcome::fine(String::new()))
}
