//! Chapter III: what the provider and the deployer of a high-risk system owe.

use std::cmp::Ordering;

use purlin_schema::kinds::contracts::{ContractStatus, DataContract};
use purlin_schema::kinds::data::Dataset;
use purlin_schema::kinds::evaluation::{Blocks, Evaluation};
use purlin_schema::kinds::governance::{AnnexIii, Evidence, EvidenceType};
use purlin_schema::kinds::models::Model;
use purlin_schema::kinds::serving::AuditItem;
use purlin_schema::kinds::stores::Storage;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::units::Period;
use purlin_schema::view::View;

use super::super::system::{Case, Endpoint};
use super::super::{Judged, Verdict, law};
use crate::graph::ResourceId;
use crate::query::labels::edges;

pub(super) fn judge(case: &Case) -> Vec<Judged> {
    let mut judged = Vec::new();
    if case.provider() {
        judged.extend(provider(case));
    }
    judged.extend(human_oversight(case));
    judged.extend(logs(case));
    if case.deployer() {
        judged.extend(deployer(case));
    }
    judged
}

fn provider(case: &Case) -> Vec<Judged> {
    use EvidenceType as E;
    let mut judged = vec![
        case.filed("art-9", "a risk management system", E::RiskRegister, "risk-register"),
        case.shown("art-10", "governed training data", governed(case)),
        case.shown("art-10-2-f", "examination for bias", fairness(case)),
        case.shown("art-10-3", "measuring on data that was not learned", disjoint(case)),
        case.filed("art-11", "the technical file of Annex IV", E::AnnexIv, "annex-iv"),
        case.filed("art-13", "instructions for use", E::InstructionsForUse, "instructions-for-use"),
        case.shown("art-15", "accuracy and robustness", robust(case)),
        case.filed(
            "art-17",
            "a quality management system",
            E::QualityManagementSystem,
            "quality-management-system",
        ),
        kept(case),
    ];
    judged.extend(suppliers(case));
    judged.push(conformity(case));
    judged.push(case.filed(
        "art-47",
        "the declaration of conformity",
        E::DeclarationOfConformity,
        "declaration-of-conformity",
    ));
    judged.push(case.judged("art-48", "the CE marking", Verdict::Human, "people affix it"));
    judged.push(case.filed(
        "art-49",
        "registration in the Union's database",
        E::Registration,
        "registration",
    ));
    judged.push(watched(case));
    judged.push(
        case.worded("art-73", "reporting serious incidents: 15 days, 10 after a death, 2 at the gravest"),
    );
    judged
}

fn deployer(case: &Case) -> Vec<Judged> {
    use EvidenceType as E;
    let uses = case.uses();
    let mut judged = vec![
        case.filed(
            "art-26-2",
            "trained persons for the oversight",
            E::OversightTraining,
            "oversight-training",
        ),
        case.shown("art-26-5", "monitoring of the operation", alerted(case)),
    ];
    if uses.iter().any(|use_| law::at_work(*use_)) {
        judged.push(case.filed("art-26-7", "telling workers before the first use", E::Notice, "notice"));
    }
    judged.push(told(case));
    if uses.iter().any(|use_| law::assesses_rights(*use_)) {
        let kind = E::FundamentalRightsAssessment;
        judged.push(case.filed(
            "art-27",
            "an assessment of impacts on fundamental rights",
            kind,
            "fundamental-rights-assessment",
        ));
    }
    if uses.iter().any(|use_| *use_ != AnnexIii::CriticalInfrastructure) {
        judged.push(case.shown("art-86", "explaining single decisions", explained(case)));
    }
    judged
}

/// Art. 10(2): every dataset that is learned from has a contract in force.
fn governed(case: &Case) -> Result<String, String> {
    for job in &case.jobs {
        let data = edges(case.ask, *job).iter().filter(|edge| edge.relation == "data");
        for edge in data {
            let name = case.address(edge.to);
            let Some(dataset) = case.ask.view::<Dataset>(edge.to) else { continue };
            let Ok((contract, view)) = case.ask.get::<DataContract>(dataset.contract()) else {
                return Err(format!("{name} is learned from, and has no contract"));
            };
            let status = view.status().get().unwrap_or(ContractStatus::Active);
            if matches!(status, ContractStatus::Proposed | ContractStatus::Draft | ContractStatus::Retired) {
                return Err(format!(
                    "{name} is learned from, and {} is not in force",
                    case.address(contract)
                ));
            }
        }
    }
    Ok("every dataset that is learned from has a contract in force".to_owned())
}

/// Art. 10(2)(f) and (g): groups of people are compared, and a model that treats them unequally does not get through.
fn fairness(case: &Case) -> Result<String, String> {
    if case.jobs.is_empty() {
        return Ok("nothing is trained here".to_owned());
    }
    let gate = case.evaluations.iter().find(|evaluation| {
        !evaluation.fairness().is_empty() && evaluation.blocks().get() == Some(Blocks::Promotion)
    });
    let Some(gate) = gate else {
        return Err(
            "no evaluation of its models compares groups of people (`fairness`) and blocks promotion"
                .to_owned(),
        );
    };
    let groups: Vec<&str> = gate.fairness().iter().filter_map(|row| row.group().get()).collect();
    for (group, dataset) in
        groups.iter().flat_map(|group| gate_data(case, *gate).map(move |dataset| (*group, dataset)))
    {
        let Some(view) = case.ask.view::<Dataset>(dataset) else { continue };
        let Ok((contract, view)) = case.ask.get::<DataContract>(view.contract()) else { continue };
        let known = view.schema().iter().any(|schema| schema.field_().get(group).is_some());
        if !known {
            return Err(format!(
                "groups are made by `{group}`, which {} does not have",
                case.address(contract)
            ));
        }
    }
    Ok(format!("a gate compares groups by {}", groups.join(", ")))
}

fn gate_data<'c>(case: &'c Case, gate: View<'c, Evaluation>) -> impl Iterator<Item = ResourceId> + 'c {
    gate.data().iter().filter_map(|use_| case.ask.follow(use_.dataset().get()?, &["dataset"]).ok())
}

/// Art. 10(3): what is measured on was not learned.
fn disjoint(case: &Case) -> Result<String, String> {
    let mut learned: Vec<(ResourceId, &str)> = Vec::new();
    for job in case.jobs.iter().filter_map(|job| case.ask.view::<TrainingJob>(*job)) {
        for use_ in job.data().iter() {
            if let Some(dataset) =
                use_.dataset().get().and_then(|dataset| case.ask.follow(dataset, &["dataset"]).ok())
            {
                learned.push((dataset, use_.split().get().unwrap_or("")));
            }
        }
    }
    for use_ in case.evaluations.iter().flat_map(|evaluation| evaluation.data().iter()) {
        let Some(dataset) =
            use_.dataset().get().and_then(|dataset| case.ask.follow(dataset, &["dataset"]).ok())
        else {
            continue;
        };
        let part = use_.split().get().unwrap_or("");
        if learned
            .iter()
            .any(|(of, split)| *of == dataset && (*split == part || split.is_empty() || part.is_empty()))
        {
            return Err(format!(
                "{} is measured on and learned from in the same part",
                case.address(dataset)
            ));
        }
    }
    Ok("no part of a dataset is both learned from and measured on".to_owned())
}

/// Art. 15: a gate on accuracy, and no endpoint that stands alone.
fn robust(case: &Case) -> Result<String, String> {
    let gated = case.evaluations.iter().any(|evaluation| {
        let bounds = !evaluation.metric().is_empty() || !evaluation.benchmark().is_empty();
        bounds && evaluation.blocks().get() == Some(Blocks::Promotion)
    });
    if !gated {
        return Err("no evaluation with a `metric` blocks promotion".to_owned());
    }
    for endpoint in &case.endpoints {
        let replicas = endpoint.view.replicas().get();
        let least =
            replicas.and_then(|replicas| replicas.count().get().or(replicas.min().get())).unwrap_or(1);
        if least < 2 && endpoint.view.fallback().is_absent() {
            return Err(format!("{} has a single replica and no `fallback`", case.address(endpoint.id)));
        }
    }
    Ok("a gate holds accuracy, and every endpoint has a second replica or a fallback".to_owned())
}

/// Art. 18: the file is kept for ten years, where nobody can remove it.
fn kept(case: &Case) -> Judged {
    let duty = "keeping the technical file for ten years";
    let ten_years = Period { months: 12 * law::FILE_YEARS, days: 0 };
    let kinds =
        [EvidenceType::AnnexIv, EvidenceType::QualityManagementSystem, EvidenceType::DeclarationOfConformity];
    let files = case.ask.all::<Evidence>();
    let files =
        files.into_iter().filter(|(_, view)| view.r#type().get().is_some_and(|kind| kinds.contains(&kind)));
    for (id, view) in files {
        let Some(location) = view.location().get() else { continue };
        let Ok((store, storage)) = case.ask.get::<Storage>(location.storage()) else { continue };
        let name = case.address(store);
        let lock = storage.object_lock().get().and_then(|lock| lock.retention().get());
        let expires = storage.lifecycle().iter().filter_map(|row| row.expire().get());
        if let Some(expire) = expires.into_iter().find(|time| time.compare(ten_years) == Some(Ordering::Less))
        {
            let why = format!("{} is in {name}, which removes objects after {expire}", case.address(id));
            return case.judged("art-18", duty, Verdict::Refuted, why);
        }
        match lock.map(|time| (time, time.compare(ten_years))) {
            Some((time, Some(Ordering::Less))) => {
                let why = format!("{} is in {name}, which locks objects for {time} only", case.address(id));
                return case.judged("art-18", duty, Verdict::Refuted, why);
            }
            Some(_) => {}
            None if !storage.existing().is_empty() => {
                return case.judged(
                    "art-18",
                    duty,
                    Verdict::Human,
                    format!("{name} belongs to others: ask how long it keeps objects"),
                );
            }
            None => {
                let why =
                    format!("{} is in {name}, which has no `object-lock` of ten years", case.address(id));
                return case.shown("art-18", duty, Err(why));
            }
        }
    }
    case.shown("art-18", duty, Ok("what is filed is locked for ten years or more".to_owned()))
}

/// Art. 25(4): a written agreement with who supplies a model, unless it is free and open source.
fn suppliers(case: &Case) -> Vec<Judged> {
    let duty = "written agreements with suppliers";
    let taken = case.models.iter().filter_map(|id| {
        let model = case.ask.view::<Model>(*id)?;
        model.from().get()?.huggingface().get()?;
        Some((*id, model.license().get()))
    });
    let judged = taken.map(|(id, license)| match license {
        Some(license) if law::FREE_LICENSES.contains(&license.to_ascii_lowercase().as_str()) => {
            let why =
                format!("{} is free and open source ({license}): no agreement is asked", case.address(id));
            case.judged("art-25-4", duty, Verdict::Declared, why)
        }
        _ => {
            let mut one = case.filed("art-25-4", duty, EvidenceType::SupplierAgreement, "supplier-agreement");
            one.why = format!("{}: {}", case.address(id), one.why);
            one
        }
    });
    judged.collect()
}

/// Art. 43: internal control, but for biometrics, where a notified body may be needed.
fn conformity(case: &Case) -> Judged {
    let one = case.worded("art-43", "the assessment of conformity");
    if one.verdict == Verdict::Declared && case.uses().iter().any(|use_| law::is_biometric(*use_)) {
        let why = format!(
            "{}; for Annex III point 1 a notified body is needed unless harmonised standards are applied in full",
            one.why
        );
        return Judged { verdict: Verdict::Human, why, ..one };
    }
    one
}

/// Art. 72: a plan, and monitors that carry it out.
fn watched(case: &Case) -> Judged {
    let duty = "watching the system on the market";
    if case.monitors.is_empty() {
        let why = "no monitor watches any of its endpoints".to_owned();
        return case.shown("art-72", duty, Err(why));
    }
    case.filed("art-72", duty, EvidenceType::PostMarketPlan, "post-market-plan")
}

fn alerted(case: &Case) -> Result<String, String> {
    let told = case.monitors.iter().any(|monitor| !monitor.alert().is_empty());
    if told {
        Ok("monitors tell a team".to_owned())
    } else {
        Err("no monitor of its endpoints tells anybody: `alert`".to_owned())
    }
}

/// Art. 26(11): people about whom it decides are told.
fn told(case: &Case) -> Judged {
    let duty = "telling people that it decides about them";
    let silent = case.facing().find(|endpoint| endpoint.view.disclosure().is_absent());
    match silent {
        None => case.shown("art-26-11", duty, Ok("people are told: `disclosure`".to_owned())),
        Some(endpoint) => {
            let one = case.filed("art-26-11", duty, EvidenceType::Notice, "notice");
            if one.verdict == Verdict::Missing {
                let why =
                    format!("{} has no `disclosure`, and no notice is filed", case.address(endpoint.id));
                return Judged { subject: endpoint.id, span: endpoint.span, why, ..one };
            }
            one
        }
    }
}

/// Art. 86: reasons are given, and what they rest on is kept.
fn explained(case: &Case) -> Result<String, String> {
    for endpoint in case.facing() {
        let name = case.address(endpoint.id);
        let kept: Vec<AuditItem> =
            endpoint.view.audit().get().map(|audit| audit.include().values().collect()).unwrap_or_default();
        if !kept.contains(&AuditItem::Input) || !kept.contains(&AuditItem::ModelVersion) {
            return Err(format!(
                "the log of {name} holds not both `input` and `model-version`: a decision cannot be explained later"
            ));
        }
        if endpoint.view.explain().is_absent() && endpoint.view.oversight().is_absent() {
            return Err(format!(
                "{name} gives no reasons (`explain`), and nobody can be asked (`oversight`)"
            ));
        }
    }
    Ok("decisions can be explained from the log".to_owned())
}

/// Art. 14: named people can stop every endpoint that decides about others.
fn human_oversight(case: &Case) -> Vec<Judged> {
    let duty = "human oversight that can stop it";
    let judged = case.facing().map(|endpoint| {
        let name = case.address(endpoint.id);
        let one = match endpoint.view.oversight().get() {
            None => case.shown("art-14", duty, Err(format!("{name} has no `oversight`"))),
            Some(oversight) if oversight.stop().is_absent() => case.judged(
                "art-14",
                duty,
                Verdict::Refuted,
                format!("the oversight of {name} has no `stop`: nobody can end its operation"),
            ),
            Some(oversight) => {
                let role = oversight.role().get().unwrap_or("somebody");
                case.shown("art-14", duty, Ok(format!("{role} oversees {name} and can stop it")))
            }
        };
        about(endpoint, one)
    });
    judged.collect()
}

/// Art. 12, 19 and 26(6): events are recorded, and kept for six months.
fn logs(case: &Case) -> Vec<Judged> {
    let mut judged = Vec::new();
    let least = Period { months: law::LOG_MONTHS, days: 0 };
    for endpoint in case.facing() {
        let name = case.address(endpoint.id);
        let Some(audit) = endpoint.view.audit().get() else {
            let one = case.shown("art-12", "automatic logs", Err(format!("{name} records nothing: `audit`")));
            judged.push(about(endpoint, one));
            continue;
        };
        let answer = if audit.to().is_absent() {
            Err(format!("the log of {name} is kept nowhere: `audit … to=`"))
        } else {
            Ok(format!("{name} records its decisions"))
        };
        judged.push(about(endpoint, case.shown("art-12", "automatic logs", answer)));
        let duty = "keeping logs for six months";
        let mut one = match audit.retention().get() {
            None => case.shown(
                "art-19",
                duty,
                Err(format!("the log of {name} says not how long it is kept: `retention`")),
            ),
            Some(time) => match time.compare(least) {
                Some(Ordering::Less) => {
                    let why = format!(
                        "{name} keeps its log for {time}; six months are the least (Art. 19(1), 26(6))"
                    );
                    case.judged("art-19", duty, Verdict::Refuted, why)
                }
                Some(_) => case.shown("art-19", duty, Ok(format!("{name} keeps its log for {time}"))),
                None => {
                    let why = format!("{name} keeps its log for {time}, and six months have 181 to 184 days");
                    case.judged("art-19", duty, Verdict::Human, why)
                }
            },
        };
        one.subject = endpoint.id;
        one.span = audit.retention().span().unwrap_or(audit.span());
        judged.push(one);
    }
    judged
}

fn about(endpoint: &Endpoint, one: Judged) -> Judged {
    Judged { subject: endpoint.id, span: endpoint.span, ..one }
}
