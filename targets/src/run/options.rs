//! The options that are written, by program: name, type, the version that brought it. A test holds every output against
//! these tables, so that no output uses a word that its program was not seen to have.

/// One option of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// As it is written: `training.seq_len`, `--max-model-len`.
    pub(super) name: &'static str,
    /// What it takes.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests and people"))]
    pub(super) takes: Takes,
    /// The version that it was first seen in; empty: the oldest that is written for.
    pub(super) since: &'static str,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    /// Nothing: it stands alone.
    Flag,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A word or a path.
    Word,
    /// Several words.
    Words,
    /// `true` or `false`.
    Bool,
}

const fn known(name: &'static str, takes: Takes) -> Known {
    Known { name, takes, since: "" }
}

const fn since(since: &'static str, name: &'static str, takes: Takes) -> Known {
    Known { name, takes, since }
}

use Takes::{Bool, Flag, Number, Whole, Word, Words};

/// torchtitan 0.2: `torchtitan/config/job_config.py` of pytorch/torchtitan at v0.2.0, v0.2.1 and v0.2.2, read 2026-11-21.
/// Later versions are configured in Python and read no TOML.
pub(super) const TORCHTITAN: &[Known] = &[
    known("job.description", Word),
    known("job.dump_folder", Word),
    known("metrics.enable_wandb", Bool),
    known("model.name", Word),
    known("model.flavor", Word),
    known("model.hf_assets_path", Word),
    known("model.converters", Words),
    known("optimizer.name", Word),
    known("optimizer.lr", Number),
    known("optimizer.beta1", Number),
    known("optimizer.beta2", Number),
    known("optimizer.eps", Number),
    known("optimizer.weight_decay", Number),
    known("optimizer.early_step_in_backward", Bool),
    known("lr_scheduler.warmup_steps", Whole),
    since("0.2.2", "lr_scheduler.total_steps", Whole),
    known("lr_scheduler.decay_ratio", Number),
    known("lr_scheduler.decay_type", Word),
    known("lr_scheduler.min_lr_factor", Number),
    known("training.dataset", Word),
    known("training.dataset_path", Word),
    known("training.local_batch_size", Whole),
    known("training.global_batch_size", Whole),
    known("training.seq_len", Whole),
    known("training.max_norm", Number),
    known("training.steps", Whole),
    known("training.enable_cpu_offload", Bool),
    known("training.mixed_precision_param", Word),
    known("training.mixed_precision_reduce", Word),
    known("training.seed", Whole),
    known("parallelism.data_parallel_replicate_degree", Whole),
    known("parallelism.data_parallel_shard_degree", Number),
    known("parallelism.tensor_parallel_degree", Whole),
    known("parallelism.pipeline_parallel_degree", Whole),
    known("parallelism.pipeline_parallel_schedule", Word),
    known("parallelism.pipeline_parallel_layers_per_stage", Whole),
    known("parallelism.pipeline_parallel_first_stage_less_layers", Whole),
    known("parallelism.pipeline_parallel_last_stage_less_layers", Whole),
    known("parallelism.pipeline_parallel_microbatch_size", Whole),
    known("parallelism.context_parallel_degree", Whole),
    known("parallelism.expert_parallel_degree", Whole),
    known("checkpoint.enable", Bool),
    known("checkpoint.folder", Word),
    known("checkpoint.interval", Whole),
    known("checkpoint.keep_latest_k", Whole),
    known("checkpoint.async_mode", Word),
    known("checkpoint.initial_load_path", Word),
    known("checkpoint.initial_load_in_hf", Bool),
    known("activation_checkpoint.mode", Word),
    known("activation_checkpoint.selective_ac_option", Word),
    known("compile.enable", Bool),
    known("validation.enable", Bool),
    known("validation.dataset", Word),
    known("validation.dataset_path", Word),
    known("validation.local_batch_size", Whole),
    known("validation.seq_len", Whole),
    known("validation.freq", Whole),
    known("validation.steps", Whole),
    since("0.2.1", "debug.seed", Whole),
];

/// Megatron-Core 0.15: `megatron/training/arguments.py` of NVIDIA/Megatron-LM at `core_v0.15.0`, read 2026-11-21.
pub(super) const MEGATRON: &[Known] = &[
    known("--num-layers", Whole),
    known("--hidden-size", Whole),
    known("--ffn-hidden-size", Whole),
    known("--num-attention-heads", Whole),
    known("--kv-channels", Whole),
    known("--group-query-attention", Flag),
    known("--num-query-groups", Whole),
    known("--max-position-embeddings", Whole),
    known("--position-embedding-type", Word),
    known("--rotary-base", Whole),
    known("--normalization", Word),
    known("--swiglu", Flag),
    known("--qk-layernorm", Flag),
    known("--untie-embeddings-and-output-weights", Flag),
    known("--disable-bias-linear", Flag),
    known("--add-qkv-bias", Flag),
    known("--init-method-std", Number),
    known("--attention-dropout", Number),
    known("--hidden-dropout", Number),
    known("--make-vocab-size-divisible-by", Whole),
    known("--vocab-size", Whole),
    known("--tokenizer-type", Word),
    known("--num-experts", Whole),
    known("--moe-router-topk", Whole),
    known("--moe-ffn-hidden-size", Whole),
    known("--attention-backend", Word),
    known("--tensor-model-parallel-size", Whole),
    known("--sequence-parallel", Flag),
    known("--pipeline-model-parallel-size", Whole),
    known("--num-virtual-stages-per-pipeline-rank", Whole),
    known("--account-for-embedding-in-pipeline-split", Flag),
    known("--account-for-loss-in-pipeline-split", Flag),
    known("--context-parallel-size", Whole),
    known("--expert-model-parallel-size", Whole),
    known("--use-distributed-optimizer", Flag),
    known("--use-megatron-fsdp", Flag),
    known("--data-parallel-sharding-strategy", Word),
    known("--ckpt-format", Word),
    known("--micro-batch-size", Whole),
    known("--global-batch-size", Whole),
    known("--seq-length", Whole),
    known("--train-iters", Whole),
    known("--bf16", Flag),
    known("--fp16", Flag),
    known("--fp8-format", Word),
    known("--accumulate-allreduce-grads-in-fp32", Flag),
    known("--grad-reduce-in-bf16", Flag),
    known("--optimizer", Word),
    known("--optimizer-cpu-offload", Flag),
    known("--lr", Number),
    known("--min-lr", Number),
    known("--lr-decay-style", Word),
    known("--lr-decay-iters", Whole),
    known("--lr-warmup-iters", Whole),
    known("--weight-decay", Number),
    known("--adam-beta1", Number),
    known("--adam-beta2", Number),
    known("--adam-eps", Number),
    known("--clip-grad", Number),
    known("--recompute-granularity", Word),
    known("--recompute-modules", Words),
    known("--recompute-method", Word),
    known("--recompute-num-layers", Whole),
    known("--cross-entropy-loss-fusion", Flag),
    known("--seed", Whole),
    known("--save", Word),
    known("--load", Word),
    known("--save-interval", Whole),
    known("--async-save", Flag),
    known("--pretrained-checkpoint", Word),
    known("--eval-interval", Whole),
    known("--eval-iters", Whole),
    known("--train-data-path", Words),
    known("--valid-data-path", Words),
    known("--wandb-project", Word),
    known("--wandb-exp-name", Word),
];

/// vLLM: `vllm/engine/arg_utils.py` of vllm-project/vllm at 99d7eb5d (0.11) and 001999d2 (0.7), read 2026-11-21; the
/// model stands first, as `vllm serve` takes it.
pub(super) const VLLM: &[Known] = &[
    known("--served-model-name", Words),
    known("--revision", Word),
    known("--port", Whole),
    known("--dtype", Word),
    known("--max-model-len", Whole),
    known("--max-num-seqs", Whole),
    known("--max-num-batched-tokens", Whole),
    known("--gpu-memory-utilization", Number),
    known("--kv-cache-dtype", Word),
    known("--enable-prefix-caching", Flag),
    known("--no-enable-prefix-caching", Flag),
    known("--tensor-parallel-size", Whole),
    known("--pipeline-parallel-size", Whole),
    since("0.11", "--data-parallel-size", Whole),
    since("0.11", "--enable-expert-parallel", Flag),
    since("0.11", "--speculative-config", Word),
    known("--enable-lora", Flag),
    known("--max-loras", Whole),
    known("--max-lora-rank", Whole),
];

/// The option of a name.
pub(super) fn find(table: &'static [Known], name: &str) -> Option<&'static Known> {
    table.iter().find(|known| known.name == name)
}
