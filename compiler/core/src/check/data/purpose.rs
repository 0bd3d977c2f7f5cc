//! `data.purpose`: what data may be used for, and what it is used for.

use purlin_schema::kinds::contracts::DataContract;
use purlin_schema::view::View;
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels;

/// The rule.
pub static RULE: Rule = Rule {
    id: "data.purpose",
    level: Level::Error,
    summary: "data used for what its contract does not name",
    scope: Scope::Flow,
    page: include_str!("purpose.md"),
    run: Run::Each(&["training-job", "evaluation", "batch-inference", "dataset", "stream"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    match labels::uses(&check.ask, id) {
        Some(uses) => {
            for use_ in uses.iter() {
                let Some(dataset) = use_.dataset().get() else { continue };
                let Ok(dataset) = check.ask.follow(dataset, &["dataset"]) else { continue };
                used(check, id, dataset, use_.purpose().iter().collect());
            }
            Ok(())
        }
        None => made_of(check, id),
    }
}

/// A use against the purposes of the dataset's contract, or of all that it is made of where it has none.
fn used(check: &mut Check, id: ResourceId, dataset: ResourceId, words: Vec<(&str, Span)>) {
    if words.is_empty() {
        return;
    }
    let own = own_contract(check, dataset);
    let contracts = match own {
        Some(contract) => vec![contract],
        None => labels::labels(&check.ask, dataset)
            .of(dataset)
            .map(|node| node.contracts.clone())
            .unwrap_or_default(),
    };
    for (word, span) in words {
        let refusing = contracts
            .iter()
            .find(|contract| purposes(check, **contract).is_some_and(|of| !of.0.contains(&word)));
        let Some(contract) = refusing else { continue };
        let Some((allowed, said)) = purposes(check, *contract) else { continue };
        let (name, user) = (address(check, *contract), address(check, id));
        let message = format!("{user} uses data of {name} for {word}, which is none of its purposes");
        let finding = check
            .finding(message, span)
            .label(said, format!("only for {}", allowed.join(", ")))
            .with_note("data is used for the purposes it was collected for (GDPR Art. 5(1)(b)); a new purpose is its owner's decision, in the contract");
        check.report(finding);
    }
}

/// A contract of derived data may name no purpose that nothing it is made of has.
fn made_of(check: &mut Check, id: ResourceId) -> Answer {
    let Some(own) = own_contract(check, id) else { return Ok(()) };
    let Some((words, _)) = purposes(check, own) else { return Ok(()) };
    let labels = labels::labels(&check.ask, id);
    let Some(node) = labels.of(id) else { return Ok(()) };
    let sources: Vec<ResourceId> = node
        .contracts
        .iter()
        .copied()
        .filter(|contract| *contract != own && purposes(check, *contract).is_some())
        .collect();
    if sources.is_empty() {
        return Ok(());
    }
    let made_up = node.contracts.iter().any(|contract| synthetic(check, *contract));
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    for word in words {
        let refusing: Vec<ResourceId> = sources
            .iter()
            .copied()
            .filter(|contract| purposes(check, *contract).is_some_and(|of| !of.0.contains(&word)))
            .collect();
        let Some(first) = refusing.first() else { continue };
        let names: Vec<String> = refusing.iter().map(|contract| address(check, *contract)).collect();
        let place = purposes(check, own).map_or(resource.name_span, |of| of.1);
        let message = format!("{} is for {word}, and not so {}", resource.address(), names.join(", "));
        let finding = if refusing.len() == sources.len() && !made_up {
            check.finding(message, place)
        } else {
            check
                .warning(message, place)
                .with_note("other data in it is; the rows of these contracts must stay out of that use, or their contracts name it")
        };
        let said = purposes(check, *first).map_or(place, |of| of.1);
        let finding = finding
            .because("the purpose")
            .label(said, "without it")
            .with_note("data is used for the purposes it was collected for (GDPR Art. 5(1)(b))");
        check.report(finding);
    }
    Ok(())
}

fn own_contract(check: &Check, id: ResourceId) -> Option<ResourceId> {
    labels::edges(&check.ask, id).iter().find(|edge| edge.relation == "contract").map(|edge| edge.to)
}

/// The purposes of a contract and where they stand; nothing where it names none, or where nobody stands behind the data.
fn purposes<'a>(check: &Check<'a>, contract: ResourceId) -> Option<(Vec<&'a str>, Span)> {
    let contract: View<'a, DataContract> = check.ask.view(contract)?;
    if contract.purpose().is_empty() || contract.synthetic().get() == Some(true) {
        return None;
    }
    Some((contract.purpose().values().collect(), contract.purpose().state().span()?))
}

/// Made-up data may be used for anything.
fn synthetic(check: &Check, contract: ResourceId) -> bool {
    check.ask.view::<DataContract>(contract).is_some_and(|contract| contract.synthetic().get() == Some(true))
}

fn address(check: &Check, id: ResourceId) -> String {
    check.ask.resource(id).map(crate::Resource::address).unwrap_or_default()
}
