//! How fast tapes are written and printed, on one thread: `cargo run --release -p purlin-targets --example print_speed`.

use std::hint::black_box;
use std::time::Instant;

use purlin_core::emit::Format;
use purlin_core::emit::tape::{Expr, Tape};
use purlin_targets::print::print;

/// Few, so that a round ends before the machine does something else.
const RESOURCES: usize = 1000;
const ROUNDS: usize = 100;

fn main() {
    measure("YAML deployment", Format::Yaml, deployment);
    measure("JSON deployment", Format::Json, deployment);
    measure("TOML deployment", Format::Toml, deployment);
    measure("HCL node group", Format::Hcl, node_group);
}

fn measure(what: &str, format: Format, build: fn(&mut Tape, &str)) {
    let names: Vec<String> = (0..RESOURCES).map(|n| format!("service-{n}")).collect();
    let (mut tape, mut out) = (Tape::default(), String::new());
    let (mut best_build, mut best_both) = (f64::MAX, f64::MAX);
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        best_build = best_build.min(seconds(|| {
            for name in &names {
                tape.clear();
                build(&mut tape, name);
                black_box(&tape);
            }
        }));
        bytes = 0;
        best_both = best_both.min(seconds(|| {
            for name in &names {
                tape.clear();
                build(&mut tape, name);
                out.clear();
                print(format, &tape, &mut out);
                bytes += black_box(&out).len();
            }
        }));
    }
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{what}: {megabytes:.2} MB; tape {:.0} MB/s, printer {:.0} MB/s, both {:.0} MB/s",
        megabytes / best_build,
        megabytes / (best_both - best_build),
        megabytes / best_both
    );
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn deployment(tape: &mut Tape, name: &str) {
    tape.comment(name);
    tape.map(|t| {
        t.set("apiVersion", "apps/v1");
        t.set("kind", "Deployment");
        t.map("metadata", |t| {
            t.set("name", name);
            t.pairs("labels", [("app.kubernetes.io/name", name), ("app.kubernetes.io/version", "1.10")]);
        });
        t.map("spec", |t| {
            t.set("replicas", 3);
            t.map("template", |t| {
                t.map("spec", |t| {
                    t.list("containers", |t| {
                        t.map(|t| {
                            t.set("name", "server");
                            t.set("image", format_args!("registry.example.com/team/{name}:v1.2.3"));
                            t.items("args", ["--port", "8080", "--log-level=info"]);
                            t.list("env", |t| {
                                for (key, value) in
                                    [("LOG_LEVEL", "info"), ("ENABLED", "yes"), ("PORT", "8080")]
                                {
                                    t.map(|t| {
                                        t.set("name", key);
                                        t.set("value", value);
                                    });
                                }
                            });
                            t.map("resources", |t| {
                                t.pairs("requests", [("cpu", "500m"), ("memory", "1Gi")]);
                                t.pairs("limits", [("memory", "1Gi"), ("nvidia.com/gpu", "8")]);
                            });
                        });
                    });
                });
            });
        });
    });
}

fn node_group(tape: &mut Tape, name: &str) {
    tape.comment(name);
    tape.block("resource", &["aws_eks_node_group", name], |b| {
        b.expr("cluster_name", "aws_eks_cluster.train.name");
        b.set("node_group_name", name);
        b.expr("node_role_arn", "aws_iam_role.node.arn");
        b.items("subnet_ids", [Expr("aws_subnet.a.id"), Expr("aws_subnet.b.id")]);
        b.items("instance_types", ["p5.48xlarge"]);
        b.set("ami_type", "AL2023_x86_64_NVIDIA");
        b.block("scaling_config", &[], |b| {
            b.set("desired_size", 4);
            b.set("max_size", 8);
            b.set("min_size", 0);
        });
        b.block("taint", &[], |b| {
            b.set("key", "nvidia.com/gpu");
            b.set("effect", "NO_SCHEDULE");
        });
        b.pairs("labels", [("vpc.amazonaws.com/efa.present", "true"), ("pool", name)]);
        b.pairs("tags", [("Name", name), ("purlin.dev/address", name)]);
    });
}
