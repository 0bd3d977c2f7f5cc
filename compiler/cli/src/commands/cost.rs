//! `purlin cost`: what a month costs, as far as prices are known.

use std::fmt::Write as _;

use clap::Args;
use purlin_core::plan::consequences::money;
use purlin_core::plan::facts;
use purlin_core::query::cost::{self, Bill, Cost, Share};

use super::{Failure, Outcome};
use crate::project::{Project, ProjectArgs};
use crate::screen::Screen;
use crate::views::diagnostics::wrapped;
use crate::views::escape;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
    /// Sum by `owner`, or by a label such as `cost-centre`: the resource's own, else its cluster's or cloud's
    #[arg(long, value_name = "LABEL", default_value = "owner")]
    by: String,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let project = Project::compile(&arguments.project)?;
    let session = &project.session;
    let mut text = String::new();
    for state in session.environments() {
        if let Some(name) = state.name() {
            let _ = writeln!(text, "{}", screen.bold(&format!("environment {name}")));
        }
        let ask = session.ask(&state.graph);
        let month = cost::month(&ask);
        bill(&mut text, &month, screen);
        shares(&mut text, &cost::shares(&ask, &month, &arguments.by), &arguments.by, screen);
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

/// The same money by who pays it.
fn shares(text: &mut String, shares: &[Share], by: &str, screen: &Screen) {
    if shares.is_empty() {
        return;
    }
    let by = escape::line(by).into_owned();
    let without = format!("without {by}");
    let names: Vec<String> = shares
        .iter()
        .map(|share| share.payer.as_deref().map_or(without.clone(), |name| escape::line(name).into_owned()))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, "  {}", screen.bold(&format!("by {by}")));
    for (share, name) in shares.iter().zip(&names) {
        let cost =
            Cost { amount: share.amount, currency: share.currency, how: Vec::new(), assumed: Vec::new() };
        let beside = match share.unknown {
            0 => String::new(),
            unknown => format!(", and {unknown} without a known price"),
        };
        let _ = writeln!(text, "  {name:width$}  {}{beside}", money(Some(&facts::money(&cost))));
    }
    text.push('\n');
}

fn reasons(cost: &Cost) -> Vec<String> {
    let assumed = cost.assumed.iter().map(|assumed| format!("assumed: {assumed}"));
    cost.how.iter().cloned().chain(assumed).collect()
}
