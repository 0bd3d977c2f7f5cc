//! Every architecture of the catalog has exactly the parameters that its dimensions add up to.

use purlin_core::laws::transformer::{Dimensions, active_parameters, parameters};

#[test]
fn every_count_is_that_of_the_dimensions() {
    for stated in purlin_stdlib::architectures() {
        assert_eq!(stated.parameters, Some(parameters(&Dimensions::from(stated))), "{}", stated.name);
    }
}

#[test]
fn there_are_the_families_that_are_promised() {
    let families = [
        "llama-2-70b",
        "llama-3.1-405b",
        "llama-4-maverick",
        "mistral-nemo-12b",
        "mixtral-8x22b",
        "qwen2-72b",
        "qwen2.5-32b",
        "qwen3-235b-a22b",
        "gemma-3-27b",
        "phi-4",
        "deepseek-v2-lite",
        "deepseek-v3",
        "gpt-oss-120b",
        "falcon-180b",
        "bloom-176b",
        "opt-66b",
        "gpt-neox-20b",
        "mpt-30b",
        "bert-base",
        "roberta-large",
        "bge-m3",
        "e5-large-v2",
        "all-minilm-l6-v2",
        "gte-large",
    ];
    for name in families {
        assert!(purlin_stdlib::architecture(name).is_some(), "{name}");
    }
    assert!(purlin_stdlib::architectures().len() >= 40);
}

#[test]
fn a_mixture_is_named_after_the_parameters_that_a_token_passes() {
    let billions = |name| {
        let stated = purlin_stdlib::architecture(name).expect("in the catalog");
        active_parameters(&Dimensions::from(stated)) as f64 / 1e9
    };
    assert!((billions("qwen3-30b-a3b") - 3.3).abs() < 0.1, "{}", billions("qwen3-30b-a3b"));
    assert!((billions("qwen3-235b-a22b") - 22.0).abs() < 0.5, "{}", billions("qwen3-235b-a22b"));
    assert!((billions("llama-4-scout") - 17.0).abs() < 0.3, "{}", billions("llama-4-scout"));
    assert!((billions("deepseek-v3") - 37.5).abs() < 0.5, "{}", billions("deepseek-v3"));
}

#[test]
fn heads_divide_as_attention_needs() {
    for stated in purlin_stdlib::architectures() {
        assert_eq!(stated.heads % stated.kv_heads, 0, "{}", stated.name);
        assert!(stated.window_layers.unwrap_or(0) <= stated.layers, "{}", stated.name);
    }
}
