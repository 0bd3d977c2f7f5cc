//! Counts that papers and model cards publish, recomputed from the dimensions.

use super::*;

fn check(d: &Dimensions, expect: u64) {
    assert_eq!(parameters(d), expect);
}

fn with(mut d: Dimensions, change: impl FnOnce(&mut Dimensions)) -> Dimensions {
    change(&mut d);
    d
}

/// BLOOM-176B: plain feed-forward part, layer norms, a bias everywhere, a norm after the embedding.
fn bloom() -> Dimensions {
    with(Dimensions::decoder(70, 14_336, 57_344, 112, 112, 250_880), |d| {
        d.gated = false;
        d.tied = true;
        d.norm = Norm::Layer;
        d.embedding_norm = true;
        d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
    })
}

fn experts(count: u64, per_token: u64, ffn: u64) -> Experts {
    Experts { count, per_token, ffn, shared: 0, dense_layers: 0, router_bias: false, shared_gate: false }
}

fn deepseek_v3() -> Dimensions {
    with(Dimensions::decoder(61, 7168, 18_432, 128, 128, 129_280), |d| {
        d.mla = Some(Mla { q_rank: Some(1536), kv_rank: 512, rope_dim: 64, nope_dim: 128, v_dim: 128 });
        d.experts = Some(Experts { shared: 1, dense_layers: 3, router_bias: true, ..experts(256, 8, 2048) });
    })
}

#[test]
fn llama_3_1_8b_has_its_published_count() {
    let d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256);
    assert_eq!(layer_parameters(&d, false), 218_112_000.0);
    check(&d, 8_030_261_248);
}

#[test]
fn llama_3_1_70b_has_its_published_count() {
    check(&Dimensions::decoder(80, 8192, 28_672, 64, 8, 128_256), 70_553_706_496);
}

#[test]
fn llama_3_1_405b_has_its_published_count() {
    let d = Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256);
    assert_eq!(layer_parameters(&d, false), 3_187_703_808.0);
    check(&d, 405_853_388_800);
}

#[test]
fn mistral_7b_has_its_published_count() {
    check(&Dimensions::decoder(32, 4096, 14_336, 32, 8, 32_000), 7_241_732_096);
}

#[test]
fn qwen_2_5_7b_counts_the_bias_of_its_queries_keys_and_values() {
    let d = Dimensions::decoder(28, 3584, 18_944, 28, 4, 152_064);
    check(&with(d, |d| d.bias.qkv = true), 7_615_616_512);
}

#[test]
fn qwen_3_8b_counts_its_head_norms() {
    let d = Dimensions::decoder(36, 4096, 12_288, 32, 8, 151_936);
    check(&with(d, |d| d.qk_norm = QkNorm::PerHead), 8_190_735_360);
}

#[test]
fn gemma_2_9b_counts_four_norms_and_a_tied_head() {
    let d = Dimensions::decoder(42, 3584, 14_336, 16, 8, 256_000);
    let d = with(d, |d| {
        d.head_dim = 256;
        d.norms_per_layer = 4;
        d.tied = true;
    });
    check(&d, 9_241_705_984);
}

#[test]
fn gpt_2_counts_learned_positions_and_biases() {
    let d = Dimensions::decoder(12, 768, 3072, 12, 12, 50_257);
    let d = with(d, |d| {
        d.gated = false;
        d.tied = true;
        d.norm = Norm::Layer;
        d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
        d.learned_positions = 1024;
    });
    check(&d, 124_439_808);
}

#[test]
fn bert_base_counts_token_types_and_the_pooler() {
    let d = Dimensions::decoder(12, 768, 3072, 12, 12, 30_522);
    let d = with(d, |d| {
        d.gated = false;
        d.head = false;
        d.norm = Norm::Layer;
        d.final_norm = false;
        d.embedding_norm = true;
        d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
        d.learned_positions = 512;
        d.token_types = 2;
        d.pooler = true;
    });
    check(&d, 109_482_240);
}

#[test]
fn a_bloom_layer_and_its_embedding_have_the_counts_of_the_training_log() {
    let d = bloom();
    assert_eq!(layer_parameters(&d, false), 2_466_437_120.0);
    assert_eq!(d.vocab as f64 * d.hidden as f64, 3_596_615_680.0);
    check(&d, 176_247_271_424);
}

#[test]
fn the_closed_form_of_the_megatron_paper_agrees_with_the_sum() {
    // P = 12·L·h²·(1 + 13/(12h) + (V+s)/(12·L·h)), arXiv:2104.04473 eq. 2; it leaves out the final norm.
    let d = with(bloom(), |d| {
        d.embedding_norm = false;
        d.final_norm = false;
        d.learned_positions = 2048;
    });
    let (l, h, vs) = (70.0, 14_336.0, 250_880.0 + 2048.0);
    let closed = 12.0 * l * h * h * (1.0 + 13.0 / (12.0 * h) + vs / (12.0 * l * h));
    assert!((parameters(&d) as f64 / closed - 1.0).abs() < 1e-12);
}

#[test]
fn mixtral_8x7b_has_its_published_total_and_active_counts() {
    let d = Dimensions::decoder(32, 4096, 14_336, 32, 8, 32_000);
    let d = with(d, |d| d.experts = Some(experts(8, 2, 14_336)));
    check(&d, 46_702_792_704);
    assert_eq!(active_parameters(&d), 12_879_925_248);
}

#[test]
fn deepseek_v3_has_its_published_total_and_active_counts() {
    // The paper says 671 B and 37 B activated (arXiv:2412.19437); a token reads one row of the embedding.
    let d = deepseek_v3();
    assert_eq!(parameters(&d) / 1_000_000_000, 671);
    let activated = active_parameters(&d) as f64 - embedding_parameters(&d);
    assert_eq!((activated / 1e9).round(), 37.0);
}

#[test]
fn the_largest_layer_of_a_mixture_is_one_with_experts() {
    let d = deepseek_v3();
    assert_eq!(largest_layer_parameters(&d), layer_parameters(&d, true));
    assert!(layer_parameters(&d, true) > layer_parameters(&d, false));
}

#[test]
fn absurd_dimensions_neither_overflow_nor_panic() {
    let d = Dimensions::decoder(u64::MAX, u64::MAX, u64::MAX, u64::MAX, u64::MAX, u64::MAX);
    assert_eq!(parameters(&d), u64::MAX);
    check(&Dimensions::decoder(0, 0, 0, 0, 0, 0), 0);
}
