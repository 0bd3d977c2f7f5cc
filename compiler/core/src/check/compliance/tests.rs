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
fn what_is_no_predicate_is_refused() {
    require(r#"(expr)"self.steps >" kind=training-job"#, &["error policy.house: not a predicate"]);
}

#[test]
fn a_kind_that_does_not_exist_is_refused() {
    require(
        r#"(expr)"has(self.seed)" kind=training-jobs"#,
        &["error policy.house: there is no kind `training-jobs`"],
    );
}

#[test]
fn what_a_later_version_evaluates_is_listed() {
    let world = crate::query::testing::example("credit-scoring", &[]);
    let session = session(&world);
    let graph = &session.environments()[0].graph;
    let listed = super::not_evaluated(&session.ask(graph));
    let listed: Vec<(&str, bool)> =
        listed.iter().map(|one| (one.policy.as_str(), one.predicate.contains("startsWith"))).collect();
    assert_eq!(listed, [("policy.house", true), ("policy.house", false)]);
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
