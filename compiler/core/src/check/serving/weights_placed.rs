//! `serving.weights-placed`: an endpoint that nobody tells where its model's weights lie.

use purlin_schema::kinds::models::Model;
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::{Resource, ResourceId};

/// The rule.
pub static RULE: Rule = Rule {
    id: "serving.weights-placed",
    level: Level::Warning,
    summary: "an endpoint whose model does not say where its weights lie",
    scope: Scope::Neighbours,
    page: include_str!("weights_placed.md"),
    run: Run::Each(&["serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let serving = check.view::<Serving>(id)?;
    if serving.run().present()?.variant().present()? == ServingProgram::Custom {
        return Ok(());
    }
    let (model_id, model) = check.ask.get::<Model>(serving.model())?;
    let hub = model.from().known()?.is_some_and(|from| !from.huggingface().is_absent());
    if hub || model.weights().known()?.is_some() {
        return Ok(());
    }
    let name = check.ask.resource(model_id).map(Resource::address).unwrap_or_default();
    let endpoint = check.ask.resource(id).map(Resource::address).unwrap_or_default();
    let span = serving.model().span().unwrap_or(serving.span());
    let finding = check
        .finding(format!("{name} does not say where its weights lie: {endpoint} starts without them"), span)
        .label(model.span(), "no `weights`, and not from a hub")
        .with_note("a registry knows the place of a version only once it is registered")
        .with_note("say where the version that is served is put: `weights STORAGE path=…`");
    check.report(finding);
    Ok(())
}
