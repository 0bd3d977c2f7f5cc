//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::check::testing::{check_example, check_page};

#[test]
fn the_page_of_job_budget_does_what_it_says() {
    check_page(&super::job_budget::RULE);
}

#[test]
fn the_examples_are_not_refused_for_their_cost() {
    check_example("cost.job-budget", "pretrain-405b", &[], &[]);
    check_example("cost.job-budget", "credit-scoring", &[], &[]);
}

#[test]
fn without_a_price_of_frankfurt_the_budget_of_tuning_may_not_suffice() {
    let expect = ["warning training-job.tune: training-job.tune costs 0–1057 USD; its budget is 900 USD"];
    check_example("cost.job-budget", "support-assistant", &[], &expect);
}
