//! `hardware.mig-profile`: profiles that this very GPU does not have.

use purlin_schema::Silent;
use purlin_schema::kinds::pools::{GpuPool, MigStrategy};
use purlin_schema::units::MigProfile;
use purlin_syntax::{Level, Span};

use crate::catalog;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.mig-profile",
    level: Level::Error,
    summary: "a MIG profile that the GPU does not have",
    scope: Scope::Neighbours,
    page: include_str!("mig_profile.md"),
    run: Run::Each(KINDS, check),
};

/// Pools, and whatever can be placed on a slice.
const KINDS: &[&str] = &["gpu-pool", "training-job", "serving", "evaluation", "batch-inference", "pipeline"];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let (gpu, said, at) = if check.ask.resource(id).ok_or(Silent)?.kind.name == "gpu-pool" {
        let pool = placement::pool(&check.ask, id)?;
        (pool.gpu.clone().ok_or(Silent)?, cut(check, id)?, pool.instance_span)
    } else {
        let placed = placement::of(&check.ask, id)?;
        let profile = placed.profile.ok_or(Silent)?;
        let at = placed.pool().map_or(placed.span, |pool| pool.instance_span);
        (placed.gpu.clone().ok_or(Silent)?, vec![(profile, placed.span)], at)
    };
    if gpu.mig == Some(false) {
        if let Some((profile, span)) = said.first() {
            let message = format!("{} cannot be cut into slices: {profile} is asked for", gpu.name);
            let finding = check.finding(message, *span).label(at, gpu.name);
            check.report(finding);
        }
        return Ok(());
    }
    let table = catalog::mig_table(&check.ask, gpu.name).ok_or(Silent)?;
    for (profile, span) in said {
        if table.profile(&profile.to_string()).is_some() {
            continue;
        }
        let names: Vec<&str> = table.profiles.iter().map(|row| row.name).collect();
        let mut finding = check
            .finding(format!("{} has no profile {profile}", gpu.name), span)
            .label(at, gpu.name)
            .with_note(format!("profiles of {}: {}", gpu.name, names.join(", ")));
        // The same compute slices under the name that this GPU's memory gives them.
        let same = table.profiles.iter().find(|row| {
            row.compute == Some(u64::from(profile.slices))
                && row.attributes.is_empty()
                && profile.attribute.is_none()
        });
        if let Some(row) = same {
            finding = finding.with_note(format!("{} has as many compute slices", row.name));
        }
        check.report(finding);
    }
    Ok(())
}

/// The profiles that a pool cuts or lends, with their places.
fn cut(check: &Check, id: ResourceId) -> Result<Vec<(MigProfile, Span)>, Silent> {
    let pool = check.view::<GpuPool>(id)?;
    let mut said = Vec::new();
    if let Some(mig) = pool.mig().known()? {
        if mig.variant().present()? == MigStrategy::Single {
            said.extend(mig.profile().get().zip(mig.profile().span()));
        }
        for share in mig.layout().iter().flat_map(|layout| layout.profile().iter()) {
            said.extend(share.profile().get().zip(share.profile().span()));
        }
    }
    for row in pool.lend().iter() {
        said.extend(row.profile().get().zip(row.profile().span()));
    }
    Ok(said)
}
