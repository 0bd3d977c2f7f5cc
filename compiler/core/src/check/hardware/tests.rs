//! Every page of the layer does what it says, and the examples keep their verdicts.

use crate::MemoryWorld;
use crate::check::testing::{check, check_example, check_page};

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

/// Applies each cure that is offered for the first finding of a rule to the spec, and expects the rule to be silent.
#[track_caller]
fn check_cures(rule: &str, spec: &str, expect: &[&str]) {
    let session = crate::check::testing::session(&MemoryWorld::of(spec));
    let findings = session.findings();
    let finding = findings.iter().find(|finding| finding.diagnostic.rule == rule).expect("the rule speaks");
    let cures = finding.cures(&session);
    let titles: Vec<&str> = cures.iter().map(|cure| cure.title.as_str()).collect();
    assert_eq!(titles, expect);
    for cure in &cures {
        let mut edits: Vec<(usize, usize, &str)> = cure
            .edits
            .iter()
            .filter_map(|edit| {
                let at = session.sources.position(edit.span)?;
                Some((at.lo as usize, at.hi as usize, edit.text.as_str()))
            })
            .collect();
        edits.sort_unstable();
        let cured = edits.iter().rev().fold(spec.to_owned(), |mut text, (lo, hi, new)| {
            text.replace_range(*lo..*hi, new);
            text
        });
        check(rule, &cured, &[]);
    }
}

#[test]
fn a_job_that_does_not_fit_is_offered_settings_with_which_it_does() {
    let spec = "training-job tune {
    on gpu.h100-sxm5-80gb count=8
    model llama-3.1-8b
    run torchtitan
    precision bf16
    optimizer adamw
    parallel sharding=fsdp
    batch global=64 micro=4 sequence=8192
    attention flash
    loss chunked
}";
    check_cures("hardware.gpu-memory", spec, &["set micro-batch to 1", "compute activations again"]);
}

#[test]
fn an_endpoint_that_does_not_fit_is_offered_less_at_once() {
    let spec = "serving drafts {
    model llama-3.1-8b
    run vllm
    on gpu.l40s count=1
    context 8192
    concurrency 40
    max-batched-tokens 8192
}";
    let expect = ["set concurrency to 21", "set context to 4448", "cache keys and values in fp8"];
    check_cures("hardware.gpu-memory", spec, &expect);
}

#[test]
fn a_degree_that_does_not_divide_is_replaced_by_one_that_does() {
    let page = super::parallel_divides::RULE.page;
    let spec =
        page.split("```kdl\n").nth(1).and_then(|part| part.split("```").next()).expect("the page has a spec");
    let spec = spec.replace("global=60 micro=8", "global=64 micro=5");
    check_cures("hardware.parallel-divides", &spec, &["write 8"]);
}

const POOL: &str = r#"
platform shop { owner ml }
team ml { contact "ml@shop.example" }
cloud aws provider=aws account="123456789012" region=us-east-1
network net cloud=aws { cidr "10.0.0.0/16"; zones us-east-1a }
cluster main { cloud aws; network net; kubernetes "1.34" }
"#;

fn with_pool(rest: &str) -> String {
    format!("{POOL}{rest}")
}

#[test]
fn seven_slices_leave_a_slot_empty_and_nobody_is_to_blame() {
    let spec = with_pool(
        "gpu-pool a100 cluster=main { instance p4d.24xlarge; nodes 1; mig mixed { layout all { profile \"1g.5gb\" count=7 } } }",
    );
    check("hardware.mig-geometry", &spec, &[]);
}

#[test]
fn a_gpu_is_cut_once_and_has_to_be_there() {
    let spec = with_pool(
        "gpu-pool a100 cluster=main { instance p4d.24xlarge; nodes 1; mig mixed {
            layout a { devices 0 8; profile \"3g.20gb\" count=2 }
            layout b { devices 0; profile \"3g.20gb\" count=2 } } }",
    );
    check(
        "hardware.mig-geometry",
        &spec,
        &["error gpu-pool.a100: there is no GPU 8", "error gpu-pool.a100: GPU 0 is cut twice"],
    );
}

#[test]
fn an_unknown_instance_is_no_finding_of_these_rules() {
    let spec = with_pool(
        "gpu-pool x cluster=main { instance x9.giant; nodes 1; driver \"580\" }
        training-job tune { on x nodes=1; model llama-3.1-8b; precision bf16; optimizer adamw; parallel tensor=16; batch micro=64 sequence=8192 }",
    );
    for rule in super::RULES {
        check(rule.id, &spec, &[]);
    }
}

#[test]
fn an_instance_outside_a_list_that_is_not_whole_is_unknown_and_not_refused() {
    let spec = with_pool("gpu-pool h cluster=main { instance p5.48xlarge; nodes 1; capacity spot }")
        .replace("us-east-1", "eu-central-1");
    check("hardware.instance-offered", &spec, &[]);
}

#[test]
fn cuda_of_the_drivers_own_family_runs_whatever_its_minor_version() {
    let spec = with_pool(
        "gpu-pool h cluster=main { instance p5.48xlarge; nodes 1; capacity spot; driver \"580\" }
        training-job tune { on h nodes=1; model llama-3.1-8b; image \"ghcr.io/shop/tune:1\" cuda=\"13.2\" }",
    );
    check("hardware.cuda-driver", &spec, &[]);
    let older = spec.replace("580", "570");
    check(
        "hardware.cuda-driver",
        &older,
        &["warning training-job.tune: the image needs CUDA 13.2; driver 570 is older than 580"],
    );
}
