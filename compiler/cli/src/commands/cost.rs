//! `purlin cost`: what a month costs, as far as prices are known.

use std::fmt::Write as _;

use clap::Args;
use purlin_core::emit::Emission;
use purlin_core::plan::consequences::{money, total};
use purlin_core::plan::{self, Snapshot};

use super::{Failure, Outcome};
use crate::project::{Project, ProjectArgs};
use crate::screen::Screen;
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
    for (index, state) in session.environments().iter().enumerate() {
        if let Some(name) = state.name() {
            let _ = writeln!(text, "{}", screen.bold(&format!("environment {name}")));
        }
        let snapshot = plan::snapshot(session, index, &[], &Emission::default());
        bill(&mut text, &snapshot, screen);
    }
    Ok(Outcome::fine(text))
}

fn bill(text: &mut String, snapshot: &Snapshot, screen: &Screen) {
    let is_paid = |address: &str| address.split('.').next().is_some_and(|kind| kind.ends_with("-pool"));
    let lines: Vec<_> =
        snapshot.iter().filter(|(address, facts)| facts.monthly.is_some() || is_paid(address)).collect();
    let width = lines.iter().map(|(address, _)| address.chars().count()).max().unwrap_or(0);
    for (address, facts) in &lines {
        let address = escape::line(address).into_owned();
        let _ = writeln!(text, "  {address:width$}  {}", money(facts.monthly.as_ref()));
    }
    let unknown = lines.iter().filter(|(_, facts)| facts.monthly.is_none()).count();
    let beside = if unknown > 0 { format!(" and {unknown} without a known price") } else { String::new() };
    let sum = format!("{}{beside}", money(total(snapshot).as_ref()));
    let _ = writeln!(text, "  {:width$}  {}\n", "total", screen.bold(&sum));
}
