//! Tries the rules on data on their pages, on small specs and on the examples.

use crate::check::testing::{check, check_example, check_page};

/// A contract with one classed field, in a cloud of Frankfurt.
fn spec(field: &str, rest: &str) -> String {
    format!(
        r#"
        platform shop {{ owner data }}
        team data {{ contact "data@shop.example" }}
        cloud aws provider=aws account="123456789012" region=eu-central-1
        storage lake cloud=aws {{ type object; engine s3; bucket shop-lake }}
        architecture small {{ layers 2; hidden 64; heads 4; vocab 1000 }}
        model seed {{ architecture small; init normal std=0.02 }}
        data-contract tickets {{
            version "1.0.0"
            schema tickets {{
                field ticket-id string {{ required; primary-key }}
                field {field}
            }}
            purpose support
        }}
        dataset raw {{ contract tickets; location lake path="raw/"; version "1" }}
        "#
    ) + rest
}

fn flow(field: &str, rest: &str, expect: &[&str]) {
    check("data.classification-flow", &spec(field, rest), expect);
}

const CLEAN: &str = r#"
    data-contract clean {
        version "1.0.0"
        schema clean { field ticket-id string { required; primary-key }; field prompt string }
    }
    dataset clean { contract clean; from redact; location lake path="clean/"; version "1" }
    training-job tune { model seed; data clean }
    model tuned { from tune }
"#;

#[test]
fn the_page_of_contract_valid_holds() {
    check_page(&super::contract_valid::RULE);
}

#[test]
fn the_page_of_classification_flow_holds() {
    check_page(&super::classification_flow::RULE);
}

#[test]
fn the_page_of_residency_holds() {
    check_page(&super::residency::RULE);
}

#[test]
fn the_page_of_purpose_holds() {
    check_page(&super::purpose::RULE);
}

#[test]
fn the_page_of_dataset_pinned_holds() {
    check_page(&super::dataset_pinned::RULE);
}

#[test]
fn personal_data_without_a_legal_basis_is_refused() {
    flow(
        "email string personal=pii",
        "training-job tune { model seed; data raw }",
        &["error training-job.tune: `email`"],
    );
}

#[test]
fn convictions_are_refused() {
    flow(
        "record string personal=criminal",
        "training-job tune { model seed; data raw }",
        &["`record` is about convictions"],
    );
}

#[test]
fn pseudonyms_may_be_learned_from() {
    flow("key string personal=pseudonymous", "training-job tune { model seed; data raw }", &[]);
}

#[test]
fn a_declassified_field_may_be_learned_from() {
    let redact = "pipeline redact { from raw; declassify body to=none method=ner owner=data }";
    flow("body string personal=pii", &format!("{redact}{CLEAN}"), &[]);
}

#[test]
fn a_new_field_may_be_made_of_what_was_not_declassified() {
    flow(
        "body string personal=pii",
        &format!("pipeline redact {{ from raw }}{CLEAN}"),
        &["error training-job.tune: `body` is about an identifiable person"],
    );
}

#[test]
fn without_a_job_the_dataset_itself_is_refused() {
    let clean = CLEAN
        .replace("training-job tune { model seed; data clean }", "")
        .replace("model tuned { from tune }", "");
    flow(
        "body string personal=pii",
        &format!("pipeline redact {{ from raw }}{clean}"),
        &["error dataset.clean: `body` comes into dataset.clean as personal=pii"],
    );
}

#[test]
fn a_selection_leaves_the_rest_out() {
    flow(
        "body string personal=pii",
        &format!("pipeline redact {{ from raw; select ticket-id }}{CLEAN}"),
        &[],
    );
}

#[test]
fn a_misspelt_declassification_is_refused() {
    let redact =
        "pipeline redact { from raw; declassify bdy to=none method=ner owner=data; select ticket-id }";
    flow(
        "body string personal=pii",
        &format!("{redact}{CLEAN}"),
        &["error pipeline.redact: nothing that comes in has a field `bdy`"],
    );
}

#[test]
fn a_cycle_of_pipelines_is_visited_once() {
    flow(
        "body string",
        "pipeline a { from raw b }\ndataset b { from c; location lake path=\"b/\"; version \"1\" }\npipeline c { from b }",
        &[],
    );
}

#[test]
fn support_assistant_is_in_order() {
    for rule in super::RULES {
        check_example(rule.id, "support-assistant", &[], &[]);
    }
}

#[test]
fn pretrain_405b_is_in_order() {
    for rule in super::RULES {
        check_example(rule.id, "pretrain-405b", &[], &[]);
    }
}

#[test]
fn credit_scoring_is_in_order_but_for_one_purpose() {
    for rule in super::RULES {
        let expect: &[&str] = if rule.id == "data.purpose" {
            &[
                "warning dataset.decisions: dataset.decisions is for bias-detection, and not so data-contract.bureau",
            ]
        } else {
            &[]
        };
        check_example(rule.id, "credit-scoring", &[], expect);
    }
}

#[test]
fn raw_tickets_may_not_be_trained_on() {
    check_example(
        "data.classification-flow",
        "support-assistant",
        &[(
            "data tickets-clean split=train {\n        exclude { personal special-category pii }   // nothing left after `redact`: kept as a second lock",
            "data tickets-raw {",
        )],
        &["error training-job.tune: `health-note` is a special category"],
    );
}

#[test]
fn free_text_without_redaction_cannot_train() {
    check_example(
        "data.classification-flow",
        "credit-scoring",
        &[("from stream.clean-text", "from application-events")],
        &["error training-job.scorecard: `text-vector` is a special category"],
    );
}

#[test]
fn training_outside_the_union_is_refused() {
    check_example(
        "data.residency",
        "credit-scoring",
        &[("account=$account region=eu-central-1", "account=$account region=us-east-1")],
        &[
            "error pipeline.redact",
            "error dataset.decisions: dataset.decisions is in us-east-1 (US)",
            "error dataset.redaction-gold",
        ],
    );
}
