//! `data.residency`: where a contract says that data stays, and where it is kept and computed on.

use purlin_schema::kinds::contracts::DataContract;
use purlin_syntax::{Level, Span};

use crate::catalog;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::{labels, places};

/// The rule.
pub static RULE: Rule = Rule {
    id: "data.residency",
    level: Level::Error,
    summary: "data outside of where its contract keeps it",
    scope: Scope::Flow,
    page: include_str!("residency.md"),
    run: Run::Each(
        &[
            "dataset",
            "stream",
            "feature-view",
            "vector-store",
            "pipeline",
            "training-job",
            "evaluation",
            "batch-inference",
            "serving",
        ],
        check,
    ),
};

/// Countries of the European Economic Area that are not in the Union (EEA Agreement, Art. 126; in force 1994-01-01,
/// Liechtenstein since 1995-05-01).
const EEA_BESIDE_EU: [&str; 3] = ["IS", "LI", "NO"];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let labels = labels::labels(&check.ask, id);
    let Some(node) = labels.of(id) else { return Ok(()) };
    let stored = matches!(resource.kind.name, "dataset" | "stream");
    let told: Vec<ResourceId> = if stored { Vec::new() } else { clouds_of_data(check, &labels, id) };
    for place in places::of(&check.ask, id) {
        // A cloud in which the data itself is kept has been judged there: one wrong region, few findings.
        if place.cloud.is_some_and(|cloud| told.contains(&cloud)) {
            continue;
        }
        let Some(region) = catalog::region(&check.ask, &place.region) else {
            if !node.contracts.is_empty() && stored {
                unknown(check, &node.contracts, &place);
            }
            continue;
        };
        let outside = node.contracts.iter().find_map(|contract| {
            let allowed = allowed(check, *contract)?;
            (!allowed.0.iter().any(|word| within(word, &region))).then_some((*contract, allowed))
        });
        let Some((contract, (words, said))) = outside else { continue };
        let country = region.country.unwrap_or("an unknown country");
        let owner = check.ask.resource(contract).map(crate::Resource::address).unwrap_or_default();
        let message = format!(
            "{} is in {} ({country}), and {owner} keeps its data in {}",
            resource.address(),
            place.region,
            words.join(", "),
        );
        let finding = check
            .finding(message, place.said)
            .because("stands there")
            .label(place.span, "the region")
            .label(said, "the bound");
        check.report(finding);
    }
    Ok(())
}

/// The clouds in which the data of a resource is kept: where it comes from, and where it goes next.
fn clouds_of_data(check: &Check, labels: &labels::Labels, id: ResourceId) -> Vec<ResourceId> {
    let ask = &check.ask;
    let before = labels.nodes().iter().map(|node| node.id);
    let after = ask.incoming(id).into_iter().map(|reader| reader.id);
    let stored = before.chain(after).filter(|other| {
        *other != id && ask.resource(*other).is_some_and(|r| matches!(r.kind.name, "dataset" | "stream"))
    });
    stored.flat_map(|other| places::of(ask, other)).filter_map(|place| place.cloud).collect()
}

/// Where a contract keeps its data; nothing where it does not say. Made-up data may be anywhere.
fn allowed<'a>(check: &Check<'a>, contract: ResourceId) -> Option<(Vec<&'a str>, Span)> {
    let contract = check.ask.view::<DataContract>(contract)?;
    if contract.synthetic().get() == Some(true) || contract.residency().is_empty() {
        return None;
    }
    Some((contract.residency().values().collect(), contract.residency().state().span()?))
}

fn within(word: &str, region: &purlin_stdlib::facts::Region) -> bool {
    let eu = region.eu == Some(true);
    match word {
        "eu" | "EU" => eu,
        "eea" | "EEA" => eu || region.country.is_some_and(|country| EEA_BESIDE_EU.contains(&country)),
        word => {
            word == region.name || region.country.is_some_and(|country| country.eq_ignore_ascii_case(word))
        }
    }
}

fn unknown(check: &mut Check, contracts: &[ResourceId], place: &places::Place) {
    let bound = contracts.iter().find_map(|contract| allowed(check, *contract));
    if let Some((words, said)) = bound {
        let message = format!(
            "the catalog does not know in which country {} is: residency ({}) is not checked",
            place.region,
            words.join(", ")
        );
        let finding = check.warning(message, place.span).label(said, "the bound").with_note(format!(
            "declare it: `region {} {{ provider …; country …; eu …; source \"…\"; as-of \"…\" }}`",
            place.region
        ));
        check.report(finding);
    }
}
