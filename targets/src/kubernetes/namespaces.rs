//! The ground on which workloads stand: namespaces, what may talk to what, and how much there is of everything.

use purlin_core::Resource;
use purlin_core::emit::tape::{List, Map};
use purlin_schema::kinds::organisation::{Provider, Team, TeamQuota};
use purlin_schema::units::Version;
use purlin_schema::{Field, View};

use super::amount::{Cores, Memory};
use super::files::Files;
use super::object::{kind, placed};
use super::site::{Namespace, Site};

/// The namespace of the servers that collect metrics.
pub(super) const MONITORING: &str = "monitoring";

/// The label of the namespaces that are made here.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "purlin");

/// Writes every namespace that something runs in.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("00-namespaces/namespaces");
    let version = site.view.kubernetes().get().and_then(|kubernetes| kubernetes.version().get());
    for (name, space) in &site.namespaces {
        let teams: Vec<(&Resource, View<'_, Team>)> = space
            .teams
            .iter()
            .filter_map(|id| Some((site.sound.graph().get(*id)?, site.sound.view::<Team>(*id)?)))
            .collect();
        let team = teams.first().map(|(resource, _)| *resource);
        namespace(files, team, name, version);
        for (resource, view) in &teams {
            if let Some(quota) = view.quota().get() {
                resource_quota(files, resource, name, quota);
            }
        }
        limit_range(files, team, name);
        policies(site, files, team, name, space);
    }
}

fn namespace(files: &mut Files<'_>, team: Option<&Resource>, name: &str, version: Option<Version>) {
    files.object(team, |t| {
        kind(t, "v1", "Namespace");
        t.map("metadata", |t| {
            t.set("name", name);
            t.map("labels", |t| {
                t.set(MANAGED_BY.0, MANAGED_BY.1);
                t.set("pod-security.kubernetes.io/enforce", "baseline");
                match version.and_then(|version| Some((version.major()?, version.minor()?))) {
                    Some((major, minor)) => {
                        t.set("pod-security.kubernetes.io/enforce-version", format_args!("v{major}.{minor}"));
                    }
                    None => {
                        t.set("pod-security.kubernetes.io/enforce-version", "latest");
                    }
                }
                t.set("pod-security.kubernetes.io/audit", "restricted");
                t.set("pod-security.kubernetes.io/warn", "restricted");
            });
        });
    });
}

fn resource_quota(files: &mut Files<'_>, team: &Resource, namespace: &str, quota: View<'_, TeamQuota>) {
    files.object(Some(team), |t| {
        kind(t, "v1", "ResourceQuota");
        placed(t, team.name.as_str(), namespace);
        t.map("spec", |t| {
            t.map("hard", |t| {
                if let Field::Present(gpus, span) = quota.gpus() {
                    t.set("requests.nvidia.com/gpu", format_args!("{gpus}")).from(span);
                }
                if let Field::Present(cpu, span) = quota.cpu() {
                    t.set("requests.cpu", format_args!("{}", Cores(cpu))).from(span);
                }
                if let Field::Present(memory, span) = quota.memory() {
                    t.set("requests.memory", format_args!("{}", Memory(memory))).from(span);
                }
            });
        });
    });
}

/// What a container asks for that says nothing: a quota refuses pods without requests. No limit is given by default, since
/// one on memory would end programs that nobody measured.
fn limit_range(files: &mut Files<'_>, team: Option<&Resource>, namespace: &str) {
    files.object(team, |t| {
        kind(t, "v1", "LimitRange");
        placed(t, "defaults", namespace);
        t.map("spec", |t| {
            t.list("limits", |t| {
                t.map(|t| {
                    t.set("type", "Container");
                    t.map("defaultRequest", |t| {
                        t.set("cpu", "250m");
                        t.set("memory", "512Mi");
                    });
                });
            });
        });
    });
}

fn policies(
    site: &Site<'_>,
    files: &mut Files<'_>,
    team: Option<&Resource>,
    namespace: &str,
    space: &Namespace<'_>,
) {
    policy(files, team, namespace, "default-deny", &["Ingress", "Egress"], |_| ());
    policy(files, team, namespace, "allow-dns", &["Egress"], |t| {
        t.list("egress", |t| {
            t.map(|t| {
                t.list("to", |t| {
                    t.map(|t| {
                        in_namespace(t, "kube-system");
                        t.map("podSelector", |t| {
                            t.map("matchLabels", |t| {
                                t.set("k8s-app", "kube-dns");
                            });
                        });
                    });
                });
                t.list("ports", |t| {
                    port(t, "UDP", 53);
                    port(t, "TCP", 53);
                });
            });
        });
    });
    policy(files, team, namespace, "allow-inside", &["Ingress", "Egress"], |t| {
        for (direction, peer) in [("ingress", "from"), ("egress", "to")] {
            t.list(direction, |t| {
                t.map(|t| {
                    t.list(peer, |t| {
                        t.map(|t| {
                            t.map("podSelector", |_| ());
                        });
                    });
                });
            });
        }
    });
    policy(files, team, namespace, "allow-https", &["Egress"], |t| egress_https(t, site.provider));
    policy(files, team, namespace, "allow-callers", &["Ingress"], |t| {
        t.list("ingress", |t| {
            t.map(|t| {
                t.list("from", |t| {
                    for caller in space.callers.iter().copied().chain([MONITORING]) {
                        t.map(|t| in_namespace(t, caller));
                    }
                    t.comment("The namespace of a gateway gets in by this label.");
                    t.map(|t| {
                        t.map("namespaceSelector", |t| {
                            t.map("matchLabels", |t| {
                                t.set("purlin.dev/callers", "true");
                            });
                        });
                    });
                });
            });
        });
    });
}

/// Storage, registries and hubs are reached over TLS. The addresses by which a node knows its own rights are not, except
/// the one that hands a pod its own (EKS Pod Identity).
fn egress_https(t: &mut Map<'_>, provider: Option<Provider>) {
    t.list("egress", |t| {
        t.map(|t| {
            t.list("to", |t| {
                t.map(|t| {
                    t.map("ipBlock", |t| {
                        t.set("cidr", "0.0.0.0/0");
                        t.items("except", ["169.254.0.0/16"]);
                    });
                });
            });
            t.list("ports", |t| port(t, "TCP", 443));
        });
        if provider == Some(Provider::Aws) {
            t.map(|t| {
                t.list("to", |t| {
                    t.map(|t| {
                        t.map("ipBlock", |t| {
                            t.set("cidr", "169.254.170.23/32");
                        });
                    });
                });
                t.list("ports", |t| port(t, "TCP", 80));
            });
        }
    });
}

fn policy(
    files: &mut Files<'_>,
    team: Option<&Resource>,
    namespace: &str,
    name: &str,
    types: &[&str],
    rules: impl FnOnce(&mut Map<'_>),
) {
    files.object(team, |t| {
        kind(t, "networking.k8s.io/v1", "NetworkPolicy");
        placed(t, name, namespace);
        t.map("spec", |t| {
            t.map("podSelector", |_| ());
            t.items("policyTypes", types);
            rules(t);
        });
    });
}

fn in_namespace(t: &mut Map<'_>, name: &str) {
    t.map("namespaceSelector", |t| {
        t.map("matchLabels", |t| {
            t.set("kubernetes.io/metadata.name", name);
        });
    });
}

fn port(t: &mut List<'_>, protocol: &str, number: u16) {
    t.map(|t| {
        t.set("protocol", protocol);
        t.set("port", number);
    });
}
