//! What a text is compiled to: one flat list of steps for a machine with a stack.

use purlin_schema::units::Quantity;
use purlin_schema::{RecordSchema, Value};
use regex_lite::Regex;

use super::computed::Computed;
use super::function::Function;
use super::tree::Operator;
use super::types::Ty;

/// A compiled expression. It is run as often as somebody asks, and never changed.
#[derive(Debug)]
pub struct Program {
    pub(super) steps: Vec<Step>,
    /// Where each step stands in the text.
    pub(super) places: Vec<(u32, u32)>,
    pub(super) constants: Vec<Constant>,
    pub(super) names: Vec<&'static str>,
    pub(super) patterns: Vec<Regex>,
    /// The type of its value.
    pub(super) result: Ty,
    /// Resources that it names, and where; those that `has` asks about aside.
    pub(super) addresses: Vec<Address>,
    /// The first field of `self` that it speaks of.
    pub(super) subject_field: Option<&'static str>,
    /// Whether a param, a let or the environment is in it.
    pub(super) reads_variables: bool,
}

/// A resource that an expression names.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where the name stands.
    pub place: (u32, u32),
}

impl Program {
    /// The type of its value.
    pub fn result(&self) -> &Ty {
        &self.result
    }

    /// The first field of `self` that it speaks of.
    pub fn subject_field(&self) -> Option<&'static str> {
        self.subject_field
    }

    /// Whether a param, a let or the environment is in it.
    pub fn reads_variables(&self) -> bool {
        self.reads_variables
    }

    /// Resources that it names; those that `has` asks about aside.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }
}

/// A value that stands in the text, or that a variable has.
#[derive(Clone, Debug)]
pub(super) enum Constant {
    Absent,
    Unknown,
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(Box<str>),
    Quantity(Quantity),
    List(Vec<Constant>),
    Table(Vec<(Constant, Constant)>),
}

impl Constant {
    /// The value of a variable.
    pub(super) fn of(value: &Value) -> Constant {
        match value {
            Value::Bool(value) => Constant::Bool(*value),
            Value::Integer(value) => Constant::Int(*value),
            Value::Number(value) => Constant::Number(*value),
            Value::Text(text) => Constant::Text((&**text).into()),
            Value::Quantity(quantity) => Constant::Quantity(*quantity),
            Value::Reference(reference) => Constant::Text(reference.name.as_str().into()),
            Value::List(elements) => {
                Constant::List(elements.iter().map(|element| Constant::of(&element.value)).collect())
            }
            Value::Map(entries) => Constant::Table(
                entries
                    .iter()
                    .map(|entry| (Constant::Text(entry.key.as_str().into()), Constant::of(&entry.value)))
                    .collect(),
            ),
            _ => Constant::Unknown,
        }
    }

    /// Its type.
    pub(super) fn ty(&self) -> Ty {
        match self {
            Constant::Absent | Constant::Unknown => Ty::Any,
            Constant::Null => Ty::Null,
            Constant::Bool(_) => Ty::Bool,
            Constant::Int(_) => Ty::Int,
            Constant::Number(_) => Ty::Number,
            Constant::Text(_) => Ty::Text,
            Constant::Quantity(quantity) => Ty::Amount(quantity.kind()),
            Constant::List(values) => {
                Ty::List(Box::new(values.iter().map(Constant::ty).reduce(Ty::joined).unwrap_or(Ty::Any)))
            }
            Constant::Table(_) => Ty::Map(Box::new(Ty::Any)),
        }
    }
}

/// One step of the machine. Targets are indexes of steps.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Pushes a constant.
    Constant(u32),
    /// Pushes the subject.
    Subject,
    /// Pushes the loop variable of a macro: how many loops out of the outermost.
    Local(u32),
    /// Pushes a resource by its kind and name.
    Address(&'static str, &'static str),
    /// Pushes all resources of a kind, by name.
    All(&'static str),
    /// Replaces a record or resource of a known table by a field; the constant stands in where it is not said.
    Slot(&'static RecordSchema, u16, Option<u32>),
    /// The same by name, where the table is only known when it runs.
    Field(u32),
    /// Replaces a resource by what is computed of it.
    Computed(Computed),
    /// Replaces an interval by one of its ends.
    End(bool),
    /// Key and container → element.
    Index,
    Not,
    Negate,
    Has,
    Binary(Operator),
    /// Leaves the left side and goes on at the target where it decides; `true` decides an `||`.
    Short(bool, u32),
    /// Joins both sides of `&&` or `||`.
    Join(bool),
    /// A condition: goes on, or at the first target where it is false, or at the second where nobody knows.
    Branch(u32, u32),
    Jump(u32),
    List(u32),
    Map(u32),
    Call(Function, u32),
    Matches(u32),
    /// Takes a list and begins a loop over it; at the target where it is empty.
    Begin(Macro, u32),
    /// Takes the body's value; goes on at the target with the next element, or leaves the loop with its value.
    Again(u32),
}

/// What a loop makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}
