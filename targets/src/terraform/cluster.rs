//! `cluster.tf`: the control plane of EKS, the roles that it and its nodes have, and the add-ons of AWS.

use purlin_core::compose;
use purlin_core::emit::tape::{Body, Expr, Slot};
use purlin_schema::View;
use purlin_schema::kinds::features::VectorStore;
use purlin_schema::kinds::infrastructure::{Cluster, ClusterEndpoint, ReleaseChannel};
use purlin_schema::kinds::models::Tracking;
use purlin_schema::kinds::stores::{Broker, Storage, StorageEngine};
use purlin_schema::units::Version;

use super::files::{Files, Say, Subject, id_text, tags};
use super::layout::Scope;
use super::network::{Net, Subnets};

/// Parts of the control plane whose logs say who did what.
const LOGS: [&str; 3] = ["api", "audit", "authenticator"];
/// Days for which the control plane's logs are kept.
const LOG_RETENTION: u64 = 365;

/// The cluster of a root, as the files of its root refer to it.
pub(super) struct Eks<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) view: View<'a, Cluster>,
    /// What it is called in the cloud.
    pub(super) name: String,
    net: Option<Net<'a>>,
}

impl<'a> Eks<'a> {
    pub(super) fn of(
        scope: &Scope<'a>,
        resource: &'a purlin_core::Resource,
        view: View<'a, Cluster>,
    ) -> Self {
        let own = id_text(view.existing(), "name");
        Eks {
            subject: Subject::of(resource, view),
            view,
            name: own.unwrap_or_else(|| scope.layout.cluster_name(resource)),
            net: scope.layout.network(resource.id).and_then(|network| Net::of(scope, network)),
        }
    }

    pub(super) fn made(&self) -> bool {
        self.view.existing().is_empty()
    }

    /// An attribute of the cluster.
    pub(super) fn expr(&self, attribute: &str) -> String {
        let kind = if self.made() { "aws_eks_cluster" } else { "data.aws_eks_cluster" };
        self.subject.expr(kind, "", attribute)
    }

    /// The subnets of its nodes: those of its network, or those that somebody else's cluster has.
    pub(super) fn subnets(&self, scope: &Scope<'_>, zone: Option<&str>) -> Option<Subnets> {
        match &self.net {
            Some(net) => net.subnets(scope, zone),
            None if self.made() || zone.is_some() => None,
            None => Some(Subnets::All(self.expr("vpc_config[0].subnet_ids"))),
        }
    }

    /// The VPC of its nodes.
    pub(super) fn vpc(&self, scope: &Scope<'_>) -> Option<String> {
        match &self.net {
            Some(net) => net.vpc(scope),
            None => (!self.made()).then(|| self.expr("vpc_config[0].vpc_id")),
        }
    }

    /// The security group that EKS gives to control plane and nodes.
    pub(super) fn security_group(&self) -> String {
        self.expr("vpc_config[0].cluster_security_group_id")
    }
}

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    files.file("cluster.tf");
    if eks.made() {
        control_plane(scope, files, eks);
    } else {
        files.data(&eks.subject, "aws_eks_cluster", "", |b| {
            b.set("name", eks.name.as_str());
        });
    }
    node_role(scope, files, eks);
    if eks.made() {
        for addon in addons(scope, eks) {
            write_addon(scope, files, eks, &addon);
        }
    }
}

fn control_plane(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    let (subject, view) = (&eks.subject, eks.view);
    role(files, subject, "cluster", &[&eks.name, "cluster"], "eks.amazonaws.com");
    attach(scope, files, subject, "cluster", "cluster", "AmazonEKSClusterPolicy");
    if let Some(key) = scope.key_arn(view.encryption()) {
        key_policy(files, subject, &key);
    }
    files.resource(subject, "aws_cloudwatch_log_group", "", |b| {
        b.set("name", format_args!("/aws/eks/{}/cluster", eks.name));
        b.set("retention_in_days", LOG_RETENTION);
        tags(b, subject, None);
    });
    let Some(subnets) = eks.subnets(scope, None) else { return };
    files.resource(subject, "aws_eks_cluster", "", |b| {
        b.set("name", eks.name.as_str());
        let kubernetes = view.kubernetes().get();
        let version = kubernetes.and_then(|kubernetes| kubernetes.version().get());
        b.maybe("version", version.as_ref().map(Version::to_string)).from(view.kubernetes().span());
        b.expr("role_arn", &subject.expr("aws_iam_role", "cluster", "arn"));
        b.items("enabled_cluster_log_types", LOGS);
        b.set("bootstrap_self_managed_addons", false);
        tags(b, subject, None);
        b.block("vpc_config", &[], |b| {
            subnets.write(b, "subnet_ids");
            let public = view.endpoint().get() == Some(ClusterEndpoint::Public);
            b.set("endpoint_private_access", true);
            b.set("endpoint_public_access", public).from(view.endpoint().span());
        });
        b.block("access_config", &[], |b| {
            b.set("authentication_mode", "API");
            b.set("bootstrap_cluster_creator_admin_permissions", true);
        });
        encryption(scope, b, view);
        upgrades(scope, b, eks);
        b.items(
            "depends_on",
            [
                Expr(format!("aws_cloudwatch_log_group.{}", subject.label(""))),
                Expr(format!("aws_iam_role_policy_attachment.{}", subject.label("cluster"))),
            ],
        );
    });
}

/// The control plane encrypts secrets with the key (what `terraform-aws-modules/eks` bef29c4 gives its role).
fn key_policy(files: &mut Files<'_>, subject: &Subject<'_>, key: &Say) {
    files.resource(subject, "aws_iam_role_policy", "encryption", |b| {
        b.set("name", "encryption");
        b.expr("role", &subject.expr("aws_iam_role", "cluster", "id"));
        b.key("policy").call("jsonencode", |t| {
            t.map(|t| {
                t.set("Version", "2012-10-17");
                t.list("Statement", |t| {
                    t.map(|t| {
                        t.set("Effect", "Allow");
                        t.items(
                            "Action",
                            ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
                        );
                        t.items("Resource", [key]);
                    });
                });
            });
        });
    });
}

fn encryption(scope: &Scope<'_>, b: &mut Body<'_>, view: View<'_, Cluster>) {
    if let Some(arn) = scope.key_arn(view.encryption()) {
        b.block("encryption_config", &[], |b| {
            b.items("resources", ["secrets"]);
            b.block("provider", &[], |b| {
                b.set("key_arn", arn);
            });
        })
        .from(view.encryption().span());
    }
}

/// EKS has no channels; it tells apart whether a version may grow old at a price.
fn upgrades(scope: &Scope<'_>, b: &mut Body<'_>, eks: &Eks<'_>) {
    let Some(kubernetes) = eks.view.kubernetes().get() else { return };
    let channel = kubernetes.channel();
    let support = match channel.get() {
        Some(ReleaseChannel::Extended) => "EXTENDED",
        None => return,
        Some(_) => {
            let reason =
                "EKS has no channels: its versions are changed by hand, with or without extended support";
            scope.layout.loss(eks.subject.resource, "kubernetes.channel", reason);
            "STANDARD"
        }
    };
    b.block("upgrade_policy", &[], |b| {
        b.set("support_type", support).from(channel.span());
    });
}

fn node_role(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>) {
    let subject = &eks.subject;
    role(files, subject, "nodes", &[&eks.name, "nodes"], "ec2.amazonaws.com");
    for (part, policy) in NODE_POLICIES {
        attach(scope, files, subject, part, "nodes", policy);
    }
}

/// What nodes of EKS may do (EKS user guide, "Amazon EKS node IAM role").
pub(super) const NODE_POLICIES: [(&str, &str); 3] = [
    ("nodes_worker", "AmazonEKSWorkerNodePolicy"),
    ("nodes_cni", "AmazonEKS_CNI_Policy"),
    ("nodes_images", "AmazonEC2ContainerRegistryPullOnly"),
];

/// A role that a service of AWS takes.
pub(super) fn role(files: &mut Files<'_>, subject: &Subject<'_>, part: &str, name: &[&str], service: &str) {
    let name = compose::IAM_ROLE.join(name);
    files.resource(subject, "aws_iam_role", part, |b| {
        b.set("name", name);
        trust(b.key("assume_role_policy"), service);
        tags(b, subject, None);
    });
}

/// Who may take a role. Pods take theirs with tags that say which pod it is.
fn trust(slot: Slot<'_, '_>, service: &str) {
    slot.call("jsonencode", |t| {
        t.map(|t| {
            t.set("Version", "2012-10-17");
            t.list("Statement", |t| {
                t.map(|t| {
                    t.set("Effect", "Allow");
                    if service == PODS {
                        t.items("Action", ["sts:AssumeRole", "sts:TagSession"]);
                    } else {
                        t.set("Action", "sts:AssumeRole");
                    }
                    t.map("Principal", |t| {
                        t.set("Service", service);
                    });
                });
            });
        });
    });
}

/// The service through which pods take roles.
pub(super) const PODS: &str = "pods.eks.amazonaws.com";

fn attach(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    subject: &Subject<'_>,
    part: &str,
    role: &str,
    policy: &str,
) {
    files.resource(subject, "aws_iam_role_policy_attachment", part, |b| {
        b.expr("role", &subject.expr("aws_iam_role", role, "name"));
        b.set("policy_arn", scope.managed_policy(policy));
    });
}

/// An add-on of EKS; `role`: part, service account and managed policy, where its pods call AWS.
struct Addon {
    name: &'static str,
    role: Option<(&'static str, &'static str, &'static str)>,
    /// Whether it has to be there before nodes are.
    first: bool,
}

/// The add-ons: those without which no pod runs, then the drivers of volumes that are used.
fn addons(scope: &Scope<'_>, eks: &Eks<'_>) -> Vec<Addon> {
    let plain = |name, first| Addon { name, role: None, first };
    let mut addons = vec![
        plain("vpc-cni", true),
        plain("kube-proxy", true),
        plain("eks-pod-identity-agent", true),
        plain("coredns", false),
    ];
    if needs_disks(scope, eks) {
        let role = ("ebs_csi", "ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy");
        addons.push(Addon { name: "aws-ebs-csi-driver", role: Some(role), first: false });
    }
    let has = |engine| {
        let network = scope.layout.network(eks.subject.resource.id);
        scope.sound().ask.all::<Storage>().iter().any(|(id, storage)| {
            storage.engine().get() == Some(engine)
                && network.is_some()
                && scope.layout.network(*id) == network
        })
    };
    if has(StorageEngine::Lustre) {
        addons.push(plain("aws-fsx-csi-driver", false));
    }
    if has(StorageEngine::Efs) {
        let role = ("efs_csi", "efs-csi-controller-sa", "service-role/AmazonEFSCSIDriverPolicy");
        addons.push(Addon { name: "aws-efs-csi-driver", role: Some(role), first: false });
    }
    addons
}

/// Whether anything in the cluster keeps data on disks of its own.
fn needs_disks(scope: &Scope<'_>, eks: &Eks<'_>) -> bool {
    let ask = &scope.sound().ask;
    let here = |cluster| ask.get::<Cluster>(cluster).is_ok_and(|(id, _)| id == eks.subject.resource.id);
    let broker =
        ask.all::<Broker>().iter().any(|(_, broker)| broker.existing().is_empty() && here(broker.cluster()));
    let tracking = ask.all::<Tracking>().iter().any(|(_, tracking)| here(tracking.cluster()));
    let vectors = ask.all::<VectorStore>().iter().any(|(_, store)| here(store.cluster()));
    let blocks =
        ask.all::<Storage>().iter().any(|(_, storage)| storage.engine().get() == Some(StorageEngine::Ebs));
    let metrics = View::<Cluster>::of(&eks.subject.resource.record)
        .components()
        .iter()
        .any(|entry| entry.key.as_str() == "prometheus-operator");
    broker || tracking || vectors || blocks || metrics
}

fn write_addon(scope: &Scope<'_>, files: &mut Files<'_>, eks: &Eks<'_>, addon: &Addon) {
    let subject = &eks.subject;
    let part = addon.name.replace('-', "_");
    if let Some((role_part, _, policy)) = addon.role {
        role(files, subject, role_part, &[&eks.name, addon.name], PODS);
        attach(scope, files, subject, role_part, role_part, policy);
    }
    files.data(subject, "aws_eks_addon_version", &part, |b| {
        b.set("addon_name", addon.name);
        b.expr("kubernetes_version", &eks.expr("version"));
    });
    files.resource(subject, "aws_eks_addon", &part, |b| {
        b.expr("cluster_name", &eks.expr("name"));
        b.set("addon_name", addon.name);
        b.expr("addon_version", &subject.expr("data.aws_eks_addon_version", &part, "version"));
        b.set("resolve_conflicts_on_create", "OVERWRITE");
        b.set("resolve_conflicts_on_update", "PRESERVE");
        tags(b, subject, None);
        if let Some((role_part, account, _)) = addon.role {
            b.block("pod_identity_association", &[], |b| {
                b.expr("role_arn", &subject.expr("aws_iam_role", role_part, "arn"));
                b.set("service_account", account);
            });
        }
        if !addon.first {
            b.items("depends_on", super::pools::groups(scope, eks).into_iter().map(Expr));
        }
    });
}

/// What the rest of the platform needs to find the cluster.
pub(super) fn outputs(files: &mut Files<'_>, eks: &Eks<'_>) {
    files.output(&eks.subject, "cluster_name", &eks.expr("name"));
    files.output(&eks.subject, "cluster_endpoint", &eks.expr("endpoint"));
    files.output(&eks.subject, "cluster_arn", &eks.expr("arn"));
    files.output(&eks.subject, "cluster_security_group_id", &eks.security_group());
    files.output(&eks.subject, "node_role_arn", &eks.subject.expr("aws_iam_role", "nodes", "arn"));
}
