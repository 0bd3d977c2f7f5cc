//! Every rule id there is: the built ones with their checks, the others declared, so that waivers, levels and tests that
//! name them resolve.

use std::sync::LazyLock;

use purlin_syntax::Level;
use rustc_hash::FxHashMap;

use super::{Rule, Run, Scope};

/// The built rules, layer by layer.
const LAYERS: &[&[&Rule]] = &[
    super::hardware::RULES,
    super::capacity::RULES,
    super::reliability::RULES,
    super::cost::RULES,
    super::data::RULES,
    super::serving::RULES,
    super::compliance::RULES,
    super::security::RULES,
    super::organisation::RULES,
];

/// All rules: stages' own, built, and declared; each id once, built before declared.
pub fn rules() -> &'static [&'static Rule] {
    static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
        let mut rules: Vec<&'static Rule> = LAYERS.iter().flat_map(|layer| layer.iter().copied()).collect();
        for declared in DECLARED {
            if !rules.iter().any(|rule| rule.id == declared.id) {
                rules.push(declared);
            }
        }
        rules
    });
    &RULES
}

/// A rule by its id.
pub fn find(id: &str) -> Option<&'static Rule> {
    static BY_ID: LazyLock<FxHashMap<&'static str, &'static Rule>> =
        LazyLock::new(|| rules().iter().map(|rule| (rule.id, *rule)).collect());
    BY_ID.get(id).copied()
}

const fn stage(id: &'static str, level: Level, summary: &'static str) -> Rule {
    Rule { id, level, summary, scope: Scope::Item, page: "", run: Run::Stage }
}

const fn later(id: &'static str, level: Level, summary: &'static str) -> Rule {
    Rule { id, level, summary, scope: Scope::Neighbours, page: "", run: Run::NotYet }
}

/// Ids that belong to a stage before `check`, and ids whose checks are not built yet.
static DECLARED: &[Rule] = &[
    stage("reference.unknown", Level::Error, "a name that no resource has"),
    stage("reference.ambiguous", Level::Error, "a bare name that several kinds have"),
    stage("reference.wrong-kind", Level::Error, "a name of another kind than the field admits"),
    stage("reference.other-environment", Level::Error, "a name that this environment lacks"),
    stage("reference.duplicate", Level::Error, "an address declared twice"),
    stage("reference.unknown-variable", Level::Error, "`$name` without a param or let"),
    stage("reference.unknown-param", Level::Error, "`set` of a parameter that does not exist"),
    stage("language.param-unset", Level::Error, "a parameter without a value"),
    stage("language.set-let", Level::Error, "`set` of a let"),
    stage("language.shared", Level::Error, "something shared on which environments do not agree"),
    stage("language.cycle", Level::Error, "a value defined by itself"),
    stage("language.expression", Level::Error, "a text that is no expression, or one without a value"),
    stage("type.expression", Level::Error, "types in an expression that do not go together"),
    stage("reference.unknown-in-expression", Level::Error, "a name in an expression that means nothing"),
    stage("language.interpolation", Level::Error, "`${` without `}`"),
    stage("language.address", Level::Error, "an address without its kind"),
    stage("catalog.unknown", Level::Warning, "hardware or a model that the catalog lacks"),
    later("hardware.host-memory", Level::Error, "offload, loaders, limits and shm against the node's memory"),
    later("hardware.engine-capability", Level::Error, "a GPU below the engine's minimum compute capability"),
    later("hardware.cuda-arch", Level::Error, "a toolkit that lacks the GPU's architecture"),
    later("hardware.driver-eol", Level::Warning, "a driver branch past its end of life"),
    later("hardware.sharing", Level::Error, "footprints of co-located pods above the GPU"),
    later("hardware.gpu-stack", Level::Error, "device plugin and DRA at once"),
    later("hardware.fabric", Level::Error, "several nodes without the fabric's interfaces, plugin or limits"),
    later("hardware.shm", Level::Warning, "/dev/shm too small for NCCL and loaders"),
    later("hardware.probes", Level::Warning, "liveness before the model is loaded"),
    later("hardware.startup-deadline", Level::Warning, "boot, pull and load above the progress deadline"),
    later("hardware.storage-access", Level::Error, "a single-writer volume from several nodes"),
    later("hardware.storage-zone", Level::Error, "a volume in another zone"),
    later("hardware.storage-size", Level::Error, "a volume smaller than what is kept on it"),
    later("hardware.autoscale-bounds", Level::Error, "replicas above the pool or the quota"),
    later("hardware.names", Level::Error, "composed names above the limits of Kubernetes and clouds"),
    later("capacity.gang", Level::Error, "a gang that can deadlock"),
    later("capacity.quota", Level::Note, "quotas above what exists"),
    later("capacity.topology-level", Level::Error, "a topology level that the cloud does not have"),
    later("reliability.checkpoint-space", Level::Error, "checkpoints kept above the space"),
    later("reliability.restart-budget", Level::Warning, "fewer restarts than failures expected"),
    later("reliability.disruption", Level::Warning, "consolidation may evict a long job"),
    later("reliability.slo-feasible", Level::Error, "an objective below the physical bound"),
    later("reliability.rollback-declared", Level::Warning, "a rollout without a way back"),
    later("reliability.recovery-objective", Level::Warning, "recovery later than promised"),
    later("reliability.zone-spread", Level::Warning, "an endpoint in a single zone"),
    later("cost.platform-budget", Level::Error, "the platform above its budget"),
    later("cost.idle-gpus", Level::Warning, "GPUs that nothing uses"),
    later("cost.price", Level::Note, "a price that is missing or old"),
    later("data.contract-breaking", Level::Error, "a contract change that breaks its readers"),
    later("data.producer-consumer-schema", Level::Error, "a field read that nobody writes"),
    later("data.license", Level::Error, "a use that the license forbids"),
    later("data.consent", Level::Error, "a purpose without consent"),
    later("data.retention", Level::Error, "data kept longer than its contract allows"),
    later("data.freshness", Level::Error, "lag along a path above the bound"),
    later("data.holdout-leak", Level::Error, "held-out rows in training"),
    later("data.label-maturity", Level::Error, "labels younger than their delay"),
    later("data.training-serving-skew", Level::Error, "features computed twice"),
    later("data.partitions-replication", Level::Error, "replication above the brokers"),
    later("data.stream-compatibility", Level::Error, "a stream schema against its contract"),
    later("serving.slo-consistent", Level::Error, "first token and per-token against the whole"),
    later("serving.rate-limit", Level::Warning, "an endpoint without a rate limit"),
    later("serving.model-format-safe", Level::Error, "a model format that runs code"),
    later("serving.evaluation-gate", Level::Warning, "a model promoted without a gate"),
    later("serving.monitor-covers", Level::Warning, "an endpoint nobody watches"),
    later("agents.guardrail-required", Level::Error, "an agent without guardrails"),
    later("agents.tool-egress", Level::Error, "a tool that reaches out undeclared"),
    later("agents.human-oversight", Level::Error, "a consequential action without a person"),
    later("agents.prompt-pinned", Level::Warning, "a prompt without a version"),
    later("agents.memory-store-classification", Level::Error, "memory that holds classes it may not"),
    later("agents.budget", Level::Warning, "an agent without limits"),
    later("compliance.nist-ai-rmf", Level::Warning, "NIST AI RMF 1.0 and 600-1"),
    later("compliance.iso-42001", Level::Warning, "ISO/IEC 42001"),
    later("compliance.gdpr", Level::Error, "GDPR"),
    later("compliance.hipaa", Level::Error, "HIPAA Security Rule"),
    later("compliance.soc-2", Level::Warning, "SOC 2"),
    later("compliance.owasp-llm", Level::Warning, "OWASP LLM Top 10 2025"),
    later("compliance.mitre-atlas", Level::Warning, "MITRE ATLAS"),
    later("compliance.cncf-ai-conformance", Level::Warning, "CNCF AI conformance"),
    later("security.public-exposure", Level::Error, "an endpoint open to the internet without saying so"),
    later("security.least-privilege", Level::Warning, "an identity wider than its job"),
    later("security.encryption", Level::Warning, "data unencrypted at rest or in transit"),
    later("security.pod-security", Level::Error, "pods above the namespace's profile"),
    later("security.network-default-deny", Level::Warning, "a namespace without default deny"),
    later("security.signed-artifacts", Level::Warning, "images and models without a signature"),
    later("security.catalog-integrity", Level::Error, "an imported catalog that changed"),
    later("organisation.approver-required", Level::Error, "a risk group without approvers"),
    later("organisation.deprecated", Level::Warning, "something on its way out"),
    later("organisation.naming", Level::Note, "names against the house style"),
    later("hardware.gpu-memory", Level::Error, "more memory than the GPU has"),
    later("hardware.parallel-world", Level::Error, "degrees that do not make up the GPUs"),
    later("hardware.parallel-divides", Level::Error, "degrees that do not divide the model"),
    later("hardware.nvlink-domain", Level::Error, "a tensor group across NVLink domains"),
    later("hardware.dtype", Level::Error, "a number format that the GPU lacks"),
    later("hardware.cuda-driver", Level::Error, "a CUDA version that the driver cannot run"),
    later("hardware.mig-profile", Level::Error, "a MIG profile that the GPU lacks"),
    later("hardware.mig-geometry", Level::Error, "MIG slices that do not fit together"),
    later("hardware.mig-strategy", Level::Error, "a MIG resource that the strategy does not publish"),
    later("hardware.image-arch", Level::Error, "an image of another processor architecture"),
    later("capacity.instance-offered", Level::Error, "an instance that the region does not offer"),
    later("capacity.pool-capacity", Level::Error, "more work than the pool holds"),
    later("capacity.queue-covers", Level::Error, "a queue without a resource that its work asks"),
    later("capacity.capacity-kind", Level::Error, "capacity that cannot be bought so"),
    later("reliability.checkpoint-interval", Level::Warning, "checkpoints far from the best interval"),
    later("reliability.spot-without-checkpoint", Level::Error, "spot nodes without checkpoints"),
    later("reliability.training-time", Level::Error, "more computation than the deadline holds"),
    later("reliability.job-budget", Level::Error, "a run above its budget"),
];
