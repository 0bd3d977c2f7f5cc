//! Settings near to the declared ones with which a job or an endpoint fits: each is judged before it is offered.

use purlin_schema::Field;
use purlin_schema::kinds::serving::Serving;
use purlin_schema::kinds::training::TrainingJob;
use purlin_syntax::{Cure, Edit, Span};

use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::laws::activations::Recompute;
use crate::laws::interval::Verdict;
use crate::laws::model_states::Sharding;
use crate::laws::parallel;
use crate::laws::training_memory::Loss;
use crate::query::memory::serving::{Endpoint, Served};
use crate::query::memory::training::Training;
use crate::query::memory::{Inputs, serving, training};
use crate::query::placement;

/// How many cures are offered.
const OFFERED: usize = 3;

/// Cures of a training job or an endpoint, single changes first.
pub(super) fn search(ask: &Ask, id: ResourceId) -> Vec<Cure> {
    let kind = ask.resource(id).map(|resource| resource.kind.name);
    match kind {
        Some("training-job") => of_training(ask, id).unwrap_or_default(),
        Some("serving") => of_serving(ask, id).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// One change of a setting, as text and as numbers.
struct Try<T> {
    title: String,
    edit: Edit,
    change: Box<dyn Fn(&mut T)>,
}

impl<T> Try<T> {
    fn new(title: String, span: Span, text: String, change: impl Fn(&mut T) + 'static) -> Self {
        Try { title, edit: Edit { span, text }, change: Box::new(change) }
    }
}

/// Single changes that fit; where there are none, pairs of changes.
fn offer<T: Clone>(inputs: &T, tries: &[Try<T>], fits: impl Fn(T) -> bool) -> Vec<Cure> {
    let mut cures = Vec::new();
    for one in tries {
        let mut changed = inputs.clone();
        (one.change)(&mut changed);
        let repeated =
            cures.iter().any(|cure: &Cure| cure.edits.iter().any(|edit| edit.span == one.edit.span));
        if !repeated && fits(changed) {
            cures.push(Cure { title: one.title.clone(), edits: vec![one.edit.clone()] });
        }
    }
    for (n, one) in tries.iter().enumerate() {
        for other in tries.iter().skip(n + 1).filter(|other| other.edit.span != one.edit.span) {
            if !cures.is_empty() {
                break;
            }
            let mut changed = inputs.clone();
            (one.change)(&mut changed);
            (other.change)(&mut changed);
            if fits(changed) {
                let title = format!("{}, {}", one.title, other.title);
                cures.push(Cure { title, edits: vec![one.edit.clone(), other.edit.clone()] });
            }
        }
    }
    cures.truncate(OFFERED);
    cures
}

fn of_training(ask: &Ask, id: ResourceId) -> Option<Vec<Cure>> {
    let Inputs::Known(inputs) = training::inputs(ask, id).ok()? else { return None };
    let before = parallel::violations(&inputs.division).len();
    let tries = training_tries(ask, id, &inputs)?;
    Some(offer(&inputs, &tries, |mut changed| {
        let sound = parallel::violations(&changed.division).len() <= before;
        sound && settle(&mut changed) && training::judge(&changed).verdict == Verdict::Fits
    }))
}

/// Carries changed degrees over to the runs; whether they still make up the GPUs.
fn settle(training: &mut Training) -> bool {
    let division = &training.division;
    let Some(data) = parallel::data_degree(division) else { return false };
    let micro_batches = parallel::micro_batches(division);
    for way in &mut training.ways {
        way.tensor = division.tensor;
        way.context = division.context;
        way.micro_batch = division.micro_batch;
        way.micro_batches = micro_batches;
        way.data = data;
    }
    true
}

fn training_tries(ask: &Ask, id: ResourceId, inputs: &Training) -> Option<Vec<Try<Training>>> {
    let job = ask.view::<TrainingJob>(id)?;
    let batch = job.batch();
    let mut tries = Vec::new();
    for micro in halves(inputs.division.micro_batch) {
        if let Some(span) = batch.get().and_then(|batch| batch.micro().span()) {
            let change = move |t: &mut Training| t.division.micro_batch = micro;
            tries.push(Try::new(format!("set micro-batch to {micro}"), span, micro.to_string(), change));
        }
    }
    let after = batch.span();
    let again = "activation-checkpointing full";
    if inputs.ways.iter().any(|way| way.recompute != Recompute::Full) {
        let change = |t: &mut Training| t.ways.iter_mut().for_each(|way| way.recompute = Recompute::Full);
        push(
            &mut tries,
            "compute activations again",
            place(&job.activation_checkpointing(), after),
            again,
            change,
        );
    }
    if inputs.ways.iter().any(|way| matches!(way.loss, Loss::Unsaid | Loss::Whole)) {
        let change = |t: &mut Training| t.ways.iter_mut().for_each(|way| way.loss = Loss::Chunked);
        match job.loss().span() {
            Some(span) => tries.push(Try::new(
                "compute the loss in chunks".to_owned(),
                span,
                "chunked".to_owned(),
                change,
            )),
            None => push(
                &mut tries,
                "compute the loss in chunks",
                after.map(|span| (end(span), true)),
                "loss chunked",
                change,
            ),
        }
    }
    if let Some(parallel) = job.parallel().get() {
        if let (Some(span), Some(word)) = (parallel.sharding().span(), stronger(inputs)) {
            let change = |t: &mut Training| t.ways.iter_mut().for_each(|way| way.sharding = Sharding::Zero3);
            tries.push(Try::new(format!("shard with {word}"), span, word.to_owned(), change));
        }
        if let Some(span) = parallel.context().span() {
            let context = inputs.division.context.saturating_mul(2);
            let change = move |t: &mut Training| t.division.context = context;
            tries.push(Try::new(
                format!("set context parallelism to {context}"),
                span,
                context.to_string(),
                change,
            ));
        }
        if let Some(span) = parallel.tensor().span() {
            let tensor = inputs.division.tensor.saturating_mul(2);
            let change = move |t: &mut Training| t.division.tensor = tensor;
            tries.push(Try::new(
                format!("set tensor parallelism to {tensor}"),
                span,
                tensor.to_string(),
                change,
            ));
        }
    }
    tries.extend(more_nodes(ask, id, job.on().get().and_then(|on| on.nodes().span()), inputs));
    Some(tries)
}

/// Twice, four and eight times the nodes, as far as the pool has them.
fn more_nodes(ask: &Ask, id: ResourceId, span: Option<Span>, inputs: &Training) -> Vec<Try<Training>> {
    let (Ok(placed), Some(span)) = (placement::of(ask, id), span) else { return Vec::new() };
    let Some(most) = placed.pool().and_then(placement::Pool::working_nodes) else { return Vec::new() };
    let gpus = inputs.division.gpus / placed.nodes.max(1);
    [2, 4, 8]
        .iter()
        .map(|factor| placed.nodes.saturating_mul(*factor))
        .filter(|nodes| *nodes <= most)
        .map(|nodes| {
            let change = move |t: &mut Training| t.division.gpus = gpus.saturating_mul(nodes);
            Try::new(format!("use {nodes} nodes"), span, nodes.to_string(), change)
        })
        .collect()
}

/// The word for dividing everything, where less is divided now.
fn stronger(inputs: &Training) -> Option<&'static str> {
    inputs.ways.iter().any(|way| way.sharding != Sharding::Zero3).then_some("zero-3")
}

fn halves(value: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(value / 2), |half| Some(half / 2)).take_while(|half| *half > 0)
}

/// Where a record is written: over the one that is there, or behind another one.
fn place<T>(field: &Field<T>, after: Option<Span>) -> Option<(Span, bool)> {
    field.span().map(|span| (span, false)).or_else(|| after.map(|span| (end(span), true)))
}

fn end(span: Span) -> Span {
    Span { lo: span.hi, ..span }
}

/// A change that replaces a node, or adds one behind another.
fn push<T>(
    tries: &mut Vec<Try<T>>,
    title: &str,
    place: Option<(Span, bool)>,
    text: &str,
    change: impl Fn(&mut T) + 'static,
) {
    if let Some((span, added)) = place {
        let text = if added { format!("; {text}") } else { text.to_owned() };
        tries.push(Try::new(title.to_owned(), span, text, change));
    }
}

fn of_serving(ask: &Ask, id: ResourceId) -> Option<Vec<Cure>> {
    let Inputs::Known(inputs) = serving::inputs(ask, id).ok()? else { return None };
    let tries = serving_tries(ask, id, &inputs)?;
    Some(offer(&inputs, &tries, |changed| serving::judge(&changed).verdict == Verdict::Fits))
}

fn serving_tries(ask: &Ask, id: ResourceId, inputs: &Endpoint) -> Option<Vec<Try<Endpoint>>> {
    let view = ask.view::<Serving>(id)?;
    let mut tries = Vec::new();
    let judged = serving::judge(inputs);
    if let Some(room) = judged.room {
        let (contexts, longest) = (room.contexts.low as u64, room.longest_context.low as u64);
        if let Some(span) = view.concurrency().span().filter(|_| contexts > 0) {
            let change = move |e: &mut Endpoint| decoders(e, |way| way.concurrency = contexts);
            tries.push(Try::new(
                format!("set concurrency to {contexts}"),
                span,
                contexts.to_string(),
                change,
            ));
        }
        if let Some(span) = view.context().span().filter(|_| longest > 0) {
            let change = move |e: &mut Endpoint| decoders(e, |way| way.context = longest);
            tries.push(Try::new(format!("set context to {longest}"), span, longest.to_string(), change));
        }
        let gpu = placement::of(ask, id).ok()?.gpu.clone();
        if gpu.is_some_and(|gpu| super::super::dtype::capability(&gpu).is_some_and(|have| have >= (8, 9))) {
            let change = |e: &mut Endpoint| decoders(e, |way| way.kv_element = 1.0);
            let after = view.on().span();
            push(
                &mut tries,
                "cache keys and values in fp8",
                place(&view.kv_cache(), after),
                "kv-cache dtype=fp8",
                change,
            );
        }
    }
    Some(tries)
}

fn decoders(endpoint: &mut Endpoint, change: impl Fn(&mut crate::laws::serving_memory::ServingMemory)) {
    for way in &mut endpoint.ways {
        if let Served::Decoder(serving) = way {
            change(serving);
        }
    }
}
