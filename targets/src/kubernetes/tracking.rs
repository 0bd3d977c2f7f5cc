//! Tracking servers: a Deployment and a Service.

use purlin_core::compose::workload;
use purlin_core::{Resource, ResourceId};
use purlin_schema::View;
use purlin_schema::kinds::models::{Tracking, TrackingKind};
use purlin_schema::kinds::stores::Storage;

use super::amount::Amount;
use super::files::Files;
use super::models::bucket;
use super::object::{Identity, kind};
use super::pods::{Command, Mount, Pod, Port, Probe, Source};
use super::serving::service_account;
use super::site::{Site, read};

const PORT: u16 = 5000;

/// Where runs are kept until a database is said: a disk of its own.
const DATA: &str = "/var/lib/mlflow";

/// Writes every tracking server of a cluster.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("40-training/tracking");
    for (resource, view) in &site.trackings {
        tracking(site, files, resource, *view);
    }
}

/// The address of a server, as workloads of the cluster reach it.
pub(super) fn address(site: &Site<'_>, id: ResourceId, view: View<'_, Tracking>) -> Option<String> {
    let said = View::<Tracking>::of(view.record());
    let kind = said.run().get().and_then(|run| run.variant().get());
    let resource = site.sound.graph().get(id)?;
    (kind == Some(TrackingKind::Mlflow)).then(|| {
        let name = workload(resource.kind.name).name(resource.name.as_str());
        format!("http://{name}.{}.svc:{PORT}", site.namespace(read::<Tracking>(resource).owner()))
    })
}

fn tracking(site: &Site<'_>, files: &mut Files<'_>, resource: &Resource, view: View<'_, Tracking>) {
    let run = view.run().get();
    if run.and_then(|run| run.variant().get()) != Some(TrackingKind::Mlflow) {
        files.loss(resource, "run", "this product is a service: nothing of it runs in the cluster");
        return;
    }
    let Some(version) = run.and_then(|run| run.version().get()) else {
        files.loss(
            resource,
            "run.version",
            "the image needs a version, and the matrix of tested ones has none",
        );
        return;
    };
    let name = workload(resource.kind.name).name(resource.name.as_str());
    let identity = Identity {
        name: &name,
        namespace: site.namespace(view.owner()),
        component: "tracking",
        labels: view.labels(),
    };
    let _ = view.cluster();
    let on = view.on().get();
    let pool = on.and_then(|on| site.pools.at(site.sound, on.pool()));
    let amount = match (pool, on) {
        (Some(pool), Some(on)) => pool.take(on),
        _ => Amount::default(),
    };
    let image = image(version.as_str());
    let args = arguments(site, view);
    let ports = [Port { name: "http", number: PORT }];
    let mounts =
        [Mount { name: "data".to_owned(), path: DATA.to_owned(), from: Source::Claim(name.to_string()) }];
    let pod = Pod {
        image: Some(&image),
        command: Command::Full(&args.0, &args.1),
        ports: &ports,
        probe: Some(Probe::Http("/health", PORT)),
        pool,
        mounts: &mounts,
        ..Pod::new("mlflow", identity.name, &amount)
    };
    service_account(files, resource, &identity);
    claim(files, resource, &identity);
    deployment(files, resource, &identity, &pod);
}

/// `MLflow` publishes its images under the full version.
fn image(version: &str) -> String {
    let dots = version.matches('.').count();
    format!("ghcr.io/mlflow/mlflow:v{version}{}", ".0".repeat(2_usize.saturating_sub(dots)))
}

fn arguments(site: &Site<'_>, view: View<'_, Tracking>) -> (Vec<String>, Vec<String>) {
    let mut args = vec![
        "--host=0.0.0.0".to_owned(),
        format!("--port={PORT}"),
        format!("--backend-store-uri=sqlite:///{DATA}/mlflow.db"),
    ];
    if let (Ok((_, storage)), Some(reference)) =
        (site.sound.ask.get::<Storage>(view.artifacts()), view.artifacts().get())
    {
        let bucket = bucket(site, storage, reference.name.as_str());
        let scheme = super::models::scheme(storage);
        args.push("--serve-artifacts".to_owned());
        args.extend(scheme.map(|scheme| format!("--artifacts-destination={scheme}://{bucket}/mlflow")));
    }
    for arg in view.run().get().iter().flat_map(|run| run.arg().iter()) {
        args.extend(arg.flag().get().map(str::to_owned));
        args.extend(arg.values().values().map(str::to_owned));
    }
    (vec!["mlflow".to_owned(), "server".to_owned()], args)
}

fn claim(files: &mut Files<'_>, resource: &Resource, identity: &Identity<'_>) {
    files.object(Some(resource), |t| {
        kind(t, "v1", "PersistentVolumeClaim");
        identity.metadata(t);
        t.map("spec", |t| {
            t.items("accessModes", ["ReadWriteOnce"]);
            t.map("resources", |t| {
                t.map("requests", |t| {
                    t.set("storage", "20Gi");
                });
            });
        });
    });
}

fn deployment(files: &mut Files<'_>, resource: &Resource, identity: &Identity<'_>, pod: &Pod<'_>) {
    files.object(Some(resource), |t| {
        kind(t, "apps/v1", "Deployment");
        identity.metadata(t);
        t.map("spec", |t| {
            t.set("replicas", 1_u64);
            // Its database is a file: two servers may never have it open.
            t.map("strategy", |t| {
                t.set("type", "Recreate");
            });
            t.map("selector", |t| {
                t.map("matchLabels", |t| identity.write_selector(t));
            });
            t.map("template", |t| {
                identity.pod_metadata(t, |_| ());
                t.map("spec", |t| pod.write(t));
            });
        });
    });
    files.object(Some(resource), |t| {
        kind(t, "v1", "Service");
        identity.metadata(t);
        t.map("spec", |t| {
            t.map("selector", |t| identity.write_selector(t));
            t.list("ports", |t| {
                t.map(|t| {
                    t.set("name", "http");
                    t.set("port", PORT);
                    t.set("targetPort", "http");
                });
            });
        });
    });
}
