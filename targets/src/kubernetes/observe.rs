//! What is scraped, and what alerts.

use purlin_core::Resource;
use purlin_core::compose::OBJECT;
use purlin_core::emit::tape::{List, Map};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::GpuPool;
use purlin_schema::kinds::monitoring::{MetricBound, Monitor, Severity, SloAlert};
use purlin_schema::kinds::organisation::Team;
use purlin_schema::kinds::pools::{Watch, WatchEcc, WatchXid};
use purlin_schema::kinds::serving::{Serving, ServingProgram, ServingVia};
use purlin_schema::units::{Duration, Extent, Measure};

use super::amount::Time;
use super::files::Files;
use super::namespaces::MONITORING;
use super::object::{kind, placed};
use super::serving::{Program, metrics, object_name, program, service_name};
use super::site::{Site, read};

/// Over how long a bound is measured where it says nothing.
const WINDOW: Duration = Duration::from_seconds(300);

/// One alert.
struct Rule {
    alert: String,
    expression: String,
    /// How long it has to hold.
    hold: Option<Duration>,
    summary: String,
}

/// Writes scrapes and alerts of a cluster.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("60-observability/monitoring");
    if !site.has("prometheus-operator") {
        for (resource, _) in &site.monitors {
            files.loss(resource, "", "the cluster has no component `prometheus-operator`, which watches");
        }
        return;
    }
    for (resource, view) in &site.servings {
        scrape(site, files, resource, *view);
    }
    node_health(site, files);
    for (resource, view) in &site.monitors {
        monitor(site, files, resource, *view);
    }
}

fn scrape(site: &Site<'_>, files: &mut Files<'_>, resource: &Resource, view: View<'_, Serving>) {
    let via = site.serving_via(view);
    let Some((path, port)) = metrics(program(view).variant) else { return };
    if !matches!(via, ServingVia::Kserve | ServingVia::Deployment) {
        return;
    }
    let name = object_name(resource);
    files.object(Some(resource), |t| {
        kind(t, "monitoring.coreos.com/v1", "ServiceMonitor");
        placed(t, &name, site.namespace(view.owner()));
        t.map("spec", |t| {
            t.map("selector", |t| {
                t.map("matchLabels", |t| {
                    if via == ServingVia::Kserve {
                        t.set("serving.kserve.io/inferenceservice", name.as_ref());
                    } else {
                        t.set("app.kubernetes.io/name", name.as_ref());
                        t.set("app.kubernetes.io/component", "serving");
                    }
                });
            });
            t.list("endpoints", |t| {
                t.map(|t| {
                    t.set("targetPort", port);
                    t.set("path", path);
                    t.set("interval", "15s");
                });
            });
        });
    });
}

/// Faults of GPUs, as DCGM's exporter counts them, for pools that say what a fault is.
fn node_health(site: &Site<'_>, files: &mut Files<'_>) {
    for resource in site.sound.graph().of_kind("gpu-pool") {
        let pool = site.pools.get(resource.id).filter(|pool| pool.cluster == site.resource.id);
        let view = pool.and_then(|_| site.sound.view::<GpuPool>(resource.id));
        let health = view.and_then(|view| view.health().get());
        let (Some(_), Some(watch)) = (pool, health.and_then(|health| health.watch().get())) else { continue };
        let rules = health_rules(watch);
        if rules.is_empty() {
            continue;
        }
        if watch.xid().get() == Some(WatchXid::Fatal) {
            files.loss(
                resource,
                "health.watch.xid",
                "the counter does not tell fatal errors from others: all of them alert",
            );
        }
        for (said, what) in [(watch.nvlink().is_absent(), "nvlink"), (watch.efa().is_absent(), "efa")] {
            if !said {
                files.loss(
                    resource,
                    &format!("health.watch.{what}"),
                    "no counter of DCGM's default set tells it",
                );
            }
        }
        files.object(Some(resource), |t| {
            kind(t, "monitoring.coreos.com/v1", "PrometheusRule");
            placed(t, &OBJECT.join(&["health", resource.name.as_str()]), MONITORING);
            t.map("spec", |t| groups(t, resource.name.as_str(), &rules, "page", &[]));
        });
    }
}

fn health_rules(watch: View<'_, Watch>) -> Vec<Rule> {
    let rule = |alert: &str, expression: &str, summary: &str| Rule {
        alert: alert.to_owned(),
        expression: expression.to_owned(),
        hold: Some(Duration::from_seconds(60)),
        summary: summary.to_owned(),
    };
    let mut rules = Vec::new();
    match watch.xid().get() {
        Some(WatchXid::Any | WatchXid::Fatal) => rules.push(rule(
            "GpuXid",
            "DCGM_FI_DEV_XID_ERRORS > 0",
            "XID {{ $value }} on {{ $labels.Hostname }}, GPU {{ $labels.gpu }}",
        )),
        None => {}
    }
    match watch.ecc().get() {
        Some(WatchEcc::Any | WatchEcc::Uncorrectable) => rules.push(rule(
            "GpuMemoryUncorrectable",
            "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS > 0",
            "Memory of GPU {{ $labels.gpu }} on {{ $labels.Hostname }} lost data",
        )),
        None => {}
    }
    rules
}

fn monitor(site: &Site<'_>, files: &mut Files<'_>, resource: &Resource, view: View<'_, Monitor>) {
    let said = read::<Monitor>(resource);
    lost_bounds(files, resource, said);
    let _ = view.of_();
    let serving = site.sound.ask.get::<Serving>(said.of_()).ok();
    let Some((serving, watched)) = serving.and_then(|(id, view)| Some((site.sound.graph().get(id)?, view)))
    else {
        for bound in view.metric().keyed() {
            lost_metric(files, resource, bound.0.as_str());
        }
        if !said.alert().is_empty() {
            files.loss(resource, "alert", SILENT);
        }
        return;
    };
    let via = site.serving_via(watched);
    let service = service_name(serving, via);
    let of = format!("namespace=\"{}\",service=\"{service}\"", site.namespace(watched.owner()));
    let program = program(watched);
    let mut rules = Vec::new();
    for (name, bound) in view.metric().keyed() {
        let made = bound_rules(resource, name.as_str(), bound, program, &of);
        if made.is_empty() {
            lost_metric(files, resource, name.as_str());
        }
        rules.extend(made);
    }
    if let Some(slo) = said.slo().get() {
        let made = burn_rules(resource, slo, watched, program, &of);
        if made.is_empty() {
            files.loss(resource, "slo", "it is not known under which name this program counts errors");
        } else {
            let _ = view.slo().get().map(|slo| (slo.variant(), slo.fast(), slo.slow()));
        }
        rules.extend(made);
    }
    if rules.is_empty() {
        if !said.alert().is_empty() {
            files.loss(resource, "alert", SILENT);
        }
        return;
    }
    let teams: Vec<&str> = view
        .alert()
        .iter()
        .filter_map(|alert| Some(site.sound.ask.get::<Team>(alert.team()).ok()?.0))
        .filter_map(|id| Some(site.sound.graph().get(id)?.name.as_str()))
        .collect();
    let page = view.alert().iter().any(|alert| alert.severity().get() == Some(Severity::Page));
    files.object(Some(resource), |t| {
        kind(t, "monitoring.coreos.com/v1", "PrometheusRule");
        placed(t, resource.name.as_str(), site.namespace(watched.owner()));
        t.map("spec", |t| {
            groups(t, resource.name.as_str(), &rules, if page { "page" } else { "ticket" }, &teams);
        });
    });
}

/// Of alerts without a rule.
const SILENT: &str = "nothing that it watches is measured in the cluster";

fn lost_metric(files: &mut Files<'_>, resource: &Resource, name: &str) {
    files.loss(
        resource,
        &format!("metric[{name}]"),
        "it is not known under which name the program publishes it",
    );
}

/// Bounds that need more than counters: a job that compares distributions, or labels that come late.
fn lost_bounds(files: &mut Files<'_>, resource: &Resource, said: View<'_, Monitor>) {
    let job = "nothing in the cluster computes it: a job of the platform's own has to publish it";
    for (is_said, field) in [
        (!said.drift().is_empty(), "drift"),
        (!said.quality().is_empty(), "quality"),
        (!said.bias().is_empty(), "bias"),
        (!said.freshness().is_empty(), "freshness"),
    ] {
        if is_said {
            files.loss(resource, field, job);
        }
    }
    if !said.on_breach().is_empty() {
        files.loss(resource, "on-breach", "alerts go to people; nothing in the cluster acts on them");
    }
}

fn groups(t: &mut Map<'_>, name: &str, rules: &[Rule], severity: &str, teams: &[&str]) {
    t.list("groups", |t| {
        t.map(|t| {
            t.set("name", name);
            t.list("rules", |t| {
                for rule in rules {
                    write_rule(t, rule, severity, teams);
                }
            });
        });
    });
}

fn write_rule(t: &mut List<'_>, rule: &Rule, severity: &str, teams: &[&str]) {
    t.map(|t| {
        t.set("alert", &rule.alert);
        t.set("expr", &rule.expression);
        if let Some(hold) = rule.hold {
            t.set("for", format_args!("{}", Time(hold)));
        }
        t.map("labels", |t| {
            t.set("severity", severity);
            if !teams.is_empty() {
                t.set("team", teams.join(","));
            }
        });
        t.map("annotations", |t| {
            t.set("summary", &rule.summary);
        });
    });
}

/// `drafts-slow` and `error-rate` as an alert's name: `DraftsSlowErrorRate`.
fn alert_name(parts: &[&str]) -> String {
    let mut name = String::new();
    for word in parts.iter().flat_map(|part| part.split(['-', '.', '_', ' '])) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn bound_rules(
    resource: &Resource,
    name: &str,
    bound: View<'_, MetricBound>,
    program: Program,
    of: &str,
) -> Vec<Rule> {
    let window = match bound.window().get() {
        Some(Extent::Duration(window)) => window,
        None => WINDOW,
        Some(_) => return Vec::new(),
    };
    let Some(query) = query(program.variant, name, of, window) else { return Vec::new() };
    let mut rules = Vec::new();
    for (limit, sign, word, low) in
        [(bound.min().get(), "<", "below", true), (bound.max().get(), ">", "above", false)]
    {
        let Some((limit, number)) = limit.and_then(|limit| Some((limit, number(limit)?))) else { continue };
        let suffix = if low { "low" } else { "high" };
        rules.push(Rule {
            alert: alert_name(&[resource.name.as_str(), name, suffix]),
            expression: format!("{query} {sign} {number}"),
            hold: None,
            summary: format!("{name} is {word} {limit} over {window}"),
        });
    }
    rules
}

/// In the unit of Prometheus: seconds, parts of one, counts per second.
fn number(measure: Measure) -> Option<f64> {
    match measure {
        Measure::Duration(duration) => Some(duration.seconds()),
        Measure::Rate(rate) => Some(rate.per_second()),
        Measure::Count(count, _) => Some(count as f64),
        Measure::Money(_) => None,
        other => other.number(),
    }
}

/// What gives the measurement, for the programs that are known to publish it.
fn query(program: ServingProgram, metric: &str, of: &str, window: Duration) -> Option<String> {
    let window = Time(window);
    match (program, metric) {
        (ServingProgram::Vllm, "request-rate") => {
            Some(format!("sum(rate(vllm:request_success_total{{{of}}}[{window}]))"))
        }
        (ServingProgram::Vllm, _) if metric.starts_with("ttft-p") => {
            let quantile: u32 = metric.strip_prefix("ttft-p")?.parse().ok().filter(|p| *p > 0 && *p < 100)?;
            let buckets = format!("vllm:time_to_first_token_seconds_bucket{{{of}}}");
            Some(format!("histogram_quantile(0.{quantile:02}, sum by (le) (rate({buckets}[{window}])))"))
        }
        (ServingProgram::Triton, "request-rate") => {
            Some(format!("sum(rate(nv_inference_request_success{{{of}}}[{window}]))"))
        }
        (ServingProgram::Triton, "error-rate") => {
            let failed = format!("sum(rate(nv_inference_request_failure{{{of}}}[{window}]))");
            Some(format!("{failed} / (sum(rate(nv_inference_request_success{{{of}}}[{window}])) + {failed})"))
        }
        (ServingProgram::Xgboost, "request-rate") => {
            Some(format!("sum(rate(request_predict_seconds_count{{{of}}}[{window}]))"))
        }
        _ => None,
    }
}

/// Two windows each, so that an alert ends soon after its cause: an hour with five minutes, six hours with thirty.
fn burn_rules(
    resource: &Resource,
    slo: View<'_, SloAlert>,
    watched: View<'_, Serving>,
    program: Program,
    of: &str,
) -> Vec<Rule> {
    let availability = watched.slo().get().and_then(|slo| slo.availability().get());
    let Some(budget) = availability.map(|availability| 1.0 - availability.0) else { return Vec::new() };
    let hours = |hours: u32| Duration::from_seconds(hours * 3600);
    let minutes = |minutes: u32| Duration::from_seconds(minutes * 60);
    let mut rules = Vec::new();
    for (rate, word, long, short) in
        [(slo.fast().get(), "fast", hours(1), minutes(5)), (slo.slow().get(), "slow", hours(6), minutes(30))]
    {
        let errors = |window| query(program.variant, "error-rate", of, window);
        let (Some(rate), Some(over), Some(now)) = (rate, errors(long), errors(short)) else { continue };
        // Rounded to nine digits: the difference of two decimals is no decimal.
        let limit = (rate * budget * 1e9).round() / 1e9;
        rules.push(Rule {
            alert: alert_name(&[resource.name.as_str(), "burn", word]),
            expression: format!("({over}) > {limit} and ({now}) > {limit}"),
            hold: None,
            summary: format!("Errors use up what the promise allows {rate} times as fast as it lasts"),
        });
    }
    rules
}
