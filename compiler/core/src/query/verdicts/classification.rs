//! The class of risk that is claimed for a system, against its use, the people it meets, its data and its computation.

use purlin_schema::kinds::contracts::Personal;
use purlin_schema::kinds::governance::{Affected, AnnexIii, EvidenceType, Risk};
use purlin_schema::kinds::models::Model;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::view::ChoiceType;

use super::system::{Case, words};
use super::{Judged, Verdict, law};
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::query::{labels, model};

/// What is said of the claimed class.
pub(super) fn judge(case: &Case) -> Vec<Judged> {
    let mut judged = Vec::new();
    let risk = case.system.risk();
    let Some(claimed) = risk.get() else {
        if risk.is_absent() {
            judged.push(case.judged("art-6", CLASS, Verdict::Missing, "no class of risk is claimed: `risk`"));
        }
        return judged;
    };
    let at = |mut one: Judged| {
        one.span = risk.span().unwrap_or(one.span);
        one
    };
    judged.extend(prohibited(case, claimed).map(at));
    judged.extend(annex_iii(case, claimed).map(at));
    if claimed == Risk::Minimal && case.meets_people() && case.facing().any(|endpoint| endpoint.generates) {
        let why = "claimed minimal, and it makes content that people meet: transparency is owed, the class is limited";
        judged.push(at(case.judged("art-50", CLASS, Verdict::Refuted, why)));
    }
    if case.provider() {
        judged.extend(case.jobs.iter().filter_map(|job| computation(case, *job, claimed)).map(at));
    }
    judged
}

const CLASS: &str = "the class of risk";

fn prohibited(case: &Case, claimed: Risk) -> Option<Judged> {
    if claimed == Risk::Prohibited {
        let why = "a practice that Article 5 forbids may be neither placed on the market nor used";
        return Some(case.judged("art-5", "prohibited practices", Verdict::Refuted, why));
    }
    let emotions = case.uses().contains(&AnnexIii::EmotionRecognition);
    let where_ = [Affected::Employees, Affected::Applicants, Affected::Students];
    if emotions && where_.into_iter().any(|who| case.affects(who)) {
        let (verdict, why) = case.control("art-5").unwrap_or((
            Verdict::Refuted,
            "recognising emotions at work or in education is forbidden but for medical or safety reasons (Art. 5(1)(f))"
                .to_owned(),
        ));
        return Some(case.judged("art-5", "prohibited practices", verdict, why));
    }
    None
}

/// A use of Annex III is high-risk, unless an assessment by Art. 6(4) says otherwise and nobody is profiled.
fn annex_iii(case: &Case, claimed: Risk) -> Option<Judged> {
    let uses = case.uses();
    if uses.is_empty() {
        return None;
    }
    let listed = words(&uses);
    if matches!(claimed, Risk::High | Risk::Prohibited) {
        return Some(case.judged(
            "art-6",
            CLASS,
            Verdict::Declared,
            format!("Annex III, point {listed}: high"),
        ));
    }
    let claim = claimed.word();
    if case.system.profiling().get() == Some(true) {
        let why = format!(
            "claimed {claim}, and it profiles people in a use of Annex III ({listed}): always high (Art. 6(3))"
        );
        return Some(case.judged("art-6", CLASS, Verdict::Refuted, why));
    }
    if let Some(field) = decides_on_persons(case) {
        let why = format!(
            "claimed {claim}, and it decides by `{field}`, which is about a person: profiling in a use of Annex III ({listed}) is always high (Art. 6(3))"
        );
        return Some(case.judged("art-6", CLASS, Verdict::Refuted, why));
    }
    let (verdict, why) = case.evidence(EvidenceType::Article64).unwrap_or_else(|| {
        (Verdict::Refuted, format!("claimed {claim}, and its use is in Annex III ({listed}): high, unless an assessment by Art. 6(4) is filed (evidence of type article-6-4)"))
    });
    Some(case.judged("art-6", CLASS, verdict, why))
}

/// A personal field that flows into an endpoint which decides.
fn decides_on_persons(case: &Case) -> Option<String> {
    let deciding = case.endpoints.iter().find(|endpoint| endpoint.view.decision().get().is_some())?;
    let labels = labels::labels(case.ask, deciding.id);
    let node = labels.of(deciding.id)?;
    let personal =
        node.fields.iter().find(|label| !matches!(label.personal, Personal::None | Personal::Pseudonymous));
    personal.map(|label| label.name.to_owned())
}

/// The computation of a training run against the thresholds of general-purpose models: 6 FLOP a parameter and token.
fn computation(case: &Case, job: ResourceId, claimed: Risk) -> Option<Judged> {
    let (parameters, tokens) = size(case.ask, job)?;
    let flop = 6.0 * parameters * tokens;
    let sum = format!("6 × {parameters:.3e} parameters × {tokens:.3e} tokens = {flop:.1e} FLOP");
    let name = case.address(job);
    let general = matches!(claimed, Risk::GeneralPurpose | Risk::Systemic);
    let limit = if from_scratch(case.ask, job) {
        law::GENERAL_PURPOSE_FLOP
    } else {
        law::GENERAL_PURPOSE_FLOP * law::MODIFIER_SHARE
    };
    if flop > law::SYSTEMIC_FLOP && claimed != Risk::Systemic {
        let why = format!(
            "{name}: {sum}, above 1e25: systemic risk is presumed (Art. 51(2)), and {} is claimed",
            claimed.word()
        );
        return Some(case.judged("art-51", CLASS, Verdict::Refuted, why));
    }
    if flop > limit && !general {
        let why = format!(
            "{name}: {sum}, above {limit:.1e}: a general-purpose model (guidelines C(2025) 7719, points 17 and 61), and {} is claimed",
            claimed.word()
        );
        return Some(case.judged("art-51", CLASS, Verdict::Refuted, why));
    }
    let why = format!("{name}: {sum}");
    general.then(|| case.judged("art-51", CLASS, Verdict::Declared, why))
}

/// Active parameters and tokens of a run on a model that generates; nothing where either is unknown.
fn size(ask: &Ask, job: ResourceId) -> Option<(f64, f64)> {
    let view = ask.view::<TrainingJob>(job)?;
    let shape = model::shape(ask, view.model()).ok()??;
    if !shape.architecture.causal || !shape.architecture.output_layer || shape.architecture.experts.is_some()
    {
        return None;
    }
    Some((shape.architecture.parameters? as f64, view.tokens().get()?.0 as f64))
}

/// Whether the weights begin here, and were taken from nobody.
fn from_scratch(ask: &Ask, job: ResourceId) -> bool {
    let Some(view) = ask.view::<TrainingJob>(job) else { return false };
    match ask.get::<Model>(view.model()) {
        Ok((_, model)) => model.from().get().is_none(),
        Err(_) => true,
    }
}
