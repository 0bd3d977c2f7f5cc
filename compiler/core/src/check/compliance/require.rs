//! `compliance.require`: the predicates that a project's own policies ask of every resource of a kind.

use purlin_schema::kinds::governance::{Policy, Require};
use purlin_schema::view::View;
use purlin_schema::{Value, kinds};
use purlin_syntax::{Level, Span};

use crate::ask::Ask;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::expr::{self, Expression, Refusal, Truth};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "compliance.require",
    level: Level::Error,
    summary: "a resource that a policy's own predicate refuses",
    scope: Scope::Neighbours,
    page: include_str!("require.md"),
    run: Run::Each(&[], check),
};

/// A predicate that no version up to this one evaluates: listed in the plan, never dropped in silence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NotEvaluated {
    /// Address of the policy.
    pub policy: String,
    /// The predicate as written.
    pub predicate: String,
    /// The part of it that is not evaluated yet.
    pub why: &'static str,
}

/// Every predicate of this environment that is not evaluated, by policy, in the order of its text.
pub fn not_evaluated(ask: &Ask) -> Vec<NotEvaluated> {
    let mut found = Vec::new();
    for (id, policy) in ask.all::<Policy>() {
        let name = ask.graph.get(id).map(crate::Resource::address).unwrap_or_default();
        for (text, _) in policy.require().iter().filter_map(predicate) {
            if let Err(Refusal::Later(why)) = expr::parse(text) {
                found.push(NotEvaluated { policy: name.clone(), predicate: text.trim().to_owned(), why });
            }
        }
    }
    found
}

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    if resource.kind.name == "policy" {
        return well_formed(check, id);
    }
    for (policy_id, policy) in check.ask.all::<Policy>() {
        if !governs(check, policy, id) {
            continue;
        }
        for row in policy.require().iter().filter(|row| row.kind().get() == Some(resource.kind.name)) {
            let Some((text, span)) = predicate(row) else { continue };
            let Ok(expression) = expr::parse(text) else { continue };
            match expr::evaluate(&expression, &check.ask, id) {
                Truth::True => {}
                Truth::Unknown => {
                    let message = format!(
                        "{}: whether `{}` holds cannot be known before apply",
                        resource.address(),
                        text.trim()
                    );
                    check.report(check.warning(message, resource.name_span).label(span, "asked here"));
                }
                Truth::False => {
                    let said = row
                        .message()
                        .get()
                        .map_or_else(|| format!("`{}` does not hold", text.trim()), str::to_owned);
                    let policy =
                        check.ask.resource(policy_id).map(crate::Resource::address).unwrap_or_default();
                    let place = place(&expression, check, id).unwrap_or(resource.name_span);
                    let finding = check
                        .finding(format!("{}: {said}", resource.address()), place)
                        .label(span, format!("asked by {policy}"))
                        .with_note(format!("`{}` is false", text.trim()));
                    check.report(finding);
                }
            }
        }
    }
    Ok(())
}

/// A policy that says to what it applies asks nothing of others.
fn governs(check: &Check, policy: View<Policy>, id: ResourceId) -> bool {
    policy.applies_to().is_empty()
        || policy.applies_to().values().any(|reference| check.ask.follow(reference, &[]) == Ok(id))
}

/// Predicates that are none, and kinds that do not exist.
fn well_formed(check: &mut Check, id: ResourceId) -> Answer {
    let policy = check.view::<Policy>(id)?;
    for row in policy.require().iter() {
        if let Some((text, span)) = predicate(row)
            && let Err(Refusal::Wrong(what, at)) = expr::parse(text)
        {
            let finding = check
                .finding(format!("not a predicate: {what}"), span)
                .with_note(format!("at byte {at} of `{}`", text.trim()));
            check.report(finding);
        }
        if let (Some(kind), Some(span)) = (row.kind().get(), row.kind().span())
            && kinds::kind(kind).is_none()
        {
            let finding = check.finding(format!("there is no kind `{kind}`"), span);
            let finding =
                match purlin_schema::closest::closest(kind, kinds::KINDS.iter().map(|kind| kind.name)) {
                    Some(near) => finding.cure(format!("write `{near}`"), span, near.to_owned()),
                    None => finding,
                };
            check.report(finding);
        }
    }
    Ok(())
}

fn predicate(row: View<'_, Require>) -> Option<(&str, Span)> {
    let span = row.predicate().span()?;
    match row.predicate().get()? {
        Value::Expression(text) | Value::Text(text) => Some((text, span)),
        _ => None,
    }
}

/// The field of the resource that a predicate speaks of first, where it has it.
fn place(expression: &Expression, check: &Check, id: ResourceId) -> Option<Span> {
    let field = first_field(expression)?;
    Some(check.ask.resource(id)?.record.named(&field)?.span)
}

/// The first `self.FIELD` of a predicate, level by level: the parser bounds how deep it nests.
fn first_field(expression: &Expression) -> Option<String> {
    let mut level = vec![expression];
    while !level.is_empty() {
        let mut next = Vec::new();
        for expression in level {
            match expression {
                Expression::All(parts) | Expression::Some(parts) => next.extend(parts),
                Expression::Not(inner) => next.push(&**inner),
                Expression::Has(path) => {
                    if let Some(field) = of_self(path) {
                        return Some(field);
                    }
                }
                Expression::Compare(left, _, right) => {
                    if let Some(field) = [left, right].into_iter().find_map(in_operand) {
                        return Some(field);
                    }
                }
                Expression::Is(operand) => {
                    if let Some(field) = in_operand(operand) {
                        return Some(field);
                    }
                }
            }
        }
        level = next;
    }
    None
}

fn in_operand(operand: &expr::Operand) -> Option<String> {
    match operand {
        expr::Operand::Path(path) => of_self(path),
        _ => None,
    }
}

fn of_self(path: &expr::Path) -> Option<String> {
    match path.0.as_slice() {
        [first, field, ..] if first == "self" => Some(field.clone()),
        _ => None,
    }
}
