//! Tries the rules on endpoints on their pages and on the examples.

use crate::check::testing::{check, check_example, check_page};

#[test]
fn the_page_of_auth_required_holds() {
    check_page(&super::auth_required::RULE);
}

#[test]
fn the_page_of_context_window_holds() {
    check_page(&super::context_window::RULE);
}

#[test]
fn the_page_of_model_runtime_format_holds() {
    check_page(&super::model_runtime_format::RULE);
}

#[test]
fn the_page_of_rollout_holds() {
    check_page(&super::rollout::RULE);
}

#[test]
fn the_examples_are_in_order() {
    for name in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        for rule in super::RULES {
            check_example(rule.id, name, &[], &[]);
        }
    }
}

#[test]
fn a_drift_nobody_watches_cannot_stop_a_rollout() {
    check_example(
        "serving.rollout",
        "credit-scoring",
        &[("abort psi-score max=0.1", "abort ks-score max=0.1")],
        &["error serving.score: the rollout is to stop on `ks-score`"],
    );
}

#[test]
fn a_label_that_comes_in_half_a_year_stops_no_rollout() {
    check_example(
        "serving.rollout",
        "credit-scoring",
        &[("abort psi-score max=0.1", "abort auc min=0.76")],
        &["`auc` is known 180d after an answer", "the rollout is to stop on `auc`, which nothing measures"],
    );
}

#[test]
fn steps_have_to_rise() {
    check_example(
        "serving.rollout",
        "support-assistant",
        &[("step \"25%\" for=\"2h\"", "step \"3%\" for=\"2h\"")],
        &["warning serving.drafts: the step of 3% does not rise above the one before, 5%"],
    );
}

#[test]
fn a_prompt_and_its_answer_have_to_fit() {
    check_example(
        "serving.context-window",
        "support-assistant",
        &[("prompt=\"2200 tokens\" output=\"250 tokens\"", "prompt=\"8000 tokens\" output=\"250 tokens\"")],
        &["a typical request of"],
    );
}

#[test]
fn a_gateway_that_asks_stands_for_its_endpoints() {
    let spec = r#"
        platform shop { owner ml }
        team ml { contact "ml@shop.example" }
        cloud aws provider=aws account="123456789012" region=eu-central-1
        cluster main { cloud aws; kubernetes "1.35" }
        cpu-pool general cluster=main { instance m7i.4xlarge; nodes min=1 max=4; capacity on-demand }
        model trees { format ubj; weights lake path="trees/" }
        storage lake cloud=aws { type object; engine s3; bucket shop-lake }
        serving score { model trees; run xgboost version="3.1"; on general cpu=2 memory="4GiB"; replicas 1 }
        gateway front { host "score.shop.example"; on cluster.main; tls managed; auth mtls }
        route score { gateway front; to score }
    "#;
    check("serving.auth-required", spec, &[]);
    check(
        "serving.auth-required",
        &spec.replace("; auth mtls", ""),
        &["error serving.score", "error gateway.front"],
    );
}

#[test]
fn the_page_of_weights_placed_does_what_it_says() {
    check_page(&super::weights_placed::RULE);
}

#[test]
fn the_examples_say_where_served_weights_lie() {
    for project in ["support-assistant", "credit-scoring"] {
        check_example("serving.weights-placed", project, &[], &[]);
    }
}
