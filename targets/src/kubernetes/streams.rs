//! Kafka by Strimzi: clusters, topics, and the users that may read or write them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use purlin_core::Resource;
use purlin_core::compose::{KAFKA, OBJECT, POOL_LABEL};
use purlin_core::emit::tape::{List, Map};
use purlin_schema::View;
use purlin_schema::kinds::data::{Pipeline, Stream};
use purlin_schema::kinds::stores::{Broker, BrokerAuthKind, BrokerEngine, SchemaRegistry};
use purlin_schema::units::{Bytes, Version};

use super::amount::{Amount, Memory};
use super::files::Files;
use super::object::{kind, placed};
use super::pools::{Pool, toleration};
use super::site::{Site, read};

/// More brokers than this do not decide on the cluster's own state, too: a few nodes of their own do.
const MOST_CONTROLLERS: u64 = 5;

/// Writes every broker of a cluster, with its topics and users.
pub(super) fn write(site: &Site<'_>, files: &mut Files<'_>) {
    files.group("30-data/streams");
    for (resource, view) in &site.brokers {
        let engine = view.engine().get();
        if engine.and_then(|engine| engine.variant().get()) != Some(BrokerEngine::Strimzi) {
            files.loss(resource, "engine", "objects are written for `strimzi` alone");
            continue;
        }
        if !site.has("strimzi") {
            files.loss(resource, "engine", "the cluster has no component `strimzi`, which runs it");
            continue;
        }
        broker(site, files, resource, *view, engine.and_then(|engine| engine.version().get()));
    }
}

fn broker<'a>(
    site: &'a Site<'a>,
    files: &mut Files<'_>,
    resource: &'a Resource,
    view: View<'a, Broker>,
    version: Option<Version>,
) {
    let name = KAFKA.name(resource.name.as_str());
    let namespace = site.namespace(view.owner());
    let said = read::<Broker>(resource);
    if said.schema_registry().get().is_some_and(|registry| registry != SchemaRegistry::None) {
        files.loss(resource, "schema-registry", "Strimzi runs no schema registry");
    }
    let auth = view.auth().get().and_then(|auth| auth.variant().get());
    if auth == Some(BrokerAuthKind::Iam) {
        files.loss(resource, "auth", "Kafka in a cluster does not know the cloud's identities");
    }
    let auth = Auth::of(auth);
    let _ = view.cluster();
    node_pools(site, files, resource, view, &name, namespace);
    kafka(files, resource, view, version, &name, namespace, auth);
    let topics: Vec<(&Resource, View<'_, Stream>)> = site
        .streams
        .iter()
        .filter(|(_, stream)| {
            site.sound.ask.get::<Broker>(stream.broker()).is_ok_and(|(id, _)| id == resource.id)
        })
        .copied()
        .collect();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for (stream, view) in &topics {
        topic(files, stream, *view, &name, namespace, &mut named);
    }
    users(site, files, &topics, &name, namespace, auth);
}

#[derive(Clone, Copy)]
struct Auth(&'static str);

impl Auth {
    fn of(kind: Option<BrokerAuthKind>) -> Auth {
        Auth(if kind == Some(BrokerAuthKind::Sasl) { "scram-sha-512" } else { "tls" })
    }
}

fn node_pools(
    site: &Site<'_>,
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, Broker>,
    name: &str,
    namespace: &str,
) {
    let on = view.on().get();
    let pool = on.and_then(|on| site.pools.at(site.sound, on.pool()));
    let amount = match (pool, on) {
        (Some(pool), Some(on)) => pool.take(on),
        _ => Amount::default(),
    };
    let brokers = view.brokers().get();
    let count = brokers.and_then(|brokers| brokers.count().get()).unwrap_or(3);
    let disk = brokers.and_then(|brokers| brokers.storage().get());
    if disk.is_none() {
        files.loss(
            resource,
            "brokers.storage",
            "nothing is said of the brokers' disks: what they hold dies with them",
        );
    }
    let roles: &[&str] = if count > MOST_CONTROLLERS { &["broker"] } else { &["controller", "broker"] };
    let nodes = Nodes { name: "broker", cluster: name, namespace, count, roles, disk, amount: &amount, pool };
    node_pool(files, resource, &nodes);
    if count > MOST_CONTROLLERS {
        let none = Amount::default();
        let disk = disk.and(Some(Bytes(20 << 30)));
        let few =
            Nodes { name: "controller", count: 3, roles: &["controller"], disk, amount: &none, ..nodes };
        node_pool(files, resource, &few);
    }
}

#[derive(Clone, Copy)]
struct Nodes<'a> {
    name: &'a str,
    cluster: &'a str,
    namespace: &'a str,
    count: u64,
    roles: &'a [&'a str],
    disk: Option<Bytes>,
    amount: &'a Amount,
    pool: Option<&'a Pool<'a>>,
}

fn node_pool(files: &mut Files<'_>, resource: &Resource, nodes: &Nodes<'_>) {
    files.object(Some(resource), |t| {
        kind(t, "kafka.strimzi.io/v1", "KafkaNodePool");
        // Pools of all clusters of a namespace share one space of names.
        of_cluster(t, &OBJECT.join(&[nodes.cluster, nodes.name]), nodes.namespace, nodes.cluster);
        t.map("spec", |t| {
            t.set("replicas", nodes.count);
            t.items("roles", nodes.roles);
            t.map("storage", |t| match nodes.disk {
                None => {
                    t.set("type", "ephemeral");
                }
                Some(disk) => {
                    t.set("type", "jbod");
                    t.list("volumes", |t| {
                        t.map(|t| {
                            t.set("id", 0_u64);
                            t.set("type", "persistent-claim");
                            t.set("size", format_args!("{}", Memory(disk)));
                            t.set("deleteClaim", false);
                            t.set("kraftMetadata", "shared");
                        });
                    });
                }
            });
            nodes.amount.write(t, "resources");
            if let Some(pool) = nodes.pool {
                t.map("template", |t| {
                    t.map("pod", |t| pod_template(t, pool));
                });
            }
        });
    });
}

/// Strimzi's pods know no node selector: the same is said as an affinity.
fn pod_template(t: &mut Map<'_>, pool: &Pool<'_>) {
    t.map("affinity", |t| {
        t.map("nodeAffinity", |t| {
            t.map("requiredDuringSchedulingIgnoredDuringExecution", |t| {
                t.list("nodeSelectorTerms", |t| {
                    t.map(|t| {
                        t.list("matchExpressions", |t| {
                            t.map(|t| {
                                t.set("key", POOL_LABEL);
                                t.set("operator", "In");
                                t.items("values", [&pool.label]);
                            });
                        });
                    });
                });
            });
        });
    });
    if let Some(taint) = pool.taint {
        t.list("tolerations", |t| {
            t.map(|t| toleration(t, taint));
        });
    }
}

fn of_cluster(t: &mut Map<'_>, name: &str, namespace: &str, cluster: &str) {
    t.map("metadata", |t| {
        t.set("name", name);
        t.set("namespace", namespace);
        t.map("labels", |t| {
            t.set("app.kubernetes.io/managed-by", "purlin");
            t.set("strimzi.io/cluster", cluster);
        });
    });
}

fn kafka(
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'_, Broker>,
    version: Option<Version>,
    name: &str,
    namespace: &str,
    auth: Auth,
) {
    let version = version
        .map(Version::as_str)
        .or(purlin_stdlib::component("strimzi").and_then(|known| known.ships("kafka")));
    let brokers = view.brokers().get().and_then(|brokers| brokers.count().get()).unwrap_or(3);
    let replication = brokers.min(3);
    let in_sync = view.min_in_sync().get();
    files.object(Some(resource), |t| {
        kind(t, "kafka.strimzi.io/v1", "Kafka");
        placed(t, name, namespace);
        t.map("spec", |t| {
            t.map("kafka", |t| {
                t.maybe("version", version);
                t.list("listeners", |t| {
                    t.map(|t| {
                        t.set("name", "tls");
                        t.set("port", 9093_u64);
                        t.set("type", "internal");
                        t.set("tls", true);
                        t.map("authentication", |t| {
                            t.set("type", auth.0);
                        });
                    });
                });
                t.map("authorization", |t| {
                    t.set("type", "simple");
                });
                t.map("rack", |t| {
                    t.set("topologyKey", "topology.kubernetes.io/zone");
                });
                t.map("config", |t| {
                    t.set("default.replication.factor", replication);
                    t.set("offsets.topic.replication.factor", replication);
                    t.set("transaction.state.log.replication.factor", replication);
                    t.maybe("transaction.state.log.min.isr", in_sync.map(|least| least.min(replication)));
                    t.maybe("min.insync.replicas", in_sync);
                    t.set("auto.create.topics.enable", false);
                });
            });
            t.map("entityOperator", |t| {
                t.map("topicOperator", |_| ());
                t.map("userOperator", |_| ());
            });
            t.map("kafkaExporter", |_| ());
        });
    });
}

fn topic<'a>(
    files: &mut Files<'_>,
    resource: &Resource,
    view: View<'a, Stream>,
    cluster: &str,
    namespace: &str,
    named: &mut BTreeSet<&'a str>,
) {
    let Some(topic) = view.topic().get() else { return };
    let Some(name) = topic.name().get() else { return };
    let (partitions, replication) = (topic.partitions().get(), topic.replication().get());
    let retention = view.retention().get().map(|retention| retention.milliseconds() as u64);
    let _ = view.broker();
    for name in [Some(name), view.dead_letter().get()].into_iter().flatten() {
        if !named.insert(name) {
            continue;
        }
        files.object(Some(resource), |t| {
            kind(t, "kafka.strimzi.io/v1", "KafkaTopic");
            let object: Cow<'_, str> = OBJECT.name(name);
            of_cluster(t, &object, namespace, cluster);
            t.map("spec", |t| {
                if object != name {
                    t.set("topicName", name);
                }
                t.maybe("partitions", partitions);
                t.maybe("replicas", replication);
                t.map("config", |t| {
                    t.maybe("retention.ms", retention);
                })
                .unless_empty();
            });
        });
    }
}

/// What a client does with topics.
#[derive(Default)]
struct Access<'a> {
    reads: Vec<&'a str>,
    writes: Vec<&'a str>,
    resource: Option<&'a Resource>,
}

/// A user for everybody who writes from outside, and for every pipeline that reads or writes.
fn users<'a>(
    site: &Site<'a>,
    files: &mut Files<'_>,
    topics: &[(&'a Resource, View<'a, Stream>)],
    cluster: &str,
    namespace: &str,
    auth: Auth,
) {
    let mut users: BTreeMap<&'a str, Access<'a>> = BTreeMap::new();
    for (resource, view) in topics {
        let Some(name) = read::<Stream>(resource).topic().get().and_then(|topic| topic.name().get()) else {
            continue;
        };
        for (producer, _) in view.producer().keyed() {
            let access = users.entry(producer.as_str()).or_default();
            access.writes.push(name);
            access.resource.get_or_insert(*resource);
        }
        for reference in view.from().values() {
            let access = users.entry(reference.name.as_str()).or_default();
            access.writes.push(name);
            access.resource.get_or_insert(*resource);
        }
        for user in site.sound.ask.incoming(resource.id) {
            let Some(pipeline) = site.sound.ask.view::<Pipeline>(user.id) else { continue };
            if pipeline
                .from()
                .values()
                .any(|from| site.sound.ask.follow(from, &["stream"]) == Ok(resource.id))
            {
                let access = users.entry(user.name.as_str()).or_default();
                access.reads.push(name);
                access.resource.get_or_insert(*resource);
            }
        }
    }
    for (name, access) in &users {
        files.object(access.resource, |t| {
            kind(t, "kafka.strimzi.io/v1", "KafkaUser");
            of_cluster(t, &OBJECT.name(name), namespace, cluster);
            t.map("spec", |t| {
                t.map("authentication", |t| {
                    t.set("type", auth.0);
                });
                t.map("authorization", |t| {
                    t.set("type", "simple");
                    t.list("acls", |t| acls(t, name, access));
                });
            });
        });
    }
}

fn acls(t: &mut List<'_>, user: &str, access: &Access<'_>) {
    for topic in &access.writes {
        acl(t, "topic", topic, &["Write", "Describe"]);
    }
    for topic in &access.reads {
        acl(t, "topic", topic, &["Read", "Describe"]);
    }
    if !access.reads.is_empty() {
        acl(t, "group", user, &["Read"]);
    }
}

fn acl(t: &mut List<'_>, what: &str, name: &str, operations: &[&str]) {
    t.map(|t| {
        t.map("resource", |t| {
            t.set("type", what);
            t.set("name", name);
            t.set("patternType", if what == "group" { "prefix" } else { "literal" });
        });
        t.items("operations", operations);
    });
}
