//! Pods: one container, its environment, its place.

use purlin_core::compose::{environment_variable, is_environment_variable};
use purlin_core::emit::tape::{List, Map};
use purlin_schema::kinds::parts::{Arg, SecretUse};
use purlin_schema::units::Bytes;
use purlin_schema::value::Entry;
use purlin_schema::view::{Items, Rows, Text};

use super::amount::{Amount, Memory};
use super::object::text;
use super::pools::Pool;

/// A pod of one container.
pub(super) struct Pod<'a> {
    pub(super) container: &'a str,
    pub(super) service_account: &'a str,
    pub(super) image: Option<&'a str>,
    pub(super) command: Command<'a>,
    /// Variables that the platform sets; the resource's own follow and win.
    pub(super) given: &'a [(&'a str, Variable<'a>)],
    pub(super) env: &'a [Entry],
    /// Whether the container's environment stands here, and not at the object that makes the pod.
    pub(super) has_env: bool,
    pub(super) secrets: Option<Rows<'a, SecretUse>>,
    pub(super) ports: &'a [Port],
    pub(super) probe: Option<Probe>,
    pub(super) amount: &'a Amount,
    pub(super) pool: Option<&'a Pool<'a>>,
    pub(super) mounts: &'a [Mount],
    /// `/dev/shm` of this size at most; the pod's memory where it is not said.
    pub(super) shared_memory: bool,
    pub(super) restart: Option<&'static str>,
    pub(super) grace_seconds: Option<u64>,
    /// Pods of this selector are spread over zones.
    pub(super) spread: Option<(&'a str, &'static str)>,
}

/// How a container is started.
#[derive(Clone, Copy)]
pub(super) enum Command<'a> {
    /// As its image says.
    Image,
    /// Words of the spec, and arguments that it hands on.
    Words(Items<'a, Text>, Rows<'a, Arg>),
    /// A command and its arguments.
    Full(&'a [String], &'a [String]),
}

impl Command<'_> {
    /// `command` and `args` of a container.
    pub(super) fn write(self, t: &mut Map<'_>) {
        match self {
            Command::Image => {}
            Command::Words(words, args) => {
                t.items("command", words.values()).unless_empty();
                t.list("args", |t| {
                    for arg in args.iter() {
                        if let Some(flag) = arg.flag().get() {
                            t.item(flag);
                        }
                        for value in arg.values().values() {
                            t.item(value);
                        }
                    }
                })
                .unless_empty();
            }
            Command::Full(command, args) => {
                t.items("command", command).unless_empty();
                t.items("args", args).unless_empty();
            }
        }
    }
}

/// The value of a variable that the platform sets.
#[derive(Clone, Copy)]
pub(super) enum Variable<'a> {
    Text(&'a str),
    /// A field of the pod.
    Field(&'static str),
    /// A key of a secret.
    Secret(&'a str, &'a str),
}

/// A named port.
#[derive(Clone, Copy)]
pub(super) struct Port {
    pub(super) name: &'static str,
    pub(super) number: u16,
}

/// How it is known that a container can answer.
#[derive(Clone, Copy)]
pub(super) enum Probe {
    Http(&'static str, u16),
    Tcp(u16),
}

/// Something that is mounted.
pub(super) struct Mount {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) from: Source,
}

/// Where what is mounted comes from.
pub(super) enum Source {
    Claim(String),
    /// Keys of a `ConfigMap`, and the paths that they become.
    ConfigMap(String, Vec<(String, String)>),
}

impl<'a> Pod<'a> {
    /// A pod of an image, with nothing else.
    pub(super) fn new(container: &'a str, service_account: &'a str, amount: &'a Amount) -> Pod<'a> {
        Pod {
            container,
            service_account,
            image: None,
            command: Command::Image,
            given: &[],
            env: &[],
            has_env: true,
            secrets: None,
            ports: &[],
            probe: None,
            amount,
            pool: None,
            mounts: &[],
            shared_memory: false,
            restart: None,
            grace_seconds: None,
            spread: None,
        }
    }

    /// The fields of a pod's spec.
    pub(super) fn write(&self, t: &mut Map<'_>) {
        if let Some(restart) = self.restart {
            t.set("restartPolicy", restart);
        }
        t.set("serviceAccountName", self.service_account);
        t.set("automountServiceAccountToken", false);
        if let Some(seconds) = self.grace_seconds {
            t.set("terminationGracePeriodSeconds", seconds);
        }
        if let Some(pool) = self.pool {
            pool.write_choice(t);
        }
        if let Some((name, component)) = self.spread {
            t.list("topologySpreadConstraints", |t| {
                t.map(|t| {
                    t.set("maxSkew", 1_u64);
                    t.set("topologyKey", "topology.kubernetes.io/zone");
                    t.set("whenUnsatisfiable", "ScheduleAnyway");
                    t.map("labelSelector", |t| {
                        t.map("matchLabels", |t| {
                            t.set("app.kubernetes.io/name", name);
                            t.set("app.kubernetes.io/component", component);
                        });
                    });
                });
            });
        }
        t.map("securityContext", |t| {
            t.map("seccompProfile", |t| {
                t.set("type", "RuntimeDefault");
            });
        });
        t.list("imagePullSecrets", |t| self.write_pull_secrets(t)).unless_empty();
        t.list("containers", |t| {
            t.map(|t| self.write_container(t));
        });
        t.list("volumes", |t| self.write_volumes(t)).unless_empty();
    }

    fn write_pull_secrets(&self, t: &mut List<'_>) {
        for used in self.secrets.into_iter().flat_map(Rows::iter) {
            if used.r#as().get() == Some("image-pull")
                && let Some(secret) = used.secret().get()
            {
                t.map(|t| {
                    t.set("name", secret.name);
                });
            }
        }
    }

    fn write_container(&self, t: &mut Map<'_>) {
        t.set("name", self.container);
        if let Some(image) = self.image {
            t.set("image", image);
        }
        self.command.write(t);
        if self.has_env {
            t.list("env", |t| self.write_env(t)).unless_empty();
        }
        t.list("ports", |t| {
            for port in self.ports {
                t.map(|t| {
                    t.set("name", port.name);
                    t.set("containerPort", port.number);
                });
            }
        })
        .unless_empty();
        self.amount.write(t, "resources");
        if let Some(probe) = self.probe {
            // Weights may take long to load: half an hour of patience costs nothing, a restart loop does.
            write_probe(t, "startupProbe", probe, 10, 180);
            write_probe(t, "readinessProbe", probe, 5, 3);
        }
        t.map("securityContext", |t| {
            t.set("allowPrivilegeEscalation", false);
            t.map("capabilities", |t| {
                t.items("drop", ["ALL"]);
            });
        });
        t.list("volumeMounts", |t| {
            if self.shared_memory {
                t.map(|t| {
                    t.set("name", "shm");
                    t.set("mountPath", "/dev/shm");
                });
            }
            for mount in self.mounts {
                t.map(|t| {
                    t.set("name", &mount.name);
                    t.set("mountPath", &mount.path);
                    if matches!(mount.from, Source::ConfigMap(..)) {
                        t.set("readOnly", true);
                    }
                });
            }
        })
        .unless_empty();
    }

    /// Variables of the platform, of the spec, and secrets. A variable of the spec replaces the platform's.
    pub(super) fn write_env(&self, t: &mut List<'_>) {
        for (name, value) in self.given {
            if self.env.iter().all(|entry| entry.key.as_str() != *name) {
                t.map(|t| write_variable(t, name, *value));
            }
        }
        for entry in self.env {
            if is_environment_variable(entry.key.as_str())
                && let Some(value) = text(&entry.value)
            {
                t.map(|t| {
                    t.set("name", entry.key);
                    t.set("value", value.as_ref()).from(entry.span);
                });
            }
        }
        for used in self.secrets.into_iter().flat_map(Rows::iter) {
            let (name, Some(secret)) = (used.r#as().get(), used.secret().get()) else { continue };
            if name == Some("image-pull") {
                continue;
            }
            let value = Variable::Secret(secret.name.as_str(), SECRET_KEY);
            t.map(|t| {
                if let Some(name) = name {
                    write_variable(t, name, value);
                } else {
                    write_variable(t, &environment_variable(secret.name.as_str()), value);
                }
            });
        }
    }

    fn write_volumes(&self, t: &mut List<'_>) {
        if self.shared_memory {
            t.map(|t| {
                t.set("name", "shm");
                t.map("emptyDir", |t| {
                    t.set("medium", "Memory");
                    if let Some(memory) = self.amount.memory {
                        t.set("sizeLimit", format_args!("{}", Memory(Bytes(memory.0 / 2))));
                    }
                });
            });
        }
        for mount in self.mounts {
            t.map(|t| {
                t.set("name", &mount.name);
                match &mount.from {
                    Source::Claim(claim) => t.map("persistentVolumeClaim", |t| {
                        t.set("claimName", claim);
                    }),
                    Source::ConfigMap(name, keys) => t.map("configMap", |t| {
                        t.set("name", name);
                        t.list("items", |t| {
                            for (key, path) in keys {
                                t.map(|t| {
                                    t.set("key", key);
                                    t.set("path", path);
                                });
                            }
                        });
                    }),
                };
            });
        }
    }
}

/// The key of every secret that is handed over as one value.
pub(super) const SECRET_KEY: &str = "value";

fn write_variable(t: &mut Map<'_>, name: &str, value: Variable<'_>) {
    t.set("name", name);
    match value {
        Variable::Text(text) => {
            t.set("value", text);
        }
        Variable::Field(path) => {
            t.map("valueFrom", |t| {
                t.map("fieldRef", |t| {
                    t.set("fieldPath", path);
                });
            });
        }
        Variable::Secret(secret, key) => {
            t.map("valueFrom", |t| {
                t.map("secretKeyRef", |t| {
                    t.set("name", secret);
                    t.set("key", key);
                });
            });
        }
    }
}

fn write_probe(t: &mut Map<'_>, key: &str, probe: Probe, period: u64, failures: u64) {
    t.map(key, |t| {
        match probe {
            Probe::Http(path, port) => t.map("httpGet", |t| {
                t.set("path", path);
                t.set("port", port);
            }),
            Probe::Tcp(port) => t.map("tcpSocket", |t| {
                t.set("port", port);
            }),
        };
        t.set("periodSeconds", period);
        t.set("failureThreshold", failures);
    });
}
