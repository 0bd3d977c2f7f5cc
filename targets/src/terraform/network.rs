//! `network.tf`: the VPC, a subnet a zone, the way out or the endpoints inside; data sources for somebody else's.

use purlin_core::emit::tape::{Body, Expr};
use purlin_core::{Resource, ResourceId};
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::Network;
use purlin_schema::units::Cidr;
use purlin_schema::value::Value;

use super::files::{Files, Say, Subject, id, id_text, scalar, tags};
use super::layout::Scope;

/// Subnets are eighths of the range: one a zone, the last one for what is public. A zone that is added moves none.
const SUBNET_BITS: u8 = 3;
/// Public subnets are sixteenths of the last eighth: gateways and load balancers need few addresses.
const PUBLIC_BITS: u8 = 4;
/// The smallest subnet of AWS.
const LONGEST_PREFIX: u8 = 28;

/// Services that nodes without a way out reach through endpoints: what EKS needs of a private cluster
/// (EKS user guide, "Deploy private clusters with limited internet access"), and secrets.
const ENDPOINTS: [&str; 12] = [
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "ssm",
    "sts",
];

/// The subnets of a placement: each by itself, or one expression for a list of them.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Subnets {
    Each(Vec<Say>),
    All(String),
}

impl Subnets {
    pub(super) fn write(&self, b: &mut Body<'_>, key: &str) {
        match self {
            Subnets::Each(ids) => b.items(key, ids),
            Subnets::All(list) => b.expr(key, list),
        };
    }

    /// The first of them.
    pub(super) fn first(&self) -> Option<Say> {
        match self {
            Subnets::Each(ids) => ids.first().cloned(),
            Subnets::All(list) => Some(Say::Expr(format!("{list}[0]"))),
        }
    }
}

/// A network as others refer to it.
pub(super) struct Net<'a> {
    id: ResourceId,
    pub(super) resource: &'a Resource,
    view: View<'a, Network>,
    subject: Subject<'a>,
}

impl<'a> Net<'a> {
    pub(super) fn of(scope: &Scope<'a>, id: ResourceId) -> Option<Self> {
        let resource = scope.sound().graph().get(id)?;
        let view = scope.sound().view::<Network>(id)?;
        Some(Net { id, resource, view, subject: Subject::of(resource, view) })
    }

    fn made(&self) -> bool {
        self.view.existing().is_empty()
    }

    /// The VPC's id.
    pub(super) fn vpc(&self, scope: &Scope<'_>) -> Option<String> {
        let local = if self.made() {
            self.subject.expr("aws_vpc", "", "id")
        } else if id_text(self.view.existing(), "vpc").is_some() {
            self.subject.expr("data.aws_vpc", "", "id")
        } else {
            self.subject.expr("data.aws_subnet", "1", "vpc_id")
        };
        scope.reach(self.id, local, &self.output("vpc_id"))
    }

    /// The VPC's range of addresses.
    pub(super) fn cidr(&self, scope: &Scope<'_>) -> Option<String> {
        let kind = if self.made() { "aws_vpc" } else { "data.aws_vpc" };
        scope.reach(self.id, self.subject.expr(kind, "", "cidr_block"), &self.output("cidr_block"))
    }

    /// Private subnets: those of one zone, or all.
    pub(super) fn subnets(&self, scope: &Scope<'_>, zone: Option<&str>) -> Option<Subnets> {
        let reach = |local: String, part: &str| {
            scope.reach(self.id, local, &self.output(&format!("subnet_{part}"))).map(Say::Expr)
        };
        if self.made() {
            let zones = self.zones().into_iter().filter(|has| zone.is_none_or(|zone| zone == *has));
            let ids: Option<Vec<Say>> = zones
                .map(|zone| reach(self.subject.expr("aws_subnet", &part(zone), "id"), &part(zone)))
                .collect();
            return ids.filter(|ids| !ids.is_empty()).map(Subnets::Each);
        }
        let parts = self.existing_parts();
        let all = match zone {
            Some(zone) if self.zones().is_empty() => {
                let local = self.subject.expr("data.aws_subnets", &part(zone), "ids");
                return scope
                    .reach(self.id, local, &self.output(&format!("subnets_{}", part(zone))))
                    .map(Subnets::All);
            }
            None if parts.is_empty() => {
                let local = self.subject.expr("data.aws_subnets", "", "ids");
                return scope.reach(self.id, local, &self.output("subnets")).map(Subnets::All);
            }
            Some(zone) => parts.into_iter().filter(|(part_of, _)| *part_of == part(zone)).collect(),
            None => parts,
        };
        let ids: Option<Vec<Say>> = all
            .iter()
            .map(|(part, _)| reach(self.subject.expr("data.aws_subnet", part, "id"), part))
            .collect();
        ids.filter(|ids| !ids.is_empty()).map(Subnets::Each)
    }

    fn zones(&self) -> Vec<&'a str> {
        self.view.zones().values().collect()
    }

    /// Somebody else's subnets: by zone where as many zones are said, else by number.
    fn existing_parts(&self) -> Vec<(String, String)> {
        let subnets = match id(self.view.existing(), "subnets") {
            Some(Value::List(elements)) => {
                elements.iter().filter_map(|element| scalar(&element.value)).collect()
            }
            Some(one) => scalar(one).into_iter().collect::<Vec<String>>(),
            None => Vec::new(),
        };
        let zones = self.zones();
        let named = zones.len() == subnets.len();
        let part_of = |n: usize| if named { part(zones[n]) } else { (n + 1).to_string() };
        subnets.into_iter().enumerate().map(|(n, subnet)| (part_of(n), subnet)).collect()
    }

    fn output(&self, what: &str) -> String {
        format!("network_{}_{what}", self.subject.label(""))
    }
}

/// A zone as a part of a label.
fn part(zone: &str) -> String {
    zone.replace('-', "_")
}

/// Every network of this root. `zones`: the zones in which somebody asks for subnets.
pub(super) fn write(scope: &Scope<'_>, files: &mut Files<'_>, zones: &[(ResourceId, String)]) {
    files.file("network.tf");
    for (resource, _) in scope.sound().all::<Network>() {
        if scope.layout.home(resource.id) != Some(scope.home) {
            continue;
        }
        let Some(net) = Net::of(scope, resource.id) else { continue };
        if net.made() {
            made(scope, files, &net);
        } else {
            let asked =
                zones.iter().filter(|(network, _)| *network == resource.id).map(|(_, zone)| zone.as_str());
            existing(files, &net, asked.collect());
        }
    }
}

fn existing(files: &mut Files<'_>, net: &Net<'_>, zones: Vec<&str>) {
    let vpc = id_text(net.view.existing(), "vpc");
    if let Some(vpc) = &vpc {
        files.data(&net.subject, "aws_vpc", "", |b| {
            b.set("id", vpc.as_str());
        });
    }
    let parts = net.existing_parts();
    for (part, subnet) in &parts {
        files.data(&net.subject, "aws_subnet", part, |b| {
            b.set("id", subnet.as_str());
        });
    }
    let filter = |b: &mut Body<'_>, name: &str, values: &[String]| {
        b.block("filter", &[], |b| {
            b.set("name", name);
            b.items("values", values);
        });
    };
    if parts.is_empty() {
        files.data(&net.subject, "aws_subnets", "", |b| {
            filter(b, "vpc-id", &vpc.clone().into_iter().collect::<Vec<_>>());
        });
    }
    if net.zones().is_empty() {
        for zone in zones {
            files.data(&net.subject, "aws_subnets", &part(zone), |b| {
                let subnets: Vec<String> = parts.iter().map(|(_, subnet)| subnet.clone()).collect();
                if subnets.is_empty() {
                    filter(b, "vpc-id", &vpc.clone().into_iter().collect::<Vec<_>>());
                } else {
                    filter(b, "subnet-id", &subnets);
                }
                filter(b, "availability-zone", &[zone.to_owned()]);
            });
        }
    }
}

fn made(scope: &Scope<'_>, files: &mut Files<'_>, net: &Net<'_>) {
    let (subject, view) = (&net.subject, net.view);
    let name = scope.layout.name(purlin_core::compose::AWS_NAME, &[net.resource.name.as_str()]);
    let Some(cidr) = view.cidr().get() else {
        return scope.layout.loss(net.resource, "cidr", "without a range of addresses no network is written");
    };
    files.resource(subject, "aws_vpc", "", |b| {
        b.set("cidr_block", cidr.as_str()).from(view.cidr().span());
        b.set("enable_dns_support", true);
        b.set("enable_dns_hostnames", true);
        tags(b, subject, Some(&name));
    });
    let private = view.private().get().unwrap_or(false);
    // The proxy itself is for the nodes to say: here it decides only that there is no gateway.
    let egress = View::<Network>::of(&net.resource.record).egress().get();
    let gateways = egress.is_none_or(|egress| egress.proxy().is_absent());
    let zones = numbered(&net.zones());
    if zones.iter().any(|(_, number)| subnet(cidr, *number).is_none()) {
        scope.layout.loss(
            net.resource,
            "zones",
            "the range is too small for a subnet a zone, or has too many zones",
        );
    }
    for (zone, number) in &zones {
        private_subnet(files, net, &name, zone, subnet(cidr, *number));
        if gateways {
            public_subnet(files, net, &name, zone, public(cidr, *number));
        }
    }
    if gateways {
        gateway(files, net, &name, &zones);
    }
    endpoints(scope, files, net, &name, private, &zones);
}

/// Zones with numbers that stay when others come and go: `us-east-2c` is the third, whichever zones stand before it.
fn numbered<'a>(zones: &[&'a str]) -> Vec<(&'a str, u32)> {
    let letters: Vec<u32> = zones
        .iter()
        .map(|zone| zone.bytes().last().map_or(0, u32::from).wrapping_sub(u32::from(b'a')))
        .collect();
    let fit = letters.iter().enumerate().all(|(n, letter)| *letter < 7 && !letters[..n].contains(letter));
    zones.iter().enumerate().map(|(n, zone)| (*zone, if fit { letters[n] } else { n as u32 })).collect()
}

/// The private subnet of a zone; none where the range is too small, or the zones are too many.
fn subnet(cidr: Cidr, number: u32) -> Option<Cidr> {
    let prefix = cidr.prefix() + SUBNET_BITS;
    if number > 6 || prefix > LONGEST_PREFIX { None } else { cidr.part(prefix, number) }
}

fn public(cidr: Cidr, number: u32) -> Option<Cidr> {
    let last = cidr.part(cidr.prefix() + SUBNET_BITS, 7)?;
    let prefix = (last.prefix() + PUBLIC_BITS).min(LONGEST_PREFIX);
    last.part(prefix, number)
}

fn private_subnet(files: &mut Files<'_>, net: &Net<'_>, name: &str, zone: &str, range: Option<Cidr>) {
    let (subject, part) = (&net.subject, part(zone));
    files.resource(subject, "aws_subnet", &part, |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        b.set("availability_zone", zone);
        b.maybe("cidr_block", range.map(Cidr::as_str));
        tags(b, subject, Some(&format!("{name}-{zone}")));
    });
    files.resource(subject, "aws_route_table", &part, |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        tags(b, subject, Some(&format!("{name}-{zone}")));
    });
    association(files, subject, &part, &part);
}

fn association(files: &mut Files<'_>, subject: &Subject<'_>, part: &str, table: &str) {
    files.resource(subject, "aws_route_table_association", part, |b| {
        b.expr("subnet_id", &subject.expr("aws_subnet", part, "id"));
        b.expr("route_table_id", &subject.expr("aws_route_table", table, "id"));
    });
}

fn public_subnet(files: &mut Files<'_>, net: &Net<'_>, name: &str, zone: &str, range: Option<Cidr>) {
    let (subject, part) = (&net.subject, format!("public_{}", part(zone)));
    files.resource(subject, "aws_subnet", &part, |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        b.set("availability_zone", zone);
        b.maybe("cidr_block", range.map(Cidr::as_str));
        tags(b, subject, Some(&format!("{name}-public-{zone}")));
    });
    association(files, subject, &part, "public");
}

/// The internet's gateway, and one for address translation a zone: no zone depends on another one.
fn gateway(files: &mut Files<'_>, net: &Net<'_>, name: &str, zones: &[(&str, u32)]) {
    let subject = &net.subject;
    files.resource(subject, "aws_internet_gateway", "", |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        tags(b, subject, Some(name));
    });
    files.resource(subject, "aws_route_table", "public", |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        tags(b, subject, Some(&format!("{name}-public")));
    });
    files.resource(subject, "aws_route", "public", |b| {
        b.expr("route_table_id", &subject.expr("aws_route_table", "public", "id"));
        b.set("destination_cidr_block", "0.0.0.0/0");
        b.expr("gateway_id", &subject.expr("aws_internet_gateway", "", "id"));
    });
    for (zone, _) in zones {
        let part = part(zone);
        files.resource(subject, "aws_eip", &part, |b| {
            b.set("domain", "vpc");
            tags(b, subject, Some(&format!("{name}-{zone}")));
        });
        files.resource(subject, "aws_nat_gateway", &part, |b| {
            b.expr("allocation_id", &subject.expr("aws_eip", &part, "id"));
            b.expr("subnet_id", &subject.expr("aws_subnet", &format!("public_{part}"), "id"));
            tags(b, subject, Some(&format!("{name}-{zone}")));
            b.items("depends_on", [Expr(format!("aws_internet_gateway.{}", subject.label("")))]);
        });
        files.resource(subject, "aws_route", &part, |b| {
            b.expr("route_table_id", &subject.expr("aws_route_table", &part, "id"));
            b.set("destination_cidr_block", "0.0.0.0/0");
            b.expr("nat_gateway_id", &subject.expr("aws_nat_gateway", &part, "id"));
        });
    }
}

/// S3 without a way through a gateway that costs by the byte; the other services where there is no way out at all.
fn endpoints(
    scope: &Scope<'_>,
    files: &mut Files<'_>,
    net: &Net<'_>,
    name: &str,
    private: bool,
    zones: &[(&str, u32)],
) {
    let subject = &net.subject;
    let each = |kind: &str| -> Vec<Expr<String>> {
        zones.iter().map(|(zone, _)| Expr(subject.expr(kind, &part(zone), "id"))).collect()
    };
    files.resource(subject, "aws_vpc_endpoint", "s3", |b| {
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        b.set("service_name", format_args!("com.amazonaws.{}.s3", scope.region()));
        b.set("vpc_endpoint_type", "Gateway");
        b.items("route_table_ids", each("aws_route_table"));
        tags(b, subject, Some(&format!("{name}-s3")));
    });
    if !private {
        return;
    }
    files.resource(subject, "aws_security_group", "endpoints", |b| {
        b.set("name", format_args!("{name}-endpoints"));
        b.set("description", "Endpoints of AWS services, from inside the network");
        b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
        tags(b, subject, Some(&format!("{name}-endpoints")));
    });
    files.resource(subject, "aws_vpc_security_group_ingress_rule", "endpoints", |b| {
        b.expr("security_group_id", &subject.expr("aws_security_group", "endpoints", "id"));
        b.expr("cidr_ipv4", &subject.expr("aws_vpc", "", "cidr_block"));
        b.set("ip_protocol", "tcp");
        b.set("from_port", 443);
        b.set("to_port", 443);
    });
    for service in ENDPOINTS {
        let part = service.replace(['.', '-'], "_");
        files.resource(subject, "aws_vpc_endpoint", &part, |b| {
            b.expr("vpc_id", &subject.expr("aws_vpc", "", "id"));
            b.set("service_name", format_args!("com.amazonaws.{}.{service}", scope.region()));
            b.set("vpc_endpoint_type", "Interface");
            b.set("private_dns_enabled", true);
            b.items("subnet_ids", each("aws_subnet"));
            b.items("security_group_ids", [Expr(subject.expr("aws_security_group", "endpoints", "id"))]);
            tags(b, subject, Some(&format!("{name}-{service}")));
        });
    }
}

/// What other roots of the cloud need of the networks of the account's root.
pub(super) fn outputs(scope: &Scope<'_>, files: &mut Files<'_>, zones: &[(ResourceId, String)]) {
    for (resource, _) in scope.sound().all::<Network>() {
        if scope.layout.home(resource.id) != Some(scope.home) {
            continue;
        }
        let Some(net) = Net::of(scope, resource.id) else { continue };
        let asked: Vec<&str> = zones
            .iter()
            .filter(|(network, _)| *network == resource.id)
            .map(|(_, zone)| zone.as_str())
            .collect();
        write_outputs(scope, files, &net, &asked);
    }
}

fn write_outputs(scope: &Scope<'_>, files: &mut Files<'_>, net: &Net<'_>, zones: &[&str]) {
    if let Some(vpc) = net.vpc(scope) {
        files.output(&net.subject, &net.output("vpc_id"), &vpc);
    }
    if net.made() || id_text(net.view.existing(), "vpc").is_some() {
        let kind = if net.made() { "aws_vpc" } else { "data.aws_vpc" };
        files.output(&net.subject, &net.output("cidr_block"), &net.subject.expr(kind, "", "cidr_block"));
    }
    let own: Vec<String> = net.zones().iter().map(|zone| part(zone)).collect();
    let (kind, parts) = if net.made() {
        ("aws_subnet", own)
    } else {
        ("data.aws_subnet", net.existing_parts().into_iter().map(|(part, _)| part).collect())
    };
    for part in &parts {
        files.output(
            &net.subject,
            &net.output(&format!("subnet_{part}")),
            &net.subject.expr(kind, part, "id"),
        );
    }
    if !net.made() {
        let by_zone = if net.zones().is_empty() { zones } else { &[] };
        for zone in by_zone {
            let part = part(zone);
            let ids = net.subject.expr("data.aws_subnets", &part, "ids");
            files.output(&net.subject, &net.output(&format!("subnets_{part}")), &ids);
        }
        if parts.is_empty() {
            files.output(
                &net.subject,
                &net.output("subnets"),
                &net.subject.expr("data.aws_subnets", "", "ids"),
            );
        }
    }
}
