//! An endpoint as the laws of memory take it.

use purlin_schema::kinds::models::QuantizationKind;
use purlin_schema::kinds::serving::{Serving, ServingProgram};
use purlin_schema::kinds::training::Dtype;
use purlin_schema::{Field, Silent, View};

use super::{Inputs, Judged, over_all, visible};
use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::laws::interval::{Interval, MemoryEstimate, Term, Verdict};
use crate::laws::kv_cache::Window;
use crate::laws::serving_memory::{self, EncoderMemory, Precision, ServingMemory};
use crate::query::model::{self, Shape};
use crate::query::placement;

/// The share of GPU memory that an engine takes where nothing is said: vLLM's default (§4).
const UTILIZATION: f64 = 0.9;
/// Tokens of a step where nothing is said: vLLM's server takes 2048, on GPUs of 70 GiB and more 8192.
const BATCHED_TOKENS: [u64; 2] = [2048, 8192];

/// An endpoint as numbers.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What it serves; where the engine leaves the size of a step open, one for each way it may be.
    pub ways: Vec<Served>,
    /// Terms beside those of the model: a draft model.
    pub beside: Vec<Term>,
    /// What the engine may use of a GPU, in bytes.
    pub capacity: Interval,
    /// Of which GPU.
    pub device: String,
    /// What was assumed.
    pub assumed: Vec<String>,
}

/// What an endpoint serves.
#[derive(Clone, Debug, PartialEq)]
pub enum Served {
    /// A language model that caches keys and values.
    Decoder(ServingMemory),
    /// An encoder that caches nothing.
    Encoder(EncoderMemory),
}

impl Served {
    fn estimate(&self) -> MemoryEstimate {
        match self {
            Served::Decoder(serving) => serving_memory::estimate(serving),
            Served::Encoder(encoder) => serving_memory::encoder_estimate(encoder),
        }
    }
}

/// The verdict over all ways that the endpoint may be.
pub fn judge(endpoint: &Endpoint) -> Judged {
    let way = |served: &Served| {
        let mut estimate = served.estimate();
        estimate.terms.extend(endpoint.beside.iter().cloned());
        let estimate = MemoryEstimate::of(estimate.rank, estimate.terms);
        (estimate.verdict(endpoint.capacity), estimate)
    };
    let (verdict, estimate) = over_all(endpoint.ways.iter().map(way).collect())
        .unwrap_or_else(|| (Verdict::TooClose, MemoryEstimate::of("no GPU".to_owned(), Vec::new())));
    let beside: Interval = endpoint.beside.iter().map(|term| term.bytes).sum();
    let left = Interval {
        low: (endpoint.capacity.low - beside.high).max(0.0),
        high: (endpoint.capacity.high - beside.low).max(0.0),
    };
    // The largest step is last, and leaves least.
    let room = endpoint.ways.last().and_then(|served| match served {
        Served::Decoder(serving) => Some(serving_memory::room(serving, left)),
        Served::Encoder(_) => None,
    });
    Judged {
        estimate,
        capacity: endpoint.capacity,
        device: endpoint.device.clone(),
        verdict,
        assumed: endpoint.assumed.clone(),
        room,
    }
}

/// The inputs of the law; silence for endpoints without GPUs.
pub fn inputs(ask: &Ask, id: ResourceId) -> Result<Inputs<Endpoint>, Silent> {
    let serving = ask.view::<Serving>(id).ok_or(Silent)?;
    let placed = placement::of(ask, id)?;
    if !placed.uses_gpu() {
        return Err(Silent);
    }
    let program = match serving.run().known()? {
        Some(run) => Some(run.variant().present()?),
        None => None,
    };
    if program == Some(ServingProgram::Custom) {
        return Ok(Inputs::Declared);
    }
    let mut missing = Vec::new();
    let shape = model::shape(ask, serving.model())?;
    if shape.is_none() {
        missing.push("the architecture of its model".to_owned());
    }
    let device = visible(ask, &placed).map_err(|what| missing.push(what)).ok();
    let (Some(shape), Some((visible, device))) = (shape, device) else { return Ok(Inputs::Missing(missing)) };
    let mut assumed = Vec::new();
    let utilization = match serving.memory_utilization().known()? {
        Some(ratio) => ratio.0,
        None => {
            assumed.push("`memory-utilization 0.9`, as vLLM takes it".to_owned());
            UTILIZATION
        }
    };
    let ways = match ways(serving, &shape, &mut assumed)? {
        Ok(ways) => ways,
        Err(what) => return Ok(Inputs::Missing(vec![what])),
    };
    let Some(beside) = draft_terms(ask, serving, &ways)? else {
        return Ok(Inputs::Missing(vec!["the architecture of its draft model".to_owned()]));
    };
    Ok(Inputs::Known(Endpoint {
        ways,
        beside,
        capacity: serving_memory::budget(visible, utilization),
        device: format!("{device} · {utilization}"),
        assumed,
    }))
}

fn ways(
    serving: View<'_, Serving>,
    shape: &Shape,
    assumed: &mut Vec<String>,
) -> Result<Result<Vec<Served>, String>, Silent> {
    let precision = precision(serving, shape, assumed)?;
    let Some(context) = serving.context().known()?.or(shape.architecture.context) else {
        return Ok(Err("`context`, which the architecture does not say either".to_owned()));
    };
    if model::is_encoder(&shape.architecture) {
        let Some(batch) = serving.concurrency().known()? else {
            return Ok(Err("`concurrency`: the largest batch of an encoder".to_owned()));
        };
        let dimensions = shape.dimensions.clone();
        return Ok(Ok(vec![Served::Encoder(EncoderMemory { dimensions, precision, batch, context })]));
    }
    if serving.concurrency().is_absent() {
        assumed.push("one full context: `concurrency` is not said".to_owned());
    }
    if serving.context().is_absent() {
        assumed.push(format!("the model's whole context, {context} tokens"));
    }
    let steps = match serving.max_batched_tokens().known()? {
        Some(tokens) => vec![tokens],
        None => {
            assumed.push("2048 to 8192 tokens a step, as vLLM takes them".to_owned());
            BATCHED_TOKENS.to_vec()
        }
    };
    let way = decoder(serving, shape, precision, context)?;
    Ok(Ok(steps
        .into_iter()
        .map(|tokens| Served::Decoder(ServingMemory { max_batched_tokens: tokens, ..way.clone() }))
        .collect()))
}

fn decoder(
    serving: View<'_, Serving>,
    shape: &Shape,
    precision: Precision,
    context: u64,
) -> Result<ServingMemory, Silent> {
    let parallel = serving.parallel().known()?;
    let degree = |field: Option<Field<u64>>| field.map_or(Ok(1), |field| field.or(1));
    let cache = match serving.kv_cache().known()? {
        Some(cache) => cache.dtype().known()?,
        None => None,
    };
    let a = &shape.architecture;
    Ok(ServingMemory {
        dimensions: shape.dimensions.clone(),
        precision,
        kv_element: match cache {
            Some(Dtype::Fp8 | Dtype::Int8) => 1.0,
            Some(Dtype::Int4 | Dtype::Mxfp4 | Dtype::Nvfp4) => 0.5,
            Some(Dtype::Fp32 | Dtype::Tf32) => 4.0,
            Some(Dtype::Bf16 | Dtype::Fp16) => 2.0,
            None if precision == Precision::Fp32 => 4.0,
            None => 2.0,
        },
        window: a.window.map(|tokens| Window { layers: a.window_layers.unwrap_or(a.layers), tokens }),
        tensor: degree(parallel.map(|p| p.tensor()))?,
        pipeline: degree(parallel.map(|p| p.pipeline()))?,
        expert: degree(parallel.map(|p| p.expert()))?,
        context,
        concurrency: serving.concurrency().or(1)?,
        max_batched_tokens: 0,
    })
}

/// How the weights are stored: fewer bits where the model says so, else as the endpoint computes, else in 16 bits.
fn precision(
    serving: View<'_, Serving>,
    shape: &Shape,
    assumed: &mut Vec<String>,
) -> Result<Precision, Silent> {
    if let Some(stored) = stored(shape.quantization) {
        return Ok(stored);
    }
    Ok(match serving.precision().known()? {
        Some(Dtype::Fp32 | Dtype::Tf32) => Precision::Fp32,
        Some(Dtype::Bf16 | Dtype::Fp16) => Precision::Half,
        Some(Dtype::Fp8 | Dtype::Int8) => Precision::EightBit,
        Some(Dtype::Int4) => Precision::Int4,
        Some(Dtype::Mxfp4) => Precision::Mxfp4,
        Some(Dtype::Nvfp4) => Precision::Nvfp4,
        None => {
            assumed.push("weights of 16 bits".to_owned());
            Precision::Half
        }
    })
}

/// The precision of quantised weights.
pub(crate) fn stored(quantization: Option<QuantizationKind>) -> Option<Precision> {
    match quantization? {
        QuantizationKind::None => None,
        QuantizationKind::Fp8 | QuantizationKind::Int8 => Some(Precision::EightBit),
        QuantizationKind::Int4 => Some(Precision::Int4),
        QuantizationKind::Mxfp4 => Some(Precision::Mxfp4),
        QuantizationKind::Nvfp4 => Some(Precision::Nvfp4),
        QuantizationKind::Nf4 => Some(Precision::Nf4),
    }
}

/// Weights and cache of a draft model, for the same contexts; `None`: its shape is not known.
fn draft_terms(ask: &Ask, serving: View<'_, Serving>, ways: &[Served]) -> Result<Option<Vec<Term>>, Silent> {
    let Some(speculative) = serving.speculative().known()? else { return Ok(Some(Vec::new())) };
    let Some(Served::Decoder(target)) = ways.first() else { return Ok(Some(Vec::new())) };
    let Some(shape) = model::shape(ask, speculative.draft())? else { return Ok(None) };
    let draft = ServingMemory {
        precision: stored(shape.quantization).unwrap_or(Precision::Half),
        dimensions: shape.dimensions,
        window: None,
        ..target.clone()
    };
    let mut terms = serving_memory::estimate(&draft).terms;
    terms.retain(|term| matches!(term.name, "weights" | "kv-cache"));
    Ok(Some(terms))
}
