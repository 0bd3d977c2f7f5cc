//! `hardware.cuda-driver`: an image whose CUDA the pool's driver does not run.
//!
//! Two ways lead from a toolkit to an older driver: within a major family every program runs on the family's first
//! driver branch (minor-version compatibility); across families only with the toolkit's `cuda-compat` package, on the
//! branches for which NVIDIA tests it (forward compatibility).

use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::pools::GpuPool;
use purlin_schema::kinds::serving::{BatchInference, Serving};
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::units::Version;
use purlin_schema::{Field, Silent};
use purlin_syntax::{Level, Span};

use crate::catalog;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.cuda-driver",
    level: Level::Error,
    summary: "an image whose CUDA the driver does not run",
    scope: Scope::Neighbours,
    page: include_str!("cuda_driver.md"),
    run: Run::Each(&["gpu-pool", "training-job", "serving", "evaluation", "batch-inference"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let kind = check.ask.resource(id).ok_or(Silent)?.kind.name;
    if kind == "gpu-pool" {
        let pool = check.view::<GpuPool>(id)?;
        return judge(check, pool.cuda(), pool, "this pool admits images of");
    }
    let image = match kind {
        "training-job" => check.view::<TrainingJob>(id)?.image(),
        "serving" => check.view::<Serving>(id)?.image(),
        "evaluation" => check.view::<Evaluation>(id)?.image(),
        _ => check.view::<BatchInference>(id)?.image(),
    };
    let cuda = image.present()?.cuda();
    let placed = placement::of(&check.ask, id)?;
    let pool = placed.pool().filter(|_| placed.uses_gpu()).ok_or(Silent)?;
    let pool = check.view::<GpuPool>(pool.id)?;
    if let (Field::Present(wanted, span), Field::Present(most, admitted)) = (cuda, pool.cuda())
        && !most.at_least(wanted)
    {
        let message = format!("the image needs CUDA {wanted}; its pool admits CUDA {most} at most");
        let finding = check.finding(message, span).label(admitted, format!("at most {most}"));
        check.report(finding);
        return Ok(());
    }
    judge(check, cuda, pool, "the image needs")
}

fn judge(
    check: &mut Check,
    cuda: Field<Version>,
    pool: purlin_schema::View<'_, GpuPool>,
    who: &str,
) -> Answer {
    let (version, span) = (cuda.present()?, cuda.span().ok_or(Silent)?);
    let driver = pool.driver().present()?.branch();
    let (said, at) = (driver.present()?, driver.span().ok_or(Silent)?);
    let branch: u64 = said.split('.').next().and_then(|branch| branch.parse().ok()).ok_or(Silent)?;
    let family = catalog::cuda_family(&check.ask, version.major().ok_or(Silent)?).ok_or(Silent)?;
    let first = family.driver_branch.ok_or(Silent)?;
    if branch >= first {
        return Ok(());
    }
    let family_line =
        format!("CUDA {} runs on driver {first} and later (minor-version compatibility)", family.name);
    let Some(toolkit) = catalog::toolkit(&check.ask, version.as_str()) else {
        let message = format!("{who} CUDA {version}; driver {branch} is older than {first}");
        let finding = check
            .warning(message, span)
            .label(at, format!("driver {branch}"))
            .with_note(family_line)
            .with_note(format!("whether cuda-compat {version} runs on {branch} is not known"));
        check.report(finding);
        return Ok(());
    };
    forward(check, &toolkit, (version, span), (branch, at), &family_line, who, first);
    Ok(())
}

/// Across families: refused only where NVIDIA's list is known to be whole and lacks the branch.
fn forward(
    check: &mut Check,
    toolkit: &purlin_stdlib::facts::Toolkit,
    (version, span): (Version, Span),
    (branch, at): (u64, Span),
    family_line: &str,
    who: &str,
    first: u64,
) {
    let listed = toolkit.forward_compatible.contains(&branch);
    let branches = super::parallel_world::list(&toolkit.forward_compatible);
    let message = format!("{who} CUDA {version}; driver {branch} is older than {first}");
    let (finding, note) = if listed {
        let note = "it runs with the package cuda-compat in the image, on data centre GPUs alone (forward compatibility)";
        (check.warning(message, span), note.to_owned())
    } else if toolkit.forward_complete {
        let note =
            format!("cuda-compat {version} runs on driver branches {branches} (forward compatibility)");
        (check.finding(message, span), note)
    } else {
        let note =
            format!("the list of branches on which cuda-compat {version} runs is not complete: {branches}");
        (check.warning(message, span), note)
    };
    let mut finding = finding.label(at, format!("driver {branch}")).with_note(family_line).with_note(note);
    if !listed {
        finding = finding.cure(format!("use driver {first}"), at, format!("\"{first}\""));
    }
    check.report(finding);
}
