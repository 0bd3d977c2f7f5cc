//! The shape that the laws count from, of an architecture as the catalog or a project states it.

use purlin_stdlib::facts::{Architecture, NormKind};

use crate::laws::transformer::{Bias, Dimensions, Experts, Mla, Norm, QkNorm};

impl From<&Architecture> for Dimensions {
    fn from(stated: &Architecture) -> Dimensions {
        Dimensions {
            layers: stated.layers,
            hidden: stated.hidden,
            ffn: stated.ffn,
            gated: stated.gated,
            heads: stated.heads,
            kv_heads: stated.kv_heads,
            head_dim: stated.head_dim,
            vocab: stated.vocab,
            tied: stated.tied,
            head: stated.output_layer,
            norm: norm(stated.norm.kind),
            norms_per_layer: stated.norm.per_layer,
            final_norm: stated.norm.last,
            embedding_norm: stated.norm.embedding,
            qk_norm: match (stated.norm.qk_whole, stated.norm.qk) {
                (true, _) => QkNorm::Whole,
                (false, true) => QkNorm::PerHead,
                (false, false) => QkNorm::None,
            },
            bias: Bias {
                qkv: stated.qkv_bias,
                output: stated.output_bias,
                mlp: stated.mlp_bias,
                head: stated.head_bias,
            },
            learned_positions: stated.learned_positions,
            token_types: stated.token_types,
            pooler: stated.pooler,
            attention_sinks: stated.attention_sinks,
            experts: stated.experts.map(|experts| Experts {
                count: experts.count,
                per_token: experts.per_token,
                ffn: experts.ffn,
                shared: experts.shared,
                dense_layers: experts.dense_layers,
                router_bias: experts.router_bias,
                shared_gate: experts.shared_gate,
            }),
            mla: stated.attention.map(|latent| Mla {
                q_rank: latent.q_rank,
                kv_rank: latent.kv_rank,
                rope_dim: latent.rope_dim,
                nope_dim: latent.nope_dim,
                v_dim: latent.v_dim,
            }),
        }
    }
}

/// What the norm holds is what counts here, not what it computes: without a shift, a scale alone.
fn norm(kind: NormKind) -> Norm {
    match kind {
        NormKind::Rmsnorm | NormKind::LayernormNoBias => Norm::Rms,
        NormKind::Layernorm => Norm::Layer,
        NormKind::Bare => Norm::Bare,
    }
}
