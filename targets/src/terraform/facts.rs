//! Facts of the Terraform types that are written here: which of their arguments cannot change without a new resource.
//!
//! Read 2026-11-21. Two sources: the `CloudFormation` schemas of the same resources (`createOnlyProperties`, as vendored by
//! hashicorp/awscc at f995d4f4 of 2026-08-07), and, where a type has no such schema, the source of hashicorp/aws
//! (`ForceNew`, read at 06ee53d9, which is older than the version that is written for). What neither states is not listed, and is taken to change in place.

/// Where a fact was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// `createOnlyProperties` of the `CloudFormation` schema.
    CloudFormation,
    /// `ForceNew` of the provider's own schema.
    Provider,
}

/// A type, and its arguments that cannot change in place; blocks inside one another with dots.
#[derive(Clone, Copy, Debug)]
pub struct Replaces {
    /// `aws_eks_node_group`.
    pub kind: &'static str,
    /// `vpc_config.subnet_ids`; without what stands inside, it goes for all of that.
    pub arguments: &'static [&'static str],
    /// Where it was read.
    pub source: Source,
}

/// Every type that is written here and has such arguments, by name.
pub static REPLACES: &[Replaces] = &[
    cfn("aws_cloudwatch_log_group", &["name"]),
    cfn("aws_efs_file_system", &["availability_zone_name", "encrypted", "kms_key_id", "performance_mode"]),
    cfn("aws_efs_mount_target", &["file_system_id", "subnet_id"]),
    cfn("aws_eks_addon", &["addon_name", "cluster_name"]),
    cfn(
        "aws_eks_cluster",
        &[
            "access_config.bootstrap_cluster_creator_admin_permissions",
            "bootstrap_self_managed_addons",
            "encryption_config",
            "name",
            "role_arn",
        ],
    ),
    cfn(
        "aws_eks_node_group",
        &[
            "ami_type",
            "capacity_type",
            "cluster_name",
            "disk_size",
            "instance_types",
            "launch_template.name",
            "node_group_name",
            "node_role_arn",
            "remote_access",
            "subnet_ids",
        ],
    ),
    cfn("aws_eks_pod_identity_association", &["cluster_name", "namespace", "service_account"]),
    cfn("aws_flow_log", &["log_destination", "log_destination_type", "traffic_type", "vpc_id"]),
    provider(
        "aws_fsx_lustre_file_system",
        &[
            "deployment_type",
            "file_system_type_version",
            "kms_key_id",
            "per_unit_storage_throughput",
            "security_group_ids",
            "storage_type",
            "subnet_ids",
        ],
    ),
    cfn("aws_glue_registry", &["registry_name"]),
    cfn("aws_iam_role", &["name", "path"]),
    cfn("aws_kms_alias", &["name"]),
    cfn("aws_launch_template", &["name"]),
    cfn(
        "aws_msk_cluster",
        &[
            "broker_node_group_info.client_subnets",
            "broker_node_group_info.security_groups",
            "cluster_name",
            "encryption_info.encryption_at_rest_kms_key_arn",
            "encryption_info.encryption_in_transit.in_cluster",
        ],
    ),
    cfn("aws_msk_configuration", &["name"]),
    cfn("aws_msk_topic", &["cluster_arn", "name", "replication_factor"]),
    cfn("aws_nat_gateway", &["allocation_id", "subnet_id"]),
    cfn("aws_placement_group", &["name", "strategy"]),
    cfn("aws_route_table", &["vpc_id"]),
    cfn("aws_s3_bucket", &["bucket"]),
    cfn("aws_security_group", &["description", "name", "vpc_id"]),
    cfn("aws_subnet", &["availability_zone", "cidr_block", "vpc_id"]),
    cfn("aws_vpc", &["cidr_block"]),
    cfn("aws_vpc_endpoint", &["service_name", "vpc_endpoint_type", "vpc_id"]),
];

const fn cfn(kind: &'static str, arguments: &'static [&'static str]) -> Replaces {
    Replaces { kind, arguments, source: Source::CloudFormation }
}

const fn provider(kind: &'static str, arguments: &'static [&'static str]) -> Replaces {
    Replaces { kind, arguments, source: Source::Provider }
}

/// Whether a change of an argument makes a new resource: `replaces("aws_eks_node_group", "instance_types")`. A path may
/// go deeper than a fact, and may hold indices: `vpc_config[0].subnet_ids` is `vpc_config.subnet_ids`.
pub fn replaces(resource_type: &str, attribute_path: &str) -> bool {
    let Ok(found) = REPLACES.binary_search_by(|facts| facts.kind.cmp(resource_type)) else { return false };
    let path: Vec<&str> = attribute_path
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .filter(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    REPLACES[found].arguments.iter().any(|argument| {
        let mut parts = argument.split('.');
        let mut path = path.iter();
        parts.all(|part| path.next().is_some_and(|has| *has == part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, path: &str, expect: bool) {
        assert_eq!(replaces(kind, path), expect, "{kind} {path}");
    }

    #[test]
    fn a_path_is_found_with_indices_and_inside_of_what_is_listed() {
        check("aws_eks_node_group", "instance_types", true);
        check("aws_eks_node_group", "instance_types[0]", true);
        check("aws_eks_node_group", "launch_template[0].name", true);
        check("aws_eks_node_group", "launch_template.0.version", false);
        check("aws_eks_node_group", "scaling_config.desired_size", false);
        check("aws_eks_cluster", "encryption_config[0].provider[0].key_arn", true);
        check("aws_unheard_of", "name", false);
    }

    #[test]
    fn types_are_in_order() {
        assert!(REPLACES.is_sorted_by(|a, b| a.kind < b.kind));
    }
}
