//! A model's shape: from its architecture, or from the model that it was trained from.

use purlin_schema::kinds::models::{Model, QuantizationKind};
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::{Field, Reference, Silent};
use purlin_stdlib::facts::Architecture;

use crate::ask::Ask;
use crate::catalog::{self, Known};
use crate::laws::transformer::Dimensions;

/// How many trainings a model may be away from the one whose shape is known.
const GENERATIONS: usize = 16;

/// The shape of a model, and how its weights are stored.
#[derive(Clone, Debug)]
pub struct Shape {
    /// What the catalog or the project says of it.
    pub architecture: Known<Architecture>,
    /// The same as the laws take it.
    pub dimensions: Dimensions,
    /// Fewer bits than it was trained with; `None`: as trained.
    pub quantization: Option<QuantizationKind>,
}

/// The shape behind a reference to a model or an architecture; `None`: nothing says it, or the catalog lacks it.
pub fn shape(ask: &Ask, model: Field<Reference>) -> Result<Option<Shape>, Silent> {
    let mut next = model.known()?;
    let mut quantization = None;
    for generation in 0..GENERATIONS {
        let Some(reference) = next else { return Ok(None) };
        let found = ask.follow(reference, &["model", "architecture"]);
        let Some(view) = found.ok().and_then(|id| ask.view::<Model>(id)) else {
            return Ok(of_name(ask, reference.name.as_str(), quantization));
        };
        if generation == 0 {
            quantization = view.quantization().known()?.and_then(|row| row.variant().get());
        }
        if let Some(architecture) = view.architecture().known()? {
            return Ok(of_name(ask, architecture.name.as_str(), quantization));
        }
        let Some(job) = view.from().known()?.and_then(|from| from.job().get()) else { return Ok(None) };
        let job = ask.follow(job, &["training-job"])?;
        next = ask.view::<TrainingJob>(job).ok_or(Silent)?.model().known()?;
    }
    Ok(None)
}

fn of_name(ask: &Ask, name: &str, quantization: Option<QuantizationKind>) -> Option<Shape> {
    let architecture = catalog::architecture(ask, name)?;
    let dimensions = Dimensions::from(&*architecture);
    let quantization = quantization.filter(|kind| *kind != QuantizationKind::None);
    Some(Shape { architecture, dimensions, quantization })
}

/// Whether the model turns its whole input into an answer at once, caching nothing: embeddings, classification.
pub fn is_encoder(a: &Architecture) -> bool {
    !a.output_layer || !a.causal
}
