//! Expressions in fields: evaluated in the order in which they need one another, and again when what they read moves.

use std::cell::RefCell;
use std::sync::Arc;

use purlin_schema::units::{Extent, Measure, Quantity, QuantityKind};
use purlin_schema::value::{Element, Entry, Formula, Row};
use purlin_schema::{Record, Reference, Shape, Slot, Type, Value};
use purlin_syntax::{Diagnostic, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fault::{LANGUAGE, TYPE};
use super::read::{Cells, Key};
use super::run::{self, Env, Stop};
use super::types;
use super::value::Val;
use super::{Reach, held};
use crate::ask::{Ask, Read};
use crate::graph::{Graph, Resource, ResourceId};
use crate::link;
use crate::variables;

/// What the value of a field rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Ground {
    /// Something of the graph.
    Read(Read),
    /// A name that a reference was looked up by: who has it may change.
    Name(Symbol),
}

/// The resources of one environment whose fields hold expressions.
#[derive(Clone, Default, Debug)]
pub(crate) struct Computing {
    /// As they are before their expressions are evaluated.
    raw: FxHashMap<ResourceId, Resource>,
    rests_on: FxHashMap<ResourceId, Vec<Ground>>,
    readers: FxHashMap<Ground, FxHashSet<ResourceId>>,
    /// What is wrong with their expressions.
    pub(crate) findings: FxHashMap<ResourceId, Vec<Diagnostic>>,
}

/// Whether a record holds an expression that is to be evaluated.
pub(crate) fn has_any(record: &Record) -> bool {
    let mut found = false;
    jobs(record, &mut |_| found = true);
    found
}

impl Computing {
    /// Takes over a resource as it is expanded now. Gives it back where nothing in it is to be evaluated.
    /// `open` says whether anything in it was.
    pub(crate) fn put(
        &mut self,
        id: ResourceId,
        resource: Option<Resource>,
        open: bool,
    ) -> Result<(), Option<Resource>> {
        match resource {
            Some(resource) if open && has_any(&resource.record) => {
                self.raw.insert(id, resource);
                Ok(())
            }
            other => {
                if !self.raw.is_empty() && self.raw.remove(&id).is_some() {
                    self.findings.remove(&id);
                    self.rest(id, Vec::new());
                }
                Err(other)
            }
        }
    }

    /// Whether there is nothing to evaluate, whatever moves.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// All that has to be evaluated again: what is due anyway, who reads what moved, and who reads those.
    pub(crate) fn due(
        &self,
        due: Vec<ResourceId>,
        moved: impl IntoIterator<Item = Ground>,
    ) -> Vec<ResourceId> {
        let mut all: FxHashSet<ResourceId> = due.iter().copied().collect();
        let mut list = due;
        for ground in moved {
            let readers = self.readers.get(&ground).into_iter().flatten();
            // Sorted below, before anything is made of it.
            list.extend(readers.filter(|id| all.insert(**id)));
        }
        let mut next = 0;
        while let Some(id) = list.get(next).copied() {
            next += 1;
            let Some(resource) = self.raw.get(&id) else { continue };
            let grounds = [
                Ground::Read(Read::Resource(id)),
                Ground::Read(Read::Kind(resource.kind.name)),
                Ground::Name(resource.name),
            ];
            for ground in grounds {
                list.extend(self.readers.get(&ground).into_iter().flatten().filter(|id| all.insert(**id)));
            }
        }
        list.retain(|id| self.raw.contains_key(id));
        list
    }

    /// The resource as it is before its expressions are evaluated.
    pub(crate) fn raw(&self, id: ResourceId) -> Option<&Resource> {
        self.raw.get(&id)
    }

    fn rest(&mut self, id: ResourceId, grounds: Vec<Ground>) {
        for ground in self.rests_on.remove(&id).into_iter().flatten() {
            if let Some(readers) = self.readers.get_mut(&ground) {
                readers.remove(&id);
            }
        }
        for ground in &grounds {
            self.readers.entry(*ground).or_default().insert(id);
        }
        if !grounds.is_empty() {
            self.rests_on.insert(id, grounds);
        }
    }

    /// Takes over what an evaluation found.
    pub(crate) fn take(&mut self, id: ResourceId, done: &mut Done, record: bool) {
        let mut seen = FxHashSet::default();
        let mut grounds = std::mem::take(&mut done.grounds);
        grounds.retain(|ground| *ground != Ground::Read(Read::Resource(id)) && seen.insert(*ground));
        self.rest(id, if record { grounds } else { Vec::new() });
        crate::environment::put(&mut self.findings, id, std::mem::take(&mut done.findings));
    }
}

/// A resource whose expressions are evaluated.
#[derive(Default)]
pub(crate) struct Done {
    /// Its fields, all of them values.
    pub record: Option<Arc<Record>>,
    findings: Vec<Diagnostic>,
    grounds: Vec<Ground>,
}

/// One expression of a record.
struct Job {
    formula: Arc<Formula>,
    shape: Shape,
    path: String,
}

/// Calls `found` with every expression of a record that is to be evaluated.
fn jobs(record: &Record, found: &mut dyn FnMut(Job)) {
    in_record(record, "", found);
}

fn in_record(record: &Record, before: &str, found: &mut dyn FnMut(Job)) {
    for slot in record.slots() {
        let field = &record.schema.fields[slot.field as usize];
        if !slot.value.is_open() || held(record.schema, field.name) {
            continue;
        }
        let dot = if before.is_empty() { "" } else { "." };
        in_value(&slot.value, field.shape, &format!("{before}{dot}{}", field.name), found);
    }
}

fn in_value(value: &Value, shape: Shape, path: &str, found: &mut dyn FnMut(Job)) {
    match value {
        Value::Expression(formula) => {
            found(Job { formula: formula.clone(), shape, path: path.to_owned() });
        }
        Value::Record(record) => in_record(record, path, found),
        Value::Many(rows) => {
            rows.iter().for_each(|row| in_record(&row.record, &format!("{path}['{}']", row.key), found));
        }
        Value::List(elements) => {
            elements.iter().for_each(|element| in_value(&element.value, shape, path, found));
        }
        Value::Map(entries) => entries.iter().for_each(|entry| {
            in_value(&entry.value, Shape::One(Type::Any), &format!("{path}.{}", entry.key), found);
        }),
        _ => {}
    }
}

/// Evaluates the expressions of some resources, which stand in the graph as they are before. The others that they read
/// are evaluated already. Gives back one answer for each.
pub(crate) fn evaluate<'g>(ask: impl Fn() -> Ask<'g>, graph: &'g Graph, due: &[ResourceId]) -> Vec<Done> {
    let mut work =
        Work { jobs: Vec::new(), places: FxHashMap::default(), cells: Cells::default(), done: Vec::new() };
    let mut order: Vec<usize> = (0..due.len()).collect();
    order.sort_by_cached_key(|n| {
        due.get(*n).and_then(|id| graph.get(*id)).map(|resource| (resource.kind.name, resource.name.as_str()))
    });
    work.done.resize_with(due.len(), Done::default);
    for position in order {
        let Some(resource) = graph.get(due[position]) else { continue };
        jobs(&resource.record, &mut |job| {
            let key: Key = (resource.id, job.formula.span);
            work.places.insert(key, work.jobs.len());
            work.cells.insert(key, None);
            work.jobs.push((position, resource.id, job));
        });
    }
    for first in 0..work.jobs.len() {
        work.settle(first, &ask, graph);
    }
    for (position, id) in due.iter().enumerate() {
        let Some(resource) = graph.get(*id) else { continue };
        work.done[position].record = Some(Arc::new(filled(&resource.record, *id, &work.cells)));
    }
    work.done
}

struct Work {
    /// The position of the resource among those that are due, the resource, the expression.
    jobs: Vec<(usize, ResourceId, Job)>,
    places: FxHashMap<Key, usize>,
    cells: Cells,
    done: Vec<Done>,
}

impl Work {
    fn key(&self, job: usize) -> Key {
        (self.jobs[job].1, self.jobs[job].2.formula.span)
    }

    fn is_settled(&self, job: usize) -> bool {
        self.cells.get(&self.key(job)).is_some_and(Option::is_some)
    }

    fn set(&mut self, job: usize, value: Value) {
        self.cells.insert(self.key(job), Some(value));
    }

    /// Evaluates one expression, those that it needs before it.
    fn settle<'g>(&mut self, first: usize, ask: &impl Fn() -> Ask<'g>, graph: &Graph) {
        let mut path = vec![first];
        while let Some(job) = path.last().copied() {
            if self.is_settled(job) {
                path.pop();
                continue;
            }
            match self.run(job, ask, graph) {
                Ok(value) => self.set(job, value),
                Err(needed) => match self.places.get(&needed).copied() {
                    None => self.set(job, Value::Unknown),
                    Some(needed) => match path.iter().position(|on| *on == needed) {
                        None => path.push(needed),
                        Some(start) => self.cut(&path[start..], graph),
                    },
                },
            }
        }
    }

    /// Runs one expression. An error is another that is to be evaluated before.
    fn run<'g>(&mut self, job: usize, ask: &impl Fn() -> Ask<'g>, graph: &Graph) -> Result<Value, Key> {
        let (position, id, job) = &self.jobs[job];
        let Some(resource) = graph.get(*id) else { return Ok(Value::Hole) };
        let program = graph.expressions.program(&job.formula.text, Some(resource.kind), Reach::Fields);
        let done = &mut self.done[*position];
        let program = match &*program {
            Ok(program) => program,
            Err(fault) => {
                done.findings.push(fault.diagnostic(&job.formula));
                return Ok(Value::Hole);
            }
        };
        let ask = ask();
        let names = RefCell::default();
        let env = Env { ask: Some(&ask), subject: Some(*id), cells: Some(&self.cells), names: Some(&names) };
        let mut told = None;
        for address in program.addresses() {
            if graph.find(address.kind, address.name).is_none() {
                ask.note(Read::Kind(address.kind));
                told = Some(absent(address, graph));
                break;
            }
        }
        let result = match told {
            Some(fault) => Err(Stop::Fault(Box::new(fault))),
            None => run::run(program, &env),
        };
        let result = match result {
            Ok(value) => Ok(typed(&value, job, graph, &mut done.findings)),
            Err(Stop::Fault(fault)) => {
                done.findings.push(fault.diagnostic(&job.formula));
                Ok(Value::Hole)
            }
            Err(Stop::Pending(key)) => Err(key),
        };
        done.grounds.extend(names.into_inner().into_iter().map(Ground::Name));
        done.grounds.extend(ask.into_reads().into_iter().map(Ground::Read));
        result
    }

    /// Expressions that need each other: said once, all of them holes.
    fn cut(&mut self, circle: &[usize], graph: &Graph) {
        /// So many names of a circle are written out.
        const SHOWN: usize = 8;
        // Jobs are in the order of addresses: the least is the same from wherever the circle was entered.
        let least = circle.iter().enumerate().min_by_key(|(_, job)| **job).map_or(0, |(n, _)| n);
        let turned: Vec<usize> = circle[least..].iter().chain(&circle[..least]).copied().collect();
        let name = |job: usize| {
            let (_, id, job) = &self.jobs[job];
            let address = graph.get(*id).map(Resource::address).unwrap_or_default();
            format!("`{address}.{}`", job.path)
        };
        let Some(&first) = turned.first() else { return };
        let names: Vec<String> = turned.iter().take(SHOWN).map(|job| name(*job)).collect();
        let skipped = if turned.len() > SHOWN { " → …" } else { "" };
        let (position, _, job) = &self.jobs[first];
        let message = format!("{} is defined by itself", name(first));
        let mut finding = Diagnostic::error("language.cycle", message, job.formula.span).with_note(format!(
            "{}{skipped} → {}",
            names.join(" → "),
            name(first)
        ));
        for other in turned.iter().skip(1).take(SHOWN - 1) {
            finding = finding.label(self.jobs[*other].2.formula.span, "needed here");
        }
        let position = *position;
        self.done[position].findings.push(finding);
        for job in turned {
            self.set(job, Value::Hole);
        }
    }
}

/// A resource that an expression names and that is not there.
pub(crate) fn absent(address: &super::program::Address, graph: &Graph) -> super::Fault {
    let message = format!("no {} is named `{}`", address.kind, address.name);
    let names = graph.of_kind(address.kind);
    let near = purlin_schema::closest::closest(
        address.name,
        names.iter().map(|resource| resource.name.as_str()).take(1000),
    );
    let fault = super::Fault::new("reference.unknown", message, address.place);
    fault.offer(near.map(str::to_owned))
}

/// The value in the type of its field.
fn typed(value: &Val, job: &Job, graph: &Graph, out: &mut Vec<Diagnostic>) -> Value {
    match (value, job.shape) {
        (Val::List(values), Shape::List(wanted)) => list(values, wanted, job, graph, out),
        (Val::List(values), Shape::One(Type::Any)) => list(values, Type::Any, job, graph, out),
        (value, Shape::One(wanted) | Shape::List(wanted)) => scalar(value, wanted, job, graph, out),
        (_, Shape::Record(_) | Shape::Many(_) | Shape::Map) => {
            let message = format!("`{}` is made of fields; an expression gives one value", job.path);
            out.push(Diagnostic::error(TYPE, message, job.formula.span));
            Value::Hole
        }
    }
}

fn list(values: &[Val], wanted: Type, job: &Job, graph: &Graph, out: &mut Vec<Diagnostic>) -> Value {
    let span = job.formula.span;
    let mut elements = Vec::with_capacity(values.len());
    for value in values {
        let before = out.len();
        elements.push(Element { span, value: scalar(value, wanted, job, graph, out) });
        if out.len() > before {
            // One wrong element is told; a hundred of them are one mistake.
            return Value::Hole;
        }
    }
    Value::List(elements.into())
}

fn scalar(value: &Val, wanted: Type, job: &Job, graph: &Graph, out: &mut Vec<Diagnostic>) -> Value {
    let span = job.formula.span;
    let refuse = |out: &mut Vec<Diagnostic>, rule: &'static str, message: String, note: &str| {
        let finding = Diagnostic::error(rule, message, span);
        out.push(if note.is_empty() { finding } else { finding.with_note(note) });
        Value::Hole
    };
    let plain = match value {
        Val::Unknown => return Value::Unknown,
        Val::Absent | Val::Null => {
            let message = format!("the expression of `{}` has no value: what it reads is not said", job.path);
            return refuse(out, LANGUAGE, message, "`has(x) ? x : y` says what to take instead");
        }
        Val::Resource(id) => match (graph.get(*id), wanted) {
            (Some(resource), Type::Reference(_)) => Value::Text(resource.address().into()),
            (Some(resource), _) => Value::Text(resource.name.as_str().into()),
            (None, _) => return Value::Unknown,
        },
        other => match other.to_value() {
            Some(Value::List(_)) | None => {
                let message = format!(
                    "`{}` is {}; its expression gives {}",
                    job.path,
                    types::scalar(wanted).phrase(),
                    other.phrase()
                );
                return refuse(out, TYPE, message, "");
            }
            Some(value) => value,
        },
    };
    match (plain, wanted) {
        (Value::Quantity(quantity), Type::Any) => Value::Text(quantity.to_string().into()),
        (Value::Quantity(quantity), Type::Quantity(kind)) if quantity.kind() == kind => {
            Value::Quantity(quantity)
        }
        (Value::Quantity(quantity), Type::Quantity(QuantityKind::Extent)) if extent(quantity).is_some() => {
            extent(quantity).map_or(Value::Hole, |extent| Value::Quantity(Quantity::Extent(extent)))
        }
        (Value::Quantity(quantity), Type::Quantity(QuantityKind::Measure)) if measure(quantity).is_some() => {
            measure(quantity).map_or(Value::Hole, |measure| Value::Quantity(Quantity::Measure(measure)))
        }
        (Value::Quantity(Quantity::Ratio(ratio)), Type::Number) => Value::Number(ratio.0),
        (Value::Quantity(quantity), Type::Text) if super::value::is_textual(quantity.kind()) => {
            Value::Text(quantity.to_string().into())
        }
        (Value::Quantity(quantity), Type::Quantity(_)) if super::value::is_textual(quantity.kind()) => {
            variables::retype(&Value::Text(quantity.to_string().into()), wanted, &job.path, span, out)
        }
        (Value::Quantity(quantity), wanted) => {
            let wanted = types::scalar(wanted).phrase();
            let message = format!(
                "`{}` is {wanted}; its expression gives {} ({quantity})",
                job.path,
                quantity.kind().phrase()
            );
            let note = if wanted == "text" { "`string(x)` makes a text of it" } else { "" };
            refuse(out, TYPE, message, note)
        }
        (Value::Number(number), Type::Quantity(QuantityKind::Ratio)) => {
            Value::Quantity(Quantity::Ratio(purlin_schema::units::Ratio(number)))
        }
        (Value::Integer(number), Type::Quantity(QuantityKind::Ratio)) => {
            Value::Quantity(Quantity::Ratio(purlin_schema::units::Ratio(number as f64)))
        }
        (Value::Reference(reference), Type::Reference(_)) => {
            Value::Reference(Reference { span, ..reference })
        }
        (Value::Reference(reference), _) => {
            variables::retype(&Value::Text(reference.name.as_str().into()), wanted, &job.path, span, out)
        }
        (plain, wanted) => variables::retype(&plain, wanted, &job.path, span, out),
    }
}

fn extent(quantity: Quantity) -> Option<Extent> {
    Some(match quantity {
        Quantity::Steps(steps) => Extent::Steps(steps),
        Quantity::Tokens(tokens) => Extent::Tokens(tokens),
        Quantity::Duration(duration) => Extent::Duration(duration),
        _ => return None,
    })
}

fn measure(quantity: Quantity) -> Option<Measure> {
    Some(match quantity {
        Quantity::Ratio(ratio) => Measure::Ratio(ratio),
        Quantity::Duration(duration) => Measure::Duration(duration),
        Quantity::Rate(rate) => Measure::Rate(rate),
        Quantity::Money(money) => Measure::Money(money),
        Quantity::Tokens(tokens) => Measure::Count(tokens.0, Symbol::intern("tokens")),
        _ => return None,
    })
}

/// The record with the values of its expressions.
fn filled(record: &Record, owner: ResourceId, cells: &Cells) -> Record {
    let slots = record.slots().iter().map(|slot| {
        let held = held(record.schema, record.schema.fields[slot.field as usize].name);
        let value = if held { slot.value.clone() } else { fill(&slot.value, owner, cells) };
        Slot { field: slot.field, span: slot.span, value }
    });
    Record::new(record.schema, record.span, slots.collect())
}

fn fill(value: &Value, owner: ResourceId, cells: &Cells) -> Value {
    if !value.is_open() {
        return value.clone();
    }
    match value {
        Value::Expression(formula) => match cells.get(&(owner, formula.span)) {
            Some(Some(value)) => value.clone(),
            _ => Value::Hole,
        },
        Value::Record(record) => Value::Record(Arc::new(filled(record, owner, cells))),
        Value::Many(rows) => Value::Many(
            rows.iter()
                .map(|row| Row { key: row.key, record: Arc::new(filled(&row.record, owner, cells)) })
                .collect(),
        ),
        Value::List(elements) => {
            let mut filled = Vec::with_capacity(elements.len());
            for element in elements.iter() {
                match fill(&element.value, owner, cells) {
                    Value::List(more) if matches!(element.value, Value::Expression(_)) => {
                        filled.extend(more.iter().cloned());
                    }
                    value => filled.push(Element { span: element.span, value }),
                }
            }
            Value::List(filled.into())
        }
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Entry { value: fill(&entry.value, owner, cells), ..entry.clone() })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The grounds that a change of a resource moves.
pub(crate) fn moved(id: ResourceId, kind: &'static str, name: Symbol) -> [Ground; 3] {
    [Ground::Read(Read::Resource(id)), Ground::Read(Read::Kind(kind)), Ground::Name(name)]
}

/// The ground that a `platform` moves by coming and going.
pub(crate) fn platform_moved() -> Ground {
    Ground::Name(link::platform_name())
}
