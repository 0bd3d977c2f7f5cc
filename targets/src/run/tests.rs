use purlin_core::emit::collect;
use purlin_core::{MemoryWorld, Options, Serial, compile};

use purlin_stdlib::facts::Takes;

use super::*;

/// A platform with one pool of eight H100 a node, a file system and a model; `rest` is what is tested.
fn project(rest: &str) -> String {
    format!(
        r#"platform acme {{ organisation acme; currency USD }}
team research
cloud aws provider=aws account="123456789012" region=us-east-2
network core cloud=aws cidr="10.0.0.0/16"
cluster train {{ cloud aws; network core; kubernetes "1.35" }}
gpu-pool h100 cluster=train {{ instance p5.48xlarge; nodes 4; driver "580" }}
storage fast cloud=aws {{ type parallel; engine lustre; size "1200GiB" }}
storage lake cloud=aws {{ type object; engine s3; bucket acme-lake }}
model llama {{
    from huggingface="meta-llama/Llama-3.1-8B" revision="0e9e39f249a16976918f6564b8830bc894c89659"
    architecture llama-3.1-8b
    weights fast path="llama"
    format safetensors
}}
dataset corpus {{ location fast path="corpus/all"; format megatron-indexed; version "1" }}
{rest}"#
    )
}

/// What the resource of an address is told: its files with their names, and its command.
#[track_caller]
fn ask<T>(spec: &str, address: &str, ask: impl FnOnce(&Sound<'_>, ResourceId) -> T) -> T {
    let session = compile(&MemoryWorld::of(&project(spec)), Options::default(), &Serial).unwrap();
    let environment = &session.environments()[0];
    let Some(sound) = collect::vouch(&session, 0, &[]) else { panic!("not sound") };
    let found = environment.graph.lookup(address);
    let Some(resource) = found else { panic!("no {address}: {:?}", session.findings()) };
    ask(&sound, resource.id)
}

fn files(sound: &Sound<'_>, id: ResourceId) -> Vec<RunFile> {
    super::told(sound, id).1
}

fn argv(sound: &Sound<'_>, id: ResourceId) -> Vec<String> {
    super::told(sound, id).0
}

#[track_caller]
fn check_file(spec: &str, address: &str, path: &str, expect: &[&str]) {
    let files = ask(spec, address, files);
    let Some(file) = files.iter().find(|file| file.path == path) else { panic!("no {path}: {files:?}") };
    for line in expect {
        assert!(file.text.lines().any(|have| have == *line), "`{line}` is not in\n{}", file.text);
    }
}

#[track_caller]
fn check_argv(spec: &str, address: &str, expect: &str) {
    let argv = ask(spec, address, argv).join(" ");
    assert!(argv.contains(expect), "`{expect}` is not in `{argv}`");
}

#[track_caller]
fn check_losses(spec: &str, address: &str, expect: &[&str]) {
    let losses = ask(spec, address, |sound, id| config(sound, sound.graph().get(id)?));
    let losses = losses.map(|config| config.losses).unwrap_or_default();
    let fields: Vec<&str> = losses.iter().map(|loss| &*loss.field).collect();
    assert_eq!(fields, expect, "{losses:#?}");
}

const TUNE: &str = r#"training-job tune {
    team research
    on h100 nodes=2
    model llama
    method full
    run torchtitan version="0.2"
    precision bf16
    optimizer adamw {
        learning-rate 1e-5
        betas 0.9 0.95
        weight-decay 0.1
        gradient-clip 1.0
        schedule cosine warmup="26 steps" final=1e-6
    }
    parallel tensor=2 sequence=#true sharding=fsdp
    batch global=256 micro=2 sequence=8192
    activation-checkpointing full
    attention flash
    seed 7
    tokens "1.8B tokens"
    expect mfu min="30%" max="40%"
    checkpoint every="1h" to=fast keep=3
}"#;

const PRETRAIN: &str = r#"training-job first {
    team research
    on h100 nodes=4
    model llama
    run megatron-core version="0.15" { arg "--log-throughput"; arg "--log-interval" "10" }
    precision bf16 gradients=fp32
    optimizer adamw { learning-rate 8e-5; betas 0.9 0.95; schedule cosine warmup="100 steps" final=8e-7 horizon="1T tokens" }
    parallel tensor=8 sequence=#true pipeline=2 sharding=zero-1
    batch global=256 micro=1 sequence=8192
    activation-checkpointing selective { modules core-attention layernorm }
    attention flash
    steps 1000
    data corpus weight="100%"
    checkpoint every="50 steps" to=fast mode=async
}"#;

const CHAT: &str = r#"serving chat {
    model llama
    run vllm version="0.17" { arg "--enforce-eager" }
    via kserve
    on h100 gpus=2
    context 8192
    concurrency 16
    max-batched-tokens 4096
    memory-utilization 0.9
    kv-cache dtype=fp8
    prefix-cache
    parallel tensor=2
}"#;

#[test]
fn torchtitan_is_told_batch_and_steps() {
    let expect = [
        "local_batch_size = 2",
        "global_batch_size = 256",
        "seq_len = 8192",
        "steps = 858",
        "max_norm = 1.0",
    ];
    check_file(TUNE, "training-job.tune", "torchtitan.toml", &expect);
}

#[test]
fn torchtitan_is_told_the_flavour_and_where_its_weights_lie() {
    let expect = [
        "name = \"llama3\"",
        "flavor = \"8B\"",
        "hf_assets_path = \"/mnt/fast/llama\"",
        "initial_load_in_hf = true",
        "data_parallel_shard_degree = -1",
        "tensor_parallel_degree = 2",
    ];
    check_file(TUNE, "training-job.tune", "torchtitan.toml", &expect);
}

#[test]
fn torchtitan_saves_as_often_as_the_slowest_step_asks() {
    // 5.46e10 FLOP a token, 2,097,152 tokens a step, 16 GPUs of 989e12 FLOP/s at 30%: 24.1 s; 3600 s are 149 of them.
    check_file(TUNE, "training-job.tune", "torchtitan.toml", &["interval = 149", "keep_latest_k = 3"]);
}

#[test]
fn torchtitan_is_told_the_last_rate_as_a_part_of_the_highest() {
    let expect = ["warmup_steps = 26", "decay_type = \"cosine\"", "min_lr_factor = 0.1"];
    check_file(TUNE, "training-job.tune", "torchtitan.toml", &expect);
}

#[test]
fn torchtitan_is_given_datasets_that_it_has_no_name_for() {
    let contract = r#"data-contract talk { version "1.0.0"; schema talk { field who string; field prompt string; field completion string } }
dataset talk { contract talk; location lake path="talk/v1/"; format parquet; version "1"; split by=who { part train "95%"; part held "5%" } }
"#;
    let data = "seed 7\n    data talk split=train\n    validate every=\"10 steps\" data=talk split=held";
    let spec = format!("{contract}{}", TUNE.replace("seed 7", data));
    let expect = [
        "dataset = \"talk-train\"",
        "dataset = \"talk-held\"",
        "[experimental]",
        "custom_import = \"purlin_datasets\"",
    ];
    check_file(&spec, "training-job.tune", "torchtitan.toml", &expect);
    let expect = [
        "DATASETS[\"talk-train\"] = DatasetConfig(",
        "    \"s3://acme-lake/talk/v1/\",",
        "    partial(load, kind=\"parquet\", pattern=\"**/*.parquet\", part=(\"who\", 0, 9500)),",
        "    partial(load, kind=\"parquet\", pattern=\"**/*.parquet\", part=(\"who\", 9500, 10000)),",
        "    partial(join, fields=[\"prompt\", \"completion\"]),",
    ];
    check_file(&spec, "training-job.tune", "purlin_datasets.py", &expect);
    check_argv(&spec, "training-job.tune", "env PYTHONPATH=/etc/purlin/run torchrun -m torchtitan.train");
    check_losses(&spec, "training-job.tune", &["image", "image"]);
}

#[test]
fn a_dataset_that_cannot_be_registered_is_a_loss() {
    let spec = TUNE.replace("seed 7", "seed 7\n    data corpus");
    check_losses(&spec, "training-job.tune", &["data"]);
}

#[test]
fn torchtitan_reads_its_own_file() {
    check_argv(
        TUNE,
        "training-job.tune",
        "-m torchtitan.train --job.config_file /etc/purlin/run/torchtitan.toml",
    );
}

#[test]
fn what_torchtitan_has_no_word_for_is_a_loss() {
    let spec = TUNE.replace("attention flash", "attention eager").replace("sharding=fsdp", "sharding=zero-1");
    check_losses(&spec, "training-job.tune", &["parallel.sharding", "attention"]);
}

#[test]
fn torchtitan_is_toml_with_options_of_the_table_alone() {
    let files = ask(TUNE, "training-job.tune", files);
    let table: toml::Table = files[0].text.parse().unwrap();
    let torchtitan = purlin_stdlib::runtime("torchtitan").unwrap();
    for (section, options) in &table {
        for (option, value) in options.as_table().unwrap() {
            let name = format!("{section}.{option}");
            let known = torchtitan.option(&name).unwrap_or_else(|| panic!("{name}"));
            let fits = match known.takes {
                Takes::Whole => value.is_integer(),
                Takes::Number => value.is_float() || value.is_integer(),
                Takes::Word => value.is_str(),
                Takes::Words => value.is_array(),
                Takes::Bool => value.is_bool(),
                Takes::Flag | Takes::Switch => false,
            };
            assert!(fits, "{name} = {value}");
        }
    }
}

#[test]
fn megatron_is_told_shape_and_parallelism() {
    let expect = "--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --kv-channels 128 \
                  --group-query-attention --num-query-groups 8";
    check_argv(PRETRAIN, "training-job.first", expect);
    let expect = "--tensor-model-parallel-size 8 --sequence-parallel --pipeline-model-parallel-size 2 \
                  --use-distributed-optimizer --micro-batch-size 1";
    check_argv(PRETRAIN, "training-job.first", expect);
}

#[test]
fn megatron_is_told_a_schedule_in_steps() {
    // 1e12 tokens in steps of 256 x 8192.
    let expect = "--lr-decay-style cosine --lr-warmup-iters 100 --min-lr 8e-7 --lr-decay-iters 476837";
    check_argv(PRETRAIN, "training-job.first", expect);
}

#[test]
fn megatron_recomputes_modules_by_its_own_names() {
    let expect =
        "--recompute-granularity selective --recompute-modules core_attn layernorm --attention-backend flash";
    check_argv(PRETRAIN, "training-job.first", expect);
}

#[test]
fn megatron_reads_a_mounted_prefix_with_its_weight() {
    check_argv(PRETRAIN, "training-job.first", "--train-data-path 1.0 /mnt/fast/corpus/all");
}

#[test]
fn arguments_of_the_spec_stand_last() {
    check_argv(PRETRAIN, "training-job.first", "--log-throughput --log-interval 10");
}

#[test]
fn vllm_is_told_what_its_memory_was_counted_from() {
    let expect = "vllm serve /mnt/models --served-model-name chat --port 8000 --max-model-len 8192 --max-num-seqs 16 \
                  --max-num-batched-tokens 4096 --gpu-memory-utilization 0.9 --kv-cache-dtype fp8 \
                  --enable-prefix-caching --tensor-parallel-size 2 --enforce-eager";
    check_argv(CHAT, "serving.chat", expect);
}

#[test]
fn vllm_in_a_container_of_its_own_reads_a_mounted_folder() {
    let spec = CHAT.replace("via kserve", "via deployment");
    check_argv(&spec, "serving.chat", "vllm serve /mnt/fast/llama --served-model-name chat");
}

#[test]
fn commands_use_options_of_their_tables_alone() {
    let cases = [(PRETRAIN, "training-job.first", "megatron-core"), (CHAT, "serving.chat", "vllm")];
    for (spec, address, runtime) in cases {
        let runtime = purlin_stdlib::runtime(runtime).unwrap();
        let words = ask(spec, address, argv);
        for (index, word) in words.iter().enumerate().filter(|(_, word)| word.starts_with("--")) {
            let known = runtime.named(word).unwrap_or_else(|| panic!("{word}"));
            let value = words.get(index + 1).is_some_and(|next| !next.starts_with("--"));
            assert_eq!(value, !matches!(known.takes, Takes::Flag | Takes::Switch), "{word}");
        }
    }
}

#[test]
fn an_option_that_the_version_is_not_known_to_have_is_a_loss() {
    let spec = CHAT
        .replace("version=\"0.17\"", "version=\"0.7\"")
        .replace("parallel tensor=2", "parallel tensor=1 data=2");
    check_losses(&spec, "serving.chat", &["parallel.data"]);
}

#[test]
fn triton_is_told_backend_and_batch() {
    let spec = r#"model encoder { from huggingface="BAAI/bge-m3" revision="5617a9f61b028005a4858fdac845db406aefb181"; architecture bge-m3; format onnx }
serving embed { model encoder; run triton version="26.08"; on h100 gpus=1; concurrency 32; context 512 }"#;
    let expect = ["name: \"embed\"", "backend: \"onnxruntime\"", "max_batch_size: 32", "    kind: KIND_GPU"];
    check_file(spec, "serving.embed", "config.pbtxt", &expect);
}

#[test]
fn xgboost_is_told_its_parameters_and_the_seed() {
    let spec = r#"training-job score {
    team research
    on h100 nodes=1
    run xgboost version="3.1"
    parameters { objective "binary:logistic"; max_depth 5; eta 0.05; monotone_constraints { debt 1; tenure -1 } }
    seed 7
}"#;
    let expect =
        ["  \"objective\": \"binary:logistic\",", "  \"max_depth\": 5,", "  \"eta\": 0.05,", "  \"seed\": 7"];
    check_file(spec, "training-job.score", "xgboost.json", &expect);
}

#[test]
fn maps_without_end_are_cut_and_a_loss() {
    let (open, close) = ("a { ".repeat(40), "}".repeat(40));
    let spec = format!(
        "training-job score {{ team research; on h100 nodes=1; run xgboost version=\"3.1\"; parameters {{ {open} b 1 {close} }} }}"
    );
    check_losses(&spec, "training-job.score", &["parameters"]);
}

#[test]
fn a_command_of_the_users_own_stands_as_it_is() {
    let spec = r#"training-job own { team research; on h100 nodes=1; run custom { command python "train it.py"; arg "--fast" } }"#;
    check_argv(spec, "training-job.own", "python train it.py --fast");
}

#[test]
fn a_script_quotes_what_a_shell_would_read() {
    let words = ["a", "--name", "it's $HOME"].map(str::to_owned);
    let expect = "#!/bin/sh\n# serving.x\nset -eu\nexec a \\\n    --name 'it'\\''s $HOME'\n";
    assert_eq!(command::script("serving.x", &words), expect);
}
