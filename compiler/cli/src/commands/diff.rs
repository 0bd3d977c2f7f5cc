//! `purlin diff BASE..HEAD`: what a change means, between two revisions, as a reviewer reads it.

use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use purlin_core::{Finding, compile};
use purlin_engine::git::Repository;
use serde_json::json;

use super::{Failure, Outcome};
use crate::executor::Threads;
use crate::planning::{self, Against};
use crate::project::{OptionArgs, Project};
use crate::screen::Screen;
use crate::views::{diagnostics, plan_json, plan_markdown, plan_text};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Two revisions; without the second, the files as they are
    #[arg(value_name = "BASE..HEAD")]
    range: String,
    /// Folder of the project
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    options: OptionArgs,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a difference is shown.
#[derive(Clone, Copy, ValueEnum, Debug)]
enum Format {
    /// For a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For other programs
    Json,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let (base, head) = match arguments.range.split_once("..") {
        Some((base, head)) => (base, Some(head).filter(|head| !head.is_empty())),
        None => (arguments.range.as_str(), None),
    };
    if base.is_empty() || head.is_some_and(|head| head.starts_with('.')) {
        return Err(Failure("write `BASE..HEAD`, two revisions".to_owned()));
    }
    let options = arguments.options.options();
    let session = match head {
        Some(head) => compile(&Repository::of(&arguments.project)?.world(head)?, options, &Threads)?,
        None => ManuallyDrop::into_inner(Project::compile_in(&arguments.project, options)?.session),
    };
    let findings = session.findings();
    if findings.iter().any(Finding::is_error) {
        let text = match arguments.format {
            Format::Text => diagnostics::text(&session, &findings, screen),
            Format::Markdown => plan_markdown::findings(&session, &findings),
            Format::Json => {
                format!("{:#}\n", json!({ "findings": crate::views::json::findings(&session, &findings) }))
            }
        };
        return Ok(Outcome { text, code: 1 });
    }
    let against = Against::Git(base.to_owned());
    let plans =
        planning::plan_all(&session, &findings, &arguments.project, &against, None, planning::Next::Show)?;
    let code = if plans.iter().all(planning::Planned::is_empty) { 0 } else { 2 };
    let text = match arguments.format {
        Format::Text => {
            let mut text = String::new();
            for planned in &plans {
                let name = planned.environment.as_deref().unwrap_or("the project");
                let _ = writeln!(text, "{}", screen.bold(name));
                text.push_str(&plan_text::change(&session, planned, screen));
            }
            text
        }
        Format::Markdown => plan_markdown::markdown(&session, &findings, &plans),
        Format::Json => format!("{:#}\n", plan_json::json(&session, &findings, &plans)),
    };
    Ok(Outcome { text, code })
}
