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
fn deepseek_models_have_the_counts_of_their_published_weights() {
    check(&deepseek_v3(), 671_026_419_200);
    let lite = with(Dimensions::decoder(27, 2048, 10_944, 16, 16, 102_400), |d| {
        d.mla = Some(Mla { q_rank: None, kv_rank: 512, rope_dim: 64, nope_dim: 128, v_dim: 128 });
        d.experts = Some(Experts { shared: 2, dense_layers: 1, ..experts(64, 6, 1408) });
    });
    check(&lite, 15_706_484_224);
}

#[test]
fn mixtures_have_the_counts_of_their_published_weights() {
    let d = Dimensions::decoder(56, 6144, 16_384, 48, 8, 32_768);
    check(&with(d, |d| d.experts = Some(experts(8, 2, 16_384))), 140_630_071_296);
    let qwen_3 = with(Dimensions::decoder(48, 2048, 6144, 32, 4, 151_936), |d| {
        d.head_dim = 128;
        d.qk_norm = QkNorm::PerHead;
        d.experts = Some(experts(128, 8, 768));
    });
    check(&qwen_3, 30_532_122_624);
    let qwen_1_5 = with(Dimensions::decoder(24, 2048, 5632, 16, 16, 151_936), |d| {
        d.bias.qkv = true;
        d.experts = Some(Experts { shared: 4, shared_gate: true, ..experts(60, 4, 1408) });
    });
    check(&qwen_1_5, 14_315_784_192);
}

#[test]
fn gpt_oss_counts_sinks_and_the_bias_of_experts_and_router() {
    let gpt_oss = |layers, count| {
        with(Dimensions::decoder(layers, 2880, 2880, 64, 8, 201_088), |d| {
            d.head_dim = 64;
            d.attention_sinks = true;
            d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
            d.experts = Some(Experts { router_bias: true, ..experts(count, 4, 2880) });
        })
    };
    check(&gpt_oss(24, 32), 20_914_757_184);
    check(&gpt_oss(36, 128), 116_829_156_672);
}

#[test]
fn older_decoders_have_the_counts_of_their_published_weights() {
    let plain = |d: Dimensions, norms: u64| {
        with(d, |d| {
            d.gated = false;
            d.norm = Norm::Layer;
            d.norms_per_layer = norms;
            d.bias = Bias { qkv: true, output: true, mlp: true, head: false };
        })
    };
    let opt = plain(Dimensions::decoder(32, 4096, 16_384, 32, 32, 50_272), 2);
    let opt = with(opt, |d| (d.tied, d.learned_positions) = (true, 2050));
    check(&opt, 6_658_473_984);
    check(&plain(Dimensions::decoder(44, 6144, 24_576, 64, 64, 50_432), 2), 20_554_567_680);
    let phi = plain(Dimensions::decoder(32, 2560, 10_240, 32, 32, 51_200), 1);
    check(&with(phi, |d| d.bias.head = true), 2_779_683_840);
    let falcon = plain(Dimensions::decoder(32, 4544, 18_176, 71, 1, 65_024), 1);
    check(&with(falcon, |d| (d.tied, d.bias) = (true, Bias::default())), 6_921_720_704);
}

#[test]
fn norms_of_all_heads_together_and_of_each_head_are_told_apart() {
    let olmo_2 = Dimensions::decoder(32, 4096, 11_008, 32, 32, 100_352);
    check(&with(olmo_2, |d| d.qk_norm = QkNorm::Whole), 7_298_617_344);
    let gemma_3 = with(Dimensions::decoder(26, 1152, 6912, 4, 1, 262_144), |d| {
        d.head_dim = 256;
        d.norms_per_layer = 4;
        d.tied = true;
        d.qk_norm = QkNorm::PerHead;
    });
    check(&gemma_3, 999_885_952);
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
