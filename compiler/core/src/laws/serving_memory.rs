//! What one GPU needs to serve a model: weights, keys and values, the profile's activations, the engine
//! (§5); and what an encoder needs, which caches nothing.

use super::interval::{GIB, Interval, MemoryEstimate, Term};
use super::kv_cache::{self, KvShare, Window};
use super::transformer::{self, Dimensions};
use super::worked::Piece::{Count, Decimals, Integer, Plain, Short, Words};
use super::worked::Worked;

/// CUDA context and serving engine: 0.5–1.0 GiB, a usual value (§4, §5).
pub const ENGINE: Interval = Interval { low: 0.5 * GIB, high: GIB };
/// CUDA context of a plain inference runtime: 0.50–0.92 GiB (§4).
pub const RUNTIME: Interval = Interval { low: 0.5 * GIB, high: 0.92 * GIB };
/// Working memory of one layer's forward pass in units of 2·s·b·h, as measured over models (§3).
pub const FORWARD_COEFFICIENT: Interval = Interval { low: 28.0, high: 48.0 };
/// How far a profile run may exceed the tensors of one layer: sampling, workspaces, unfused copies.
const PROFILE_SPREAD: f64 = 2.5;

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Single precision.
    Fp32,
    /// bf16 or fp16.
    Half,
    /// 8-bit floats or integers, scales per tensor or channel.
    EightBit,
    /// 4-bit integers, scales not counted.
    Int4,
    /// `QLoRA`'s 4-bit floats: an fp32 scale per 64.
    Nf4,
    /// Microscaling 8-bit floats: a byte of scale per 32.
    Mxfp8,
    /// Microscaling 6-bit floats: a byte of scale per 32.
    Mxfp6,
    /// Microscaling 4-bit floats: a byte of scale per 32.
    Mxfp4,
    /// NVIDIA's 4-bit floats: a byte of scale per 16.
    Nvfp4,
}

impl Precision {
    /// Bytes per parameter, scales included (§5).
    pub fn bytes(self) -> f64 {
        match self {
            Self::Fp32 => 4.0,
            Self::Half => 2.0,
            Self::EightBit => 1.0,
            Self::Int4 => 0.5,
            Self::Mxfp8 => 1.03125,
            Self::Mxfp6 => 0.78125,
            Self::Mxfp4 => 0.53125,
            Self::Nf4 | Self::Nvfp4 => 0.5625,
        }
    }
}

/// Everything that decides the memory of a served language model, as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServingMemory {
    /// The model.
    pub dimensions: Dimensions,
    /// How its weights are stored.
    pub precision: Precision,
    /// Bytes of one cached number: 2 in bf16, 1 in fp8.
    pub kv_element: f64,
    /// Layers that attend to a window only.
    pub window: Option<Window>,
    /// Tensor-parallel degree.
    pub tensor: u64,
    /// Pipeline ranks.
    pub pipeline: u64,
    /// GPUs over which experts are divided; 1 without expert parallelism.
    pub expert: u64,
    /// Tokens of a full context.
    pub context: u64,
    /// Full contexts held at once.
    pub concurrency: u64,
    /// Tokens of the largest step, which the engine profiles when it starts.
    pub max_batched_tokens: u64,
}

/// The share of a GPU's visible memory that the engine may use, in bytes.
pub fn budget(visible: Interval, utilization: f64) -> Interval {
    visible * utilization
}

/// The estimate of the most loaded GPU.
pub fn estimate(serving: &ServingMemory) -> MemoryEstimate {
    let terms = vec![weights_term(serving), kv_term(serving), profile_term(serving), engine_term()];
    let rank = if serving.pipeline > 1 { "the fullest pipeline rank" } else { "every GPU" };
    MemoryEstimate::of(rank.to_owned(), terms)
}

/// What is left for keys and values, and what fits into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Bytes left for keys and values.
    pub kv: Interval,
    /// Whole contexts of the declared length that fit at once.
    pub contexts: Interval,
    /// The longest context in tokens at the declared concurrency.
    pub longest_context: Interval,
}

/// What a budget in bytes leaves for keys and values beside everything else (§5).
pub fn room(serving: &ServingMemory, budget: Interval) -> Room {
    let fixed = weights_term(serving).bytes + profile_term(serving).bytes + ENGINE;
    let kv = Interval { low: (budget.low - fixed.high).max(0.0), high: (budget.high - fixed.low).max(0.0) };
    let share = kv_share(serving);
    let one = share.context_bytes(serving.context as f64);
    let concurrency = serving.concurrency.max(1) as f64;
    Room {
        kv,
        contexts: Interval { low: (kv.low / one.high).floor(), high: (kv.high / one.low).floor() },
        longest_context: Interval {
            low: share.longest_context(kv.low / concurrency).low,
            high: share.longest_context(kv.high / concurrency).high,
        },
    }
}

/// Weights in bytes for a parameter count, P · bytes; of 8 bits and less, `spared` parameters may stay in
/// bf16: the embedding, the head, in 8 bits often attention too (§5).
pub fn weight_bytes(parameters: f64, spared: f64, precision: Precision) -> Interval {
    let low = parameters * precision.bytes();
    match precision {
        Precision::Fp32 | Precision::Half => Interval::exactly(low),
        _ => Interval { low, high: low + spared.min(parameters) * (2.0 - precision.bytes()).max(0.0) },
    }
}

/// The usual rule of public recipes for the memory that weights ask: 1.2 times their bytes (§5).
pub fn recipe_minimum(weight_bytes: f64) -> f64 {
    1.2 * weight_bytes
}

fn kv_share(serving: &ServingMemory) -> KvShare {
    let s = serving;
    kv_cache::share(&s.dimensions, s.kv_element, s.tensor, s.pipeline, s.window)
}

/// Blocks over tensor and pipeline ranks, routed experts over their own group, tables on the end ranks.
fn weights_term(serving: &ServingMemory) -> Term {
    let d = &serving.dimensions;
    let (t, p) = (serving.tensor.max(1), serving.pipeline.max(1));
    let ways = t as f64;
    let (first, last) = (transformer::embedding_parameters(d), transformer::head_parameters(d));
    let routed = d.expert_layers() as f64 * transformer::routed_parameters(d);
    let blocks = transformer::parameters(d) as f64 - first - last - routed;
    let share = d.layers.div_ceil(p) as f64 / d.layers.max(1) as f64;
    let ends = if p == 1 { first + last } else { first.max(last) };
    let held = (blocks * share + ends) / ways + routed * share / serving.expert.max(t) as f64;
    let attention = match serving.precision {
        Precision::EightBit => d.layers as f64 * share * transformer::attention_parameters(d),
        _ => 0.0,
    };
    let bytes = weight_bytes(held, (ends + attention) / ways, serving.precision);
    Term {
        name: "weights",
        formula: "bytes a parameter · P on the GPU",
        inputs: Worked::of([Short(serving.precision.bytes()), Words(" B · "), Count(held)]),
        bytes,
        floor: bytes.low,
    }
}

fn kv_term(serving: &ServingMemory) -> Term {
    let share = kv_share(serving);
    let bytes = share.context_bytes(serving.context as f64) * serving.concurrency as f64;
    let token = (share.global_layers + share.local_layers) * share.layer;
    Term {
        name: "kv-cache",
        formula: "2 · L · kv-heads · head-dim · bytes (latent: L · (kv-rank + rope) · bytes) · context · concurrency",
        inputs: Worked::of([
            Integer(token as u64),
            Words(" B · "),
            Integer(serving.context),
            Words(" · "),
            Integer(serving.concurrency),
        ]),
        bytes,
        floor: bytes.low,
    }
}

/// One layer's forward tensors for the largest step: residual, norm, attention output and its projection
/// 8h, queries, keys and values 2(q + 2k), gate, up and product 6·ffn; up to 2.5 times that.
fn profile_term(serving: &ServingMemory) -> Term {
    let d = &serving.dimensions;
    let (h, t) = (d.hidden as f64, serving.tensor.max(1) as f64);
    let width = d.active_ffn(d.expert_layers() > 0);
    let (mlp, least) = if d.gated { (6.0, 4.0) } else { (4.0, 2.0) };
    let split = 2.0 * (d.query_width() + 2.0 * d.key_width()) + mlp * width;
    let token = 8.0 * h + split / t;
    let tokens = serving.max_batched_tokens as f64;
    let least_width = if d.expert_layers() > 0 { 0.0 } else { width };
    Term {
        name: "activations",
        formula: "batched tokens · (8h + 2(q + 2k) + 6·ffn), to 2.5 times for sampling and workspaces",
        inputs: Worked::of([
            Integer(serving.max_batched_tokens),
            Words(" · "),
            Decimals(token, 0),
            Words(" B"),
        ]),
        bytes: Interval::new(tokens * token, PROFILE_SPREAD * tokens * token),
        floor: tokens * (2.0 * h + least * least_width / t),
    }
}

fn engine_term() -> Term {
    Term {
        name: "framework",
        formula: "CUDA context and engine, 0.5–1.0 GiB",
        inputs: "1 GPU".into(),
        bytes: ENGINE,
        floor: ENGINE.low,
    }
}

/// An encoder (embeddings, classification): the whole batch passes at once and nothing is cached.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderMemory {
    /// The model.
    pub dimensions: Dimensions,
    /// How its weights are stored.
    pub precision: Precision,
    /// Inputs of the largest batch.
    pub batch: u64,
    /// Tokens of the longest input.
    pub context: u64,
}

/// The estimate of an encoder: weights, 28 to 48 times 2·s·b·h, context (§3, §4, §5).
pub fn encoder_estimate(encoder: &EncoderMemory) -> MemoryEstimate {
    let d = &encoder.dimensions;
    let (h, tokens) = (d.hidden as f64, encoder.batch as f64 * encoder.context as f64);
    let p = transformer::parameters(d) as f64;
    let weights = weight_bytes(p, transformer::embedding_parameters(d), encoder.precision);
    let activations = FORWARD_COEFFICIENT * (2.0 * tokens * h);
    let terms = vec![
        Term {
            name: "weights",
            formula: "bytes a parameter · P",
            inputs: Worked::of([Short(encoder.precision.bytes()), Words(" B · "), Count(p)]),
            bytes: weights,
            floor: weights.low,
        },
        Term {
            name: "activations",
            formula: "28…48 · 2 · batch · tokens · h",
            inputs: Worked::of([
                Decimals(FORWARD_COEFFICIENT.low, 0),
                Words("–"),
                Decimals(FORWARD_COEFFICIENT.high, 0),
                Words(" · 2 · "),
                Plain(encoder.batch),
                Words(" · "),
                Plain(encoder.context),
                Words(" · "),
                Plain(d.hidden),
            ]),
            bytes: activations,
            floor: (tokens * (2.0 * h + 2.0 * d.ffn as f64)).min(activations.low),
        },
        Term {
            name: "framework",
            formula: "CUDA context 0.50–0.92 GiB",
            inputs: "1 GPU".into(),
            bytes: RUNTIME,
            floor: RUNTIME.low,
        },
    ];
    MemoryEstimate::of("every GPU".to_owned(), terms)
}

#[cfg(test)]
mod tests;
