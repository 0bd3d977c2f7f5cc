//! `hardware.mig-geometry`: slices that cannot be placed on one GPU together.

use purlin_schema::Silent;
use purlin_schema::View;
use purlin_schema::kinds::pools::{GpuPool, MigLayout};
use purlin_stdlib::facts::MigTable;
use purlin_syntax::{Level, Span};

use crate::catalog;
use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::mig::{self, Packing, Profile, Why};
use crate::query::placement;

/// The rule.
pub static RULE: Rule = Rule {
    id: "hardware.mig-geometry",
    level: Level::Error,
    summary: "slices that cannot be placed on one GPU together",
    scope: Scope::Item,
    page: include_str!("mig_geometry.md"),
    run: Run::Each(&["gpu-pool"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let layouts = check.view::<GpuPool>(id)?.mig().present()?.layout();
    let pool = placement::pool(&check.ask, id)?;
    let mut seen: Vec<(u64, Span)> = Vec::new();
    for layout in layouts.iter() {
        for (device, span) in layout.devices().iter() {
            device_exists(check, &pool, device, span);
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == device) {
                let message = format!("GPU {device} is cut twice");
                let finding = check.finding(message, span).label(*first, "first here");
                check.report(finding);
            }
            seen.push((device, span));
        }
    }
    let gpu = pool.gpu.as_ref().ok_or(Silent)?;
    let table = catalog::mig_table(&check.ask, gpu.name).ok_or(Silent)?;
    for layout in layouts.iter() {
        // What a layout leaves open is silent for that layout alone.
        let _ = pack(check, layout, &table);
    }
    Ok(())
}

fn device_exists(check: &mut Check, pool: &placement::Pool, device: u64, span: Span) {
    let Some(gpus) = pool.gpus_per_node() else { return };
    if device >= gpus {
        let message = format!("there is no GPU {device}: {} has {gpus}, from 0", pool.instance_name);
        let finding = check.finding(message, span).label(pool.instance_span, format!("{gpus} GPUs"));
        check.report(finding);
    }
}

fn pack(check: &mut Check, layout: View<'_, MigLayout>, table: &MigTable) -> Answer {
    let placements = placements(table);
    let profiles: Vec<Profile<'_>> = table
        .profiles
        .iter()
        .zip(&placements)
        .map(|(row, placements)| {
            Some(Profile {
                name: row.name,
                slices: row.compute?,
                placements: Some(placements).filter(|placements| !placements.is_empty())?,
                max: row.max?,
                media: row.attributes.iter().any(|attribute| attribute.starts_with("+me")),
            })
        })
        .collect::<Option<_>>()
        .ok_or(Silent)?;
    let mut wanted = Vec::new();
    for share in layout.profile().iter() {
        let name = share.profile().present()?.to_string();
        let index = table.profiles.iter().position(|row| row.name == name).ok_or(Silent)?;
        wanted.push((index, share.count().or(1)?));
    }
    let (slots, slices) = (table.memory_slots.ok_or(Silent)?, table.compute_slices.ok_or(Silent)?);
    let taken = wanted.iter().map(|(index, count)| profiles[*index].slices.saturating_mul(*count));
    let taken = taken.fold(0, u64::saturating_add);
    match mig::pack(slots, slices, &profiles, &wanted) {
        Packing::DoesNotFit(why) => {
            let said: Vec<String> =
                wanted.iter().map(|(index, count)| format!("{count} · {}", profiles[*index].name)).collect();
            let message = format!("{} do not fit one GPU: {}", said.join(" + "), because(&why, &profiles));
            let finding = check.finding(message, layout.span()).with_note(format!(
                "the GPU has {slots} memory slots and {slices} compute slices; placements, not sums, decide"
            ));
            check.report(explain(finding, &why, &profiles));
        }
        // Where all compute slices are taken, as by seven slices of one, the rest is nobody's fault.
        Packing::Fits { stranded, .. } if !stranded.is_empty() && taken < slices => {
            let message = format!("memory slots {stranded:?} stay empty: no profile can use them");
            let finding = check.warning(message, layout.span());
            check.report(finding);
        }
        Packing::Fits { .. } | Packing::Undecided => {}
    }
    Ok(())
}

/// Ranges of memory slots for each profile of a table: (start, size).
fn placements(table: &MigTable) -> Vec<Vec<(u64, u64)>> {
    let of = |row: &purlin_stdlib::facts::MigProfile| {
        row.starts.iter().filter_map(|start| Some((*start, row.slots?))).collect()
    };
    table.profiles.iter().map(of).collect()
}

fn because(why: &Why, profiles: &[Profile<'_>]) -> String {
    let name = |index: &usize| profiles.get(*index).map_or("", |profile| profile.name);
    match why {
        Why::NoProfile(index) => format!("no profile {index}"),
        Why::Count { profile, wanted, max } => {
            format!("{wanted} of {}, of which a GPU holds {max}", name(profile))
        }
        Why::Media(count) => format!("{count} slices with media engines, of which a GPU has one set"),
        Why::Compute { wanted, available } => format!("{wanted} compute slices of {available}"),
        Why::Memory { wanted, available } => format!("{wanted} memory slots of {available}"),
        Why::Placement { missing, .. } => {
            let names: Vec<&str> = missing.iter().map(name).collect();
            format!("no place is left for {}", names.join(", "))
        }
    }
}

fn explain(
    finding: purlin_syntax::Diagnostic,
    why: &Why,
    profiles: &[Profile<'_>],
) -> purlin_syntax::Diagnostic {
    let Why::Placement { placed, free, .. } = why else { return finding };
    let placed: Vec<String> = placed
        .iter()
        .filter_map(|place| Some(format!("{} at {}", profiles.get(place.profile)?.name, place.start)))
        .collect();
    finding.with_note(format!("at the best: {}; free slots {free:?}", placed.join(", ")))
}
