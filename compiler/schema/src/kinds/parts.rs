//! Records and words that several kinds share: where work runs, its image, its times, its secrets, its bounds.

use purlin_derive::{Choice, Record};

use crate::kinds::contracts::Personal;
use crate::kinds::data::Dataset;
use crate::kinds::facts::Gpu;
use crate::kinds::infrastructure::Queue;
use crate::kinds::organisation::Secret;
use crate::kinds::pools::{CpuPool, GpuPool, TpuPool};
use crate::kinds::stores::Storage;
use crate::units::{Bytes, Cron, Duration, ImageRef, Measure, MigProfile, Rate, Ratio, Timezone, Version};
use crate::view::{List, Many, Ref, Text};

/// Where something runs, and how much of it one replica, node or worker takes: whole nodes, GPUs, a slice of a GPU, or
/// CPU and memory.
#[derive(Record)]
pub struct Placement {
    /// The pool; or a GPU of the catalog, for a calculation without any pool.
    #[field(argument, required)]
    pub pool: Ref<(GpuPool, CpuPool, TpuPool, Gpu)>,
    /// How many whole nodes.
    pub nodes: u64,
    /// How many GPUs of one node each replica takes. Default: all of the node's where `nodes` is given, else 1.
    pub gpus: u64,
    /// How many GPUs of the catalog, where `on` names a GPU and no pool.
    pub count: u64,
    /// The MIG slice that each replica takes, instead of whole GPUs: `1g.10gb`.
    pub profile: MigProfile,
    /// CPU cores that each replica requests. Fractions are allowed.
    pub cpu: f64,
    /// Memory that each replica requests.
    pub memory: Bytes,
}

/// A container image.
#[derive(Record)]
pub struct Image {
    /// Name, with a tag or a digest. The digest of a tag is pinned in `purlin.lock`.
    #[field(argument, required)]
    pub reference: ImageRef,
    /// The CUDA version inside: it decides which driver the pool needs and which GPUs can run it.
    #[field(checked)]
    pub cuda: Version,
}

/// Times at which something starts.
#[derive(Record)]
pub struct Schedule {
    /// Minute, hour, day of the month, month, day of the week.
    #[field(argument, required)]
    pub cron: Cron,
    /// The time zone of the schedule. Default: UTC.
    #[field(default = "UTC")]
    pub timezone: Timezone,
}

/// A secret handed to the containers; its value never stands in a spec.
#[derive(Record)]
pub struct SecretUse {
    /// The secret.
    #[field(argument, key, required)]
    pub secret: Ref<Secret>,
    /// The environment variable that holds it; `image-pull` makes it the credential for pulling the image.
    pub r#as: Text,
}

/// A place in a store.
#[derive(Record)]
pub struct Location {
    /// The store.
    #[field(argument, required)]
    pub storage: Ref<Storage>,
    /// The path in it, without a leading slash.
    pub path: Text,
}

/// How old data may be.
#[derive(Record)]
pub struct Freshness {
    /// The longest that newly written data may take to arrive here.
    pub max_lag: Duration,
    /// The oldest that the newest data may be when it is read.
    pub max_age: Duration,
}

/// The queue through which work is admitted.
#[derive(Record)]
pub struct QueueUse {
    /// The queue.
    #[field(argument, required)]
    pub queue: Ref<Queue>,
    /// One of the priorities that the queue declares.
    pub priority: Text,
}

/// A dataset that is read, for what purpose, and what of it is left out.
#[derive(Record)]
pub struct DataUse {
    /// The dataset.
    #[field(argument, key, required)]
    pub dataset: Ref<Dataset>,
    /// One of the parts of the dataset's `split`. Default: all of it.
    pub split: Text,
    /// The share of the mixture that is drawn from it. Default: in proportion to size.
    pub weight: Ratio,
    /// What is not read.
    pub exclude: Exclude,
    /// What the data is used for; every word must be a purpose of the dataset's contract.
    #[field(checked)]
    pub purpose: List<Text>,
}

/// Fields that are not read.
#[derive(Record)]
pub struct Exclude {
    /// Every field of these classes.
    pub personal: List<Personal>,
    /// Fields by name.
    pub fields: List<Text>,
}

/// An argument handed to a program as written, checked against the flags that its adapter knows.
#[derive(Record)]
pub struct Arg {
    /// The flag, alone or with its value: `--flag=v`.
    #[field(argument, key, required)]
    pub flag: Text,
    /// Its values, where they are words of their own.
    #[field(arguments)]
    pub values: List<Text>,
}

/// How often clients may call.
#[derive(Record)]
pub struct Limit {
    /// What is counted.
    #[field(argument, key, required)]
    pub what: LimitUnit,
    /// The most of it: `50/s`, `2M tokens/min`.
    #[field(argument, required)]
    pub rate: Rate,
    /// For whom it is counted. Default: all callers together.
    pub per: LimitScope,
}

/// What a limit counts.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitUnit {
    /// Calls.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
}

/// For whom a limit is counted.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitScope {
    /// Each caller by itself.
    Client,
    /// Each tenant by itself.
    Tenant,
}

/// Who may call, and how callers prove who they are.
#[derive(Record)]
pub struct EndpointAuth {
    /// How.
    #[field(argument, required)]
    pub variant: AuthKind,
    /// The issuer of the tokens, as an https address.
    #[field(only("oidc"))]
    pub issuer: Text,
    /// The claim of the token that names the tenant.
    #[field(only("oidc"))]
    pub tenant_claim: Text,
}

/// How callers prove who they are.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthKind {
    /// Tokens of an OpenID Connect issuer.
    Oidc,
    /// Certificates on both sides.
    Mtls,
}

/// How many replicas: exactly `replicas 2`, or between bounds and by what they follow.
#[derive(Record)]
pub struct Replicas {
    /// Exactly this many.
    #[field(argument)]
    pub count: u64,
    /// Never fewer; 0 lets it scale to zero.
    pub min: u64,
    /// Never more.
    pub max: u64,
    /// What adds replicas.
    pub scale: Many<Scale>,
    /// A higher floor at certain times.
    pub schedule: Many<ReplicaSchedule>,
    /// Scales ahead of the load that the past predicts.
    pub predictive: Predictive,
}

/// A measure that replicas follow.
#[derive(Record)]
pub struct Scale {
    /// The measure.
    #[field(argument, key, required)]
    pub metric: ScaleMetric,
    /// What one replica should have of it: a number, or a duration.
    #[field(required)]
    pub target: Measure,
}

/// What replicas may follow.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScaleMetric {
    /// Requests that wait, per replica.
    QueueDepth,
    /// How long a request waits before it is taken.
    QueueLatency,
    /// Requests per second, per replica.
    RequestsPerSecond,
}

/// A floor of replicas that holds at certain times.
#[derive(Record)]
pub struct ReplicaSchedule {
    /// Its name.
    #[field(argument, key, required)]
    pub name: Text,
    /// When it begins.
    #[field(required)]
    pub from: Cron,
    /// When it ends.
    #[field(required)]
    pub to: Cron,
    /// The time zone of both. Default: UTC.
    #[field(default = "UTC")]
    pub timezone: Timezone,
    /// The fewest replicas in between.
    #[field(required)]
    pub min: u64,
    /// The most replicas in between. Default: that of `replicas`.
    pub max: u64,
}

/// Scaling ahead of time.
#[derive(Record)]
pub struct Predictive {
    /// How far ahead; at least as long as a replica takes to start.
    #[field(required)]
    pub horizon: Duration,
}

/// A bound that a measurement has to keep.
#[derive(Record)]
pub struct Metric {
    /// What is measured.
    #[field(argument, key, required)]
    pub metric: Text,
    /// At least.
    pub min: Measure,
    /// At most.
    pub max: Measure,
}
