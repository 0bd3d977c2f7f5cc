//! `purlin plan`: what would change, and what that means.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use purlin_core::Finding;
use serde_json::json;

use super::{Failure, Outcome};
use crate::planning::{self, Against, Next};
use crate::project::{Project, ProjectArgs};
use crate::saved;
use crate::screen::Screen;
use crate::views::{diagnostics, plan_json, plan_markdown, plan_text};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
    /// Save the plan: `apply` then does exactly this, or refuses
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Compare with a revision (`git:REV`) or another environment (`env:NAME`) [default: the output folder]
    #[arg(long, value_name = "BASELINE", value_parser = planning::against, conflicts_with = "out")]
    against: Option<Against>,
    /// How the plan is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a plan is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For other programs
    Json,
    /// For a pull request
    Markdown,
    /// One line an action
    Short,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let against = arguments.against.clone().unwrap_or(Against::Directory);
    let mut options = arguments.project.options.options();
    let shared = planning::only_shared(&mut options);
    let only = shared.or_else(|| options.environment.clone());
    if matches!(against, Against::Environment(_)) {
        options.environment = None;
    }
    let project = Project::compile_in(&arguments.project.path, options)?;
    let session = &project.session;
    let findings = session.findings();
    if findings.iter().any(Finding::is_error) {
        return Ok(Outcome { text: blocked(session, &findings, arguments.format, screen), code: 1 });
    }
    let next = if arguments.out.is_some() { Next::Save } else { Next::Show };
    let plans =
        planning::plan_all(session, &findings, project.world.root(), &against, only.as_deref(), next)?;
    if let Some(path) = &arguments.out {
        saved::write(path, &project, &plans, only.as_deref())?;
    }
    let code = if plans.iter().all(planning::Planned::is_empty) { 0 } else { 2 };
    let text = match arguments.format {
        Format::Text => plan_text::text(session, &findings, &plans, screen),
        Format::Short => plan_text::short(&plans),
        Format::Json => format!("{:#}\n", plan_json::json(session, &findings, &plans)),
        Format::Markdown => plan_markdown::markdown(session, &findings, &plans),
    };
    // The process ends here, and its memory with it: taking it down piece by piece would only cost time.
    std::mem::forget((project, findings, plans));
    Ok(Outcome { text, code })
}

/// Where an error stands there is no plan: the errors are the answer.
pub(crate) fn blocked(
    session: &purlin_core::Session,
    findings: &[Finding],
    format: Format,
    screen: &Screen,
) -> String {
    match format {
        Format::Json => {
            let findings = crate::views::json::findings(session, findings);
            format!("{:#}\n", json!({ "findings": findings, "environments": null }))
        }
        Format::Short => diagnostics::short(session, findings),
        Format::Markdown => plan_markdown::findings(session, findings),
        Format::Text => {
            let summary = diagnostics::summary(findings, screen);
            format!(
                "{}{summary}: no plan, nothing is emitted\n",
                diagnostics::text(session, findings, screen)
            )
        }
    }
}
