//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::check::testing::{check_example, check_page};

#[test]
fn the_page_of_cuda_driver_does_what_it_says() {
    check_page(&super::cuda_driver::RULE);
}

#[test]
fn the_page_of_dtype_does_what_it_says() {
    check_page(&super::dtype::RULE);
}

#[test]
fn the_page_of_gpu_memory_does_what_it_says() {
    check_page(&super::gpu_memory::RULE);
}

#[test]
fn the_page_of_image_arch_does_what_it_says() {
    check_page(&super::image_arch::RULE);
}

#[test]
fn the_page_of_instance_offered_does_what_it_says() {
    check_page(&super::instance_offered::RULE);
}

#[test]
fn the_page_of_mig_geometry_does_what_it_says() {
    check_page(&super::mig_geometry::RULE);
}

#[test]
fn the_page_of_mig_profile_does_what_it_says() {
    check_page(&super::mig_profile::RULE);
}

#[test]
fn the_page_of_mig_strategy_does_what_it_says() {
    check_page(&super::mig_strategy::RULE);
}

#[test]
fn the_page_of_nvlink_domain_does_what_it_says() {
    check_page(&super::nvlink_domain::RULE);
}

#[test]
fn the_page_of_parallel_divides_does_what_it_says() {
    check_page(&super::parallel_divides::RULE);
}

#[test]
fn the_page_of_parallel_world_does_what_it_says() {
    check_page(&super::parallel_world::RULE);
}

/// The changes of the examples' own tests, by hand: text of the base is replaced.
#[test]
fn tuning_without_recomputation_at_micro_batch_16_is_refused() {
    let changes = [
        ("activation-checkpointing full", "activation-checkpointing none"),
        ("micro=2 sequence", "micro=16 sequence"),
    ];
    let expect = ["error training-job.tune: training-job.tune needs at least"; 2];
    check_example("hardware.gpu-memory", "support-assistant", &changes, &expect);
}

#[test]
fn forty_full_contexts_are_refused() {
    let expect = ["error serving.drafts: serving.drafts needs at least"];
    check_example(
        "hardware.gpu-memory",
        "support-assistant",
        &[("concurrency 16", "concurrency 40")],
        &expect,
    );
}

#[test]
fn phase_1_without_context_parallelism_is_refused() {
    let expect = ["error training-job.phase-1: training-job.phase-1 needs at least"];
    let changes = [("        context 2  ", "        context 1  ")];
    check_example("hardware.gpu-memory", "pretrain-405b", &changes, &expect);
}

#[test]
fn the_examples_break_no_rule_of_hardware() {
    for project in ["support-assistant", "pretrain-405b", "credit-scoring"] {
        for rule in super::RULES {
            check_example(rule.id, project, &[], &[]);
        }
    }
}
