//! Where a resource stands: the clouds and regions in which its data is kept or computed on.

use purlin_schema::Value;
use purlin_schema::kinds::organisation::Cloud;
use purlin_schema::kinds::stores::Broker;
use purlin_syntax::Span;

use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::query::labels::edges;

/// How many relations a resource may be away from its cloud: endpoint, queue, pool, cluster, cloud.
const STEPS: usize = 8;

/// One place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// What stands there: a storage, a broker, a pool.
    pub on: ResourceId,
    /// Where the resource says so.
    pub said: Span,
    /// The cloud; none where an id alone tells the region.
    pub cloud: Option<ResourceId>,
    /// The region by its cloud's name.
    pub region: String,
    /// Where the region is said.
    pub span: Span,
}

/// The relations that say where a resource is kept or runs.
fn stands(kind: &str) -> &'static [&'static str] {
    match kind {
        "dataset" => &["location"],
        "stream" => &["broker"],
        "feature-view" => &["online", "offline"],
        "vector-store" => &["cluster"],
        "pipeline" => &["on", "checkpoint"],
        "training-job" => &["on", "queue", "checkpoint"],
        "batch-inference" => &["on", "queue", "to"],
        "serving" => &["on", "audit"],
        "evaluation" => &["on"],
        "model" | "adapter" => &["weights"],
        _ => &[],
    }
}

/// The places of a resource, each region once, in the order of its text.
pub fn of(ask: &Ask, id: ResourceId) -> Vec<Place> {
    let Some(resource) = ask.resource(id) else { return Vec::new() };
    let stands = stands(resource.kind.name);
    let mut found: Vec<Place> = Vec::new();
    for edge in edges(ask, id).iter().filter(|edge| stands.contains(&edge.relation)) {
        if let Some(place) = region(ask, edge.to, edge.span)
            && !found.iter().any(|have| have.region == place.region && have.cloud == place.cloud)
        {
            found.push(place);
        }
    }
    found
}

/// The region of something that stands in a cloud.
fn region(ask: &Ask, on: ResourceId, said: Span) -> Option<Place> {
    let mut at = on;
    for _ in 0..STEPS {
        if let Some(cloud) = ask.view::<Cloud>(at) {
            let (region, span) = (cloud.region().get()?, cloud.region().span()?);
            return Some(Place { on, said, cloud: Some(at), region: region.as_str().to_owned(), span });
        }
        if let Some((region, span)) = arn(ask, at) {
            return Some(Place { on, said, cloud: None, region, span });
        }
        let near = ["cloud", "cluster", "on", "over"];
        let next = |relation: &&str| edges(ask, at).iter().find(|edge| edge.relation == *relation);
        at = near.iter().find_map(next)?.to;
    }
    None
}

/// The region in the ARN of a broker that somebody else owns: its fourth part.
fn arn(ask: &Ask, id: ResourceId) -> Option<(String, Span)> {
    let broker = ask.view::<Broker>(id)?;
    let entry = broker.existing().iter().find(|entry| entry.key.as_str() == "arn")?;
    let Value::Text(arn) = &entry.value else { return None };
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty())?;
    Some((region.to_owned(), entry.span))
}
