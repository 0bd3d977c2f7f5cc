//! What the API server itself is asked to look at: a policy in CEL, which needs no operator.

use purlin_schema::units::Version;

use super::files::Files;
use super::namespaces::MANAGED_BY;
use super::object::{kind, named};
use super::site::Site;

/// The name of the policy and of its binding.
const NAME: &str = "purlin-images-pinned";

/// The first version of Kubernetes that serves `ValidatingAdmissionPolicy` at `v1`.
const SINCE: (u64, u64) = (1, 30);

/// Whoever puts a pod with an image without a digest into a namespace of the platform is warned, and it stands in the audit
/// log: the same that `security.image-pinned` says of the spec. It is not refused, because controllers add containers of
/// their own.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    let version = site.view.kubernetes().get().and_then(|kubernetes| kubernetes.version().get());
    if site.namespaces.is_empty() || version.is_some_and(|version| !serves(version)) {
        return;
    }
    files.group("70-policy/images");
    files.object(None, |t| {
        kind(t, "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy");
        named(t, NAME);
        t.map("spec", |t| {
            t.set("failurePolicy", "Ignore");
            t.map("matchConstraints", |t| {
                t.list("resourceRules", |t| {
                    t.map(|t| {
                        t.items("apiGroups", [""]);
                        t.items("apiVersions", ["v1"]);
                        t.items("operations", ["CREATE", "UPDATE"]);
                        t.items("resources", ["pods"]);
                    });
                });
            });
            t.list("variables", |t| {
                t.map(|t| {
                    t.set("name", "containers");
                    t.set(
                        "expression",
                        "object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])",
                    );
                });
            });
            t.list("validations", |t| {
                t.map(|t| {
                    t.set("expression", "variables.containers.all(c, c.image.contains('@sha256:'))");
                    t.set(
                        "messageExpression",
                        "'images without a digest: ' + variables.containers.filter(c, !c.image.contains('@sha256:')).map(c, c.image).join(', ')",
                    );
                });
            });
        });
    });
    files.object(None, |t| {
        kind(t, "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding");
        named(t, NAME);
        t.map("spec", |t| {
            t.set("policyName", NAME);
            t.items("validationActions", ["Warn", "Audit"]);
            t.map("matchResources", |t| {
                t.map("namespaceSelector", |t| {
                    t.map("matchLabels", |t| {
                        t.set(MANAGED_BY.0, MANAGED_BY.1);
                    });
                });
            });
        });
    });
}

fn serves(version: Version) -> bool {
    let parts = version.major().zip(version.minor());
    parts.is_none_or(|version| version >= SINCE)
}
