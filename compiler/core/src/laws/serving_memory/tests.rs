//! The serving estimates that the example platforms' arithmetic expects.

use super::*;
use crate::laws::format::decimals;
use crate::laws::interval::Verdict;
use crate::laws::transformer::{Bias, Experts, Norm};

/// An L40S shows 46,068 MiB.
const L40S: Interval = Interval::exactly(46_068.0 * 1_048_576.0);

fn drafts() -> ServingMemory {
    ServingMemory {
        dimensions: Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256),
        precision: Precision::Half,
        kv_element: 2.0,
        window: None,
        tensor: 1,
        pipeline: 1,
        expert: 1,
        context: 8192,
        concurrency: 16,
        max_batched_tokens: 8192,
    }
}

/// bge-m3: an XLM-RoBERTa with 24 layers, 8194 positions and 250,002 tokens.
fn bge_m3() -> Dimensions {
    let mut d = Dimensions::decoder(24, 1024, 4096, 16, 16, 250_002);
    d.gated = false;
    d.head = false;
    d.norm = Norm::Layer;
    d.final_norm = false;
    d.embedding_norm = true;
    d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
    d.learned_positions = 8194;
    d.token_types = 1;
    d
}

#[track_caller]
fn check(bytes: Interval, low: &str, high: &str) {
    let places = low.split_once('.').map_or(0, |(_, digits)| digits.len());
    let printed = (decimals(bytes.low / GIB, places), decimals(bytes.high / GIB, places));
    assert_eq!((printed.0.as_str(), printed.1.as_str()), (low, high));
}

#[test]
fn sixteen_contexts_of_8192_tokens_fit_an_l40s() {
    let e = estimate(&drafts());
    check(e.named("weights"), "14.96", "14.96");
    check(e.named("kv-cache"), "16.00", "16.00");
    check(e.named("activations"), "1.0", "2.5");
    check(e.named("framework"), "0.5", "1.0");
    check(e.total, "32.5", "34.5");
    check(budget(L40S, 0.9), "40.49", "40.49");
    assert_eq!(e.verdict(budget(L40S, 0.9)), Verdict::Fits);
}

#[test]
fn forty_contexts_are_refused() {
    let e = estimate(&ServingMemory { concurrency: 40, ..drafts() });
    check(e.named("kv-cache"), "40.00", "40.00");
    check(Interval::exactly(e.total.low), "56.5", "56.5");
    assert_eq!(e.verdict(budget(L40S, 0.9)), Verdict::DoesNotFit);
}

#[test]
fn the_room_left_holds_22_to_24_full_contexts() {
    let room = room(&drafts(), budget(L40S, 0.9));
    check(room.kv, "22.0", "24.0");
    assert_eq!(room.contexts, Interval::new(22.0, 24.0));
    assert!(room.longest_context.low >= 8192.0 * 22.0 / 16.0);
}

#[test]
fn an_embedding_model_fits_the_smallest_slice_of_an_a100() {
    let encoder = EncoderMemory { dimensions: bge_m3(), precision: Precision::Half, batch: 32, context: 512 };
    let e = encoder_estimate(&encoder);
    check(e.named("activations"), "0.88", "1.50");
    check(e.named("framework"), "0.50", "0.92");
    // 566.4 M parameters in the arithmetic, 566.7 M in the exact count: half a MiB apart.
    assert!((e.total.low / GIB - 2.43).abs() < 0.01 && (e.total.high / GIB - 3.47).abs() < 0.01);
    assert!(e.total.high <= 4.2 * GIB);
    assert_eq!(e.verdict(Interval::exactly(4.75 * 0.9 * GIB)), Verdict::Fits);
}

#[test]
fn every_precision_costs_what_the_table_says() {
    let table = [
        (Precision::Fp32, 4.0),
        (Precision::Half, 2.0),
        (Precision::EightBit, 1.0),
        (Precision::Int4, 0.5),
        (Precision::Mxfp8, 1.0 + 1.0 / 32.0),
        (Precision::Mxfp6, 0.75 + 1.0 / 32.0),
        (Precision::Mxfp4, 0.5 + 1.0 / 32.0),
        (Precision::Nvfp4, 0.5 + 1.0 / 16.0),
        (Precision::Nf4, 0.5 + 4.0 / 64.0),
    ];
    for (precision, expect) in table {
        assert_eq!(precision.bytes(), expect);
    }
}

#[test]
fn quantised_weights_may_keep_their_tables_in_bf16() {
    assert_eq!(weight_bytes(8e9, 1e9, Precision::Int4), Interval::new(4e9, 5.5e9));
    assert_eq!(weight_bytes(8e9, 1e9, Precision::Half), Interval::exactly(16e9));
}

#[test]
fn fp8_may_leave_nine_gib_of_attention_in_bf16_on_each_of_eight_gpus() {
    let d = Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256);
    let serving = ServingMemory { dimensions: d, precision: Precision::EightBit, tensor: 8, ..drafts() };
    let weights = estimate(&serving).named("weights");
    check(weights, "47.2", "56.1");
}

#[test]
fn the_405b_evaluation_holds_47_gib_of_weights_a_gpu_on_16() {
    let serving = ServingMemory {
        dimensions: Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256),
        tensor: 16,
        ..drafts()
    };
    check(estimate(&serving).named("weights"), "47.2", "47.2");
}

#[test]
fn a_pipeline_divides_layers_and_leaves_a_table_on_the_end_ranks() {
    let whole = estimate(&drafts());
    let halves = estimate(&ServingMemory { pipeline: 2, ..drafts() });
    assert_eq!(halves.named("kv-cache") * 2.0, whole.named("kv-cache"));
    check(halves.named("weights"), "7.48", "7.48");
}

#[test]
fn experts_are_divided_over_their_own_group() {
    let mut d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 32_000);
    d.experts = Some(Experts {
        count: 8,
        per_token: 2,
        ffn: 14_336,
        shared: 0,
        dense_layers: 0,
        router_bias: false,
        shared_gate: false,
    });
    let routed = 32.0 * 8.0 * 3.0 * 4096.0 * 14_336.0;
    let serving = ServingMemory { dimensions: d, expert: 8, ..drafts() };
    let expect = 2.0 * (46_702_792_704.0 - routed + routed / 8.0);
    assert!((estimate(&serving).named("weights").high / expect - 1.0).abs() < 1e-12);
}

#[test]
fn recipes_ask_a_fifth_more_than_the_weights() {
    assert_eq!(recipe_minimum(100.0), 120.0);
}

#[test]
fn absurd_settings_do_not_panic() {
    let serving = ServingMemory {
        dimensions: Dimensions::decoder(0, 0, 0, 0, 0, 0),
        tensor: 0,
        pipeline: 0,
        context: u64::MAX,
        concurrency: u64::MAX,
        ..drafts()
    };
    assert_eq!(estimate(&serving).terms.len(), 4);
    let _ = room(&serving, Interval::ZERO);
}
