//! The kinds of data, models, training, serving and agents, as specs write them.

use purlin_schema::decode::decode;
use purlin_schema::kinds;
use purlin_syntax::{Diagnostic, Document, ItemId, NodeId};

/// What is said of a declaration, by reader and decoder.
fn findings(text: &str) -> Vec<String> {
    let document = Document::parse(text.to_owned());
    let tree = &document.items()[0].tree;
    let word = tree.node(NodeId(0)).name.as_str();
    let kind = kinds::kind(word).unwrap_or_else(|| panic!("no kind `{word}`"));
    let mut out: Vec<Diagnostic> = Vec::new();
    decode(kind, tree, NodeId(0), document.item_text(0), ItemId(0), &mut out);
    let syntax = tree.errors.iter().map(|error| format!("{error:?}"));
    let said = out.iter().map(|finding| {
        let place = finding.span().map_or("", |span| span.range().of(text));
        format!("{}: {} @ {place}", finding.rule, finding.message)
    });
    syntax.chain(said).collect()
}

/// A declaration of which nothing is said.
fn clean(text: &str) {
    let findings = findings(text);
    assert!(findings.is_empty(), "{}\nof {text}", findings.join("\n"));
}

/// A declaration of which exactly one thing is said: a rule's, about this piece of the text.
fn wrong(text: &str, rule: &str, culprit: &str) {
    let findings = findings(text);
    assert_eq!(findings.len(), 1, "{}\nof {text}", findings.join("\n"));
    assert!(findings[0].starts_with(rule), "{}\nof {text}", findings[0]);
    assert!(findings[0].contains(culprit), "{}\nof {text}", findings[0]);
}

#[test]
fn a_data_contract_promises_schema_quality_and_use() {
    clean(
        r#"data-contract tickets {
    version "2.1.0"; status active; description "…"
    schema tickets physical-name="support.tickets" {
        field ticket-id string { required; primary-key }
        field email string personal=pii classification=restricted
        field health-note string personal=special-category
        field body string { required; quality length max=20000 }
    }
    compatibility backward; freshness max-lag="15min"; retention "7y"; availability "99.9%"
    purpose support-quality; residency eu; license internal; legal-basis contract article="6(1)(b)"; erasure key=customer-id within="30d"; processor "Acme Cloud" country=DE; special-category health-note condition=explicit-consent; tdm-opt-out honoured="robots.txt"
}"#,
    );
    clean(
        r#"data-contract c {
    version "1.0.0"
    synthetic
    legal-basis consent for=marketing reference="…"
    legal-basis consent for=research
    processor "X" agreement="…"
    schema s {
        field f decimal precision=12 scale=2
        field sex string personal=pii { quality valid-values { values f m x unknown } }
        field language string { required; quality accepted-values { values de fr it es en } }
        field v vector dimensions=1024
        field income decimal precision=12 scale=2 classification=confidential { required; quality range min=0 max=1000000 }
        quality sql name=n query="select count(*) from {table}" max=49
        quality sql name=m query="select 1" min=1
        quality row-count per=day min=1 max=9
    }
}"#,
    );
}

#[test]
fn a_stream_is_a_topic_with_a_contract() {
    clean(
        r#"stream ticket-events { contract tickets; broker events; topic support.tickets.v2 partitions=48 replication=3; schema format=avro subject=support.tickets.v2-value; retention "7d"; freshness max-lag="30s"; producer crm rate="40/s" }"#,
    );
    clean(
        r#"stream s { contract c; broker b; topic t; from p; dead-letter "t.dlq"; producer crm rate="40/s" peak="200/s" }"#,
    );
}

#[test]
fn a_pipeline_reads_transforms_and_declassifies() {
    clean(
        r#"pipeline clean { from ticket-events; engine spark; on general; schedule "0 2 * * *"; declassify email to=none method=tokenisation owner=privacy; select ticket-id body }"#,
    );
    clean(
        r#"pipeline p {
    from raw stream.s; engine flink version="2.1"; image "ghcr.io/acme/p:1"
    on cpu-pool.general cpu=8 memory="16GiB"; schedule "0 2 * * *" timezone="Europe/Berlin"
    declassify email to=pseudonymous method=keyed-hash owner=support-data
    declassify body to=aggregate method=count owner=support-data
    secret s as=S; calls embed; checkpoint every="1min" to=s
    chunk tokens="512 tokens" overlap="64 tokens" splitter=markdown; select a b as=c
}"#,
    );
}

#[test]
fn a_dataset_is_data_in_one_version() {
    clean(
        r#"dataset tickets { contract tickets; from clean; location lake path="tickets/v2/"; format parquet; version "2026-10-01"; split by=customer-id { part train "90%"; part holdout "10%" }; size tokens="2B tokens"; tokenizer llama-3.1; label resolved from=tickets.resolved delay="30d" }"#,
    );
    clean(
        r#"dataset d { from application-events applicant; format iceberg; size rows=2_400_000 tokens="620M tokens"; split by=t { part train until="2026-01-31"; part holdout from="2026-02-01" until="2026-04-30" } }"#,
    );
}

#[test]
fn features_and_vectors_say_what_they_are_made_of() {
    clean(
        r#"feature-view debt { entity customer; from ticket-events; event-time opened-at; ttl "90d"; feature open-count integer; online features; offline lake }"#,
    );
    clean(
        r#"feature-view applicant {
    entity application-id; from data-contract.bureau; calls embed; event-time submitted-at; ttl "30d"
    feature debt-ratio number value=(expr)"debt-service / net-income"; feature text-vector vector dimensions=1024
    online online-features; offline lake; freshness max-lag="30s"
}"#,
    );
    clean(
        r"vector-store docs { engine qdrant; cluster train; embedding bge-m3 dimensions=1024 distance=cosine; index hnsw m=16 ef-construct=128; partition by=tenant; from tickets }",
    );
    clean(
        r#"vector-store v { engine qdrant; cluster train; embedding bge-m3; quantization scalar; size vectors=4000000; replicas 3 shards=6; storage "200GiB"; retention "2y"; freshness max-age="2h" }"#,
    );
}

#[test]
fn an_architecture_has_whatever_an_exact_count_needs() {
    clean(
        r"architecture house-13b { parameters 13015864320; layers 40; hidden 5120; ffn 13824 gated=#true; heads 40; kv-heads 8; head-dim 128; vocab 128256; context 8192 }",
    );
    clean(
        r"architecture a { layers 2; hidden 8; heads 2; vocab 16; tied-embeddings #false; norm rmsnorm embedding-norm=#true qk-norm=#true; activation silu; rope theta=500000; causal #false; bias attention=#true mlp=#true; positions learned=2048; attention mla q-rank=1536 kv-rank=512 rope-dim=64 nope-dim=128 v-dim=128; experts 256 per-token=8 ffn=2048 shared=1 dense-layers=3; parallel-blocks; pooler }",
    );
    clean(
        r#"architecture w { parameters "8B"; layers 2; hidden 8; heads 2; vocab 16; window 4096 layers=1; output-layer #false; token-types 2; attention-sinks; norm bare per-layer=4 final=#false; source "paper"; as-of "2026-11-01" }"#,
    );
}

#[test]
fn a_model_says_where_it_comes_from() {
    clean(
        r#"model llama-8b { from huggingface="meta-llama/Llama-3.1-8B" revision="0e9e39f249a16976918f6564b8830bc894c89659"; architecture llama-3.1-8b; weights lake path="models/llama-8b/"; format safetensors; quantization none; license llama-3.1 }"#,
    );
    clean(
        r#"model assistant { from tune; registry experiments name=assistant; intended-use "Draft replies for human agents" }"#,
    );
    clean(
        r#"model m { init normal std=0.0044; task embedding dimensions=2048; quantization fp8 scheme=block block=128; out-of-scope "…" "more" }"#,
    );
}

#[test]
fn an_adapter_has_a_base() {
    clean("adapter tone { from tone-tune; base llama-8b; method lora rank=16 }");
    clean(
        r#"adapter a { base llama-8b; weights lake path="a/"; sha256 "1f9d0b6a3e5c4d7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"; tenant t }"#,
    );
}

#[test]
fn tracking_runs_a_product() {
    clean(r#"tracking experiments { run mlflow version="3.5"; cluster train; on general; artifacts lake }"#);
}

#[test]
fn a_training_job_is_said_in_full() {
    clean(
        r#"training-job tune {
    team ml-platform
    queue research priority=high                 // or `on POOL`; both: on pins the queue's flavor
    on h100 nodes=2                              // cpu-pool.general cpu=8 memory="16GiB" for CPU work
    model llama-8b
    method full                                  // lora rank=16 alpha=32 { targets q_proj v_proj } | qlora …
    run torchtitan version="0.2" { arg "--comm.trace_buf_size=20000" }
    via trainer                                  // trainer | jobset | ray | volcano | …
    image "ghcr.io/acme/tune:2026-11-16" cuda="13.0"
    precision bf16 gradients=fp32
    optimizer adamw { learning-rate 8e-5; betas 0.9 0.95; weight-decay 0.1; gradient-clip 1.0; schedule cosine warmup="200 steps" final=8e-7 }
    parallel tensor=1 pipeline=1 context=1 sharding=fsdp
    batch global=256 micro=2 sequence=8192
    activation-checkpointing full                // none | selective { modules core-attention } | full { layers 1 }
    attention flash; loss chunked; compile; offload optimizer to=host
    tokens "2B tokens"                           // or epochs 3, or steps
    data tickets split=train weight="100%" { exclude personal=special-category; purpose support-quality }
    validate every="500 steps" data=tickets split=holdout
    checkpoint every="20min" to=checkpoints keep=3 mode=async { milestone every="5000 steps" to=lake what=weights; before-end "45min" }
    resume node-failure max=20; resume hang after="10min"
    expect mfu min="30%" max="45%"; expect node-mtbf="3692h"
    budget "4000 USD"; deadline "36h"; seed 405
    track experiments experiment=tune
    env HF_HUB_OFFLINE="1"; secret hf-token as=HF_TOKEN
}"#,
    );
}

#[test]
fn the_further_fields_of_a_training_job_are_read() {
    clean(
        r#"training-job x { schedule "0 3 * * 0"; parameters { max_depth 5; monotone_constraints { debt-ratio 1; tenure-years -1 } }; calibrate isotonic; optimizer adamw { epsilon 1e-8; schedule cosine horizon="8T tokens" warmup="2B tokens" }; resume node-failure within="20min"; resume loss-spike; data d { exclude { personal pii; fields sex } }; parallel { sequence; virtual-pipeline 8; pipeline-layout { embedding-as-layer; loss-as-layer } } }"#,
    );
    clean(
        r#"training-job y { on cpu-pool.general cpu=8 memory="16GiB"; method lora rank=16 alpha=32 { targets q_proj v_proj }; run custom { command python "-m" acme_train }; epochs 3; activation-checkpointing selective { modules core-attention layernorm }; optimizer adamw { bits 8; paged; in-backward }; resume preemption max=5 }"#,
    );
    clean(
        r"training-job z { on gpu.h100-sxm5-80gb count=8; steps 500; activation-checkpointing full { layers 1 }; run megatron-core }",
    );
    clean(
        r#"training-job e { env NCCL_DEBUG=WARN TORCH_NCCL_TRACE_BUFFER_SIZE="2000"; validate every="500 steps" data=validation tokens="8M tokens" }"#,
    );
}

#[test]
fn an_evaluation_bounds_what_may_go_on() {
    clean(
        r#"evaluation gate { of assistant; on h100 gpus=1; run lm-evaluation-harness version="0.4.9"; data tickets split=holdout; metric exact-match min=0.72; benchmark mmlu few-shot=5 { metric accuracy min=0.55 }; fairness language metric=exact-match max-gap=0.05 min-size=500; compare champion metric=exact-match min-gain=0; blocks promotion }"#,
    );
    clean(
        r#"evaluation x { of scorecard; image "ghcr.io/acme/e:1"; threshold 0.085; judge chat; compare champion metric=auc min-gain=-0.005; fairness sex metric=approval-rate min-ratio=0.8 min-size=500 { bands "18..25" "26.." } }"#,
    );
    clean(
        r#"evaluation g {
    of model.scorecard
    run custom { command python "-m" acme_eval.gate }
    threshold $cut-off
    fairness sex min-size=2000 {
        metric approval-rate min-ratio=0.80
        metric true-positive-rate max-gap=0.05
    }
    fairness language metric=rouge-l max-gap=0.05
    fairness language metric=toxicity max-gap=0.01
}"#,
    );
}

#[test]
fn an_endpoint_is_said_in_full() {
    clean(
        r#"serving assistant-api {
    model assistant
    run vllm version="0.17"                       // vllm | sglang | tensorrt-llm | triton | …
    via kserve                                   // kserve | llm-d | seldon | ray | deployment
    on l40s gpus=1                               // a slice: pool + gpus, or pool + profile; cpu-pool: cpu= memory=
    parallel tensor=1
    context 8192; concurrency 20                 // max-model-len, max-num-seqs
    kv-cache dtype=fp8; max-batched-tokens 8192; memory-utilization 0.9; prefix-cache; speculative draft=llama-1b tokens=4; adapters tone { max-loaded 8; max-rank 16 }
    load "1.5/s" peak="4/s" prompt="2200 tokens" output="250 tokens"
    slo availability="99.9%" { ttft p95="1.5s" prompt="2000 tokens"; tpot p95="60ms"; latency p99="12s" }
    replicas min=2 max=8 { scale queue-depth target=4; schedule office from="0 7 * * 1-5" to="0 19 * * 1-5" timezone="Europe/Berlin" min=4; predictive horizon="30min" }
    rollout canary { step "5%" for="30min"; step "25%" for="1h"; abort error-rate max="1%"; abort ttft-p95 max="2s"; rollback to=previous }
    auth oidc issuer="https://login.acme.example"; limit requests "50/s" per=client
    calls embed; audit decisions retention="10y" { include input output; pseudonymise email }
    oversight role=support-agent action=approve-each; disclosure "AI-drafted reply" at=first-turn; marking watermark=text metadata=signed; explain tree-shap top=4 as=reason-codes; fallback manual-queue
}"#,
    );
}

#[test]
fn the_further_fields_of_an_endpoint_are_read() {
    clean(
        r#"serving x { model m; on gpu-pool.embed profile="1g.5gb"; image "ghcr.io/acme/x:1" cuda="13.0"; secret pull as=image-pull; precision fp16; features a b; decision approve max=0.085 otherwise=refer; oversight role=r action=review { group g; review approved sample="2%"; stop within="5min" }; rollout canary { shadow for="7d"; abort m min=0.8 }; audit decisions to=evidence }"#,
    );
    clean(
        r#"serving y { model $model; on $slice; adapters $adapters; auth mtls; rollout blue-green { step "100%" for="30min"; abort error-rate max="0.5%" }; replicas min=2 max=6 { scale queue-latency target="20ms"; scale requests-per-second target=40 } }"#,
    );
    clean(
        r#"serving z { model m; on cpu-pool.general cpu=2 memory="4GiB"; rollout recreate drain="5min"; audit decisions retention="10y" to=storage.evidence { include input output reason-codes model-version threshold reviewer override; pseudonymise customer-id } }"#,
    );
}

#[test]
fn batches_gateways_and_routes_are_read() {
    clean(
        r#"batch-inference nightly { model assistant; data tickets; on h100 gpus=8; schedule "0 1 * * *"; to lake path="drafts/" }"#,
    );
    clean(
        r#"gateway llm { host "llm.acme.example"; on cluster.serve; tls managed; api openai; auth oidc issuer=$issuer; balance prefix-cache; limit tokens "20M tokens/min" }"#,
    );
    clean(
        r#"gateway g { host "g.example"; on cluster.serve; endpoint private; dns geo provider=route53; auth oidc tenant-claim=org; retry max=1 upon=connect-failure; timeout first-token="10s" total="300s"; circuit-breaker errors=5 window="10s" open="30s" }"#,
    );
    clean(
        r#"route chat-large { gateway llm; exposes-as chat-large; to chat-70b weight=90; to chat-405b weight=10 only=prod; fallback chat-24b upon=saturated after="2s"; residency eu }"#,
    );
    clean("route r { gateway g; to s region=eu }");
}

#[test]
fn a_monitor_watches_and_acts() {
    clean(
        r#"monitor assistant-quality {
    of assistant-api
    drift data reference=tickets test=psi max=0.2 window="24h"
    quality exact-match min=0.7 window="7d" label-delay="2d"
    bias language metric=exact-match max-gap=0.05 min-size=500 window="30d"
    freshness ticket-events max-lag="30s"
    alert ml-platform severity=page
    on-breach drift { retrain tune cooldown="7d" }; on-breach quality { rollback assistant-api }
}"#,
    );
    clean(
        r#"monitor x { of y; metric tokens-per-second min="62000 tokens/s" window="1h" timezone="Europe/Berlin"; slo burn-rate fast=14.4 slow=6; freshness m max-age="21d"; bias g min-ratio=0.8; quality q sample="5%"; on-breach bias { stop x } }"#,
    );
    clean(
        r#"monitor h { of phase-1; metric loss-z-score max=3 window="200 steps"; metric request-rate min="200/h" window="1h" from="0 8 * * 1-5" to="0 20 * * 1-5" }"#,
    );
}

#[test]
fn tests_of_the_running_system_are_read() {
    clean(
        r#"resilience-test zone-loss { of assistant-api; fault zone duration="10min"; expect availability min="99%" }"#,
    );
    clean(
        r#"resilience-test bureau-down { only staging; of serving.score; fault dependency of=bureau-history duration="1h"; expect availability min="99.9%" }"#,
    );
    clean(r#"load-test peak { of assistant-api; rate "4/s" for="15min"; expect ttft-p95 max="1.5s" }"#);
}

#[test]
fn agents_and_their_parts_are_read() {
    clean(
        r#"prompt draft-reply { version "3"; file "prompts/draft-reply.md"; input ticket string; output reply string }"#,
    );
    clean(
        r#"tool search { type mcp; endpoint "https://search.acme.example"; functions query; egress "search.acme.example:443"; needs-approval none; returns classification=internal }"#,
    );
    clean(
        r#"tool t { type mcp; secret s as=S; limit requests "20/s"; timeout "3s"; top 20; rerank s keep=5; image "ghcr.io/acme/t:1"; on general cpu=1; runtime gvisor }"#,
    );
    clean(
        "guardrail safety { input prompt-injection action=block; output pii action=redact; run llama-guard on=guard-1b }",
    );
    clean(r#"guardrail g { timeout "150ms" upon-timeout=block; output pii { entities email } }"#);
    clean(
        r#"agent helper { model assistant; prompt draft-reply; tools search; guardrails safety; memory docs; limits steps=12 tokens="60K tokens" cost="0.40 USD"; oversight upon=refund action=approve; trace }"#,
    );
    clean(
        r#"agent a { model m; prompt p; tenant t; run langgraph; cluster c; replicas 2; expose a2a; auth oidc; handoff team { low-confidence }; memory m ttl="24h"; limits tool-calls=20 duration="90s" repeats=3; trace otel sample="100%" }"#,
    );
}

#[test]
fn an_unknown_field_is_told_with_the_one_that_was_meant() {
    wrong("training-job t { lr 1e-5 }", "type.unknown-field", "lr");
    wrong("serving s { model m; on p; max-model-len 8192 }", "type.unknown-field", "max-model-len");
    wrong("dataset d { formt parquet }", "type.unknown-field", "formt");
    wrong(r#"monitor m { of s; drift data reference=d test=psi max=0.2 windw="1h" }"#, "type.", "wind");
    wrong("agent a { model m; prompt p; limits step=3 }", "type.unknown-field", "step");
}

#[test]
fn a_field_belongs_to_its_variant() {
    wrong("training-job t { method full { rank 16 } }", "type.unknown-field", "rank");
    wrong(r#"training-job t { resume preemption after="10min" }"#, "type.unknown-field", "after");
    wrong(r#"serving s { model m; on p; rollout canary drain="5min" }"#, "type.unknown-field", "drain");
    wrong("serving s { model m; on p; run vllm { command vllm serve } }", "type.unknown-field", "command");
    wrong(
        r#"data-contract c { version "1.0.0"; schema s { field f string dimensions=3 } }"#,
        "type.unknown-field",
        "dimensions",
    );
}

#[test]
fn a_wrong_unit_is_told() {
    wrong("training-job t { tokens 2000000 }", "type.unit", "tokens");
    wrong(r#"training-job t { deadline "36 GiB" }"#, "type.unit", "deadline");
    wrong(r#"serving s { model m; on p memory="4 cores" }"#, "type.unit", "memory");
    wrong(r"stream s { contract c; broker b; topic t; retention 7 }", "type.unit", "retention");
    wrong(
        r#"load-test l { of s; rate "4 GiB" for="1min"; expect error-rate max="1%" }"#,
        "type.unit",
        "rate",
    );
    wrong(r#"agent a { model m; prompt p; limits cost="0.40" }"#, "type.unit", "cost");
}

#[test]
fn a_wrong_choice_is_told() {
    wrong("training-job t { run torchtitn }", "type.choice", "torchtitn");
    wrong("training-job t { parallel sharding=zero-4 }", "type.choice", "zero-4");
    wrong("serving s { model m; on p; via knative }", "type.choice", "knative");
    wrong("model m { format pikle }", "type.choice", "pikle");
    wrong(
        r#"data-contract c { version "1.0.0"; schema s { field f string personal=secret } }"#,
        "type.choice",
        "secret",
    );
    wrong("guardrail g { input pii action=drop }", "type.choice", "drop");
}

#[test]
fn what_cannot_be_left_out_is_told() {
    wrong("serving s { model m }", "type.required-missing", "on");
    wrong("evaluation e { metric auc min=0.7 }", "type.required-missing", "of");
    wrong("training-job t { checkpoint keep=3 }", "type.required-missing", "`every`");
    wrong("adapter a { method lora rank=8 }", "type.required-missing", "base");
}

#[test]
fn a_row_stands_once() {
    wrong("evaluation e { of m; metric auc min=0.7; metric auc max=0.9 }", "language.duplicate-key", "auc");
    wrong("training-job t { data d; data d split=train }", "language.duplicate-key", "d");
}

#[test]
fn a_metric_of_fairness_stands_on_the_line_or_in_the_block() {
    clean("evaluation e { of m; fairness sex metric=a max-gap=0.1; fairness sex metric=b max-gap=0.1 }");
    wrong(
        "evaluation e { of m; fairness sex metric=a max-gap=0.1; fairness sex metric=a max-gap=0.2 }",
        "language.duplicate-key",
        "sex a",
    );
    wrong(
        "evaluation e { of m; fairness sex { metric a max-gap=0.1; metric a max-gap=0.2 } }",
        "language.duplicate-key",
        "metric a",
    );
    wrong(
        "evaluation e { of m; metric auc min=0.7; benchmark b metric=auc }",
        "type.wrong-type",
        "metric=auc",
    );
}
