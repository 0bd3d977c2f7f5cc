//! Keys of KMS.

use purlin_core::compose;
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::Key;
use purlin_schema::units::Period;

use super::files::{Files, Subject, id_text, tags};
use super::layout::{Home, Scope, key_output};

/// How often KMS can replace a key's material, in days (`RotatePeriod` of the KMS API).
const ROTATION: std::ops::RangeInclusive<u64> = 90..=2560;

/// Days in which a key that was given up can be taken back: the most that KMS allows.
const DELETION_WINDOW: u64 = 30;

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>) {
    files.file("keys.tf");
    for (resource, view) in scope.sound().all::<Key>() {
        if scope.layout.home(resource.id) != Some(scope.home) {
            continue;
        }
        let subject = Subject::of(resource, view);
        if view.existing().is_empty() {
            made(scope, files, &subject, view);
        } else if let Some(id) = existing_id(view) {
            files.data(&subject, "aws_kms_key", "", |b| {
                b.set("key_id", id);
            });
        }
    }
}

/// How KMS is asked for a key that is known by its alias or its id.
fn existing_id(view: View<'_, Key>) -> Option<String> {
    if id_text(view.existing(), "arn").is_some() {
        return None;
    }
    let alias = id_text(view.existing(), "alias")
        .map(|alias| if alias.starts_with("alias/") { alias } else { format!("alias/{alias}") });
    alias.or_else(|| id_text(view.existing(), "id"))
}

fn made(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Key>) {
    let rotation = view.rotation();
    let days = rotation.get().and_then(|period| {
        let days = in_days(period);
        if days.is_none() {
            let reason = "KMS replaces a key's material every 90 to 2560 days; the period is not written";
            scope.layout.loss(subject.resource, "rotation", reason);
        }
        days
    });
    files.resource(subject, "aws_kms_key", "", |b| {
        match view.doc().get() {
            Some(doc) => b.set("description", doc),
            None => b.set("description", subject.resource.address()),
        };
        b.set("enable_key_rotation", rotation.get().is_some()).from(rotation.span());
        b.maybe("rotation_period_in_days", days).from(rotation.span());
        b.set("deletion_window_in_days", DELETION_WINDOW);
        tags(b, subject, None);
        b.block("lifecycle", &[], |b| {
            b.set("prevent_destroy", true);
        });
    });
    files.resource(subject, "aws_kms_alias", "", |b| {
        let platform = scope.layout.platform;
        let name = scope.layout.name(compose::KMS_ALIAS, &[platform, subject.resource.name.as_str()]);
        b.set("name", format_args!("alias/{name}"));
        b.expr("target_key_id", &subject.expr("aws_kms_key", "", "key_id"));
    });
}

fn in_days(period: Period) -> Option<u64> {
    Some(period.days_at_least()).filter(|days| ROTATION.contains(days))
}

/// The ARN of every key, for the roots of clusters.
pub(super) fn outputs(scope: &Scope<'_>, files: &mut Files<'_>) {
    for (resource, view) in scope.sound().all::<Key>() {
        let known = id_text(view.existing(), "arn").is_some();
        if known
            || !matches!(scope.home, Home::Account(_))
            || scope.layout.home(resource.id) != Some(scope.home)
        {
            continue;
        }
        let subject = Subject::of(resource, view);
        let kind = if view.existing().is_empty() { "aws_kms_key" } else { "data.aws_kms_key" };
        files.output(&subject, &key_output(resource), &subject.expr(kind, "", "arn"));
    }
}
