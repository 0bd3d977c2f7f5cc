//! What a spec asks of Terraform and no file says.

use purlin_schema::kinds::organisation::{Cloud, Provider};

use super::layout::Layout;
use super::patches;

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
    patches::losses(layout);
}
