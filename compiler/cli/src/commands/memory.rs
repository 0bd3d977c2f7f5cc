//! `purlin memory`: what one GPU needs, term by term.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use purlin_core::laws::format::gib_range;
use purlin_core::laws::interval::Verdict;
use purlin_core::query::memory::{self, Judged, MemoryAnswer};
use purlin_core::{Graph, Resource, Session};

use super::{Failure, Outcome};
use crate::project::{OptionArgs, Project};
use crate::screen::Screen;
use crate::views::diagnostics::wrapped;
use crate::views::escape;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A training job or an endpoint: `training-job.tune` [default: all of them]
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Folder of the project
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    options: OptionArgs,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let project = Project::compile_in(&arguments.project, arguments.options.options())?;
    let session = &project.session;
    let mut text = String::new();
    for state in session.environments() {
        let subjects = subjects(&state.graph, arguments.address.as_deref());
        if let (Some(name), false) = (state.name(), subjects.is_empty()) {
            let _ = writeln!(text, "{}\n", screen.bold(&format!("environment {name}")));
        }
        for resource in subjects {
            one(&mut text, session, &state.graph, resource, screen);
        }
    }
    match (&arguments.address, text.is_empty()) {
        (Some(address), true) => {
            Err(Failure(format!("there is no training job and no endpoint `{address}`")))
        }
        (None, true) => Ok(Outcome::fine("nothing here takes memory of GPUs\n".to_owned())),
        _ => Ok(Outcome::fine(text)),
    }
}

fn subjects<'g>(graph: &'g Graph, address: Option<&str>) -> Vec<&'g Resource> {
    let is_subject = |resource: &&Resource| matches!(resource.kind.name, "training-job" | "serving");
    match address {
        Some(address) => graph.lookup(address).into_iter().filter(is_subject).collect(),
        None => graph.sorted().into_iter().filter(is_subject).collect(),
    }
}

fn one(text: &mut String, session: &Session, graph: &Graph, resource: &Resource, screen: &Screen) {
    let address = screen.bold(&escape::line(&resource.address()));
    match memory::of(&session.ask(graph), resource.id) {
        Ok(MemoryAnswer::Judged(judged)) => {
            let _ = writeln!(text, "{address} on {}", escape::line(&judged.device));
            terms(text, &judged, screen);
        }
        Ok(MemoryAnswer::Declared) => {
            let _ = writeln!(text, "{address}: declared, a command of its own cannot be calculated\n");
        }
        Ok(MemoryAnswer::Unknown(missing)) => {
            let _ = writeln!(text, "{address}: unknown, {} is missing\n", escape::line(&missing.join(", ")));
        }
        Err(purlin_schema::Silent) => {
            let _ = writeln!(text, "{address}: no GPU\n");
        }
    }
}

fn terms(text: &mut String, judged: &Judged, screen: &Screen) {
    let estimate = &judged.estimate;
    for term in &estimate.terms {
        let mut lead = format!("  {:12} {:>16}  ", term.name, gib_range(term.bytes));
        for said in [term.formula, &term.inputs.to_string()] {
            let room = screen.width.saturating_sub(lead.chars().count()).max(20);
            for line in wrapped(&escape::line(said), room) {
                let _ = writeln!(text, "{lead}{}", screen.dim(&line));
                lead = " ".repeat(lead.chars().count());
            }
        }
    }
    let _ = writeln!(
        text,
        "  {:12} {:>16}  {}",
        "needs",
        gib_range(estimate.total),
        escape::line(&estimate.rank)
    );
    let verdict = match judged.verdict {
        Verdict::Fits => screen.green("fits"),
        Verdict::TooClose => screen.yellow("too close to tell"),
        Verdict::DoesNotFit => screen.red("does not fit"),
    };
    let _ = writeln!(text, "  {:12} {:>16}  {verdict}", "has", gib_range(judged.capacity));
    if let Some(room) = judged.room {
        let _ = writeln!(text, "  {:12} {:>16}  for keys and values", "leaves", gib_range(room.kv));
    }
    for assumed in &judged.assumed {
        let _ = writeln!(text, "  {}", screen.dim(&format!("assumed: {}", escape::line(assumed))));
    }
    text.push('\n');
}
