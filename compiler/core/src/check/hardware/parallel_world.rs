//! `hardware.parallel-world`: degrees of parallelism that do not make up the GPUs.

use purlin_schema::Silent;
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_schema::kinds::training::TrainingJob;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::memory::training;
use crate::query::placement::{self, Placed};

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.parallel-world",
    level: Level::Error,
    summary: "degrees of parallelism that do not make up the GPUs",
    scope: Scope::Neighbours,
    page: include_str!("parallel_world.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let placed = placement::of(&check.ask, id)?;
    node(check, &placed);
    if check.ask.resource(id).ok_or(Silent)?.kind.name == "serving" {
        serving(check, id, &placed)
    } else {
        training(check, id, &placed)
    }
}

/// More GPUs of a node than it has, or whole nodes of which some GPUs stay idle.
fn node(check: &mut Check, placed: &Placed) {
    let Some(pool) = placed.pool() else { return };
    let (Some(asked), Some(have)) = (placed.gpus_per_node, pool.gpus_per_node()) else { return };
    let instance = pool.instance_name;
    if asked > have && pool.kind == "gpu-pool" {
        let message = format!("{asked} GPUs of a node are asked for; {instance} has {have}");
        let finding = check.finding(message, placed.span).label(pool.instance_span, format!("{have} GPUs"));
        check.report(finding);
    } else if placed.whole_nodes && asked > 0 && asked < have {
        let message = format!("{asked} of {have} GPUs of each node are used; the others stay idle");
        let finding = check
            .finding(message, placed.span)
            .label(pool.instance_span, format!("{have} GPUs"))
            .with_note(format!(
                "{} nodes · {} GPUs idle = {}",
                placed.nodes,
                have - asked,
                placed.nodes * (have - asked)
            ));
        check.report(finding);
    }
}

fn training(check: &mut Check, id: ResourceId, placed: &Placed) -> Answer {
    let job = check.view::<TrainingJob>(id)?;
    let division = training::division(&check.ask, id)?;
    let span = job.parallel().span().unwrap_or(placed.span);
    for violation in crate::laws::parallel::violations(&division) {
        if !violation.what.starts_with("GPUs") {
            continue;
        }
        let message = format!(
            "{} GPUs cannot be divided by tensor {} · pipeline {} · context {} = {}",
            division.gpus, division.tensor, division.layout.pipeline, division.context, violation.divisor
        );
        let counted = format!("{} nodes · {} GPUs", placed.nodes, placed.gpus_per_node.unwrap_or(0));
        let finding = check.finding(message, span).label(placed.span, counted).with_note(format!(
            "products that divide {}: {}",
            division.gpus,
            list(&violation.legal)
        ));
        check.report(finding);
    }
    Ok(())
}

/// Servers that divide a model start one process a GPU: as many GPUs as degrees, no more and no fewer.
fn serving(check: &mut Check, id: ResourceId, placed: &Placed) -> Answer {
    let serving = check.view::<Serving>(id)?;
    let program = serving.run().present()?.variant().present()?;
    let divides =
        matches!(program, ServingProgram::Vllm | ServingProgram::Sglang | ServingProgram::TensorrtLlm);
    let gpus = placed.gpus().filter(|gpus| divides && *gpus > 0).ok_or(Silent)?;
    let parallel = serving.parallel();
    let (tensor, pipeline, data) = match parallel.known()? {
        Some(parallel) => (parallel.tensor().or(1)?, parallel.pipeline().or(1)?, parallel.data().or(1)?),
        None => (1, 1, 1),
    };
    let world = tensor.saturating_mul(pipeline).saturating_mul(data);
    if world == gpus {
        return Ok(());
    }
    let span = parallel.span().unwrap_or(placed.span);
    let message =
        format!("a replica has {gpus} GPUs; tensor {tensor} · pipeline {pipeline} · data {data} = {world}");
    let finding = check.finding(message, span).label(placed.span, format!("{gpus} GPUs"));
    check.report(finding);
    Ok(())
}

/// `1, 2, 4`; a word where there is none.
pub(crate) fn list(values: &[u64]) -> String {
    if values.is_empty() {
        return "none".to_owned();
    }
    values.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}
