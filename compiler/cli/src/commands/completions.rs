//! `purlin completions`: for bash, zsh, fish, PowerShell, elvish.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, Failure, Outcome};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "purlin", &mut script);
    String::from_utf8(script).map(Outcome::fine).map_err(|error| Failure(error.to_string()))
}
