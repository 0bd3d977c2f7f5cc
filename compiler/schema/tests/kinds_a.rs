//! The kinds of organisation, infrastructure and governance, as specs write them.

use purlin_schema::decode::{decode, decode_record};
use purlin_schema::kinds;
use purlin_schema::kinds::language::{Environment, Let, Param, TestExpect, UserKind};
use purlin_schema::schema::RecordSchema;
use purlin_schema::view::RecordType;
use purlin_syntax::{Diagnostic, Document, ItemId, NodeId};

/// What is said of a declaration, by reader and decoder: of a kind by its name, of a record by its table.
fn findings(table: Option<&'static RecordSchema>, text: &str) -> Vec<String> {
    let document = Document::parse(text.to_owned());
    let item = &document.items()[0];
    let tree = &item.tree;
    let mut out: Vec<Diagnostic> = Vec::new();
    if let Some(table) = table {
        decode_record(table, tree, NodeId(0), document.item_text(0), ItemId(0), &mut out);
    } else {
        let word = tree.node(NodeId(0)).name.as_str();
        let kind = kinds::kind(word).unwrap_or_else(|| panic!("no kind `{word}`"));
        decode(kind, tree, NodeId(0), document.item_text(0), ItemId(0), &mut out);
    }
    let syntax = tree.errors.iter().map(|error| format!("{error:?}"));
    let said = out.iter().map(|finding| {
        let place = finding.span().map_or("", |span| span.range().of(text));
        format!("{}: {} @ {place}", finding.rule, finding.message)
    });
    syntax.chain(said).collect()
}

/// A declaration of which nothing is said.
fn clean(text: &str) {
    let findings = findings(None, text);
    assert!(findings.is_empty(), "{}\nof {text}", findings.join("\n"));
}

/// A node of a table of which nothing is said.
fn clean_record(table: &'static RecordSchema, text: &str) {
    let findings = findings(Some(table), text);
    assert!(findings.is_empty(), "{}\nof {text}", findings.join("\n"));
}

/// A declaration of which exactly one thing is said, and that names the culprit.
fn wrong(text: &str, culprit: &str) {
    let findings = findings(None, text);
    assert_eq!(findings.len(), 1, "{}\nof {text}", findings.join("\n"));
    assert!(findings[0].contains(culprit), "{}\nof {text}", findings[0]);
}

#[test]
fn a_platform_says_its_budgets_rules_and_rates() {
    clean(
        r#"platform acme {
    language "0.1"; owner ml-platform; budget "180000 USD/month"; budget-total "4000000 USD" until="2027-03-31"
    exclude "scratch/**" "notebooks/**"; rule hardware.shm level=warn; rule serving.rollout level=error
    exchange-rate EUR to=USD rate=1.09 as-of="2026-11-01"; exchange-rate EUR to=CHF rate=0.94
}"#,
    );
}

#[test]
fn a_team_has_approvers_a_quota_and_somebody_on_call() {
    clean(
        r#"team ml-platform {
    contact "ml@acme.example"; approvers "@acme/ml" "@acme/finops"; namespace ml; quota gpus=64 cpu=512 memory="2TiB"
    budget "120000 USD/month"; on-call pagerduty service=P1; independent-of product
}"#,
    );
}

#[test]
fn a_cloud_is_identified_as_its_provider_wants() {
    clean(
        r#"cloud aws provider=aws account="123456789012" region=eu-central-1 {
    state s3 bucket=acme-tf
    labels { cost-centre CC-4711; data-class confidential }
}"#,
    );
    clean("cloud own provider=on-premises");
    clean(r"cloud gcp provider=gcp project=acme-ml region=europe-west4 { state gcs bucket=acme-tf }");
}

#[test]
fn a_secret_is_a_reference() {
    clean(r#"secret hf-token { store aws-secrets-manager; key "tune/hf-token" }"#);
}

#[test]
fn a_tenant_may_use_routes_within_limits() {
    clean(
        r#"tenant retail {
    may-use chat-large only=prod; may-use chat-small { limit tokens "2M tokens/min" }
    limit requests "50/s"; limit tokens "2M tokens/min"; budget "40000 USD/month" on-exceed=degrade
    residency eu; isolation prefix-cache=per-tenant logs=per-tenant; priority 10
}"#,
    );
}

#[test]
fn a_network_is_made_or_lent() {
    clean(
        r#"network core cloud=aws {
    cidr "10.40.0.0/16"; zones eu-central-1a eu-central-1b; private; egress proxy="http://proxy.acme.example:3128"
}"#,
    );
    clean("network lent cloud=aws { owner foundation; existing vpc=vpc-0a { subnets subnet-1 subnet-2 } }");
}

#[test]
fn a_key_rotates() {
    clean(r#"key data cloud=aws { rotation "1y" }"#);
}

#[test]
fn a_cluster_has_components_and_operators() {
    clean(
        r#"cluster train {
    cloud aws; network core; kubernetes "1.34" channel=regular; endpoint private; encryption data
    operators via=argocd
    components { kueue; jobset "0.12.0" }
    topology rack="topology.k8s.aws/network-node-layer-2"
}"#,
    );
}

#[test]
fn a_gpu_pool_is_bought_cut_and_watched() {
    clean(
        r#"gpu-pool h100 cluster=train {
    instance p5.48xlarge; nodes min=2 max=8 spare=1
    capacity capacity-block {
        block cr-0a1b nodes=64; block cr-0c2d nodes=2; zone eu-central-1a
        start "2027-01-11T11:30:00Z"; end "2027-03-08T11:30:00Z"
    }
    driver "580"; cuda "13.0"
    placement cluster; local-storage raid0; autoscaler karpenter; spread zone
    mig mixed {
        layout small { devices 0 1 2 3; profile "1g.10gb" count=7 }
        layout large { devices 4 5 6 7; profile "3g.40gb" count=2 }
    }
    lend "aml" profile="3g.20gb"
    sharing time-slicing replicas=4
    health {
        before-join dcgm=3 nccl=all-reduce min-bus-bandwidth="420GB/s" min-pair-bandwidth="320GB/s"
        watch xid=fatal ecc=uncorrectable nvlink=down efa=down
        on-fault cordon replace-from=spare
        lemon after=3 window="14d"
    }
}"#,
    );
}

#[test]
fn a_gpu_pool_may_be_an_exact_number_of_reserved_nodes() {
    clean(
        r#"gpu-pool embed cluster=credit {
    instance p4d.24xlarge; nodes 66 spare=2; capacity reserved id=cr-0c4e17a1 zone=eu-central-1b
    driver managed channel=latest; mig single profile="1g.10gb"; sharing mps
}"#,
    );
    clean("gpu-pool l40s cluster=c { instance g6e.4xlarge; nodes 2; capacity on-demand zone=eu-central-1a }");
}

#[test]
fn cpu_and_tpu_pools_are_nodes_too() {
    clean(
        "cpu-pool general cluster=train { instance m7i.4xlarge; nodes min=2 max=10; capacity spot; spread zone }",
    );
    clean(r#"tpu-pool v6e cluster=gke { type v6e; topology "4x8"; nodes 8 }"#);
}

#[test]
fn a_queue_shares_pools_out() {
    clean(
        r#"queue research {
    over h100-block h100; nominal-quota gpus=64 efa=256 cpu=256 memory="1TiB"; cohort acme; borrowing-limit gpus=32
    priority high value=1000; priority low value=100; topology preferred=rack; preempt lower-priority
    gang timeout="30min"
}"#,
    );
    clean("queue tuning { over h100; topology required=block; preempt never }");
}

#[test]
fn storage_is_parallel_or_objects() {
    clean(
        r#"storage checkpoints cloud=aws {
    type parallel; engine lustre; size "24000GiB"; throughput "500MB/s/TiB"; zone eu-central-1a; encryption data
}"#,
    );
    clean(
        r#"storage lake cloud=aws {
    type object; engine s3; bucket acme-lake; encryption data; versioning
    lifecycle expire="90d" prefix="tmp/"; lifecycle expire="30d" prefix="logs/"
    object-lock compliance retention="10y"; mirror other
}"#,
    );
    clean("storage lake cloud=aws { owner data-governance; existing bucket=bank-lake }");
}

#[test]
fn a_broker_runs_in_a_cluster_or_exists() {
    clean(
        r#"broker events {
    engine strimzi version="1.2"; cluster train; on general cpu=2 memory="8GiB"; brokers 3 storage="500GiB"
    min-in-sync 2; auth mtls; schema-registry apicurio
}"#,
    );
    clean(
        r#"broker credit-msk {
    engine msk; existing arn="arn:aws:kafka:eu-central-1:123456789012:cluster/credit/9a1c"
    auth sasl secret=msk-sasl; schema-registry glue
}"#,
    );
}

#[test]
fn a_database_has_an_engine() {
    clean("database features { engine redis }");
    clean(r#"database d cloud=aws { engine redis version="8.2"; instance cache.r7g.large }"#);
}

#[test]
fn an_ai_system_says_what_it_is_for() {
    clean(
        r#"ai-system support {
    version "1.0"; includes assistant-api assistant; intended-purpose "Draft replies for human agents"
    role provider deployer; affects customers; annex-iii none; profiling #false; placed-on-market "2027-02-01"
    risk limited
}"#,
    );
    clean(
        r#"ai-system credit {
    version "2.4.0"; includes serving.score bge-m3; out-of-scope "Tenancy screening" "Employment screening"
    affects natural-persons; annex-iii "5b"; risk high; profiling
}"#,
    );
}

#[test]
fn a_policy_names_a_framework_or_requires_predicates() {
    clean("policy ai-act { framework eu-ai-act; applies-to support }");
    clean(
        r#"policy p {
    role controller; as-of "2027-12-02"; control art-73 declared="Within 15 days" owner=t
    control art-22 declared="A person reviews"
}"#,
    );
    clean(
        r#"policy house {
    require (expr)"has(self.auth)" kind=serving message="endpoint has no authentication"
    require (expr)"has(self.seed)" kind=training-job message="training is not reproducible"
}"#,
    );
}

#[test]
fn evidence_is_generated_or_signed() {
    clean(
        r#"evidence fria {
    type fundamental-rights-assessment; location lake path="evidence/fria.pdf"
    sha256 "2a9d0b6a3e5c4d7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
    date "2026-10-12"; signed-by "privacy"; review every="6mo"
}"#,
    );
    clean(r#"evidence e { type annex-iv; generated; location lake path="annex-iv/"; applies-to support }"#);
}

#[test]
fn a_waiver_is_dated_and_owned() {
    clean(
        r#"waiver spot-tuning {
    rule reliability.spot-without-checkpoint; applies-to training-job.tune; owner ml-platform; until "2027-01-31"
    reason "short job"
}"#,
    );
}

#[test]
fn an_approval_names_who_must_agree() {
    clean(
        r#"approval buy-capacity {
    applies-to gpu-pool.h100; upon purchase; needs finops count=1; needs privacy; not-author; valid-for "14d"
}"#,
    );
}

#[test]
fn a_workflow_has_steps() {
    clean(
        r#"workflow release {
    steps train evaluate register approve promote; schedule "0 6 * * 1" timezone="Europe/Berlin"
    job tune; gate gate; approval release
}"#,
    );
}

#[test]
fn a_field_that_no_kind_has_is_refused() {
    wrong("queue q { over h100; nominal-qouta gpus=1 }", "nominal-qouta");
    wrong(r"gpu-pool p cluster=c { instance i; nodes mim=1 }", "mim");
}

#[test]
fn a_value_of_another_type_is_refused() {
    wrong(r#"storage s cloud=aws { size "500MB/s/TiB" }"#, "500MB/s/TiB");
    wrong("network n cloud=aws { private maybe }", "maybe");
    wrong("queue q { over h100; gang timeout=30 }", "30");
    wrong("gpu-pool p cluster=c { instance i; nodes 1; capacity spotted }", "spotted");
    wrong(r#"platform p { budget "180000 USD" }"#, "180000 USD");
}

#[test]
fn a_field_of_another_variant_is_refused() {
    wrong("gpu-pool p cluster=c { instance i; nodes 1; capacity spot id=cr-1 }", "id");
    wrong(r"broker b { engine msk; auth mtls secret=s }", "secret");
}

#[test]
fn what_means_nothing_without_a_field_is_refused() {
    wrong("queue q { cohort acme }", "over");
    wrong("waiver w { rule a.b; applies-to x; owner t }", "until");
    wrong("gpu-pool p { instance i; nodes 1 }", "cluster");
}

#[test]
fn params_and_lets_are_read_by_tables() {
    clean_record(
        Param::SCHEMA,
        r#"param max-nodes type=integer default=8 min=1 doc="Nodes of the training pool""#,
    );
    clean_record(Param::SCHEMA, "param adapters type=list of=adapter required=#false");
    clean_record(Let::SCHEMA, r#"let issuer "https://login.acme.example""#);
    clean_record(Let::SCHEMA, "let cut-off 0.085");
}

#[test]
fn an_environment_has_windows_and_freezes() {
    clean_record(
        Environment::SCHEMA,
        r#"environment prod {
    doc "Real customers"; set account "123456789012"; set private-subnets subnet-0p1 subnet-0p2; protected
    window from="0 8 * * 1-4" to="0 16 * * 1-4" timezone="Europe/Berlin"
    freeze from="2026-12-20" until="2027-01-06" reason="year end"; freeze from="2027-03-30" until="2027-04-02"
}"#,
    );
}

#[test]
fn a_test_expects_a_finding_or_a_predicate() {
    clean_record(TestExpect::SCHEMA, "expect error=hardware.gpu-memory of=training-job.tune");
    clean_record(TestExpect::SCHEMA, "expect pass");
    clean_record(TestExpect::SCHEMA, r#"expect (expr)"cost.month.high <= 180000 USD""#);
}

#[test]
fn a_kind_of_the_users_own_has_fields_and_checks() {
    clean_record(
        UserKind::SCHEMA,
        r#"kind runbook {
    field service reference required=#true { of serving agent }; field tier choice { choices "1" "2" }
    check (expr)"self.tier != '1' || has(self.escalate)" message="a tier 1 runbook names whom to call"
}"#,
    );
}
