//! Small specs in, YAML out.

use purlin_core::emit::{Format, Loss, Sink, Sound, Tape, Target};
use purlin_core::{MemoryWorld, Options, ResourceId, Serial};

use super::Kubernetes;

const BASE: &str = r#"
platform acme { language "0.1"; owner ml }
team ml { contact "ml@acme.example"; namespace ml }
cloud aws provider=aws account="123456789012" region=us-east-2 { state s3 bucket=acme-state }
network core cloud=aws { cidr "10.0.0.0/16"; zones us-east-2a; private }
cluster main { cloud aws; network core; kubernetes "1.35"; operators via=argocd; components { kueue; trainer; jobset; kserve; keda; external-secrets; prometheus-operator; strimzi } }
gpu-pool h100 cluster=main { instance p5.48xlarge; nodes 4 spare=1; capacity on-demand zone=us-east-2a }
gpu-pool l40s cluster=main { instance g6e.4xlarge; nodes min=1 max=4; capacity on-demand }
cpu-pool general cluster=main { instance m7i.4xlarge; nodes min=1 max=4; capacity on-demand }
"#;

/// Files in memory.
#[derive(Default)]
struct Memory {
    files: Vec<(String, String)>,
    losses: Vec<String>,
}

impl Sink for Memory {
    fn file(&mut self, path: &str, _: Format) {
        assert!(self.files.iter().all(|(have, _)| have != path), "{path} is begun twice");
        self.files.push((path.to_owned(), String::new()));
    }

    fn document(&mut self, _: Option<ResourceId>, tape: &Tape) {
        let (_, text) = self.files.last_mut().expect("a document belongs to a file");
        crate::print::yaml::print(tape, text);
    }

    fn text(&mut self, _: Option<ResourceId>, text: &str) {
        self.files.last_mut().expect("text belongs to a file").1.push_str(text);
    }

    fn loss(&mut self, loss: Loss) {
        self.losses.push(format!("{} {}: {}", loss.address, loss.field, loss.reason));
    }
}

/// What a spec becomes, and what of it is lost.
fn emit(spec: &str) -> (Vec<(String, String)>, Vec<String>) {
    let world = MemoryWorld::of(&format!("{BASE}{spec}"));
    let session = purlin_core::compile(&world, Options::default(), &Serial).expect("memory can be read");
    let faults: Vec<String> = session
        .findings()
        .into_iter()
        .filter(|finding| finding.is_error() && !finding.diagnostic.rule.contains("compliance"))
        .map(|finding| format!("{}: {}", finding.diagnostic.rule, finding.diagnostic.message))
        .filter(|fault| {
            fault.starts_with("type.") || fault.starts_with("reference.") || fault.starts_with("syntax.")
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let graph = session.graph(None).expect("there is one environment");
    let sound = Sound::vouch(graph, &session.catalog, &session.options);
    let mut memory = Memory::default();
    Kubernetes.emit(&sound, &mut memory);
    (memory.files, memory.losses)
}

/// A spec has to become, in this file, this object of a kind.
fn check(spec: &str, path: &str, kind: &str, expect: &str) {
    let (files, _) = emit(spec);
    let path = format!("kubernetes/main/{path}");
    let Some((_, text)) = files.iter().find(|(have, _)| *have == path) else {
        panic!("no {path} among {:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    };
    let kind = format!("\nkind: {kind}\n");
    let Some(object) = text.split("---\n").find(|object| object.contains(&kind)) else {
        panic!("no {kind} in {path}:\n{text}");
    };
    assert_eq!(object.trim(), expect.trim(), "\n{object}");
}

/// A spec has to lose this.
fn check_loss(spec: &str, expect: &str) {
    let (_, losses) = emit(spec);
    assert!(losses.iter().any(|loss| loss.starts_with(expect)), "{losses:#?}");
}

/// Everything that one resource of a kind needs to be said of it.
const MODEL: &str = r#"model m { from huggingface="acme/m" revision="1"; format safetensors }
"#;

const ECHO: &str = r#"
serving echo {
    model m
    run custom { command serve "--fast" }
    via deployment
    image "ghcr.io/acme/echo:1"
    on general cpu=0.5 memory="512MiB"
    replicas 2
    auth mtls
    env MODE="yes" COUNT="007"
    secret api-key
    secret pull as=image-pull
}
secret api-key { store aws-secrets-manager; key "acme/api" }
secret pull { store aws-secrets-manager; key "acme/pull" }
model m { from huggingface="acme/m" revision="1"; format safetensors }
"#;

const CHAT: &str = r#"
serving chat {
    model m
    run vllm version="0.17.0"
    via kserve
    on l40s gpus=1
    replicas min=2 max=6 {
        scale queue-depth target=4
        schedule office from="0 7 * * 1-5" to="0 19 * * 1-5" timezone="Europe/Berlin" min=3
    }
}
monitor chat-load { of serving.chat; metric request-rate min="1/s" window="1h"; metric ttft-p95 max="1.5s"; alert ml severity=page }
model m { from huggingface="acme/m" revision="1"; format safetensors }
"#;

const TUNE: &str = r#"
queue tuning { over h100; nominal-quota gpus=16 efa=64; cohort research; borrowing-limit gpus=8; priority high value=1000; topology required=rack; preempt lower-priority }
storage checkpoints cloud=aws { type parallel; engine lustre; size "1200GiB"; throughput "1000MB/s/TiB"; zone us-east-2a }
training-job tune {
    team ml
    queue tuning priority=high
    on h100 nodes=2
    model m
    method full
    run custom { command torchrun train.py }
    image "ghcr.io/acme/tune:1"
    checkpoint every="1h" to=checkpoints keep=3
    resume node-failure max=5
    resume preemption
    deadline "8h"
    env HF_HUB_OFFLINE="1"
}
model m { from huggingface="acme/m" revision="1"; format safetensors }
"#;

const KAFKA: &str = r#"
broker events { engine strimzi; cluster main; on general cpu=2 memory="8GiB"; brokers 3 storage="500GiB"; min-in-sync 2; auth mtls }
stream clicks { contract c; broker events; topic Clicks_v1 partitions=6 replication=3; retention "7d"; producer web rate="1/s" }
data-contract c { version "1.0.0"; owner ml; status active; schema c { field id string { required; primary-key } } }
"#;

#[test]
fn a_plain_container_becomes_a_deployment() {
    check(ECHO, "50-serving/serving.yaml", "Deployment", include_str!("tests/deployment.yaml"));
}

#[test]
fn a_deployment_is_reached_through_a_service() {
    check(ECHO, "50-serving/serving.yaml", "Service", include_str!("tests/service.yaml"));
}

#[test]
fn replicas_are_not_all_drained_at_once() {
    check(ECHO, "50-serving/serving.yaml", "PodDisruptionBudget", include_str!("tests/budget.yaml"));
}

#[test]
fn a_secret_is_fetched_into_the_namespace_that_uses_it() {
    check(ECHO, "10-platform/secrets.yaml", "ExternalSecret", include_str!("tests/secret.yaml"));
}

#[test]
fn the_store_of_secrets_is_the_clouds() {
    check(
        ECHO,
        "10-platform/secrets.yaml",
        "SecretStore",
        r#"
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata:
  name: aws-secrets-manager
  namespace: ml
spec:
  provider:
    aws:
      service: SecretsManager
      region: us-east-2
"#,
    );
}

#[test]
fn a_namespace_enforces_the_baseline() {
    check(ECHO, "00-namespaces/namespaces.yaml", "Namespace", include_str!("tests/namespace.yaml"));
}

#[test]
fn a_model_behind_kserve_becomes_an_inference_service() {
    check(CHAT, "50-serving/serving.yaml", "InferenceService", include_str!("tests/inference.yaml"));
}

#[test]
fn replicas_follow_the_queue_and_the_hours() {
    check(CHAT, "50-serving/serving.yaml", "ScaledObject", include_str!("tests/scaled.yaml"));
}

#[test]
fn bounds_of_a_monitor_become_alerts() {
    check(CHAT, "60-observability/monitoring.yaml", "PrometheusRule", include_str!("tests/rule.yaml"));
}

#[test]
fn a_program_that_publishes_metrics_is_scraped() {
    check(CHAT, "60-observability/monitoring.yaml", "ServiceMonitor", include_str!("tests/scrape.yaml"));
}

#[test]
fn a_queue_shares_out_what_its_pools_have() {
    check(TUNE, "20-queues/queues.yaml", "ClusterQueue", include_str!("tests/queue.yaml"));
}

#[test]
fn a_pool_becomes_a_flavor() {
    check(TUNE, "20-queues/queues.yaml", "ResourceFlavor", include_str!("tests/flavor.yaml"));
}

#[test]
fn a_run_becomes_a_train_job() {
    check(TUNE, "40-training/jobs.yaml", "TrainJob", include_str!("tests/trainjob.yaml"));
}

#[test]
fn a_run_has_a_runtime_of_its_own() {
    check(TUNE, "40-training/jobs.yaml", "TrainingRuntime", include_str!("tests/runtime.yaml"));
}

#[test]
fn a_run_without_trainer_becomes_a_job_set() {
    check(
        &TUNE.replace("team ml\n", "team ml\n    via jobset\n"),
        "40-training/jobs.yaml",
        "JobSet",
        include_str!("tests/jobset.yaml"),
    );
}

#[test]
fn a_file_system_is_claimed_by_name() {
    check(TUNE, "30-data/volumes.yaml", "PersistentVolumeClaim", include_str!("tests/claim.yaml"));
}

#[test]
fn a_broker_becomes_a_kafka_cluster() {
    check(KAFKA, "30-data/streams.yaml", "Kafka", include_str!("tests/kafka.yaml"));
}

#[test]
fn a_topic_keeps_the_name_that_kubernetes_refuses() {
    check(KAFKA, "30-data/streams.yaml", "KafkaTopic", include_str!("tests/topic.yaml"));
}

#[test]
fn a_producer_may_write_and_nothing_else() {
    check(KAFKA, "30-data/streams.yaml", "KafkaUser", include_str!("tests/user.yaml"));
}

#[test]
fn the_gpu_operator_is_told_how_gpus_are_cut_and_shared() {
    let pools = r#"
cluster cut { cloud aws; network core; kubernetes "1.35"; operators via=argocd; components { gpu-operator } }
gpu-pool a100 cluster=cut { instance p4d.24xlarge; nodes 1; mig mixed { layout small { devices 0; profile "1g.5gb" count=7 } } }
gpu-pool turns cluster=cut { instance g6e.4xlarge; nodes 1; sharing mps replicas=4 }
"#;
    let (files, _) = emit(pools);
    let found = files.iter().find(|(path, _)| path == "kubernetes/cut/10-platform/operators.yaml");
    let text = &found.expect("there are operators").1;
    let expect = include_str!("tests/gpu-operator.yaml");
    assert!(text.contains(expect), "{text}");
}

#[test]
fn what_health_watches_reaches_the_exporter() {
    let pool = r#"
cluster fast { cloud aws; network core; kubernetes "1.35"; operators via=argocd; components { gpu-operator } }
gpu-pool p5 cluster=fast { instance p5.48xlarge; nodes 2; health { watch ecc=uncorrectable } }
"#;
    let told = |spec: &str| {
        let (files, _) = emit(spec);
        let found = files.into_iter().find(|(path, _)| path == "kubernetes/fast/10-platform/operators.yaml");
        found.expect("there are operators").1
    };
    let text = told(pool);
    assert!(text.contains("name: purlin-dcgm-counters"), "{text}");
    assert!(text.contains("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, counter,"), "{text}");
    assert!(!told(&pool.replace("health { watch ecc=uncorrectable }", "")).contains("dcgm"));
}

#[test]
fn a_component_becomes_an_application_of_its_chart() {
    check("", "10-platform/operators.yaml", "Application", include_str!("tests/application.yaml"));
}

#[test]
fn a_tracking_server_keeps_its_artifacts_in_the_bucket() {
    check(
        r#"tracking runs { run mlflow version="3.5"; cluster main; on general cpu=1 memory="2GiB"; artifacts lake }
           storage lake cloud=aws { type object; engine s3 }"#,
        "40-training/tracking.yaml",
        "Deployment",
        include_str!("tests/tracking.yaml"),
    );
}

#[test]
fn a_slice_of_a_gpu_is_asked_for_by_its_profile() {
    check(
        r#"gpu-pool small cluster=main { instance p4d.24xlarge; nodes 1; mig mixed { layout all { profile "1g.5gb" count=7 } } }
           evaluation gate { of m; on small profile="1g.5gb"; run custom { command python gate.py }; image "ghcr.io/acme/gate:1" }
           model m { from huggingface="acme/m" revision="1"; format safetensors }"#,
        "40-training/evaluations.yaml",
        "Job",
        include_str!("tests/slice.yaml"),
    );
}

#[test]
fn a_scheduled_pipeline_becomes_a_cron_job() {
    check(
        r#"pipeline clean { from raw; image "ghcr.io/acme/clean:1"; on general cpu=1 memory="1GiB"; schedule "0 2 * * *" timezone="Europe/Berlin" }
           dataset raw { version "1" }"#,
        "30-data/pipelines.yaml",
        "CronJob",
        include_str!("tests/cron.yaml"),
    );
}

#[test]
fn a_quota_fills_pools_in_the_order_of_preference() {
    let spec = r#"gpu-pool more cluster=main { instance p5.48xlarge; nodes 8; capacity spot }
        queue both { over h100 more; nominal-quota gpus=40; preempt never }"#;
    let (files, _) = emit(spec);
    let queue = &files.iter().find(|(path, _)| path.ends_with("queues.yaml")).expect("there is a queue").1;
    let gpus: Vec<&str> = queue
        .lines()
        .skip_while(|line| !line.contains("kind: ClusterQueue"))
        .skip_while(|line| !line.contains("flavors:"))
        .collect();
    let of = |resource: &str| -> Vec<&str> {
        let named = gpus.windows(2).filter(|pair| pair[0].ends_with(&format!("name: {resource}")));
        named.map(|pair| pair[1].trim()).collect()
    };
    // Three nodes of the first pool without its spare, and two of the second.
    assert_eq!(of("nvidia.com/gpu"), ["nominalQuota: \"24\"", "nominalQuota: \"16\""]);
    assert_eq!(of("cpu"), ["nominalQuota: \"504\"", "nominalQuota: \"336\""]);
}

#[test]
fn values_that_yaml_takes_for_something_else_stay_text() {
    let traps = r#"env A="null" B="1e3" C="\#x" D=": " E="0x1f" F="12:30" G="" H="~""#.replace("\\#", "#");
    let (files, _) = emit(&ECHO.replace("env MODE=\"yes\" COUNT=\"007\"", &traps));
    let serving =
        &files.iter().find(|(path, _)| path.contains("50-serving")).expect("there is an endpoint").1;
    for value in ["null", "1e3", "#x", ": ", "0x1f", "12:30", "", "~"] {
        assert!(serving.contains(&format!("value: \"{value}\"\n")), "{value}: {serving}");
    }
}

#[test]
fn a_label_that_kubernetes_refuses_is_a_loss() {
    let spec = ECHO.replace("auth mtls", "auth mtls; labels { cost-centre CC-4711; \"a b\" c }");
    check_loss(&spec, "serving.echo labels: `a b` cannot be a label");
    let (files, _) = emit(&spec);
    let serving =
        &files.iter().find(|(path, _)| path.contains("50-serving")).expect("there is an endpoint").1;
    assert!(serving.contains("    cost-centre: CC-4711\n"), "{serving}");
}

#[test]
fn who_calls_from_another_namespace_is_let_in() {
    let spec = r#"team web { contact "web@acme.example"; namespace web }
        serving front { model m; run custom { command serve }; via deployment; image "ghcr.io/acme/front:1"; on general cpu=1; calls echo; owner web }"#;
    let (files, _) = emit(&format!("{ECHO}{spec}"));
    let (_, namespaces) = &files[0];
    let callers =
        namespaces.split("---\n").find(|object| object.contains("name: allow-callers\n  namespace: ml\n"));
    let callers = callers.expect("callers of ml are let in");
    assert!(callers.contains("kubernetes.io/metadata.name: web\n"), "{callers}");
}

#[test]
fn faults_of_gpus_alert() {
    let spec = r#"gpu-pool watched cluster=main { instance p5.48xlarge; nodes 1; health { watch xid=fatal ecc=uncorrectable efa=down } }"#;
    check(spec, "60-observability/monitoring.yaml", "PrometheusRule", include_str!("tests/health.yaml"));
    check_loss(spec, "gpu-pool.watched health.watch.efa: ");
}

#[test]
fn what_the_language_has_no_word_for_is_patched() {
    let patch = r#"patch kubernetes Deployment { set "spec.replicas" 3; set "spec.template.metadata.annotations.note" "on"; set "spec.template.spec.containers.0.stdin" #true; remove "spec.selector.matchLabels" }
        run"#;
    let (files, _) = emit(&ECHO.replacen("run", patch, 1));
    let (_, list) = files.last().expect("there are files");
    assert!(list.ends_with(include_str!("tests/patches.yaml")), "{list}");
}

#[test]
fn the_longest_names_still_fit() {
    let name = "a".repeat(70);
    let (files, _) = emit(&TUNE.replace("training-job tune", &format!("training-job {name}")));
    let jobs = &files.iter().find(|(path, _)| path.ends_with("jobs.yaml")).expect("there is a job").1;
    let name = jobs.lines().find_map(|line| line.strip_prefix("  name: ")).expect("it has a name");
    assert!(purlin_core::compose::SERVICE.accepts(&format!("{name}-node-0-99999-abcde")), "{name}");
}

#[test]
fn files_end_after_two_thousand_lines() {
    let mut spec = MODEL.to_owned();
    for n in 0..40 {
        spec += &format!(
            "serving s-{n} {{ model m; run custom {{ command serve }}; via deployment; image \"a:1\"; on general cpu=1; replicas 2 }}\n"
        );
    }
    let (files, _) = emit(&spec);
    let serving: Vec<_> = files.iter().filter(|(path, _)| path.contains("50-serving")).collect();
    assert!(serving.len() > 1, "{} files", serving.len());
    assert!(serving.iter().all(|(_, text)| text.lines().count() < 2_500));
    let (_, list) = files.last().expect("there are files");
    assert!(list.contains("- 50-serving/serving-2.yaml"), "{list}");
}

#[test]
fn what_is_lost_is_said() {
    check_loss(&CHAT.replace("via kserve", "via seldon"), "serving.chat via: no objects");
    check_loss(
        &TUNE.replace("cohort research", "cohort research; gang timeout=\"5min\""),
        "queue.tuning gang: ",
    );
    check_loss(
        &TUNE.replace("resume preemption", "resume hang after=\"10min\""),
        "training-job.tune resume[hang]: ",
    );
}
