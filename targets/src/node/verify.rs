//! `verify.sh`: compares a live node with what was compiled, field by field.

use std::fmt::Write as _;

use purlin_schema::View;
use purlin_schema::kinds::facts::FabricKind;
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::pools::{BeforeJoin, NcclTest};
use purlin_schema::units::Bandwidth;

use super::pool::Node;
use super::{mig, nodeadm};
use crate::run::quote;

/// What every script begins with: how a field is compared and told.
const PRELUDE: &str = r#"set -u

failed=0

told() {
    printf '%-8s %s: %s\n' "$1" "$2" "$3"
}

# what, expected, found
same() {
    if [ "$2" = "$3" ]; then
        told ok "$1" "$3"
    else
        told differs "$1" "expected $2, found ${3:-nothing}"
        failed=1
    fi
}

# what, least, found: numbers, fractions too
at_least() {
    if [ -n "$3" ] && awk -v least="$2" -v found="$3" 'BEGIN { exit !(found + 0 >= least + 0) }'; then
        told ok "$1" "$3"
    else
        told differs "$1" "expected at least $2, found ${3:-nothing}"
        failed=1
    fi
}

gpus() {
    nvidia-smi --query-gpu="$1" --format=csv,noheader,nounits 2>/dev/null
}
"#;

/// The whole script.
pub(super) fn script(node: &Node<'_>) -> String {
    let mut text = format!("#!/usr/bin/env bash\n# {}\n{PRELUDE}\n", node.resource.address());
    gpus(&mut text, node);
    driver(&mut text, node);
    slices(&mut text, node);
    fabric(&mut text, node);
    kernel(&mut text, node);
    services(&mut text, node);
    if let Some(before) = node.said.health().get().and_then(|health| health.before_join().get()) {
        health(&mut text, node, before);
    }
    text.push_str("exit \"$failed\"\n");
    text
}

/// One line of a script, whose words are quoted where a shell would read them.
fn line(text: &mut String, check: &str, what: &str, expect: &str, found: &str) {
    // Writing to a `String` has no error of its own.
    let _ = writeln!(text, "{check} {} {} \"$({found})\"", quote(what), quote(expect));
}

fn gpus(text: &mut String, node: &Node<'_>) {
    if let Some(count) = node.pool.gpus_per_node() {
        line(text, "same", "GPUs", &count.to_string(), "gpus index | wc -l | tr -d ' '");
    }
    let usable = node.pool.gpu.as_ref().and_then(|gpu| gpu.usable);
    if let Some(usable) = usable {
        let mebibytes = (usable.0 >> 20).to_string();
        line(
            text,
            "at_least",
            "memory of the smallest GPU in MiB",
            &mebibytes,
            "gpus memory.total | sort -n | head -n 1",
        );
    }
    line(
        text,
        "same",
        "persistence mode",
        "Enabled",
        "gpus persistence_mode | sort -u | tr '\\n' ' ' | sed 's/ $//'",
    );
}

fn driver(text: &mut String, node: &Node<'_>) {
    let Some(branch) = node.said.driver().get().and_then(|driver| driver.branch().get()) else { return };
    if branch.bytes().all(|byte| byte.is_ascii_digit()) {
        line(text, "same", "driver branch", branch, "gpus driver_version | cut -d . -f 1 | sort -u");
    }
}

fn slices(text: &mut String, node: &Node<'_>) {
    let cuts = mig::cuts(node);
    if cuts.is_empty() {
        if node.read.mig().is_absent() {
            line(text, "same", "GPUs cut by MIG", "0", "gpus mig.mode.current | grep -c -x Enabled");
        }
        return;
    }
    for (profile, count) in mig::slices_of_node(node, &cuts).into_iter().flatten() {
        let found = format!("nvidia-smi -L 2>/dev/null | grep -c -F {}", quote(&format!(" MIG {profile} ")));
        line(text, "same", &format!("slices {profile}"), &count.to_string(), &found);
    }
}

fn fabric(text: &mut String, node: &Node<'_>) {
    let Some(fabric) = node.pool.instance.as_ref().and_then(|instance| instance.fabric) else { return };
    let Some(ports) = fabric.ports else { return };
    let (what, driver) = match fabric.kind {
        FabricKind::Efa => ("EFA interfaces", "efa"),
        FabricKind::Infiniband => ("InfiniBand interfaces", "mlx5_core"),
        FabricKind::Roce => ("RoCE interfaces", "mlx5_core"),
        _ => return,
    };
    let found = format!(
        "for card in /sys/class/infiniband/*; do basename \"$(readlink -f \"$card/device/driver\")\"; done | grep -c -x {driver}"
    );
    line(text, "same", what, &ports.to_string(), &found);
}

fn kernel(text: &mut String, node: &Node<'_>) {
    let Some(profile) = node.nccl else { return };
    if let Some(least) = profile.hugepages {
        let found = "awk '/^HugePages_Total:/ { n = $2 } /^Hugepagesize:/ { k = $2 } END { print int(n * k / 1024) }' /proc/meminfo";
        line(text, "at_least", "huge pages in MiB", &(least.0 >> 20).to_string(), found);
    }
    if node.takes_cloud_init() {
        for (name, value) in &*profile.sysctl {
            let found = format!("sysctl -n {} 2>/dev/null | tr -s '\\t ' ' '", quote(name));
            line(text, "same", name, value, &found);
        }
    }
    for module in &*profile.modules {
        let found = format!("lsmod | cut -d ' ' -f 1 | grep -x {}", quote(&module.replace('-', "_")));
        line(text, "same", &format!("kernel module {module}"), &module.replace('-', "_"), &found);
    }
    if node.pool.fabric_ports().is_some() {
        let found = "systemctl show --property LimitMEMLOCK --value containerd.service";
        line(text, "same", "memory that containers may lock", "infinity", found);
    }
}

fn services(text: &mut String, node: &Node<'_>) {
    if nodeadm::config(node).is_some() && node.pool.gpus_per_node().is_some_and(|gpus| gpus > 1) {
        // Before the node joins there is no kubelet and no configuration of it.
        text.push_str("if [ -e /etc/kubernetes/kubelet/config.json ]; then\n");
        for (field, value) in [("cpuManagerPolicy", "static"), ("topologyManagerPolicy", "best-effort")] {
            let found = format!(
                "cat /etc/kubernetes/kubelet/config.json /etc/kubernetes/kubelet/config.json.d/*.conf 2>/dev/null | \
                 tr ',{{}}' '\\n' | sed -n 's/^[[:space:]]*\"{field}\": *\"\\(.*\\)\"$/\\1/p' | tail -n 1"
            );
            text.push_str("    ");
            line(text, "same", field, value, &found);
        }
        text.push_str("fi\n");
    }
    let instance = node.pool.instance.as_ref();
    let operator = node.operator && node.pool.provider == Some(Provider::OnPremises);
    if instance.and_then(|instance| instance.fabric_manager) == Some(true) && !operator {
        let found = "systemctl is-active nvidia-fabricmanager.service";
        line(text, "same", "fabric manager", "active", found);
    }
}

fn health(text: &mut String, node: &Node<'_>, before: View<'_, BeforeJoin>) {
    if let Some(level) = before.dcgm().get() {
        let _ = writeln!(
            text,
            "if command -v dcgmi >/dev/null; then\n    if dcgmi diag -r {level} >/dev/null; then\n        \
             told ok 'DCGM diagnostics' 'level {level}'\n    else\n        \
             told differs 'DCGM diagnostics' 'level {level} failed'\n        failed=1\n    fi\nelse\n    \
             told unknown 'DCGM diagnostics' 'dcgmi is not installed'\nfi"
        );
    }
    let (Some(measured), Some(least)) = (before.nccl().get(), before.min_bus_bandwidth().get()) else {
        return;
    };
    collective(text, node, measured, least);
    if let Some(least) = before.min_pair_bandwidth().get() {
        pair(text, node, measured, least);
    }
}

/// The same together with the neighbour that the script is given, over the network: a rank a GPU.
fn pair(text: &mut String, node: &Node<'_>, measured: NcclTest, least: Bandwidth) {
    let program = program(measured);
    let Some(gpus) = node.pool.gpus_per_node() else { return };
    let (least, ranks) = (least.gb_per_second(), gpus.saturating_mul(2));
    let _ = writeln!(
        text,
        "if [ -z \"${{1:-}}\" ]; then\n    \
         told unknown 'bus bandwidth of {program} with a neighbour' 'name one: verify.sh HOST'\n\
         elif command -v mpirun >/dev/null && command -v {program} >/dev/null; then\n    \
         at_least 'bus bandwidth of {program} with a neighbour in GB/s' {least} \\\n        \
         \"$(mpirun --allow-run-as-root -np {ranks} --host \"$(hostname):{gpus},$1:{gpus}\" \\\n            \
         {program} -b 8G -e 8G -g 1 2>/dev/null | awk '/^# Avg bus bandwidth/ {{ print $NF }}')\"\nelse\n    \
         told unknown 'bus bandwidth of {program} with a neighbour' 'mpirun or {program} is not installed'\nfi"
    );
}

fn program(measured: NcclTest) -> &'static str {
    match measured {
        NcclTest::AllReduce => "all_reduce_perf",
        NcclTest::AllGather => "all_gather_perf",
        NcclTest::ReduceScatter => "reduce_scatter_perf",
        NcclTest::AllToAll => "alltoall_perf",
    }
}

/// One large message: its bus bandwidth is the average that nccl-tests print, in GB/s.
fn collective(text: &mut String, node: &Node<'_>, measured: NcclTest, least: Bandwidth) {
    let program = program(measured);
    let Some(gpus) = node.pool.gpus_per_node() else { return };
    let least = least.gb_per_second();
    let _ = writeln!(
        text,
        "if command -v {program} >/dev/null; then\n    \
         at_least 'bus bandwidth of {program} in GB/s' {least} \\\n        \
         \"$({program} -b 8G -e 8G -g {gpus} 2>/dev/null | awk '/^# Avg bus bandwidth/ {{ print $NF }}')\"\nelse\n    \
         told unknown 'bus bandwidth of {program}' '{program} is not installed'\nfi"
    );
}
