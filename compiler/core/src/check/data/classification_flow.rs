//! `data.classification-flow`: classes travel with data, and nothing but a declassification takes them off.

use purlin_schema::kinds::contracts::{DataContract, Personal, SpecialCondition};
use purlin_schema::kinds::data::Pipeline;
use purlin_schema::kinds::parts::DataUse;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::view::{ChoiceType, View};
use purlin_syntax::{Level, Span};

use crate::ask::Ask;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels::{self, Label, Labels};
use crate::query::places;

/// The rule.
pub static RULE: Rule = Rule {
    id: "data.classification-flow",
    level: Level::Error,
    summary: "classes of data that reach what may not have them",
    scope: Scope::Flow,
    page: include_str!("classification_flow.md"),
    run: Run::Each(&["training-job", "dataset", "stream", "pipeline"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    match check.ask.resource(id).map_or("", |resource| resource.kind.name) {
        "training-job" => trained(check, id),
        "pipeline" => named(check, id),
        _ => declared(check, id),
    }
}

/// A class that a job may not learn from: the field, and why.
struct Refused<'a> {
    label: Label<'a>,
    /// Where the job says that it reads the data.
    span: Span,
    why: String,
}

fn trained(check: &mut Check, id: ResourceId) -> Answer {
    let job = check.view::<TrainingJob>(id)?;
    unknown_exclusions(check, job);
    let labels = labels::labels(&check.ask, id);
    for Refused { label, span, why } in refused(&check.ask, id, &labels) {
        let path = way(&check.ask, &labels, &label, id);
        let name = check.ask.resource(id).map(crate::Resource::address).unwrap_or_default();
        let message =
            format!("`{}` is {}, and {name} would learn from it", label.name, phrase(label.personal));
        let mut finding =
            check.finding(message, span).because("read here").label(label.span, "classified here");
        finding = finding.with_note(path).with_note(why).with_note(
            "declassify it in a pipeline before, leave it out with `exclude`, or file a ground that covers training",
        );
        check.report(finding);
    }
    Ok(())
}

/// What of a job's data it may not learn from.
fn refused<'a>(ask: &Ask<'a>, id: ResourceId, labels: &Labels<'a>) -> Vec<Refused<'a>> {
    let (Some(node), Some(job)) = (labels.of(id), ask.view::<TrainingJob>(id)) else { return Vec::new() };
    let mut found: Vec<Refused<'a>> = Vec::new();
    for label in &node.fields {
        let path = labels.path(label);
        let direct = path.last().copied();
        let use_ = job.data().iter().find(|use_| {
            use_.dataset().get().and_then(|dataset| ask.follow(dataset, &["dataset"]).ok()) == direct
        });
        // What comes in with the model itself was learned by another job, which is asked there.
        let Some(use_) = use_ else { continue };
        if let Some(why) = objection(ask, labels, label, use_) {
            found.push(Refused { label: *label, span: use_.span(), why });
        }
    }
    found
}

/// Why a class may not be learned from; nothing where it may.
fn objection<'a>(
    ask: &Ask<'a>,
    labels: &Labels<'a>,
    label: &Label<'a>,
    use_: View<'a, DataUse>,
) -> Option<String> {
    let origin = labels.origin(label);
    let contract = origin.and_then(|(id, _)| ask.view::<DataContract>(id));
    let field = origin.map_or(label.name, |(_, field)| field);
    match label.personal {
        Personal::None | Personal::Pseudonymous => None,
        Personal::Criminal => Some(
            "convictions and offences: only under the control of an official authority (GDPR Art. 10)"
                .to_owned(),
        ),
        Personal::SpecialCategory => {
            let row = contract.and_then(|contract| contract.special_category().get(field));
            match row.and_then(|row| row.condition().get()) {
                None | Some(SpecialCondition::None) => Some(format!(
                    "no condition of GDPR Art. 9(2) is declared for `{field}`: it must be gone before anything learns from it"
                )),
                Some(SpecialCondition::ExplicitConsent) => Some(format!(
                    "`{field}` rests on explicit consent, which may be withdrawn at any time (GDPR Art. 7(3)): weights cannot give it back"
                )),
                Some(_) => None,
            }
        }
        Personal::Pii => {
            let purposes: Vec<&str> = use_.purpose().values().collect();
            let bases = || contract.into_iter().flat_map(|contract| contract.legal_basis().iter());
            let covered =
                |purpose: &str| bases().any(|basis| basis.r#for().get().is_none_or(|of| of == purpose));
            match purposes.iter().find(|purpose| !covered(purpose)) {
                Some(purpose) => Some(format!("no `legal-basis` of its contract covers the purpose {purpose} (GDPR Art. 6)")),
                None if purposes.is_empty() && bases().all(|basis| basis.r#for().get().is_some()) => Some(
                    "the use names no purpose, and no `legal-basis` of its contract covers all of them (GDPR Art. 6)".to_owned(),
                ),
                None => None,
            }
        }
    }
}

/// `data-contract.x → dataset.y → training-job.z → model.m → serving.s → eu-central-1`.
fn way(ask: &Ask, labels: &Labels, label: &Label, job: ResourceId) -> String {
    let mut path = labels.path(label);
    path.push(job);
    let mut end = job;
    for (kind, relation) in [("model", "from"), ("serving", "model")] {
        let onward = ask.incoming(end).into_iter().find(|resource| {
            resource.kind.name == kind
                && labels::edges(ask, resource.id)
                    .iter()
                    .any(|edge| edge.to == end && edge.relation == relation)
        });
        let Some(onward) = onward else { break };
        end = onward.id;
        path.push(end);
    }
    let mut words: Vec<String> =
        path.into_iter().filter_map(|id| Some(ask.resource(id)?.address())).collect();
    words.extend(places::of(ask, end).first().map(|place| place.region.clone()));
    words.join(" → ")
}

fn phrase(personal: Personal) -> &'static str {
    match personal {
        Personal::None => "about nobody",
        Personal::Pseudonymous => "about a person under a pseudonym",
        Personal::Pii => "about an identifiable person",
        Personal::Criminal => "about convictions or offences",
        Personal::SpecialCategory => "a special category of personal data, or made of one",
    }
}

/// What comes into a dataset or stream has to be declared by its contract.
fn declared(check: &mut Check, id: ResourceId) -> Answer {
    let labels = labels::labels(&check.ask, id);
    let Some(node) = labels.of(id) else { return Ok(()) };
    if node.undeclared.is_empty() {
        return Ok(());
    }
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let told = told_by_jobs(&check.ask, id);
    for label in node.undeclared.iter().filter(|label| !told.contains(&label.name)) {
        let mut words: Vec<String> =
            labels.path(label).into_iter().filter_map(|id| Some(check.ask.resource(id)?.address())).collect();
        words.push(resource.address());
        let class = if label.personal == Personal::None {
            label.classification.word().to_owned()
        } else {
            format!("personal={}", label.personal.word())
        };
        let message = format!(
            "`{}` comes into {} as {class}, which its contract does not declare",
            label.name,
            resource.address()
        );
        let finding = check
            .finding(message, resource.name_span)
            .label(label.span, "classified here")
            .with_note(words.join(" → "))
            .with_note("declare the class in the contract of this data, or take it off before: `declassify`, `select`");
        check.report(finding);
    }
    Ok(())
}

/// Names of fields that a job which reads this dataset already complains of: one mistake, one finding.
fn told_by_jobs<'a>(ask: &Ask<'a>, id: ResourceId) -> Vec<&'a str> {
    let mut told = Vec::new();
    for reader in ask.incoming(id) {
        if reader.kind.name == "training-job" {
            let labels = labels::labels(ask, reader.id);
            told.extend(refused(ask, reader.id, &labels).into_iter().map(|refused| refused.label.name));
        }
    }
    told
}

/// A misspelt name in `declassify` or `select` would protect nothing.
fn named(check: &mut Check, id: ResourceId) -> Answer {
    let pipeline = check.view::<Pipeline>(id)?;
    let labels = labels::labels(&check.ask, id);
    let known: Vec<&str> = labels::sources(&check.ask, id)
        .into_iter()
        .filter_map(|source| labels.of(source))
        .flat_map(|node| node.fields.iter().map(|label| label.name))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let rows = pipeline.declassify();
    let declassified = rows.iter().filter_map(|row| Some((row.field_().get()?, row.field_().span()?)));
    let selected = pipeline.select().get().into_iter().flat_map(|select| select.fields().iter());
    for (name, span) in declassified.chain(selected).collect::<Vec<_>>() {
        if !known.contains(&name) {
            check.report(unknown_field(check, name, span, &known, "nothing that comes in has a field"));
        }
    }
    Ok(())
}

fn unknown_exclusions(check: &mut Check, job: View<TrainingJob>) {
    for use_ in job.data().iter() {
        let Some(exclude) = use_.exclude().get() else { continue };
        let Some(dataset) = use_.dataset().get() else { continue };
        let Ok(dataset) = check.ask.follow(dataset, &["dataset"]) else { continue };
        let labels = labels::labels(&check.ask, dataset);
        let Some(node) = labels.of(dataset) else { continue };
        let known: Vec<&str> = node.fields.iter().map(|label| label.name).collect();
        for (name, span) in exclude.fields().iter() {
            if !known.is_empty() && !known.contains(&name) {
                check.report(unknown_field(check, name, span, &known, "the dataset has no field"));
            }
        }
    }
}

fn unknown_field(
    check: &Check,
    name: &str,
    span: Span,
    known: &[&str],
    what: &str,
) -> purlin_syntax::Diagnostic {
    let finding = check
        .finding(format!("{what} `{name}`"), span)
        .with_note("a name that matches nothing protects nothing");
    match purlin_schema::closest::closest(name, known.iter().copied()) {
        Some(near) => finding.cure(format!("write `{near}`"), span, near.to_owned()),
        None => finding,
    }
}
