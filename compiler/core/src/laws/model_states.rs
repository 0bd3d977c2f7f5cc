//! What weights, gradients and optimizer cost a parameter, and how sharding divides it (§2).

use super::interval::Interval;

/// Bytes per parameter before sharding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateBytes {
    /// The weights that compute, or the sharded master where that is what is stored.
    pub weights: f64,
    /// The gradients, accumulation buffers included.
    pub gradients: f64,
    /// A separate fp32 copy of the weights.
    pub master: f64,
    /// The optimizer's moments.
    pub moments: f64,
}

impl StateBytes {
    /// All four together.
    pub fn total(self) -> f64 {
        self.weights + self.gradients + self.master + self.moments
    }
}

/// How precision is split over weights, gradients and optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// 2 + 2 + 12: the `ZeRO` paper's mixed precision with K = 12 (arXiv:1910.02054).
    Mixed,
    /// 2 + 4 + 12: Megatron's bf16 with fp32 main gradients (`theoretical_memory_usage.py`).
    MixedFp32Gradients,
    /// 2 + (2 + 4) + 12: `DeepSpeed`'s `BF16_Optimizer`, its accumulators never sharded (BLOOM's log).
    DeepSpeedBf16,
    /// 4 + 4 + 8: fp32 shards, bf16 only while a layer computes (FSDP; torchtitan, llm-foundry).
    ShardedFp32,
    /// 2 + 2 + 4: everything in bf16 (torchtune, litgpt).
    PureBf16,
    /// 4 + 4 + 8: everything in fp32.
    Fp32,
}

impl Regime {
    /// Bytes per parameter with plain Adam (§2).
    pub fn bytes(self) -> StateBytes {
        let (weights, gradients, master, moments) = match self {
            Self::Mixed => (2.0, 2.0, 4.0, 8.0),
            Self::MixedFp32Gradients => (2.0, 4.0, 4.0, 8.0),
            Self::DeepSpeedBf16 => (2.0, 6.0, 4.0, 8.0),
            Self::ShardedFp32 | Self::Fp32 => (4.0, 4.0, 0.0, 8.0),
            Self::PureBf16 => (2.0, 2.0, 0.0, 4.0),
        };
        StateBytes { weights, gradients, master, moments }
    }

    /// Bytes of one element while it computes: activations and gathered weights.
    pub fn compute_element(self) -> f64 {
        if self == Self::Fp32 { 4.0 } else { 2.0 }
    }
}

/// What the optimizer keeps for a parameter beside the master copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimizer {
    /// Two moments in the regime's precision.
    Adam,
    /// Two moments of one byte each (8-bit Adam).
    Adam8Bit,
    /// One fp32 moment: SGD with momentum, Lion, Muon, and as a bound Adafactor.
    OneMoment,
    /// Plain SGD.
    Stateless,
    /// Managed memory that the driver evicts under pressure: it costs no capacity.
    Paged,
}

impl Optimizer {
    /// Bytes per parameter of the moments, given what Adam would take in this regime.
    pub fn moments(self, adam: f64) -> f64 {
        match self {
            Self::Adam => adam,
            Self::Adam8Bit => 2.0,
            Self::OneMoment => adam.min(4.0),
            Self::Stateless | Self::Paged => 0.0,
        }
    }
}

/// What is divided over the shard group, which is data · context: the ranks that hold the same
/// parameters. FSDP's names: full shard = `Zero3`, shard grad op = `Zero2`, hybrid shard = `Zero3` in a
/// smaller group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharding {
    /// Nothing: every rank holds everything (DDP).
    Replicated,
    /// The optimizer (Megatron's distributed optimizer).
    Zero1,
    /// Optimizer and gradients.
    Zero2,
    /// Optimizer, gradients and weights.
    Zero3,
}

/// Bytes per parameter that one rank of the shard group holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldBytes {
    /// Weights.
    pub weights: f64,
    /// Gradients.
    pub gradients: f64,
    /// Master copy and moments.
    pub optimizer: f64,
}

impl HeldBytes {
    /// All three together.
    pub fn total(self) -> f64 {
        self.weights + self.gradients + self.optimizer
    }
}

/// Divides a regime's bytes over a shard group: stage 1 the optimizer, 2 the gradients too, 3 all (§2).
pub fn held(regime: Regime, optimizer: Optimizer, sharding: Sharding, degree: f64) -> HeldBytes {
    let bytes = regime.bytes();
    let states = match optimizer {
        Optimizer::Paged => 0.0,
        other => bytes.master + other.moments(bytes.moments),
    };
    let share = 1.0 / degree.max(1.0);
    let from = |stage: Sharding| if sharding as u8 >= stage as u8 { share } else { 1.0 };
    // An fp32 master in shards and whole bf16 weights beside it (FSDP's shard grad op).
    let weights = match (regime, sharding) {
        (Regime::ShardedFp32, Sharding::Zero2) => 2.0 + bytes.weights * share,
        _ => bytes.weights * from(Sharding::Zero3),
    };
    HeldBytes {
        weights,
        gradients: bytes.gradients * from(Sharding::Zero2),
        optimizer: states * from(Sharding::Zero1),
    }
}

/// `DeepSpeed`'s estimate for ZeRO-2 in bytes: 4P + 16P/N, or 2P with the optimizer on the host (memory.rst).
pub fn deepspeed_zero2(parameters: f64, gpus: f64, offload_optimizer: bool) -> f64 {
    if offload_optimizer { 2.0 * parameters } else { 4.0 * parameters + 16.0 * parameters / gpus }
}

/// `DeepSpeed`'s estimate for ZeRO-3 in bytes: 4·largest + 18P/N; 2P/N with the optimizer on the host,
/// 4·largest alone with the weights there too (memory.rst).
pub fn deepspeed_zero3(
    parameters: f64,
    largest_layer: f64,
    gpus: f64,
    offload_optimizer: bool,
    offload_weights: bool,
) -> f64 {
    let states = match (offload_optimizer, offload_weights) {
        (_, true) => 0.0,
        (true, false) => 2.0 * parameters / gpus,
        (false, false) => 18.0 * parameters / gpus,
    };
    4.0 * largest_layer + states
}

/// Host memory in bytes that a node needs for offloading: P · max(4·gpus a node, 18·gpus a node / all),
/// times 1.5 for buffers at the high end (memory.rst).
pub fn offload_host_bytes(parameters: f64, gpus_a_node: f64, gpus: f64) -> Interval {
    let need = parameters * (4.0 * gpus_a_node).max(18.0 * gpus_a_node / gpus.max(1.0));
    Interval::new(need, 1.5 * need)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regime: Regime, sharding: Sharding, degree: f64, expect: f64) {
        let total = held(regime, Optimizer::Adam, sharding, degree).total();
        assert!((total - expect).abs() < 1e-9, "{total} is not {expect}");
    }

    #[test]
    fn every_regime_costs_what_the_table_says() {
        let totals = [
            (Regime::Mixed, 16.0),
            (Regime::MixedFp32Gradients, 18.0),
            (Regime::DeepSpeedBf16, 20.0),
            (Regime::ShardedFp32, 16.0),
            (Regime::PureBf16, 8.0),
            (Regime::Fp32, 16.0),
        ];
        for (regime, expect) in totals {
            check(regime, Sharding::Replicated, 64.0, expect);
            assert_eq!(regime.bytes().total(), expect);
        }
    }

    #[test]
    fn zero_stages_divide_what_the_paper_says() {
        // 4Ψ + 12Ψ/d; 2Ψ + 14Ψ/d; 16Ψ/d: 31.4, 16.6 and 1.88 GB for 7.5 B parameters on 64 GPUs.
        check(Regime::Mixed, Sharding::Zero1, 64.0, 4.0 + 12.0 / 64.0);
        check(Regime::Mixed, Sharding::Zero2, 64.0, 2.0 + 14.0 / 64.0);
        check(Regime::Mixed, Sharding::Zero3, 64.0, 16.0 / 64.0);
        let gb = |stage| 7.5 * held(Regime::Mixed, Optimizer::Adam, stage, 64.0).total();
        assert!((gb(Sharding::Zero1) - 31.4).abs() < 0.05);
        assert!((gb(Sharding::Zero2) - 16.6).abs() < 0.05);
        assert!((gb(Sharding::Zero3) - 1.88).abs() < 0.01);
    }

    #[test]
    fn megatrons_distributed_optimizer_costs_6_and_12_over_d() {
        check(Regime::MixedFp32Gradients, Sharding::Zero1, 4.0, 9.0);
    }

    #[test]
    fn deepspeeds_bf16_optimizer_costs_8_and_12_over_d() {
        check(Regime::DeepSpeedBf16, Sharding::Zero1, 8.0, 8.0 + 12.0 / 8.0);
    }

    #[test]
    fn fully_sharded_fp32_costs_16_over_n() {
        check(Regime::ShardedFp32, Sharding::Zero3, 16.0, 1.0);
    }

    #[test]
    fn one_rank_shards_nothing() {
        check(Regime::ShardedFp32, Sharding::Zero3, 1.0, 16.0);
        check(Regime::ShardedFp32, Sharding::Zero3, 0.0, 16.0);
    }

    #[test]
    fn small_optimizers_keep_less() {
        let optimizer = |optimizer| held(Regime::Mixed, optimizer, Sharding::Replicated, 1.0).optimizer;
        assert_eq!(optimizer(Optimizer::Adam8Bit), 6.0);
        assert_eq!(optimizer(Optimizer::OneMoment), 8.0);
        assert_eq!(optimizer(Optimizer::Stateless), 4.0);
        assert_eq!(optimizer(Optimizer::Paged), 0.0);
    }

    #[test]
    fn deepspeeds_estimator_is_reproduced() {
        // Its documentation's model: 2,851 M parameters, largest layer 32 M, 8 GPUs on one node.
        let (p, largest) = (2851e6, 32e6);
        assert_eq!(deepspeed_zero2(p, 8.0, false), 4.0 * p + 2.0 * p);
        assert_eq!(deepspeed_zero2(p, 8.0, true), 2.0 * p);
        assert_eq!(deepspeed_zero3(p, largest, 8.0, false, false), 128e6 + 18.0 * p / 8.0);
        assert_eq!(deepspeed_zero3(p, largest, 8.0, true, false), 128e6 + 2.0 * p / 8.0);
        assert_eq!(deepspeed_zero3(p, largest, 8.0, true, true), 128e6);
    }

    #[test]
    fn offloading_needs_host_memory_for_every_gpu_of_the_node() {
        assert_eq!(offload_host_bytes(1e9, 8.0, 8.0), Interval::new(32e9, 48e9));
        assert_eq!(offload_host_bytes(1e9, 1.0, 1.0), Interval::new(18e9, 27e9));
    }
}
