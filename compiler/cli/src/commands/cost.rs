//! `purlin cost`: what a month costs, as far as prices are known.

use std::fmt::Write as _;

use clap::Args;
use purlin_core::plan::consequences::money;
use purlin_core::plan::facts;
use purlin_core::query::cost::{self, Bill, Cost};

use super::{Failure, Outcome};
use crate::project::{Project, ProjectArgs};
use crate::screen::Screen;
use crate::views::diagnostics::wrapped;
use crate::views::escape;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let project = Project::compile(&arguments.project)?;
    let session = &project.session;
    let mut text = String::new();
    for state in session.environments() {
        if let Some(name) = state.name() {
            let _ = writeln!(text, "{}", screen.bold(&format!("environment {name}")));
        }
        bill(&mut text, &cost::month(&session.ask(&state.graph)), screen);
    }
    Ok(Outcome::fine(text))
}

fn bill(text: &mut String, bill: &Bill, screen: &Screen) {
    let addresses = bill.lines.iter().map(|line| &line.address).chain(&bill.unknown);
    let width = addresses.map(|address| address.chars().count()).max().unwrap_or(0).max(5);
    for line in &bill.lines {
        let address = escape::line(&line.address).into_owned();
        let _ = writeln!(text, "  {address:width$}  {}", money(Some(&facts::money(&line.cost))));
        for how in reasons(&line.cost) {
            for how in wrapped(&escape::line(&how), screen.width.saturating_sub(width + 6).max(24)) {
                let _ = writeln!(text, "  {:width$}    {}", "", screen.dim(&how));
            }
        }
    }
    for address in &bill.unknown {
        let address = escape::line(address).into_owned();
        let _ = writeln!(text, "  {address:width$}  {}", screen.dim("no known price"));
    }
    let beside = match bill.unknown.len() {
        0 => String::new(),
        unknown => format!(", and {unknown} without a known price"),
    };
    for (currency, amount) in &bill.totals {
        let total = Cost { amount: *amount, currency: *currency, how: Vec::new(), assumed: Vec::new() };
        let total = format!("{}{beside}", money(Some(&facts::money(&total))));
        let _ = writeln!(text, "  {:width$}  {}", "total", screen.bold(&total));
    }
    if bill.totals.is_empty() {
        let _ = writeln!(text, "  {:width$}  unknown", "total");
    }
    text.push('\n');
}

fn reasons(cost: &Cost) -> Vec<String> {
    let assumed = cost.assumed.iter().map(|assumed| format!("assumed: {assumed}"));
    cost.how.iter().cloned().chain(assumed).collect()
}
