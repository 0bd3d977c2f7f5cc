//! Training jobs: Kubeflow Trainer's `TrainJob` with a runtime of its own, a `JobSet`, or a Job.

use purlin_core::Resource;
use purlin_core::compose::{self, workload};
use purlin_core::emit::tape::Map;
use purlin_schema::kinds::infrastructure::Queue;
use purlin_schema::kinds::models::Tracking;
use purlin_schema::kinds::parts::QueueUse;
use purlin_schema::kinds::training::{ResumeEvent, TrainingFramework, TrainingJob, TrainingVia};
use purlin_schema::units::ImageRef;
use purlin_schema::{Field, View};

use super::amount::Amount;
use super::files::Files;
use super::object::{Identity, kind, refused_labels};
use super::pods::{Command, Mount, Pod, Source, Variable};
use super::pools::Pool;
use super::program::Told;
use super::queues::{Levels, priority_name};
use super::serving::service_account;
use super::site::{Site, read};
use super::tracking;
use super::volumes::claim_name;

/// Where the processes of a job meet: the first pod of its one group of pods.
const RENDEZVOUS_PORT: &str = "29500";

/// The group of pods that trains, and its container: both names are fixed by Kubeflow Trainer.
const NODE: &str = "node";

/// A job on its way into objects.
struct Job<'a> {
    resource: &'a Resource,
    view: View<'a, TrainingJob>,
    identity: Identity<'a>,
    via: Via,
    nodes: u64,
    processes: u64,
    amount: Amount,
    pool: Option<&'a Pool<'a>>,
    mounts: Vec<Mount>,
    /// The label of the queue, and of the priority in it.
    queue: Option<(&'a str, Option<String>)>,
    nearness: Option<(&'static str, &'a str)>,
    told: Told,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Via {
    Trainer,
    JobSet,
    Job,
}

/// Writes every training job of a cluster.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("40-training/jobs");
    for (resource, view) in &site.jobs {
        job(site, files, resource, *view);
    }
}

fn job<'a>(site: &'a Site<'a>, files: &mut Files<'_>, resource: &'a Resource, view: View<'a, TrainingJob>) {
    let Some(via) = via(site, files, resource, view) else { return };
    losses(site, files, resource, view, via);
    let name = workload(resource.kind.name).name(resource.name.as_str());
    let team = if view.team().is_absent() { view.owner() } else { view.team() };
    let on = view.on().get();
    let pool = on.and_then(|on| site.pools.at(site.sound, on.pool()));
    let amount = match (pool, on) {
        (Some(pool), Some(on)) => pool.take(on),
        _ => Amount::default(),
    };
    let use_of_queue = view.queue().get();
    let queue = use_of_queue.and_then(|used| Some((used, site.sound.ask.get::<Queue>(used.queue()).ok()?)));
    let told = Told::of(site, resource.id);
    let job = Job {
        resource,
        view,
        identity: Identity {
            name: &name,
            namespace: site.namespace(team),
            component: "training",
            labels: view.labels(),
        },
        via,
        nodes: on.and_then(|on| on.nodes().get()).unwrap_or(1),
        processes: amount.devices.as_ref().map_or(1, |(_, count)| *count),
        amount,
        pool,
        mounts: mounts(site, view, &told, &name),
        queue: queue.filter(|_| site.has("kueue")).map(|(used, (id, _))| label(site, used, id)),
        nearness: queue.and_then(|(_, (_, queue))| Levels::of(site).annotation(queue)),
        told,
    };
    if job.view.image().get().is_none() {
        files.loss(resource, "image", "the program's container has no image");
        return;
    }
    service_account(files, resource, &job.identity);
    job.told.write(files, resource, &job.identity);
    let given = given(site, &job);
    let given: Vec<(&str, Variable<'_>)> =
        given.iter().map(|(name, value)| (*name, value.borrow())).collect();
    match via {
        Via::Trainer => {
            runtime(files, &job);
            train_job(files, &job, &given);
        }
        Via::JobSet => job_set(files, &job, &given),
        Via::Job => plain_job(files, &job, &given),
    }
}

/// The controller: what the spec says, else Trainer where the cluster has it, else `JobSet`, else none at all.
fn via(
    site: &Site<'_>,
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, TrainingJob>,
) -> Option<Via> {
    match view.via().get() {
        Some(TrainingVia::Trainer) => Some(Via::Trainer),
        Some(TrainingVia::Jobset) => Some(Via::JobSet),
        Some(TrainingVia::Ray | TrainingVia::Volcano) => {
            files.loss(resource, "via", "no objects of this controller are written yet");
            None
        }
        None if site.has("trainer") => Some(Via::Trainer),
        None if site.has("jobset") => Some(Via::JobSet),
        None => Some(Via::Job),
    }
}

fn label<'a>(
    site: &Site<'a>,
    used: View<'a, QueueUse>,
    id: purlin_core::ResourceId,
) -> (&'a str, Option<String>) {
    let name = site.sound.graph().get(id).map_or("", |queue| queue.name.as_str());
    (name, used.priority().get().map(|priority| priority_name(name, priority)))
}

fn mounts<'a>(site: &Site<'a>, view: View<'a, TrainingJob>, told: &Told, name: &str) -> Vec<Mount> {
    let mounts = site.job_file_systems(View::of(view.record()));
    let mount = |resource: &Resource| Mount {
        name: resource.name.as_str().to_owned(),
        path: compose::mount_path(resource.name.as_str()),
        from: Source::Claim(claim_name(resource)),
    };
    told.mount(name).into_iter().chain(mounts.into_iter().map(|(_, resource)| mount(resource))).collect()
}

/// A variable whose text was made here.
enum Given {
    Text(String),
    Field(&'static str),
}

impl Given {
    fn borrow(&self) -> Variable<'_> {
        match self {
            Given::Text(text) => Variable::Text(text),
            Given::Field(path) => Variable::Field(path),
        }
    }
}

/// What a program is told by the platform: where its peers are, how its network is reached, where its metrics go.
fn given(site: &Site<'_>, job: &Job<'_>) -> Vec<(&'static str, Given)> {
    let mut given = Vec::new();
    if job.via == Via::JobSet && job.processes > 0 {
        // The names under which torchrun takes its arguments from the environment; Trainer sets them itself.
        given.push(("PET_NNODES", Given::Text(job.nodes.to_string())));
        given.push(("PET_NPROC_PER_NODE", Given::Text(job.processes.to_string())));
        given.push((
            "PET_NODE_RANK",
            Given::Field("metadata.annotations['batch.kubernetes.io/job-completion-index']"),
        ));
        let name = job.identity.name;
        given.push(("PET_MASTER_ADDR", Given::Text(format!("{name}-{NODE}-0-0.{name}"))));
        given.push(("PET_MASTER_PORT", Given::Text(RENDEZVOUS_PORT.to_owned())));
    }
    if let Some(profile) = job.pool.and_then(|pool| pool.nccl).filter(|_| job.nodes > 1) {
        given.extend(profile.env.iter().map(|(name, value)| (*name, Given::Text((*value).to_owned()))));
    }
    if let Some(track) = job.view.track().get()
        && let Ok((id, server)) = site.sound.ask.get::<Tracking>(track.tracking())
        && let Some(address) = tracking::address(site, id, server)
    {
        given.push(("MLFLOW_TRACKING_URI", Given::Text(address)));
        let experiment = track.experiment().get().unwrap_or(job.resource.name.as_str());
        given.push(("MLFLOW_EXPERIMENT_NAME", Given::Text(experiment.to_owned())));
    }
    given
}

fn pod<'p>(job: &'p Job<'p>, given: &'p [(&'p str, Variable<'p>)]) -> Pod<'p> {
    let view = job.view;
    Pod {
        image: view.image().get().and_then(|image| image.reference().get()).map(ImageRef::as_str),
        command: job.told.command(),
        given,
        env: view.env(),
        secrets: Some(view.secret()),
        pool: job.pool,
        mounts: &job.mounts,
        shared_memory: job.amount.devices.is_some(),
        restart: Some("Never"),
        ..Pod::new(NODE, job.identity.name, &job.amount)
    }
}

/// The labels by which Kueue admits a job.
fn queue_labels(t: &mut Map<'_>, job: &Job<'_>) {
    job.identity.write_labels(t);
    if let Some((queue, priority)) = &job.queue {
        t.set("kueue.x-k8s.io/queue-name", *queue);
        t.maybe("kueue.x-k8s.io/priority-class", priority.as_ref());
    }
}

fn metadata(t: &mut Map<'_>, job: &Job<'_>) {
    t.map("metadata", |t| {
        t.set("name", job.identity.name);
        t.set("namespace", job.identity.namespace);
        t.map("labels", |t| queue_labels(t, job));
    });
}

fn runtime(files: &mut Files<'_>, job: &Job<'_>) {
    files.object(Some(job.resource), |t| {
        kind(t, "trainer.kubeflow.org/v1alpha1", "TrainingRuntime");
        job.identity.metadata(t);
        t.map("spec", |t| {
            t.map("mlPolicy", |t| {
                t.set("numNodes", job.nodes);
                let framework = job.view.run().get().and_then(|run| run.variant().get());
                match framework {
                    Some(TrainingFramework::Xgboost) => t.map("xgboost", |_| ()),
                    _ => t.map("torch", |_| ()),
                };
            });
            t.map("template", |t| {
                t.map("spec", |t| job_set_spec(t, job, &[]));
            });
        });
    });
}

fn train_job(files: &mut Files<'_>, job: &Job<'_>, given: &[(&str, Variable<'_>)]) {
    let pod = pod(job, given);
    files.object(Some(job.resource), |t| {
        kind(t, "trainer.kubeflow.org/v1alpha1", "TrainJob");
        metadata(t, job);
        t.map("spec", |t| {
            if job.queue.is_some() {
                t.set("suspend", true);
            }
            t.map("runtimeRef", |t| {
                t.set("apiGroup", "trainer.kubeflow.org");
                t.set("kind", "TrainingRuntime");
                t.set("name", job.identity.name);
            });
            if let Field::Present(deadline, span) = job.view.deadline() {
                t.set("activeDeadlineSeconds", deadline.seconds().ceil() as u64).from(span);
            }
            t.map("trainer", |t| {
                t.maybe("image", pod.image);
                pod.command.write(t);
                t.set("numNodes", job.nodes);
                t.set("numProcPerNode", job.processes);
                t.list("env", |t| pod.write_env(t)).unless_empty();
                job.amount.write(t, "resourcesPerNode");
            });
        });
    });
}

fn job_set(files: &mut Files<'_>, job: &Job<'_>, given: &[(&str, Variable<'_>)]) {
    files.object(Some(job.resource), |t| {
        kind(t, "jobset.x-k8s.io/v1alpha2", "JobSet");
        metadata(t, job);
        t.map("spec", |t| {
            if job.queue.is_some() {
                t.set("suspend", true);
            }
            job_set_spec(t, job, given);
        });
    });
}

/// One group of pods that find each other by name, start together and fail together.
fn job_set_spec(t: &mut Map<'_>, job: &Job<'_>, given: &[(&str, Variable<'_>)]) {
    t.map("network", |t| {
        t.set("enableDNSHostnames", true);
        t.set("publishNotReadyAddresses", true);
    });
    failure_policy(t, job);
    t.map("successPolicy", |t| {
        t.set("operator", "All");
        t.items("targetReplicatedJobs", [NODE]);
    });
    t.list("replicatedJobs", |t| {
        t.map(|t| {
            t.set("name", NODE);
            t.set("replicas", 1_u64);
            t.map("template", |t| {
                if job.via == Via::Trainer {
                    t.map("metadata", |t| {
                        t.pairs("labels", [("trainer.kubeflow.org/trainjob-ancestor-step", "trainer")]);
                    });
                }
                t.map("spec", |t| {
                    if job.via == Via::JobSet {
                        // Trainer counts its nodes and its time itself.
                        t.set("completionMode", "Indexed");
                        t.set("parallelism", job.nodes);
                        t.set("completions", job.nodes);
                        deadline(t, job);
                    }
                    t.set("backoffLimit", 0_u64);
                    pod_failure_policy(t, job);
                    pod_template(t, job, given);
                });
            });
        });
    });
}

fn deadline(t: &mut Map<'_>, job: &Job<'_>) {
    if let Field::Present(deadline, span) = job.view.deadline() {
        t.set("activeDeadlineSeconds", deadline.seconds().ceil() as u64).from(span);
    }
}

fn pod_template(t: &mut Map<'_>, job: &Job<'_>, given: &[(&str, Variable<'_>)]) {
    let mut pod = pod(job, given);
    if job.via == Via::Trainer {
        // Trainer takes the environment of its container from the TrainJob alone.
        (pod.has_env, pod.command) = (false, Command::Image);
    }
    t.map("template", |t| {
        job.identity.pod_metadata(t, |t| {
            t.map("annotations", |t| {
                if let Some((annotation, label)) = job.nearness {
                    t.set(annotation, label);
                }
                job.told.write_annotation(t);
            })
            .unless_empty();
        });
        t.map("spec", |t| pod.write(t));
    });
}

/// After which events everything starts again, and how often.
struct Restarts {
    max: u64,
    /// A lost node does not count.
    free_on_preemption: bool,
    on_preemption: bool,
}

fn restarts(view: View<'_, TrainingJob>) -> Option<Restarts> {
    /// What `JobSet` takes as never too often.
    const ALWAYS: u64 = i32::MAX as u64;
    let mut restarts = Restarts { max: 0, free_on_preemption: false, on_preemption: false };
    let mut any = false;
    for resume in view.resume().iter() {
        match resume.variant().get() {
            Some(ResumeEvent::NodeFailure) => {
                restarts.max = restarts.max.saturating_add(resume.max().get().unwrap_or(ALWAYS)).min(ALWAYS);
            }
            Some(ResumeEvent::Preemption) => {
                restarts.on_preemption = true;
                match resume.max().get() {
                    Some(max) => restarts.max = restarts.max.saturating_add(max).min(ALWAYS),
                    None => restarts.free_on_preemption = true,
                }
            }
            _ => continue,
        }
        any = true;
    }
    any.then_some(restarts)
}

fn failure_policy(t: &mut Map<'_>, job: &Job<'_>) {
    let Some(restarts) = restarts(job.view) else { return };
    t.map("failurePolicy", |t| {
        t.set("maxRestarts", restarts.max);
        t.set("restartStrategy", "BlockingRecreate");
        if restarts.on_preemption {
            t.list("rules", |t| {
                t.map(|t| {
                    t.set("name", "preemption");
                    let free = restarts.free_on_preemption;
                    t.set("action", if free { "RestartJobSetAndIgnoreMaxRestarts" } else { "RestartJobSet" });
                    t.items("onJobFailureReasons", ["PodFailurePolicy"]);
                });
            });
        }
    });
}

/// A pod that was evicted or drained ends its job at once, under a reason of its own.
fn pod_failure_policy(t: &mut Map<'_>, job: &Job<'_>) {
    let Some(restarts) = restarts(job.view).filter(|restarts| restarts.on_preemption) else { return };
    let action = match (job.via, restarts.free_on_preemption) {
        (Via::Trainer | Via::JobSet, _) => "FailJob",
        (Via::Job, true) => "Ignore",
        (Via::Job, false) => "Count",
    };
    t.map("podFailurePolicy", |t| {
        t.list("rules", |t| {
            t.map(|t| {
                t.set("action", action);
                t.list("onPodConditions", |t| {
                    t.map(|t| {
                        t.set("type", "DisruptionTarget");
                        t.set("status", "True");
                    });
                });
            });
        });
    });
}

fn plain_job(files: &mut Files<'_>, job: &Job<'_>, given: &[(&str, Variable<'_>)]) {
    files.object(Some(job.resource), |t| {
        kind(t, "batch/v1", "Job");
        metadata(t, job);
        t.map("spec", |t| {
            if job.queue.is_some() {
                t.set("suspend", true);
            }
            t.set("parallelism", job.nodes);
            t.set("completions", job.nodes);
            if job.nodes > 1 {
                t.set("completionMode", "Indexed");
            }
            t.set("backoffLimit", restarts(job.view).map_or(0, |restarts| restarts.max));
            deadline(t, job);
            pod_failure_policy(t, job);
            pod_template(t, job, given);
        });
    });
}

fn losses(
    site: &Site<'_>,
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, TrainingJob>,
    via: Via,
) {
    for label in refused_labels(view.labels()) {
        files.loss(resource, "labels", format!("`{}` cannot be a label in Kubernetes", label.key));
    }
    let read = read::<TrainingJob>(resource);
    for resume in read.resume().iter() {
        match resume.variant().get() {
            Some(ResumeEvent::Hang) => {
                files.loss(resource, "resume[hang]", "nothing in the cluster sees that no step is made");
            }
            Some(ResumeEvent::LossSpike) => {
                files.loss(resource, "resume[loss-spike]", "nothing in the cluster sees the loss");
            }
            _ => {}
        }
    }
    if !read.queue().is_absent() && !site.has("kueue") {
        files.loss(resource, "queue", "the cluster has no component `kueue`, which admits jobs");
    }
    if !read.schedule().is_absent() {
        files.loss(
            resource,
            "schedule",
            "a job that is admitted by a queue is created anew by whoever starts it",
        );
    }
    if via == Via::Job
        && !site.has("jobset")
        && read.on().get().and_then(|on| on.nodes().get()).unwrap_or(1) > 1
    {
        files.loss(
            resource,
            "on.nodes",
            "without the components `jobset` or `trainer` pods do not find each other",
        );
    }
}
