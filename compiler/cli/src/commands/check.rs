//! `purlin check`: what is wrong.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use purlin_core::check::{self, Run};
use purlin_core::{Finding, Session};
use serde_json::json;

use super::{Failure, Outcome};
use crate::project::{Project, ProjectArgs};
use crate::screen::Screen;
use crate::views::words::count;
use crate::views::{diagnostics, json};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How findings are shown.
#[derive(Clone, Copy, ValueEnum, Debug)]
enum Format {
    /// With source, arithmetic and fixes
    Text,
    /// One line each
    Short,
    /// For other programs
    Json,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    let project = Project::compile(&arguments.project)?;
    let session = &project.session;
    let findings = session.findings();
    let code = u8::from(findings.iter().any(Finding::is_error));
    let text = match arguments.format {
        Format::Text => {
            let mut text = diagnostics::text(session, &findings, screen);
            text.push_str(&summary(session, &findings, screen));
            text
        }
        Format::Short => diagnostics::short(session, &findings),
        Format::Json => format!("{:#}\n", json!({ "findings": json::findings(session, &findings) })),
    };
    // The process ends with this: taking the project apart piece by piece would serve nobody.
    std::mem::forget((findings, project));
    Ok(Outcome { text, code })
}

fn summary(session: &Session, findings: &[Finding], screen: &Screen) -> String {
    let resources = session.environments().iter().map(|state| state.graph.len()).max().unwrap_or(0);
    let environments = session.environments().iter().filter(|state| state.name().is_some()).count();
    let mut what = count(resources, "resource");
    if environments > 0 {
        let _ = write!(what, " in {}", count(environments, "environment"));
    }
    let _ = write!(what, ", {}", count(session.sources.files().count(), "file"));
    let built = check::rules().iter().filter(|rule| !matches!(rule.run, Run::NotYet)).count();
    let later = check::rules().len() - built;
    let rules = screen.dim(&format!("{} checked, {later} not built yet", count(built, "rule")));
    let found = diagnostics::summary(findings, screen);
    let found = if found.is_empty() { screen.green("no findings") } else { found };
    let mut text = format!("{found} · {what} · {rules}\n");
    let skipped = session.later();
    if !skipped.is_empty() {
        let mut forms: Vec<&str> = skipped.iter().map(|(_, form)| *form).collect();
        forms.sort_unstable();
        forms.dedup();
        let blocks = count(skipped.len(), "block");
        let _ = writeln!(text, "{blocks} for a later version, read and not compiled: {}", forms.join(", "));
    }
    text
}
