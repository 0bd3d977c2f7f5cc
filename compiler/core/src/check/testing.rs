//! Specs and examples for the tests of rules.

use purlin_schema::units::Date;

use crate::findings::Finding;
use crate::query::testing::example;
use crate::world::MemoryWorld;
use crate::{Options, Serial, Session, compile};

/// A project, compiled as of 21 November 2026.
pub(crate) fn session(world: &MemoryWorld) -> Session {
    let options = Options { as_of: Date::of(2026, 11, 21), ..Options::default() };
    compile(world, options, &Serial).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that a spec of one file has exactly these findings of a rule, each told by a part of its line
/// `level address: message`, and no error of another rule.
#[track_caller]
pub(crate) fn check(rule: &str, spec: &str, expect: &[&str]) {
    check_world(rule, &MemoryWorld::of(spec), expect);
}

/// The same for an example project, with replacements of text, each of which must be found.
#[track_caller]
pub(crate) fn check_example(rule: &str, name: &str, replacements: &[(&str, &str)], expect: &[&str]) {
    check_world(rule, &example(name, replacements), expect);
}

#[track_caller]
fn check_world(rule: &str, world: &MemoryWorld, expect: &[&str]) {
    let session = session(world);
    let findings = session.findings();
    let lines: Vec<String> =
        findings.iter().filter(|f| f.diagnostic.rule == rule).map(|f| line(&session, f)).collect();
    let same =
        lines.len() == expect.len() && lines.iter().zip(expect).all(|(line, part)| line.contains(part));
    assert!(same, "expected {expect:#?}\nfound {lines:#?}");
    let others: Vec<String> = findings
        .iter()
        .filter(|f| {
            f.diagnostic.rule != rule
                && crate::check::find(f.diagnostic.rule).is_none_or(|r| r.page.is_empty())
        })
        .filter(|f| f.is_error())
        .map(|f| format!("{} {}", f.diagnostic.rule, line(&session, f)))
        .collect();
    assert!(others.is_empty(), "the spec itself is wrong: {others:#?}");
}

fn line(session: &Session, finding: &Finding) -> String {
    let graph = &session.environments()[0].graph;
    let of = finding.subject.and_then(|id| {
        let graphs = session.environments().iter().map(|state| &state.graph);
        graphs.chain([graph]).find_map(|graph| graph.get(id)).map(crate::Resource::address)
    });
    let level = finding.diagnostic.level.as_str();
    format!("{level} {}: {}", of.unwrap_or_default(), finding.diagnostic.message)
}

/// Asserts that the first spec of a rule's page raises the rule at its level, and that the second does not raise it.
#[track_caller]
pub(crate) fn check_page(rule: &crate::check::Rule) {
    let specs: Vec<&str> =
        rule.page.split("```kdl\n").skip(1).filter_map(|part| part.split("```").next()).collect();
    let [fails, cure] = specs.as_slice() else { panic!("{} needs two specs", rule.id) };
    assert!(rule.page.starts_with(&format!("# {}\n", rule.id)), "title of {}", rule.id);
    check(rule.id, fails, &[rule.level.as_str()]);
    check(rule.id, cure, &[]);
    for spec in [fails, cure] {
        let findings = session(&MemoryWorld::of(spec)).findings();
        let others =
            findings.iter().filter(|finding| finding.is_error() && finding.diagnostic.rule != rule.id);
        let others: Vec<&str> = others.map(|finding| finding.diagnostic.message.as_str()).collect();
        assert!(others.is_empty(), "{} is not alone: {others:#?}", rule.id);
    }
}
