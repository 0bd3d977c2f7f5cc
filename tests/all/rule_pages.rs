//! Every rule's page is a test: its failing spec raises the rule, its cure does not.

use purlin_core::check::{Rule, rules};
use purlin_core::{MemoryWorld, Options, Serial};
use purlin_schema::units::{Date, Quantity, QuantityKind, parse};
use purlin_syntax::Level;

/// The fenced spec under a heading.
fn spec<'p>(rule: &Rule, page: &'p str, heading: &str) -> &'p str {
    let (_, after) =
        page.split_once(&format!("## {heading}")).unwrap_or_else(|| panic!("{}: no `## {heading}`", rule.id));
    let (_, body) =
        after.split_once("```kdl\n").unwrap_or_else(|| panic!("{}: no spec under {heading}", rule.id));
    body.split("\n```").next().unwrap_or_default()
}

fn date(text: &str) -> Option<Date> {
    match parse(QuantityKind::Date, text) {
        Ok(Quantity::Date(date)) => Some(date),
        _ => None,
    }
}

/// Every finding of a spec as `rule: message`, with the level.
fn findings(text: &str) -> Vec<(Level, &'static str, String)> {
    let day = text.lines().next().and_then(|line| line.strip_prefix("// as-of ")).unwrap_or("2026-11-21");
    let options = Options { as_of: date(day.trim()), ..Options::default() };
    let session = purlin_core::compile(&MemoryWorld::of(text), options, &Serial).expect("a spec in memory");
    session
        .findings()
        .into_iter()
        .filter(|finding| finding.waived.is_none())
        .map(|finding| (finding.diagnostic.level, finding.diagnostic.rule, finding.diagnostic.message))
        .collect()
}

fn check(rule: &Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    let failing = findings(spec(rule, rule.page, "Fails"));
    if !failing.iter().any(|(level, id, _)| *id == rule.id && *level == rule.level) {
        wrong.push(format!(
            "{}: its failing spec does not raise it at {:?}: {failing:?}",
            rule.id, rule.level
        ));
    }
    for (level, id, message) in &failing {
        if *level == Level::Error && *id != rule.id {
            wrong.push(format!("{}: its failing spec raises {id} as well: {message}", rule.id));
        }
    }
    let cured = findings(spec(rule, rule.page, "Cure"));
    for (level, id, message) in &cured {
        if *id == rule.id && *level >= rule.level || *level == Level::Error {
            wrong.push(format!("{}: its cure still raises {id}: {message}", rule.id));
        }
    }
    if !rule.page.starts_with(&format!("# {}", rule.id)) {
        wrong.push(format!("{}: its page has another title", rule.id));
    }
    wrong
}

#[test]
fn every_page_fails_and_is_cured_as_it_says() {
    let built: Vec<&Rule> = rules().iter().copied().filter(|rule| !rule.page.is_empty()).collect();
    assert!(built.len() >= 30, "only {} rules have a page", built.len());
    let wrong: Vec<String> = built.iter().flat_map(|rule| check(rule)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_rule_that_checks_has_a_page() {
    use purlin_core::check::Run;
    for rule in rules() {
        let checks = matches!(rule.run, Run::Each(..) | Run::Once(_));
        assert_eq!(checks, !rule.page.is_empty(), "{}", rule.id);
    }
}
