//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::check::testing::{check, check_example, check_page};

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

const BASE: &str = r#"
platform shop { owner ml }
team ml { contact "ml@shop.example" }
cloud aws provider=aws account="123456789012" region=us-east-1
network net cloud=aws { cidr "10.0.0.0/16"; zones us-east-1a }
cluster main { cloud aws; network net; kubernetes "1.34" }
"#;

#[track_caller]
fn check_with(rule: &str, rest: &str, expect: &[&str]) {
    check(rule, &format!("{BASE}{rest}"), expect);
}

#[test]
fn a_block_has_a_size_and_a_length_that_are_sold() {
    let rest = "gpu-pool h cluster=main { instance p5.48xlarge; nodes 3; capacity capacity-block {
        block cr-1 nodes=3; zone us-east-1a; start \"2026-12-01T11:30:00Z\"; end \"2026-12-17T11:30:00Z\" } }";
    let expect = [
        "error gpu-pool.h: no capacity block has 3 instances",
        "error gpu-pool.h: no capacity block lasts 16d",
    ];
    check_with("capacity.capacity-kind", rest, &expect);
}

#[test]
fn two_queues_cannot_promise_the_same_gpus() {
    let rest = "gpu-pool h cluster=main { instance p5.48xlarge; nodes 2; capacity spot }
    queue a { over h; nominal-quota gpus=16 }
    queue b { over h; nominal-quota gpus=8 }";
    check_with(
        "capacity.queue-covers",
        rest,
        &["error queue.a: queues promise 24 GPUs of gpu-pool.h together; it has 16"],
    );
}

#[test]
fn slices_that_a_rollout_needs_are_counted() {
    let rest = "gpu-pool a100 cluster=main { instance p4d.24xlarge; nodes 1; mig mixed { layout a { devices 0; profile \"1g.5gb\" count=7 } } }
    serving embed { model bge-m3; on a100 profile=\"1g.5gb\"; context 512; concurrency 8; replicas 4; rollout blue-green }";
    check_with(
        "capacity.pool-capacity",
        rest,
        &["error gpu-pool.a100: 8 slices 1g.5gb are held at the worst moment; gpu-pool.a100 has 7"],
    );
}
