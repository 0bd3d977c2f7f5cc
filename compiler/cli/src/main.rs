//! `purlin`: flags in, views out. The one crate that prints and exits.

mod commands;
mod executor;
mod planning;
mod project;
mod review;
mod saved;
mod screen;
mod views;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use commands::{Cli, Outcome};
use screen::Screen;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Nobody is there to read when even this cannot be written.
            let _ = error.print();
            return ExitCode::from(u8::from(!asked));
        }
    };
    let screen = Screen::of_terminal();
    match commands::run(&cli.command, &screen) {
        Ok(outcome) => finish(&outcome),
        Err(failure) => {
            eprintln!("{} {}", screen.on_stderr().red("error:"), views::escape::shown(&failure.0));
            ExitCode::FAILURE
        }
    }
}

/// Writes the answer; a reader that has gone away (`purlin plan | head`) is no error.
fn finish(outcome: &Outcome) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(outcome.text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write the answer: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::from(outcome.code),
    }
}
