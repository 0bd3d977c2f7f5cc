//! vLLM: the words of `vllm serve`.

use purlin_core::emit::Tape;
use purlin_schema::View;
use purlin_schema::kinds::models::{Adapter, Model};
use purlin_schema::kinds::serving::{KvCache, Serving, ServingVia};
use purlin_schema::kinds::training::Dtype;
use purlin_schema::units::Version;

use super::command::{Command, number};
use super::work::{Work, has};
use super::{Config, WEIGHTS};

type Endpoint<'s, 'a> = Work<'s, 'a, Serving>;

/// The port on which vLLM answers; its own default.
const PORT: u64 = 8000;

pub(super) fn write(mut endpoint: Endpoint<'_, '_>) -> Config {
    let Some(run) = endpoint.said.run().get() else { return endpoint.into_config(Vec::new(), Vec::new()) };
    let version = run.version().get();
    let mut command = Command::new(&["vllm", "serve"]);
    weights(&mut command, &endpoint);
    let name = endpoint.sound.graph().get(endpoint.id).map_or("", |resource| resource.name.as_str());
    command.pair("--served-model-name", name);
    command.pair("--port", PORT);
    let said = endpoint.said;
    precision(&mut command, &mut endpoint);
    command.maybe("--max-model-len", said.context().get());
    command.maybe("--max-num-seqs", said.concurrency().get());
    command.maybe("--max-num-batched-tokens", said.max_batched_tokens().get());
    command.maybe("--gpu-memory-utilization", said.memory_utilization().get().map(|share| number(share.0)));
    cache(&mut command, &mut endpoint);
    parallel(&mut command, &mut endpoint, version);
    speculative(&mut command, &mut endpoint, version);
    adapters(&mut command, &mut endpoint);
    endpoint.into_config(Vec::new(), command.extra(run.arg()))
}

/// `KServe` puts the weights where it is told; a container of its own fetches them from the hub or finds them mounted.
fn weights(command: &mut Command, endpoint: &Endpoint<'_, '_>) {
    let own = endpoint.read.via().get() == Some(ServingVia::Deployment);
    let model = endpoint.sound.ask.get::<Model>(endpoint.said.model()).ok();
    let from = model.and_then(|(_, model)| model.from().get());
    if let Some(folder) = endpoint.weights_folder(endpoint.read.model()).filter(|_| own) {
        command.flag(&folder);
    } else if let Some(repository) = from.and_then(|from| from.huggingface().get()).filter(|_| own) {
        command.flag(repository);
        command.maybe("--revision", from.and_then(|from| from.revision().get()));
    } else {
        command.flag(WEIGHTS);
    }
}

fn precision(command: &mut Command, endpoint: &mut Endpoint<'_, '_>) {
    let word = match endpoint.read.precision().get() {
        None => return,
        Some(Dtype::Bf16) => "bfloat16",
        Some(Dtype::Fp16) => "float16",
        Some(Dtype::Fp32) => "float32",
        Some(_) => {
            return endpoint.loss(
                "precision",
                "vLLM computes in `bf16`, `fp16` or `fp32`; other formats are the weights'",
            );
        }
    };
    let _ = endpoint.said.precision();
    command.pair("--dtype", word);
}

fn cache(command: &mut Command, endpoint: &mut Endpoint<'_, '_>) {
    let dtype = endpoint.read.kv_cache().get().and_then(|cache| cache.dtype().get());
    let computed = endpoint.read.precision().get();
    match dtype {
        Some(Dtype::Fp8) => command.pair("--kv-cache-dtype", "fp8"),
        Some(dtype) if computed.is_none_or(|computed| computed == dtype) => {
            command.pair("--kv-cache-dtype", "auto");
        }
        Some(_) => endpoint.loss("kv-cache.dtype", "vLLM keeps keys and values as it computes, or in `fp8`"),
        None => {}
    }
    if dtype == Some(Dtype::Fp8) || dtype.is_some() && computed.is_none_or(|computed| Some(computed) == dtype)
    {
        let _ = endpoint.said.kv_cache().get().map(View::<KvCache>::dtype);
    }
    match endpoint.said.prefix_cache().get() {
        Some(true) => command.flag("--enable-prefix-caching"),
        Some(false) => command.flag("--no-enable-prefix-caching"),
        None => {}
    }
}

fn parallel(command: &mut Command, endpoint: &mut Endpoint<'_, '_>, version: Option<Version>) {
    let Some(parallel) = endpoint.said.parallel().get() else { return };
    command.maybe("--tensor-parallel-size", parallel.tensor().get());
    command.maybe("--pipeline-parallel-size", parallel.pipeline().get());
    let (data, expert) = (parallel.data().get().unwrap_or(1), parallel.expert().get().unwrap_or(1));
    if data > 1 && known(endpoint, "parallel.data", "--data-parallel-size", version) {
        command.pair("--data-parallel-size", data);
    }
    if expert > 1 && known(endpoint, "parallel.expert", "--enable-expert-parallel", version) {
        let all = parallel.tensor().get().unwrap_or(1).saturating_mul(data);
        let same = expert == all;
        endpoint.loss_if(!same, "parallel.expert", "vLLM divides experts over `tensor` times `data` GPUs");
        command.flag_if(same, "--enable-expert-parallel");
    }
}

/// Whether the version has the option; a loss where it has not.
fn known(
    endpoint: &mut Endpoint<'_, '_>,
    field: &str,
    option: &'static str,
    version: Option<Version>,
) -> bool {
    let Some(option) = purlin_stdlib::runtime("vllm").and_then(|vllm| vllm.option(option)) else {
        return false;
    };
    let has = option.since.is_empty() || has(version, option.since);
    endpoint.loss_if(!has, field, "this version of vLLM is not known to have an option for it");
    has
}

fn speculative(command: &mut Command, endpoint: &mut Endpoint<'_, '_>, version: Option<Version>) {
    let Some(asked) = endpoint.read.speculative().get() else { return };
    if !known(endpoint, "speculative", "--speculative-config", version) {
        return;
    }
    let draft = endpoint.sound.ask.get::<Model>(asked.draft()).ok();
    let repository =
        draft.and_then(|(_, draft)| draft.from().get()).and_then(|from| from.huggingface().get());
    let path = endpoint.weights_folder(asked.draft()).or(repository.map(str::to_owned));
    let (Some(path), Some(tokens)) = (path, asked.tokens().get()) else {
        return endpoint.loss("speculative.draft", "where the draft model's weights lie is not known");
    };
    let _ = endpoint.said.speculative().get().map(|said| (said.draft(), said.tokens()));
    let mut config = Tape::default();
    config.map(|t| {
        t.set("method", "draft_model");
        t.set("model", path);
        t.set("num_speculative_tokens", tokens);
    });
    let mut text = String::new();
    crate::print::json::print_compact(&config, &mut text);
    command.pair("--speculative-config", text);
}

fn adapters(command: &mut Command, endpoint: &mut Endpoint<'_, '_>) {
    let (Some(said), Some(read)) = (endpoint.said.adapters().get(), endpoint.read.adapters().get()) else {
        return;
    };
    command.flag("--enable-lora");
    let count = read.adapters().len() as u64;
    command.pair("--max-loras", said.max_loaded().get().unwrap_or(count).max(1));
    let ranks = read.adapters().values().filter_map(|adapter| {
        endpoint.sound.ask.get_one::<Adapter>(adapter).ok()?.1.method().get()?.rank().get()
    });
    command.maybe("--max-lora-rank", said.max_rank().get().or(ranks.max()));
    endpoint.loss("adapters", "which adapters are loaded is told to the running server, by its API");
}
