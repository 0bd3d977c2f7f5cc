//! What a spec asks of Terraform and no file says.

use purlin_core::ResourceId;
use purlin_core::emit::tape::Tape;
use purlin_core::emit::{Format, Sink};
use purlin_schema::kinds::organisation::{Cloud, Provider};

use super::layout::Layout;

/// A sink that keeps nothing: what is lost is known only after everything has been written.
pub(super) struct Nowhere;

impl Sink for Nowhere {
    fn file(&mut self, _: &str, _: Format) {}
    fn document(&mut self, _: Option<ResourceId>, _: &Tape) {}
    fn text(&mut self, _: Option<ResourceId>, _: &str) {}
}

/// Clouds that no file is written for, and fields of the provider's own types that were to be set.
pub(super) fn unsaid(layout: &Layout<'_>) {
    let graph = layout.sound.graph();
    for (id, cloud) in layout.sound.ask.all::<Cloud>() {
        let Some(resource) = graph.get(id) else { continue };
        let name = match cloud.provider().get() {
            Some(Provider::Gcp) => "Google Cloud",
            Some(Provider::Azure) => "Azure",
            Some(Provider::Aws | Provider::OnPremises) | None => continue,
        };
        let reason = format!("Terraform is written for AWS; for {name} nothing is written yet");
        layout.loss(resource, "provider", reason);
    }
    for resource in graph.sorted() {
        let Some(slot) = resource.record.named("patch") else { continue };
        let purlin_schema::Value::Many(rows) = &slot.value else { continue };
        for row in rows.iter().filter(|row| row.key.as_str().starts_with("terraform")) {
            layout.loss(resource, &format!("patch {}", row.key), "patches of Terraform are not written yet");
        }
    }
}
