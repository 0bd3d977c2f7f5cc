//! `hardware.dtype`: number formats that a GPU's tensor cores do not have.

use purlin_schema::kinds::serving::Serving;
use purlin_schema::kinds::training::{Dtype, TrainingJob};
use purlin_schema::view::ChoiceType;
use purlin_schema::{Field, Silent};
use purlin_stdlib::facts::Gpu;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.dtype",
    level: Level::Error,
    summary: "a number format that the GPU does not compute in",
    scope: Scope::Neighbours,
    page: include_str!("dtype.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let kind = check.ask.resource(id).ok_or(Silent)?.kind.name;
    let compute: Field<Dtype> = if kind == "serving" {
        check.view::<Serving>(id)?.precision()
    } else {
        check.view::<TrainingJob>(id)?.precision().present()?.compute()
    };
    let (span, dtype) = (compute.span().ok_or(Silent)?, compute.present()?);
    let placed = placement::of(&check.ask, id)?;
    let gpu = placed.gpu.as_ref().filter(|_| placed.uses_gpu()).ok_or(Silent)?;
    let (have, need) = (capability(gpu).ok_or(Silent)?, least(dtype).ok_or(Silent)?);
    if have >= need {
        return Ok(());
    }
    let instead = if have >= (8, 0) { Dtype::Bf16 } else { Dtype::Fp16 };
    let message = format!(
        "{} has compute capability {}.{}; {} begins at {}.{}",
        gpu.name,
        have.0,
        have.1,
        dtype.word(),
        need.0,
        need.1
    );
    let finding = check.finding(message, span).label(placed.span, format!("runs on {}", gpu.name)).cure(
        format!("compute in {}", instead.word()),
        span,
        instead.word(),
    );
    check.report(finding);
    Ok(())
}

/// The first compute capability whose tensor cores have a format; none for those that all have.
fn least(dtype: Dtype) -> Option<(u64, u64)> {
    match dtype {
        Dtype::Bf16 | Dtype::Tf32 => Some((8, 0)),
        Dtype::Fp8 => Some((8, 9)),
        Dtype::Nvfp4 | Dtype::Mxfp4 => Some((10, 0)),
        Dtype::Fp32 | Dtype::Fp16 | Dtype::Int8 | Dtype::Int4 => None,
    }
}

/// A GPU's compute capability as numbers; NVIDIA alone has one.
pub(crate) fn capability(gpu: &Gpu) -> Option<(u64, u64)> {
    let (major, minor) = gpu.compute_capability?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
