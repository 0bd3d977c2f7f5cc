//! The files of a pool beside its script.

use purlin_core::emit::{Format, Tape};

use super::pool::Node;
use super::{Content, counters, mig, nodeadm, verify};
use crate::print::print;

/// Where the script lies on a node.
const SCRIPT: &str = "/usr/local/sbin/purlin-verify";

/// Every file of a pool, by name.
pub(super) fn all(node: &Node<'_>) -> Vec<(&'static str, Content)> {
    let mut files = Vec::new();
    if node.takes_cloud_init() {
        files.push(("cloud-init.yaml", Content::Text(cloud_init(node))));
    }
    if let Some(config) = nodeadm::config(node) {
        files.push(("nodeconfig.yaml", Content::Yaml(config)));
    }
    for (name, _, text) in placed(node) {
        files.push((name, Content::Text(text)));
    }
    if !node.image_brings_driver() {
        files.push(("nvidia.toml", Content::Toml(toolkit(node))));
    }
    let cuts = mig::cuts(node);
    if !cuts.is_empty() {
        files.push(("mig-parted.yaml", Content::Yaml(mig::file(node, &cuts))));
    }
    files.push(("dcgm-counters.csv", Content::Text(counters::file(node))));
    files
}

/// Files that cloud-init puts in place: name, path on the node, text.
fn placed(node: &Node<'_>) -> Vec<(&'static str, &'static str, String)> {
    let mut files = Vec::new();
    let mut add = |name, path, lines: Vec<String>| {
        if !lines.is_empty() {
            files.push((name, path, format!("# {}\n{}\n", node.resource.address(), lines.join("\n"))));
        }
    };
    add("nccl.conf", "/etc/nccl.conf", nccl(node));
    add("sysctl.conf", "/etc/sysctl.d/90-purlin.conf", sysctl(node));
    add("limits.conf", "/etc/security/limits.d/90-purlin.conf", limits(node));
    add(
        "containerd-limits.conf",
        "/etc/systemd/system/containerd.service.d/90-purlin.conf",
        containers(node),
    );
    add("modules.conf", "/etc/modules-load.d/purlin.conf", modules(node));
    add("modprobe.conf", "/etc/modprobe.d/purlin.conf", modprobe(node));
    if node.verifies_before_join() {
        files.push(("purlin-verify.service", "/etc/systemd/system/purlin-verify.service", unit(node)));
    }
    files.push(("verify.sh", SCRIPT, verify::script(node)));
    files
}

/// Variables that NCCL reads from its file: those of the image and of jobs, without what the network plugin sets itself.
fn nccl(node: &Node<'_>) -> Vec<String> {
    let Some(profile) = node.nccl else { return Vec::new() };
    let own = |name: &str| profile.sets.iter().any(|(set, _)| *set == name);
    let asked = profile.conf.iter().chain(profile.env.iter());
    let asked = asked.filter(|(name, _)| name.starts_with("NCCL_") && !own(name));
    let mut lines: Vec<String> = asked.map(|(name, value)| format!("{name}={value}")).collect();
    if !profile.sets.is_empty() {
        let names: Vec<&str> = profile.sets.iter().map(|(name, _)| *name).collect();
        let plugin = profile.plugin.unwrap_or("the network plugin");
        lines.insert(0, format!("# {plugin} sets by itself: {}", names.join(" ")));
    }
    lines
}

fn sysctl(node: &Node<'_>) -> Vec<String> {
    let Some(profile) = node.nccl else { return Vec::new() };
    profile.sysctl.iter().map(|(name, value)| format!("{name} = {value}")).collect()
}

/// The profile's limits; where it states none, RDMA's: memory that a network card reaches stays where it is.
fn limits(node: &Node<'_>) -> Vec<String> {
    let stated: &[(&str, &str)] = match node.nccl {
        Some(profile) if !profile.limits.is_empty() => &profile.limits,
        _ if node.pool.fabric_ports().is_some() => &[("memlock", "unlimited")],
        _ => &[],
    };
    let lines = stated
        .iter()
        .flat_map(|(name, value)| ["soft", "hard"].map(|kind| format!("* {kind} {name} {value}")));
    lines.collect()
}

/// Containers have the limits of the daemon that starts them, whatever the machine's own are.
fn containers(node: &Node<'_>) -> Vec<String> {
    if node.pool.fabric_ports().is_none() || !node.takes_cloud_init() {
        return Vec::new();
    }
    vec!["[Service]".to_owned(), "LimitMEMLOCK=infinity".to_owned()]
}

fn modules(node: &Node<'_>) -> Vec<String> {
    node.nccl.map_or(Vec::new(), |profile| profile.modules.iter().map(|name| (*name).to_owned()).collect())
}

/// CUDA 13 and address randomisation do not go together with heterogeneous memory management (CUDA 13.1 release notes).
fn modprobe(node: &Node<'_>) -> Vec<String> {
    if node.cuda() == Some(13) { vec!["options nvidia_uvm uvm_disable_hmm=1".to_owned()] } else { Vec::new() }
}

/// The node takes no work before it is what was compiled: where the script fails, the kubelet does not start.
fn unit(node: &Node<'_>) -> String {
    let fabric = node.pool.instance.as_ref().and_then(|instance| instance.fabric_manager) == Some(true);
    let after = if fabric { " nvidia-fabricmanager.service" } else { "" };
    format!(
        "# {}\n[Unit]\nDescription=Compare this node with what was compiled\nAfter=nvidia-persistenced.service{after}\n\
         Before=kubelet.service\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart={SCRIPT}\n\
         TimeoutStartSec=infinity\n\n[Install]\nRequiredBy=kubelet.service\n",
        node.resource.address()
    )
}

/// Containers get GPUs by name, through the container device interface, and by no variable of their image.
fn toolkit(node: &Node<'_>) -> Tape {
    let mut tape = Tape::default();
    tape.comment(&node.resource.address());
    tape.map(|t| {
        t.set("accept-nvidia-visible-devices-envvar-when-unprivileged", false);
        t.set("accept-nvidia-visible-devices-as-volume-mounts", true);
        t.map("nvidia-container-runtime", |t| {
            t.set("mode", "cdi");
            t.map("modes", |t| {
                t.map("cdi", |t| {
                    t.set("default-kind", "nvidia.com/gpu");
                    t.items("spec-dirs", ["/etc/cdi", "/var/run/cdi"]);
                });
            });
        });
    });
    tape
}

/// The files of a node and what makes the kernel read them.
pub(super) fn cloud_init(node: &Node<'_>) -> String {
    let mut tape = Tape::default();
    tape.comment(&node.resource.address());
    let placed = placed(node);
    tape.map(|t| {
        t.list("write_files", |t| {
            for (_, path, text) in &placed {
                t.map(|t| {
                    t.set("path", *path);
                    t.set("owner", "root:root");
                    t.set("permissions", if *path == SCRIPT { "0755" } else { "0644" });
                    t.set("content", text);
                });
            }
        });
        t.list("runcmd", |t| {
            let mut run = |words: &[&str]| {
                t.list(|t| {
                    for word in words {
                        t.item(*word);
                    }
                });
            };
            run(&["sysctl", "--system"]);
            if placed.iter().any(|(name, ..)| *name == "modules.conf") {
                run(&["systemctl", "restart", "systemd-modules-load.service"]);
            }
            if placed.iter().any(|(_, path, _)| path.starts_with("/etc/systemd/")) {
                run(&["systemctl", "daemon-reload"]);
            }
            if node.verifies_before_join() {
                run(&["systemctl", "enable", "--now", "purlin-verify.service"]);
            }
        });
    });
    // cloud-init knows its files by this first line.
    let mut text = String::new();
    print(Format::Yaml, &tape, &mut text);
    format!("#cloud-config\n{text}")
}
