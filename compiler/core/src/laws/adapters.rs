//! Fine-tuning with low-rank adapters on a frozen base (§2): what base and adapters hold.

use super::interval::Interval;
use super::serving_memory::{Precision, weight_bytes};
use super::transformer::{self, Dimensions};

/// Low-rank adapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapters {
    /// Rank, r.
    pub rank: u64,
    /// On every linear layer of a block, or on queries and values only; none where unsaid.
    pub every_linear: Option<bool>,
    /// How the frozen base is stored.
    pub base: Precision,
}

/// What one rank holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdapterBytes {
    /// The frozen base.
    pub base: Interval,
    /// The base at least, in bytes.
    pub base_floor: f64,
    /// Adapters' own weights, 2 to 4 bytes each.
    pub weights: Interval,
    /// Adapters' gradients, 2 to 4 bytes each.
    pub gradients: Interval,
    /// Adapters' optimizer states, 4 to 12 bytes each.
    pub optimizer: Interval,
}

/// Parameters of the adapters: r · (in + out) of every linear layer that has one, L times.
pub fn parameters(d: &Dimensions, adapters: &Adapters) -> Interval {
    let (h, q, k) = (d.hidden as f64, d.query_width(), d.key_width());
    let inward = if d.gated { 2.0 } else { 1.0 };
    let few = (h + q) + (h + k);
    let every = 2.0 * (h + q) + 2.0 * (h + k) + (inward + 1.0) * (h + d.ffn as f64);
    let sides = match adapters.every_linear {
        Some(true) => Interval::exactly(every),
        Some(false) => Interval::exactly(few),
        None => Interval::new(few, every),
    };
    sides * (adapters.rank as f64 * d.layers as f64)
}

/// What one of `ways` model-parallel ranks holds when weights are divided over `shards`.
///
/// Data parallelism never divides a 4-bit base, unless a framework shards it expressly: the base then lies
/// between its part and the whole (§2).
pub fn held(d: &Dimensions, adapters: &Adapters, ways: f64, shards: f64) -> AdapterBytes {
    let tables = transformer::embedding_parameters(d) + transformer::head_parameters(d);
    let whole = weight_bytes(transformer::parameters(d) as f64, tables, adapters.base) / ways;
    let part = whole / shards.max(1.0);
    let base = if adapters.base.bytes() < 1.0 { part.hull(whole) } else { part };
    let own = parameters(d, adapters) / ways;
    let each = |low: f64, high: f64| Interval { low: low * own.low, high: high * own.high };
    AdapterBytes {
        base,
        base_floor: base.low,
        weights: each(2.0, 4.0),
        gradients: each(2.0, 4.0),
        optimizer: each(4.0, 12.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::interval::GIB;
    use super::*;

    fn llama_8b() -> Dimensions {
        Dimensions::decoder(32, 4096, 14_336, 32, 8, 128_256)
    }

    fn adapters(base: Precision) -> Adapters {
        Adapters { rank: 16, every_linear: Some(true), base }
    }

    #[test]
    fn rank_16_on_every_linear_layer_of_llama_8b_is_42_million() {
        assert_eq!(parameters(&llama_8b(), &adapters(Precision::Half)), Interval::exactly(41_943_040.0));
    }

    #[test]
    fn unsaid_targets_lie_between_few_and_every() {
        let unsaid = Adapters { every_linear: None, ..adapters(Precision::Half) };
        let few = Adapters { every_linear: Some(false), ..unsaid };
        let range = parameters(&llama_8b(), &unsaid);
        assert_eq!(range.low, parameters(&llama_8b(), &few).low);
        assert_eq!(range.high, 41_943_040.0);
    }

    #[test]
    fn a_16_bit_base_is_divided_and_a_4_bit_base_may_not_be() {
        let half = held(&llama_8b(), &adapters(Precision::Half), 1.0, 8.0);
        assert_eq!(half.base, Interval::exactly(2.0 * 8_030_261_248.0 / 8.0));
        let four = held(&llama_8b(), &adapters(Precision::Nf4), 1.0, 8.0);
        assert!(four.base.high / GIB > 4.2 && four.base.low < four.base.high / 8.0 + 1.0);
    }

    #[test]
    fn adapters_cost_at_most_20_bytes_a_parameter() {
        let held = held(&llama_8b(), &adapters(Precision::Half), 1.0, 1.0);
        let all = held.weights + held.gradients + held.optimizer;
        assert_eq!(all, Interval::new(8.0, 20.0) * 41_943_040.0);
    }

    #[test]
    fn double_quantisation_aside_a_65b_base_takes_37_gb_in_nf4() {
        // 0.5625 B a parameter; the paper's 3 GB saved by quantising the scales again is not counted.
        assert!((65e9 * Precision::Nf4.bytes() / 1e9 - 36.6).abs() < 0.1);
    }
}
