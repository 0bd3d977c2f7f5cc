//! `serving.model-runtime-format`: weights that the program cannot read.

use purlin_schema::kinds::models::{Model, ModelFormat};
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_schema::view::ChoiceType;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "serving.model-runtime-format",
    level: Level::Error,
    summary: "weights in a format that the program cannot read",
    scope: Scope::Neighbours,
    page: include_str!("model_runtime_format.md"),
    run: Run::Each(&["serving"], check),
};

/// What a program reads, where its documentation lists that; nothing for the others, which are not refused.
// vLLM: docs.vllm.ai/en/latest/api/vllm/config/load, `load_format` (safetensors, PyTorch's `.bin`, GGUF by a plugin).
// SGLang: docs.sglang.io/docs/advanced_features/model_loading.
// XGBoost: xgboost.readthedocs.io/en/release_3.2.0/tutorials/saving_model.html (UBJSON and JSON). All read 2026-11-21.
fn reads(program: ServingProgram) -> Option<&'static [ModelFormat]> {
    match program {
        ServingProgram::Vllm | ServingProgram::Sglang => {
            Some(&[ModelFormat::Safetensors, ModelFormat::Pickle, ModelFormat::Gguf])
        }
        ServingProgram::Xgboost => Some(&[ModelFormat::Ubj, ModelFormat::Json]),
        _ => None,
    }
}

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let serving = check.view::<Serving>(id)?;
    let run = serving.run().present()?;
    let program = run.variant().present()?;
    if serving.model().is_absent() && !matches!(program, ServingProgram::Custom) {
        let finding = check.finding(format!("{} has no model to serve", program.word()), serving.span());
        check.report(finding.with_note("say `model NAME`; only a custom program serves none"));
        return Ok(());
    }
    let (model_id, model) = check.ask.get::<Model>(serving.model())?;
    let (format, span) = (model.format().present()?, model.format().span());
    let Some(readable) = reads(program) else { return Ok(()) };
    if readable.contains(&format) {
        return Ok(());
    }
    let name = check.ask.resource(model_id).map(crate::Resource::address).unwrap_or_default();
    let words: Vec<&str> = readable.iter().map(|format| format.word()).collect();
    let message = format!("{} cannot read {name}, which is stored as {}", program.word(), format.word());
    let finding = check
        .finding(message, run.span())
        .label(span.unwrap_or(model.span()), "the format")
        .with_note(format!("{} reads {}", program.word(), words.join(", ")));
    check.report(finding);
    Ok(())
}
