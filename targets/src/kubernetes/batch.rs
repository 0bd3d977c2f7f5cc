//! Work that comes and goes beside training: evaluations, and pipelines that run their image as it is.

use purlin_core::Resource;
use purlin_core::compose::workload;
use purlin_core::emit::tape::Map;
use purlin_schema::View;
use purlin_schema::kinds::data::Pipeline;
use purlin_schema::kinds::evaluation::Evaluation;
use purlin_schema::kinds::parts::Placement;
use purlin_schema::units::{Cron, Timezone};

use super::amount::Amount;
use super::files::Files;
use super::object::{Identity, kind};
use super::pods::{Command, Pod};
use super::pools::Pool;
use super::serving::service_account;
use super::site::{Site, read};

/// Writes the evaluations of a cluster.
pub(super) fn evaluations(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("40-training/evaluations");
    for (resource, view) in &site.evaluations {
        evaluation(site, files, resource, *view);
    }
}

fn evaluation(site: &Site<'_>, files: &mut Files<'_>, resource: &Resource, view: View<'_, Evaluation>) {
    let Some(image) = view.image().get().and_then(|image| image.reference().get()) else {
        files.loss(resource, "", "no image is known for this program: nothing of it runs in the cluster");
        return;
    };
    lost_results(files, resource, read::<Evaluation>(resource));
    let name = workload(resource.kind.name).name(resource.name.as_str());
    let identity = Identity {
        name: &name,
        namespace: site.namespace(view.owner()),
        component: "evaluation",
        labels: view.labels(),
    };
    let (pool, amount) = place(site, view.on().get());
    let nodes = read::<Evaluation>(resource).on().get().and_then(|on| on.nodes().get()).unwrap_or(1);
    if nodes > 1 {
        files.loss(resource, "on.nodes", "the pods of a Job do not find each other");
    }
    let command = match view.run().get() {
        Some(run) if !run.command().is_empty() => {
            // The command is what it is.
            let _ = run.variant();
            Command::Words(run.command(), run.arg())
        }
        _ => Command::Image,
    };
    let pod = Pod {
        image: Some(image.as_str()),
        command,
        env: view.env(),
        secrets: Some(view.secret()),
        pool,
        shared_memory: amount.devices.is_some(),
        restart: Some("Never"),
        ..Pod::new("evaluation", identity.name, &amount)
    };
    service_account(files, resource, &identity);
    files.object(Some(resource), |t| {
        kind(t, "batch/v1", "Job");
        identity.metadata(t);
        t.map("spec", |t| {
            // It measures a model that is not there yet: whoever promotes the model lets it go.
            t.set("suspend", true);
            job(t, &identity, &pod);
        });
    });
}

/// A program is started with its command as it stands; what it measures is compared by whoever promotes the model.
fn lost_results(files: &mut Files<'_>, resource: &Resource, said: View<'_, Evaluation>) {
    let command = "the program is told by its command alone";
    let bounds = "nothing in the cluster compares results with bounds";
    for (is_said, field, reason) in [
        (!said.of_().is_absent(), "of", command),
        (!said.data().is_empty(), "data", command),
        (!said.threshold().is_absent(), "threshold", command),
        (!said.judge().is_absent(), "judge", command),
        (!said.compare().is_empty(), "compare", bounds),
        (!said.blocks().is_absent(), "blocks", bounds),
    ] {
        if is_said {
            files.loss(resource, field, reason);
        }
    }
}

/// Writes the pipelines of a cluster.
pub(super) fn pipelines(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("30-data/pipelines");
    for (resource, view) in &site.pipelines {
        pipeline(site, files, resource, *view);
    }
}

fn pipeline(site: &Site<'_>, files: &mut Files<'_>, resource: &Resource, view: View<'_, Pipeline>) {
    let said = read::<Pipeline>(resource);
    if !said.engine().is_absent() {
        files.loss(resource, "", "no objects of its engine's operator are written yet");
        return;
    }
    let Some(image) = view.image().get().and_then(|image| image.reference().get()) else {
        files.loss(resource, "", "a pipeline without an engine runs its image, and has none");
        return;
    };
    let streams = said.from().values().any(|from| site.sound.ask.follow(from, &["stream"]).is_ok());
    let schedule = said.schedule().get().and(view.schedule().get());
    if schedule.is_none() && !streams {
        files.loss(
            resource,
            "",
            "it has no schedule and reads no stream: whoever needs its output starts it",
        );
        return;
    }
    let name = workload(resource.kind.name).name(resource.name.as_str());
    let identity = Identity {
        name: &name,
        namespace: site.namespace(view.owner()),
        component: "pipeline",
        labels: view.labels(),
    };
    let (pool, amount) = place(site, view.on().get());
    let pod = Pod {
        image: Some(image.as_str()),
        env: view.env(),
        secrets: Some(view.secret()),
        pool,
        shared_memory: amount.devices.is_some(),
        restart: schedule.is_some().then_some("Never"),
        ..Pod::new("pipeline", identity.name, &amount)
    };
    service_account(files, resource, &identity);
    files.object(Some(resource), |t| {
        let Some(schedule) = schedule else { return continuous(t, &identity, &pod) };
        kind(t, "batch/v1", "CronJob");
        identity.metadata(t);
        t.map("spec", |t| {
            t.maybe("schedule", schedule.cron().get().map(Cron::as_str));
            t.maybe("timeZone", schedule.timezone().get().map(Timezone::as_str));
            t.set("concurrencyPolicy", "Forbid");
            t.map("jobTemplate", |t| {
                t.map("spec", |t| job(t, &identity, &pod));
            });
        });
    });
}

fn continuous(t: &mut Map<'_>, identity: &Identity<'_>, pod: &Pod<'_>) {
    kind(t, "apps/v1", "Deployment");
    identity.metadata(t);
    t.map("spec", |t| {
        t.set("replicas", 1_u64);
        t.map("selector", |t| {
            t.map("matchLabels", |t| identity.write_selector(t));
        });
        t.map("template", |t| {
            identity.pod_metadata(t, |_| ());
            t.map("spec", |t| pod.write(t));
        });
    });
}

fn job(t: &mut Map<'_>, identity: &Identity<'_>, pod: &Pod<'_>) {
    t.set("backoffLimit", 0_u64);
    t.map("template", |t| {
        identity.pod_metadata(t, |_| ());
        t.map("spec", |t| pod.write(t));
    });
}

fn place<'a>(site: &'a Site<'a>, on: Option<View<'_, Placement>>) -> (Option<&'a Pool<'a>>, Amount) {
    let pool = on.and_then(|on| site.pools.at(site.sound, on.pool()));
    match (pool, on) {
        (Some(pool), Some(on)) => (Some(pool), pool.take(on)),
        _ => (None, Amount::default()),
    }
}
