//! What a training run needs on the GPU that needs most: states, gathered layers, activations,
//! logits, framework (§2–§4), for dense models and, with experts evenly used, mixtures.

use super::activations::{self, PerToken, Recompute, Setting};
use super::adapters::{self, Adapters};
use super::calibration::{self, Family, Measured};
use super::interval::{GIB, Interval, MemoryEstimate, Term, Verdict};
use super::model_states::{self, Optimizer, Regime, Sharding};
use super::pipeline::{Layout, Stage};
use super::transformer::{self, Dimensions};
use super::worked::Piece::{Count, Decimals, Range, Short, Words};
use super::worked::Worked;

/// CUDA context, loaded lazily or whole: 0.47–0.92 GiB (§4).
pub const CONTEXT: Interval = Interval { low: 0.47 * GIB, high: 0.92 * GIB };
/// What `torch.distributed` takes when it starts: 1–2 GiB (§4).
pub const DISTRIBUTED: Interval = Interval { low: GIB, high: 2.0 * GIB };

/// How the loss treats the logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing is said: fused or chunked at the low end, bf16 and fp32 logits at the high end.
    Unsaid,
    /// In chunks: 0 to 5 bytes a logit.
    Chunked,
    /// Fused with the output head: no logits.
    Fused,
    /// Whole logits: bf16 and fp32 at least, their softmax and gradient at most.
    Whole,
}

impl Loss {
    /// Bytes per logit at the peak (§3: 6 in practice, 0 chunked; 16 measured for an eager loss).
    pub fn bytes(self) -> Interval {
        match self {
            Self::Unsaid => Interval::new(0.0, 6.0),
            Self::Chunked => Interval::new(0.0, 5.0),
            Self::Fused => Interval::new(0.0, 0.1),
            Self::Whole => Interval::new(6.0, 16.0),
        }
    }
}

/// Everything that decides the memory of a training run, as numbers.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a training run")]
pub struct TrainingMemory {
    /// The model.
    pub dimensions: Dimensions,
    /// The framework, where what it takes beyond the general laws is to be counted.
    pub family: Option<Family>,
    /// Low-rank adapters on a frozen base; none where all weights are trained.
    pub adapters: Option<Adapters>,
    /// Bytes per parameter, where all weights are trained.
    pub regime: Regime,
    /// What the optimizer keeps.
    pub optimizer: Optimizer,
    /// What the shard group divides.
    pub sharding: Sharding,
    /// Ranks of the shard group where it is smaller than data · context (hybrid sharding).
    pub shard_group: Option<u64>,
    /// Optimizer states live in host memory.
    pub offload_optimizer: bool,
    /// Weights live in host memory.
    pub offload_weights: bool,
    /// Each gradient is used and freed as soon as it exists.
    pub optimizer_in_backward: bool,
    /// What is made again in the backward pass.
    pub recompute: Recompute,
    /// Fused attention.
    pub flash: bool,
    /// A compiler that may make norm outputs again.
    pub compiled: bool,
    /// Linear layers compute, and may keep their inputs, in fp8.
    pub fp8: bool,
    /// How the loss treats logits.
    pub loss: Loss,
    /// Tensor-parallel degree, t.
    pub tensor: u64,
    /// Sequence parallelism inside the tensor-parallel group.
    pub sequence_parallel: bool,
    /// Pipeline ranks, p.
    pub pipeline: u64,
    /// Chunks on a rank, v; 1 without interleaving.
    pub virtual_pipeline: u64,
    /// The embedding counts as a layer of the layout.
    pub embedding_as_layer: bool,
    /// The loss counts as a layer of the layout.
    pub loss_as_layer: bool,
    /// Context-parallel degree, c.
    pub context: u64,
    /// Expert-parallel degree; 1 without.
    pub expert: u64,
    /// Data-parallel degree, d.
    pub data: u64,
    /// Sequences in a micro-batch, b.
    pub micro_batch: u64,
    /// Micro-batches of a step on one pipeline, m; none where unknown.
    pub micro_batches: Option<u64>,
    /// Tokens in a sequence, s.
    pub sequence: u64,
}

impl TrainingMemory {
    /// GPUs of the run: t · p · c · d.
    pub fn world(&self) -> f64 {
        [self.tensor, self.pipeline, self.context, self.data].iter().map(|degree| of(*degree)).product()
    }

    /// Ranks over which states are divided: data · context, unless a smaller group is declared (§2).
    pub fn shards(&self) -> f64 {
        let all = of(self.data) * of(self.context);
        self.shard_group.map_or(all, |group| of(group).min(all))
    }

    /// Tokens of a micro-batch on one rank: b · s / c.
    pub fn tokens(&self) -> f64 {
        of(self.micro_batch) * of(self.sequence) / of(self.context)
    }

    fn layout(&self) -> Layout {
        Layout {
            layers: self.dimensions.layers,
            pipeline: self.pipeline,
            virtual_pipeline: self.virtual_pipeline,
            embedding_as_layer: self.embedding_as_layer,
            loss_as_layer: self.loss_as_layer,
        }
    }

    fn setting(&self) -> Setting {
        let element = self.regime.compute_element();
        Setting {
            recompute: self.recompute,
            flash: self.flash,
            compiled: self.compiled,
            element,
            least_element: if self.fp8 { 1.0 } else { element },
            tensor: of(self.tensor),
            sequence_parallel: self.sequence_parallel,
            sequence: self.sequence as f64,
            frozen: self.adapters.is_some(),
            quantised: self.adapters.is_some_and(|adapters| adapters.base.bytes() < 2.0),
        }
    }
}

/// The estimate of the rank that may need most.
pub fn estimate(run: &TrainingMemory) -> MemoryEstimate {
    let mut ranks = ranks(run).into_iter();
    let first = ranks.next().unwrap_or_else(|| MemoryEstimate::of("no rank".to_owned(), Vec::new()));
    ranks.fold(first, |most, next| if next.total.high > most.total.high { next } else { most })
}

/// The verdict over all ranks, with the estimate that decides it: the rank that is proven not to fit,
/// or the one that may need most. `capacity` is what a GPU shows, in bytes.
pub fn judge(run: &TrainingMemory, capacity: Interval) -> (Verdict, MemoryEstimate) {
    let refused = ranks(run).into_iter().filter(|rank| rank.verdict(capacity) == Verdict::DoesNotFit);
    let worst = refused.reduce(|most, next| if next.floor > most.floor { next } else { most });
    let decisive = worst.unwrap_or_else(|| estimate(run));
    (decisive.verdict(capacity), decisive)
}

/// The estimates of the ranks of which one needs most: one without a pipeline, up to three with it.
pub fn ranks(run: &TrainingMemory) -> Vec<MemoryEstimate> {
    let layout = run.layout();
    layout.telling_ranks().into_iter().map(|rank| rank_estimate(run, layout, layout.stage(rank))).collect()
}

fn rank_estimate(run: &TrainingMemory, layout: Layout, stage: Stage) -> MemoryEstimate {
    let held = Held::of(run, &stage);
    let mut terms = state_terms(run, &held);
    terms.extend(gathered_terms(run, &held));
    terms.extend(activation_terms(run, layout, &stage));
    terms.push(framework_term(run.world()));
    terms.extend(measured_terms(run, layout, &stage, &held, &terms));
    terms.retain(|term| term.bytes.high > 0.0);
    let rank = if layout.pipeline > 1 {
        format!("pipeline rank {} of {}", stage.rank, layout.pipeline)
    } else {
        "every rank".to_owned()
    };
    MemoryEstimate::of(rank, terms)
}

/// Parameters on one rank: the dense part divided by t, the routed experts by t · e (§2).
struct Held {
    dense: f64,
    least_dense: f64,
    routed: f64,
    least_routed: f64,
    expert_shards: f64,
    layer: f64,
    table: f64,
}

impl Held {
    fn of(run: &TrainingMemory, stage: &Stage) -> Self {
        let (d, t, e) = (&run.dimensions, of(run.tensor), of(run.expert));
        let routed = transformer::routed_parameters(d);
        let mixed = (d.expert_layers() as f64).min(stage.layers);
        let least_mixed = (stage.least_layers - (d.layers - d.expert_layers()) as f64).max(0.0).min(mixed);
        let ends = if stage.embedding { transformer::embedding_parameters(d) } else { 0.0 }
            + if stage.head { head(d, stage) } else { 0.0 };
        let dense_block = transformer::layer_parameters(d, false);
        let mixed_block = transformer::layer_parameters(d, true) - routed;
        let blocks = |layers: f64, mixed: f64| (layers - mixed) * dense_block + mixed * mixed_block;
        Self {
            dense: (blocks(stage.layers, mixed) + ends) / t,
            least_dense: (blocks(stage.least_layers, least_mixed) + ends) / t,
            routed: mixed * routed / (t * e),
            least_routed: least_mixed * routed / (t * e),
            expert_shards: (run.shards() / e).max(1.0),
            layer: transformer::largest_layer_parameters(d) / t,
            table: d.vocab as f64 * d.hidden as f64 / t,
        }
    }

    /// Bytes of a state that costs `dense` a parameter, and `routed` a routed one.
    fn bytes(&self, dense: f64, routed: f64) -> (f64, f64) {
        let high = dense * self.dense + routed * self.routed;
        let floor = dense * self.least_dense + routed * self.least_routed;
        (high, floor.min(high))
    }

    fn all(&self) -> f64 {
        self.dense + self.routed
    }
}

/// The head's parameters, and on a last stage of its own a copy of a tied embedding.
fn head(d: &Dimensions, stage: &Stage) -> f64 {
    let copy = d.tied && d.head && !stage.embedding;
    transformer::head_parameters(d) + if copy { d.vocab as f64 * d.hidden as f64 } else { 0.0 }
}

fn state_terms(run: &TrainingMemory, held: &Held) -> Vec<Term> {
    if let Some(adapters) = &run.adapters {
        return adapter_terms(run, adapters);
    }
    let shards = run.shards();
    let dense = model_states::held(run.regime, run.optimizer, run.sharding, shards);
    let routed = model_states::held(run.regime, run.optimizer, run.sharding, held.expert_shards);
    let term = |name, formula, dense: f64, routed: f64| {
        let (high, floor) = held.bytes(dense, routed);
        let inputs = Worked::of([Decimals(dense, 3), Words(" B · "), Count(held.all())]);
        Term { name, formula, inputs, bytes: Interval::exactly(high), floor }
    };
    let weights = term("weights", "bytes a parameter held · P on the rank", dense.weights, routed.weights);
    let gradients =
        term("gradients", "bytes a parameter held · P on the rank", dense.gradients, routed.gradients);
    let optimizer =
        term("optimizer", "bytes a parameter held · P on the rank", dense.optimizer, routed.optimizer);
    let mut terms = Vec::with_capacity(3);
    if !run.offload_weights {
        terms.push(weights);
    }
    terms.push(if run.optimizer_in_backward {
        freed_gradients(run, held)
    } else if run.offload_optimizer {
        Term { bytes: Interval::new(0.0, gradients.bytes.high), floor: 0.0, ..gradients }
    } else {
        gradients
    });
    if !run.offload_optimizer {
        terms.push(optimizer);
    }
    terms
}

/// A frozen base with its adapters: 16 bytes an adapter parameter and the base as it is stored (§2).
fn adapter_terms(run: &TrainingMemory, adapters: &Adapters) -> Vec<Term> {
    let shards = if run.sharding == Sharding::Zero3 { run.shards() } else { 1.0 };
    let held = adapters::held(&run.dimensions, adapters, of(run.tensor) * of(run.pipeline), shards);
    let own = adapters::parameters(&run.dimensions, adapters);
    let term = |name, formula, inputs, bytes: Interval, floor| Term { name, formula, inputs, bytes, floor };
    let parameters = transformer::parameters(&run.dimensions) as f64;
    let base = Worked::of([Short(adapters.base.bytes()), Words(" B · "), Count(parameters)]);
    let each =
        |bytes| Worked::of([Words(bytes), Words(" B · "), Count(own.low), Words("…"), Count(own.high)]);
    vec![
        term("weights", "frozen base as stored", base, held.base, held.base_floor),
        term("weights", "adapters, r · (in + out) each", each("2…4"), held.weights, 0.0),
        term("gradients", "adapters' gradients", each("2…4"), held.gradients, 0.0),
        term("optimizer", "adapters' optimizer states", each("4…12"), held.optimizer, 0.0),
    ]
}

/// Gradients that the optimizer uses at once: one or two of the largest table, or a layer (§2).
fn freed_gradients(run: &TrainingMemory, held: &Held) -> Term {
    let element = run.regime.compute_element();
    let largest = held.table.max(held.layer);
    Term {
        name: "gradients",
        formula: "1 to 2 of the largest unit, freed in the backward pass",
        inputs: Worked::of([Decimals(element, 0), Words(" B · "), Count(largest)]),
        bytes: Interval::new(element * largest, 2.0 * element * largest),
        floor: 0.0,
    }
}

/// Whole weights while a layer computes, and its gradient before it is divided (FSDP, ZeRO-3).
fn gathered_terms(run: &TrainingMemory, held: &Held) -> Vec<Term> {
    let casts = run.regime == Regime::ShardedFp32;
    let whole_weights = run.sharding == Sharding::Zero3 && (casts || run.shards() > 1.0);
    if !whole_weights {
        return Vec::new();
    }
    let element = run.regime.compute_element();
    let units = 2.0 * held.layer + held.table;
    // With a pipeline the stage stays whole between micro-batches, and so do its gradients.
    let most = if of(run.pipeline) > 1.0 { units.max(held.all()) } else { units };
    let weights = Term {
        name: "gathered",
        formula: "2 layers and the embedding or head, whole; with a pipeline up to the stage",
        inputs: Worked::of([
            Decimals(element, 0),
            Words(" B · (2 · "),
            Count(held.layer),
            Words(" + "),
            Count(held.table),
            Words(")"),
        ]),
        bytes: Interval::new(element * units, element * most),
        floor: element * held.layer,
    };
    if run.optimizer_in_backward || run.adapters.is_some() {
        return vec![weights];
    }
    let reduced = run.regime.bytes().gradients;
    let largest = held.layer.max(held.table);
    let most = if of(run.pipeline) > 1.0 { largest.max(held.all()) } else { largest };
    let gradient = Term {
        name: "gradients",
        formula: "gradient in flight, a layer to the head, whole",
        inputs: Worked::of([
            Decimals(reduced, 0),
            Words(" B · "),
            Count(held.layer),
            Words("…"),
            Count(most),
        ]),
        bytes: Interval::new(reduced * held.layer, reduced * most),
        floor: 0.0,
    };
    vec![weights, gradient]
}

fn activation_terms(run: &TrainingMemory, layout: Layout, stage: &Stage) -> Vec<Term> {
    let (d, setting) = (&run.dimensions, run.setting());
    let alive = layout.in_flight(stage.rank, run.micro_batches);
    let kept = over_blocks(d, |mixed| activations::kept(d, mixed, &setting));
    let bytes = kept.bytes * (run.tokens() * alive * stage.layers);
    let kept_term = Term {
        name: "activations",
        formula: "tokens · layers · micro-batches alive · bytes kept a token and layer",
        inputs: Worked::of([
            Count(run.tokens()),
            Words(" · "),
            Decimals(alive * stage.layers, usize::from(alive.fract() != 0.0)),
            Words(" · "),
            Range(kept.bytes, 0, "B"),
        ]),
        floor: (kept.floor * run.tokens() * alive * stage.least_layers).min(bytes.low),
        bytes,
    };
    let mut terms = vec![kept_term];
    if run.recompute == Recompute::Full {
        terms.push(working_term(run, &setting));
    }
    if stage.head && d.head {
        terms.push(logits_term(run));
    }
    keep_larger_floor(&mut terms);
    terms
}

/// What the named framework takes beyond the laws, and the allocator's share of what comes and goes.
fn measured_terms(
    run: &TrainingMemory,
    layout: Layout,
    stage: &Stage,
    held: &Held,
    terms: &[Term],
) -> Vec<Term> {
    let Some(family) = run.family else { return Vec::new() };
    let piped = layout.pipeline > 1;
    let measured = Measured {
        regime: run.regime,
        sharding: run.sharding,
        shards: run.shards(),
        parameters: held.all(),
        tokens: run.tokens(),
        hidden: run.dimensions.hidden as f64,
        alive: if piped { layout.in_flight(stage.rank, run.micro_batches) } else { 0.0 },
        embedding: stage.embedding,
    };
    let passing = |term: &&Term| !matches!(term.name, "weights" | "optimizer" | "gradients" | "framework");
    let dynamic = terms.iter().filter(passing).map(|term| term.bytes).sum();
    let mut found = calibration::terms(family, &measured);
    found.push(calibration::fragmentation(dynamic));
    found
}

fn working_term(run: &TrainingMemory, setting: &Setting) -> Term {
    let d = &run.dimensions;
    let work = over_blocks(d, |mixed| activations::working_set(d, mixed, setting));
    Term {
        name: "working set",
        formula: "tokens · one layer made again, 10h + 4q + 12·ffn (8 plain), 28 · 2h measured",
        inputs: Worked::of([Count(run.tokens()), Words(" · "), Range(work.bytes, 0, "B")]),
        bytes: work.bytes * run.tokens(),
        floor: work.floor * run.tokens(),
    }
}

fn logits_term(run: &TrainingMemory) -> Term {
    let each = match (run.family, run.loss) {
        (Some(family), Loss::Unsaid | Loss::Whole) => family.logit_bytes(run.tensor > 1),
        (_, loss) => loss.bytes(),
    };
    let least = if run.loss == Loss::Whole { Loss::Whole.bytes().low } else { 0.0 };
    let logits = run.tokens() * run.dimensions.vocab as f64 / of(run.tensor);
    Term {
        name: "logits",
        formula: "bytes a logit · tokens · V / t; 6 in practice, 0 with a chunked loss",
        inputs: Worked::of([Range(each, 0, "B"), Words(" · "), Count(logits)]),
        bytes: each * logits,
        floor: least.min(each.low) * logits,
    }
}

/// Logits are freed before the first layer is made again: only the larger of the two floors is proven.
fn keep_larger_floor(terms: &mut [Term]) {
    let passing = |term: &&mut Term| term.name == "working set" || term.name == "logits";
    let most = terms.iter_mut().filter(passing).map(|term| term.floor).fold(0.0, f64::max);
    let mut found = false;
    for term in terms.iter_mut().filter(passing) {
        let keeps = !found && term.floor >= most;
        found |= keeps;
        if !keeps {
            term.floor = 0.0;
        }
    }
}

/// The framework's own memory on one GPU; a single GPU starts no communication (§4).
pub fn framework_term(world: f64) -> Term {
    let many = world > 1.0;
    let bytes = if many { CONTEXT + DISTRIBUTED } else { CONTEXT };
    Term {
        name: "framework",
        formula: "CUDA context 0.47–0.92 GiB, distributed start 1–2 GiB",
        inputs: Worked::of([Decimals(world, 0), Words(" GPUs")]),
        bytes,
        floor: bytes.low,
    }
}

/// The two kinds of blocks together: the hull of their predictions, the smaller of their floors.
fn over_blocks(d: &Dimensions, law: impl Fn(bool) -> PerToken) -> PerToken {
    match d.expert_layers() {
        0 => law(false),
        n if n == d.layers => law(true),
        _ => {
            let (dense, mixed) = (law(false), law(true));
            PerToken { bytes: dense.bytes.hull(mixed.bytes), floor: dense.floor.min(mixed.floor) }
        }
    }
}

/// A degree as a number; none is below one.
fn of(degree: u64) -> f64 {
    degree.max(1) as f64
}

#[cfg(test)]
pub(in crate::laws) mod tests;
