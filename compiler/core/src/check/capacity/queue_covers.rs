//! `capacity.queue-covers`: jobs that their queue can never admit, and queues that promise more than there is.

use std::sync::Arc;

use purlin_schema::Silent;
use purlin_schema::View;
use purlin_schema::kinds::infrastructure::{Queue, Quota};
use purlin_schema::units::Bytes;
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;
use crate::query::placement::{self, Placed, Pool};

/// The rule.
pub static RULE: Rule = Rule {
    id: "capacity.queue-covers",
    level: Level::Error,
    summary: "a job that its queue never admits, or a queue that promises more than there is",
    scope: Scope::Aggregate,
    page: include_str!("queue_covers.md"),
    run: Run::Each(&["queue", "training-job", "batch-inference"], check),
};

fn check(check: &mut Check, id: ResourceId) -> Answer {
    if check.ask.resource(id).ok_or(Silent)?.kind.name == "queue" {
        return promises(check, id);
    }
    let placed = placement::of(&check.ask, id)?;
    let queue_id = placed.queue.ok_or(Silent)?;
    let queue = check.view::<Queue>(queue_id)?;
    reaches(check, &placed, queue_id, queue)?;
    let quota = queue.nominal_quota();
    let (at, said) = (quota.span().ok_or(Silent)?, quota.present()?);
    let ceiling = Ceiling::of(check, queue_id, queue, said)?;
    for need in needs(&placed) {
        report_need(check, &placed, &need, &ceiling, at);
    }
    if let Some(profile) = placed.profile {
        let message = format!("the quota of its queue counts whole GPUs; {profile} is asked for");
        let finding = check.finding(message, placed.span).label(at, "no slices here");
        check.report(finding);
    }
    Ok(())
}

/// A job on a pool that is none of its queue's.
fn reaches(check: &mut Check, placed: &Placed, queue_id: ResourceId, queue: View<'_, Queue>) -> Answer {
    let pools = placement::queue_pools(&check.ask, queue)?;
    let Some(pool) = placed.pool() else { return Ok(()) };
    if !pools.iter().any(|candidate| candidate.id == pool.id) {
        let name = check.ask.resource(queue_id).ok_or(Silent)?;
        let (address, span) = (name.address(), name.name_span);
        let message = format!("{} is none of the pools of {address}", pool.address());
        let finding = check.finding(message, placed.span).label(span, "admits to other pools");
        check.report(finding);
    }
    Ok(())
}

/// One resource that a job asks for, in all.
struct Need {
    what: &'static str,
    amount: f64,
    how: String,
}

fn needs(placed: &Placed) -> Vec<Need> {
    let mut needs = Vec::new();
    let nodes = placed.nodes as f64;
    if let Some(gpus) = placed.gpus().filter(|gpus| *gpus > 0) {
        let how = format!("{} nodes · {} GPUs", placed.nodes, placed.gpus_per_node.unwrap_or(0));
        needs.push(Need { what: "gpus", amount: gpus as f64, how });
        let efa = placed.pool().filter(|pool| is_efa(pool)).and_then(Pool::fabric_ports);
        if let Some(ports) = efa.filter(|_| placed.nodes > 1) {
            let how = format!("{} nodes · {ports} interfaces", placed.nodes);
            needs.push(Need { what: "efa", amount: ports as f64 * nodes, how });
        }
    }
    if let Some(cpu) = placed.cpu {
        needs.push(Need {
            what: "cpu",
            amount: cpu * nodes,
            how: format!("{} nodes · {cpu} cores", placed.nodes),
        });
    }
    if let Some(memory) = placed.memory {
        let how = format!("{} nodes · {memory}", placed.nodes);
        needs.push(Need { what: "memory", amount: memory.0 as f64 * nodes, how });
    }
    needs
}

fn is_efa(pool: &Pool) -> bool {
    let fabric = pool.instance.as_ref().and_then(|instance| instance.fabric);
    fabric.is_some_and(|fabric| fabric.kind == purlin_stdlib::facts::FabricKind::Efa)
}

/// What a queue may hold: its own quota, with what its cohort lends it.
struct Ceiling {
    gpus: Option<f64>,
    efa: Option<f64>,
    cpu: Option<f64>,
    memory: Option<f64>,
}

impl Ceiling {
    fn of(
        check: &Check,
        id: ResourceId,
        queue: View<'_, Queue>,
        own: View<'_, Quota>,
    ) -> Result<Ceiling, Silent> {
        let mut ceiling = Ceiling::quota(own);
        let Some(cohort) = queue.cohort().known()? else { return Ok(ceiling) };
        let limit = queue.borrowing_limit().known()?.map(Ceiling::quota);
        let mut lent = Ceiling { gpus: None, efa: None, cpu: None, memory: None };
        for (other, view) in check.ask.all::<Queue>() {
            if other != id && view.cohort().known()? == Some(cohort) {
                // A queue without a quota lends all that its pools have: then nothing is refused.
                lent = lent.plus(&Ceiling::quota(view.nominal_quota().present()?));
            }
        }
        if let Some(limit) = limit {
            lent = lent.limited(&limit);
        }
        ceiling = ceiling.plus(&lent);
        Ok(ceiling)
    }

    fn quota(quota: View<'_, Quota>) -> Ceiling {
        Ceiling {
            gpus: quota.gpus().get().map(|gpus| gpus as f64),
            efa: quota.efa().get().map(|efa| efa as f64),
            cpu: quota.cpu().get(),
            memory: quota.memory().get().map(|memory| memory.0 as f64),
        }
    }

    fn combine(&self, other: &Ceiling, with: impl Fn(Option<f64>, Option<f64>) -> Option<f64>) -> Ceiling {
        Ceiling {
            gpus: with(self.gpus, other.gpus),
            efa: with(self.efa, other.efa),
            cpu: with(self.cpu, other.cpu),
            memory: with(self.memory, other.memory),
        }
    }

    /// What a queue does not cover itself it cannot borrow.
    fn plus(&self, other: &Ceiling) -> Ceiling {
        self.combine(other, |own, lent| match own {
            Some(own) => Some(own + lent.unwrap_or(0.0)),
            None => lent,
        })
    }

    fn limited(&self, limit: &Ceiling) -> Ceiling {
        self.combine(limit, |lent, limit| limit.map_or(lent, |limit| lent.map(|lent| lent.min(limit))))
    }

    fn named(&self, what: &str) -> Option<f64> {
        match what {
            "gpus" => self.gpus,
            "efa" => self.efa,
            "cpu" => self.cpu,
            _ => self.memory,
        }
    }
}

fn report_need(check: &mut Check, placed: &Placed, need: &Need, ceiling: &Ceiling, at: Span) {
    let show = |amount: f64| match need.what {
        "memory" => Bytes(amount as u64).to_string(),
        _ => crate::laws::format::decimals(amount, usize::from(amount.fract() != 0.0)),
    };
    let (message, label) = match ceiling.named(need.what) {
        None => {
            let message = format!(
                "{} of {} are asked for; the quota of its queue has none",
                show(need.amount),
                need.what
            );
            (message, format!("no `{}`", need.what))
        }
        Some(most) if need.amount > most => {
            let message = format!(
                "{} of {} are asked for; its queue may hold {}",
                show(need.amount),
                need.what,
                show(most)
            );
            (message, format!("{} at most", show(most)))
        }
        Some(_) => return,
    };
    let finding = check
        .finding(message, placed.span)
        .label(at, label)
        .with_note(format!("{} = {}", need.how, show(need.amount)))
        .with_note("a workload whose resources its queue does not cover waits for ever");
    check.report(finding);
}

/// Quotas of queues over the same pool, together and each alone, against what the pool has at its largest.
fn promises(check: &mut Check, id: ResourceId) -> Answer {
    let queue = check.view::<Queue>(id)?;
    let pools = placement::queue_pools(&check.ask, queue)?;
    let quota = queue.nominal_quota();
    let (at, own) = (quota.span().ok_or(Silent)?, quota.present()?);
    let gpus = total(&pools, |pool, nodes| pool.gpus_per_node()?.checked_mul(nodes))?;
    let efa = total(
        &pools,
        |pool, nodes| {
            if is_efa(pool) { pool.fabric_ports()?.checked_mul(nodes) } else { Some(0) }
        },
    )?;
    for (what, said, have) in
        [("GPUs", own.gpus().known()?, gpus), ("EFA interfaces", own.efa().known()?, efa)]
    {
        let Some(said) = said.filter(|said| *said > have) else { continue };
        let mut finding =
            check.finding(format!("the queue promises {said} {what}; its pools have {have}"), at);
        for pool in &pools {
            let nodes = pool.working_nodes().unwrap_or(0);
            finding = finding.label(pool.span, format!("{nodes} nodes, spares kept back"));
        }
        check.report(finding);
        return Ok(());
    }
    shared(check, id, &pools, gpus, at)
}

/// The same GPUs promised by several queues over one pool.
fn shared(check: &mut Check, id: ResourceId, pools: &[Arc<Pool>], have: u64, at: Span) -> Answer {
    let [pool] = pools else { return Ok(()) };
    let mut sum: u64 = 0;
    let mut lines = Vec::new();
    for resource in check.ask.incoming(pool.id).into_iter().filter(|resource| resource.kind.name == "queue") {
        let other = check.view::<Queue>(resource.id)?;
        if placement::queue_pools(&check.ask, other)?.len() != 1 {
            continue;
        }
        let Some(gpus) = other.nominal_quota().known()?.and_then(|quota| quota.gpus().get()) else {
            continue;
        };
        sum = sum.saturating_add(gpus);
        lines.push((resource.id, format!("{}: {gpus} GPUs", resource.address())));
    }
    // Said once, at the first of them.
    if sum > have && lines.len() > 1 && lines.first().is_some_and(|(first, _)| *first == id) {
        let message = format!("queues promise {sum} GPUs of {} together; it has {have}", pool.address());
        let finding = check.finding(message, at).label(pool.span, format!("{have} GPUs"));
        let finding = lines.into_iter().fold(finding, |finding, (_, line)| finding.with_note(line));
        check.report(finding);
    }
    Ok(())
}

fn total(pools: &[Arc<Pool>], of: impl Fn(&Pool, u64) -> Option<u64>) -> Result<u64, Silent> {
    let mut sum: u64 = 0;
    for pool in pools {
        let amount = of(pool, pool.working_nodes().ok_or(Silent)?).ok_or(Silent)?;
        sum = sum.saturating_add(amount);
    }
    Ok(sum)
}
