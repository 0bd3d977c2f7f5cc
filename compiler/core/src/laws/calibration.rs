//! What a named framework takes beyond the general laws, measured on published runs.
//!
//! These terms move predictions, never floors: they decide between `fits` and `too close to call`, and
//! cannot refuse anything. Sources: BLOOM's training log (nvidia-smi readings of 18 layouts), torchtitan's
//! benchmarks, Megatron-LM's CI figures, llm-foundry's tables, Hugging Face and Unsloth slopes.

use super::interval::{GIB, Interval, Term};
use super::model_states::{Regime, Sharding};
use super::worked::Piece::{Count, Decimals, Words};
use super::worked::Worked;

/// A framework whose memory has been measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Megatron-Core and Megatron-LM.
    Megatron,
    /// Megatron on `DeepSpeed` (BLOOM, GPT-NeoX).
    MegatronDeepSpeed,
    /// `DeepSpeed` alone.
    DeepSpeed,
    /// torchtitan.
    Torchtitan,
    /// llm-foundry (MPT).
    LlmFoundry,
    /// Hugging Face Trainer.
    HuggingFace,
}

/// What the measured terms depend on, for one rank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Bytes per parameter.
    pub regime: Regime,
    /// What the shard group divides.
    pub sharding: Sharding,
    /// Ranks of the shard group.
    pub shards: f64,
    /// Parameters on the rank before sharding.
    pub parameters: f64,
    /// Tokens of a micro-batch on the rank.
    pub tokens: f64,
    /// Width of the residual stream.
    pub hidden: f64,
    /// Micro-batches alive on the rank; 0 without a pipeline.
    pub alive: f64,
    /// Whether the embedding is on the rank.
    pub embedding: bool,
}

impl Family {
    /// Bytes per logit at the loss, where the loss is neither chunked nor fused (§3).
    ///
    /// Megatron's vocabulary-parallel loss works in place; `PyTorch`'s cross entropy holds bf16 and fp32
    /// logits, their log-softmax and its gradient; over tensor-parallel ranks it is unfused and holds more.
    pub fn logit_bytes(self, tensor_parallel: bool) -> Interval {
        match self {
            Self::Megatron | Self::MegatronDeepSpeed => Interval::new(6.0, 10.0),
            Self::DeepSpeed => Interval::new(6.0, 14.0),
            Self::Torchtitan if tensor_parallel => Interval::new(16.0, 22.0),
            Self::Torchtitan => Interval::new(13.0, 16.0),
            Self::LlmFoundry => Interval::new(4.0, 10.0),
            Self::HuggingFace => Interval::new(16.0, 20.0),
        }
    }

    /// Workspaces and communicators beside the CUDA context, in bytes.
    fn workspace(self) -> Interval {
        match self {
            Self::Megatron => Interval::new(0.5, 1.5) * GIB,
            Self::MegatronDeepSpeed => Interval::new(3.5, 8.0) * GIB,
            Self::DeepSpeed | Self::Torchtitan | Self::LlmFoundry | Self::HuggingFace => {
                Interval::new(0.0, 0.7) * GIB
            }
        }
    }

    /// Share of a stage's outputs that stays until the backward pass instead of being freed.
    fn kept_outputs(self) -> Interval {
        match self {
            Self::MegatronDeepSpeed => Interval::exactly(1.0),
            Self::DeepSpeed | Self::Torchtitan => Interval::new(0.0, 1.0),
            Self::Megatron | Self::LlmFoundry | Self::HuggingFace => Interval::ZERO,
        }
    }

    fn is_deepspeed(self) -> bool {
        matches!(self, Self::MegatronDeepSpeed | Self::DeepSpeed)
    }
}

/// The measured terms of one rank, without the allocator's share.
pub fn terms(family: Family, m: &Measured) -> Vec<Term> {
    let mut terms = vec![Term {
        name: "framework",
        formula: "workspaces and communicators of the framework, measured",
        inputs: "1 GPU".into(),
        bytes: family.workspace(),
        floor: 0.0,
    }];
    if m.alive > 0.0 {
        terms.push(Term {
            name: "activations",
            formula: "stage outputs kept until the backward pass, 2h · tokens · micro-batches alive",
            inputs: Worked::of([
                Words("2 · "),
                Decimals(m.hidden, 0),
                Words(" · "),
                Count(m.tokens),
                Words(" · "),
                Decimals(m.alive, 1),
            ]),
            bytes: family.kept_outputs() * (2.0 * m.hidden * m.tokens * m.alive),
            floor: 0.0,
        });
    }
    if m.embedding {
        terms.push(Term {
            name: "activations",
            formula: "the embedding's output, to fp32 and bf16 copies of h · tokens",
            inputs: Worked::of([Words("0…6 · "), Decimals(m.hidden, 0), Words(" · "), Count(m.tokens)]),
            bytes: Interval::new(0.0, 6.0 * m.hidden * m.tokens),
            floor: 0.0,
        });
    }
    if family.is_deepspeed() {
        terms.push(step_gradients(m));
        terms.push(buckets(m));
    }
    terms
}

/// What the allocator cannot give back of tensors that come and go: up to 6% of them. It reserves up to
/// 15%, which is what some tools report, and frees the rest before it fails.
pub fn fragmentation(dynamic: Interval) -> Term {
    Term {
        name: "fragmentation",
        formula: "up to 6% of activations, logits and gathered layers, measured",
        inputs: Worked::of([Words("0.06 · "), Count(dynamic.high), Words(" B")]),
        bytes: Interval::new(0.0, 0.06 * dynamic.high),
        floor: 0.0,
    }
}

/// fp32 gradients of the rank's own part at the step, 2 to 4 bytes over the shard group; with
/// `BF16_Optimizer` the freed originals that flattening leaves behind, 1 to 2 bytes, not divided.
fn step_gradients(m: &Measured) -> Term {
    let (each, over) = if m.regime == Regime::DeepSpeedBf16 {
        (Interval::new(1.0, 2.0), 1.0)
    } else {
        (Interval::new(2.0, 4.0), m.shards)
    };
    Term {
        name: "gradients",
        formula: "fp32 gradients at the step, or freed originals of flattening, measured",
        inputs: Worked::of([Count(m.parameters), Words(" / "), Decimals(over, 0)]),
        bytes: each * (m.parameters / over),
        floor: 0.0,
    }
}

/// Buckets of a billion elements for reducing and gathering; with divided weights also those being
/// fetched, 1.5 billion.
fn buckets(m: &Measured) -> Term {
    let bucket = 2.0 * m.parameters.min(1e9);
    let fetched = if m.sharding == Sharding::Zero3 { 2.0 * m.parameters.min(1.5e9) } else { 0.0 };
    Term {
        name: "gathered",
        formula: "communication buckets, up to 1e9 elements, with ZeRO-3 1.5e9 fetched",
        inputs: Worked::of([Words("2 B · "), Count(m.parameters.min(1e9))]),
        bytes: Interval::new(0.0, bucket + fetched),
        floor: 0.0,
    }
}

#[cfg(test)]
mod tests;
