//! The duties of the AI Act that hold for a system on a day, and what the spec answers to each.

mod high_risk;

use purlin_schema::kinds::governance::{EvidenceType, Risk};

use super::system::Case;
use super::{Judged, Verdict, law};

/// Every duty that holds on the policy's day. Without a day nothing is said: the compiler has no clock.
pub(super) fn judge(case: &Case) -> Vec<Judged> {
    let Some(as_of) = case.as_of else { return Vec::new() };
    let mut judged = Vec::new();
    let mut since = |date: (i32, u32, u32), duties: Vec<Judged>| {
        let Some(date) = law::date(date).filter(|date| *date <= as_of) else { return };
        judged.extend(duties.into_iter().map(|duty| Judged { since: Some(date), ..duty }));
    };
    since(law::LITERACY, literacy(case));
    since(law::TRANSPARENCY, interaction(case));
    since(marking_date(case), marking(case));
    let risk = case.system.risk().get();
    let placed = case.system.placed_on_market().get();
    if matches!(risk, Some(Risk::GeneralPurpose | Risk::Systemic)) && case.provider() && placed.is_some() {
        let early = placed < law::date(law::GENERAL_PURPOSE);
        let date = if early { law::GENERAL_PURPOSE_EARLIER } else { law::GENERAL_PURPOSE };
        since(date, general_purpose(case, risk == Some(Risk::Systemic)));
    }
    if risk == Some(Risk::High) {
        let date = if case.uses().is_empty() { law::ANNEX_I } else { law::ANNEX_III };
        since(date, high_risk::judge(case));
    }
    judged
}

impl Case<'_, '_> {
    /// A duty that a document answers, or else the policy's own words.
    fn filed(&self, control: &'static str, duty: &'static str, kind: EvidenceType, word: &str) -> Judged {
        let found = self.evidence(kind).or_else(|| self.control(control));
        let (verdict, why) = found.unwrap_or_else(|| {
            (
                Verdict::Missing,
                format!("no evidence of type {word}, and no word on it in {}", self.address(self.policy_id)),
            )
        });
        self.judged(control, duty, verdict, why)
    }

    /// A duty that only the policy's own words answer.
    fn worded(&self, control: &'static str, duty: &'static str) -> Judged {
        let (verdict, why) = self.control(control).unwrap_or_else(|| {
            (
                Verdict::Missing,
                format!(
                    "{} says nothing of it: `control {control} declared=…`",
                    self.address(self.policy_id)
                ),
            )
        });
        self.judged(control, duty, verdict, why)
    }

    /// A duty that the spec itself answers; where it does not, the policy's own words may.
    fn shown(&self, control: &'static str, duty: &'static str, answer: Result<String, String>) -> Judged {
        match answer {
            Ok(why) => self.judged(control, duty, Verdict::Declared, why),
            Err(why) => {
                let (verdict, why) = self.control(control).unwrap_or((Verdict::Missing, why));
                self.judged(control, duty, verdict, why)
            }
        }
    }
}

fn literacy(case: &Case) -> Vec<Judged> {
    let one = case.filed(
        "art-4",
        "measures for the staff's literacy in AI",
        EvidenceType::AiLiteracy,
        "ai-literacy",
    );
    vec![Judged { mild: true, ..one }]
}

/// Art. 50(1): people know that they deal with a machine.
fn interaction(case: &Case) -> Vec<Judged> {
    if !case.provider() || !case.meets_people() {
        return Vec::new();
    }
    let talking = case.facing().filter(|endpoint| endpoint.generates);
    talking
        .map(|endpoint| {
            let answer = if endpoint.view.disclosure().is_absent() {
                Err(format!(
                    "{} makes content for people and does not say that it is a machine: `disclosure`",
                    case.address(endpoint.id)
                ))
            } else {
                Ok("people are told: `disclosure`".to_owned())
            };
            let one = case.shown("art-50-1", "telling people that they deal with a machine", answer);
            Judged { subject: endpoint.id, span: endpoint.span, ..one }
        })
        .collect()
}

/// Art. 50(2) holds later for what was on the market before the general date.
fn marking_date(case: &Case) -> (i32, u32, u32) {
    let placed = case.system.placed_on_market().get();
    let early = placed.is_some() && placed < law::date(law::TRANSPARENCY);
    if early { law::MARKING_EARLIER } else { law::TRANSPARENCY }
}

fn marking(case: &Case) -> Vec<Judged> {
    if !case.provider() {
        return Vec::new();
    }
    let making = case.facing().filter(|endpoint| endpoint.generates);
    making
        .map(|endpoint| {
            let marking = endpoint.view.marking().get();
            let marks = marking
                .is_some_and(|marking| !marking.watermark().is_absent() || !marking.metadata().is_absent());
            let answer = if marks {
                Ok("generated content is marked: `marking`; that a detector finds the marks, people check"
                    .to_owned())
            } else {
                Err(format!("{} makes content that carries no mark: `marking`", case.address(endpoint.id)))
            };
            let one = case.shown("art-50-2", "marking generated content", answer);
            Judged { subject: endpoint.id, span: endpoint.span, ..one }
        })
        .collect()
}

/// Art. 53 and 55: what the provider of a general-purpose model on the market owes.
fn general_purpose(case: &Case, systemic: bool) -> Vec<Judged> {
    let mut judged = vec![
        case.judged(
            "art-53-1-a",
            "technical documentation of Annex XI",
            Verdict::Human,
            "people write and keep it",
        ),
        case.filed("art-53-1-c", "a policy for copyright", EvidenceType::CopyrightPolicy, "copyright-policy"),
        case.filed(
            "art-53-1-d",
            "a public summary of the training content",
            EvidenceType::TrainingSummary,
            "training-summary",
        ),
    ];
    if systemic {
        judged.push(case.worded("art-52", "notifying the Commission within two weeks"));
        judged.push(case.filed("art-55", "adversarial tests", EvidenceType::RedTeam, "red-team"));
    }
    judged
}
