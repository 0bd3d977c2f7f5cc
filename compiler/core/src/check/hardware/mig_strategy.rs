//! `hardware.mig-strategy`: work that asks for what a pool does not publish.

use purlin_schema::Silent;
use purlin_schema::kinds::pools::{GpuPool, MigStrategy};
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::{demand, placement};

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.mig-strategy",
    level: Level::Error,
    summary: "work that asks for slices or GPUs that its pool does not publish",
    scope: Scope::Neighbours,
    page: include_str!("mig_strategy.md"),
    run: Run::Each(&["training-job", "serving", "evaluation", "batch-inference", "pipeline"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let placed = placement::of(&check.ask, id)?;
    let pool = placed.pool().filter(|pool| pool.kind == "gpu-pool").ok_or(Silent)?;
    let mig = check.view::<GpuPool>(pool.id)?.mig();
    let address = pool.address();
    let Some(profile) = placed.profile else {
        return whole(check, &placed, pool);
    };
    let Some(cut) = mig.known()? else {
        let message = format!("{profile} is asked for; {address} is not cut into slices");
        let finding = check.finding(message, placed.span).label(pool.span, "publishes nvidia.com/gpu alone");
        check.report(finding);
        return Ok(());
    };
    if demand::slices(&check.ask, pool, profile)?.per_node > 0 {
        return Ok(());
    }
    let message = format!("{profile} is asked for; {address} has no such slice");
    let mut finding = check.finding(message, placed.span);
    if let Some(at) = mig.span() {
        finding = finding.label(at, "cut so");
    }
    for layout in cut.layout().iter() {
        let profiles: Vec<String> = layout
            .profile()
            .iter()
            .filter_map(|share| Some(format!("nvidia.com/mig-{}", share.profile().get()?)))
            .collect();
        finding = finding.with_note(format!("published: {}", profiles.join(", ")));
    }
    check.report(finding);
    Ok(())
}

/// Whole GPUs of a pool that cuts all of them and names the slices by their profile.
fn whole(check: &mut Check, placed: &placement::Placed, pool: &placement::Pool) -> Answer {
    let mig = check.view::<GpuPool>(pool.id)?.mig();
    let at = mig.span().ok_or(Silent)?;
    let cut = mig.present()?;
    if cut.variant().present()? == MigStrategy::Single {
        return Ok(());
    }
    let gpus = pool.gpus_per_node().ok_or(Silent)?;
    let mut left = gpus;
    for layout in cut.layout().iter() {
        let devices = if layout.devices().is_empty() { gpus } else { layout.devices().len() as u64 };
        left = left.saturating_sub(devices);
    }
    let asked = placed.gpus_per_node.ok_or(Silent)?;
    if asked > left {
        let message = format!(
            "{asked} whole GPUs of a node are asked for; {} leaves {left} of {gpus} uncut",
            pool.address()
        );
        let finding = check.finding(message, placed.span).label(at, "cut into slices, named by profile");
        check.report(finding);
    }
    Ok(())
}
