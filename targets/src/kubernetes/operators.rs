//! The operators of a cluster, as Argo CD Applications of their charts.

use purlin_core::compose::{LABEL_VALUE, OBJECT};
use purlin_core::emit::tape::Map;
use purlin_schema::kinds::infrastructure::{Cluster, GpuPool, OperatorsVia};
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::pools::SharingKind;
use purlin_schema::{Value, View};
use purlin_stdlib::facts::{Chart, Component};

use super::files::Files;
use super::object::{kind, text};
use super::site::Site;
use crate::node;

/// The namespace of Argo CD's own objects.
const ARGOCD: &str = "argocd";

/// The last wave of components: whatever needs none of them comes at 0.
const LAST_WAVE: i64 = -10;

/// The component that publishes the interfaces of EFA.
const EFA_PLUGIN: &str = "aws-efa-k8s-device-plugin";

/// Components may need each other this deep; what lies deeper is in the first wave, too.
const DEEPEST: i64 = 8;

/// Writes an Application for every chart of every component.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    let read = View::<Cluster>::of(site.view.record());
    if read.components().is_empty() {
        return;
    }
    let via =
        site.view.operators().get().map_or(Some(OperatorsVia::ArgoCd), |operators| operators.via().get());
    if via.is_some_and(|via| via != OperatorsVia::ArgoCd) {
        files.loss(site.resource, "operators.via", "components are written for `argocd` alone");
        return;
    }
    files.group("10-platform/operators");
    let said: Vec<(&str, Option<&Value>)> =
        site.view.components().iter().map(|entry| (entry.key.as_str(), Some(&entry.value))).collect();
    for (name, value) in with_needed(site, said) {
        component(site, files, name, value);
    }
}

/// What the spec says, and behind it what these components and the pools need besides.
fn with_needed<'s>(
    site: &Site<'_>,
    said: Vec<(&'s str, Option<&'s Value>)>,
) -> Vec<(&'s str, Option<&'s Value>)> {
    let mut all = said;
    if site.has_efa() {
        push_once(&mut all, EFA_PLUGIN);
    }
    let mut next = 0;
    while let Some((name, _)) = all.get(next).copied() {
        for need in purlin_stdlib::component(name).into_iter().flat_map(|known| known.needs.iter()) {
            push_once(&mut all, need);
        }
        next += 1;
    }
    all
}

fn push_once<'s>(all: &mut Vec<(&'s str, Option<&'s Value>)>, name: &'s str) {
    if all.iter().all(|(have, _)| *have != name) {
        all.push((name, None));
    }
}

fn component(site: &Site<'_>, files: &mut Files<'_>, name: &str, value: Option<&Value>) {
    let Some(known) = purlin_stdlib::component(name) else {
        files.loss(
            site.resource,
            &format!("components.{name}"),
            "the matrix of tested versions does not have it",
        );
        return;
    };
    if known.charts.is_empty() {
        files.loss(site.resource, &format!("components.{name}"), "no chart that installs it is known");
    }
    let said = match value {
        None | Some(Value::Bool(true)) => None,
        Some(value) => text(value),
    };
    for chart in known.charts.iter() {
        let version = version(known, chart, said.as_deref());
        let (Some(repository), Some(version)) = (chart.repository, version) else {
            let reason = format!("the repository or the version of its chart `{}` is not known", chart.name);
            files.loss(site.resource, &format!("components.{name}"), reason);
            continue;
        };
        // Where its documentation names no namespace, any will do.
        let namespace = known.namespace.unwrap_or(known.name);
        application(site, files, known, chart.name, repository, &version, namespace);
    }
}

/// The version of the chart: that of the matrix, or the spec's where charts are numbered as what they install.
fn version(known: &Component, chart: &Chart, said: Option<&str>) -> Option<String> {
    let Some(said) = said.filter(|said| *said != known.version) else {
        return chart.version.map(str::to_owned);
    };
    let tested = chart.version?;
    if tested == known.version {
        Some(said.to_owned())
    } else if tested.strip_prefix('v') == Some(known.version) {
        Some(format!("v{said}"))
    } else {
        None
    }
}

/// The wave of a component: before everything that needs it.
fn wave(name: &str) -> i64 {
    LAST_WAVE - depth_below(name)
}

/// The longest chain of components that need this one.
fn depth_below(name: &str) -> i64 {
    let mut level: Vec<&str> = vec![name];
    let mut depth = 0;
    while depth < DEEPEST {
        let next: Vec<&str> = purlin_stdlib::components()
            .iter()
            .filter(|component| component.needs.iter().any(|need| level.contains(need)))
            .map(|component| component.name)
            .collect();
        if next.is_empty() {
            break;
        }
        (level, depth) = (next, depth + 1);
    }
    depth
}

fn application(
    site: &Site<'_>,
    files: &mut Files<'_>,
    known: &Component,
    chart: &str,
    repository: &str,
    version: &str,
    namespace: &str,
) {
    files.object(Some(site.resource), |t| {
        kind(t, "argoproj.io/v1alpha1", "Application");
        t.map("metadata", |t| {
            t.set("name", OBJECT.join(&[site.resource.name.as_str(), chart]));
            t.set("namespace", ARGOCD);
            t.map("annotations", |t| {
                // Definitions come before what needs them: of the charts of one component, the first is theirs.
                let behind =
                    known.charts.iter().skip_while(|other| other.name != chart).skip(1).map(|_| 1_i64);
                let later: i64 = behind.sum();
                t.set("argocd.argoproj.io/sync-wave", format_args!("{}", wave(known.name) * 4 - later));
            });
        });
        t.map("spec", |t| {
            t.set("project", "default");
            t.map("source", |t| {
                // Argo CD knows a registry of charts by its bare name.
                t.set("repoURL", repository.strip_prefix("oci://").unwrap_or(repository));
                t.set("chart", chart);
                t.set("targetRevision", version);
                t.map("helm", |t| {
                    t.map("valuesObject", |t| values(site, t, chart)).unless_empty();
                })
                .unless_empty();
            });
            t.map("destination", |t| {
                t.set("server", "https://kubernetes.default.svc");
                t.set("namespace", namespace);
            });
            t.map("syncPolicy", sync_policy);
        });
    });
}

fn sync_policy(t: &mut Map<'_>) {
    t.map("automated", |t| {
        t.set("prune", true);
        t.set("selfHeal", true);
    });
    t.items("syncOptions", ["CreateNamespace=true", "ServerSideApply=true"]);
}

/// What a chart has to be told so that the other objects of this cluster work.
fn values(site: &Site<'_>, t: &mut Map<'_>, chart: &str) {
    match chart {
        // Else Prometheus takes only what is labelled as a part of the chart's own release.
        "kube-prometheus-stack" => {
            t.map("prometheus", |t| {
                t.map("prometheusSpec", |t| {
                    t.set("podMonitorSelectorNilUsesHelmValues", false);
                    t.set("ruleSelectorNilUsesHelmValues", false);
                    t.set("serviceMonitorSelectorNilUsesHelmValues", false);
                });
            });
        }
        // Else it sees the objects of its own namespace alone.
        "strimzi-kafka-operator" => {
            t.set("watchAnyNamespace", true);
        }
        "gpu-operator" => gpu_operator(site, t),
        _ => {}
    }
}

/// Who brings the driver, how GPUs are cut, and how they are shared
/// (`deployments/gpu-operator/values.yaml` of NVIDIA/gpu-operator at a22dbf67).
fn gpu_operator(site: &Site<'_>, t: &mut Map<'_>) {
    // The image of the nodes brings both.
    if site.provider == Some(Provider::Aws) {
        for part in ["driver", "toolkit"] {
            t.map(part, |t| {
                t.set("enabled", false);
            });
        }
    }
    // Else slices are not published by their profiles.
    if site.has_slices() {
        t.map("mig", |t| {
            t.set("strategy", "mixed");
        });
    }
    if let Some(layouts) = node::mig_layouts(site.sound, site.resource.id) {
        t.map("migManager", |t| {
            t.map("config", |t| {
                t.set("create", true);
                t.set("name", "purlin-mig-layouts");
                t.set("default", node::UNCUT);
                t.pairs("data", [("config.yaml", layouts)]);
            });
        });
    }
    if let Some(counters) = node::dcgm_counters(site.sound, site.resource.id) {
        t.map("dcgmExporter", |t| {
            t.map("config", |t| {
                t.set("create", true);
                t.set("name", "purlin-dcgm-counters");
                t.set("data", counters);
            });
        });
    }
    let shared = sharing(site);
    if !shared.is_empty() {
        t.map("devicePlugin", |t| {
            t.map("config", |t| {
                t.set("create", true);
                t.set("name", "purlin-sharing");
                t.set("default", "whole");
                t.pairs("data", shared);
            });
        });
    }
}

/// For every pool whose GPUs are shared what the device plugin is told on its nodes; beside it what it is told on others.
fn sharing(site: &Site<'_>) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for resource in site.sound.ask.incoming(site.resource.id) {
        let Some(of) = site.sound.view::<GpuPool>(resource.id).and_then(|pool| pool.sharing().get()) else {
            continue;
        };
        let Some(kind) = of.variant().get() else { continue };
        let replicas = of.replicas().get().unwrap_or(1);
        let (way, guard) = match kind {
            SharingKind::TimeSlicing => ("timeSlicing", "    failRequestsGreaterThanOne: true\n"),
            SharingKind::Mps => ("mps", ""),
        };
        told.push((
            LABEL_VALUE.name(resource.name.as_str()).into_owned(),
            format!(
                "version: v1\nsharing:\n  {way}:\n{guard}    resources:\n      - name: nvidia.com/gpu\n        \
                 replicas: {replicas}\n"
            ),
        ));
    }
    if !told.is_empty() {
        told.insert(0, ("whole".to_owned(), "version: v1\n".to_owned()));
    }
    told
}
