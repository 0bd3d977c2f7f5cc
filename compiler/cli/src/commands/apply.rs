//! `purlin apply`: does what was planned, and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use purlin_core::Finding;
use purlin_core::plan::Group;

use super::build;
use super::{Failure, Outcome};
use crate::planning::{self, Against, Planned};
use crate::project::{OptionArgs, Project, ProjectArgs};
use crate::saved::Saved;
use crate::screen::{Progress, Screen};
use crate::views::escape;
use crate::views::words::count;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A plan that `plan --out` saved, or the folder of a project, which is planned first
    #[arg(value_name = "FILE", default_value = ".")]
    plan: PathBuf,
    /// Folder of the project that the plan was made of
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    options: OptionArgs,
    #[command(flatten)]
    approval: Approval,
}

/// What somebody has agreed to.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Approval {
    /// Agree to what cannot be taken back: `data-loss`, `replacement`, `purchase`; may be repeated
    #[arg(long = "approve", value_name = "GROUP", value_parser = group)]
    pub(crate) groups: Vec<Group>,
}

fn group(text: &str) -> Result<Group, String> {
    let grave = Group::ALL.into_iter().filter(|group| group.needs_approval());
    let names: Vec<&str> = grave.clone().map(Group::as_str).collect();
    grave
        .into_iter()
        .find(|group| group.as_str() == text)
        .ok_or_else(|| format!("one of {}", names.join(", ")))
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    if arguments.plan.is_dir() || !arguments.plan.exists() && arguments.plan.as_os_str() == "." {
        let project = ProjectArgs { path: arguments.plan.clone(), options: arguments.options.clone() };
        return build::build(&project, None, &arguments.approval, screen);
    }
    let saved = Saved::read(&arguments.plan)?;
    let project = Project::compile_in(&arguments.project, saved.options()?)?;
    saved.check_spec(&project)?;
    let findings = project.session.findings();
    if findings.iter().any(Finding::is_error) {
        return Err(Failure("the spec has errors now: plan again".to_owned()));
    }
    let _progress = Progress::begin("writing");
    let plans = planning::plan_all(
        &project.session,
        &findings,
        project.world.root(),
        &Against::Directory,
        saved.only(),
        planning::Next::Apply,
    )?;
    saved.check_plans(&plans)?;
    apply(&project, &findings, &plans, None, &arguments.approval, screen)
}

/// Applies plans of the output folder, or of another, after everything that could stop one of them has been looked at.
pub(crate) fn apply(
    project: &Project,
    findings: &[Finding],
    plans: &[Planned],
    folder: Option<&Path>,
    approval: &Approval,
    screen: &Screen,
) -> Result<Outcome, Failure> {
    refuse(plans, approval)?;
    let mut text = String::new();
    for planned in plans {
        let name = planned.environment.as_deref();
        let directory = planning::destination(project.world.root(), folder, name)?;
        let mut failure = None;
        let applied =
            directory.apply(&planned.held, &planned.files, &planned.manifest, &mut |receiver| match &planned
                .texts
            {
                Some(texts) => texts.replay(receiver),
                None => failure = planning::emit(&project.session, findings, planned.piece, receiver).err(),
            });
        if let Some(failure) = failure {
            return Err(failure);
        }
        let applied = applied?;
        let place = screen.bold(directory.shown());
        let _ = if applied.manifest {
            let written = count(applied.written, "file");
            writeln!(
                text,
                "{place}: {written} written, {} deleted, {} unchanged",
                applied.deleted, planned.files.same
            )
        } else {
            writeln!(text, "{place}: nothing to do, {} as they should be", count(planned.files.same, "file"))
        };
    }
    Ok(Outcome::fine(text))
}

/// Everything that stops an apply, of all environments at once: then nothing at all is changed.
fn refuse(plans: &[Planned], approval: &Approval) -> Result<(), Failure> {
    let mut reasons = String::new();
    for planned in plans {
        for conflict in &planned.files.conflicts {
            let path = escape::line(&conflict.path);
            let _ = write!(reasons, "\n  {}/{path} {}", planned.against, conflict.reason);
        }
        for consequence in &planned.consequences {
            if consequence.group.needs_approval() && !approval.groups.contains(&consequence.group) {
                let _ = write!(
                    reasons,
                    "\n  {} {} (--approve {})",
                    escape::line(&consequence.address),
                    escape::line(&consequence.text),
                    consequence.group.as_str()
                );
            }
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Failure(format!("nothing was changed:{reasons}"))) }
}
