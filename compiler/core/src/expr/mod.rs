//! Expressions: `(expr)"has(self.auth) && self.replicas.min >= 2"`.
//!
//! The operators and macros are those of CEL, the types are ours: a text is parsed, typed and compiled to a flat program
//! once, and run as often as somebody asks. A mistake is a [`Fault`], with its place in the text.
//!
//! There are two phases. What decides whether something exists reads variables alone ([`Reach::Variables`]); values of
//! fields read the fields of others ([`Reach::Fields`]), in the order in which they need one another; predicates read
//! the graph and what is computed from it ([`Reach::Graph`]).

mod arithmetic;
mod compile;
mod computed;
pub(crate) mod conditions;
mod fault;
pub(crate) mod fields;
mod function;
mod lex;
mod member;
mod parse;
mod program;
mod read;
mod run;
mod tree;
mod types;
mod value;

use std::sync::{Arc, Mutex, PoisonError};

use purlin_schema::value::Formula;
use purlin_schema::view::RecordType as _;
use purlin_schema::{KindSchema, RecordSchema, Value};
use purlin_syntax::Symbol;
use rustc_hash::FxHashMap;

pub use compile::{Reach, Scope};
pub use computed::{COMPUTED, Computed, Row};
pub use fault::Fault;
pub(crate) use fields::absent;
pub use program::{Address, Program};
pub use run::{Env, Stop};
pub use types::Ty;
pub use value::Val;

use crate::ask::Ask;
use crate::graph::ResourceId;
use crate::variables::Variables;

/// The page of the expression language; the computed values are added to its end from their table.
pub fn page() -> String {
    let mut page = include_str!("expressions.md").trim_end().to_owned();
    page.push_str("\n\n| value | type | what it is |\n|---|---|---|\n");
    for row in COMPUTED {
        let of = if row.kinds.is_empty() { String::new() } else { format!("{}.NAME.", row.kinds.join("/")) };
        let ty = (row.ty)().phrase();
        page.push_str(&format!("| `{of}{}.{}` | {ty} | {} |\n", row.group, row.name, row.doc));
    }
    page
}

/// What a predicate is of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// A field in it has no answer: a hole, a value that only the cloud knows.
    Unknown,
}

/// Parses, types and compiles a text.
pub fn compile(text: &str, scope: &Scope) -> Result<Program, Fault> {
    let tree = parse::parse(text)?;
    compile::compile(text, &tree, scope)
}

/// The names that an expression may be made of, loop variables included; none where it is no expression.
pub(crate) fn names(text: &str) -> Vec<Symbol> {
    let Ok(tree) = parse::parse(text) else { return Vec::new() };
    let mut names: Vec<Symbol> = Vec::new();
    for node in &tree.nodes {
        if let tree::Form::Name(name) | tree::Form::Variable(name) = &node.form {
            let name = Symbol::intern(name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Whether a text is an expression by its form, whatever its names mean.
pub fn form(text: &str) -> Result<(), Fault> {
    parse::parse(text).map(|_| ())
}

/// Evaluates a predicate about a resource.
pub fn truth(program: &Program, ask: &Ask, subject: Option<ResourceId>) -> Result<Truth, Fault> {
    let env = Env { ask: Some(ask), subject, cells: None, names: None };
    match run::run(program, &env) {
        Ok(Val::Bool(true)) => Ok(Truth::True),
        Ok(Val::Unknown) => Ok(Truth::Unknown),
        Ok(_) => Ok(Truth::False),
        Err(Stop::Fault(fault)) => Err(*fault),
        Err(Stop::Pending(_)) => Ok(Truth::Unknown),
    }
}

/// Evaluates what reads variables alone. `None` where it has no value.
pub fn constant(program: &Program) -> Result<Option<Value>, Fault> {
    let env = Env { ask: None, subject: None, cells: None, names: None };
    match run::run(program, &env) {
        Ok(value) => Ok(value.to_value()),
        Err(Stop::Fault(fault)) => Err(*fault),
        Err(Stop::Pending(_)) => Ok(None),
    }
}

/// Runs a program and shows its value as a user would write it; for tests and explanations.
pub fn show(program: &Program, ask: Option<&Ask>, subject: Option<ResourceId>) -> Result<String, Fault> {
    let env = Env { ask, subject, cells: None, names: None };
    match run::run(program, &env) {
        Ok(value) => Ok(value.shown()),
        Err(Stop::Fault(fault)) => Err(*fault),
        Err(Stop::Pending(_)) => Ok("(unknown)".to_owned()),
    }
}

/// Whether a field holds an expression as such: a predicate, or what a feature store computes.
pub(crate) fn held(schema: &RecordSchema, field: &str) -> bool {
    use purlin_schema::kinds::features::Feature;
    use purlin_schema::kinds::governance::Require;
    use purlin_schema::kinds::language::{TestExpect, UserCheck};
    let is = |other: &'static RecordSchema| std::ptr::eq(schema, other);
    match field {
        "predicate" => is(Require::SCHEMA) || is(UserCheck::SCHEMA),
        "value" => is(Feature::SCHEMA),
        "that" => is(TestExpect::SCHEMA),
        _ => false,
    }
}

/// What the expressions of one environment share: its variables, and the programs that are compiled already.
#[derive(Default, Debug)]
pub struct Expressions {
    pub(crate) variables: Variables,
    programs: Mutex<FxHashMap<ProgramKey, Compiled>>,
}

type ProgramKey = (Box<str>, &'static str, Reach);
type Compiled = Arc<Result<Program, Fault>>;

/// As many programs are kept: a project has a few dozen predicates, and an editor compiles each of their spellings.
const KEPT: usize = 4096;

impl Expressions {
    pub(crate) fn new(variables: Variables) -> Expressions {
        Expressions { variables, programs: Mutex::default() }
    }

    /// The program of a text, compiled once.
    pub fn program(&self, text: &str, subject: Option<&'static KindSchema>, reach: Reach) -> Compiled {
        let key: ProgramKey = (text.into(), subject.map_or("", |kind| kind.name), reach);
        let lock = || self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().get(&key) {
            return kept.clone();
        }
        let scope = Scope { subject, variables: &self.variables, reach };
        let compiled = Arc::new(compile(text, &scope));
        let mut programs = lock();
        if programs.len() >= KEPT {
            programs.clear();
        }
        programs.insert(key, compiled.clone());
        compiled
    }
}

/// What a fault says, at its place in the source.
pub fn diagnostic(fault: &Fault, formula: &Formula) -> purlin_syntax::Diagnostic {
    fault.diagnostic(formula)
}

#[cfg(test)]
mod tests;
