//! `identity.tf`: for every workload that touches buckets a role of its own with just these rights, bound to its service
//! account; and one for the operator that fetches secrets.

use std::collections::{BTreeMap, BTreeSet};

use purlin_core::compose;
use purlin_core::emit::tape::List;
use purlin_core::{Resource, ResourceId};
use purlin_schema::kinds::data::Pipeline;
use purlin_schema::kinds::organisation::{Platform, Secret, SecretStore, Team};
use purlin_schema::kinds::serving::{BatchInference, Serving};
use purlin_schema::kinds::stores::Storage;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::kinds::{evaluation::Evaluation, models::Tracking};
use purlin_schema::{Field, Reference};

use super::access::{self, Access, Place};
use super::cluster::{Eks, PODS, role};
use super::files::{Files, Say, Subject};
use super::layout::Scope;
use super::storage::bucket_name;

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    files.file("identity.tf");
    for (account, bound) in workloads(scope, eks) {
        let policy = statements(scope, &bound.access);
        if !policy.is_empty() {
            bind(files, eks, &bound.subject, &account, &policy);
            bound.ids.iter().for_each(|id| access::say(scope.sound(), *id));
        }
    }
    secrets(scope, files, eks);
}

/// Namespace and name of a service account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Account {
    namespace: String,
    name: String,
}

/// A workload, or several that share an account, and what they may do.
struct Bound<'a> {
    subject: Subject<'a>,
    ids: Vec<ResourceId>,
    access: Access,
}

fn workloads<'a>(scope: &Scope<'a>, eks: &Eks<'_>) -> BTreeMap<Account, Bound<'a>> {
    let sound = scope.sound();
    let mut bound: BTreeMap<Account, Bound<'a>> = BTreeMap::new();
    for id in scope.layout.workloads(eks.subject.resource.id) {
        let access = access::of(sound, *id);
        let subject = sound.graph().get(*id).and_then(|resource| subject(scope, resource));
        let Some((subject, team)) = subject.filter(|_| !access.is_empty()) else { continue };
        let account = Account { namespace: namespace(scope, team), name: account_name(subject.resource) };
        match bound.get_mut(&account) {
            Some(other) => {
                other.ids.push(*id);
                other.access.reads.extend(access.reads);
                other.access.keeps.extend(access.keeps);
                other.access.adds.extend(access.adds);
            }
            None => {
                bound.insert(account, Bound { subject, ids: vec![*id], access });
            }
        }
    }
    bound
}

/// A workload as a subject, and the team in whose namespace it runs.
fn subject<'a>(scope: &Scope<'a>, resource: &'a Resource) -> Option<(Subject<'a>, Field<Reference>)> {
    let ask = &scope.sound().ask;
    let id = resource.id;
    if let Some(job) = ask.view::<TrainingJob>(id) {
        let team = if job.team().is_absent() { job.owner() } else { job.team() };
        return Some((Subject::of(resource, job), team));
    }
    macro_rules! owned {
        ($($kind:ty),*) => { $(
            if let Some(view) = ask.view::<$kind>(id) {
                return Some((Subject::of(resource, view), view.owner()));
            }
        )* };
    }
    owned!(Serving, BatchInference, Pipeline, Evaluation, Tracking);
    None
}

/// The namespace of a team, or of the platform's owner: as the Kubernetes target places workloads.
fn namespace(scope: &Scope<'_>, team: Field<Reference>) -> String {
    let ask = &scope.sound().ask;
    let platform = ask.all::<Platform>().first().map(|(_, platform)| platform.owner());
    let found = [team, platform.unwrap_or(Field::Absent)].into_iter().find_map(|team| {
        let (id, view) = ask.get::<Team>(team).ok()?;
        let name = scope.sound().graph().get(id)?.name.as_str();
        Some(view.namespace().get().unwrap_or(name).to_owned())
    });
    found.unwrap_or_else(|| {
        if scope.layout.platform.is_empty() { "default" } else { scope.layout.platform }.to_owned()
    })
}

/// The service account of a workload: as the Kubernetes target names what it makes of it.
fn account_name(resource: &Resource) -> String {
    compose::workload(resource.kind.name).name(resource.name.as_str()).into_owned()
}

/// One statement of a policy: actions, and on what.
struct Statement {
    sid: String,
    actions: &'static [&'static str],
    resources: Vec<Say>,
    /// Keys that a list of objects may begin with; empty: any.
    prefixes: Vec<String>,
}

/// Rights on objects and buckets, and on the keys that encrypt them.
fn statements(scope: &Scope<'_>, access: &Access) -> Vec<Statement> {
    let reads: BTreeSet<Place> = access.reads.union(&access.keeps).cloned().collect();
    let writes: BTreeSet<Place> = access.keeps.union(&access.adds).cloned().collect();
    let mut statements = lists(scope, &reads);
    let mut push = |sid: &str, actions, resources: Vec<Say>| {
        if !resources.is_empty() {
            statements.push(Statement { sid: sid.to_owned(), actions, resources, prefixes: Vec::new() });
        }
    };
    push("Read", &["s3:GetObject"], objects(scope, &reads));
    push("Write", &["s3:AbortMultipartUpload", "s3:PutObject"], objects(scope, &writes));
    push("Replace", &["s3:DeleteObject"], objects(scope, &access.keeps));
    push("Decrypt", &["kms:Decrypt"], keys(scope, &reads.union(&writes).cloned().collect()));
    push("Encrypt", &["kms:GenerateDataKey"], keys(scope, &writes));
    statements
}

/// The right to list what is read of each bucket, and no more of it.
fn lists(scope: &Scope<'_>, places: &BTreeSet<Place>) -> Vec<Statement> {
    let mut buckets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for place in places {
        if let Some(arn) = bucket_arn(scope, place) {
            buckets.entry(arn).or_default().push(format!("{}*", place.prefix));
        }
    }
    let statement = |(n, (arn, prefixes)): (usize, (String, Vec<String>))| {
        let prefixes = outermost(prefixes);
        let whole = prefixes.iter().any(|prefix| prefix == "*");
        Statement {
            sid: format!("List{}", n + 1),
            actions: &["s3:ListBucket"],
            resources: vec![Say::Text(arn)],
            prefixes: if whole { Vec::new() } else { prefixes },
        }
    };
    buckets.into_iter().enumerate().map(statement).collect()
}

fn objects(scope: &Scope<'_>, places: &BTreeSet<Place>) -> Vec<Say> {
    let arns = places
        .iter()
        .filter_map(|place| Some(format!("{}/{}*", bucket_arn(scope, place)?, place.prefix)))
        .collect();
    outermost(arns).into_iter().map(Say::Text).collect()
}

/// Patterns that end in `*`, sorted, without those that another one covers.
fn outermost(mut patterns: Vec<String>) -> Vec<String> {
    patterns.sort_by(|a, b| a.trim_end_matches('*').cmp(b.trim_end_matches('*')));
    let mut kept: Vec<String> = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        if !kept.last().is_some_and(|last| pattern.starts_with(last.trim_end_matches('*'))) {
            kept.push(pattern);
        }
    }
    kept
}

fn bucket_arn(scope: &Scope<'_>, place: &Place) -> Option<String> {
    let resource = scope.sound().graph().get(place.storage)?;
    scope.layout.home(place.storage)?;
    let view = scope.sound().ask.view::<Storage>(place.storage)?;
    Some(format!("arn:{}:s3:::{}", scope.partition(), bucket_name(scope, resource, view)?))
}

fn keys(scope: &Scope<'_>, places: &BTreeSet<Place>) -> Vec<Say> {
    let mut keys: Vec<Say> = places
        .iter()
        .filter(|place| bucket_arn(scope, place).is_some())
        .filter_map(|place| scope.key_arn(scope.sound().ask.view::<Storage>(place.storage)?.encryption()))
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// A role, its policy, and the service account that it belongs to.
fn bind(
    files: &mut Files<'_>,
    eks: &Eks<'_>,
    subject: &Subject<'_>,
    account: &Account,
    policy: &[Statement],
) {
    let resource = subject.resource;
    role(files, subject, "", &[&eks.name, resource.kind.name, resource.name.as_str()], PODS);
    files.resource(subject, "aws_iam_role_policy", "", |b| {
        b.set("name", "purlin");
        b.expr("role", &subject.expr("aws_iam_role", "", "id"));
        b.key("policy").call("jsonencode", |t| document(t, policy));
    });
    files.resource(subject, "aws_eks_pod_identity_association", "", |b| {
        b.expr("cluster_name", &eks.expr("name"));
        b.set("namespace", account.namespace.as_str());
        b.set("service_account", account.name.as_str());
        b.expr("role_arn", &subject.expr("aws_iam_role", "", "arn"));
    });
}

fn document(t: &mut List<'_>, statements: &[Statement]) {
    t.map(|t| {
        t.set("Version", "2012-10-17");
        t.list("Statement", |t| {
            for statement in statements {
                t.map(|t| {
                    t.set("Sid", statement.sid.as_str());
                    t.set("Effect", "Allow");
                    t.items("Action", statement.actions);
                    t.items("Resource", &statement.resources);
                    if !statement.prefixes.is_empty() {
                        t.map("Condition", |t| {
                            t.map("StringLike", |t| {
                                t.items("s3:prefix", &statement.prefixes);
                            });
                        });
                    }
                });
            }
        });
    });
}

/// External Secrets reads the secrets that the spec names, and no other.
fn secrets(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    if !eks.view.components().iter().any(|entry| entry.key.as_str() == OPERATOR) {
        return;
    }
    let Some(account) = scope.cloud.1.account().get() else { return };
    let (partition, region) = (scope.partition(), scope.region());
    let (mut manager, mut parameters) = (Vec::new(), Vec::new());
    for (_, secret) in scope.sound().ask.all::<Secret>() {
        let (Some(store), Some(key)) = (secret.store().get(), secret.key().get()) else { continue };
        match store {
            SecretStore::AwsSecretsManager => {
                manager.push(Say::Text(format!(
                    "arn:{partition}:secretsmanager:{region}:{account}:secret:{key}-??????"
                )));
            }
            SecretStore::AwsParameterStore => {
                let key = key.trim_start_matches('/');
                parameters.push(Say::Text(format!("arn:{partition}:ssm:{region}:{account}:parameter/{key}")));
            }
            _ => {}
        }
    }
    let all = [
        ("Secrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"].as_slice(), manager),
        ("Parameters", ["ssm:GetParameter", "ssm:GetParameters"].as_slice(), parameters),
    ];
    let policy: Vec<Statement> = all
        .into_iter()
        .filter(|(_, _, resources)| !resources.is_empty())
        .map(|(sid, actions, resources)| Statement {
            sid: sid.to_owned(),
            actions,
            resources,
            prefixes: Vec::new(),
        })
        .collect();
    if policy.is_empty() {
        return;
    }
    let subject = &eks.subject;
    role(files, subject, "secrets", &[&eks.name, OPERATOR], PODS);
    files.resource(subject, "aws_iam_role_policy", "secrets", |b| {
        b.set("name", "purlin");
        b.expr("role", &subject.expr("aws_iam_role", "secrets", "id"));
        b.key("policy").call("jsonencode", |t| document(t, &policy));
    });
    files.resource(subject, "aws_eks_pod_identity_association", "secrets", |b| {
        b.expr("cluster_name", &eks.expr("name"));
        b.set("namespace", OPERATOR);
        b.set("service_account", OPERATOR);
        b.expr("role_arn", &subject.expr("aws_iam_role", "secrets", "arn"));
    });
}

/// External Secrets: its component, its namespace and the service account of its chart.
const OPERATOR: &str = "external-secrets";
