//! What pools and runs cost, as intervals over dated prices.
//!
//! A price that the catalog lacks for a region becomes a range around what other regions pay; what nobody says stays
//! in the list of unknowns, and is no part of any sum.

use purlin_schema::kinds::organisation::{Platform, Provider};
use purlin_schema::kinds::pools::{CapacityKind, GpuPool};
use purlin_schema::kinds::serving::BatchInference;
use purlin_schema::kinds::stores::Storage;
use purlin_schema::kinds::training::TrainingJob;
use purlin_schema::print::print_value;
use purlin_schema::units::{Currency, Date, Duration, HOURS_PER_MONTH, Money};
use purlin_schema::{Field, Shape, Silent, Type, Value};
use purlin_stdlib::facts::Capacity;

use super::demand::{self, Holds, Use};
use super::placement::{self, Pool};
use super::time;
use crate::ask::Ask;
use crate::catalog;
use crate::graph::ResourceId;
use crate::laws::format;
use crate::laws::interval::Interval;

/// How much dearer another region may be than the known ones: Frankfurt against Virginia, in public price lists.
const OTHER_REGION: f64 = 1.2;

/// What something costs: units of a currency, from … to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The amount.
    pub amount: Interval,
    /// Of which currency.
    pub currency: Currency,
    /// How it was arrived at, a line each: quantities, prices and their dates.
    pub how: Vec<String>,
    /// What was assumed.
    pub assumed: Vec<String>,
}

impl Cost {
    /// Both ends as money; `None` where they do not fit.
    pub fn money(&self) -> Option<(Money, Money)> {
        let money = |amount: f64| {
            let micros = (amount * 1e6).round();
            (micros.abs() < 9e18).then_some(Money { micros: micros as i64, currency: self.currency })
        };
        Some((money(self.amount.low)?, money(self.amount.high)?))
    }

    /// The same in another currency, at the platform's rate; `None`: it states none.
    pub fn converted(&self, ask: &Ask, to: Currency) -> Option<Cost> {
        if to == self.currency {
            return Some(self.clone());
        }
        let (rate, day) = exchange_rate(ask, self.currency, to)?;
        let mut cost = Cost { amount: self.amount * rate, currency: to, ..self.clone() };
        let of = day.map_or(String::new(), |day| format!(" of {day}"));
        cost.how.push(format!("1 {} = {rate} {to}{of}", self.currency));
        Some(cost)
    }
}

/// A range of money: `880–881 USD`.
pub fn show(amount: Interval, currency: Currency) -> String {
    format::range(amount, 0, currency.code())
}

fn exchange_rate(ask: &Ask, from: Currency, to: Currency) -> Option<(f64, Option<Date>)> {
    for (_, platform) in ask.all::<Platform>() {
        for row in platform.exchange_rate().iter() {
            let rate = row.rate().get().filter(|rate| *rate > 0.0);
            match (row.from().get(), row.to().get(), rate) {
                (Some(a), Some(b), Some(rate)) if a == from.code() && b == to.code() => {
                    return Some((rate, row.as_of().get()));
                }
                (Some(a), Some(b), Some(rate)) if a == to.code() && b == from.code() => {
                    return Some((1.0 / rate, row.as_of().get()));
                }
                _ => {}
            }
        }
    }
    None
}

/// What one node of a pool costs an hour; `None`: nothing is known of its price.
pub fn node_hour(ask: &Ask, pool: &Pool) -> Option<Cost> {
    let name = pool.instance_name.as_str();
    let region = pool.region.map_or("", |region| region.as_str());
    let wanted = priced(pool);
    if let Some(rate) = catalog::price(ask, name, region, wanted) {
        let hour = Interval::exactly(rate.rate.per_hour());
        let how = format!("{name} at {} ({} {}, {})", rate.rate, region, word(wanted), rate.as_of);
        return Some(Cost {
            amount: hour,
            currency: rate.rate.currency,
            how: vec![how],
            assumed: Vec::new(),
        });
    }
    elsewhere(ask, name, wanted).or_else(|| {
        // Nobody sells spare or prepaid capacity dearer than on demand; how much cheaper it is, nobody says.
        let mut bound = catalog::price(ask, name, region, Capacity::OnDemand)
            .map(|rate| (rate.rate.per_hour(), rate.rate.currency))
            .or_else(|| {
                elsewhere(ask, name, Capacity::OnDemand).map(|cost| (cost.amount.high, cost.currency))
            })?;
        bound.0 = bound.0.max(0.0);
        Some(Cost {
            amount: Interval { low: 0.0, high: bound.0 },
            currency: bound.1,
            how: vec![format!("{name} at most {} {}/h", format::decimals(bound.0, 2), bound.1)],
            assumed: vec![format!("no {} price of {name} is known: at most that on demand", word(wanted))],
        })
    })
}

/// The range of what other regions pay.
fn elsewhere(ask: &Ask, name: &str, capacity: Capacity) -> Option<Cost> {
    let rates = catalog::rates(ask, name);
    let mut same = rates.iter().filter(|rate| rate.capacity == capacity);
    let first = same.next()?;
    let currency = first.rate.currency;
    let hours = |amount: Interval, rate: &purlin_stdlib::facts::Rate| {
        amount.hull(Interval::exactly(rate.rate.per_hour()))
    };
    let known = same
        .filter(|rate| rate.rate.currency == currency)
        .fold(Interval::exactly(first.rate.per_hour()), hours);
    let amount = Interval { low: known.low, high: known.high * OTHER_REGION };
    let shown = format::range(amount, 2, currency.code());
    Some(Cost {
        amount,
        currency,
        how: vec![format!("{name} at {shown}/h ({} in {}, {})", word(capacity), first.region, first.as_of)],
        assumed: vec![format!("the price of {name} in another region, to 20% more")],
    })
}

fn word(capacity: Capacity) -> &'static str {
    purlin_schema::view::ChoiceType::word(capacity)
}

/// The price that a pool pays. A capacity reservation at AWS costs what its instances cost on demand.
fn priced(pool: &Pool) -> Capacity {
    match pool.capacity {
        CapacityKind::OnDemand => Capacity::OnDemand,
        CapacityKind::Spot => Capacity::Spot,
        CapacityKind::Reserved if pool.provider == Some(Provider::Aws) => Capacity::OnDemand,
        CapacityKind::Reserved => Capacity::Reserved,
        CapacityKind::CapacityBlock => Capacity::CapacityBlock,
        CapacityKind::FlexStart => Capacity::FlexStart,
    }
}

/// Hours of one run: as computed at the least, its deadline at the most. `None`: neither is known.
pub fn run_hours(ask: &Ask, id: ResourceId) -> Result<Option<Interval>, Silent> {
    let (computed, deadline) = match ask.resource(id).ok_or(Silent)?.kind.name {
        "training-job" => {
            let job = ask.view::<TrainingJob>(id).ok_or(Silent)?;
            (time::of(ask, id)?.map(|run| run.seconds / 3600.0), job.deadline().known()?)
        }
        "batch-inference" => (None, ask.view::<BatchInference>(id).ok_or(Silent)?.deadline().known()?),
        _ => return Err(Silent),
    };
    Ok(match (computed, deadline.map(Duration::hours)) {
        (Some(computed), Some(deadline)) if deadline >= computed.low => {
            Some(Interval { low: computed.low, high: deadline })
        }
        (Some(computed), _) => Some(computed),
        (None, Some(deadline)) => Some(Interval { low: 0.0, high: deadline }),
        (None, None) => None,
    })
}

/// What one run costs: nodes · hours · price. `None`: hours or price are not known.
pub fn run(ask: &Ask, id: ResourceId) -> Result<Option<Cost>, Silent> {
    let placed = placement::of(ask, id)?;
    let pool = placed.pool().ok_or(Silent)?;
    let (Some(hours), Some(price)) = (run_hours(ask, id)?, node_hour(ask, pool)) else { return Ok(None) };
    let nodes = node_share(&placed, pool) * placed.nodes as f64;
    let amount =
        Interval { low: nodes * hours.low * price.amount.low, high: nodes * hours.high * price.amount.high };
    let line = format!(
        "{} nodes · {} · {} a node",
        format::decimals(nodes, usize::from(nodes.fract() != 0.0)),
        format::range(hours, 1, "h"),
        format::range(price.amount, 2, &format!("{}/h", price.currency)),
    );
    let how = std::iter::once(line).chain(price.how).collect();
    Ok(Some(Cost { amount, currency: price.currency, how, assumed: price.assumed }))
}

/// The part of a node that one replica pays for: all of it where whole nodes are asked for or nothing else is known.
fn node_share(placed: &placement::Placed, pool: &Pool) -> f64 {
    match (placed.whole_nodes, placed.gpus_per_node, pool.gpus_per_node()) {
        (false, Some(gpus), Some(all)) if gpus > 0 && all > 0 => (gpus as f64 / all as f64).min(1.0),
        _ => 1.0,
    }
}

/// What a month of a pool costs; `None`: its price or its size are not known.
pub fn pool_month(ask: &Ask, id: ResourceId) -> Result<Option<Cost>, Silent> {
    let pool = placement::pool(ask, id)?;
    let (Some(price), Some(most)) = (node_hour(ask, &pool), pool.most_nodes) else { return Ok(None) };
    let mut assumed = Vec::new();
    let hours = if pool.capacity == CapacityKind::CapacityBlock {
        block_hours(ask, id)?
    } else {
        Some(node_hours(ask, &pool, most, &mut assumed))
    };
    let Some(hours) = hours else { return Ok(None) };
    let amount = Interval { low: hours.low * price.amount.low, high: hours.high * price.amount.high };
    let line = format!("{} node-hours", format::range(hours, 0, "").trim_end());
    assumed.extend(price.assumed);
    let how = std::iter::once(line).chain(price.how).collect();
    Ok(Some(Cost { amount, currency: price.currency, how, assumed }))
}

/// Node-hours of a block in its dearest month; nothing in a month without it.
fn block_hours(ask: &Ask, id: ResourceId) -> Result<Option<Interval>, Silent> {
    let Some(pool) = ask.view::<GpuPool>(id) else { return Ok(None) };
    let capacity = pool.capacity().present()?;
    let (Some(start), Some(end)) = (capacity.start().known()?, capacity.end().known()?) else {
        return Ok(None);
    };
    let mut nodes: u64 = 0;
    for block in capacity.block().iter() {
        nodes = nodes.saturating_add(block.nodes().present()?);
    }
    let hours = end.since(start).map_or(0.0, Duration::hours).min(f64::from(HOURS_PER_MONTH));
    Ok(Some(Interval { low: 0.0, high: nodes as f64 * hours }))
}

/// Node-hours of a month: the nodes that are always there, and beside them as many hours as the jobs run; up to all
/// nodes all the time where anything else may hold them.
fn node_hours(ask: &Ask, pool: &Pool, most: u64, assumed: &mut Vec<String>) -> Interval {
    let month = f64::from(HOURS_PER_MONTH);
    let (least, most) = (pool.least_nodes as f64 * month, most as f64 * month);
    let uses = demand::of_pool(ask, pool.id);
    if uses.is_empty() || uses.iter().any(|used| used.holds == Holds::Always) {
        return Interval::new(least, most);
    }
    let mut run = Interval::ZERO;
    for used in &uses {
        let Some(hours) = monthly(ask, used, assumed) else { return Interval::new(least, most) };
        run = run + hours * used.placed.nodes as f64;
    }
    Interval { low: least.max(run.low.min(most)), high: (least + run.high).min(most) }
}

/// Hours of a month that a job runs.
fn monthly(ask: &Ask, used: &Use, assumed: &mut Vec<String>) -> Option<Interval> {
    let id = used.placed.id;
    let hours = run_hours(ask, id).ok()??;
    let job = ask.view::<TrainingJob>(id).map(|job| job.schedule());
    let schedule = job.or_else(|| ask.view::<BatchInference>(id).map(|batch| batch.schedule()));
    let runs = match schedule {
        Some(Field::Present(schedule, _)) => runs_a_month(schedule.cron().get()?),
        _ => {
            assumed.push(format!("{} runs once a month: it has no schedule", used.address));
            Some(1.0)
        }
    };
    Some(hours * runs?)
}

/// Starts of a schedule in a month, on the average of a year.
fn runs_a_month(cron: purlin_schema::units::Cron) -> Option<f64> {
    let first = Date::of(2026, 1, 1)?;
    let times = cron.times();
    let days = (0..365).filter_map(|day| first.plus_days(day)).filter(|day| times.on_day(*day)).count();
    Some(days as f64 * f64::from(times.per_day()) / 12.0)
}

/// One line of a month's bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The resource.
    pub id: ResourceId,
    /// Its address.
    pub address: String,
    /// What it costs a month.
    pub cost: Cost,
}

/// A month of the whole platform.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Bill {
    /// Pools, by address.
    pub lines: Vec<Line>,
    /// Sums, one a currency, in the order of their codes.
    pub totals: Vec<(Currency, Interval)>,
    /// What is paid for and has no known price, by address.
    pub unknown: Vec<String>,
}

/// What a month costs: pools of nodes; storage has no known prices and is listed as unknown.
pub fn month(ask: &Ask) -> Bill {
    let mut bill = Bill::default();
    let mut pools: Vec<ResourceId> = ask.all::<GpuPool>().into_iter().map(|(id, _)| id).collect();
    pools.extend(ask.all::<purlin_schema::kinds::pools::CpuPool>().into_iter().map(|(id, _)| id));
    for id in pools {
        let Some(resource) = ask.resource(id) else { continue };
        let address = resource.address();
        match pool_month(ask, id) {
            Ok(Some(cost)) => bill.lines.push(Line { id, address, cost }),
            Ok(None) | Err(Silent) => bill.unknown.push(address),
        }
    }
    for (id, storage) in ask.all::<Storage>() {
        let existing = storage.existing().is_empty();
        if let Some(resource) = ask.resource(id).filter(|_| existing) {
            bill.unknown.push(resource.address());
        }
    }
    bill.lines.sort_by(|a, b| a.address.cmp(&b.address));
    bill.unknown.sort_unstable();
    for line in &bill.lines {
        match bill.totals.iter_mut().find(|(currency, _)| *currency == line.cost.currency) {
            Some((_, total)) => *total = *total + line.cost.amount,
            None => bill.totals.push((line.cost.currency, line.cost.amount)),
        }
    }
    bill.totals.sort_unstable_by_key(|(currency, _)| *currency);
    bill
}

/// What one payer's share of a bill is.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Who pays: `team.research`, or the value of a label; none where nobody is named.
    pub payer: Option<String>,
    /// Of which currency.
    pub currency: Currency,
    /// The sum.
    pub amount: Interval,
    /// How many of the payer's resources have no known price.
    pub unknown: usize,
}

/// The sums of a bill by `owner`, or by a label: that of the resource, else of its cluster, else of its cloud; owners at
/// last of the platform. By payer, then by currency.
pub fn shares(ask: &Ask, bill: &Bill, by: &str) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for line in &bill.lines {
        let payer = payer(ask, line.id, by);
        let currency = line.cost.currency;
        match shares.iter_mut().find(|share| share.payer == payer && share.currency == currency) {
            Some(share) => share.amount = share.amount + line.cost.amount,
            None => shares.push(Share { payer, currency, amount: line.cost.amount, unknown: 0 }),
        }
    }
    for address in &bill.unknown {
        let payer = ask.graph.lookup(address).and_then(|resource| payer(ask, resource.id, by));
        if let Some(share) = shares.iter_mut().find(|share| share.payer == payer) {
            share.unknown += 1;
        }
    }
    shares.sort_by(|a, b| (&a.payer, a.currency).cmp(&(&b.payer, b.currency)));
    shares
}

fn payer(ask: &Ask, id: ResourceId, by: &str) -> Option<String> {
    let inside = |id: ResourceId, relation: &str| {
        ask.graph.edges(id).iter().find(|edge| edge.relation == relation).map(|edge| edge.to)
    };
    let cluster = inside(id, "cluster");
    let cloud = inside(cluster.unwrap_or(id), "cloud");
    let platform = ask.all::<Platform>().first().map(|(id, _)| *id).filter(|_| by == "owner");
    [Some(id), cluster, cloud, platform].into_iter().flatten().find_map(|id| {
        let record = &ask.resource(id)?.record;
        if by == "owner" {
            let Value::Reference(owner) = &record.named("owner")?.value else { return None };
            return Some(format!("team.{}", owner.name));
        }
        let Value::Map(labels) = &record.named("labels")?.value else { return None };
        let label = labels.iter().find(|label| label.key.as_str() == by)?;
        Some(print_value(&label.value, Shape::One(Type::Any)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::testing::{example, id, session};

    /// Checks what a run of an example costs, in whole units.
    #[track_caller]
    fn check(project: &str, environment: Option<&str>, job: &str, expect: &str) {
        let session = session(&example(project, &[]));
        let graph = session.graph(environment).expect("the environment is declared");
        let cost = run(&session.ask(graph), id(graph, job)).expect("all is said").expect("all is known");
        assert_eq!(show(cost.amount, cost.currency), expect);
    }

    #[test]
    fn phase_1_costs_what_its_invoice_says() {
        // 64 nodes · 927.7…1296 h · 39.33 USD.
        check("pretrain-405b", None, "training-job.phase-1", "2335038–3262188 USD");
    }

    #[test]
    fn a_month_lists_pools_and_what_has_no_price() {
        let session = session(&example("support-assistant", &[]));
        let graph = session.graph(Some("prod")).expect("prod is declared");
        let bill = month(&session.ask(graph));
        let lines: Vec<String> = bill
            .lines
            .iter()
            .map(|line| format!("{} {}", line.address, show(line.cost.amount, line.cost.currency)))
            .collect();
        // L40S: 2…7 nodes, the price of us-east-1 to 20% more; the block has no price: at most that on demand.
        let expect =
            ["cpu-pool.general 1766–5651 USD", "gpu-pool.h100 0–22192 USD", "gpu-pool.l40s 4386–18422 USD"];
        assert_eq!(lines, expect);
        assert_eq!(bill.unknown, ["storage.checkpoints", "storage.lake"]);
        assert_eq!(bill.totals.len(), 1);
    }
}
