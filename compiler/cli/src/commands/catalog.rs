//! `purlin catalog`: the facts that come with Purlin.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use purlin_stdlib::catalog::{self, Table};

use super::{Failure, Outcome};
use crate::screen::Screen;
use crate::views::words::count;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Of what
    #[arg(value_enum)]
    what: What,
    /// Words that a row must have: `h100 eu-central-1`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
}

/// What the catalog has tables of.
#[derive(Clone, Copy, ValueEnum, Debug)]
enum What {
    /// Accelerators
    Gpus,
    /// Types of machines
    Instances,
    /// Shapes of public models
    Models,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let filter = arguments.filter.join(" ");
    let table = match arguments.what {
        What::Gpus => catalog::gpus(&filter),
        What::Instances => catalog::instances(&filter),
        What::Models => catalog::models(&filter),
    };
    if table.rows.is_empty() {
        return Err(Failure(format!(
            "the catalog has nothing with `{filter}`; a project can declare its own"
        )));
    }
    Ok(Outcome::fine(print(&table, screen)))
}

/// Columns as wide as they have to be; empty columns are left out.
fn print(table: &Table, screen: &Screen) -> String {
    let cell = |row: &[String], column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| table.rows.iter().map(|row| cell(row, column)).max().unwrap_or(0))
        .collect();
    let shown: Vec<usize> = (0..widths.len()).filter(|column| widths[*column] > 0).collect();
    let line = |cells: &dyn Fn(usize) -> String| {
        let mut out = String::new();
        for column in &shown {
            let head = &table.columns[*column];
            let width = widths[*column].max(head.title.chars().count());
            let text = cells(*column);
            let _ =
                if head.number { write!(out, "{text:>width$}  ") } else { write!(out, "{text:width$}  ") };
        }
        out.trim_end().to_owned()
    };
    let mut out = String::new();
    let _ = writeln!(out, "{}", screen.bold(&line(&|column| table.columns[column].title.to_owned())));
    for row in &table.rows {
        let _ = writeln!(out, "{}", line(&|column| row.get(column).cloned().unwrap_or_default()));
    }
    let _ = writeln!(out, "{}", screen.dim(&count(table.rows.len(), "row")));
    out
}
