//! What watches endpoints and runs, and what tries them.

use purlin_derive::{Choice, Kind, Record};

use crate::kinds::agents::{Agent, Tool};
use crate::kinds::data::{Dataset, Pipeline, Stream};
use crate::kinds::features::{FeatureView, VectorStore};
use crate::kinds::gateway::{Gateway, Route};
use crate::kinds::models::Model;
use crate::kinds::organisation::Team;
use crate::kinds::parts::Metric;
use crate::kinds::serving::{BatchInference, Serving};
use crate::kinds::stores::{Broker, Database, Storage};
use crate::kinds::training::TrainingJob;
use crate::units::{Cron, Duration, Extent, Measure, Rate, Ratio, Timezone};
use crate::view::{Many, Ref, Text};

/// What is watched while something runs, who is told, and what happens then.
#[derive(Kind)]
pub struct Monitor {
    /// What is watched.
    #[field(required)]
    pub of: Ref<(Serving, TrainingJob, BatchInference, Pipeline, Stream, Route, Agent, VectorStore)>,
    /// Changes of a distribution relative to a dataset.
    pub drift: Many<Drift>,
    /// Bounds on how well it answers, once the truth is known.
    pub quality: Many<QualityBound>,
    /// Bounds on how far groups of people may lie apart.
    pub bias: Many<BiasBound>,
    /// Bounds on the age of what it reads.
    pub freshness: Many<FreshnessBound>,
    /// Bounds on any other measurement.
    pub metric: Many<MetricBound>,
    /// How fast an endpoint may use up what its `slo` leaves for errors.
    pub slo: SloAlert,
    /// Who is told.
    pub alert: Many<Alert>,
    /// What happens besides.
    pub on_breach: Many<Breach>,
}

/// A change of a distribution.
#[derive(Record)]
pub struct Drift {
    /// What is compared.
    #[field(argument, key, required)]
    pub what: DriftSubject,
    /// The dataset that it is compared with.
    #[field(required)]
    pub reference: Ref<Dataset>,
    /// How far apart they are.
    #[field(required)]
    pub test: DriftTest,
    /// At most.
    #[field(required)]
    pub max: f64,
    /// The time over which it is measured.
    #[field(required)]
    pub window: Duration,
}

/// Whose distribution is compared.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DriftSubject {
    /// Input, field by field.
    Data,
    /// Answers or scores.
    Prediction,
    /// Vectors of the input.
    Embedding,
}

/// Measures of how far two distributions are apart.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DriftTest {
    /// Population stability index.
    Psi,
    /// Kolmogorov-Smirnov statistic.
    Ks,
    /// Jensen-Shannon divergence.
    JensenShannon,
    /// Wasserstein distance.
    Wasserstein,
    /// Maximum mean discrepancy: for vectors.
    Mmd,
}

/// A bound on how well something answers.
#[derive(Record)]
pub struct QualityBound {
    /// What is measured.
    #[field(argument, key, required)]
    pub metric: Text,
    /// At least.
    pub min: Measure,
    /// At most.
    pub max: Measure,
    /// The time over which it is measured.
    pub window: Duration,
    /// How long after an answer the truth is known.
    pub label_delay: Duration,
    /// The share of answers that is measured. Default: all.
    pub sample: Ratio,
}

/// A bound on how far groups of people may lie apart.
#[derive(Record)]
pub struct BiasBound {
    /// The field that makes the groups.
    #[field(argument, key, required)]
    pub group: Text,
    /// The metric that is compared.
    #[field(key = 2)]
    pub metric: Text,
    /// The least that the lowest group's value may be of the highest one's.
    pub min_ratio: Ratio,
    /// The most that the highest and the lowest group's value may differ.
    pub max_gap: Measure,
    /// Groups with fewer cases are not judged.
    pub min_size: u64,
    /// The time over which it is measured.
    pub window: Duration,
}

/// A bound on the age of what is read.
#[derive(Record)]
pub struct FreshnessBound {
    /// What is read.
    #[field(argument, key, required)]
    pub source: Ref<(Stream, Dataset, FeatureView, Model, Pipeline, VectorStore)>,
    /// The longest that new data may take to arrive.
    pub max_lag: Duration,
    /// The oldest that the newest data, or the model, may be.
    pub max_age: Duration,
}

/// A bound on a measurement.
#[derive(Record)]
pub struct MetricBound {
    /// What is measured.
    #[field(argument, key, required)]
    pub metric: Text,
    /// At least.
    pub min: Measure,
    /// At most.
    pub max: Measure,
    /// The time, or the steps, over which it is measured.
    pub window: Extent,
    /// When it begins to hold. Default: it always holds.
    pub from: Cron,
    /// When it ceases to hold.
    pub to: Cron,
    /// The time zone of both. Default: UTC.
    pub timezone: Timezone,
}

/// How fast the errors that an `slo` leaves may be used up.
#[derive(Record)]
pub struct SloAlert {
    /// What is measured.
    #[field(argument, required)]
    pub variant: SloAlertKind,
    /// Times the even rate, over an hour: somebody is woken.
    #[field(required)]
    pub fast: f64,
    /// Times the even rate, over six hours.
    #[field(required)]
    pub slow: f64,
}

/// What is measured of an `slo`.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SloAlertKind {
    /// How many times faster errors come than the promise allows.
    BurnRate,
}

/// Who is told.
#[derive(Record)]
pub struct Alert {
    /// The team.
    #[field(argument, key, required)]
    pub team: Ref<Team>,
    /// How urgently. Default: ticket.
    #[field(default = "ticket")]
    pub severity: Severity,
}

/// How urgently a team is told.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// At once, whoever is on call.
    Page,
    /// In working hours.
    Ticket,
}

/// What happens when a bound breaks.
#[derive(Record)]
pub struct Breach {
    /// The bounds that it is about.
    #[field(argument, key, required)]
    pub of: BreachKind,
    /// A training job is started; it passes the gates of a workflow that names it.
    pub retrain: Retrain,
    /// An endpoint goes back to the version that served before.
    pub rollback: Ref<Serving>,
    /// Traffic of an endpoint goes to zero.
    pub stop: Ref<Serving>,
}

/// The bounds of a monitor.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum BreachKind {
    /// Those of `drift`.
    Drift,
    /// Those of `quality`.
    Quality,
    /// Those of `bias`.
    Bias,
    /// Those of `freshness`.
    Freshness,
    /// Those of `metric`.
    Metric,
    /// That of `slo`.
    Slo,
}

/// A training job that a monitor starts.
#[derive(Record)]
pub struct Retrain {
    /// The job.
    #[field(argument, required)]
    pub job: Ref<TrainingJob>,
    /// The shortest time between two starts. Default: none.
    pub cooldown: Duration,
}

/// Something is broken on purpose, and the rest has to hold.
#[derive(Kind)]
#[kind(later)]
pub struct ResilienceTest {
    /// What has to hold.
    #[field(required)]
    pub of: Ref<(Serving, Route, Agent, TrainingJob)>,
    /// What is broken.
    #[field(required)]
    pub fault: Fault,
    /// Bounds that must hold meanwhile.
    #[field(required)]
    pub expect: Many<Metric>,
}

/// What is broken on purpose.
#[derive(Record)]
pub struct Fault {
    /// The sort of fault.
    #[field(argument, required)]
    pub variant: FaultKind,
    /// What is cut off.
    #[field(only("dependency"))]
    pub of: Ref<(FeatureView, Serving, Stream, Database, Broker, VectorStore, Tool, Storage)>,
    /// How long.
    #[field(required)]
    pub duration: Duration,
}

/// Sorts of fault.
#[derive(Choice, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// One zone is gone.
    Zone,
    /// Something that it calls is gone.
    Dependency,
}

/// Load that is made on purpose, and what has to hold under it.
#[derive(Kind)]
#[kind(later)]
pub struct LoadTest {
    /// What is loaded.
    #[field(required)]
    pub of: Ref<(Serving, Route, Gateway, Agent)>,
    /// How much load.
    #[field(required)]
    pub rate: TestRate,
    /// Bounds that must hold.
    #[field(required)]
    pub expect: Many<Metric>,
}

/// Load for a time.
#[derive(Record)]
pub struct TestRate {
    /// Requests.
    #[field(argument, required)]
    pub rate: Rate,
    /// How long.
    #[field(required)]
    pub r#for: Duration,
}
