//! What several environments share is made once, below `out/shared/`, and referred to from each.

use std::collections::BTreeMap;

use purlin_core::emit::{self, Artifact, Receiver};
use purlin_core::{Change, Finding, Options, Serial, Session};
use purlin_targets::print::print;

/// Two environments in one account, with a network, a key and a lake for both.
const PROJECT: &str = r#"platform acme { owner ml }
team ml { contact "ml@acme.example"; namespace ml }
environment prod
environment staging { change gpu-pool.l40s { nodes 1 } }
cloud aws provider=aws account="123456789012" region=eu-central-1 { state s3 bucket=acme-state }
key data cloud=aws { rotation "1y"; shared }
network core cloud=aws { cidr "10.0.0.0/16"; zones eu-central-1a eu-central-1b; private; shared }
storage lake cloud=aws { type object; engine s3; encryption data; shared }
storage results cloud=aws { type object; engine s3; encryption data }
cluster main { cloud aws; network core; kubernetes "1.35"; operators via=argocd; components { kserve } }
gpu-pool l40s cluster=main { instance g6e.4xlarge; nodes 2 }
model m { architecture llama-3.1-8b; weights lake path="m"; format safetensors }
serving chat { model m; run vllm version="0.17.0"; via kserve; on l40s gpus=1; context 8192; concurrency 4; auth mtls }
"#;

fn session(text: &str) -> Session {
    let mut session = Session::new(Options::default());
    let change = Change::Set { path: "purlin.kdl".to_owned(), text: text.to_owned() };
    session.apply(vec![change], &Serial);
    session
}

#[derive(Default)]
struct Keep {
    folder: String,
    files: BTreeMap<String, String>,
}

impl Receiver for Keep {
    fn file(&mut self, file: &Artifact<'_>) {
        self.files.insert(format!("{}/{}", self.folder, file.path), file.text.to_owned());
    }
}

/// Every file of every environment, and of what they share.
fn emitted(text: &str) -> BTreeMap<String, String> {
    let session = session(text);
    let findings = session.findings();
    let wrong: Vec<&Finding> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut keep = Keep::default();
    for (index, state) in session.environments().iter().enumerate() {
        keep.folder = state.name().map_or(String::new(), |name| name.as_str().to_owned());
        emit::emit(&session, index, &findings, purlin_targets::all(), print, &mut keep).expect("it is sound");
    }
    let first = session.sharing().expect("something is shared");
    "shared".clone_into(&mut keep.folder);
    emit::emit_on(&Serial, &session, (first, true), &findings, purlin_targets::all(), print, &mut keep)
        .expect("it is sound");
    keep.files
}

/// In how many files below a folder a text stands.
fn count(files: &BTreeMap<String, String>, folder: &str, text: &str) -> usize {
    files.iter().filter(|(path, file)| path.starts_with(folder) && file.contains(text)).count()
}

#[test]
fn what_is_shared_is_made_once_and_read_from_its_state() {
    let files = emitted(PROJECT);
    for made in [
        "resource \"aws_s3_bucket\" \"lake\"",
        "resource \"aws_kms_key\" \"data\"",
        "resource \"aws_vpc\" \"core\"",
    ] {
        assert_eq!(count(&files, "shared/", made), 1, "{made}");
        assert_eq!(count(&files, "prod/", made) + count(&files, "staging/", made), 0, "{made}");
    }
    for environment in ["prod", "staging"] {
        let state = &files[&format!("{environment}/terraform/aws-main/shared.tf")];
        assert!(state.contains("key    = \"acme/shared/aws/terraform.tfstate\""), "{state}");
        let subnets = "data.terraform_remote_state.shared.outputs.network_core_subnet_eu_central_1a";
        assert!(count(&files, &format!("{environment}/terraform/aws-main/cluster.tf"), subnets) == 1);
        let key = "data.terraform_remote_state.shared.outputs.key_data_arn";
        assert!(count(&files, &format!("{environment}/terraform/aws/storage.tf"), key) == 1);
        assert!(count(&files, &format!("{environment}/kubernetes/"), "s3://acme-shared-lake/m") == 1);
        assert!(count(&files, &format!("{environment}/terraform/"), "s3:::acme-shared-lake/m*") == 1);
    }
    assert!(files["shared/terraform/aws/storage.tf"].contains("\"acme-shared-lake\""));
    assert!(
        files.keys().all(|path| !path.starts_with("shared/kubernetes") && !path.starts_with("shared/run"))
    );
}

#[test]
fn terraform_accepts_what_is_shared() {
    crate::terraform::judge("what is shared", emitted(PROJECT));
}

/// A change of the project, and what is said of it.
#[track_caller]
fn check(right: &str, mistake: &str, expect: &[&str]) {
    assert!(PROJECT.contains(right), "{right}");
    let session = session(&PROJECT.replacen(right, mistake, 1));
    let found: Vec<String> = session
        .findings()
        .into_iter()
        .filter(Finding::is_error)
        .map(|finding| finding.diagnostic.message)
        .collect();
    assert_eq!(found, expect);
}

#[test]
fn environments_agree_on_what_they_share() {
    check(
        "environment staging {",
        "environment staging { change storage.lake { versioning };",
        &["storage.lake is shared, and prod and staging differ in it"],
    );
    let cloud = "environment staging { change cloud.aws { account \"210987654321\" };";
    let expect: Vec<String> = ["key.data", "network.core", "storage.lake"]
        .iter()
        .map(|address| format!("{address} is shared, and prod and staging differ in it"))
        .collect();
    check("environment staging {", cloud, &expect.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn what_is_shared_refers_to_what_is_shared() {
    check(
        "key data cloud=aws { rotation \"1y\"; shared }",
        "key data cloud=aws { rotation \"1y\" }",
        &["storage.lake is shared, and key.data is made for each environment"],
    );
}

#[test]
fn a_cluster_belongs_to_its_environment() {
    check(
        "cluster main { cloud aws;",
        "cluster main { shared; cloud aws;",
        &["cluster cannot be shared between environments"],
    );
    check(
        "environment prod\n",
        "environment shared\n",
        &["an environment cannot be called `shared` where something is shared"],
    );
}

#[test]
fn without_environments_shared_means_nothing() {
    let text: String = PROJECT
        .lines()
        .filter(|line| !line.starts_with("environment"))
        .map(|line| format!("{line}\n"))
        .collect();
    let session = session(&text);
    assert_eq!(session.sharing(), None);
    let mut keep = Keep::default();
    let findings = session.findings();
    emit::emit(&session, 0, &findings, purlin_targets::all(), print, &mut keep).expect("it is sound");
    assert_eq!(count(&keep.files, "", "resource \"aws_s3_bucket\" \"lake\""), 1);
}
