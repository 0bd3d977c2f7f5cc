//! Exact parameter counts of a transformer from its dimensions (§1).
//!
//! Counts are sums of matrix sizes, held as `f64`: exact below 2^53, and never an overflow.
//! The per-layer law is that of Megatron-LM's `theoretical_memory_usage.py` and of arXiv:2104.04473
//! eq. 2, extended by what public architectures add: biases, norms, latent attention, experts.

/// The shape of a transformer: whatever an exact count needs, in elements.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about an architecture")]
pub struct Dimensions {
    /// Transformer blocks, L.
    pub layers: u64,
    /// Width of the residual stream, h.
    pub hidden: u64,
    /// Width of the dense feed-forward part.
    pub ffn: u64,
    /// Whether the feed-forward part has a gate (`SwiGLU`, `GeGLU`): three matrices, not two.
    pub gated: bool,
    /// Query heads.
    pub heads: u64,
    /// Key and value heads.
    pub kv_heads: u64,
    /// Width of one head.
    pub head_dim: u64,
    /// Rows of the embedding, V.
    pub vocab: u64,
    /// Whether the output head shares the embedding's matrix.
    pub tied: bool,
    /// Whether there is an output head at all; an encoder for embeddings has none.
    pub head: bool,
    /// What a norm holds.
    pub norm: Norm,
    /// Norms in one block: 2, or 4 where outputs are normed too, or 1 with shared parallel blocks.
    pub norms_per_layer: u64,
    /// Whether a norm stands before the head.
    pub final_norm: bool,
    /// Whether the embedding has a norm of its own (BLOOM, BERT).
    pub embedding_norm: bool,
    /// Norms on queries and keys.
    pub qk_norm: QkNorm,
    /// Which linear layers have a bias.
    pub bias: Bias,
    /// Rows of a learned position table; 0 with rotary or no positions.
    pub learned_positions: u64,
    /// Rows of a token-type table (BERT); 0 without.
    pub token_types: u64,
    /// Whether a pooler (h × h and a bias) follows the last block.
    pub pooler: bool,
    /// Whether every query head has a learned sink (GPT-OSS).
    pub attention_sinks: bool,
    /// Experts, where some or all blocks have them.
    pub experts: Option<Experts>,
    /// Latent attention, where it replaces keys and values (`DeepSeek`).
    pub mla: Option<Mla>,
}

/// What a norm holds for each element that it norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// A scale.
    Rms,
    /// A scale and a shift.
    Layer,
    /// Nothing that is learned (`OLMo`).
    Bare,
}

/// Norms on queries and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QkNorm {
    /// None.
    None,
    /// One scale of a head's width for all query heads, one for all key heads (Qwen 3, Gemma 3).
    PerHead,
    /// A scale as wide as all heads together (`OLMo 2`).
    Whole,
}

/// Which linear layers have a bias.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about four matrices")]
pub struct Bias {
    /// Query, key and value projections.
    pub qkv: bool,
    /// The attention's output projection.
    pub output: bool,
    /// The feed-forward matrices, those of experts included.
    pub mlp: bool,
    /// The output head.
    pub head: bool,
}

/// A mixture of experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// Routed experts in a block.
    pub count: u64,
    /// Routed experts that a token passes.
    pub per_token: u64,
    /// Width of one expert.
    pub ffn: u64,
    /// Experts, each of the same width, that every token passes.
    pub shared: u64,
    /// Blocks that have a dense feed-forward part instead.
    pub dense_layers: u64,
    /// Whether the router has a bias per expert.
    pub router_bias: bool,
    /// Whether the shared experts have a gate of width h (Qwen 2's mixtures).
    pub shared_gate: bool,
}

/// Multi-head latent attention; widths in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mla {
    /// Rank of the compressed queries; none where queries are not compressed.
    pub q_rank: Option<u64>,
    /// Rank of the compressed keys and values: what the cache holds, with `rope_dim`.
    pub kv_rank: u64,
    /// Rotary part of a head, shared by all heads on the key side.
    pub rope_dim: u64,
    /// Part of a query or key head without rotation.
    pub nope_dim: u64,
    /// Width of a value head.
    pub v_dim: u64,
}

impl Dimensions {
    /// A decoder as most are built today: `SwiGLU`, RMS norms, rotary positions, no biases, untied head.
    pub fn decoder(layers: u64, hidden: u64, ffn: u64, heads: u64, kv_heads: u64, vocab: u64) -> Self {
        Self {
            layers,
            hidden,
            ffn,
            gated: true,
            heads,
            kv_heads,
            head_dim: hidden / heads.max(1),
            vocab,
            tied: false,
            head: true,
            norm: Norm::Rms,
            norms_per_layer: 2,
            final_norm: true,
            embedding_norm: false,
            qk_norm: QkNorm::None,
            bias: Bias::default(),
            learned_positions: 0,
            token_types: 0,
            pooler: false,
            attention_sinks: false,
            experts: None,
            mla: None,
        }
    }

    /// Width of all query heads together.
    pub fn query_width(&self) -> f64 {
        match &self.mla {
            Some(mla) => self.heads as f64 * (mla.nope_dim + mla.rope_dim) as f64,
            None => self.heads as f64 * self.head_dim as f64,
        }
    }

    /// Width of all key heads together, as attention computes them; values have the same without MLA.
    pub fn key_width(&self) -> f64 {
        match &self.mla {
            Some(_) => self.query_width(),
            None => self.kv_heads as f64 * self.head_dim as f64,
        }
    }

    /// Blocks that hold experts.
    pub fn expert_layers(&self) -> u64 {
        self.experts.map_or(0, |experts| self.layers.saturating_sub(experts.dense_layers))
    }

    /// Width of the feed-forward part that one token passes in an expert block, or in a dense one.
    pub fn active_ffn(&self, expert_block: bool) -> f64 {
        match self.experts.filter(|_| expert_block) {
            Some(experts) => (experts.per_token as f64 + experts.shared as f64) * experts.ffn as f64,
            None => self.ffn as f64,
        }
    }
}

/// All parameters of the model.
pub fn parameters(d: &Dimensions) -> u64 {
    let experts = d.expert_layers() as f64;
    let dense = d.layers as f64 - experts;
    let blocks = dense * layer_parameters(d, false) + experts * layer_parameters(d, true);
    (blocks + embedding_parameters(d) + head_parameters(d)) as u64
}

/// Parameters that one token passes: all but the routed experts that it does not visit.
pub fn active_parameters(d: &Dimensions) -> u64 {
    let Some(experts) = d.experts else { return parameters(d) };
    let idle = experts.count.saturating_sub(experts.per_token) as f64;
    let unused = d.expert_layers() as f64 * idle * mlp_parameters(d, experts.ffn as f64);
    (parameters(d) as f64 - unused) as u64
}

/// Parameters of one block: attention, feed-forward part or experts, norms.
pub fn layer_parameters(d: &Dimensions, expert_block: bool) -> f64 {
    let feed_forward = if expert_block { expert_part(d) } else { mlp_parameters(d, d.ffn as f64) };
    attention_parameters(d) + feed_forward + d.norms_per_layer as f64 * norm_parameters(d, d.hidden as f64)
}

/// Parameters of the largest block: what a sharded run gathers at once.
pub fn largest_layer_parameters(d: &Dimensions) -> f64 {
    let dense = if d.expert_layers() < d.layers { layer_parameters(d, false) } else { 0.0 };
    let mixed = if d.expert_layers() > 0 { layer_parameters(d, true) } else { 0.0 };
    dense.max(mixed)
}

/// Routed experts' parameters of one expert block: the part that expert parallelism divides.
pub fn routed_parameters(d: &Dimensions) -> f64 {
    d.experts.map_or(0.0, |experts| experts.count as f64 * mlp_parameters(d, experts.ffn as f64))
}

/// What stands before the first block: token, position and type tables, and their norm.
pub fn embedding_parameters(d: &Dimensions) -> f64 {
    let rows = d.vocab as f64 + d.learned_positions as f64 + d.token_types as f64;
    let norm = if d.embedding_norm { norm_parameters(d, d.hidden as f64) } else { 0.0 };
    rows * d.hidden as f64 + norm
}

/// What stands after the last block: final norm, untied head with its bias, pooler.
pub fn head_parameters(d: &Dimensions) -> f64 {
    let (h, vocab) = (d.hidden as f64, d.vocab as f64);
    let norm = if d.final_norm { norm_parameters(d, h) } else { 0.0 };
    let matrix = if d.head && !d.tied { vocab * h } else { 0.0 };
    let bias = if d.head && d.bias.head { vocab } else { 0.0 };
    let pooler = if d.pooler { h * h + h } else { 0.0 };
    norm + matrix + bias + pooler
}

fn norm_parameters(d: &Dimensions, width: f64) -> f64 {
    match d.norm {
        Norm::Rms => width,
        Norm::Layer => 2.0 * width,
        Norm::Bare => 0.0,
    }
}

/// Query, key, value and output projections of one block, with biases, query and key norms and sinks (§1).
pub fn attention_parameters(d: &Dimensions) -> f64 {
    if let Some(mla) = &d.mla {
        return latent_attention(d, mla);
    }
    let (h, query, key) = (d.hidden as f64, d.query_width(), d.key_width());
    let matrices = 2.0 * h * query + 2.0 * h * key;
    let biases = if d.bias.qkv { query + 2.0 * key } else { 0.0 } + if d.bias.output { h } else { 0.0 };
    let norms = match d.qk_norm {
        QkNorm::None => 0.0,
        QkNorm::PerHead => 2.0 * norm_parameters(d, d.head_dim as f64),
        QkNorm::Whole => norm_parameters(d, query) + norm_parameters(d, key),
    };
    let sinks = if d.attention_sinks { d.heads as f64 } else { 0.0 };
    matrices + biases + norms + sinks
}

/// Queries through their rank, keys and values through theirs, each rank with a norm (§1, MLA).
fn latent_attention(d: &Dimensions, mla: &Mla) -> f64 {
    let (h, heads) = (d.hidden as f64, d.heads as f64);
    let (rope, nope, value) = (mla.rope_dim as f64, mla.nope_dim as f64, mla.v_dim as f64);
    let queries = match mla.q_rank {
        Some(rank) => rank as f64 * (h + heads * (nope + rope) + 1.0),
        None => h * heads * (nope + rope),
    };
    let keys_values = mla.kv_rank as f64 * (h + heads * (nope + value) + 1.0) + h * rope;
    queries + keys_values + heads * value * h
}

/// Two matrices between h and `width`, three where gated, and their biases.
fn mlp_parameters(d: &Dimensions, width: f64) -> f64 {
    let (h, inward) = (d.hidden as f64, if d.gated { 2.0 } else { 1.0 });
    let bias = if d.bias.mlp { inward * width + h } else { 0.0 };
    (inward + 1.0) * h * width + bias
}

/// Routed and shared experts and the router: experts · 3·h·f + h·E (§1).
fn expert_part(d: &Dimensions) -> f64 {
    let Some(experts) = d.experts else { return mlp_parameters(d, d.ffn as f64) };
    let (h, count) = (d.hidden as f64, experts.count as f64);
    let shared = mlp_parameters(d, experts.shared as f64 * experts.ffn as f64);
    let shared = if experts.shared > 0 { shared } else { 0.0 };
    let router = h * count + if experts.router_bias { count } else { 0.0 };
    let gate = if experts.shared_gate { h } else { 0.0 };
    routed_parameters(d) + shared + router + gate
}

#[cfg(test)]
mod tests;
