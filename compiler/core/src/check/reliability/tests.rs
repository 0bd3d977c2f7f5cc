//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::check::testing::{check_example, check_page};

#[test]
fn the_page_of_checkpoint_interval_does_what_it_says() {
    check_page(&super::checkpoint_interval::RULE);
}

#[test]
fn the_page_of_known_option_does_what_it_says() {
    check_page(&super::known_option::RULE);
}

#[test]
fn other_versions_and_other_programs_are_not_judged() {
    let check = |version: &str, expect: &[&str]| {
        let mistyped = format!("run vllm version=\"{version}\" {{ arg \"--enforce-eagre\" }}");
        let changes = [("run vllm version=\"0.17\"", mistyped.as_str())];
        check_example("reliability.known-option", "support-assistant", &changes, expect);
    };
    check("0.17", &["vLLM 0.17.1 has no option `--enforce-eagre`"]);
    check("0.11", &[]);
}

#[test]
fn the_page_of_spot_without_checkpoint_does_what_it_says() {
    check_page(&super::spot_without_checkpoint::RULE);
}

#[test]
fn the_page_of_training_time_does_what_it_says() {
    check_page(&super::training_time::RULE);
}

#[test]
fn fifteen_trillion_tokens_fit_neither_deadline_nor_block() {
    let expect = [
        "takes at least 2070.7 d; its capacity lasts 56.0 d",
        "takes at least 2070.7 d; its deadline is 54.0 d",
    ];
    let changes = [("tokens \"280B tokens\"", "tokens \"15T tokens\"")];
    check_example("reliability.training-time", "pretrain-405b", &changes, &expect);
}

#[test]
fn the_examples_end_in_time() {
    for project in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        check_example("reliability.training-time", project, &[], &[]);
        check_example("reliability.spot-without-checkpoint", project, &[], &[]);
    }
}

#[test]
fn tuning_saves_every_hour_because_people_stop_runs_which_is_a_note() {
    // On one node, in staging, failures are rarer and the difference is the same: one note for both.
    let expect = ["note training-job.tune: a checkpoint every 60 min costs 2.7%"];
    check_example("reliability.checkpoint-interval", "support-assistant", &[], &expect);
    check_example("reliability.checkpoint-interval", "pretrain-405b", &[], &[]);
}
