//! `purlin man`: the manual page, in roff.

use clap::{Args, CommandFactory as _};

use super::{Cli, Failure, Outcome};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Of this command alone
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut command = Cli::command();
    command.build();
    if let Some(name) = &arguments.command {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| Failure(format!("there is no command `{name}`")))?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|error| Failure(error.to_string()))?;
    String::from_utf8(page).map(Outcome::fine).map_err(|error| Failure(error.to_string()))
}
