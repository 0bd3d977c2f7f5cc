//! `data.contract-valid`: a contract that contradicts itself promises nothing.

use purlin_schema::Field;
use purlin_schema::kinds::contracts::{
    ContractField, ContractStatus, DataContract, DataType, Personal, QualityCheck, QualityKind,
};
use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::features::FeatureView;
use purlin_schema::view::{ChoiceType, View};
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::labels;

/// The rule.
pub static RULE: Rule = Rule {
    id: "data.contract-valid",
    level: Level::Error,
    summary: "a contract that contradicts itself, or a name that it does not have",
    scope: Scope::Neighbours,
    page: include_str!("contract_valid.md"),
    run: Run::Each(&["data-contract", "dataset", "feature-view"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    match check.ask.resource(id).map_or("", |resource| resource.kind.name) {
        "dataset" => dataset(check, id),
        "feature-view" => features(check, id),
        _ => contract(check, id),
    }
}

fn contract(check: &mut Check, id: ResourceId) -> Answer {
    let contract = check.view::<DataContract>(id)?;
    for schema in contract.schema().iter() {
        if schema.field_().is_empty() {
            let message = format!("the schema `{}` has no field", schema.name().get().unwrap_or_default());
            check.report(check.finding(message, schema.span()));
        }
        schema.field_().iter().for_each(|row| field(check, row));
        for quality in schema.quality().iter() {
            bounds(check, quality);
        }
    }
    names(check, contract);
    special(check, contract);
    retired(check, id, contract);
    Ok(())
}

/// Type and checks of one field.
fn field(check: &mut Check, field: View<ContractField>) {
    let (Some(name), Some(data)) = (field.name().get(), field.r#type().get()) else { return };
    let word = data.word();
    match data {
        DataType::Decimal => {
            if let (Some(precision), Some(scale)) = (field.precision().get(), field.scale().get())
                && scale > precision
            {
                let message = format!("`{name}` has {scale} digits after the point of {precision} in all");
                check.report(check.finding(message, field.scale().span().unwrap_or(field.span())));
            }
        }
        DataType::Vector if field.dimensions().is_absent() => {
            let message = format!("the vector `{name}` does not say how many `dimensions` it has");
            check.report(check.finding(message, field.span()));
        }
        _ => {}
    }
    for quality in field.quality().iter() {
        bounds(check, quality);
        let kind = quality.variant().get();
        let misfit = match kind {
            Some(QualityKind::Range) => {
                !matches!(data, DataType::Integer | DataType::Number | DataType::Decimal)
            }
            Some(QualityKind::Length) => !matches!(data, DataType::String | DataType::Array),
            _ => false,
        };
        if misfit {
            let kind = kind.map_or("", ChoiceType::word);
            let message = format!("`quality {kind}` does not apply to `{name}`, which is a {word}");
            check.report(check.finding(message, quality.span()));
        }
    }
}

/// Bounds that nothing can meet, and checks that check nothing.
fn bounds(check: &mut Check, quality: View<QualityCheck>) {
    let Some(kind) = quality.variant().get() else { return };
    let (min, max) = (quality.min(), quality.max());
    if let (Some(low), Some(high)) = (min.get(), max.get())
        && low > high
    {
        let message = format!("min={low} is above max={high}: nothing can meet this");
        check.report(check.finding(message, quality.span()));
    }
    let empty = match kind {
        QualityKind::Range | QualityKind::Length | QualityKind::RowCount => {
            min.is_absent() && max.is_absent()
        }
        QualityKind::ValidValues | QualityKind::AcceptedValues => {
            matches!(quality.values().state(), Field::Absent)
        }
        QualityKind::Sql => quality.query().is_absent() || (min.is_absent() && max.is_absent()),
    };
    if empty {
        let wants = match kind {
            QualityKind::ValidValues | QualityKind::AcceptedValues => "`values`",
            QualityKind::Sql => "a `query`, and `min` or `max`",
            _ => "`min` or `max`",
        };
        let message = format!("`quality {}` checks nothing: it wants {wants}", kind.word());
        check.report(check.finding(message, quality.span()));
    }
}

/// Every field and purpose that the contract names has to be one of its own.
fn names(check: &mut Check, contract: View<DataContract>) {
    let fields = fields(contract);
    let erasure = contract.erasure().get().map(|erasure| erasure.key());
    let special = contract.special_category().iter().map(|row| row.field_());
    for name in erasure.into_iter().chain(special) {
        if let (Some(word), Some(span)) = (name.get(), name.span()) {
            known(check, word, span, &fields, "the contract");
        }
    }
    let purposes: Vec<&str> = contract.purpose().values().collect();
    for basis in contract.legal_basis().iter() {
        if let (Some(word), Some(span)) = (basis.r#for().get(), basis.r#for().span())
            && !purposes.contains(&word)
        {
            let message = format!("a legal basis for {word}, which is no purpose of the contract");
            check.report(near(check.finding(message, span), word, span, &purposes));
        }
    }
}

/// GDPR Art. 9 forbids special categories unless a condition holds: the contract says which.
fn special(check: &mut Check, contract: View<DataContract>) {
    if contract.synthetic().get() == Some(true) {
        return;
    }
    for field in contract.schema().iter().flat_map(|schema| schema.field_().iter()) {
        let Some(name) = field.name().get() else { continue };
        if field.personal().get() == Some(Personal::SpecialCategory)
            && contract.special_category().get(name).is_none()
        {
            let message = format!("`{name}` is a special category, and nothing says what permits it");
            let finding = check
                .finding(message, field.span())
                .with_note("GDPR Art. 9(1) forbids it unless a condition of Art. 9(2) holds")
                .with_note(format!("say which: `special-category {name} condition=…`; `none` where it is not wanted and must be removed"));
            check.report(finding);
        }
    }
}

fn retired(check: &mut Check, id: ResourceId, contract: View<DataContract>) {
    let Field::Present(status, span) = contract.status() else { return };
    if !matches!(status, ContractStatus::Retired | ContractStatus::Deprecated) {
        return;
    }
    let users: Vec<_> = check
        .ask
        .incoming(id)
        .into_iter()
        .filter(|user| matches!(user.kind.name, "dataset" | "stream" | "feature-view"))
        .collect();
    let Some(first) = users.first() else { return };
    let names: Vec<String> = users.iter().map(|user| user.address()).collect();
    let finding = if status == ContractStatus::Retired {
        check.finding(
            format!("the contract is no longer in force, and {} still has it", names.join(", ")),
            span,
        )
    } else {
        check.warning(
            format!("the contract is about to be replaced, and {} still has it", names.join(", ")),
            span,
        )
    };
    check.report(finding.label(first.name_span, "has it"));
}

/// The split and the labels of a dataset name fields.
fn dataset(check: &mut Check, id: ResourceId) -> Answer {
    let dataset = check.view::<Dataset>(id)?;
    for label in dataset.label().iter() {
        if let (Some(from), Some(span)) = (label.from().get(), label.from().span()) {
            outcome(check, from, span);
        }
    }
    let (_, contract) = check.ask.get::<DataContract>(dataset.contract())?;
    let fields = fields(contract);
    let split = dataset.split().get().map(|split| split.by());
    let labels = dataset.label().iter().map(|label| label.name());
    for name in split.into_iter().chain(labels) {
        if let (Some(word), Some(span)) = (name.get(), name.span()) {
            known(check, word, span, &fields, "the dataset's contract");
        }
    }
    Ok(())
}

/// `repayments.default-180`: a contract and its field.
fn outcome(check: &mut Check, from: &str, span: Span) {
    let contracts = check.ask.all::<DataContract>();
    let Some((contract, field)) = from.split_once('.') else {
        let message = format!("`{from}` names no contract and field, as `repayments.default` does");
        check.report(check.finding(message, span));
        return;
    };
    let found = contracts
        .iter()
        .find(|(id, _)| check.ask.graph.get(*id).is_some_and(|r| r.name.as_str() == contract));
    match found {
        Some((_, view)) => known(check, field, span, &fields(*view), &format!("`data-contract.{contract}`")),
        None => {
            let message = format!("no data-contract is named `{contract}`");
            check.report(check.finding(message, span));
        }
    }
}

/// Entity and time of a feature view are fields of what it is made of.
fn features(check: &mut Check, id: ResourceId) -> Answer {
    let view = check.view::<FeatureView>(id)?;
    let labels = labels::labels(&check.ask, id);
    let known_fields: Vec<&str> = labels::sources(&check.ask, id)
        .into_iter()
        .filter_map(|source| labels.of(source))
        .flat_map(|node| node.fields.iter().map(|label| label.name))
        .collect();
    if known_fields.is_empty() {
        return Ok(());
    }
    for name in [view.entity(), view.event_time()] {
        if let (Some(word), Some(span)) = (name.get(), name.span()) {
            known(check, word, span, &known_fields, "what the features are made of");
        }
    }
    Ok(())
}

fn fields(contract: View<'_, DataContract>) -> Vec<&str> {
    let rows = contract.schema().iter().flat_map(|schema| schema.field_().iter());
    rows.filter_map(|field| field.name().get()).collect()
}

fn known(check: &mut Check, word: &str, span: Span, fields: &[&str], whose: &str) {
    if !fields.contains(&word) {
        let finding = check.finding(format!("{whose} has no field `{word}`"), span);
        check.report(near(finding, word, span, fields));
    }
}

fn near(
    finding: purlin_syntax::Diagnostic,
    word: &str,
    span: Span,
    words: &[&str],
) -> purlin_syntax::Diagnostic {
    match purlin_schema::closest::closest(word, words.iter().copied()) {
        Some(near) => finding.cure(format!("write `{near}`"), span, near.to_owned()),
        None => finding,
    }
}
