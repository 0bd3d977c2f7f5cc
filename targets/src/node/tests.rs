use std::collections::BTreeMap;

use purlin_core::emit::collect::{self, Artifact, Receiver};
use purlin_core::{MemoryWorld, Options, Serial, compile};

use super::*;
use crate::print::print;

/// A platform with one pool; `pool` stands in its block.
fn project(pool: &str) -> String {
    format!(
        r#"platform acme {{ organisation acme; currency USD }}
team research
cloud aws provider=aws account="123456789012" region=us-east-2
network core cloud=aws cidr="10.0.0.0/16"
cluster train {{ cloud aws; network core; kubernetes "1.35"; components {{ gpu-operator "26.7.0" }} }}
gpu-pool pool cluster=train {{
{pool}
}}"#
    )
}

#[derive(Default)]
struct Kept(BTreeMap<String, String>);

impl Receiver for Kept {
    fn file(&mut self, file: &Artifact<'_>) {
        self.0.insert(file.path.to_owned(), file.text.to_owned());
    }
}

#[track_caller]
fn emitted(pool: &str) -> BTreeMap<String, String> {
    emitted_of(&project(pool))
}

#[track_caller]
fn emitted_of(project: &str) -> BTreeMap<String, String> {
    let session = compile(&MemoryWorld::of(project), Options::default(), &Serial).unwrap();
    let mut kept = Kept::default();
    let emission = collect::emit(&session, 0, &[], &[&Nodes], print, &mut kept);
    assert!(emission.is_some());
    kept.0
}

/// Every line is in the file; `!line` is not.
#[track_caller]
fn check(pool: &str, file: &str, expect: &[&str]) {
    let files = emitted(pool);
    let path = format!("node/pool/{file}");
    let Some(text) = files.get(&path) else { panic!("no {path}: {:?}", files.keys()) };
    for line in expect {
        let (wanted, line) = line.strip_prefix('!').map_or((true, *line), |line| (false, line));
        let has = text.lines().any(|have| have.trim() == line);
        assert_eq!(has, wanted, "`{line}` in\n{text}");
    }
}

const H100: &str = r#"instance p5.48xlarge
nodes 4
driver "580"
cuda "13.0"
health { before-join dcgm=3 nccl=all-reduce min-bus-bandwidth="420GB/s" }"#;

const CUT: &str = r#"instance p4d.24xlarge
nodes 1
driver "580"
mig mixed {
    layout small { devices 0 1; profile "1g.5gb" count=7 }
    layout large { devices 2 3 4 5 6; profile "3g.20gb" count=2 }
}"#;

#[test]
fn the_script_compares_gpus_driver_and_interfaces() {
    let expect = [
        "same GPUs 8 \"$(gpus index | wc -l | tr -d ' ')\"",
        "same 'driver branch' 580 \"$(gpus driver_version | cut -d . -f 1 | sort -u)\"",
        "same 'fabric manager' active \"$(systemctl is-active nvidia-fabricmanager.service)\"",
    ];
    check(H100, "verify.sh", &expect);
    let script = emitted(H100).remove("node/pool/verify.sh").unwrap_or_default();
    assert!(script.contains("same 'EFA interfaces' 32 "), "{script}");
}

#[test]
fn the_script_measures_the_collective_that_health_asks() {
    let expect = ["at_least 'bus bandwidth of all_reduce_perf in GB/s' 420 \\"];
    check(H100, "verify.sh", &expect);
}

#[test]
fn the_script_measures_with_a_neighbour_when_it_is_given_one() {
    let pool = H100.replace(
        "min-bus-bandwidth=\"420GB/s\"",
        "min-bus-bandwidth=\"420GB/s\" min-pair-bandwidth=\"320GB/s\"",
    );
    let expect = [
        "told unknown 'bus bandwidth of all_reduce_perf with a neighbour' 'name one: verify.sh HOST'",
        "at_least 'bus bandwidth of all_reduce_perf with a neighbour in GB/s' 320 \\",
        "\"$(mpirun --allow-run-as-root -np 16 --host \"$(hostname):8,$1:8\" \\",
    ];
    check(&pool, "verify.sh", &expect);
    let script = emitted(&pool).remove("node/pool/verify.sh").unwrap_or_default();
    for (program, arguments) in [("bash", ["-n"]), ("shellcheck", ["-"])] {
        if let Some((passed, told)) = tool(program, &arguments, &script) {
            assert!(passed, "{told}\n{script}");
        }
    }
}

#[test]
fn cores_are_given_out_near_their_gpus_and_compared() {
    check(H100, "nodeconfig.yaml", &["cpuManagerPolicy: static", "topologyManagerPolicy: best-effort"]);
    let script = emitted(H100).remove("node/pool/verify.sh").unwrap_or_default();
    assert!(script.contains("    same cpuManagerPolicy static \""), "{script}");
    let single = emitted("instance g6e.4xlarge\nnodes 1");
    assert!(!single.contains_key("node/pool/nodeconfig.yaml"));
}

#[test]
fn containers_may_lock_their_memory() {
    check(H100, "containerd-limits.conf", &["[Service]", "LimitMEMLOCK=infinity"]);
}

#[test]
fn nccl_is_told_nothing_that_its_plugin_sets_itself() {
    let expect = ["NCCL_SOCKET_IFNAME=^docker,lo,veth", "!NCCL_BUFFSIZE=8388608"];
    check(H100, "nccl.conf", &expect);
}

#[test]
fn cuda_13_does_without_heterogeneous_memory_management() {
    check(H100, "modprobe.conf", &["options nvidia_uvm uvm_disable_hmm=1"]);
}

#[test]
fn a_node_with_a_fabric_may_lock_its_memory() {
    check(H100, "limits.conf", &["* hard memlock unlimited"]);
}

#[test]
fn a_node_takes_no_work_before_it_is_verified() {
    check(H100, "purlin-verify.service", &["Before=kubelet.service", "RequiredBy=kubelet.service"]);
    check(H100, "cloud-init.yaml", &["#cloud-config", "- path: /usr/local/sbin/purlin-verify"]);
}

#[test]
fn a_node_whose_slices_are_cut_in_the_cluster_joins_first() {
    let pool = format!("{CUT}\nhealth {{ before-join dcgm=1 }}");
    assert!(!emitted(&pool).contains_key("node/pool/purlin-verify.service"));
}

#[test]
fn devices_that_no_layout_names_stay_whole() {
    let expect = ["1g.5gb: 7", "3g.20gb: 2", "mig-enabled: false", "- 7"];
    check(CUT, "mig-parted.yaml", &expect);
}

#[test]
fn the_script_counts_slices_over_all_devices() {
    let expect = [
        "same 'slices 1g.5gb' 14 \"$(nvidia-smi -L 2>/dev/null | grep -c -F ' MIG 1g.5gb ')\"",
        "same 'slices 3g.20gb' 10 \"$(nvidia-smi -L 2>/dev/null | grep -c -F ' MIG 3g.20gb ')\"",
    ];
    check(CUT, "verify.sh", &expect);
}

#[test]
fn one_profile_is_cut_as_often_as_it_fits() {
    let pool = "instance p4d.24xlarge\nnodes 1\nmig single profile=\"1g.5gb\"";
    check(pool, "mig-parted.yaml", &["- devices: all", "1g.5gb: 7"]);
}

#[test]
fn own_machines_get_a_container_toolkit_and_no_gate_before_the_operator() {
    let own = project(H100)
        .replace("provider=aws account=\"123456789012\" region=us-east-2", "provider=on-premises");
    let files = emitted_of(&own);
    assert!(!files.contains_key("node/pool/purlin-verify.service"));
    let toolkit = &files["node/pool/nvidia.toml"];
    let table: toml::Table = toolkit.parse().unwrap();
    assert_eq!(table["nvidia-container-runtime"]["mode"].as_str(), Some("cdi"), "{toolkit}");
}

#[test]
fn what_a_spec_says_stays_text() {
    let pool = "instance p5.48xlarge\nnodes 1\ndriver \"580$(reboot)\"";
    let script = emitted(pool).remove("node/pool/verify.sh").unwrap_or_default();
    assert!(!script.contains("reboot"), "{script}");
}

#[test]
fn what_health_watches_is_exported() {
    let pool = "instance p5.48xlarge\nnodes 1\nhealth { watch ecc=uncorrectable nvlink=down }";
    let expect = [
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, counter, Uncorrectable memory errors since boot.",
        "!DCGM_FI_DEV_ECC_SBE_VOL_TOTAL, counter, Correctable memory errors since boot.",
        "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL, counter, Retries on NVLink.",
    ];
    check(pool, "dcgm-counters.csv", &expect);
}

/// Runs a tool over a script on its standard input; `None` where the tool is absent.
#[allow(clippy::disallowed_methods, reason = "a test may start a shell")]
fn tool(program: &str, arguments: &[&str], script: &str) -> Option<(bool, String)> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let pipe = || Stdio::piped();
    let child = Command::new(program).args(arguments).stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: no {program} here");
        return None;
    };
    child.stdin.take()?.write_all(script.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let told = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&told).into_owned()))
}

#[track_caller]
fn check_tool(program: &str, arguments: &[&str]) {
    for pool in [H100, CUT] {
        let script = emitted(pool).remove("node/pool/verify.sh").unwrap_or_default();
        assert!(!script.is_empty());
        if let Some((passed, told)) = tool(program, arguments, &script) {
            assert!(passed, "{told}\n{script}");
        }
    }
}

#[test]
fn bash_reads_every_script() {
    check_tool("bash", &["-n"]);
}

#[test]
fn shellcheck_finds_nothing_in_any_script() {
    check_tool("shellcheck", &["-"]);
}

#[test]
fn on_a_machine_without_gpus_the_script_fails_and_says_so() {
    let script = emitted(H100).remove("node/pool/verify.sh").unwrap_or_default();
    if let Some((passed, told)) = tool("bash", &["-s"], &script) {
        assert!(!passed && told.contains("differs  GPUs: expected 8, found"), "{told}");
    }
}
