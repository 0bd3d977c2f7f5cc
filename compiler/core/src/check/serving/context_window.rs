//! `serving.context-window`: longer texts than the model was made for.

use purlin_schema::kinds::serving::Serving;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::model;

/// The rule.
pub static RULE: Rule = Rule {
    id: "serving.context-window",
    level: Level::Error,
    summary: "a context longer than the model's, or shorter than what is asked of it",
    scope: Scope::Neighbours,
    page: include_str!("context_window.md"),
    run: Run::Each(&["serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let serving = check.view::<Serving>(id)?;
    let shape = model::shape(&check.ask, serving.model())?;
    let longest = shape.as_ref().and_then(|shape| shape.architecture.context);
    let said = serving.context();
    if let (Some(context), Some(span), Some(shape), Some(longest)) =
        (said.get(), said.span(), &shape, longest)
        && context > longest
    {
        let name = shape.architecture.name;
        let finding = check
            .finding(
                format!("context {context} is longer than the {longest} tokens that {name} was made for"),
                span,
            )
            .label(serving.model().span().unwrap_or(span), "the model")
            .with_note("positions beyond that were never trained: answers degrade without an error")
            .cure(format!("write {longest}"), span, longest.to_string());
        check.report(finding);
    }
    let limit = said.get().or(longest);
    if let (Some(limit), Some(load)) = (limit, serving.load().get())
        && let (Some(prompt), Some(output)) = (load.prompt().get(), load.output().get())
        && prompt.0.saturating_add(output.0) > limit
    {
        let message = format!(
            "a typical request of {prompt} and an answer of {output} do not fit a context of {limit} tokens"
        );
        let finding = check.finding(message, load.span()).with_note(format!(
            "{} + {} = {} tokens > {limit}",
            prompt.0,
            output.0,
            prompt.0.saturating_add(output.0)
        ));
        check.report(finding);
    }
    Ok(())
}
