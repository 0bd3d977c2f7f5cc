//! The estimates that the example platforms' arithmetic expects, term by term.

use super::*;
use crate::laws::activations::Modules;
use crate::laws::format::decimals;
use crate::laws::serving_memory::Precision;

/// What an H100 with 80 GB shows: 79.1–79.65 GiB (§4).
const H100: Interval = Interval { low: 79.1 * GIB, high: 79.65 * GIB };

/// Full fine-tuning of Llama-3.1-8B with fully sharded fp32 states on `data` GPUs.
pub(in crate::laws) fn tune(data: u64) -> TrainingMemory {
    TrainingMemory {
        dimensions: Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256),
        family: None,
        adapters: None,
        regime: Regime::ShardedFp32,
        optimizer: Optimizer::Adam,
        sharding: Sharding::Zero3,
        shard_group: None,
        offload_optimizer: false,
        offload_weights: false,
        optimizer_in_backward: false,
        recompute: Recompute::Full,
        flash: true,
        compiled: false,
        fp8: false,
        loss: Loss::Unsaid,
        tensor: 1,
        sequence_parallel: false,
        pipeline: 1,
        virtual_pipeline: 1,
        embedding_as_layer: false,
        loss_as_layer: false,
        context: 1,
        expert: 1,
        data,
        micro_batch: 2,
        micro_batches: Some(8),
        sequence: 8192,
    }
}

/// Pretraining of a 405B model on 512 GPUs.
fn phase_1() -> TrainingMemory {
    let modules = Modules { core_attention: true, layernorm: true, mlp: false };
    TrainingMemory {
        dimensions: Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256),
        regime: Regime::MixedFp32Gradients,
        sharding: Sharding::Zero1,
        recompute: Recompute::Selective(modules),
        tensor: 8,
        sequence_parallel: true,
        pipeline: 16,
        virtual_pipeline: 8,
        embedding_as_layer: true,
        loss_as_layer: true,
        context: 2,
        micro_batch: 1,
        micro_batches: Some(256),
        ..tune(2)
    }
}

/// Compares GiB with the expected ends to the printed digits.
#[track_caller]
fn check(bytes: Interval, low: &str, high: &str) {
    let places = low.split_once('.').map_or(0, |(_, digits)| digits.len());
    let printed = (decimals(bytes.low / GIB, places), decimals(bytes.high / GIB, places));
    assert_eq!((printed.0.as_str(), printed.1.as_str()), (low, high));
}

fn states(e: &MemoryEstimate) -> Interval {
    e.terms.iter().filter(|term| term.formula.starts_with("bytes a parameter")).map(|term| term.bytes).sum()
}

#[test]
fn tuning_on_16_gpus_needs_19_to_33_gib() {
    let e = estimate(&tune(16));
    check(e.total, "19.1", "33.4");
    check(states(&e), "7.48", "7.48");
    check(e.named("gathered"), "1.79", "1.79");
    check(e.named("gradients") + states(&e) * -0.25, "0.81", "1.96");
    check(e.named("activations"), "4.00", "4.00");
    check(e.named("working set"), "3.50", "3.50");
    check(e.named("logits"), "0.00", "11.74");
    check(e.named("framework"), "1.47", "2.92");
    assert_eq!(judge(&tune(16), H100).0, Verdict::Fits);
}

#[test]
fn tuning_on_8_gpus_needs_26_to_41_gib() {
    let e = estimate(&tune(8));
    check(e.total, "26.5", "40.9");
    check(states(&e), "14.96", "14.96");
    assert_eq!(judge(&tune(8), H100).0, Verdict::Fits);
}

#[test]
fn tuning_without_recomputation_at_micro_batch_16_is_refused() {
    let run = TrainingMemory { recompute: Recompute::None, micro_batch: 16, ..tune(16) };
    let (verdict, e) = judge(&run, H100);
    assert_eq!(verdict, Verdict::DoesNotFit);
    let activations = e.terms.iter().find(|term| term.name == "activations").unwrap();
    assert!(activations.floor / GIB >= 532.0, "{}", activations.floor / GIB);
}

#[test]
fn the_second_pipeline_rank_of_phase_1_needs_65_to_74_gib() {
    let e = estimate(&phase_1());
    check(e.total, "65.1", "73.7");
    check(states(&e), "26.72", "26.72");
    check(e.named("activations"), "36.90", "44.06");
    check(e.named("framework"), "1.47", "2.92");
    assert_eq!(e.rank, "pipeline rank 1 of 16");
    assert_eq!(judge(&phase_1(), H100).0, Verdict::Fits);
}

#[test]
fn phase_1_without_layernorm_recomputation_only_just_fits() {
    let modules = Modules { core_attention: true, layernorm: false, mlp: false };
    let run = TrainingMemory { recompute: Recompute::Selective(modules), ..phase_1() };
    check(estimate(&run).total, "69.5", "78.1");
    assert_eq!(judge(&run, H100).0, Verdict::Fits);
}

#[test]
fn phase_1_without_context_parallelism_is_refused_on_its_floor() {
    let run = TrainingMemory { context: 1, data: 4, ..phase_1() };
    let (verdict, e) = judge(&run, H100);
    check(e.named("activations"), "73.8", "88.1");
    check(Interval::new(e.floor, e.total.low), "89.3", "102.0");
    assert_eq!(verdict, Verdict::DoesNotFit);
}

#[test]
fn phase_1_on_a_smaller_card_is_too_close_to_call() {
    // Between 54.2 GiB, all that is proven, and 73.7 lies the capacity of a smaller card.
    let small = Interval::new(60.0 * GIB, 70.0 * GIB);
    assert_eq!(judge(&phase_1(), small).0, Verdict::TooClose);
}

#[test]
fn context_parallel_ranks_share_the_states() {
    let run = TrainingMemory { data: 1, context: 8, ..tune(1) };
    check(states(&estimate(&run)), "14.96", "14.96");
}

#[test]
fn a_single_gpu_starts_no_communication_and_shards_nothing() {
    let e = estimate(&tune(1));
    check(e.named("framework"), "0.47", "0.92");
    check(states(&e), "119.66", "119.66");
    assert_eq!(judge(&tune(1), H100).0, Verdict::DoesNotFit);
}

#[test]
fn hybrid_sharding_divides_over_its_own_group() {
    let run = TrainingMemory { shard_group: Some(8), ..tune(16) };
    assert_eq!(states(&estimate(&run)), states(&estimate(&tune(8))));
}

#[test]
fn a_chunked_loss_lowers_the_high_end_only() {
    let (plain, chunked) =
        (estimate(&tune(16)), estimate(&TrainingMemory { loss: Loss::Chunked, ..tune(16) }));
    assert_eq!(plain.total.low, chunked.total.low);
    assert!(chunked.total.high < plain.total.high);
}

#[test]
fn logits_and_working_set_are_never_proven_together() {
    let e = estimate(&TrainingMemory { loss: Loss::Whole, ..tune(16) });
    let floors: Vec<f64> = e
        .terms
        .iter()
        .filter(|term| term.name == "logits" || term.name == "working set")
        .map(|term| term.floor)
        .collect();
    assert_eq!(floors.iter().filter(|floor| **floor > 0.0).count(), 1);
}

#[test]
fn no_floor_exceeds_its_prediction() {
    let runs = [tune(1), tune(16), phase_1(), TrainingMemory { tensor: 3, pipeline: 7, ..phase_1() }];
    for run in runs {
        for rank in ranks(&run) {
            assert!(rank.terms.iter().all(|term| term.floor <= term.bytes.low), "{rank:#?}");
        }
    }
}

#[test]
fn experts_are_divided_over_their_own_group() {
    // Mixtral on tensor 1, expert 8, data 8: each rank holds one expert's share of every block.
    let mut run = TrainingMemory {
        regime: Regime::MixedFp32Gradients,
        sharding: Sharding::Zero1,
        expert: 8,
        ..tune(8)
    };
    run.dimensions = Dimensions::decoder(32, 4096, 14_336, 32, 8, 32_000);
    run.dimensions.experts = Some(transformer::Experts {
        count: 8,
        per_token: 2,
        ffn: 14_336,
        shared: 0,
        dense_layers: 0,
        router_bias: false,
        shared_gate: false,
    });
    let routed = 32.0 * 3.0 * 4096.0 * 14_336.0;
    let dense = 46_702_792_704.0 - 8.0 * routed;
    let expect = dense * (6.0 + 12.0 / 8.0) + routed * 18.0;
    assert!((states(&estimate(&run)).high / expect - 1.0).abs() < 1e-12);
}

#[test]
fn absurd_settings_neither_panic_nor_hang() {
    let all = u64::MAX;
    let run = TrainingMemory {
        dimensions: Dimensions::decoder(all, all, all, all, all, all),
        tensor: all,
        pipeline: all,
        virtual_pipeline: all,
        micro_batch: all,
        sequence: all,
        context: 0,
        ..tune(0)
    };
    assert!(!ranks(&run).is_empty());
}

#[test]
fn torchtitans_measured_loss_and_workspaces_still_fit_the_tuning_run() {
    let run = TrainingMemory { family: Some(Family::Torchtitan), ..tune(16) };
    let (verdict, e) = judge(&run, H100);
    check(e.named("logits"), "25.4", "31.3");
    check(e.total, "44.5", "56.5");
    assert_eq!(verdict, Verdict::Fits);
}

#[test]
fn adapters_on_a_4_bit_base_train_llama_8b_on_a_card_of_24_gb() {
    let adapters = Adapters { rank: 16, every_linear: Some(true), base: Precision::Nf4 };
    let run = TrainingMemory {
        adapters: Some(adapters),
        sharding: Sharding::Replicated,
        regime: Regime::PureBf16,
        loss: Loss::Fused,
        micro_batch: 1,
        sequence: 4096,
        ..tune(1)
    };
    let (verdict, e) = judge(&run, Interval::exactly(23.55 * GIB));
    check(e.named("weights"), "4.3", "5.8");
    assert_eq!(verdict, Verdict::Fits);
    assert!(e.named("optimizer").high < 0.5 * GIB);
}

#[test]
fn adapters_do_not_help_where_the_base_alone_is_too_large() {
    let adapters = Adapters { rank: 8, every_linear: None, base: Precision::Half };
    let run = TrainingMemory { adapters: Some(adapters), sharding: Sharding::Replicated, ..tune(8) };
    assert_eq!(judge(&run, Interval::exactly(15.57 * GIB)).0, Verdict::DoesNotFit);
}

#[test]
fn a_sequence_of_32768_tokens_needs_7_and_8_gib_as_measured() {
    // Hugging Face on Llama-3.1-8B with checkpoints: one layer's working set, boundaries, fp32 logits.
    let run = TrainingMemory { micro_batch: 1, sequence: 32_768, ..tune(1) };
    let e = estimate(&run);
    check(e.named("working set"), "7.0", "7.0");
    check(e.named("activations"), "8.0", "8.0");
    assert!(e.named("logits").contains(4.0 * 32_768.0 * 128_256.0));
}
