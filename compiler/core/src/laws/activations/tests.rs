//! Table 2 of arXiv:2205.05198 and the figures that go with it.

use super::*;

/// A GPT of the paper: layer norms, a plain feed-forward part of 4h, as many key heads as query heads.
fn gpt(hidden: u64, heads: u64) -> Dimensions {
    let mut d = Dimensions::decoder(1, hidden, 4 * hidden, heads, heads, 51_200);
    d.gated = false;
    d
}

fn setting(tensor: f64, sequence_parallel: bool, recompute: Recompute) -> Setting {
    Setting {
        recompute,
        flash: false,
        compiled: false,
        element: 2.0,
        least_element: 2.0,
        tensor,
        sequence_parallel,
        sequence: 2048.0,
        frozen: false,
        quantised: false,
    }
}

const CORE: Recompute = Recompute::Selective(Modules { core_attention: true, layernorm: false, mlp: false });

/// Compares bytes a token in units of h with the paper's expression.
fn check(tensor: f64, sequence_parallel: bool, recompute: Recompute, expect: f64) {
    let (d, s) = (gpt(12_288, 96), setting(tensor, sequence_parallel, recompute));
    let kept = kept(&d, false, &s);
    let in_h = kept.bytes / 12_288.0;
    assert!((in_h.low - expect).abs() < 1e-9 && (in_h.high - expect).abs() < 1e-9, "{in_h:?}");
    assert!(kept.floor <= kept.bytes.low);
}

/// 5as/h of GPT-3, as the paper gives it.
const SCORES: f64 = 80.0;

#[test]
fn nothing_recomputed_is_34_and_the_scores() {
    check(1.0, false, Recompute::None, 34.0 + SCORES);
}

#[test]
fn tensor_parallelism_leaves_10_whole() {
    check(8.0, false, Recompute::None, 10.0 + 24.0 / 8.0 + SCORES / 8.0);
}

#[test]
fn sequence_parallelism_divides_all() {
    check(8.0, true, Recompute::None, (34.0 + SCORES) / 8.0);
}

#[test]
fn selective_recomputation_drops_the_scores() {
    check(8.0, false, CORE, 10.0 + 24.0 / 8.0);
    check(8.0, true, CORE, 34.0 / 8.0);
}

#[test]
fn fused_attention_costs_what_selective_recomputation_does() {
    let (d, s) = (gpt(12_288, 96), setting(8.0, true, Recompute::None));
    let fused = kept(&d, false, &Setting { flash: true, ..s });
    assert_eq!(fused.bytes, kept(&d, false, &Setting { recompute: CORE, ..s }).bytes);
}

#[test]
fn full_recomputation_keeps_one_boundary_tensor() {
    check(8.0, false, Recompute::Full, 2.0);
    check(8.0, true, Recompute::Full, 2.0 / 8.0);
}

#[test]
fn selective_recomputation_saves_what_the_paper_says() {
    // 70% on GPT-3 (a = 96, h = 12288), 65% on MT-NLG (a = 128, h = 20480).
    for (hidden, heads, expect) in [(12_288, 96, 0.70), (20_480, 128, 0.65)] {
        let d = gpt(hidden, heads);
        let of = |recompute| kept(&d, false, &setting(8.0, true, recompute)).bytes.low;
        let saved = 1.0 - of(CORE) / of(Recompute::None);
        assert!((saved - expect).abs() < 0.005, "{saved}");
    }
}

#[test]
fn one_layer_of_the_405b_run_keeps_what_its_arithmetic_says() {
    // (14h + 6…8·ffn)/t with layernorm made again, 18h without; at least 8.25h + 6·ffn.
    let d = Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256);
    let modules = Modules { core_attention: true, layernorm: true, mlp: false };
    let s = Setting { flash: true, ..setting(8.0, true, Recompute::Selective(modules)) };
    let (h, f) = (16_384.0, 53_248.0);
    let with = kept(&d, false, &s);
    assert_eq!(with.bytes, Interval::new(14.0 * h + 6.0 * f, 14.0 * h + 8.0 * f) / 8.0);
    assert_eq!(with.floor, (8.25 * h + 6.0 * f) / 8.0);
    let without = kept(&d, false, &Setting { recompute: CORE, ..s });
    assert_eq!(without.bytes, Interval::new(18.0 * h + 6.0 * f, 18.0 * h + 8.0 * f) / 8.0);
    assert_eq!(without.floor, (12.25 * h + 6.0 * f) / 8.0);
}

#[test]
fn a_compiler_may_make_norm_outputs_again() {
    let d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256);
    let s = Setting { flash: true, ..setting(1.0, false, Recompute::None) };
    let compiled = kept(&d, false, &Setting { compiled: true, ..s });
    assert_eq!(kept(&d, false, &s).floor - compiled.floor, 4.0 * 4096.0);
}

#[test]
fn operator_level_selection_keeps_15_and_a_half_h_on_llama_8b() {
    let d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256);
    let s = Setting { flash: true, ..setting(1.0, false, Recompute::PerOperator) };
    assert!(kept(&d, false, &s).bytes.contains(15.5 * 4096.0));
}

/// Compares the working set in units of 2h with a coefficient that was measured, within 15%.
fn check_working_set(d: &Dimensions, measured: f64) {
    let s = Setting { flash: true, ..setting(1.0, false, Recompute::Full) };
    let c = working_set(d, false, &s).bytes.high / (2.0 * d.hidden as f64);
    assert!((c / measured - 1.0).abs() < 0.15, "{c} is far from {measured}");
}

#[test]
fn the_working_set_of_one_layer_agrees_with_the_measured_coefficients() {
    check_working_set(&Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256), 28.0);
    check_working_set(&Dimensions::decoder(32, 960, 2560, 15, 5, 49_152), 24.0);
    let mut qwen = Dimensions::decoder(36, 2560, 9728, 32, 8, 151_936);
    qwen.head_dim = 128;
    qwen.qk_norm = QkNorm::PerHead;
    check_working_set(&qwen, 38.0);
    let mut gemma = Dimensions::decoder(18, 2048, 16_384, 8, 1, 256_000);
    gemma.head_dim = 256;
    check_working_set(&gemma, 48.0);
}

#[test]
fn experts_may_keep_nothing_where_no_token_goes() {
    let mut d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 32_000);
    d.experts = Some(crate::laws::transformer::Experts {
        count: 8,
        per_token: 2,
        ffn: 14_336,
        shared: 0,
        dense_layers: 0,
        router_bias: false,
        shared_gate: false,
    });
    let s = Setting { flash: true, ..setting(1.0, false, Recompute::None) };
    assert_eq!(kept(&d, true, &s).floor, 13.0 * 4096.0);
    assert!(kept(&d, true, &s).bytes.low > 6.0 * 2.0 * 14_336.0);
}

#[test]
fn frozen_weights_need_fewer_inputs() {
    let d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256);
    let s = Setting { flash: true, ..setting(1.0, false, Recompute::None) };
    let frozen = kept(&d, false, &Setting { frozen: true, ..s });
    assert_eq!(frozen.floor, 9.0 * 4096.0 + 4.0 * 14_336.0);
    let quantised = kept(&d, false, &Setting { frozen: true, quantised: true, ..s });
    assert_eq!(quantised.bytes.high - frozen.bytes.high, 4.0 * 4096.0 + 2.0 * 14_336.0);
}
