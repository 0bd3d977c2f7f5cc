//! Shapes of public models.

use purlin_schema::kinds::models;
use purlin_schema::view::View;

use super::{Provenance, provenance};

pub use models::{Activation, NormKind};

/// The shape of a transformer; widths in elements.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about an architecture")]
pub struct Architecture {
    /// `llama-3.1-8b`.
    pub name: &'static str,
    /// Parameters in all, exactly.
    pub parameters: Option<u64>,
    /// Transformer layers.
    pub layers: u64,
    /// Width of the residual stream.
    pub hidden: u64,
    /// Inner width of the feed-forward block; 0 where it is not said.
    pub ffn: u64,
    /// Whether a third matrix gates it.
    pub gated: bool,
    /// Query heads.
    pub heads: u64,
    /// Key and value heads.
    pub kv_heads: u64,
    /// Width of a head.
    pub head_dim: u64,
    /// Rows of the embedding.
    pub vocab: u64,
    /// The longest sequence that it was made for, in tokens.
    pub context: Option<u64>,
    /// Width of its sliding window, in tokens.
    pub window: Option<u64>,
    /// How many layers have the window; `None`: all of them.
    pub window_layers: Option<u64>,
    /// Whether the output layer uses the embedding's weights.
    pub tied: bool,
    /// Whether there is an output layer at all.
    pub output_layer: bool,
    /// Its norms.
    pub norm: Norm,
    /// Activation of the feed-forward block.
    pub activation: Option<Activation>,
    /// Base of the rotary position embedding.
    pub rope_theta: Option<f64>,
    /// Learned positions; 0: none.
    pub learned_positions: u64,
    /// Rows of a table of token types; 0: none.
    pub token_types: u64,
    /// Whether a token sees only those before it.
    pub causal: bool,
    /// Whether queries, keys and values have a bias.
    pub qkv_bias: bool,
    /// Whether the projection out of attention has a bias.
    pub output_bias: bool,
    /// Whether the feed-forward matrices have a bias.
    pub mlp_bias: bool,
    /// Whether the output layer has a bias.
    pub head_bias: bool,
    /// Latent attention.
    pub attention: Option<LatentAttention>,
    /// A mixture of experts.
    pub experts: Option<Experts>,
    /// Attention and feed-forward block side by side.
    pub parallel_blocks: bool,
    /// A pooling layer after the last one.
    pub pooler: bool,
    /// A learned sink for each query head.
    pub attention_sinks: bool,
    /// Where it was read, and when; empty in a project's own blocks that do not say.
    pub provenance: Provenance,
}

/// Norms of a transformer.
#[derive(Clone, Copy, PartialEq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about an architecture")]
pub struct Norm {
    /// Which.
    pub kind: NormKind,
    /// How many in a layer.
    pub per_layer: u64,
    /// One more after the last layer.
    pub last: bool,
    /// One more after the embedding.
    pub embedding: bool,
    /// One on queries and keys, as wide as a head.
    pub qk: bool,
    /// The one on queries and keys is as wide as all heads together.
    pub qk_whole: bool,
}

/// Attention whose keys and values are kept compressed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatentAttention {
    /// Rank of the queries; `None`: they are not compressed.
    pub q_rank: Option<u64>,
    /// Rank of keys and values.
    pub kv_rank: u64,
    /// Width of a head's part with positions.
    pub rope_dim: u64,
    /// Width of a head's part without positions.
    pub nope_dim: u64,
    /// Width of a head's values.
    pub v_dim: u64,
}

/// A mixture of experts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Experts {
    /// Routed experts of a layer.
    pub count: u64,
    /// How many of them a token passes.
    pub per_token: u64,
    /// Inner width of one.
    pub ffn: u64,
    /// Experts that every token passes.
    pub shared: u64,
    /// Layers without experts.
    pub dense_layers: u64,
    /// Whether the router has a bias for each.
    pub router_bias: bool,
    /// Whether the shared experts have a gate.
    pub shared_gate: bool,
}

impl Architecture {
    /// The fact that a block states; `None` where a dimension that it must have was refused.
    pub fn from_view(name: &'static str, view: View<'_, models::Architecture>) -> Option<Architecture> {
        let (hidden, heads) = (view.hidden().get()?, view.heads().get()?);
        let ffn = view.ffn().get();
        let width = ffn.and_then(|ffn| ffn.size().get()).unwrap_or(0);
        let window = view.window().get();
        let bias = view.bias().get();
        let all = bias.is_some_and(|bias| bias.attention().get().unwrap_or(false));
        let parallel = view.parallel_blocks().get().unwrap_or(false);
        Some(Architecture {
            name,
            parameters: view.parameters().get().map(|count| count.0),
            layers: view.layers().get()?,
            hidden,
            ffn: width,
            gated: ffn.is_some_and(|ffn| ffn.gated().get().unwrap_or(false)),
            heads,
            kv_heads: view.kv_heads().get().unwrap_or(heads),
            head_dim: view.head_dim().get().unwrap_or(hidden / heads.max(1)),
            vocab: view.vocab().get()?,
            context: view.context().get(),
            window: window.and_then(|window| window.tokens().get()),
            window_layers: window.and_then(|window| window.layers().get()),
            tied: view.tied_embeddings().get().unwrap_or(false),
            output_layer: view.output_layer().get().unwrap_or(true),
            norm: norm(view.norm().get(), parallel),
            activation: view.activation().get(),
            rope_theta: view.rope().get().and_then(|rope| rope.theta().get()),
            learned_positions: view.positions().get().and_then(|row| row.learned().get()).unwrap_or(0),
            token_types: view.token_types().get().unwrap_or(0),
            causal: view.causal().get().unwrap_or(true),
            qkv_bias: all || bias.is_some_and(|bias| bias.qkv().get().unwrap_or(false)),
            output_bias: all || bias.is_some_and(|bias| bias.output().get().unwrap_or(false)),
            mlp_bias: bias.is_some_and(|bias| bias.mlp().get().unwrap_or(false)),
            head_bias: bias.is_some_and(|bias| bias.head().get().unwrap_or(false)),
            attention: view.attention().get().and_then(latent),
            experts: view.experts().get().and_then(|row| experts(row, width)),
            parallel_blocks: parallel,
            pooler: view.pooler().get().unwrap_or(false),
            attention_sinks: view.attention_sinks().get().unwrap_or(false),
            provenance: provenance!(view),
        })
    }
}

/// RMS norms, two in a layer and one after the last, where nothing else is said.
fn norm(view: Option<View<'_, models::Norm>>, parallel: bool) -> Norm {
    let per_layer = if parallel { 1 } else { 2 };
    let mut norm =
        Norm { kind: NormKind::Rmsnorm, per_layer, last: true, embedding: false, qk: false, qk_whole: false };
    if let Some(view) = view {
        norm.kind = view.variant().get().unwrap_or(norm.kind);
        norm.per_layer = view.per_layer().get().unwrap_or(per_layer);
        norm.last = view.r#final().get().unwrap_or(true);
        norm.embedding = view.embedding_norm().get().unwrap_or(false);
        norm.qk = view.qk_norm().get().unwrap_or(false);
        norm.qk_whole = view.qk_norm_whole().get().unwrap_or(false);
    }
    norm
}

fn latent(view: View<'_, models::LatentAttention>) -> Option<LatentAttention> {
    Some(LatentAttention {
        q_rank: view.q_rank().get(),
        kv_rank: view.kv_rank().get()?,
        rope_dim: view.rope_dim().get()?,
        nope_dim: view.nope_dim().get()?,
        v_dim: view.v_dim().get()?,
    })
}

fn experts(view: View<'_, models::Experts>, width: u64) -> Option<Experts> {
    Some(Experts {
        count: view.count().get()?,
        per_token: view.per_token().get()?,
        ffn: view.ffn().get().unwrap_or(width),
        shared: view.shared().get().unwrap_or(0),
        dense_layers: view.dense_layers().get().unwrap_or(0),
        router_bias: view.router_bias().get().unwrap_or(false),
        shared_gate: view.shared_gate().get().unwrap_or(false),
    })
}
