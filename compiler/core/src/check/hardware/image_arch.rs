//! `hardware.image-arch`: an image for another processor than the node's.

use purlin_schema::Silent;
use purlin_schema::kinds::data::Pipeline;
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::serving::{BatchInference, Serving};
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::view::ChoiceType;
use purlin_stdlib::facts::Arch;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.image-arch",
    level: Level::Error,
    summary: "an image for another processor architecture than the node's",
    scope: Scope::Neighbours,
    page: include_str!("image_arch.md"),
    run: Run::Each(&["training-job", "serving", "evaluation", "batch-inference", "pipeline"], check),
};

/// Words of names and tags that say an architecture.
const WORDS: [(&str, Arch); 5] = [
    ("arm64", Arch::Arm64),
    ("aarch64", Arch::Arm64),
    ("amd64", Arch::Amd64),
    ("x86_64", Arch::Amd64),
    ("x86-64", Arch::Amd64),
];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let image = match check.ask.resource(id).ok_or(Silent)?.kind.name {
        "training-job" => check.view::<TrainingJob>(id)?.image(),
        "serving" => check.view::<Serving>(id)?.image(),
        "evaluation" => check.view::<Evaluation>(id)?.image(),
        "pipeline" => check.view::<Pipeline>(id)?.image(),
        _ => check.view::<BatchInference>(id)?.image(),
    };
    let reference = image.present()?.reference();
    let (said, span) = (reference.present()?, reference.span().ok_or(Silent)?);
    let placed = placement::of(&check.ask, id)?;
    let pool = placed.pool().ok_or(Silent)?;
    let instance = pool.instance.as_ref().ok_or(Silent)?;
    let node = instance.arch.ok_or(Silent)?;
    let text = said.as_str().split('@').next().unwrap_or("");
    let Some((word, built)) = WORDS.iter().find(|(word, _)| text.contains(word)) else { return Ok(()) };
    if *built != node {
        let message = format!(
            "the image says {word}; {} has processors of architecture {}",
            instance.name,
            node.word()
        );
        let finding = check
            .finding(message, span)
            .label(pool.instance_span, node.word())
            .with_note("a program of another architecture does not start: exec format error");
        check.report(finding);
    }
    Ok(())
}
