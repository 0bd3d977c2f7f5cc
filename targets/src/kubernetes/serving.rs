//! Endpoints: `KServe`'s `InferenceService`, or a plain Deployment with its Service.

use std::borrow::Cow;

use purlin_core::Resource;
use purlin_core::compose::workload;
use purlin_core::emit::tape::Map;
use purlin_schema::kinds::parts::{Image, Replicas};
use purlin_schema::kinds::serving::{Rollout, RolloutKind, Serving, ServingProgram, ServingRun, ServingVia};
use purlin_schema::{Field, View};

use super::amount::Amount;
use super::files::Files;
use super::models;
use super::object::{Identity, kind, refused_labels};
use super::pods::{Command, Mount, Pod, Port, Probe, Variable};
use super::pools::Pool;
use super::program::Told;
use super::scaling;
use super::site::{Site, read};

/// Everything that is written of one endpoint.
pub(super) struct Endpoint<'a> {
    pub(super) resource: &'a Resource,
    pub(super) view: View<'a, Serving>,
    pub(super) identity: Identity<'a>,
    pub(super) program: Program,
    pub(super) kserve: bool,
    pub(super) replicas: Count<'a>,
    /// Something else than these files changes the number of replicas.
    pub(super) is_scaled: bool,
    /// Command and files of a program that is not the user's own.
    told: Told,
    mounts: Vec<Mount>,
}

/// What is known of a program that serves.
#[derive(Clone, Copy)]
pub(super) struct Program {
    pub(super) variant: ServingProgram,
    pub(super) port: u16,
    pub(super) health: Option<&'static str>,
}

/// How many replicas, and what changes them.
#[derive(Clone, Copy)]
pub(super) struct Count<'a> {
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) view: Option<View<'a, Replicas>>,
}

/// Writes every endpoint of a cluster.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("50-serving/serving");
    for (resource, view) in &site.servings {
        endpoint(site, files, resource, *view);
    }
}

fn endpoint<'a>(site: &'a Site<'a>, files: &mut Files<'_>, resource: &'a Resource, view: View<'a, Serving>) {
    let via = site.serving_via(view);
    let name = object_name(resource);
    let identity = Identity {
        name: &name,
        namespace: site.namespace(view.owner()),
        component: "serving",
        labels: view.labels(),
    };
    losses(files, resource, view, via);
    if !matches!(via, ServingVia::Kserve | ServingVia::Deployment) {
        return;
    }
    let program = program(view);
    // What a program of the user's own is told stands in the spec.
    let told = match program.variant {
        ServingProgram::Custom => Told::default(),
        ServingProgram::Triton => Told::of(site, resource.id)
            .or_command("tritonserver", format!("--model-repository={}", crate::run::WEIGHTS)),
        _ => Told::of(site, resource.id),
    };
    let mut endpoint = Endpoint {
        resource,
        view,
        identity,
        program,
        kserve: via == ServingVia::Kserve,
        replicas: count(view),
        is_scaled: false,
        mounts: told.mount(&name).into_iter().collect(),
        told,
    };
    let pool = site.pools.at(site.sound, view.on().get().map_or(Field::Absent, View::pool));
    let amount = match (pool, view.on().get()) {
        (Some(pool), Some(on)) => pool.take(on),
        _ => Amount::default(),
    };
    service_account(files, resource, &identity);
    endpoint.told.write(files, resource, &identity);
    let scaling = scaling::of(site, files, &endpoint);
    endpoint.is_scaled = scaling.is_some();
    if endpoint.kserve {
        inference_service(site, files, &endpoint, pool, &amount);
    } else {
        deployment(files, &endpoint, pool, &amount);
    }
    if endpoint.replicas.min > 1 {
        disruption_budget(files, &endpoint);
    }
    if let (Some(scaling), Some(replicas)) = (&scaling, endpoint.replicas.view) {
        scaling::write(site, files, &endpoint, replicas, scaling);
    }
}

/// The account of a workload: a cloud gives its identity rights, Kubernetes gives it none.
pub(super) fn service_account(files: &mut Files<'_>, resource: &Resource, identity: &Identity<'_>) {
    files.object(Some(resource), |t| {
        kind(t, "v1", "ServiceAccount");
        identity.metadata(t);
        t.set("automountServiceAccountToken", false);
    });
}

fn deployment(files: &mut Files<'_>, endpoint: &Endpoint<'_>, pool: Option<&Pool<'_>>, amount: &Amount) {
    let identity = &endpoint.identity;
    let Some(image) = image(endpoint.view.image().get(), endpoint.view.run().get()) else {
        files.loss(
            endpoint.resource,
            "image",
            "a Deployment needs an image, and none is known for this program",
        );
        return;
    };
    let port = Port { name: "http", number: endpoint.program.port };
    let pod = pod(endpoint, pool, amount, "server", Some(&image), std::slice::from_ref(&port), &PORT_GIVEN);
    files.object(Some(endpoint.resource), |t| {
        kind(t, "apps/v1", "Deployment");
        identity.metadata(t);
        t.map("spec", |t| {
            if !endpoint.is_scaled {
                t.set("replicas", endpoint.replicas.min);
            }
            if recreates(endpoint.view) {
                t.map("strategy", |t| {
                    t.set("type", "Recreate");
                });
            }
            t.map("selector", |t| {
                t.map("matchLabels", |t| identity.write_selector(t));
            });
            t.map("template", |t| {
                identity.pod_metadata(t, |t| {
                    t.map("annotations", |t| endpoint.told.write_annotation(t)).unless_empty();
                });
                t.map("spec", |t| pod.write(t));
            });
        });
    });
    files.object(Some(endpoint.resource), |t| {
        kind(t, "v1", "Service");
        identity.metadata(t);
        t.map("spec", |t| {
            t.map("selector", |t| identity.write_selector(t));
            t.list("ports", |t| {
                t.map(|t| {
                    t.set("name", "http");
                    t.set("port", 80_u64);
                    t.set("targetPort", "http");
                });
            });
        });
    });
}

/// The port on which a program of the user's own has to answer, told to it by a variable.
const PORT_GIVEN: [(&str, Variable<'static>); 1] = [("PORT", Variable::Text("8080"))];

fn pod<'p>(
    endpoint: &'p Endpoint<'p>,
    pool: Option<&'p Pool<'p>>,
    amount: &'p Amount,
    container: &'p str,
    image: Option<&'p str>,
    ports: &'p [Port],
    given: &'p [(&'p str, Variable<'p>)],
) -> Pod<'p> {
    let view = endpoint.view;
    let program = endpoint.program;
    let own = program.variant == ServingProgram::Custom;
    let command = match view.run().get() {
        Some(run) if own && !run.command().is_empty() => Command::Words(run.command(), run.arg()),
        _ => endpoint.told.command(),
    };
    Pod {
        image,
        command,
        given: if own { given } else { &[] },
        env: view.env(),
        secrets: Some(view.secret()),
        ports,
        probe: Some(match program.health {
            Some(path) => Probe::Http(path, program.port),
            None => Probe::Tcp(program.port),
        }),
        pool,
        mounts: &endpoint.mounts,
        shared_memory: amount.devices.is_some(),
        spread: (endpoint.replicas.max > 1).then_some((endpoint.identity.name, endpoint.identity.component)),
        ..Pod::new(container, endpoint.identity.name, amount)
    }
}

fn inference_service(
    site: &Site<'_>,
    files: &mut Files<'_>,
    endpoint: &Endpoint<'_>,
    pool: Option<&Pool<'_>>,
    amount: &Amount,
) {
    let view = endpoint.view;
    let image = image(view.image().get(), view.run().get());
    let weights = models::uri(site, view.model());
    let format = models::kserve_format(endpoint.program.variant);
    if image.is_none() && format.is_none() {
        files.loss(endpoint.resource, "image", "no image is known for this program");
        return;
    }
    if weights.is_none() {
        files.loss(endpoint.resource, "model", models::UNPLACED);
    }
    let port = Port { name: "http", number: endpoint.program.port };
    let pod = pod(
        endpoint,
        pool,
        amount,
        "kserve-container",
        image.as_deref(),
        std::slice::from_ref(&port),
        &PORT_GIVEN,
    );
    files.object(Some(endpoint.resource), |t| {
        kind(t, "serving.kserve.io/v1beta1", "InferenceService");
        endpoint.identity.metadata_and(t, |t| {
            t.map("annotations", |t| {
                t.set("serving.kserve.io/deploymentMode", "Standard");
                let scaler = if endpoint.is_scaled { "external" } else { "none" };
                t.set("serving.kserve.io/autoscalerClass", scaler);
                endpoint.told.write_annotation(t);
            });
        });
        t.map("spec", |t| {
            t.map("predictor", |t| {
                t.set("minReplicas", endpoint.replicas.min);
                t.set("maxReplicas", endpoint.replicas.max);
                match format {
                    Some(format) if image.is_none() => model_predictor(t, &pod, format, weights.as_deref()),
                    _ => {
                        if let Some(uri) = &weights {
                            t.list("storageUris", |t| {
                                t.map(|t| {
                                    t.set("uri", uri);
                                    t.set("mountPath", crate::run::WEIGHTS);
                                });
                            });
                        }
                        pod.write(t);
                    }
                }
            });
        });
    });
}

/// A predictor whose program `KServe` brings: only the model and its resources are said.
fn model_predictor(t: &mut Map<'_>, pod: &Pod<'_>, format: &str, weights: Option<&str>) {
    t.set("serviceAccountName", pod.service_account);
    if let Some(pool) = pod.pool {
        pool.write_choice(t);
    }
    t.map("model", |t| {
        t.map("modelFormat", |t| {
            t.set("name", format);
        });
        t.set("protocolVersion", "v2");
        t.maybe("storageUri", weights);
        pod.amount.write(t, "resources");
        t.list("env", |t| pod.write_env(t)).unless_empty();
    });
}

fn disruption_budget(files: &mut Files<'_>, endpoint: &Endpoint<'_>) {
    files.object(Some(endpoint.resource), |t| {
        kind(t, "policy/v1", "PodDisruptionBudget");
        endpoint.identity.metadata(t);
        t.map("spec", |t| {
            t.set("maxUnavailable", 1_u64);
            t.map("selector", |t| {
                t.map("matchLabels", |t| endpoint.identity.write_selector(t));
            });
        });
    });
}

fn recreates(view: View<'_, Serving>) -> bool {
    let read = View::<Serving>::of(view.record()).rollout().get();
    let recreates = read.is_some_and(|rollout| rollout.variant().get() == Some(RolloutKind::Recreate));
    if recreates {
        // Said by the strategy.
        let _ = view.rollout().get().map(View::<Rollout>::variant);
    }
    recreates
}

/// The image of the spec, or the program's own of that version, where it is known by what name its makers publish it.
pub(super) fn image<'a>(
    image: Option<View<'a, Image>>,
    run: Option<View<'a, ServingRun>>,
) -> Option<Cow<'a, str>> {
    if let Some(reference) = image.and_then(|image| image.reference().get()) {
        return Some(Cow::Borrowed(reference.as_str()));
    }
    let run = run?;
    let version = run.version().get()?;
    match run.variant().get()? {
        ServingProgram::Triton => Some(Cow::Owned(format!("nvcr.io/nvidia/tritonserver:{version}-py3"))),
        ServingProgram::Vllm if version.as_str().matches('.').count() == 2 => {
            Some(Cow::Owned(format!("vllm/vllm-openai:v{version}")))
        }
        _ => None,
    }
}

/// The program of an endpoint, and what is known of it.
pub(super) fn program(view: View<'_, Serving>) -> Program {
    use ServingProgram::{
        Custom, Mlserver, RayServe, Sglang, TensorrtLlm, TextEmbeddings, TorchServe, Triton, Vllm, Xgboost,
    };
    let variant = view.run().get().and_then(|run| run.variant().get()).unwrap_or(Custom);
    let (port, health) = match variant {
        Vllm => (8000, Some("/health")),
        Sglang => (30_000, Some("/health")),
        Triton => (8000, Some("/v2/health/ready")),
        TextEmbeddings => (80, Some("/health")),
        Mlserver => (8080, Some("/v2/health/ready")),
        TorchServe => (8080, Some("/ping")),
        TensorrtLlm | RayServe => (8000, None),
        Xgboost | Custom => (8080, None),
    };
    Program { variant, port, health }
}

/// Path and port at which a program publishes its metrics for Prometheus.
pub(super) fn metrics(program: ServingProgram) -> Option<(&'static str, u16)> {
    match program {
        ServingProgram::Vllm => Some(("/metrics", 8000)),
        ServingProgram::Sglang => Some(("/metrics", 30_000)),
        ServingProgram::Triton => Some(("/metrics", 8002)),
        ServingProgram::TextEmbeddings => Some(("/metrics", 80)),
        ServingProgram::Xgboost => Some(("/metrics", 8080)),
        _ => None,
    }
}

/// The name of an endpoint's objects: with room for what its controller appends.
pub(super) fn object_name(resource: &Resource) -> Cow<'_, str> {
    workload("serving").name(resource.name.as_str())
}

/// The Service before an endpoint's pods.
pub(super) fn service_name(resource: &Resource, via: ServingVia) -> String {
    let name = object_name(resource);
    if via == ServingVia::Kserve { format!("{name}-predictor") } else { name.into_owned() }
}

fn count(view: View<'_, Serving>) -> Count<'_> {
    let Some(replicas) = view.replicas().get() else { return Count { min: 1, max: 1, view: None } };
    let exact = replicas.count().get();
    let min = replicas.min().get().or(exact).unwrap_or(1);
    let max = replicas.max().get().or(exact).unwrap_or(min).max(min).max(1);
    Count { min, max, view: Some(replicas) }
}

fn losses(files: &mut Files<'_>, resource: &Resource, view: View<'_, Serving>, via: ServingVia) {
    for label in refused_labels(view.labels()) {
        files.loss(resource, "labels", format!("`{}` cannot be a label in Kubernetes", label.key));
    }
    let unread = read::<Serving>(resource);
    match via {
        ServingVia::Kserve | ServingVia::Deployment => {}
        ServingVia::LlmD | ServingVia::Seldon | ServingVia::Ray => {
            files.loss(resource, "via", "no objects of this controller are written yet");
        }
    }
    if unread.rollout().get().is_some() && !recreates(view) {
        files.loss(
            resource,
            "rollout",
            "one compilation knows one version: shares between two versions are set while it is applied",
        );
    }
}
