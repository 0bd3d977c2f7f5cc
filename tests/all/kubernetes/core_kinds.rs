//! Core kinds, through the types of `k8s-openapi`: what a type does not know is missing when it is written again.

use k8s_openapi::api::{
    admissionregistration, apps, autoscaling, batch, core, networking, policy, rbac, scheduling, storage,
};
use k8s_openapi::serde::Serialize;
use k8s_openapi::serde::de::DeserializeOwned;
use serde_json::Value;

type Pass = fn(&Value) -> Result<Value, String>;

/// Every core kind that targets may write.
const KINDS: &[(&str, &str, Pass)] = &[
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicy",
        pass::<admissionregistration::v1::ValidatingAdmissionPolicy>,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicyBinding",
        pass::<admissionregistration::v1::ValidatingAdmissionPolicyBinding>,
    ),
    ("apps/v1", "DaemonSet", pass::<apps::v1::DaemonSet>),
    ("apps/v1", "Deployment", pass::<apps::v1::Deployment>),
    ("apps/v1", "StatefulSet", pass::<apps::v1::StatefulSet>),
    ("autoscaling/v2", "HorizontalPodAutoscaler", pass::<autoscaling::v2::HorizontalPodAutoscaler>),
    ("batch/v1", "CronJob", pass::<batch::v1::CronJob>),
    ("batch/v1", "Job", pass::<batch::v1::Job>),
    ("networking.k8s.io/v1", "NetworkPolicy", pass::<networking::v1::NetworkPolicy>),
    ("policy/v1", "PodDisruptionBudget", pass::<policy::v1::PodDisruptionBudget>),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", pass::<rbac::v1::ClusterRole>),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", pass::<rbac::v1::ClusterRoleBinding>),
    ("rbac.authorization.k8s.io/v1", "Role", pass::<rbac::v1::Role>),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", pass::<rbac::v1::RoleBinding>),
    ("scheduling.k8s.io/v1", "PriorityClass", pass::<scheduling::v1::PriorityClass>),
    ("storage.k8s.io/v1", "StorageClass", pass::<storage::v1::StorageClass>),
    ("v1", "ConfigMap", pass::<core::v1::ConfigMap>),
    ("v1", "LimitRange", pass::<core::v1::LimitRange>),
    ("v1", "Namespace", pass::<core::v1::Namespace>),
    ("v1", "PersistentVolume", pass::<core::v1::PersistentVolume>),
    ("v1", "PersistentVolumeClaim", pass::<core::v1::PersistentVolumeClaim>),
    ("v1", "Pod", pass::<core::v1::Pod>),
    ("v1", "ResourceQuota", pass::<core::v1::ResourceQuota>),
    ("v1", "Secret", pass::<core::v1::Secret>),
    ("v1", "Service", pass::<core::v1::Service>),
    ("v1", "ServiceAccount", pass::<core::v1::ServiceAccount>),
];

/// What is wrong with an object of a core kind; none if the kind is not one.
pub(super) fn faults(api: &str, kind: &str, object: &Value) -> Option<Vec<String>> {
    let (_, _, pass) = KINDS.iter().find(|(known, name, _)| *known == api && *name == kind)?;
    Some(match pass(object) {
        Ok(again) => lost(object, &again),
        Err(error) => vec![error],
    })
}

fn pass<T: Serialize + DeserializeOwned>(object: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

/// Paths of an object that are gone, or say something else, after it has passed through its type.
pub(super) fn lost(object: &Value, again: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), object, again)];
    while let Some((path, before, after)) = open.pop() {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => {
                for (key, value) in before {
                    let path = format!("{path}/{key}");
                    match after.get(key) {
                        Some(after) => open.push((path, value, after)),
                        None => found.push(format!("{path} is no field of this kind")),
                    }
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                let pairs = before.iter().zip(after).enumerate();
                open.extend(pairs.map(|(index, (before, after))| (format!("{path}/{index}"), before, after)));
            }
            _ if before == after => {}
            _ => found.push(format!("{path}: {before} is read as {after}")),
        }
    }
    found.sort_unstable();
    found
}
