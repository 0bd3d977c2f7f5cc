//! `streaming.tf`: clusters of MSK, their topics, and registries of schemas.

use purlin_core::emit::tape::Expr;
use purlin_core::{ResourceId, compose};
use purlin_schema::View;
use purlin_schema::kinds::data::Stream;
use purlin_schema::kinds::stores::{Broker, BrokerAuthKind, SchemaRegistry};
use purlin_schema::units::Version;
use purlin_schema::view::KindType;

use super::files::{Files, Say, Subject, id_text, tags};
use super::layout::Scope;
use super::network::{Net, Subnets};
use super::storage::nodes;

/// The machine of MSK's brokers where the spec says none.
const MACHINE: &str = "kafka.m7g.large";

/// Ports on which brokers of MSK listen, with the way in which clients prove who they are
/// (MSK developer guide, "Port information").
const PORTS: [(BrokerAuthKind, &str, u64); 3] = [
    (BrokerAuthKind::Mtls, "tls", 9094),
    (BrokerAuthKind::Sasl, "scram", 9096),
    (BrokerAuthKind::Iam, "iam", 9098),
];

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>) {
    files.file("streaming.tf");
    for (resource, view) in scope.sound().all::<Broker>() {
        if scope.layout.home(resource.id) != Some(scope.home) {
            continue;
        }
        let subject = Subject::of(resource, view);
        let arn = if view.existing().is_empty() {
            msk(scope, files, &subject, view);
            Some(Say::Expr(subject.expr("aws_msk_cluster", "", "arn")))
        } else {
            id_text(view.existing(), "arn").map(Say::Text)
        };
        if view.schema_registry().get() == Some(SchemaRegistry::Glue) {
            registry(scope, files, &subject);
        }
        match arn {
            Some(arn) => topics(scope, files, &subject, view, &arn),
            None if has_streams(scope, resource.id) => {
                let reason = "topics of MSK are made by its ARN, which is not said";
                scope.layout.loss(resource, "existing", reason);
            }
            None => {}
        }
    }
}

fn has_streams(scope: &Scope<'_>, broker: ResourceId) -> bool {
    scope.sound().ask.incoming(broker).iter().any(|from| from.kind.name == Stream::NAME)
}

fn msk(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Broker>) {
    let net = scope.layout.network(subject.resource.id).and_then(|network| Net::of(scope, network));
    let Some((net, subnets)) =
        net.and_then(|net| Some((net.subnets(scope, None)?, net)).map(|(s, n)| (n, s)))
    else {
        return scope.layout.loss(
            subject.resource,
            "network",
            "without a network no cluster of MSK is written",
        );
    };
    let machine = view.brokers().get().and_then(|brokers| brokers.instance().get());
    if machine.is_none() {
        let reason = format!("no machine is said for MSK's brokers: {MACHINE} is written");
        scope.layout.loss(subject.resource, "brokers.instance", reason);
    }
    security_group(scope, files, subject, view, &net);
    configuration(scope, files, subject, view);
    let name = scope.layout.name(compose::MSK_CLUSTER, &[subject.resource.name.as_str()]);
    let count = view.brokers().get().and_then(|brokers| brokers.count().get()).unwrap_or(3);
    let even = evenly(&subnets, count);
    if even.is_none() {
        let reason =
            "MSK asks for as many brokers in each of two or three zones: the number does not divide so";
        scope.layout.loss(subject.resource, "brokers.count", reason);
    }
    let zones = even.unwrap_or(subnets);
    let auth = view.auth().get().and_then(|auth| auth.variant().get());
    files.resource(subject, "aws_msk_cluster", "", |b| {
        b.set("cluster_name", name);
        let engine = view.engine().get();
        let version = engine.and_then(|engine| engine.version().get());
        b.maybe("kafka_version", version.as_ref().map(Version::to_string)).from(view.engine().span());
        let brokers = view.brokers().get();
        b.set("number_of_broker_nodes", count);
        tags(b, subject, None);
        b.block("broker_node_group_info", &[], |b| {
            b.set("instance_type", machine.unwrap_or(MACHINE));
            zones.write(b, "client_subnets");
            b.items("security_groups", [Expr(subject.expr("aws_security_group", "", "id"))]);
            if let Some(size) = brokers.and_then(|brokers| brokers.storage().get()) {
                b.block("storage_info", &[], |b| {
                    b.block("ebs_storage_info", &[], |b| {
                        b.set("volume_size", (size.gib() + 0.5) as u64);
                    });
                });
            }
        })
        .from(view.brokers().span());
        b.block("client_authentication", &[], |b| {
            b.block("sasl", &[], |b| {
                b.set("iam", auth == Some(BrokerAuthKind::Iam));
                b.set("scram", auth == Some(BrokerAuthKind::Sasl));
            });
        })
        .from(view.auth().span());
        b.block("encryption_info", &[], |b| {
            b.maybe("encryption_at_rest_kms_key_arn", scope.key_arn(view.encryption()))
                .from(view.encryption().span());
            b.block("encryption_in_transit", &[], |b| {
                b.set("client_broker", "TLS");
                b.set("in_cluster", true);
            });
        });
        b.block("configuration_info", &[], |b| {
            b.expr("arn", &subject.expr("aws_msk_configuration", "", "arn"));
            b.expr("revision", &subject.expr("aws_msk_configuration", "", "latest_revision"));
        });
    });
    if view.engine().get().is_some_and(|engine| engine.version().is_absent()) {
        scope.layout.loss(subject.resource, "engine.version", "MSK asks for a version of Kafka");
    }
    if !matches!(auth, Some(BrokerAuthKind::Iam | BrokerAuthKind::Sasl)) {
        let reason = "MSK takes certificates of a private authority that the language cannot name";
        scope.layout.loss(subject.resource, "auth", reason);
    }
}

/// Two or three of the subnets, over which the brokers can be spread evenly.
fn evenly(subnets: &Subnets, brokers: u64) -> Option<Subnets> {
    let Subnets::Each(ids) = subnets else { return None };
    let count = [3, 2].into_iter().find(|n| ids.len() >= *n && brokers.is_multiple_of(*n as u64))?;
    Some(Subnets::Each(ids[..count].to_vec()))
}

fn security_group(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    subject: &Subject<'_>,
    view: View<'_, Broker>,
    net: &Net<'_>,
) {
    let name = scope.layout.name(compose::AWS_NAME, &["broker", subject.resource.name.as_str()]);
    files.resource(subject, "aws_security_group", "", |b| {
        b.set("name", name.as_str());
        b.set("description", "Clients of the broker");
        b.maybe("vpc_id", net.vpc(scope).map(Expr));
        tags(b, subject, Some(&name));
    });
    let auth = view.auth().get().and_then(|auth| auth.variant().get()).unwrap_or(BrokerAuthKind::Mtls);
    for (_, part, port) in PORTS.into_iter().filter(|(kind, _, _)| *kind == auth) {
        files.resource(subject, "aws_vpc_security_group_ingress_rule", part, |b| {
            b.expr("security_group_id", &subject.expr("aws_security_group", "", "id"));
            match nodes(scope) {
                Some(nodes) => b.expr("referenced_security_group_id", &nodes),
                None => b.maybe("cidr_ipv4", net.cidr(scope).map(Expr)),
            };
            b.set("ip_protocol", "tcp");
            b.set("from_port", port);
            b.set("to_port", port);
        });
    }
}

fn configuration(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Broker>) {
    let name = scope.layout.name(compose::AWS_NAME, &[subject.resource.name.as_str()]);
    files.resource(subject, "aws_msk_configuration", "", |b| {
        b.set("name", name);
        let in_sync = view.min_in_sync().get().map(|least| format!("min.insync.replicas={least}\n"));
        let properties = format!("auto.create.topics.enable=false\n{}", in_sync.unwrap_or_default());
        b.set("server_properties", properties).from(view.min_in_sync().span());
    });
}

fn registry(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>) {
    let name = scope.layout.name(compose::AWS_NAME, &[subject.resource.name.as_str()]);
    files.resource(subject, "aws_glue_registry", "", |b| {
        b.set("registry_name", name);
        tags(b, subject, None);
    });
}

fn topics(scope: &Scope<'_>, files: &mut Files<'_>, broker: &Subject<'_>, view: View<'_, Broker>, arn: &Say) {
    for (resource, stream) in scope.sound().all::<Stream>() {
        let on = View::<Stream>::of(&resource.record).broker();
        if !scope.sound().ask.get::<Broker>(on).is_ok_and(|(id, _)| id == broker.resource.id) {
            continue;
        }
        stream.broker();
        let Some(topic) = stream.topic().get() else { continue };
        let subject = Subject::of(resource, stream);
        let brokers = view.brokers().get().and_then(|brokers| brokers.count().get());
        let replication = topic.replication().get().or(brokers.map(|brokers| brokers.min(3)));
        let (Some(partitions), Some(replication)) = (topic.partitions().get(), replication) else {
            let reason = "MSK asks for the number of partitions and of replicas: no topic is written";
            scope.layout.loss(resource, "topic", reason);
            continue;
        };
        let retention = stream.retention();
        files.resource(&subject, "aws_msk_topic", "", |b| {
            b.set("cluster_arn", arn);
            b.maybe("name", topic.name().get()).from(topic.name().span());
            b.set("partition_count", partitions).from(topic.partitions().span());
            b.set("replication_factor", replication).from(topic.replication().span());
            if let Some(retention) = retention.get() {
                b.key("configs").call("jsonencode", |t| {
                    t.map(|t| {
                        t.set("retention.ms", format_args!("{}", retention.micros() / 1000));
                    });
                });
            }
        });
        if let Some(dead) = stream.dead_letter().get() {
            files.resource(&subject, "aws_msk_topic", "dead_letter", |b| {
                b.set("cluster_arn", arn);
                b.set("name", dead).from(stream.dead_letter().span());
                b.set("partition_count", 1);
                b.set("replication_factor", replication);
            });
        }
    }
}

/// How clients find the brokers.
pub(super) fn outputs(scope: &Scope<'_>, files: &mut Files<'_>) {
    for (resource, view) in scope.sound().all::<Broker>() {
        let placed = scope.layout.home(resource.id) == Some(scope.home);
        if !placed || !view.existing().is_empty() || scope.layout.network(resource.id).is_none() {
            continue;
        }
        let subject = Subject::of(resource, view);
        let attribute = match view.auth().get().and_then(|auth| auth.variant().get()) {
            Some(BrokerAuthKind::Iam) => "bootstrap_brokers_sasl_iam",
            Some(BrokerAuthKind::Sasl) => "bootstrap_brokers_sasl_scram",
            _ => "bootstrap_brokers_tls",
        };
        let name = format!("broker_{}_bootstrap", subject.label(""));
        files.output(&subject, &name, &subject.expr("aws_msk_cluster", "", attribute));
    }
}
