//! `purlin build`: plan and apply to the output folder, in one call.

use std::path::{Path, PathBuf};

use clap::Args;
use purlin_core::Finding;

use super::apply::{self, Approval};
use super::plan::{self, Format};
use super::{Failure, Outcome};
use crate::planning::{self, Against};
use crate::project::{Project, ProjectArgs};
use crate::screen::{Progress, Screen};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,
    /// Write into this folder instead of the project's `out`; environments are folders in it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    approval: Approval,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    build(&arguments.project, arguments.out.as_deref(), &arguments.approval, screen)
}

/// Compiles, plans and applies what `out/`, or another folder, should hold.
pub(crate) fn build(
    project: &ProjectArgs,
    folder: Option<&Path>,
    approval: &Approval,
    screen: &Screen,
) -> Result<Outcome, Failure> {
    let mut options = project.options.options();
    let only = planning::only_shared(&mut options);
    let project = Project::compile_in(&project.path, options)?;
    let findings = project.session.findings();
    if findings.iter().any(Finding::is_error) {
        return Ok(Outcome {
            text: plan::blocked(&project.session, &findings, Format::Text, screen),
            code: 1,
        });
    }
    let _progress = Progress::begin("writing");
    let against = folder.map_or(Against::Directory, |folder| Against::Folder(folder.to_owned()));
    let plans = planning::plan_all(
        &project.session,
        &findings,
        project.world.root(),
        &against,
        only.as_deref(),
        planning::Next::Apply,
    )?;
    apply::apply(&project, &findings, &plans, folder, approval, screen)
}
