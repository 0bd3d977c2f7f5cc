//! `capacity.capacity-kind`: ways of buying nodes that the cloud does not have, or that will not get any.

use purlin_schema::Silent;
use purlin_schema::View;
use purlin_schema::kinds::organisation::Provider;
use purlin_schema::kinds::pools::{Capacity, CapacityKind, CpuPool, GpuPool, NodePlacement};
use purlin_schema::units::Duration;
use purlin_schema::view::ChoiceType;
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::laws::capacity_block;
use crate::query::placement::{self, Pool};

/// The rule.
pub static RULE: Rule = Rule {
    id: "capacity.capacity-kind",
    level: Level::Error,
    summary: "a way of buying nodes that the cloud does not have, or that is not to be had",
    scope: Scope::Neighbours,
    page: include_str!("capacity_kind.md"),
    run: Run::Each(&["gpu-pool", "cpu-pool"], check),
};

/// Generations whose 8-GPU machines are seldom to be had on demand.
const SCARCE: [&str; 3] = ["hopper", "blackwell", "blackwell-ultra"];

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let pool = placement::pool(&check.ask, id)?;
    scarce(check, &pool);
    let capacity = match check.ask.view::<GpuPool>(id) {
        Some(view) => view.capacity(),
        None => check.view::<CpuPool>(id)?.capacity(),
    };
    let (span, said) = (capacity.span().ok_or(Silent)?, capacity.present()?);
    match pool.capacity {
        CapacityKind::CapacityBlock => {
            if elsewhere(check, &pool, span, Provider::Aws) {
                return Ok(());
            }
            block_zone(check, said, span);
            block_sizes(check, &pool, said, span)?;
            block_time(check, said)
        }
        CapacityKind::FlexStart => {
            elsewhere(check, &pool, span, Provider::Gcp);
            flex_start(check, id, span)
        }
        CapacityKind::Reserved if said.zone().is_absent() => {
            let message = "reserved capacity exists in one zone alone, and no zone is said";
            let finding = check.finding(message, span);
            check.report(finding);
            Ok(())
        }
        CapacityKind::Reserved | CapacityKind::OnDemand | CapacityKind::Spot => Ok(()),
    }
}

/// A kind that one cloud alone sells.
fn elsewhere(check: &mut Check, pool: &Pool, span: Span, only: Provider) -> bool {
    let Some(provider) = pool.provider.filter(|provider| *provider != only) else { return false };
    let message = format!(
        "{} is sold by {} alone; the pool is in {}",
        pool.capacity.word(),
        only.word(),
        provider.word()
    );
    let finding = check.finding(message, span);
    check.report(finding);
    true
}

fn scarce(check: &mut Check, pool: &Pool) {
    let Some(gpu) = &pool.gpu else { return };
    let top = gpu.generation.is_some_and(|generation| SCARCE.contains(&generation));
    let whole = pool.gpus_per_node().is_some_and(|gpus| gpus >= 8);
    if !top
        || !whole
        || pool.capacity != CapacityKind::OnDemand
        || pool.provider == Some(Provider::OnPremises)
    {
        return;
    }
    let message = format!("{} on demand is often not to be had: nothing is reserved", pool.instance_name);
    let finding = check.warning(message, pool.span).label(pool.instance_span, gpu.name).with_note(
        "a job waits until the cloud has nodes; a reservation or a capacity block is there when it is needed",
    );
    check.report(finding);
}

fn block_zone(check: &mut Check, capacity: View<'_, Capacity>, span: Span) {
    if capacity.zone().is_absent() {
        let finding = check.finding("a capacity block is in one zone, and no zone is said", span);
        check.report(finding);
    }
}

fn block_sizes(check: &mut Check, pool: &Pool, capacity: View<'_, Capacity>, span: Span) -> Answer {
    let mut sum: u64 = 0;
    for block in capacity.block().iter() {
        let nodes = block.nodes();
        let count = nodes.present()?;
        sum = sum.saturating_add(count);
        if !capacity_block::SIZES.contains(&count) {
            let sizes = super::super::hardware::parallel_world::list(&capacity_block::SIZES);
            let message = format!("no capacity block has {count} instances");
            let mut finding = check
                .finding(message, nodes.span().unwrap_or(span))
                .with_note(format!("sizes: {sizes} (AWS, EC2 Capacity Blocks for ML)"));
            if let Some(blocks) = capacity_block::blocks_for(count).filter(|blocks| blocks.len() > 1) {
                let parts: Vec<String> = blocks.iter().map(u64::to_string).collect();
                finding = finding.with_note(format!("{count} = {}", parts.join(" + ")));
            }
            check.report(finding);
        }
    }
    let most = pool.most_nodes.ok_or(Silent)?;
    if most > sum {
        let message = format!("the pool has {most} nodes; its blocks hold {sum}");
        let finding = check.finding(message, span).label(pool.span, format!("{most} nodes"));
        check.report(finding);
    }
    Ok(())
}

fn block_time(check: &mut Check, capacity: View<'_, Capacity>) -> Answer {
    let (start, end) = (capacity.start(), capacity.end());
    let (from, until) = (start.present()?, end.present()?);
    let span = end.span().ok_or(Silent)?;
    let Some(lasts) = until.since(from) else {
        let finding = check.finding("the block ends before it begins", span);
        check.report(finding);
        return Ok(());
    };
    let day = Duration(86_400_000_000);
    let days = lasts.0 / day.0;
    if lasts.0 % day.0 != 0 || !capacity_block::is_legal_duration(days) {
        let covering = capacity_block::covering_duration(lasts.0.div_ceil(day.0));
        let mut finding = check
            .finding(format!("no capacity block lasts {lasts}"), span)
            .with_note("blocks last 1 to 14 days, or weeks up to 182 days (AWS, EC2 Capacity Blocks for ML)");
        if let Some(days) = covering {
            finding = finding.with_note(format!("{days} days cover it"));
        }
        check.report(finding);
    }
    let Some(today) = check.ask.options.as_of else { return Ok(()) };
    let ahead = from.since(today.start()).map_or(0, |time| time.0 / day.0);
    if ahead > capacity_block::DAYS_AHEAD {
        let message = format!(
            "the block begins in {ahead} days; they are sold {} days ahead",
            capacity_block::DAYS_AHEAD
        );
        let finding = check.finding(message, start.span().unwrap_or(span));
        check.report(finding);
    }
    Ok(())
}

/// What Google refuses: a fixed number of nodes, and compact placement on most machines.
fn flex_start(check: &mut Check, id: ResourceId, span: Span) -> Answer {
    let pool = check.view::<GpuPool>(id)?;
    if let Some(at) = pool.nodes().present()?.count().span() {
        let finding = check
            .finding("flex-start has no fixed number of nodes", at)
            .label(span, "waits until nodes are to be had")
            .with_note(
                "say `min=0 max=…`: the number follows the jobs (GKE refuses node_count with flex_start)",
            );
        check.report(finding);
    }
    let name = pool.instance().present()?.name;
    let compact = ["a3-ultragpu-", "a4-", "h4d-"].iter().any(|family| name.as_str().starts_with(family));
    if pool.placement().get() == Some(NodePlacement::Cluster) && !compact {
        let finding = check
            .finding(
                format!("flex-start gives {name} no compact placement"),
                pool.placement().span().unwrap_or(span),
            )
            .with_note("GKE admits both together for a3-ultragpu, a4 and h4d machines alone");
        check.report(finding);
    }
    Ok(())
}
