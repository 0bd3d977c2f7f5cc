//! `serving.auth-required`: an endpoint that anybody may call.

use purlin_schema::kinds::gateway::{Gateway, Route};
use purlin_schema::kinds::serving::Serving;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels::edges;

/// The rule.
pub static RULE: Rule = Rule {
    id: "serving.auth-required",
    level: Level::Error,
    summary: "an endpoint or gateway that anybody may call",
    scope: Scope::Neighbours,
    page: include_str!("auth_required.md"),
    run: Run::Each(&["serving", "gateway"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let says = match resource.kind.name {
        "gateway" => check.view::<Gateway>(id)?.auth().known()?.is_some() || all_behind(check, id),
        _ => check.view::<Serving>(id)?.auth().known()?.is_some() || fronted(check, id),
    };
    if !says {
        let finding = check
            .finding(format!("{} does not say who may call it", resource.address()), resource.name_span)
            .with_note("whoever reaches it can use it, and no call can be traced to its caller")
            .with_note("say how callers prove who they are: `auth oidc issuer=…` or `auth mtls`");
        check.report(finding);
    }
    Ok(())
}

/// Whether every way to an endpoint leads through a gateway that asks.
fn fronted(check: &Check, id: ResourceId) -> bool {
    let routes: Vec<_> = check
        .ask
        .incoming(id)
        .into_iter()
        .filter(|from| from.kind.name == "route")
        .filter_map(|route| check.ask.view::<Route>(route.id))
        .collect();
    let asks = |route: &purlin_schema::View<Route>| {
        let gateway = check.ask.get::<Gateway>(route.gateway());
        gateway.is_ok_and(|(_, gateway)| !gateway.auth().is_absent())
    };
    !routes.is_empty() && routes.iter().all(asks)
}

/// Whether every endpoint behind a gateway asks for itself; a gateway with nothing behind it lets nobody through.
fn all_behind(check: &Check, id: ResourceId) -> bool {
    let ask = &check.ask;
    let routes = ask.incoming(id).into_iter().filter(|from| from.kind.name == "route");
    routes
        .flat_map(|route| edges(ask, route.id))
        .filter(|edge| matches!(edge.relation, "to" | "fallback"))
        .all(|edge| ask.view::<Serving>(edge.to).is_none_or(|serving| !serving.auth().is_absent()))
}
