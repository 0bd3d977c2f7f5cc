//! The machine: runs a program over a stack, with fuel.

use std::cell::RefCell;
use std::cmp::Ordering as O;
use std::rc::Rc;

use purlin_syntax::Symbol;

use super::fault::{Fault, LANGUAGE, TYPE};
use super::program::{Constant, Macro, Program, Step};
use super::read::{self, Cells, Key};
use super::tree::Operator;
use super::value::{self, Val};
use super::{arithmetic, function};
use crate::ask::Ask;
use crate::graph::ResourceId;

/// Steps that one expression may take: a loop over 100,000 resources takes ten each.
const FUEL: u64 = 2_000_000;

/// What a program reads while it runs.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The graph; none for what reads variables alone.
    pub ask: Option<&'a Ask<'a>>,
    /// What `self` stands for.
    pub subject: Option<ResourceId>,
    /// Expressions in fields and their values.
    pub cells: Option<&'a Cells>,
    /// Takes down the names that references are looked up by.
    pub names: Option<&'a RefCell<Vec<Symbol>>>,
}

/// Why a program has no value.
#[derive(Debug)]
pub enum Stop {
    /// It is wrong.
    Fault(Box<Fault>),
    /// It reads the value of another expression, which is to be evaluated before.
    Pending(Key),
}

/// Runs a program.
pub(super) fn run<'a>(program: &'a Program, env: &Env<'a>) -> Result<Val<'a>, Stop> {
    let mut machine = Machine { program, env, stack: Vec::with_capacity(8), loops: Vec::new(), fuel: FUEL };
    let mut at = 0;
    while let Some(step) = program.steps.get(at) {
        machine.burn(1, at)?;
        at = machine.step(step, at)?;
    }
    Ok(machine.pop())
}

struct Machine<'a, 'e> {
    program: &'a Program,
    env: &'e Env<'a>,
    stack: Vec<Val<'a>>,
    loops: Vec<Loop<'a>>,
    fuel: u64,
}

struct Loop<'a> {
    what: Macro,
    over: Rc<[Val<'a>]>,
    at: usize,
    made: Vec<Val<'a>>,
    held: u64,
    failed: u64,
    unknown: bool,
}

impl<'a> Machine<'a, '_> {
    fn pop(&mut self) -> Val<'a> {
        // The compiler pushes as much as it takes.
        self.stack.pop().unwrap_or(Val::Unknown)
    }

    fn burn(&mut self, amount: u64, at: usize) -> Result<(), Stop> {
        match self.fuel.checked_sub(amount) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                let message = format!("an expression takes more than {FUEL} steps");
                let fault = Fault::new(LANGUAGE, message, self.place(at));
                Err(Stop::Fault(Box::new(
                    fault.note("a loop in a loop goes over every pair; a filter before it helps"),
                )))
            }
        }
    }

    fn place(&self, at: usize) -> (u32, u32) {
        self.program.places.get(at).copied().unwrap_or_default()
    }

    fn wrong(&self, message: String, at: usize) -> Stop {
        Stop::Fault(Box::new(Fault::new(TYPE, message, self.place(at))))
    }

    /// Runs one step. Gives back the next.
    fn step(&mut self, step: &'a Step, at: usize) -> Result<usize, Stop> {
        let value = match step {
            Step::Constant(index) => self.constant(*index),
            Step::Subject => self.env.subject.map_or(Val::Unknown, Val::Resource),
            Step::Local(depth) => match self.loops.get(*depth as usize) {
                Some(inner) => inner.over.get(inner.at).cloned().unwrap_or(Val::Unknown),
                None => Val::Unknown,
            },
            Step::Address(kind, name) => read::address(self.env, kind, name),
            Step::All(kind) => {
                let all = read::all(self.env, kind);
                self.burn(function::size(&all).unwrap_or(0) as u64, at)?;
                all
            }
            Step::Slot(schema, field, default) => {
                let from = self.pop();
                match (read::slot(self.env, &from, schema, *field)?, default) {
                    (Val::Absent, Some(default)) if !matches!(from, Val::Absent) => self.constant(*default),
                    (value, _) => value,
                }
            }
            Step::Field(name) => {
                let from = self.pop();
                read::by_name(self.env, &from, self.program.names.get(*name as usize).copied().unwrap_or(""))?
            }
            Step::Computed(which) => return self.computed(*which, at),
            Step::End(high) => match self.pop() {
                Val::Range(ends) if *high => ends.1.clone(),
                Val::Range(ends) => ends.0.clone(),
                Val::Absent => Val::Absent,
                _ => Val::Unknown,
            },
            Step::Index => {
                let (key, from) = (self.pop(), self.pop());
                self.index(&from, &key, at)?
            }
            Step::Not => match self.truth(at)? {
                Some(value) => Val::Bool(!value),
                None => Val::Unknown,
            },
            Step::Negate => {
                let value = self.pop();
                arithmetic::negate(&value).map_err(|message| self.wrong(message, at))?
            }
            Step::Has => match self.pop() {
                Val::Absent => Val::Bool(false),
                Val::Unknown => Val::Unknown,
                _ => Val::Bool(true),
            },
            Step::Binary(operator) => {
                let (right, left) = (self.pop(), self.pop());
                self.binary(*operator, &left, &right, at)?
            }
            Step::Short(on, target) => return self.short(*on, *target, at),
            Step::Join(or) => self.join(*or, at)?,
            Step::Branch(no, unknown) => {
                return Ok(match self.truth(at)? {
                    Some(true) => at + 1,
                    Some(false) => *no as usize,
                    None => {
                        self.stack.push(Val::Unknown);
                        *unknown as usize
                    }
                });
            }
            Step::Jump(target) => return Ok(*target as usize),
            Step::List(count) => {
                let values = self.take(*count as usize);
                self.burn(values.len() as u64, at)?;
                Val::List(values.into())
            }
            Step::Map(count) => {
                let values = self.take(*count as usize * 2);
                Val::Table(values.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
            }
            Step::Call(function, count) => {
                let arguments = self.take(*count as usize);
                self.burn(arguments.iter().map(|value| function::size(value).unwrap_or(0) as u64).sum(), at)?;
                let value = function.call(&arguments, &|value| self.name(value));
                value.map_err(|message| self.wrong(message, at))?
            }
            Step::Matches(pattern) => {
                let value = self.pop();
                self.matches(&value, *pattern, at)?
            }
            Step::Begin(what, end) => return self.begin(*what, *end, at),
            Step::Again(body) => return self.again(*body, at),
        };
        self.stack.push(value);
        Ok(at + 1)
    }

    fn take(&mut self, count: usize) -> Vec<Val<'a>> {
        self.stack.split_off(self.stack.len().saturating_sub(count))
    }

    fn constant(&self, index: u32) -> Val<'a> {
        self.program.constants.get(index as usize).map_or(Val::Unknown, constant)
    }

    /// The name of a resource; none of anything else.
    fn name(&self, value: &Val) -> Option<String> {
        let Val::Resource(id) = value else { return None };
        Some(self.env.ask?.graph.get(*id)?.name.as_str().to_owned())
    }

    fn computed(&mut self, which: super::Computed, at: usize) -> Result<usize, Stop> {
        // Such an answer costs as much as thousands of steps.
        self.burn(1_000, at)?;
        let id = match self.pop() {
            Val::Resource(id) => Some(id),
            Val::Null => None,
            other => {
                self.stack.push(if matches!(other, Val::Absent) { Val::Absent } else { Val::Unknown });
                return Ok(at + 1);
            }
        };
        let value = self.env.ask.map_or(Val::Unknown, |ask| which.value(ask, id));
        self.stack.push(value);
        Ok(at + 1)
    }

    /// The truth on top of the stack; `None` where nobody knows.
    fn truth(&mut self, at: usize) -> Result<Option<bool>, Stop> {
        match self.pop() {
            Val::Bool(value) => Ok(Some(value)),
            Val::Absent => Ok(Some(false)),
            Val::Unknown => Ok(None),
            other => Err(self.wrong(format!("a condition is true or false, not {}", other.phrase()), at)),
        }
    }

    fn short(&mut self, on: bool, target: u32, at: usize) -> Result<usize, Stop> {
        let truth = self.truth(at)?;
        self.stack.push(truth.map_or(Val::Unknown, Val::Bool));
        Ok(if truth == Some(on) { target as usize } else { at + 1 })
    }

    fn join(&mut self, or: bool, at: usize) -> Result<Val<'a>, Stop> {
        let (right, left) = (self.truth(at)?, self.truth(at)?);
        Ok(match (left, right) {
            (left, right) if left == Some(or) || right == Some(or) => Val::Bool(or),
            (None, _) | (_, None) => Val::Unknown,
            _ => Val::Bool(!or),
        })
    }

    fn index(&self, from: &Val<'a>, key: &Val<'a>, at: usize) -> Result<Val<'a>, Stop> {
        if matches!(key, Val::Unknown) || matches!(from, Val::Unknown) {
            return Ok(Val::Unknown);
        }
        match (from, key) {
            (Val::Table(entries), key) => Ok(entries
                .iter()
                .find(|(have, _)| value::equal(have, key))
                .map_or(Val::Absent, |(_, value)| value.clone())),
            (Val::Absent, _) | (_, Val::Absent) => Ok(Val::Absent),
            (Val::List(values), Val::Int(position)) => {
                let found =
                    usize::try_from(*position).ok().and_then(|position| values.get(position)).cloned();
                found.ok_or_else(|| {
                    self.wrong(format!("there is no element {position} in a list of {}", values.len()), at)
                })
            }
            (Val::Many(rows, owner), Val::Int(position)) => {
                let found = usize::try_from(*position).ok().and_then(|position| rows.get(position));
                found.map(|row| Val::Record(&row.record, *owner)).ok_or_else(|| {
                    self.wrong(format!("there is no element {position} in a list of {}", rows.len()), at)
                })
            }
            (from, key) => match key.text() {
                Some(key) => read::by_name(self.env, from, &key),
                None => Err(self.wrong(format!("{} is no key of {}", key.phrase(), from.phrase()), at)),
            },
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: &Val<'a>,
        right: &Val<'a>,
        at: usize,
    ) -> Result<Val<'a>, Stop> {
        if matches!(left, Val::Unknown) || matches!(right, Val::Unknown) {
            return Ok(Val::Unknown);
        }
        if operator == Operator::In {
            return self.within(left, right, at);
        }
        if !operator.compares() {
            return arithmetic::apply(operator, left, right).map_err(|message| self.wrong(message, at));
        }
        let holds = match operator {
            Operator::Equal => self.same(left, right),
            Operator::NotEqual => !self.same(left, right),
            _ => {
                let order = value::order(left, right);
                match operator {
                    Operator::Less => order == Some(O::Less),
                    Operator::LessOrEqual => matches!(order, Some(O::Less | O::Equal)),
                    Operator::Greater => order == Some(O::Greater),
                    _ => matches!(order, Some(O::Greater | O::Equal)),
                }
            }
        };
        Ok(Val::Bool(holds))
    }

    /// Whether two values are the same; a resource is also what its name or its address says.
    fn same(&self, left: &Val, right: &Val) -> bool {
        match (left, right) {
            (Val::Resource(id), other) | (other, Val::Resource(id)) if other.text().is_some() => {
                let resource = self.env.ask.and_then(|ask| ask.graph.get(*id));
                resource.zip(other.text()).is_some_and(|(resource, text)| match text.split_once('.') {
                    Some((kind, name)) if kind == resource.kind.name => name == resource.name.as_str(),
                    _ => *text == *resource.name.as_str(),
                })
            }
            _ => value::equal(left, right),
        }
    }

    fn within(&self, part: &Val<'a>, whole: &Val<'a>, at: usize) -> Result<Val<'a>, Stop> {
        Ok(Val::Bool(match whole {
            Val::Absent => false,
            Val::Many(rows, _) => {
                let name = self.name(part).or_else(|| part.text().map(std::borrow::Cow::into_owned));
                name.is_some_and(|name| rows.iter().any(|row| row.key.as_str() == name))
            }
            other => {
                let elements = function::elements(other).map_err(|message| self.wrong(message, at))?;
                let unknown = elements.iter().any(|element| matches!(element, Val::Unknown));
                let found = elements.iter().any(|element| self.same(part, element));
                if !found && unknown {
                    return Ok(Val::Unknown);
                }
                found
            }
        }))
    }

    fn matches(&mut self, value: &Val<'a>, pattern: u32, at: usize) -> Result<Val<'a>, Stop> {
        let name = self.name(value);
        let text = match (&name, value) {
            (_, Val::Unknown) => return Ok(Val::Unknown),
            (_, Val::Absent) => return Ok(Val::Bool(false)),
            (Some(name), _) => std::borrow::Cow::Borrowed(name.as_str()),
            (None, value) => match value.text() {
                Some(text) => text,
                None => return Err(self.wrong(format!("{} is no text", value.phrase()), at)),
            },
        };
        self.burn(text.len() as u64, at)?;
        let found =
            self.program.patterns.get(pattern as usize).is_some_and(|pattern| pattern.is_match(&text));
        Ok(Val::Bool(found))
    }

    fn begin(&mut self, what: Macro, end: u32, at: usize) -> Result<usize, Stop> {
        let list = self.pop();
        if matches!(list, Val::Unknown) {
            self.stack.push(Val::Unknown);
            return Ok(end as usize);
        }
        let over = function::elements(&list).map_err(|message| self.wrong(message, at))?;
        let inner = Loop { what, over, at: 0, made: Vec::new(), held: 0, failed: 0, unknown: false };
        if inner.over.is_empty() {
            self.stack.push(inner.value());
            return Ok(end as usize);
        }
        self.loops.push(inner);
        Ok(at + 1)
    }

    fn again(&mut self, body: u32, at: usize) -> Result<usize, Stop> {
        let maps = self.loops.last().is_some_and(|inner| inner.what == Macro::Map);
        let (value, truth) = if maps { (self.pop(), None) } else { (Val::Null, self.truth(at)?) };
        let Some(inner) = self.loops.last_mut() else { return Ok(at + 1) };
        let decided = inner.take(value, truth);
        inner.at += 1;
        if !decided && inner.at < inner.over.len() {
            return Ok(body as usize);
        }
        let value = self.loops.pop().map_or(Val::Unknown, |inner| inner.value());
        self.stack.push(value);
        Ok(at + 1)
    }
}

impl<'a> Loop<'a> {
    /// Takes what the body says of one element. Gives back whether the loop is decided.
    fn take(&mut self, value: Val<'a>, truth: Option<bool>) -> bool {
        if self.what == Macro::Map {
            self.made.push(value);
            return false;
        }
        match truth {
            None => self.unknown = true,
            Some(true) => {
                self.held += 1;
                if self.what == Macro::Filter {
                    self.made.extend(self.over.get(self.at).cloned());
                }
            }
            Some(false) => self.failed += 1,
        }
        (self.what == Macro::Exists && truth == Some(true))
            || (self.what == Macro::All && truth == Some(false))
    }

    fn value(self) -> Val<'a> {
        match self.what {
            Macro::Map => Val::List(self.made.into()),
            Macro::Exists if self.held > 0 => Val::Bool(true),
            Macro::All if self.failed > 0 => Val::Bool(false),
            _ if self.unknown => Val::Unknown,
            Macro::All => Val::Bool(true),
            Macro::Exists => Val::Bool(false),
            Macro::ExistsOne => Val::Bool(self.held == 1),
            Macro::Filter => Val::List(self.made.into()),
        }
    }
}

fn constant(constant: &Constant) -> Val<'_> {
    match constant {
        Constant::Absent => Val::Absent,
        Constant::Unknown => Val::Unknown,
        Constant::Null => Val::Null,
        Constant::Bool(value) => Val::Bool(*value),
        Constant::Int(value) => Val::Int(*value),
        Constant::Number(value) => Val::Number(*value),
        Constant::Text(text) => Val::Text(text),
        Constant::Quantity(quantity) => value::narrow(*quantity),
        Constant::List(values) => Val::List(values.iter().map(self::constant).collect()),
        Constant::Table(entries) => Val::Table(
            entries.iter().map(|(key, value)| (self::constant(key), self::constant(value))).collect(),
        ),
    }
}
