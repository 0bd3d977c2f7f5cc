//! What one block keeps for the backward pass, in bytes for one token on one rank (§3).
//!
//! The law is Table 2 of arXiv:2205.05198 for any feed-forward width: 10h + 24h/t becomes 10h of norms,
//! their inputs and dropout masks, 8 bytes an element of attention and 4 (plain) or 6 to 8 (gated) bytes
//! an element of the feed-forward part. The floor counts only what must be kept whatever is fused:
//! grouped keys stay grouped, there is no dropout, the gate's activation is made again.

use super::interval::Interval;
use super::transformer::{Dimensions, QkNorm};

/// What is made again in the backward pass instead of kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recompute {
    /// Nothing.
    None,
    /// Named modules of every block (Megatron's selective recomputation).
    Selective(Modules),
    /// Every second matrix product of a block (torchtitan's operator-level selection).
    PerOperator,
    /// Every block from its input.
    Full,
}

/// Modules of a block that are made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modules {
    /// Scores and softmax.
    pub core_attention: bool,
    /// The outputs of the norms.
    pub layernorm: bool,
    /// The feed-forward part.
    pub mlp: bool,
}

/// What decides a block's activations beside its dimensions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a run")]
pub struct Setting {
    /// What is made again.
    pub recompute: Recompute,
    /// Fused attention that never stores its scores.
    pub flash: bool,
    /// A compiler that may make norm outputs again.
    pub compiled: bool,
    /// Bytes of one stored element, 2 in bf16.
    pub element: f64,
    /// Bytes of one stored element at least: 1 where fp8 layers keep their inputs in fp8.
    pub least_element: f64,
    /// Tensor-parallel degree, t.
    pub tensor: f64,
    /// Whether what tensor parallelism leaves whole is divided along the sequence.
    pub sequence_parallel: bool,
    /// Sequence length, for attention scores that are stored.
    pub sequence: f64,
    /// Weights are frozen: linear layers need their inputs for adapters only.
    pub frozen: bool,
    /// Frozen weights below 16 bits, whose linear layers keep inputs of their own.
    pub quantised: bool,
}

/// Bytes for one token: what the law predicts, and what must exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerToken {
    /// The prediction.
    pub bytes: Interval,
    /// The part that must exist.
    pub floor: f64,
}

/// What one block keeps for one token, in bytes.
pub fn kept(d: &Dimensions, expert_block: bool, s: &Setting) -> PerToken {
    let h = d.hidden as f64;
    match s.recompute {
        Recompute::Full => boundary(h, s),
        Recompute::PerOperator => per_operator(d, expert_block, s),
        Recompute::None => saved(d, expert_block, s, Modules::default()),
        Recompute::Selective(modules) => saved(d, expert_block, s, modules),
    }
}

/// One block's tensors while it is made again and its backward pass runs, in bytes for one token; only
/// full recomputation has it beside what is kept.
///
/// 10h + 4q + 12f gated, 8f plain, + 6(q + k) with query and key norms: 28 · 2h on Llama-3.1-8B, as
/// measured; 37, 23 and 55 where 38, 24 and 48 were measured on Qwen3-4B, SmolLM2-360M and
/// gemma-1.1-2b (§3).
pub fn working_set(d: &Dimensions, expert_block: bool, s: &Setting) -> PerToken {
    let (h, q, k) = (d.hidden as f64, d.query_width(), d.key_width());
    let mlp = if d.gated { 12.0 } else { 8.0 } * d.active_ffn(expert_block);
    let norms = if d.qk_norm == QkNorm::None { 0.0 } else { 6.0 * (q + k) };
    let bytes = divide(10.0 * h, 4.0 * q + norms + mlp + scores(d, s, 5.0), s) * (s.element / 2.0);
    let none = Setting { recompute: Recompute::None, ..*s };
    PerToken { bytes: Interval::exactly(bytes), floor: kept(d, expert_block, &none).floor }
}

/// The input of a block, 2sbh; whole on every tensor-parallel rank without sequence parallelism.
fn boundary(h: f64, s: &Setting) -> PerToken {
    let bytes = divide(s.element * h, 0.0, s);
    PerToken { bytes: Interval::exactly(bytes), floor: bytes }
}

/// Block input, every second matrix product, attention output: 15.5h on Llama-3.1-8B, −5% to +10%.
fn per_operator(d: &Dimensions, expert_block: bool, s: &Setting) -> PerToken {
    let (h, q, k) = (d.hidden as f64, d.query_width(), d.key_width());
    let products = 4.0 * h + 4.0 * q + 2.0 * k + 2.0 * d.active_ffn(expert_block);
    let bytes = Interval::new(0.95, 1.1) * (products / s.tensor * s.element / 2.0);
    PerToken { bytes, floor: boundary(h, s).floor.min(bytes.low) }
}

/// Everything that the backward pass reads, less what the named modules make again.
fn saved(d: &Dimensions, expert_block: bool, s: &Setting, modules: Modules) -> PerToken {
    let (h, q) = (d.hidden as f64, d.query_width());
    let norm_outputs = if modules.layernorm { 0.0 } else { 4.0 * h };
    let norms = 6.0 * h + norm_outputs;
    let stored = Setting { flash: s.flash || modules.core_attention, ..*s };
    let mlp = if modules.mlp { Interval::ZERO } else { feed_forward(d, expert_block) };
    let own_inputs = if s.quantised { 4.0 * h + 2.0 * d.active_ffn(expert_block) } else { 0.0 };
    let mlp = mlp + Interval::new(0.0, own_inputs);
    let end = |mlp| divide(norms, 8.0 * q + mlp + scores(d, &stored, 5.0), s) * (s.element / 2.0);
    let least_norms = 4.0 * h + if s.compiled || s.frozen { 0.0 } else { norm_outputs };
    let least_mlp = if modules.mlp { 0.0 } else { least_feed_forward(d, expert_block, s.frozen) };
    let least_split = grouped_attention(d) + least_mlp + scores(d, &stored, 2.0);
    let floor = divide(least_norms, least_split, s) * (s.least_element / 2.0);
    let bytes = Interval::new(end(mlp.low), end(mlp.high));
    PerToken { bytes, floor: floor.min(bytes.low) }
}

/// Queries, keys, values and the attention's output, two bytes each, keys and values not repeated.
fn grouped_attention(d: &Dimensions) -> f64 {
    match &d.mla {
        Some(mla) => 4.0 * d.query_width() + 4.0 * d.heads as f64 * mla.v_dim as f64,
        None => 4.0 * d.query_width() + 4.0 * d.key_width(),
    }
}

/// Gate, up and product, and the gate's activation where it is kept; with experts, the copies of a
/// token that are sent to them and come back.
fn feed_forward(d: &Dimensions, expert_block: bool) -> Interval {
    let width = d.active_ffn(expert_block);
    let own = if d.gated { Interval::new(6.0, 8.0) } else { Interval::exactly(4.0) } * width;
    let copies =
        d.experts.filter(|_| expert_block).map_or(0.0, |e| 4.0 * e.per_token as f64 * d.hidden as f64);
    own + Interval::new(0.0, copies)
}

/// As `feed_forward`, without what depends on routing: a rank's experts may see no token at all. Frozen
/// matrices do not need the input of the last one.
fn least_feed_forward(d: &Dimensions, expert_block: bool, frozen: bool) -> f64 {
    let width = match d.experts.filter(|_| expert_block) {
        Some(experts) => experts.shared as f64 * experts.ffn as f64,
        None => d.ffn as f64,
    };
    let inward = if d.gated { 4.0 } else { 2.0 };
    width * if frozen { inward } else { inward + 2.0 }
}

/// Attention scores for one token, `each` bytes a head and position: 5as with softmax and dropout.
fn scores(d: &Dimensions, s: &Setting, each: f64) -> f64 {
    if s.flash { 0.0 } else { each * d.heads as f64 * s.sequence }
}

/// What tensor parallelism leaves whole, and what it divides: r + x/t, or (r + x)/t along the sequence.
fn divide(whole: f64, split: f64, s: &Setting) -> f64 {
    let t = s.tensor.max(1.0);
    if s.sequence_parallel { (whole + split) / t } else { whole + split / t }
}

#[cfg(test)]
mod tests;
