//! `pools.tf`: a managed node group for every pool, with its launch template; one of each for every capacity block.

use purlin_core::compose;
use purlin_core::emit::tape::{Body, Expr};
use purlin_core::{ResourceId, catalog};
use purlin_schema::kinds::infrastructure::{CpuPool, GpuPool};
use purlin_schema::kinds::pools::{
    Autoscaler, Capacity, CapacityBlock, CapacityKind, FaultAction, Health, LocalStorage, NodePlacement,
    Nodes,
};
use purlin_schema::units::{Date, Timestamp};
use purlin_schema::{Field, Reference, View};
use purlin_stdlib::facts::{Arch, FabricKind, Instance};

use super::cluster::{Eks, NODE_POLICIES};
use super::files::{Files, Subject, tags, tags_after};
use super::layout::Scope;
use super::roots::shared_tags;
use crate::node::{self, UserData};

/// The disk of a node beside its own `NVMe` drives, in GiB: images with CUDA inside are large, and several are kept.
const GPU_DISK: u64 = 200;
/// The same for nodes without GPUs.
const CPU_DISK: u64 = 100;

/// A pool, GPU or CPU alike.
pub(super) struct Pool<'a> {
    pub(super) subject: Subject<'a>,
    gpu: bool,
    instance: Field<Reference>,
    nodes: Option<View<'a, Nodes>>,
    capacity: Option<View<'a, Capacity>>,
    local_storage: Field<LocalStorage>,
    placement: Field<NodePlacement>,
    autoscaler: Field<Autoscaler>,
    health: Option<View<'a, Health>>,
    /// Whether its GPUs are cut into slices.
    cut: bool,
    /// Whether several workloads take turns on its GPUs.
    shared: bool,
}

/// Where a day lies in the time of a capacity block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Before,
    During,
    After,
}

/// One node group of a pool.
struct Group<'a> {
    /// The part of its labels: empty, or the block's id.
    part: String,
    block: Option<View<'a, CapacityBlock>>,
}

/// The pools of a cluster: those with GPUs, then those without.
pub(super) fn of<'a>(scope: &Scope<'a>, cluster: ResourceId) -> Vec<Pool<'a>> {
    let sound = scope.sound();
    let pool = |id: &ResourceId| {
        let resource = sound.graph().get(*id)?;
        if let Some(view) = sound.view::<GpuPool>(*id) {
            // Subnets in every zone say it, and the root says the cluster.
            let _ = (view.spread(), view.cluster());
            return Some(Pool {
                subject: Subject::of(resource, view),
                gpu: true,
                instance: view.instance(),
                nodes: view.nodes().get(),
                capacity: view.capacity().get(),
                local_storage: view.local_storage(),
                placement: view.placement(),
                autoscaler: view.autoscaler(),
                health: View::<GpuPool>::of(&resource.record).health().get(),
                cut: node::is_cut(view),
                shared: !View::<GpuPool>::of(&resource.record).sharing().is_absent(),
            });
        }
        let Some(view) = sound.view::<CpuPool>(*id) else {
            scope.layout.loss(resource, "type", "AWS has no TPUs");
            return None;
        };
        let _ = (view.spread(), view.cluster());
        Some(Pool {
            subject: Subject::of(resource, view),
            gpu: false,
            instance: view.instance(),
            nodes: view.nodes().get(),
            capacity: view.capacity().get(),
            local_storage: view.local_storage(),
            placement: Field::Absent,
            autoscaler: view.autoscaler(),
            health: None,
            cut: false,
            shared: false,
        })
    };
    scope.layout.pools(cluster).iter().filter_map(pool).collect()
}

impl<'a> Pool<'a> {
    fn kind(&self) -> CapacityKind {
        self.capacity.and_then(|capacity| capacity.variant().get()).unwrap_or(CapacityKind::OnDemand)
    }

    /// The one zone of its capacity.
    pub(super) fn zone(&self) -> Option<&'a str> {
        self.capacity?.zone().get()
    }

    fn groups(&self) -> Vec<Group<'a>> {
        let blocks =
            self.capacity.map(View::<Capacity>::block).filter(|_| self.kind() == CapacityKind::CapacityBlock);
        match blocks {
            Some(blocks) => blocks
                .iter()
                .map(|block| {
                    let id = block.id().get().unwrap_or_default();
                    let part = id.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                    Group { part, block: Some(block) }
                })
                .collect(),
            None => vec![Group { part: String::new(), block: None }],
        }
    }

    /// Where the day lies in the time of a capacity block. A block has begun on the day after that of its beginning: until
    /// then the schedule that fills it may still be waiting, and no schedule may be written for what has been.
    fn phase(&self, today: Option<Date>) -> Phase {
        let passed = |at: Field<Timestamp>| at.get().zip(today).is_some_and(|(at, today)| today > at.date());
        let Some(capacity) = self.capacity else { return Phase::During };
        if passed(capacity.end()) {
            Phase::After
        } else if capacity.start().is_absent() || passed(capacity.start()) {
            Phase::During
        } else {
            Phase::Before
        }
    }

    /// Least, most.
    fn bounds(&self, group: &Group<'_>, today: Option<Date>) -> (u64, u64) {
        if let Some(block) = group.block {
            let nodes = block.nodes().get().unwrap_or(1);
            // All blocks together say it.
            let _ = self.nodes.map(View::<Nodes>::count);
            return (if self.phase(today) == Phase::During { nodes } else { 0 }, nodes);
        }
        let Some(nodes) = self.nodes else { return (0, 1) };
        if let Some(count) = nodes.count().get() {
            return (count, count.max(1));
        }
        let least = nodes.min().get().unwrap_or(0);
        (least, nodes.max().get().unwrap_or(least).max(1))
    }

    fn machine(&self, scope: &Scope<'_>) -> Option<catalog::Known<Instance>> {
        catalog::instance(&scope.sound().ask, self.instance.get()?.name.as_str())
    }
}

/// The node groups that take any pod, or all where every pool has GPUs, as what waits for nodes names them.
pub(super) fn groups(scope: &Scope<'_>, eks: &Eks<'_>) -> Vec<String> {
    let pools = of(scope, eks.subject.resource.id);
    let gpus_alone = pools.iter().all(|pool| pool.gpu);
    let mut all = Vec::new();
    let waited_for = |pool: &&Pool<'_>| gpus_alone || !pool.gpu;
    for pool in pools.iter().filter(waited_for).filter(|pool| eks.subnets(scope, pool.zone()).is_some()) {
        for group in pool.groups() {
            all.push(format!("aws_eks_node_group.{}", pool.subject.label(&group.part)));
        }
    }
    all
}

/// The zones in which the pools of a cluster ask for subnets.
pub(super) fn zones<'a>(scope: &Scope<'a>, cluster: ResourceId) -> Vec<&'a str> {
    of(scope, cluster).iter().filter_map(Pool::zone).collect()
}

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    files.file("pools.tf");
    for pool in of(scope, eks.subject.resource.id) {
        write_pool(scope, files, eks, &pool);
    }
}

fn write_pool(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>, pool: &Pool<'_>) {
    let subject = &pool.subject;
    if pool.autoscaler.get() == Some(Autoscaler::Karpenter) {
        let reason = "a managed node group is written; the role and the queue of Karpenter are not";
        scope.layout.loss(subject.resource, "autoscaler", reason);
    }
    if pool.kind() == CapacityKind::FlexStart {
        scope.layout.loss(subject.resource, "capacity", "AWS has no flex-start; nodes are bought on demand");
    }
    if eks.subnets(scope, pool.zone()).is_none() {
        let reason = "the cluster's network has no subnet in the zone: no node group is written";
        return scope.layout.loss(subject.resource, "capacity.zone", reason);
    }
    let machine = pool.machine(scope);
    if machine.is_none() {
        let reason = "the catalog does not know the machine: x86-64 is assumed, and no fabric is written";
        scope.layout.loss(subject.resource, "instance", reason);
    }
    let cards = machine.as_ref().map_or(0, |machine| efa_cards(machine));
    if cards > 0 {
        fabric(scope, files, eks, pool);
    }
    if pool.placement.get() == Some(NodePlacement::Cluster) {
        files.resource(subject, "aws_placement_group", "", |b| {
            b.set("name", group_name(eks, pool, ""));
            b.set("strategy", "cluster").from(pool.placement.span());
            tags(b, subject, None);
        });
    }
    let user_data = user_data(scope, files, pool);
    for group in pool.groups() {
        launch_template(scope, files, eks, pool, &group, cards, user_data.as_deref());
        node_group(scope, files, eks, pool, &group, machine.as_deref(), cards > 0);
        schedules(files, pool, &group, scope.today());
    }
}

/// EFA interfaces of a machine, one a network card.
fn efa_cards(machine: &Instance) -> u64 {
    machine
        .fabric
        .filter(|fabric| fabric.kind == FabricKind::Efa)
        .and_then(|fabric| fabric.ports)
        .unwrap_or(0)
}

/// What a launch template, a node group or a placement group of the pool is called.
fn group_name(eks: &Eks<'_>, pool: &Pool<'_>, part: &str) -> String {
    let name = pool.subject.resource.name.as_str();
    let kind = if pool.gpu { "" } else { "cpu" };
    compose::EKS_NODE_GROUP.join(&[&eks.name, kind, name, &part.replace('_', "-")])
}

/// EFA works only where its interfaces may send everything to one another.
fn fabric(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>, pool: &Pool<'_>) {
    let subject = &pool.subject;
    let group = subject.expr("aws_security_group", "efa", "id");
    let vpc = eks.vpc(scope);
    files.resource(subject, "aws_security_group", "efa", |b| {
        b.set("name", format_args!("{}-efa", group_name(eks, pool, "")));
        b.set("description", "Everything between the EFA interfaces of the pool");
        b.maybe("vpc_id", vpc.map(Expr));
        tags(b, subject, None);
    });
    for direction in ["ingress", "egress"] {
        files.resource(subject, &format!("aws_vpc_security_group_{direction}_rule"), "efa", |b| {
            b.expr("security_group_id", &group);
            b.expr("referenced_security_group_id", &group);
            b.set("ip_protocol", "-1");
        });
    }
}

/// What a node of Amazon Linux 2023 reads when it starts; nothing where it needs to be told nothing.
fn user_data(scope: &Scope<'_>, files: &mut Files<'_>, pool: &Pool<'_>) -> Option<String> {
    let resource = pool.subject.resource;
    let text = match node::user_data(scope.sound(), resource.id, pool.local_storage.get())? {
        UserData::Text(text) => text,
        UserData::Cut(text) => {
            let reason = "the files of `node/` are more than user data holds: they are not put in place";
            scope.layout.loss(resource, "instance", reason);
            text
        }
    };
    let name = format!("{}_user_data", pool.subject.label(""));
    files.block(Some(resource), "locals", &[], |b| {
        b.set(&name, text).from(pool.local_storage.span());
    });
    Some(format!("local.{name}"))
}

fn launch_template(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    eks: &Eks<'_>,
    pool: &Pool<'_>,
    group: &Group<'_>,
    cards: u64,
    user_data: Option<&str>,
) {
    let subject = &pool.subject;
    files.resource(subject, "aws_launch_template", &group.part, |b| {
        b.set("name", group_name(eks, pool, &group.part));
        if group.block.is_some() {
            b.maybe("instance_type", pool.instance.get().map(|instance| instance.name))
                .from(pool.instance.span());
        }
        b.set("update_default_version", true);
        if let Some(user_data) = user_data {
            b.key("user_data").call("base64encode", |t| {
                t.item(Expr(user_data));
            });
        }
        tags(b, subject, None);
        b.block("block_device_mappings", &[], |b| {
            b.set("device_name", "/dev/xvda");
            b.block("ebs", &[], |b| {
                b.set("volume_size", if pool.gpu { GPU_DISK } else { CPU_DISK });
                b.set("volume_type", "gp3");
                b.set("encrypted", true);
                b.set("delete_on_termination", true);
            });
        });
        b.block("metadata_options", &[], |b| {
            b.set("http_tokens", "required");
            b.set("http_put_response_hop_limit", 1);
        });
        reservation(b, pool, group);
        if pool.placement.get() == Some(NodePlacement::Cluster) {
            b.block("placement", &[], |b| {
                b.expr("group_name", &subject.expr("aws_placement_group", "", "name"));
            });
        }
        for card in 0..cards {
            interface(b, eks, subject, card);
        }
        for kind in ["instance", "volume"] {
            b.block("tag_specifications", &[], |b| {
                b.set("resource_type", kind);
                let name = group_name(eks, pool, &group.part);
                tags_after(b, subject, Some(&name), |t| shared_tags(scope, t, !subject.is_owned()));
            });
        }
    });
}

/// The reservation or the capacity block that nodes come out of.
fn reservation(b: &mut Body<'_>, pool: &Pool<'_>, group: &Group<'_>) {
    let id = match (group.block, pool.kind()) {
        (Some(block), _) => block.id(),
        (None, CapacityKind::Reserved) => pool.capacity.map_or(Field::Absent, View::<Capacity>::id),
        _ => return,
    };
    if group.block.is_some() {
        b.block("instance_market_options", &[], |b| {
            b.set("market_type", "capacity-block");
        });
    }
    b.block("capacity_reservation_specification", &[], |b| {
        b.block("capacity_reservation_target", &[], |b| {
            b.maybe("capacity_reservation_id", id.get()).from(id.span());
        });
    });
}

/// The interface of a network card. The first card's carries IP traffic besides, the others carry EFA alone.
fn interface(b: &mut Body<'_>, eks: &Eks<'_>, subject: &Subject<'_>, card: u64) {
    b.block("network_interfaces", &[], |b| {
        b.set("network_card_index", card);
        b.set("device_index", u64::from(card > 0));
        b.set("interface_type", if card == 0 { "efa" } else { "efa-only" });
        b.set("associate_public_ip_address", false);
        b.set("delete_on_termination", true);
        b.items(
            "security_groups",
            [Expr(eks.security_group()), Expr(subject.expr("aws_security_group", "efa", "id"))],
        );
    });
}

fn node_group(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    eks: &Eks<'_>,
    pool: &Pool<'_>,
    group: &Group<'_>,
    machine: Option<&Instance>,
    efa: bool,
) {
    let subject = &pool.subject;
    let Some(subnets) = eks.subnets(scope, pool.zone()) else { return };
    let (least, most) = pool.bounds(group, scope.today());
    files.resource(subject, "aws_eks_node_group", &group.part, |b| {
        b.expr("cluster_name", &eks.expr("name"));
        b.set("node_group_name", group_name(eks, pool, &group.part));
        b.expr("node_role_arn", &eks.subject.expr("aws_iam_role", "nodes", "arn"));
        b.expr("version", &eks.expr("version"));
        b.set("ami_type", ami(pool.gpu, machine));
        b.set("capacity_type", capacity_type(pool.kind())).from(pool.capacity.map(View::span));
        if group.block.is_none() {
            b.items("instance_types", pool.instance.get().map(|instance| instance.name))
                .from(pool.instance.span());
        }
        subnets.write(b, "subnet_ids");
        labels(b, pool, efa);
        tags(b, subject, None);
        b.block("launch_template", &[], |b| {
            b.expr("name", &subject.expr("aws_launch_template", &group.part, "name"));
            b.expr("version", &subject.expr("aws_launch_template", &group.part, "latest_version"));
        });
        b.block("scaling_config", &[], |b| {
            b.set("min_size", least);
            b.set("max_size", most);
            b.set("desired_size", least);
        })
        .from(pool.nodes.map(View::span));
        b.block("update_config", &[], |b| {
            b.set("max_unavailable", 1);
        });
        repair(b, pool);
        if pool.gpu {
            b.block("taint", &[], |b| {
                b.set("key", "nvidia.com/gpu");
                b.set("value", "true");
                b.set("effect", "NO_SCHEDULE");
            });
        }
        b.items("depends_on", needs(eks));
        if least < most {
            b.block("lifecycle", &[], |b| {
                b.items("ignore_changes", [Expr("scaling_config[0].desired_size")]);
            });
        }
    });
}

/// Without its rights, and without a network for pods, a node never becomes ready.
fn needs(eks: &Eks<'_>) -> Vec<Expr<String>> {
    let rights = NODE_POLICIES
        .iter()
        .map(|(part, _)| format!("aws_iam_role_policy_attachment.{}", eks.subject.label(part)));
    let network = eks.made().then(|| format!("aws_eks_addon.{}", eks.subject.label("vpc_cni")));
    network.into_iter().chain(rights).map(Expr).collect()
}

/// The image of EKS that fits the machine: with NVIDIA's driver where it has their GPUs.
fn ami(gpu: bool, machine: Option<&Instance>) -> &'static str {
    match (gpu, machine.and_then(|machine| machine.arch)) {
        (true, Some(Arch::Arm64)) => "AL2023_ARM_64_NVIDIA",
        (true, _) => "AL2023_x86_64_NVIDIA",
        (false, Some(Arch::Arm64)) => "AL2023_ARM_64_STANDARD",
        (false, _) => "AL2023_x86_64_STANDARD",
    }
}

fn capacity_type(kind: CapacityKind) -> &'static str {
    match kind {
        CapacityKind::Spot => "SPOT",
        CapacityKind::CapacityBlock => "CAPACITY_BLOCK",
        CapacityKind::OnDemand | CapacityKind::Reserved | CapacityKind::FlexStart => "ON_DEMAND",
    }
}

fn labels(b: &mut Body<'_>, pool: &Pool<'_>, efa: bool) {
    let resource = pool.subject.resource;
    b.map("labels", |t| {
        t.set(compose::POOL_LABEL, compose::pool_label(resource.kind.name, resource.name.as_str()));
        if pool.gpu {
            t.set("nvidia.com/gpu.present", "true");
        }
        if efa {
            t.set("vpc.amazonaws.com/efa.present", "true");
        }
        let name = resource.name.as_str();
        if pool.cut {
            t.set("nvidia.com/mig.config", node::mig_config_name(name));
        }
        if pool.shared {
            t.set("nvidia.com/device-plugin.config", compose::LABEL_VALUE.name(name).as_ref());
        }
    });
}

/// EKS replaces a node that its agent reports as broken, where the spec wants broken nodes replaced by the cloud.
fn repair(b: &mut Body<'_>, pool: &Pool<'_>) {
    let fault = pool.health.and_then(|health| health.on_fault().get());
    let drains = fault.is_some_and(|fault| {
        fault.variant().get() == Some(FaultAction::Drain) && fault.replace_from().is_absent()
    });
    if drains {
        b.block("node_repair_config", &[], |b| {
            b.set("enabled", true);
        });
    }
}

/// Nodes of a capacity block come when it begins and go when it ends: until then the group is empty. AWS takes no schedule
/// for a time that has passed.
fn schedules(files: &mut Files<'_>, pool: &Pool<'_>, group: &Group<'_>, today: Option<Date>) {
    let (Some(block), Some(capacity)) = (group.block, pool.capacity) else { return };
    let nodes = block.nodes().get().unwrap_or(0);
    let phase = pool.phase(today);
    let starts = ("start", capacity.start(), nodes, phase == Phase::Before);
    let ends = ("end", capacity.end(), 0, phase != Phase::After);
    for (what, at, count, comes) in [starts, ends] {
        if at.is_absent() || !comes {
            continue;
        }
        let part = format!("{}__{what}", group.part);
        files.resource(&pool.subject, "aws_autoscaling_schedule", &part, |b| {
            b.set("scheduled_action_name", format_args!("{what}-{}", group.part.replace('_', "-")));
            let resources = pool.subject.expr("aws_eks_node_group", &group.part, "resources");
            b.expr("autoscaling_group_name", &format!("{resources}[0].autoscaling_groups[0].name"));
            b.maybe("start_time", at.get().map(|at| at.to_string())).from(at.span());
            b.set("min_size", 0);
            b.set("max_size", nodes);
            b.set("desired_capacity", count);
        });
    }
}
