//! NVIDIA Triton: the `config.pbtxt` of the one model that an endpoint serves.

use std::fmt::Write as _;

use purlin_core::query::placement;
use purlin_schema::kinds::models::{Model, ModelFormat};
use purlin_schema::kinds::serving::Serving;

use super::work::Work;
use super::{Config, Content};

/// Writes what Triton cannot read out of the model itself: inputs and outputs it completes on its own.
pub(super) fn write(mut endpoint: Work<'_, '_, Serving>) -> Config {
    let name = endpoint.sound.graph().get(endpoint.id).map_or("", |resource| resource.name.as_str());
    let model = endpoint.sound.ask.get::<Model>(endpoint.said.model()).ok();
    let format = model.and_then(|(_, model)| model.format().get());
    let mut text = format!("# {}\n", endpoint.address);
    field(&mut text, "name", name);
    match format {
        Some(ModelFormat::Onnx) => field(&mut text, "backend", "onnxruntime"),
        Some(ModelFormat::Torchscript) => field(&mut text, "backend", "pytorch"),
        Some(ModelFormat::Ubj | ModelFormat::Json) => field(&mut text, "backend", "fil"),
        Some(ModelFormat::Tensorrt) => field(&mut text, "platform", "tensorrt_plan"),
        _ => endpoint.loss("model.format", "which backend of Triton reads the model is not known"),
    }
    if let Some(batch) = endpoint.said.concurrency().get() {
        // Writing to a `String` has no error of its own.
        let _ = writeln!(text, "max_batch_size: {batch}");
        if batch > 1 {
            text.push_str("dynamic_batching { }\n");
        }
    }
    let gpu = placement::of(&endpoint.sound.ask, endpoint.id).is_ok_and(|placed| placed.uses_gpu());
    let kind = if gpu { "KIND_GPU" } else { "KIND_CPU" };
    let _ = writeln!(text, "instance_group [\n  {{\n    kind: {kind}\n    count: 1\n  }}\n]");
    wordless(&mut endpoint);
    endpoint.into_config(vec![("config.pbtxt".to_owned(), Content::Text(text))], Vec::new())
}

fn wordless(endpoint: &mut Work<'_, '_, Serving>) {
    let read = endpoint.read;
    endpoint.loss_if(
        !read.precision().is_absent(),
        "precision",
        "the format of a model's numbers stands in its file",
    );
    endpoint.loss_if(
        !read.context().is_absent(),
        "context",
        "the length of a model's input stands in its file",
    );
    let arguments = read.run().get().is_some_and(|run| !run.arg().is_empty());
    endpoint.loss_if(arguments, "run.arg", "Triton is started by its image");
}

/// `key: "text"`, escaped as the text format of protocol buffers has it.
fn field(text: &mut String, key: &str, value: &str) {
    text.push_str(key);
    text.push_str(": \"");
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other if (other as u32) < 0x20 || other as u32 == 0x7f => {
                let _ = write!(text, "\\{:03o}", other as u32);
            }
            other => text.push(other),
        }
    }
    text.push_str("\"\n");
}
