//! `compliance.require`: the predicates that a project's own policies ask of every resource of a kind.

use std::sync::Arc;

use purlin_schema::kinds::governance::{Policy, Require};
use purlin_schema::value::Formula;
use purlin_schema::view::View;
use purlin_schema::{KindSchema, Value, kinds};
use purlin_syntax::{Diagnostic, Level};

use crate::ask::Read;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::expr::{self, Fault, Program, Reach, Truth, Ty};
use crate::graph::{Resource, ResourceId};

/// The rule.
pub static RULE: Rule = Rule {
    id: "compliance.require",
    level: Level::Error,
    summary: "a resource that a policy's own predicate refuses",
    scope: Scope::Neighbours,
    page: include_str!("require.md"),
    run: Run::Each(&[], check),
};

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
            let Some(formula) = predicate(row) else { continue };
            judge(check, id, resource, policy_id, row, &formula);
        }
    }
    Ok(())
}

/// One predicate about one resource. What is wrong with the predicate itself is told of its policy.
fn judge(
    check: &mut Check,
    id: ResourceId,
    resource: &Resource,
    policy_id: ResourceId,
    row: View<'_, Require>,
    formula: &Formula,
) {
    let program = program(check, formula, Some(resource.kind));
    let Ok(program) = &*program else { return };
    if refused(check, program, formula).is_some() {
        return;
    }
    let (text, span) = (formula.text.trim(), formula.span);
    match expr::truth(program, &check.ask, Some(id)) {
        Ok(Truth::True) => {}
        Ok(Truth::Unknown) => {
            let message =
                format!("{}: whether `{text}` holds cannot be known before apply", resource.address());
            check.report(check.warning(message, resource.name_span).label(span, "asked here"));
        }
        Ok(Truth::False) => {
            let said = row.message().get().map_or_else(|| format!("`{text}` does not hold"), str::to_owned);
            let policy = check.ask.resource(policy_id).map(Resource::address).unwrap_or_default();
            let place = program.subject_field().and_then(|field| Some(resource.record.named(field)?.span));
            let finding = check
                .finding(format!("{}: {said}", resource.address()), place.unwrap_or(resource.name_span))
                .label(span, format!("asked by {policy}"))
                .with_note(format!("`{text}` is false"));
            check.report(finding);
        }
        Err(fault) => {
            let place = formula.at(fault.lo as usize, fault.hi as usize);
            let finding = check
                .finding(
                    format!("{}: `{text}` cannot be evaluated: {}", resource.address(), fault.message),
                    resource.name_span,
                )
                .label(place, "evaluated here");
            check.report(fault.notes.iter().fold(finding, Diagnostic::with_note));
        }
    }
}

/// The program of a predicate; what it is made of may be the environment's.
fn program(
    check: &Check,
    formula: &Formula,
    kind: Option<&'static KindSchema>,
) -> Arc<Result<Program, Fault>> {
    let program = check.ask.graph.expressions.program(&formula.text, kind, Reach::Graph);
    if program.as_ref().as_ref().map_or(true, Program::reads_variables) {
        check.ask.note(Read::Variables);
    }
    program
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
        if let Some(formula) = predicate(row)
            && let Some(finding) = mistake(check, &formula, row.kind().get().and_then(kinds::kind))
        {
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

/// What is wrong with a predicate, whatever it is asked of.
fn mistake(check: &Check, formula: &Formula, kind: Option<&'static KindSchema>) -> Option<Diagnostic> {
    // Without a kind, which is told by itself, only the form can be judged.
    let Some(kind) = kind else {
        return expr::form(&formula.text).err().map(|fault| fault.diagnostic(formula));
    };
    let program = program(check, formula, Some(kind));
    let program = match &*program {
        Ok(program) => program,
        Err(fault) => return Some(fault.diagnostic(formula)),
    };
    refused(check, program, formula)
}

/// Why a program is no predicate of this project.
fn refused(check: &Check, program: &Program, formula: &Formula) -> Option<Diagnostic> {
    if !matches!(program.result(), Ty::Bool | Ty::Any) {
        let message = format!("a predicate is true or false; this one is {}", program.result().phrase());
        return Some(Diagnostic::error("type.expression", message, formula.span));
    }
    let lacking = program.addresses().iter().find(|address| {
        check.ask.note(Read::Kind(address.kind));
        check.ask.graph.find(address.kind, address.name).is_none()
    })?;
    Some(expr::absent(lacking, check.ask.graph).diagnostic(formula))
}

/// The predicate of a row, written as an expression or as plain text.
fn predicate(row: View<'_, Require>) -> Option<Arc<Formula>> {
    let span = row.predicate().span()?;
    match row.predicate().get()? {
        Value::Expression(formula) => Some(formula.clone()),
        // The source of a plain text is not kept: its mistakes are shown at the whole of it.
        Value::Text(text) => Some(Arc::new(Formula::new(text, "", span))),
        _ => None,
    }
}
