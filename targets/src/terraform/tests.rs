//! What is written for small specs, and that every file is as `terraform fmt` leaves it and as the provider's schema asks.

mod emitted;
mod schema;

use emitted::Emitted;

/// An account with a network, a cluster and a key.
const BASE: &str = r#"
platform acme { language "0.1"; owner ml; budget "1000 USD/month" }
team ml { contact "ml@acme.example"; namespace ml }
cloud aws provider=aws account="123456789012" region=eu-central-1 { state s3 bucket=acme-state }
network core cloud=aws { cidr "10.0.0.0/16"; zones eu-central-1a eu-central-1b; private }
key data cloud=aws { rotation "1y" }
cluster train { cloud aws; network core; kubernetes "1.35"; encryption data }
"#;

/// One file, made of the base and of what is added, holds the text.
#[track_caller]
fn check(added: &str, path: &str, expect: &str) {
    let emitted = Emitted::of(&format!("{BASE}{added}"));
    emitted.is_formatted();
    emitted.fits_the_schema();
    let file = emitted.file(path);
    let expect = expect.trim_matches('\n');
    assert!(file.contains(expect), "{path} has no\n{expect}\nbut is\n{file}");
}

/// The file is not written, or lacks the text.
#[track_caller]
fn check_lacks(added: &str, path: &str, text: &str) {
    let emitted = Emitted::of(&format!("{BASE}{added}"));
    assert!(!emitted.file(path).contains(text), "{path} has\n{text}\nin\n{}", emitted.file(path));
}

/// What is lost, as `address field`, of the whole spec.
#[track_caller]
fn check_losses(added: &str, expect: &[&str]) {
    assert_eq!(Emitted::of(&format!("{BASE}{added}")).losses(), expect);
}

#[test]
fn a_root_pins_its_provider_and_keeps_its_state_where_the_cloud_says() {
    check(
        "",
        "terraform/aws-train/versions.tf",
        r#"
terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
  }

  backend "s3" {
    bucket       = "acme-state"
    key          = "acme/aws-train/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}
"#,
    );
}

#[test]
fn the_provider_refuses_other_accounts() {
    check("", "terraform/aws/providers.tf", r#"allowed_account_ids = ["123456789012"]"#);
}

#[test]
fn a_key_rotates_and_cannot_be_destroyed_by_accident() {
    check(
        "",
        "terraform/aws/keys.tf",
        r#"
# key.data
resource "aws_kms_key" "data" {
  description             = "key.data"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30
  tags = {
    "purlin:address" = "key.data"
  }

  lifecycle {
    prevent_destroy = true
  }
}
"#,
    );
}

#[test]
fn a_cluster_refers_to_the_key_by_the_state_of_the_account() {
    check(
        "",
        "terraform/aws-train/cluster.tf",
        "key_arn = data.terraform_remote_state.account.outputs.key_data_arn",
    );
    check(
        "",
        "terraform/aws-train/account.tf",
        r#"
data "terraform_remote_state" "account" {
  backend = "s3"
  config = {
    bucket = "acme-state"
    key    = "acme/aws/terraform.tfstate"
    region = "eu-central-1"
  }
}
"#,
    );
}

#[test]
fn a_private_network_reaches_aws_by_endpoints() {
    check("", "terraform/aws-train/network.tf", r#"resource "aws_vpc_endpoint" "core__ecr_dkr""#);
    let open = r#"network open cloud=aws { cidr "10.1.0.0/16"; zones eu-central-1a }"#;
    check_lacks(open, "terraform/aws/network.tf", "Interface");
}

#[test]
fn a_network_has_a_gateway_a_zone_unless_there_is_a_proxy() {
    check("", "terraform/aws-train/network.tf", r#"resource "aws_nat_gateway" "core__eu_central_1b""#);
    let closed = r#"network closed cloud=aws { cidr "10.1.0.0/16"; zones eu-central-1a; egress proxy="http://proxy:3128" }"#;
    check_lacks(closed, "terraform/aws/network.tf", "aws_nat_gateway");
}

#[test]
fn subnets_stay_when_a_zone_comes_in_front() {
    let expect = r#"  availability_zone = "eu-central-1b"
  cidr_block        = "10.0.32.0/19""#;
    check("", "terraform/aws-train/network.tf", expect);
    let alone = BASE.replace("zones eu-central-1a eu-central-1b", "zones eu-central-1b");
    assert!(Emitted::of(&alone).file("terraform/aws-train/network.tf").contains(expect));
}

#[test]
fn somebody_elses_network_is_read() {
    let text = BASE.replace(
        r#"{ cidr "10.0.0.0/16"; zones eu-central-1a eu-central-1b; private }"#,
        "{ existing vpc=vpc-1 { subnets subnet-1 subnet-2 } }",
    );
    let emitted = Emitted::of(&text);
    emitted.fits_the_schema();
    let network = emitted.file("terraform/aws-train/network.tf");
    assert!(network.contains("data \"aws_subnet\" \"core__2\" {\n  id = \"subnet-2\"\n}"), "{network}");
    let cluster = emitted.file("terraform/aws-train/cluster.tf");
    assert!(cluster.contains("[data.aws_subnet.core__1.id, data.aws_subnet.core__2.id]"), "{cluster}");
}

const H100: &str = "
gpu-pool h100 cluster=train {
    instance p5.48xlarge
    nodes min=0 max=2
    capacity on-demand zone=eu-central-1a
    placement cluster
    local-storage raid0
}
";

#[test]
fn every_network_card_gets_an_interface_for_efa() {
    check(
        H100,
        "terraform/aws-train/pools.tf",
        r#"
  network_interfaces {
    network_card_index          = 0
    device_index                = 0
    interface_type              = "efa"
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups = [
      aws_eks_cluster.train.vpc_config[0].cluster_security_group_id,
      aws_security_group.gpu_pool_h100__efa.id,
    ]
  }
"#,
    );
    let pools = Emitted::of(&format!("{BASE}{H100}")).file("terraform/aws-train/pools.tf").to_owned();
    assert_eq!(pools.matches("network_interfaces {").count(), 32);
    assert_eq!(pools.matches("\"efa-only\"").count(), 31);
}

#[test]
fn a_pool_in_one_zone_has_one_subnet() {
    check(H100, "terraform/aws-train/pools.tf", "subnet_ids      = [aws_subnet.core__eu_central_1a.id]");
}

#[test]
fn a_pool_with_gpus_takes_only_who_asks_for_them() {
    check(
        H100,
        "terraform/aws-train/pools.tf",
        r#"
  taint {
    key    = "nvidia.com/gpu"
    value  = "true"
    effect = "NO_SCHEDULE"
  }
"#,
    );
}

#[test]
fn what_scales_by_itself_is_not_scaled_back() {
    check(H100, "terraform/aws-train/pools.tf", "ignore_changes = [scaling_config[0].desired_size]");
}

#[test]
fn every_capacity_block_is_a_group_of_its_own() {
    let added = r#"
gpu-pool h100 cluster=train {
    instance p5.48xlarge
    nodes 3
    capacity capacity-block {
        block cr-01 nodes=2
        block cr-02 nodes=1
        zone eu-central-1a
        start "2027-01-11T11:30:00Z"
        end "2027-03-08T11:30:00Z"
    }
}
"#;
    check(
        added,
        "terraform/aws-train/pools.tf",
        r#"
  capacity_reservation_specification {
    capacity_reservation_target {
      capacity_reservation_id = "cr-02"
    }
  }
"#,
    );
    check(
        added,
        "terraform/aws-train/pools.tf",
        r#"
resource "aws_autoscaling_schedule" "gpu_pool_h100__cr_01__start" {
  scheduled_action_name  = "start-cr-01"
  autoscaling_group_name = aws_eks_node_group.gpu_pool_h100__cr_01.resources[0].autoscaling_groups[0].name
  start_time             = "2027-01-11T11:30:00Z"
  min_size               = 0
  max_size               = 2
  desired_capacity       = 2
}
"#,
    );
}

#[test]
fn pools_of_two_kinds_may_share_a_name() {
    let added = "cpu-pool a cluster=train { instance m7i.4xlarge; nodes 1 }\ngpu-pool a cluster=train { instance g6e.4xlarge; nodes 1 }";
    check(added, "terraform/aws-train/pools.tf", r#"resource "aws_eks_node_group" "cpu_pool_a""#);
    check(added, "terraform/aws-train/pools.tf", r#"resource "aws_eks_node_group" "gpu_pool_a""#);
}

#[test]
fn a_bucket_is_private_encrypted_and_locked() {
    let added = r#"
storage evidence cloud=aws {
    type object; engine s3; bucket acme-evidence; encryption data
    object-lock compliance retention="10y"
    lifecycle expire="90d" prefix="tmp/"
}
"#;
    check(added, "terraform/aws/storage.tf", "kms_master_key_id = aws_kms_key.data.arn");
    check(
        added,
        "terraform/aws/storage.tf",
        r#"
    default_retention {
      mode  = "COMPLIANCE"
      years = 10
    }
"#,
    );
    check(
        added,
        "terraform/aws/storage.tf",
        r#"
    filter {
      prefix = "tmp/"
    }

    expiration {
      days = 90
    }

    noncurrent_version_expiration {
      noncurrent_days = 90
    }
"#,
    );
}

#[test]
fn a_file_system_stands_in_its_zone() {
    let added = r#"
storage fast cloud=aws { type parallel; engine lustre; size "48000GiB"; throughput "500MB/s/TiB"; zone eu-central-1b; encryption data }
"#;
    check(
        added,
        "terraform/aws-train/storage.tf",
        "
  storage_capacity            = 48000
  per_unit_storage_throughput = 500
  subnet_ids                  = [aws_subnet.core__eu_central_1b.id]
",
    );
}

#[test]
fn a_job_may_do_what_it_needs_and_no_more() {
    let added = r#"
gpu-pool l40s cluster=train { instance g6e.4xlarge; nodes 1 }
storage lake cloud=aws { type object; engine s3; bucket acme-lake; encryption data }
storage saved cloud=aws { type object; engine s3; bucket acme-saved; encryption data }
dataset texts { location lake path="texts/v1/"; format parquet; version "1" }
training-job tune {
    team ml
    on l40s gpus=1
    data texts
    checkpoint every="20min" to=saved
}
"#;
    check(
        added,
        "terraform/aws-train/identity.tf",
        r#"
      {
        Sid      = "List1"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-lake"]
        Condition = {
          StringLike = {
            "s3:prefix" = ["texts/v1/*"]
          }
        }
      },
      {
        Sid      = "List2"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-saved"]
      },
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::acme-lake/texts/v1/*", "arn:aws:s3:::acme-saved/*"]
      },
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = ["arn:aws:s3:::acme-saved/*"]
      },
"#,
    );
    check(
        added,
        "terraform/aws-train/identity.tf",
        r#"
resource "aws_eks_pod_identity_association" "training_job_tune" {
  cluster_name    = aws_eks_cluster.train.name
  namespace       = "ml"
  service_account = "tune"
  role_arn        = aws_iam_role.training_job_tune.arn
}
"#,
    );
}

#[test]
fn a_budget_warns_the_owner() {
    check(
        "",
        "terraform/aws/budget.tf",
        r#"
  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "ACTUAL"
    subscriber_email_addresses = ["ml@acme.example"]
  }
"#,
    );
}

#[test]
fn what_has_a_new_name_moves() {
    let added = "storage new cloud=aws { moved-from storage.old; type object; engine s3; bucket b-1 }";
    check(
        added,
        "terraform/aws/storage.tf",
        "moved {\n  from = aws_s3_bucket.old\n  to   = aws_s3_bucket.new\n}",
    );
}

#[test]
fn topics_of_an_existing_msk_are_made() {
    let added = r#"
broker events { engine msk; existing arn="arn:aws:kafka:eu-central-1:123456789012:cluster/c/1"; schema-registry glue }
data-contract tickets { version "1.0.0"; owner ml; status active; schema tickets { field id string } }
stream tickets { contract tickets; broker events; topic tickets.v1 partitions=6 replication=3; retention "7d" }
"#;
    check(
        added,
        "terraform/aws-train/streaming.tf",
        r#"
  partition_count    = 6
  replication_factor = 3
  configs = jsonencode({
    "retention.ms" = "604800000"
  })
"#,
    );
}

#[test]
fn other_clouds_are_lost_and_say_so() {
    check_losses("cloud g provider=gcp project=p region=europe-west4", &["cloud.g provider"]);
}

#[test]
fn a_channel_is_lost_on_eks() {
    let text = BASE.replace(r#"kubernetes "1.35""#, r#"kubernetes "1.35" channel=stable"#);
    assert_eq!(Emitted::of(&text).losses(), ["cluster.train kubernetes.channel"]);
}

#[test]
fn examples_are_formatted_and_fit_the_schema() {
    for name in ["credit-scoring", "pretrain-405b", "support-assistant"] {
        for emitted in Emitted::of_example(name) {
            emitted.is_formatted();
            emitted.fits_the_schema();
        }
    }
}

#[test]
fn records_are_added_and_never_read_back() {
    let added = r#"
gpu-pool l40s cluster=train { instance g6e.4xlarge; nodes 1 }
storage log cloud=aws { type object; engine s3; bucket acme-log; encryption data }
model base { from huggingface="acme/base" }
serving chat {
    owner ml
    model base
    on l40s gpus=1
    audit decisions retention="7y" to=log
}
"#;
    check(
        added,
        "terraform/aws-train/identity.tf",
        r#"
    Statement = [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = ["arn:aws:s3:::acme-log/*"]
      },
      {
        Sid      = "Decrypt"
"#,
    );
}

#[test]
fn nodes_join_somebody_elses_cluster() {
    let added = r#"
cluster theirs { cloud aws; existing name=shared-1 }
cpu-pool more cluster=theirs { instance m7i.4xlarge; nodes 2 }
"#;
    let emitted = Emitted::of(&format!(
        "{}{added}",
        BASE.replace("network core cloud=aws", "network other cloud=aws")
            .replace("network core;", "network other;")
    ));
    emitted.fits_the_schema();
    assert_eq!(emitted.file("terraform/aws-theirs/network.tf"), "");
    let pools = emitted.file("terraform/aws-theirs/pools.tf");
    assert!(pools.contains("cluster_name    = data.aws_eks_cluster.theirs.name"), "{pools}");
}

#[test]
fn somebody_elses_key_is_read_by_its_alias() {
    let text = BASE
        .replace(r#"key data cloud=aws { rotation "1y" }"#, "key data cloud=aws { existing alias=shared }");
    let emitted = Emitted::of(&text);
    emitted.fits_the_schema();
    assert_eq!(
        emitted.file("terraform/aws/keys.tf"),
        "# key.data\ndata \"aws_kms_key\" \"data\" {\n  key_id = \"alias/shared\"\n}\n"
    );
}

#[test]
fn a_cluster_without_a_network_is_not_written() {
    let added = r#"
network second cloud=aws { cidr "10.2.0.0/16"; zones eu-central-1a }
cluster lost { cloud aws; kubernetes "1.35" }
cpu-pool some cluster=lost { instance m7i.4xlarge; nodes 1 }
"#;
    check_losses(added, &["cluster.lost network"]);
    check_lacks(added, "terraform/aws-lost/cluster.tf", "aws_eks_cluster");
}

#[test]
fn a_pool_in_a_zone_without_a_subnet_is_lost() {
    let added = r"
cpu-pool some cluster=train { instance m7i.4xlarge; nodes 1; capacity on-demand zone=eu-central-1c }
";
    check_losses(added, &["cpu-pool.some capacity.zone"]);
}

#[test]
fn what_aws_does_not_sell_is_lost() {
    let added = r"
cpu-pool some cluster=train { instance m7i.4xlarge; nodes min=0 max=1; capacity flex-start; autoscaler karpenter }
";
    check_losses(added, &["cpu-pool.some autoscaler", "cpu-pool.some capacity"]);
}

#[test]
fn brokers_of_msk_are_spread_evenly() {
    let added = r#"
broker events { engine msk version="3.9"; cloud aws; network core; brokers 4 storage="500GiB"; auth iam }
"#;
    check(
        added,
        "terraform/aws-train/streaming.tf",
        "    client_subnets  = [aws_subnet.core__eu_central_1a.id, aws_subnet.core__eu_central_1b.id]",
    );
    check_losses(
        &added.replace("brokers 4", "brokers 3"),
        &["broker.events brokers.count", "broker.events brokers.instance"],
    );
}

#[test]
fn a_patch_overrides_arguments_and_nothing_inside_of_blocks() {
    let pool = r#"
gpu-pool l40s cluster=train {
    instance g6e.4xlarge
    nodes 2
    patch terraform aws_eks_node_group { set force_update_version #true; set release_version "1.35.1-1"; remove "ami_type"; set scaling_config.max_size 9 }
    patch terraform aws_instance { set monitoring #true }
}
"#;
    check(
        pool,
        "terraform/aws-train/override.tf",
        r#"
# gpu-pool.l40s
resource "aws_eks_node_group" "gpu_pool_l40s" {
  force_update_version = true
  release_version      = "1.35.1-1"
  ami_type             = null
}
"#,
    );
    let expect =
        ["gpu-pool.l40s patch terraform aws_eks_node_group", "gpu-pool.l40s patch terraform aws_instance"];
    check_losses(pool, &expect);
}

#[test]
fn nodes_are_told_when_they_start_what_the_pool_says() {
    check(
        H100,
        "terraform/aws-train/pools.tf",
        r#"
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="purlin"

    --purlin
    Content-Type: application/node.eks.aws

    apiVersion: node.eks.aws/v1alpha1
    kind: NodeConfig
    spec:
      kubelet:
        config:
          cpuManagerPolicy: static
          topologyManagerPolicy: best-effort
      instance:
        localStorage:
          strategy: RAID0

    --purlin
    Content-Type: text/cloud-config; charset="utf-8"

    #cloud-config
    # gpu-pool.h100
"#,
    );
}

#[test]
fn nodes_are_labelled_with_how_their_gpus_are_cut_and_shared() {
    let cut = r#"
gpu-pool cut cluster=train { instance p4d.24xlarge; nodes 1; mig single profile="1g.5gb" }
"#;
    check(cut, "terraform/aws-train/pools.tf", r#""nvidia.com/mig.config"         = "purlin-cut""#);
    let shared = r#"
gpu-pool turns cluster=train { instance g6e.4xlarge; nodes 1; sharing time-slicing replicas=4 }
"#;
    check(shared, "terraform/aws-train/pools.tf", r#""nvidia.com/device-plugin.config" = "turns""#);
}

#[test]
fn the_volume_of_a_claim_is_an_output_for_kubectl() {
    let spec = format!(
        r#"{H100}
storage fast cloud=aws {{ type parallel; engine lustre; size "1200GiB"; throughput "125MB/s/TiB"; zone eu-central-1a }}
training-job tune {{ team ml; on h100 nodes=2; run custom {{ command train }}; checkpoint every="1h" to=fast keep=3 }}
"#
    );
    check(
        &spec,
        "terraform/aws-train/outputs.tf",
        r#"
output "volume_train_ml_fast" {
  description = "The volume of ml/fast, for kubectl"
  value = yamlencode({
"#,
    );
    check(&spec, "terraform/aws-train/outputs.tf", "volumeHandle = aws_fsx_lustre_file_system.fast.id");
}

#[test]
fn a_block_that_has_begun_has_its_nodes_and_no_schedule_for_its_beginning() {
    let block = |start: &str, end: &str| {
        format!(
            r#"
gpu-pool h100 cluster=train {{
    instance p5.48xlarge
    nodes 2
    capacity capacity-block {{ block cr-1 nodes=2; zone eu-central-1a; start "{start}"; end "{end}" }}
}}
"#
        )
    };
    let path = "terraform/aws-train/pools.tf";
    let (before, during, after) = (
        block("2030-01-01T11:30:00Z", "2030-02-01T11:30:00Z"),
        block("2020-01-01T11:30:00Z", "2030-02-01T11:30:00Z"),
        block("2020-01-01T11:30:00Z", "2020-02-01T11:30:00Z"),
    );
    check(&before, path, "scheduled_action_name  = \"start-cr-1\"");
    check(&before, path, "min_size     = 0\n    max_size     = 2\n    desired_size = 0");
    check_lacks(&during, path, "scheduled_action_name  = \"start-cr-1\"");
    check(&during, path, "min_size     = 2\n    max_size     = 2\n    desired_size = 2");
    check(&during, path, "scheduled_action_name  = \"end-cr-1\"");
    check_lacks(&after, path, "scheduled_action_name");
    check(&after, path, "min_size     = 0\n    max_size     = 2\n    desired_size = 0");
}
