//! `hardware.parallel-divides`: degrees of parallelism that do not divide what they cut.

use purlin_schema::Silent;
use purlin_schema::kinds::serving::Serving;
use purlin_schema::kinds::training::{TrainingFramework, TrainingJob};
use purlin_syntax::{Level, Span};

use super::parallel_world::list;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::parallel::{self, Division, Violation};
use crate::laws::pipeline::Layout;
use crate::query::memory::training;
use crate::query::model;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.parallel-divides",
    level: Level::Error,
    summary: "a degree of parallelism that does not divide what it cuts",
    scope: Scope::Neighbours,
    page: include_str!("parallel_divides.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    if check.ask.resource(id).ok_or(Silent)?.kind.name == "serving" {
        return serving(check, id);
    }
    let job = check.view::<TrainingJob>(id)?;
    let division = training::division(&check.ask, id)?;
    // Megatron pads the vocabulary until it divides.
    let framework = job.run().get().and_then(|run| run.variant().get());
    let pads =
        matches!(framework, Some(TrainingFramework::MegatronCore | TrainingFramework::MegatronDeepspeed));
    let name = check.ask.resource(id).ok_or(Silent)?.name_span;
    let (parallel, batch) = (job.parallel(), job.batch());
    for violation in parallel::violations(&division) {
        let skip = violation.what.starts_with("GPUs") || (pads && violation.what.starts_with("vocabulary"));
        if skip {
            continue;
        }
        let said = parallel.get();
        let degree = match violation.what {
            what if what.starts_with("global batch") => batch.get().map(|batch| batch.micro().span()),
            what if what.starts_with("micro-batches") || what.starts_with("layers") => {
                said.map(|parallel| parallel.pipeline().span())
            }
            what if what.starts_with("sequence") => said.map(|parallel| parallel.context().span()),
            what if what.contains("expert") => said.map(|parallel| parallel.expert().span()),
            _ => said.map(|parallel| parallel.tensor().span()),
        };
        let span = degree.flatten().or(parallel.span()).or(batch.span()).unwrap_or(name);
        report(check, &violation, span, degree.flatten().is_some(), &division);
    }
    Ok(())
}

/// Heads and key heads of a served model; engines cut the other numbers unevenly.
fn serving(check: &mut Check, id: ResourceId) -> Answer {
    let serving = check.view::<Serving>(id)?;
    let shape = model::shape(&check.ask, serving.model())?.ok_or(Silent)?;
    let parallel = serving.parallel().present()?;
    let tensor = parallel.tensor();
    let d = &shape.dimensions;
    let layout = Layout {
        layers: d.layers,
        pipeline: 1,
        virtual_pipeline: 1,
        embedding_as_layer: false,
        loss_as_layer: false,
    };
    let degree = tensor.or(1)?;
    let division = Division {
        gpus: degree,
        tensor: degree,
        layout,
        context: 1,
        expert: 1,
        data: None,
        heads: d.heads,
        kv_heads: d.kv_heads,
        ffn: 0,
        vocab: 0,
        experts: None,
        sequence: 0,
        global_batch: 0,
        micro_batch: 1,
    };
    for violation in parallel::violations(&division) {
        let span = tensor.span().unwrap_or(parallel.span());
        report(check, &violation, span, false, &division);
    }
    Ok(())
}

fn report(check: &mut Check, violation: &Violation, span: Span, curable: bool, division: &Division) {
    let message =
        format!("{}: {} is not divisible by {}", violation.what, violation.value, violation.divisor);
    let mut finding =
        check.finding(message, span).with_note(format!("values that pass: {}", list(&violation.legal)));
    if let Some(value) = replacement(violation, division).filter(|_| curable) {
        finding = finding.cure(format!("write {value}"), span, value.to_string());
    }
    check.report(finding);
}

/// The nearest smaller degree with which nothing is violated.
fn replacement(violation: &Violation, division: &Division) -> Option<u64> {
    let change = |value: u64| {
        let mut changed = division.clone();
        match violation.what {
            what if what.starts_with("global batch") => changed.micro_batch = value,
            what if what.starts_with("micro-batches") || what.starts_with("layers") => {
                changed.layout.pipeline = value;
            }
            what if what.starts_with("sequence") => changed.context = value,
            what if what.contains("expert") => changed.expert = value,
            _ => changed.tensor = value,
        }
        changed
    };
    let legal = violation.legal.iter().rev().copied();
    legal.filter(|value| *value > 0).find(|value| parallel::violations(&change(*value)).is_empty())
}
