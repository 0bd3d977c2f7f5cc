//! `storage.tf`: buckets in the account's root, file systems beside the network that they are in.

use purlin_core::emit::Part;
use purlin_core::emit::tape::{Body, Expr};
use purlin_core::{ResourceId, compose};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::Cluster;
use purlin_schema::kinds::stores::{ObjectLock, ObjectLockMode, Storage, StorageEngine, StorageType};
use purlin_schema::units::Period;

use super::files::{Files, Say, Subject, id_text, tags};
use super::layout::{Home, Scope};
use super::network::{Net, Subnets};
use crate::kubernetes::Claim;

/// Parts of uploads that nobody finished are kept, and paid for, this many days.
const UNFINISHED_DAYS: u64 = 7;
/// The Lustre that new file systems have (provider `hashicorp/aws`, `file_system_type_version`).
const LUSTRE_VERSION: &str = "2.15";
/// Ports of Lustre's network (`FSx` for Lustre user guide, "File system access control with Amazon VPC").
const LUSTRE_PORTS: [(u64, u64); 2] = [(988, 988), (1018, 1023)];
/// The port of NFS.
const NFS_PORT: u64 = 2049;

/// Every bucket and file system of this root.
pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>) {
    files.file("storage.tf");
    for (resource, view) in scope.sound().all::<Storage>() {
        if scope.layout.home(resource.id) != Some(scope.home) {
            continue;
        }
        let subject = Subject::of(resource, view);
        match (view.engine().get(), view.existing().is_empty()) {
            (Some(StorageEngine::S3) | None, true) if is_object(view) => bucket(scope, files, &subject, view),
            (Some(StorageEngine::S3) | None, false) => {
                if let Some(bucket) = id_text(view.existing(), "bucket") {
                    files.data(&subject, "aws_s3_bucket", "", |b| {
                        b.set("bucket", bucket);
                    });
                }
            }
            (Some(StorageEngine::Lustre), true) => lustre(scope, files, &subject, view),
            (Some(StorageEngine::Efs), true) => efs(scope, files, &subject, view),
            _ => {}
        }
    }
    unplaced(scope);
}

/// File systems for which no network is found.
fn unplaced(scope: &Scope<'_>) {
    if !matches!(scope.home, Home::Account(_)) || scope.sound().part == Part::Shared {
        return;
    }
    for (id, view) in scope.sound().ask.all::<Storage>() {
        let network = matches!(view.engine().get(), Some(StorageEngine::Lustre | StorageEngine::Efs));
        let Some(resource) = scope.sound().graph().get(id) else { continue };
        if network && view.existing().is_empty() && scope.layout.home(id).is_none() {
            let reason = "the cloud has no network, or several and none that is the only one with the zone: no file system is written";
            scope.layout.loss(resource, "zone", reason);
        }
    }
}

fn is_object(view: View<'_, Storage>) -> bool {
    matches!(view.r#type().get(), Some(StorageType::Object) | None)
}

/// The name of a bucket: the spec's, or one composed; none where the storage is no bucket.
pub(super) fn bucket_name(
    scope: &Scope<'_>,
    resource: &purlin_core::Resource,
    view: View<'_, Storage>,
) -> Option<String> {
    let object = matches!(view.engine().get(), Some(StorageEngine::S3) | None) && is_object(view);
    if let Some(bucket) = id_text(view.existing(), "bucket") {
        return Some(bucket);
    }
    if !object || !view.existing().is_empty() {
        return None;
    }
    let composed = || {
        let environment = scope.sound().environment(resource);
        let parts = [scope.layout.platform, environment, resource.name.as_str()];
        compose::BUCKET.join(&parts)
    };
    Some(view.bucket().get().map_or_else(composed, str::to_owned))
}

fn bucket(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Storage>) {
    let Some(name) = bucket_name(scope, subject.resource, view) else { return };
    let lock = view.object_lock().get();
    files.resource(subject, "aws_s3_bucket", "", |b| {
        b.set("bucket", name).from(view.bucket().span());
        if lock.is_some() {
            b.set("object_lock_enabled", true).from(view.object_lock().span());
        }
        tags(b, subject, None);
        b.block("lifecycle", &[], |b| {
            b.set("prevent_destroy", true);
        });
    });
    private(files, subject);
    encryption(scope, files, subject, view);
    let versioned = view.versioning().get().unwrap_or(false) || lock.is_some();
    if versioned {
        of_bucket(files, subject, "aws_s3_bucket_versioning", |b| {
            b.block("versioning_configuration", &[], |b| {
                b.set("status", "Enabled").from(view.versioning().span());
            });
        });
    }
    if let Some(lock) = lock {
        object_lock(files, subject, lock);
    }
    lifecycle(files, subject, view, versioned);
}

/// One of the resources that each say one thing of a bucket.
fn of_bucket(files: &mut Files<'_>, subject: &Subject<'_>, kind: &str, build: impl FnOnce(&mut Body<'_>)) {
    files.resource(subject, kind, "", |b| {
        b.expr("bucket", &subject.expr("aws_s3_bucket", "", "id"));
        build(b);
    });
}

/// Nobody outside of the account reads it, and nobody reads it without TLS.
fn private(files: &mut Files<'_>, subject: &Subject<'_>) {
    of_bucket(files, subject, "aws_s3_bucket_public_access_block", |b| {
        for key in
            ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
        {
            b.set(key, true);
        }
    });
    of_bucket(files, subject, "aws_s3_bucket_ownership_controls", |b| {
        b.block("rule", &[], |b| {
            b.set("object_ownership", "BucketOwnerEnforced");
        });
    });
    of_bucket(files, subject, "aws_s3_bucket_policy", |b| {
        let arn = subject.expr("aws_s3_bucket", "", "arn");
        b.key("policy").call("jsonencode", |t| {
            t.map(|t| {
                t.set("Version", "2012-10-17");
                t.list("Statement", |t| {
                    t.map(|t| {
                        t.set("Sid", "TlsOnly");
                        t.set("Effect", "Deny");
                        t.set("Principal", "*");
                        t.set("Action", "s3:*");
                        t.list("Resource", |t| {
                            t.item(Expr(&arn));
                            t.value().template(|t| {
                                t.expr(&arn);
                                t.text("/*");
                            });
                        });
                        t.map("Condition", |t| {
                            t.map("Bool", |t| {
                                t.set("aws:SecureTransport", "false");
                            });
                        });
                    });
                });
            });
        });
        b.items("depends_on", [Expr(format!("aws_s3_bucket_public_access_block.{}", subject.label("")))]);
    });
}

fn encryption(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Storage>) {
    let key = scope.key_arn(view.encryption());
    if key.is_none() && !view.encryption().is_absent() {
        scope.layout.loss(
            subject.resource,
            "encryption",
            "the key is not in this cloud: the cloud's own key is used",
        );
    }
    of_bucket(files, subject, "aws_s3_bucket_server_side_encryption_configuration", |b| {
        b.block("rule", &[], |b| {
            b.set("bucket_key_enabled", key.is_some());
            b.block("apply_server_side_encryption_by_default", &[], |b| {
                b.set("sse_algorithm", if key.is_some() { "aws:kms" } else { "AES256" });
                b.maybe("kms_master_key_id", key);
            })
            .from(view.encryption().span());
        });
    });
}

fn object_lock(files: &mut Files<'_>, subject: &Subject<'_>, lock: View<'_, ObjectLock>) {
    files.resource(subject, "aws_s3_bucket_object_lock_configuration", "", |b| {
        b.expr("bucket", &subject.expr("aws_s3_bucket_versioning", "", "bucket"));
        b.block("rule", &[], |b| {
            b.block("default_retention", &[], |b| {
                let mode = match lock.variant().get() {
                    Some(ObjectLockMode::Governance) => "GOVERNANCE",
                    _ => "COMPLIANCE",
                };
                b.set("mode", mode).from(lock.variant().span());
                let retention = lock.retention();
                match retention.get().map(years_or_days) {
                    Some(Span::Years(years)) => b.set("years", years).from(retention.span()),
                    Some(Span::Days(days)) => b.set("days", days).from(retention.span()),
                    None => b.maybe("days", None::<u64>),
                };
            });
        });
    });
}

enum Span {
    Years(u32),
    Days(u64),
}

/// Whole years as such, anything else in days: as many as the longest such period has.
fn years_or_days(period: Period) -> Span {
    if period.days == 0 && period.months > 0 && period.months.is_multiple_of(12) {
        Span::Years(period.months / 12)
    } else {
        Span::Days(period.days_at_most())
    }
}

fn lifecycle(files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Storage>, versioned: bool) {
    of_bucket(files, subject, "aws_s3_bucket_lifecycle_configuration", |b| {
        b.block("rule", &[], |b| {
            b.set("id", "unfinished-uploads");
            b.set("status", "Enabled");
            b.block("filter", &[], |_| ());
            b.block("abort_incomplete_multipart_upload", &[], |b| {
                b.set("days_after_initiation", UNFINISHED_DAYS);
            });
        });
        for (n, row) in view.lifecycle().iter().enumerate() {
            let days = row.expire().get().map(Period::days_at_most);
            let prefix = row.prefix().get().unwrap_or("*").trim_end_matches('*');
            b.block("rule", &[], |b| {
                b.set("id", format_args!("expire-{}", n + 1));
                b.set("status", "Enabled");
                b.block("filter", &[], |b| {
                    if !prefix.is_empty() {
                        b.set("prefix", prefix).from(row.prefix().span());
                    }
                });
                b.block("expiration", &[], |b| {
                    b.maybe("days", days).from(row.expire().span());
                });
                if versioned {
                    b.block("noncurrent_version_expiration", &[], |b| {
                        b.maybe("noncurrent_days", days).from(row.expire().span());
                    });
                }
            });
        }
    });
}

/// `FSx` for Lustre in one subnet, on SSDs that survive a server.
fn lustre(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Storage>) {
    let Some((net, subnets)) = place(scope, subject, view.zone().get()) else { return };
    let ports = LUSTRE_PORTS.map(|(from, to)| (format!("lustre_{from}"), from, to));
    security_group(scope, files, subject, &net, "Clients and servers of Lustre", &ports);
    let name = scope.layout.name(compose::AWS_NAME, &[subject.resource.name.as_str()]);
    files.resource(subject, "aws_fsx_lustre_file_system", "", |b| {
        b.set("deployment_type", "PERSISTENT_2");
        b.set("storage_type", "SSD");
        let (size, throughput) = (view.size(), view.throughput());
        b.maybe("storage_capacity", size.get().map(|size| (size.gib() + 0.5) as u64)).from(size.span());
        let speed = throughput.get().map(|throughput| (throughput.mb_per_second_per_tib() + 0.5) as u64);
        b.maybe("per_unit_storage_throughput", speed).from(throughput.span());
        b.items("subnet_ids", subnets.first()).from(view.zone().span());
        b.items("security_group_ids", [Expr(subject.expr("aws_security_group", "", "id"))]);
        b.maybe("kms_key_id", key(scope, subject, view)).from(view.encryption().span());
        b.set("data_compression_type", "LZ4");
        b.set("file_system_type_version", LUSTRE_VERSION);
        tags(b, subject, Some(&name));
        b.block("metadata_configuration", &[], |b| {
            b.set("mode", "AUTOMATIC");
        });
        b.block("lifecycle", &[], |b| {
            b.set("prevent_destroy", true);
        });
    });
}

fn key(scope: &Scope<'_>, subject: &Subject<'_>, view: View<'_, Storage>) -> Option<Say> {
    let key = scope.key_arn(view.encryption());
    if key.is_none() && !view.encryption().is_absent() {
        scope.layout.loss(
            subject.resource,
            "encryption",
            "the key is not in this cloud: the cloud's own key is used",
        );
    }
    key
}

/// EFS with an address in every zone, or in the one that is asked for.
fn efs(scope: &Scope<'_>, files: &mut Files<'_>, subject: &Subject<'_>, view: View<'_, Storage>) {
    let zone = view.zone().get();
    let Some((net, subnets)) = place(scope, subject, zone) else { return };
    security_group(scope, files, subject, &net, "Clients of NFS", &[("nfs".to_owned(), NFS_PORT, NFS_PORT)]);
    let name = scope.layout.name(compose::AWS_NAME, &[subject.resource.name.as_str()]);
    files.resource(subject, "aws_efs_file_system", "", |b| {
        b.set("creation_token", name.as_str());
        b.set("encrypted", true);
        b.maybe("kms_key_id", key(scope, subject, view)).from(view.encryption().span());
        b.maybe("availability_zone_name", zone).from(view.zone().span());
        b.set("throughput_mode", "elastic");
        tags(b, subject, Some(&name));
        b.block("lifecycle", &[], |b| {
            b.set("prevent_destroy", true);
        });
    });
    let Subnets::Each(ids) = &subnets else {
        return scope.layout.loss(
            subject.resource,
            "zone",
            "addresses in an existing network need its subnets by id",
        );
    };
    for (n, id) in ids.iter().enumerate() {
        files.resource(subject, "aws_efs_mount_target", &(n + 1).to_string(), |b| {
            b.expr("file_system_id", &subject.expr("aws_efs_file_system", "", "id"));
            b.set("subnet_id", id);
            b.items("security_groups", [Expr(subject.expr("aws_security_group", "", "id"))]);
        });
    }
}

fn place<'a>(scope: &Scope<'a>, subject: &Subject<'_>, zone: Option<&str>) -> Option<(Net<'a>, Subnets)> {
    let net = scope.layout.network(subject.resource.id).and_then(|network| Net::of(scope, network))?;
    let subnets = net.subnets(scope, zone);
    if subnets.is_none() {
        scope.layout.loss(
            subject.resource,
            "zone",
            "the network has no subnet there: no file system is written",
        );
    }
    Some((net, subnets?))
}

fn has_place(scope: &Scope<'_>, id: ResourceId, view: View<'_, Storage>) -> bool {
    let net = scope.layout.network(id).and_then(|network| Net::of(scope, network));
    net.is_some_and(|net| net.subnets(scope, view.zone().get()).is_some())
}

/// A group that lets in the nodes of the clusters in the network, and its own members.
fn security_group(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    subject: &Subject<'_>,
    net: &Net<'_>,
    description: &str,
    ports: &[(String, u64, u64)],
) {
    let group = subject.expr("aws_security_group", "", "id");
    let name = scope.layout.name(compose::AWS_NAME, &["storage", subject.resource.name.as_str()]);
    files.resource(subject, "aws_security_group", "", |b| {
        b.set("name", name.as_str());
        b.set("description", description);
        b.maybe("vpc_id", net.vpc(scope).map(Expr));
        tags(b, subject, Some(&name));
    });
    for (part, from, to) in ports {
        for (from_nodes, part) in [(true, part.clone()), (false, format!("{part}_self"))] {
            files.resource(subject, "aws_vpc_security_group_ingress_rule", &part, |b| {
                b.expr("security_group_id", &group);
                match nodes(scope).filter(|_| from_nodes) {
                    Some(nodes) => b.expr("referenced_security_group_id", &nodes),
                    None if from_nodes => b.maybe("cidr_ipv4", net.cidr(scope).map(Expr)),
                    None => b.expr("referenced_security_group_id", &group),
                };
                b.set("ip_protocol", "tcp");
                b.set("from_port", *from);
                b.set("to_port", *to);
            });
        }
    }
    files.resource(subject, "aws_vpc_security_group_egress_rule", "", |b| {
        b.expr("security_group_id", &group);
        b.expr("referenced_security_group_id", &group);
        b.set("ip_protocol", "-1");
    });
}

/// The security group of the nodes, in the root of a cluster.
pub(super) fn nodes(scope: &Scope<'_>) -> Option<String> {
    let Home::Cluster { cluster, .. } = scope.home else { return None };
    let resource = scope.sound().graph().get(cluster)?;
    let view = scope.sound().ask.view::<Cluster>(cluster)?;
    let kind = if view.existing().is_empty() { "aws_eks_cluster" } else { "data.aws_eks_cluster" };
    Some(Subject::of(resource, view).expr(kind, "", "vpc_config[0].cluster_security_group_id"))
}

/// The zones of file systems in the networks of a cloud.
pub(super) fn zones(scope: &Scope<'_>) -> Vec<(ResourceId, String)> {
    let all = scope.sound().ask.all::<Storage>();
    all.iter()
        .filter(|(_, view)| view.existing().is_empty())
        .filter_map(|(id, view)| Some((scope.layout.network(*id)?, view.zone().get()?.to_owned())))
        .collect()
}

/// What volumes in Kubernetes need to find file systems, and people to find buckets.
pub(super) fn outputs(scope: &Scope<'_>, files: &mut Files<'_>) {
    for (resource, view) in scope.sound().all::<Storage>() {
        if scope.layout.home(resource.id) != Some(scope.home) || !view.existing().is_empty() {
            continue;
        }
        let subject = Subject::of(resource, view);
        let (kind, attributes): (&str, &[&str]) = match view.engine().get() {
            Some(StorageEngine::Lustre | StorageEngine::Efs) if !has_place(scope, resource.id, view) => {
                continue;
            }
            Some(StorageEngine::Lustre) => (LUSTRE, &["id", "dns_name", "mount_name"]),
            Some(StorageEngine::Efs) => ("aws_efs_file_system", &["id", "dns_name"]),
            Some(StorageEngine::S3) | None if is_object(view) => ("aws_s3_bucket", &["bucket"]),
            _ => continue,
        };
        for attribute in attributes {
            let name = format!("storage_{}_{attribute}", subject.label(""));
            files.output(&subject, &name, &subject.expr(kind, "", attribute));
        }
        if kind != "aws_s3_bucket" {
            for claim in scope.layout.claims(resource.id) {
                volume(files, &subject, kind, claim);
            }
        }
    }
}

/// The manifest of the volume that a claim asks for by its name: only here is the file system's id known. What the drivers
/// ask for was read in the examples `static_provisioning` of aws-fsx-csi-driver at 5b227125 and of aws-efs-csi-driver at
/// a4fc6760.
fn volume(files: &mut Files<'_>, subject: &Subject<'_>, kind: &str, claim: &Claim) {
    let attribute = |name: &str| Expr(subject.expr(kind, "", name));
    files.block(Some(subject.resource), "output", &[&claim.output], |b| {
        b.set("description", format_args!("The volume of {}/{}, for kubectl", claim.namespace, claim.name));
        b.key("value").call("yamlencode", |t| {
            t.map(|t| {
                t.set("apiVersion", "v1");
                t.set("kind", "PersistentVolume");
                t.map("metadata", |t| {
                    t.set("name", claim.volume.as_str());
                });
                t.map("spec", |t| {
                    t.map("capacity", |t| {
                        t.set("storage", claim.size.as_str());
                    });
                    t.set("volumeMode", "Filesystem");
                    t.items("accessModes", ["ReadWriteMany"]);
                    t.set("persistentVolumeReclaimPolicy", "Retain");
                    t.set("storageClassName", "");
                    t.map("claimRef", |t| {
                        t.set("name", claim.name.as_str());
                        t.set("namespace", claim.namespace.as_str());
                    });
                    if kind == LUSTRE {
                        t.items("mountOptions", ["flock"]);
                    }
                    t.map("csi", |t| {
                        t.set("driver", if kind == LUSTRE { "fsx.csi.aws.com" } else { "efs.csi.aws.com" });
                        t.set("volumeHandle", attribute("id"));
                        if kind == LUSTRE {
                            t.map("volumeAttributes", |t| {
                                t.set("dnsname", attribute("dns_name"));
                                t.set("mountname", attribute("mount_name"));
                            });
                        }
                    });
                });
            });
        });
    });
}

/// The type of Lustre file systems.
const LUSTRE: &str = "aws_fsx_lustre_file_system";
