//! `hardware.nvlink-domain`: groups that talk after every matrix, across links that are too slow for it.

use purlin_schema::kinds::serving::Serving;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::{Field, Silent};
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.nvlink-domain",
    level: Level::Error,
    summary: "a tensor-parallel group across NVLink domains",
    scope: Scope::Neighbours,
    page: include_str!("nvlink_domain.md"),
    run: Run::Each(&["training-job", "serving"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let kind = check.ask.resource(id).ok_or(Silent)?.kind.name;
    let (tensor, expert): (Field<u64>, Field<u64>) = if kind == "serving" {
        let parallel = check.view::<Serving>(id)?.parallel().present()?;
        (parallel.tensor(), parallel.expert())
    } else {
        let parallel = check.view::<TrainingJob>(id)?.parallel().present()?;
        (parallel.tensor(), parallel.expert())
    };
    let placed = placement::of(&check.ask, id)?;
    let pool = placed.pool().ok_or(Silent)?;
    let instance = pool.instance.as_ref().ok_or(Silent)?;
    let Some(domain) = instance.nvlink_domain else {
        return without_links(check, &placed, tensor);
    };
    let size = format!("{} has NVLink among {domain} GPUs", instance.name);
    if let Field::Present(degree, span) = tensor
        && degree > domain
    {
        let message = format!("tensor parallelism over {degree} GPUs leaves the NVLink domain of {domain}");
        let finding = check
            .finding(message, span)
            .label(pool.instance_span, size.clone())
            .with_note("it sums 4 times a layer over the group (arXiv:2104.04473 §3.2): between nodes that is slower than computing")
            .cure(format!("write {domain}"), span, domain.to_string());
        check.report(finding);
    }
    if let Field::Present(degree, span) = expert
        && degree > domain
    {
        let message = format!("experts over {degree} GPUs leave the NVLink domain of {domain}");
        let finding = check
            .warning(message, span)
            .label(pool.instance_span, size)
            .with_note("every token crosses the network twice a layer: all-to-all between nodes needs RDMA and a program made for it");
        check.report(finding);
    }
    Ok(())
}

/// GPUs of whose links the catalog says nothing: cards on PCI Express, as far as is known.
fn without_links(check: &mut Check, placed: &placement::Placed, tensor: Field<u64>) -> Answer {
    let gpu = placed.gpu.as_ref().ok_or(Silent)?;
    if let Field::Present(degree, span) = tensor
        && degree > 1
        && gpu.nvlink.is_none()
        && gpu.interconnect.is_none()
    {
        let message = format!(
            "tensor parallelism over {degree} GPUs of {}, which is not known to have NVLink",
            gpu.name
        );
        let finding = check.warning(message, span).label(placed.span, "cards on PCI Express");
        check.report(finding);
    }
    Ok(())
}
