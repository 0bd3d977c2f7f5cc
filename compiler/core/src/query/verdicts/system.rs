//! A system as a law sees it: its endpoints, models, jobs, evaluations, monitors and evidence.

use purlin_schema::View;
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::governance::{
    Affected, AiRole, AiSystem, AnnexIii, Evidence, EvidenceType, Policy,
};
use purlin_schema::kinds::models::{Model, TaskKind};
use purlin_schema::kinds::monitoring::Monitor;
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_schema::units::Date;
use purlin_schema::view::ChoiceType;
use purlin_syntax::Span;

use super::{Judged, Verdict};
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::query::labels::edges;
use crate::query::model;

/// One system under one policy.
pub(super) struct Case<'q, 'a> {
    pub(super) ask: &'q Ask<'a>,
    pub(super) policy_id: ResourceId,
    pub(super) policy: View<'a, Policy>,
    pub(super) id: ResourceId,
    pub(super) span: Span,
    pub(super) system: View<'a, AiSystem>,
    /// The day for which duties are asked.
    pub(super) as_of: Option<Date>,
    /// Endpoints that the system includes.
    pub(super) endpoints: Vec<Endpoint<'a>>,
    /// Models that the system includes or its endpoints answer with.
    pub(super) models: Vec<ResourceId>,
    /// Jobs that make these models.
    pub(super) jobs: Vec<ResourceId>,
    /// Evaluations of its parts.
    pub(super) evaluations: Vec<View<'a, Evaluation>>,
    /// Monitors of its endpoints.
    pub(super) monitors: Vec<View<'a, Monitor>>,
}

/// An endpoint of a system.
pub(super) struct Endpoint<'a> {
    pub(super) id: ResourceId,
    pub(super) span: Span,
    pub(super) view: View<'a, Serving>,
    /// It is not merely called by another endpoint of the system.
    pub(super) faces_people: bool,
    /// It makes text.
    pub(super) generates: bool,
}

impl<'q, 'a> Case<'q, 'a> {
    pub(super) fn of(ask: &'q Ask<'a>, policy_id: ResourceId, id: ResourceId) -> Option<Self> {
        let policy = ask.view::<Policy>(policy_id)?;
        let system = ask.view::<AiSystem>(id)?;
        let parts: Vec<ResourceId> =
            edges(ask, id).iter().filter(|edge| edge.relation == "includes").map(|edge| edge.to).collect();
        let endpoints = endpoints(ask, &parts);
        let mut models: Vec<ResourceId> = of_kind(ask, &parts, "model");
        let answering = endpoints.iter().flat_map(|endpoint| edges(ask, endpoint.id));
        for edge in answering.filter(|edge| edge.relation == "model") {
            if ask.view::<Model>(edge.to).is_some() && !models.contains(&edge.to) {
                models.push(edge.to);
            }
        }
        let made = |model: &ResourceId| {
            edges(ask, *model).iter().find(|edge| edge.relation == "from").map(|edge| edge.to)
        };
        let jobs: Vec<ResourceId> = models.iter().filter_map(made).collect();
        let evaluations = about(ask, parts.iter().chain(&models), "evaluation");
        let monitors = about(ask, parts.iter(), "monitor");
        Some(Case {
            ask,
            policy_id,
            policy,
            id,
            span: ask.resource(id)?.name_span,
            system,
            as_of: policy.as_of().get().or(ask.options.as_of),
            endpoints,
            models,
            jobs,
            evaluations: evaluations.into_iter().filter_map(|id| ask.view(id)).collect(),
            monitors: monitors.into_iter().filter_map(|id| ask.view(id)).collect(),
        })
    }

    pub(super) fn provider(&self) -> bool {
        self.system.role().is_empty() || self.system.role().values().any(|role| role == AiRole::Provider)
    }

    pub(super) fn deployer(&self) -> bool {
        self.system.role().is_empty() || self.system.role().values().any(|role| role == AiRole::Deployer)
    }

    /// The uses of Annex III that the system names.
    pub(super) fn uses(&self) -> Vec<AnnexIii> {
        self.system.annex_iii().values().filter(|use_| *use_ != AnnexIii::None).collect()
    }

    pub(super) fn affects(&self, who: Affected) -> bool {
        self.system.affects().values().any(|affected| affected == who)
    }

    /// Whether people deal with it at all.
    pub(super) fn meets_people(&self) -> bool {
        self.system.affects().is_empty() || self.system.affects().values().any(|who| who != Affected::Nobody)
    }

    /// Endpoints that answer people, and not other endpoints of the system alone.
    pub(super) fn facing(&self) -> impl Iterator<Item = &Endpoint<'a>> {
        self.endpoints.iter().filter(|endpoint| endpoint.faces_people)
    }

    pub(super) fn address(&self, id: ResourceId) -> String {
        self.ask.resource(id).map(crate::Resource::address).unwrap_or_default()
    }

    /// What is said about the system as a whole.
    pub(super) fn judged(
        &self,
        control: &'static str,
        duty: &'static str,
        verdict: Verdict,
        why: impl Into<String>,
    ) -> Judged {
        Judged {
            policy: self.policy_id,
            system: self.id,
            control,
            duty,
            since: None,
            verdict,
            why: why.into(),
            subject: self.id,
            span: self.span,
            mild: false,
        }
    }

    /// What the policy itself declares about a control.
    pub(super) fn control(&self, control: &str) -> Option<(Verdict, String)> {
        let row = self.policy.control().get(control)?;
        if let Some(evidence) = row.evidence().get()
            && let Ok(id) = self.ask.follow(evidence, &["evidence"])
        {
            return self.ask.view::<Evidence>(id).map(|view| self.state(id, view));
        }
        row.declared().get().map(|words| {
            (Verdict::Declared, format!("declared in {}: {words}", self.address(self.policy_id)))
        })
    }

    /// The evidence of a type that speaks of this system: the best there is.
    pub(super) fn evidence(&self, wanted: EvidenceType) -> Option<(Verdict, String)> {
        let speaks = |view: &View<'a, Evidence>| {
            view.applies_to().is_empty()
                || view.applies_to().values().any(|reference| self.ask.follow(reference, &[]) == Ok(self.id))
        };
        let all = self.ask.all::<Evidence>();
        let states = all
            .into_iter()
            .filter(|(_, view)| view.r#type().get() == Some(wanted) && speaks(view))
            .map(|(id, view)| self.state(id, view));
        states.max_by_key(|(verdict, _)| *verdict)
    }

    /// Evidence with digest, date and signature shows something; stale, it shows the opposite.
    fn state(&self, id: ResourceId, view: View<'a, Evidence>) -> (Verdict, String) {
        let name = self.address(id);
        if let (Some(date), Some(review), Some(today)) =
            (view.date().get(), view.review().get(), self.ask.options.as_of)
            && let Some(every) = review.every().get()
            && let Some(due) = date.plus(every)
            && due < today
        {
            return (
                Verdict::Refuted,
                format!("{name} is stale: signed {date}, to be looked at again by {due}, and it is {today}"),
            );
        }
        let signed =
            view.sha256().get().is_some() && view.date().get().is_some() && !view.signed_by().is_empty();
        if signed {
            (Verdict::Evidenced, format!("{name}, with digest, date and signature"))
        } else if view.generated().get() == Some(true) {
            (Verdict::Declared, format!("{name}, written from the spec with each release"))
        } else {
            (Verdict::Declared, format!("{name}, without digest, date and signature together"))
        }
    }
}

fn of_kind(ask: &Ask, ids: &[ResourceId], kind: &str) -> Vec<ResourceId> {
    ids.iter()
        .copied()
        .filter(|id| ask.resource(*id).is_some_and(|resource| resource.kind.name == kind))
        .collect()
}

fn endpoints<'a>(ask: &Ask<'a>, parts: &[ResourceId]) -> Vec<Endpoint<'a>> {
    let servings = of_kind(ask, parts, "serving");
    let called = |id: ResourceId| {
        servings.iter().any(|other| {
            *other != id && edges(ask, *other).iter().any(|edge| edge.to == id && edge.relation == "calls")
        })
    };
    let endpoint = |id: &ResourceId| {
        let view = ask.view::<Serving>(*id)?;
        Some(Endpoint {
            id: *id,
            span: ask.resource(*id)?.name_span,
            view,
            faces_people: !called(*id),
            generates: generates(ask, view),
        })
    };
    servings.iter().filter_map(endpoint).collect()
}

/// Whether an endpoint makes text: its model's task says so, or else its shape and program.
fn generates(ask: &Ask, serving: View<Serving>) -> bool {
    let model = ask.get::<Model>(serving.model()).ok();
    if let Some(task) = model.and_then(|(_, model)| model.task().get()).and_then(|task| task.variant().get())
    {
        return task == TaskKind::Generation;
    }
    if let Ok(Some(shape)) = model::shape(ask, serving.model()) {
        return shape.architecture.output_layer && shape.architecture.causal;
    }
    let program = serving.run().get().and_then(|run| run.variant().get());
    program.is_some_and(|program| {
        matches!(program, ServingProgram::Vllm | ServingProgram::Sglang | ServingProgram::TensorrtLlm)
    })
}

/// Who names one of these in `of`, by address, each once.
fn about<'i>(ask: &Ask, ids: impl Iterator<Item = &'i ResourceId>, kind: &str) -> Vec<ResourceId> {
    let mut found = Vec::new();
    for id in ids {
        for from in ask.incoming(*id).into_iter().filter(|from| from.kind.name == kind) {
            let of = edges(ask, from.id).iter().any(|edge| edge.to == *id && edge.relation == "of");
            if of && !found.contains(&from.id) {
                found.push(from.id);
            }
        }
    }
    found
}

/// The words of a list of choices.
pub(super) fn words<C: ChoiceType>(choices: &[C]) -> String {
    choices.iter().map(|choice| choice.word()).collect::<Vec<_>>().join(", ")
}
