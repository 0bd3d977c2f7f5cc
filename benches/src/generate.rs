//! Projects of any size, the same for the same numbers: what is measured, and what the property tests edit.

use std::fmt::Write as _;

/// A small deterministic generator of numbers (xorshift64*): benchmarks and tests need repeatable, not good, ones.
pub struct Dice(u64);

impl Dice {
    /// A generator from a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`; 0 for a limit of 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        if limit == 0 { 0 } else { drawn as usize % limit }
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A file of a generated project: path and text.
pub type File = (String, String);

/// `count` endpoints of plain containers on one CPU pool: the work that peers are measured by.
pub fn services(count: usize) -> Vec<File> {
    let mut text = String::with_capacity(count * 170 + 1000);
    text.push_str(BASE);
    for n in 0..count {
        let _ = writeln!(
            text,
            "serving svc-{n} {{ run custom {{ command serve }}; via deployment; image \"ghcr.io/acme/svc-{n}@sha256:{n:064x}\"; \
             on general cpu=0.5 memory=\"512MiB\"; replicas 2; auth mtls }}"
        );
    }
    vec![("purlin.kdl".to_owned(), text)]
}

const BASE: &str = r#"platform bench { language "0.1"; owner ops }
team ops { contact "ops@acme.example"; approvers "@acme/ops"; namespace ops }
cloud aws provider=aws account="123456789012" region=us-east-1 { state s3 bucket=acme-tfstate }
network core cloud=aws { cidr "10.40.0.0/16"; zones us-east-1a us-east-1b us-east-1c; private }
key data cloud=aws { rotation "1y" }
cluster main { cloud aws; network core; kubernetes "1.35"; operators via=argocd; components { kueue; trainer; jobset; kserve; gpu-operator } }
cpu-pool general cluster=main { instance m7i.4xlarge; nodes min=3 max=20000; capacity on-demand }
storage lake cloud=aws { type object; engine s3; bucket acme-lake; encryption data; versioning }
storage checkpoints cloud=aws { type parallel; engine lustre; size "48000GiB"; throughput "500MB/s/TiB"; zone us-east-1a; encryption data }
"#;

/// `count` storages; where they are `broken`, each has one mistake: a field, a unit, or a name that is none.
pub fn storages(count: usize, broken: bool) -> Vec<File> {
    let mut text = BASE.to_owned();
    for n in 0..count {
        let (zone, size, key) = match n % 3 {
            0 if broken => ("zoen", "48000GiB", "data"),
            1 if broken => ("zone", "48000 gigs", "data"),
            2 if broken => ("zone", "48000GiB", "dada"),
            _ => ("zone", "48000GiB", "data"),
        };
        let _ = write!(
            text,
            r#"storage scratch-{n} cloud=aws {{
    type parallel
    engine lustre
    size "{size}"
    throughput "500MB/s/TiB"
    {zone} us-east-1a
    encryption {key}
}}

"#
        );
    }
    vec![("purlin.kdl".to_owned(), text)]
}

/// How much of everything a generated platform has.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// GPU pools, each with its queue.
    pub pools: usize,
    /// Training jobs.
    pub jobs: usize,
    /// Datasets; every tenth has a contract of its own.
    pub datasets: usize,
    /// Endpoints.
    pub endpoints: usize,
    /// Environments; each changes some pools.
    pub environments: usize,
    /// How many resources have something to report (an unused secret, a missing owner of a change, …).
    pub findings: usize,
}

impl Size {
    /// The platform benchmark of the budgets.
    pub const PLATFORM: Size =
        Size { pools: 500, jobs: 2_000, datasets: 10_000, endpoints: 2_000, environments: 5, findings: 500 };

    /// A platform of about this many lines, without environments.
    pub fn of_lines(lines: usize) -> Size {
        let unit = lines.div_ceil(100);
        Size {
            pools: unit.div_ceil(8),
            jobs: unit.div_ceil(1),
            datasets: unit * 2,
            endpoints: unit,
            environments: 0,
            findings: unit.div_ceil(10),
        }
    }
}

/// A platform in several files of some hundred lines, as people write them.
pub fn platform(size: Size) -> Vec<File> {
    let mut files = vec![("purlin.kdl".to_owned(), BASE.to_owned())];
    chunks(&mut files, "infrastructure/pools", size.pools, 40, pool);
    chunks(&mut files, "data/datasets", size.datasets, 60, dataset);
    chunks(&mut files, "training/jobs", size.jobs, 25, |n, out| job(n, size, out));
    chunks(&mut files, "serving/endpoints", size.endpoints, 30, |n, out| endpoint(n, size, out));
    chunks(&mut files, "organisation/unused", size.findings, 200, |n, out| {
        let _ = writeln!(out, "secret unused-{n} {{ store aws-secrets-manager; key \"unused/{n}\" }}");
    });
    for n in 0..size.environments {
        files.push((format!("environments/env-{n}.kdl"), environment(n, size)));
    }
    files
}

fn chunks(files: &mut Vec<File>, path: &str, count: usize, each: usize, write: impl Fn(usize, &mut String)) {
    for (chunk, first) in (0..count).step_by(each).enumerate() {
        let mut text = String::new();
        for n in first..(first + each).min(count) {
            write(n, &mut text);
        }
        files.push((format!("{path}-{chunk}.kdl"), text));
    }
}

fn pool(n: usize, out: &mut String) {
    let _ = write!(
        out,
        r#"gpu-pool h100-{n} cluster=main {{
    doc "Eight H100 a node, for group {n}"
    instance p5.48xlarge
    nodes min=2 max=64
    capacity on-demand zone=us-east-1a
    driver "580"
    cuda "13.0"
}}

queue q-{n} {{
    over h100-{n}
    nominal-quota gpus=512 efa=2048
    priority high value=1000
    preempt never
}}

gpu-pool l40s-{n} cluster=main {{
    instance g6e.4xlarge
    nodes min=2 max=64
    capacity on-demand
    spread zone
    driver "580"
    cuda "13.0"
}}

"#
    );
}

fn dataset(n: usize, out: &mut String) {
    let contract = n / 10;
    if n.is_multiple_of(10) {
        let _ = write!(
            out,
            r#"data-contract records-{contract} {{
    version "1.{n}.0"
    owner ops
    status active
    schema records {{
        field record-id string {{ required; primary-key }}
        field text string {{ required; quality length max=20000 }}
        field created-at timestamp {{ required }}
    }}
    compatibility backward
    retention "2y"
    purpose quality
    license internal
}}

"#
        );
    }
    let _ = write!(
        out,
        r#"dataset records-{n} {{
    contract records-{contract}
    location lake path="records/{n}/"
    format parquet
    version "2026-10-01"
    size tokens="2B tokens"
}}

"#
    );
}

fn job(n: usize, size: Size, out: &mut String) {
    let pool = n % size.pools.max(1);
    let data = (n * 7) % size.datasets.max(1);
    let _ = write!(
        out,
        r#"training-job tune-{n} {{
    doc "Fine-tune {n}"
    team ops
    queue q-{pool} priority=high
    on h100-{pool} nodes=2
    model base-{n}
    method full
    run torchtitan version="0.2"
    via trainer
    image "ghcr.io/acme/tune@sha256:{n:064x}" cuda="13.0"
    precision bf16
    optimizer adamw {{
        learning-rate 1e-5
        betas 0.9 0.95
        weight-decay 0.1
    }}
    parallel tensor=1 pipeline=1 context=1 sharding=fsdp
    batch global=256 micro=2 sequence=8192
    activation-checkpointing full
    attention flash
    seed {n}
    tokens "1B tokens"
    data records-{data} weight="100%" {{ purpose quality }}
    expect mfu min="30%" max="40%"
    checkpoint every="1h" to=checkpoints keep=3
    resume node-failure max=5
    budget "3000 USD"
    deadline "12h"
}}

model base-{n} {{
    from huggingface="meta-llama/Llama-3.1-8B" revision="0e9e39f249a16976918f6564b8830bc894c89659"
    architecture llama-3.1-8b
    format safetensors
    license llama-3.1
}}

"#
    );
}

fn endpoint(n: usize, size: Size, out: &mut String) {
    let pool = n % size.pools.max(1);
    let model = n % size.jobs.max(1);
    let _ = write!(
        out,
        r#"serving chat-{n} {{
    doc "Endpoint {n}"
    model base-{model}
    run vllm version="0.17"
    via kserve
    image "ghcr.io/acme/vllm@sha256:{n:064x}" cuda="13.0"
    on l40s-{pool} gpus=1
    context 8192
    concurrency 16
    max-batched-tokens 8192
    memory-utilization 0.9
    load "1.5/s" peak="4/s" prompt="2200 tokens" output="250 tokens"
    slo availability="99.5%" {{ ttft p95="1.5s" prompt="2200 tokens"; tpot p95="60ms" }}
    replicas min=2 max=6 {{ scale queue-depth target=4 }}
    rollout canary {{
        step "5%" for="30min"
        abort error-rate max="1%"
        rollback to=previous
    }}
    auth oidc issuer="https://login.acme.example"
    limit requests "5/s" per=client
}}

"#
    );
}

fn environment(n: usize, size: Size) -> String {
    let mut text = format!(
        "environment env-{n} {{\n    change platform.bench {{ budget \"{} USD/month\" }}\n",
        900_000_000 + n
    );
    for pool in (0..size.pools).step_by(10) {
        let _ = writeln!(text, "    change gpu-pool.h100-{pool} {{ nodes min=1 max={} }}", 32 + n);
    }
    text.push_str("}\n");
    text
}
