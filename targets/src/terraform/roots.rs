//! `versions.tf` and `providers.tf` of every root, and the state of the account's root.

use purlin_core::emit::tape::{Body, Map};
use purlin_core::sharing::SHARED;
use purlin_schema::Field;
use purlin_schema::kinds::organisation::{Platform, StateBackend};
use purlin_schema::units::Region;

use super::files::{Files, OWNER_TAG, plain};
use super::layout::{Home, Scope};

/// The oldest Terraform and `OpenTofu`: the first that lock S3 state by a file beside it without a warning.
const ENGINE: &str = ">= 1.11.0";

/// The provider and the one version that the files are written for (npm `@cdktn/provider-aws` 25.7.0, read 2026-11-21).
const AWS: (&str, &str) = ("hashicorp/aws", "6.66.0");

/// `terraform { … }` and `provider "aws" { … }`.
pub(super) fn head(scope: &Scope<'_>, files: &mut Files<'_>, root: &str) {
    files.file("versions.tf");
    files.block(None, "terraform", &[], |b| {
        b.set("required_version", ENGINE);
        b.block("required_providers", &[], |b| {
            b.map("aws", |t| {
                t.set("source", AWS.0);
                t.set("version", AWS.1);
            });
        });
        backend(scope, b, root);
    });
    files.file("providers.tf");
    let (cloud, view) = scope.cloud;
    files.block(Some(cloud), "provider", &["aws"], |b| {
        b.maybe("region", view.region().get().map(Region::as_str)).from(view.region().span());
        if let Some(account) = view.account().get() {
            b.items("allowed_account_ids", [account]).from(view.account().span());
        }
        b.block("default_tags", &[], |b| {
            b.map("tags", |t| shared_tags(scope, t, true));
        });
    });
}

/// Tags that everything in the cloud has; the platform's owner among them where a resource has none of its own.
pub(super) fn shared_tags(scope: &Scope<'_>, t: &mut Map<'_>, with_owner: bool) {
    if !scope.layout.platform.is_empty() {
        t.set("purlin:platform", scope.layout.platform);
    }
    if !scope.layout.environment.is_empty() {
        t.set("purlin:environment", scope.layout.environment);
    }
    let platforms = scope.sound().ask.all::<Platform>();
    let owner = platforms.first().map_or(Field::Absent, |(_, platform)| platform.owner());
    if with_owner {
        t.maybe(OWNER_TAG, owner.get().map(|owner| owner.name)).from(owner.span());
    }
    for entry in scope.cloud.1.labels() {
        if let Some(value) = plain(entry) {
            t.set(entry.key.as_str(), value.as_str()).from(entry.span);
        }
    }
}

/// Where the state is kept; nothing where the spec says nothing.
fn backend(scope: &Scope<'_>, b: &mut Body<'_>, root: &str) {
    let Some(state) = scope.cloud.1.state().get() else { return };
    if state.variant().get() == Some(StateBackend::S3) {
        b.block("backend", &["s3"], |b| {
            s3(scope, b, scope.layout.environment, root);
            b.set("encrypt", true);
            b.set("use_lockfile", true);
        })
        .from(state.span());
    } else {
        scope.layout.loss(scope.cloud.0, "state", "state of AWS is kept in S3 alone; no backend is written");
    }
}

fn s3(scope: &Scope<'_>, b: &mut Map<'_>, environment: &str, root: &str) {
    let Some(state) = scope.cloud.1.state().get() else { return };
    let region = state.region().get().map_or(scope.region(), |region| region.as_str());
    b.maybe("bucket", state.bucket().get()).from(state.bucket().span());
    b.set("key", state_key(scope, environment, root));
    b.set("region", region);
}

/// Several platforms and environments may share a bucket.
fn state_key(scope: &Scope<'_>, environment: &str, root: &str) -> String {
    let parts = [scope.layout.platform, environment, root, "terraform.tfstate"];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

/// Reads the outputs of other roots, where this one refers to them.
pub(super) fn other_states(scope: &Scope<'_>, files: &mut Files<'_>) {
    let root = scope.cloud.0.name.as_str();
    if scope.reads_account() && !matches!(scope.home, Home::Account(_)) {
        files.file("account.tf");
        state(scope, files, "account", scope.layout.environment, &format!("../{root}"));
    }
    if scope.reads_shared() {
        files.file("shared.tf");
        state(scope, files, SHARED, SHARED, &format!("../../../{SHARED}/terraform/{root}"));
    }
}

/// The state of the account's root of an environment, or of what environments share; kept in a folder where no backend is
/// said.
fn state(scope: &Scope<'_>, files: &mut Files<'_>, name: &str, environment: &str, folder: &str) {
    files.block(Some(scope.cloud.0), "data", &["terraform_remote_state", name], |b| {
        let s3_state =
            scope.cloud.1.state().get().is_some_and(|state| state.variant().get() == Some(StateBackend::S3));
        if s3_state {
            b.set("backend", "s3");
            b.map("config", |t| s3(scope, t, environment, scope.cloud.0.name.as_str()));
        } else {
            b.set("backend", "local");
            b.map("config", |t| {
                t.set("path", format_args!("{folder}/terraform.tfstate"));
            });
        }
    });
}
