//! Tries the rules on what is owed on their pages, on small specs and on the examples.

use crate::check::testing::{check, check_example, check_page, session};

fn require(predicate: &str, expect: &[&str]) {
    let spec = format!(
        r#"
        platform shop {{ owner ml }}
        team ml {{ contact "ml@shop.example" }}
        model seed {{ format safetensors }}
        training-job tune {{ model seed; seed 7; steps 100 }}
        policy house {{ require {predicate} message="house rule" }}
        "#
    );
    check("compliance.require", &spec, expect);
}

#[test]
fn the_page_of_require_holds() {
    check_page(&super::require::RULE);
}

#[test]
fn a_predicate_that_holds_says_nothing() {
    require(r#"(expr)"has(self.seed) && self.steps <= 100" kind=training-job"#, &[]);
}

#[test]
fn a_predicate_that_does_not_hold_says_its_message() {
    require(
        r#"(expr)"self.steps > 100" kind=training-job"#,
        &["error training-job.tune: training-job.tune: house rule"],
    );
}

#[test]
fn a_kind_that_does_not_exist_is_refused() {
    require(
        r#"(expr)"has(self.seed)" kind=training-jobs"#,
        &["error policy.house: there is no kind `training-jobs`"],
    );
}

#[test]
fn a_predicate_that_reads_others_is_told_where_it_fails() {
    check_example(
        "compliance.require",
        "credit-scoring",
        &[("startsWith('eu-')", "startsWith('us-')")],
        &["customer data stays in the Union"],
    );
}

#[test]
fn the_examples_keep_their_house_rules() {
    for name in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        check_example("compliance.require", name, &[], &[]);
    }
}

#[test]
fn an_endpoint_without_sign_in_breaks_the_house_rule() {
    check_example(
        "compliance.require",
        "support-assistant",
        &[("    auth oidc issuer=\"https://login.acme.example\"\n", "")],
        &["error serving.drafts: serving.drafts: endpoint has no authentication"],
    );
}

const ACT: &str = "compliance.eu-ai-act";

#[test]
fn the_page_of_the_ai_act_holds() {
    check_page(&super::eu_ai_act::RULE);
}

#[test]
fn the_credit_decision_answers_every_duty() {
    check_example(ACT, "credit-scoring", &[], &[]);
}

#[test]
fn the_other_examples_lack_literacy_alone() {
    check_example(ACT, "support-assistant", &[], &["note ai-system.support: art-4 missing"]);
    check_example(ACT, "pretrain-405b", &[], &["note ai-system.house-405b: art-4 missing"]);
}

#[test]
fn no_fairness_gate_no_release() {
    check_example(
        ACT,
        "credit-scoring",
        &[
            (
                "    fairness sex min-size=2000 {\n        metric approval-rate min-ratio=0.80\n        metric true-positive-rate max-gap=0.05\n    }\n",
                "",
            ),
            (
                "    fairness birth-date min-size=2000 {\n        bands \"18..25\" \"26..40\" \"41..60\" \"61..\"         // age at the application\n        metric approval-rate min-ratio=0.80\n    }\n",
                "",
            ),
        ],
        &["error ai-system.credit-decision: art-10-2-f missing"],
    );
}

#[test]
fn a_log_kept_too_short_is_refuted() {
    check_example(
        ACT,
        "credit-scoring",
        &[("audit decisions retention=\"10y\"", "audit decisions retention=\"3mo\"")],
        &["error serving.score: art-19 refuted: serving.score keeps its log for 3mo"],
    );
}

#[test]
fn before_its_day_a_duty_is_not_asked() {
    check_example(
        ACT,
        "credit-scoring",
        &[
            ("as-of \"2027-12-02\"", "as-of \"2027-12-01\""),
            ("audit decisions retention=\"10y\"", "audit decisions retention=\"3mo\""),
        ],
        &[],
    );
}

#[test]
fn a_use_of_annex_iii_with_profiling_is_never_limited() {
    check_example(
        ACT,
        "credit-scoring",
        &[("risk high", "risk limited")],
        &["error ai-system.credit-decision: art-6 refuted: claimed limited, and it profiles people"],
    );
}

#[test]
fn oversight_without_a_stop_is_refuted() {
    check_example(
        ACT,
        "credit-scoring",
        &[(
            "        stop within=\"5min\"                  // kill switch: traffic to 0, every case goes to the manual queue\n",
            "",
        )],
        &["error serving.score: art-14 refuted"],
    );
}

#[test]
fn stale_evidence_is_refuted() {
    check_example(
        ACT,
        "credit-scoring",
        &[("date \"2026-10-12\"", "date \"2026-01-12\"")],
        &["error ai-system.credit-decision: art-9 refuted: evidence.risk-register is stale"],
    );
}

#[test]
fn generated_text_without_a_mark_lacks_an_answer() {
    check_example(
        ACT,
        "support-assistant",
        &[("    marking watermark=text metadata=signed      // EU AI Act Art 50(2)\n", "")],
        &["note ai-system.support: art-4 missing", "error serving.drafts: art-50-2 missing"],
    );
}

#[test]
fn a_general_purpose_model_is_not_minimal() {
    check_example(
        ACT,
        "pretrain-405b",
        &[("risk general-purpose ", "risk minimal ")],
        &[
            "note ai-system",
            "error ai-system.house-405b: art-51 refuted: training-job.phase-1: 6 × 4.059e11 parameters × 2.800e11 tokens = 6.8e23 FLOP",
        ],
    );
}

#[test]
fn more_than_1e25_flop_is_systemic() {
    check_example(
        ACT,
        "pretrain-405b",
        &[("tokens \"280B tokens\"", "tokens \"15600B tokens\"")],
        &["note ai-system", "above 1e25: systemic risk is presumed"],
    );
}

#[test]
fn every_verdict_is_listed() {
    use crate::query::verdicts::{Verdict, verdicts};
    let world = crate::query::testing::example("credit-scoring", &[]);
    let session = session(&world);
    let prod = session.graph(Some("prod")).unwrap_or_else(|| panic!("no prod"));
    let listed = verdicts(&session.ask(prod));
    let of = |control: &str| listed.iter().find(|one| one.control == control).map(|one| one.verdict);
    assert_eq!(of("art-27"), Some(Verdict::Evidenced));
    assert_eq!(of("art-11"), Some(Verdict::Declared));
    assert_eq!(of("art-43"), Some(Verdict::Declared));
    assert_eq!(of("art-48"), Some(Verdict::Human));
}
