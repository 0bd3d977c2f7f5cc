//! Bytes of keys and values: a token, a context, a GPU (§5).

use super::interval::Interval;
use super::transformer::Dimensions;

/// Layers that attend only to a window; the others attend to the whole context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Layers with a window.
    pub layers: u64,
    /// Tokens of the window.
    pub tokens: u64,
}

/// How one GPU holds its share of the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KvShare {
    /// Bytes per token of one layer.
    pub layer: f64,
    /// Layers on the GPU that attend to the whole context.
    pub global_layers: f64,
    /// Layers on the GPU that attend to a window.
    pub local_layers: f64,
    /// Tokens of the window.
    pub window: f64,
}

/// Bytes per token and layer of `DeepSeek` V3.2's fp8 cache: 656 of latent, 132 of its indexer (§5).
pub const SPARSE_LATENT_FP8: f64 = 656.0 + 132.0;

/// Bytes per token of one layer, whole: 2 · kv-heads · head-dim · bytes, or (kv-rank + rope) · bytes with
/// latent attention (§5). `element` is the size of one cached number, 2 in bf16 and 1 in fp8.
pub fn layer_bytes(d: &Dimensions, element: f64) -> f64 {
    match &d.mla {
        Some(mla) => (mla.kv_rank as f64 + mla.rope_dim as f64) * element,
        None => 2.0 * d.kv_heads as f64 * d.head_dim as f64 * element,
    }
}

/// Bytes per token of the whole model, all layers counted.
pub fn token_bytes(d: &Dimensions, element: f64) -> f64 {
    d.layers as f64 * layer_bytes(d, element)
}

/// The share of one GPU: heads are divided up to kv-heads and repeated beyond, a latent cache is not
/// divided by tensor parallelism, layers are divided over the pipeline (§5).
pub fn share(d: &Dimensions, element: f64, tensor: u64, pipeline: u64, window: Option<Window>) -> KvShare {
    let ways = match d.mla {
        Some(_) => 1,
        None => tensor.min(d.kv_heads).max(1),
    };
    let p = pipeline.max(1);
    let local = window.map_or(0, |window| window.layers.min(d.layers));
    KvShare {
        layer: layer_bytes(d, element) / ways as f64,
        global_layers: (d.layers - local).div_ceil(p) as f64,
        local_layers: local.div_ceil(p) as f64,
        window: window.map_or(0.0, |window| window.tokens as f64),
    }
}

impl KvShare {
    /// Bytes of one context of the given length: at the low end a window's layers hold no more than the
    /// window, at the high end the engine keeps every layer alike (§5, hybrid attention).
    pub fn context_bytes(&self, tokens: f64) -> Interval {
        let high = (self.global_layers + self.local_layers) * self.layer * tokens;
        let windowed = self.local_layers * self.layer * tokens.min(self.window);
        Interval { low: self.global_layers * self.layer * tokens + windowed, high }
    }

    /// The longest context whose keys and values fit into `bytes`, in tokens rounded down to blocks of 16.
    pub fn longest_context(&self, bytes: f64) -> Interval {
        let all = self.global_layers + self.local_layers;
        let alike = bytes / (all * self.layer);
        let windows = self.local_layers * self.layer * self.window;
        let beyond = (bytes - windows) / (self.global_layers * self.layer);
        let hybrid = if alike <= self.window { alike } else { beyond.max(alike) };
        Interval { low: blocks(alike), high: blocks(hybrid) }
    }
}

/// Tokens rounded down to whole blocks of 16, the engine's unit (§5).
fn blocks(tokens: f64) -> f64 {
    (tokens.max(0.0) / 16.0).floor() * 16.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::interval::GIB;
    use crate::laws::transformer::Mla;

    fn llama_8b() -> Dimensions {
        Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256)
    }

    fn check(d: &Dimensions, element: f64, expect: f64) {
        assert_eq!(token_bytes(d, element), expect);
    }

    #[test]
    fn llama_8b_caches_131072_bytes_a_token() {
        check(&llama_8b(), 2.0, 131_072.0);
        check(&llama_8b(), 1.0, 65_536.0);
    }

    #[test]
    fn published_models_cache_what_their_heads_say() {
        check(&Dimensions::decoder(32, 4096, 11_008, 32, 32, 32_000), 2.0, 524_288.0);
        check(&Dimensions::decoder(28, 3584, 18_944, 28, 4, 152_064), 2.0, 57_344.0);
        check(&Dimensions::decoder(64, 5120, 27_648, 40, 8, 152_064), 2.0, 262_144.0);
        check(&Dimensions::decoder(80, 8192, 29_568, 64, 8, 152_064), 2.0, 327_680.0);
        let mut qwen_3 = Dimensions::decoder(48, 2048, 6144, 32, 4, 151_936);
        qwen_3.head_dim = 128;
        check(&qwen_3, 2.0, 98_304.0);
        assert_eq!(61.0 * SPARSE_LATENT_FP8, 48_068.0);
    }

    #[test]
    fn the_405b_model_needs_61_and_a_half_gib_for_128000_tokens() {
        let d = Dimensions::decoder(126, 16_384, 53_248, 128, 8, 128_256);
        let gib = share(&d, 2.0, 1, 1, None).context_bytes(128_000.0) / GIB;
        assert!((gib.high - 61.5).abs() < 0.05, "{gib:?}");
    }

    #[test]
    fn latent_attention_caches_its_rank_and_is_not_divided() {
        let mut d = Dimensions::decoder(61, 7168, 18_432, 128, 128, 129_280);
        d.mla = Some(Mla { q_rank: Some(1536), kv_rank: 512, rope_dim: 64, nope_dim: 128, v_dim: 128 });
        check(&d, 2.0, 70_272.0);
        assert_eq!(share(&d, 2.0, 8, 1, None), share(&d, 2.0, 1, 1, None));
    }

    #[test]
    fn heads_are_divided_up_to_their_count_and_then_repeated() {
        let whole = share(&llama_8b(), 2.0, 1, 1, None).layer;
        assert_eq!(share(&llama_8b(), 2.0, 4, 1, None).layer, whole / 4.0);
        assert_eq!(share(&llama_8b(), 2.0, 16, 1, None).layer, whole / 8.0);
    }

    #[test]
    fn a_window_bounds_its_layers_at_the_low_end() {
        // Half of 32 layers with a window of 4096 tokens, a context of 8192.
        let share = share(&llama_8b(), 2.0, 1, 1, Some(Window { layers: 16, tokens: 4096 }));
        assert_eq!(share.context_bytes(8192.0), Interval::new(0.75, 1.0) * GIB);
        assert_eq!(share.context_bytes(4096.0), Interval::exactly(0.5 * GIB));
    }

    #[test]
    fn the_longest_context_inverts_the_need_in_blocks_of_16() {
        let plain = share(&llama_8b(), 2.0, 1, 1, None);
        assert_eq!(plain.longest_context(GIB + 131_072.0 * 15.0), Interval::exactly(8192.0));
        let windowed = share(&llama_8b(), 2.0, 1, 1, Some(Window { layers: 16, tokens: 4096 }));
        assert_eq!(windowed.longest_context(0.75 * GIB), Interval::new(6144.0, 8192.0));
        assert_eq!(plain.longest_context(-1.0), Interval::ZERO);
    }
}
