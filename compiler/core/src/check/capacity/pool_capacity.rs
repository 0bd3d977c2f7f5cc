//! `capacity.pool-capacity`: more at once than a pool has at its largest.

use purlin_schema::Silent;
use purlin_syntax::Level;

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::demand::{self, Holds, Use};
use crate::query::placement::{self, Pool};

/// The rule.
pub static RULE: Rule = Rule {
    id: "capacity.pool-capacity",
    level: Level::Error,
    summary: "more at once than the pool has at its largest",
    scope: Scope::Aggregate,
    page: include_str!("pool_capacity.md"),
    run: Run::Each(&["gpu-pool", "cpu-pool"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let pool = placement::pool(&check.ask, id)?;
    let uses = demand::of_pool(&check.ask, id);
    let nodes = pool.working_nodes().ok_or(Silent)?;
    for used in uses.iter().filter(|used| used.holds == Holds::WhileItRuns) {
        alone(check, &pool, nodes, used);
    }
    gpus(check, &pool, nodes, &uses);
    slices(check, &pool, &uses);
    processors(check, &pool, nodes, &uses);
    Ok(())
}

/// A job that does not fit the empty pool never starts.
fn alone(check: &mut Check, pool: &Pool, nodes: u64, used: &Use) {
    if used.placed.nodes > nodes {
        let spare = if pool.spare > 0 { format!(", {} spares kept back", pool.spare) } else { String::new() };
        let message = format!(
            "{} takes {} nodes; {} has {nodes} at its largest{spare}",
            used.address,
            used.placed.nodes,
            pool.address()
        );
        let finding = check.finding(message, used.placed.span).label(pool.span, format!("{nodes} nodes"));
        check.report(finding);
    }
}

/// Endpoints at their largest, with what a rollout adds, and jobs beside endpoints at their smallest.
fn gpus(check: &mut Check, pool: &Pool, nodes: u64, uses: &[Use]) {
    let Some(per_node) = pool.gpus_per_node().filter(|gpus| *gpus > 0) else { return };
    let held: Vec<&Use> = uses.iter().filter(|used| used.holds == Holds::Always).collect();
    let sum = |replicas: fn(&Use) -> u64| {
        held.iter().filter_map(|used| used.gpus(replicas(used))).fold(0, u64::saturating_add)
    };
    let all = nodes.saturating_mul(per_node);
    let most = sum(Use::peak);
    if most > all {
        let message = format!("{} GPUs are held at the worst moment; {} has {all}", most, pool.address());
        let mut finding =
            check.finding(message, pool.span).because(format!("{nodes} nodes · {per_node} GPUs"));
        for used in held.iter().filter(|used| used.gpus(1).is_some_and(|gpus| gpus > 0)) {
            let each = used.gpus(1).unwrap_or(0);
            finding = finding.label(used.placed.span, "takes of it").with_note(format!(
                "{}: ({}) · {each} = {} GPUs",
                used.address,
                used.counted(),
                each * used.peak()
            ));
        }
        check.report(finding);
    }
    let least = sum(|used| used.least);
    for job in uses.iter().filter(|used| used.holds == Holds::WhileItRuns) {
        let Some(need) = job.gpus(1).filter(|need| *need <= all && *need > 0) else { continue };
        if least.saturating_add(need) > all {
            let message = format!(
                "{} takes {need} GPUs; endpoints always hold {least} of the {all} of {}",
                job.address,
                pool.address()
            );
            let finding = check.finding(message, job.placed.span).label(pool.span, format!("{all} GPUs"));
            check.report(finding);
        }
    }
}

/// Slices of each profile, those that are lent with a number taken off first.
fn slices(check: &mut Check, pool: &Pool, uses: &[Use]) {
    let mut profiles: Vec<_> = uses.iter().filter_map(|used| used.placed.profile).collect();
    profiles.sort_unstable();
    profiles.dedup();
    for profile in profiles {
        let Ok(have) = demand::slices(&check.ask, pool, profile) else { continue };
        let of: Vec<&Use> = uses.iter().filter(|used| used.placed.profile == Some(profile)).collect();
        let need = of.iter().fold(0_u64, |sum, used| sum.saturating_add(used.peak()));
        let left = have.all.saturating_sub(have.lent);
        // That there is none at all, `hardware.mig-strategy` says.
        if need <= left || have.per_node == 0 {
            continue;
        }
        let message =
            format!("{need} slices {profile} are held at the worst moment; {} has {left}", pool.address());
        let mut finding = check
            .finding(message, pool.span)
            .because(format!("{} a node, {} lent", have.per_node, have.lent));
        for used in of {
            finding = finding.label(used.placed.span, "takes of it").with_note(format!(
                "{}: {}",
                used.address,
                used.counted()
            ));
        }
        check.report(finding);
    }
}

/// Cores and memory that are requested, against those of the machines; what the system keeps for itself is not counted.
fn processors(check: &mut Check, pool: &Pool, nodes: u64, uses: &[Use]) {
    let Some(instance) = pool.instance.as_ref() else { return };
    for used in uses {
        let placed = &used.placed;
        if let (Some(asked), Some(have)) = (placed.cpu, instance.vcpu)
            && asked > have as f64
        {
            let message =
                format!("{} requests {asked} cores of one node; {} has {have}", used.address, instance.name);
            let finding =
                check.finding(message, placed.span).label(pool.instance_span, format!("{have} cores"));
            check.report(finding);
        }
        if let (Some(asked), Some(have)) = (placed.memory, instance.memory)
            && asked.0 > have.0
        {
            let message =
                format!("{} requests {asked} of one node; {} has {have}", used.address, instance.name);
            let finding = check.finding(message, placed.span).label(pool.instance_span, have.to_string());
            check.report(finding);
        }
    }
    let Some(cores) = instance.vcpu.map(|vcpu| vcpu.saturating_mul(nodes) as f64) else { return };
    let held = uses.iter().filter(|used| used.holds == Holds::Always);
    let need: f64 = held.map(|used| used.placed.cpu.unwrap_or(0.0) * used.peak() as f64).sum();
    if need > cores {
        let message =
            format!("{need} cores are requested at the worst moment; {} has {cores}", pool.address());
        let mut finding = check.finding(message, pool.span);
        for used in uses.iter().filter(|used| used.holds == Holds::Always) {
            if let Some(cpu) = used.placed.cpu {
                finding = finding.with_note(format!("{}: ({}) · {cpu} cores", used.address, used.counted()));
            }
        }
        check.report(finding);
    }
}
