//! What changes the number of replicas: KEDA's `ScaledObject`.

use purlin_core::emit::tape::{List, Map};
use purlin_schema::View;
use purlin_schema::kinds::parts::{ReplicaSchedule, Replicas, Scale, ScaleMetric};
use purlin_schema::kinds::serving::ServingProgram;
use purlin_schema::units::Measure;

use super::files::Files;
use super::object::kind;
use super::serving::{Endpoint, service_name};
use super::site::Site;

/// Where the operator of Prometheus puts the service of the servers that it runs.
const PROMETHEUS: &str = "http://prometheus-operated.monitoring.svc:9090";

/// What changes the number of replicas of an endpoint.
pub(super) struct Scaling {
    triggers: Vec<Trigger>,
}

/// What scales an endpoint; none where its number of replicas stays, be it because nothing in the cluster can change it.
pub(super) fn of(site: &Site<'_>, files: &mut Files<'_>, endpoint: &Endpoint<'_>) -> Option<Scaling> {
    let replicas = endpoint.replicas.view?;
    let (by_measure, by_time) = (!replicas.scale().is_empty(), !replicas.schedule().is_empty());
    if !by_measure && !by_time {
        return None;
    }
    if !site.has("keda") {
        files.loss(endpoint.resource, "replicas", "the cluster has no component `keda`, which scales");
        return None;
    }
    let mut triggers = Vec::new();
    if site.has("prometheus-operator") {
        let service = service_name(endpoint.resource, site.serving_via(endpoint.view));
        triggers
            .extend(replicas.scale().iter().filter_map(|scale| trigger(files, endpoint, scale, &service)));
    } else if by_measure {
        files.loss(
            endpoint.resource,
            "replicas.scale",
            "the cluster has no component `prometheus-operator`, which measures",
        );
    }
    (by_time || !triggers.is_empty()).then_some(Scaling { triggers })
}

/// Writes what scales an endpoint.
pub(super) fn write(
    site: &Site<'_>,
    files: &mut Files<'_>,
    endpoint: &Endpoint<'_>,
    replicas: View<'_, Replicas>,
    scaling: &Scaling,
) {
    for schedule in replicas.schedule().iter() {
        if View::<ReplicaSchedule>::of(schedule.record()).max().get().is_some() {
            files.loss(
                endpoint.resource,
                "replicas.schedule.max",
                "KEDA's cron trigger has a floor and no ceiling",
            );
        }
    }
    let service = service_name(endpoint.resource, site.serving_via(endpoint.view));
    files.object(Some(endpoint.resource), |t| {
        kind(t, "keda.sh/v1alpha1", "ScaledObject");
        endpoint.identity.metadata(t);
        t.map("spec", |t| {
            t.map("scaleTargetRef", |t| {
                t.set("apiVersion", "apps/v1");
                t.set("kind", "Deployment");
                t.set("name", &service);
            });
            t.set("minReplicaCount", endpoint.replicas.min);
            t.set("maxReplicaCount", endpoint.replicas.max);
            if !scaling.triggers.is_empty() {
                fallback(t, endpoint.replicas.min);
            }
            t.map("advanced", behaviour);
            t.list("triggers", |t| {
                for trigger in &scaling.triggers {
                    t.map(|t| trigger.write(t));
                }
                schedules(t, replicas);
            });
        });
    });
}

/// Measurements that are missing leave the number as it is, and never below the floor.
fn fallback(t: &mut Map<'_>, min: u64) {
    t.map("fallback", |t| {
        t.set("failureThreshold", 3_u64);
        t.set("replicas", min.max(1));
        t.set("behavior", "currentReplicasIfHigher");
    });
}

/// A replica loads weights before it answers: what was started is kept for a while.
fn behaviour(t: &mut Map<'_>) {
    t.map("horizontalPodAutoscalerConfig", |t| {
        t.map("behavior", |t| {
            t.map("scaleDown", |t| {
                t.set("stabilizationWindowSeconds", 600_u64);
            });
        });
    });
}

fn schedules(t: &mut List<'_>, replicas: View<'_, Replicas>) {
    for schedule in replicas.schedule().iter() {
        let (Some(from), Some(to)) = (schedule.from().get(), schedule.to().get()) else { continue };
        t.map(|t| {
            t.set("type", "cron");
            t.maybe("name", schedule.name().get());
            t.map("metadata", |t| {
                t.set("timezone", schedule.timezone().get().map_or("Etc/UTC", zone));
                t.set("start", from.as_str());
                t.set("end", to.as_str());
                t.set("desiredReplicas", format_args!("{}", schedule.min().get().unwrap_or(1)));
            });
        });
    }
}

fn zone(zone: purlin_schema::units::Timezone) -> &'static str {
    zone.as_str()
}

struct Trigger {
    query: String,
    threshold: String,
    /// The query gives an average over replicas already, so that it is compared as it is.
    average: bool,
}

impl Trigger {
    fn write(&self, t: &mut Map<'_>) {
        t.set("type", "prometheus");
        t.set("metricType", if self.average { "Value" } else { "AverageValue" });
        t.map("metadata", |t| {
            t.set("serverAddress", PROMETHEUS);
            t.set("query", &self.query);
            t.set("threshold", &self.threshold);
        });
    }
}

/// The query of a measure, where the program is known to publish it.
fn trigger(
    files: &mut Files<'_>,
    endpoint: &Endpoint<'_>,
    scale: View<'_, Scale>,
    service: &str,
) -> Option<Trigger> {
    let of = format!("{{namespace=\"{}\",service=\"{service}\"}}", endpoint.identity.namespace);
    let metric = scale.metric().get()?;
    let target = scale.target().get()?;
    let (query, average) = match (endpoint.program.variant, metric) {
        (ServingProgram::Vllm, ScaleMetric::QueueDepth) => {
            (format!("sum(vllm:num_requests_waiting{of})"), false)
        }
        (ServingProgram::Vllm, ScaleMetric::RequestsPerSecond) => {
            (format!("sum(rate(vllm:request_success_total{of}[2m]))"), false)
        }
        (ServingProgram::Vllm, ScaleMetric::QueueLatency) => {
            let (sum, count) =
                ("vllm:request_queue_time_seconds_sum", "vllm:request_queue_time_seconds_count");
            (format!("1000 * sum(rate({sum}{of}[2m])) / sum(rate({count}{of}[2m]))"), true)
        }
        (ServingProgram::Triton, ScaleMetric::RequestsPerSecond) => {
            (format!("sum(rate(nv_inference_request_success{of}[2m]))"), false)
        }
        (ServingProgram::Triton, ScaleMetric::QueueLatency) => {
            let (sum, count) = ("nv_inference_queue_duration_us", "nv_inference_request_success");
            (format!("sum(rate({sum}{of}[2m])) / sum(rate({count}{of}[2m])) / 1000"), true)
        }
        (ServingProgram::Xgboost, ScaleMetric::RequestsPerSecond) if endpoint.kserve => {
            (format!("sum(rate(request_predict_seconds_count{of}[2m]))"), false)
        }
        _ => {
            files.loss(
                endpoint.resource,
                "replicas.scale",
                "it is not known under which name this program publishes the measure",
            );
            return None;
        }
    };
    Some(Trigger { query, threshold: threshold(target)?, average })
}

/// A target as KEDA compares it: times in milliseconds, as the queries give them.
fn threshold(target: Measure) -> Option<String> {
    match target {
        Measure::Duration(duration) => Some(format!("{}", duration.milliseconds())),
        other => other.number().map(|number| number.to_string()),
    }
}
