//! `observability.tf`: which traffic a network of ours lets through and refuses.

use purlin_core::compose;
use purlin_schema::kinds::infrastructure::Network;

use super::cluster::role;
use super::files::{Files, Subject, tags};
use super::layout::Scope;

/// Days for which flow logs are kept.
const RETENTION: u64 = 90;

/// Actions that flow logs need on their own log group (VPC user guide, "IAM role for publishing flow logs").
const ACTIONS: [&str; 4] =
    ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"];

pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>) {
    files.file("observability.tf");
    for (resource, view) in scope.sound().all::<Network>() {
        let made = view.existing().is_empty() && view.cidr().get().is_some();
        if scope.layout.home(resource.id) != Some(scope.home) || !made {
            continue;
        }
        let subject = Subject::of(resource, view);
        let name = scope.layout.name(compose::AWS_NAME, &[resource.name.as_str()]);
        files.resource(&subject, "aws_cloudwatch_log_group", "flow", |b| {
            b.set("name", format_args!("/purlin/network/{name}/flow"));
            b.set("retention_in_days", RETENTION);
            tags(b, &subject, None);
        });
        role(files, &subject, "flow", &[&name, "flow-logs"], "vpc-flow-logs.amazonaws.com");
        files.resource(&subject, "aws_iam_role_policy", "flow", |b| {
            b.set("name", "purlin");
            b.expr("role", &subject.expr("aws_iam_role", "flow", "id"));
            b.key("policy").call("jsonencode", |t| {
                t.map(|t| {
                    t.set("Version", "2012-10-17");
                    t.list("Statement", |t| {
                        t.map(|t| {
                            t.set("Effect", "Allow");
                            t.items("Action", ACTIONS);
                            t.list("Resource", |t| {
                                t.value().template(|t| {
                                    t.expr(&subject.expr("aws_cloudwatch_log_group", "flow", "arn"));
                                    t.text(":*");
                                });
                            });
                        });
                    });
                });
            });
        });
        files.resource(&subject, "aws_flow_log", "", |b| {
            b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
            b.set("traffic_type", "ALL");
            b.set("log_destination_type", "cloud-watch-logs");
            b.expr("log_destination", &subject.expr("aws_cloudwatch_log_group", "flow", "arn"));
            b.expr("iam_role_arn", &subject.expr("aws_iam_role", "flow", "arn"));
            tags(b, &subject, Some(&name));
        });
    }
}
