//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::check::testing::{check_example, check_page};

#[test]
fn the_page_of_capacity_kind_does_what_it_says() {
    check_page(&super::capacity_kind::RULE);
}

#[test]
fn the_page_of_pool_capacity_does_what_it_says() {
    check_page(&super::pool_capacity::RULE);
}

#[test]
fn the_page_of_queue_covers_does_what_it_says() {
    check_page(&super::queue_covers::RULE);
}

#[test]
fn the_examples_have_the_capacity_that_they_need() {
    for project in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        check_example("capacity.pool-capacity", project, &[], &[]);
        check_example("capacity.queue-covers", project, &[], &[]);
    }
}

#[test]
fn staging_waits_for_its_h100_on_demand_as_its_waiver_says() {
    let expect = ["warning gpu-pool.h100: p5.48xlarge on demand is often not to be had"];
    check_example("capacity.capacity-kind", "support-assistant", &[], &expect);
    check_example("capacity.capacity-kind", "pretrain-405b", &[], &[]);
    check_example("capacity.capacity-kind", "credit-scoring", &[], &[]);
}
