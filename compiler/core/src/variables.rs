//! Params and lets: the values that `$name` and `${…}` stand for in one environment.

use std::sync::Arc;

use purlin_schema::closest::closest;
use purlin_schema::value::{Element, Entry, Formula, Row};
use purlin_schema::{Record, Shape, Slot, Type, Value, decode, print};
use purlin_syntax::{Diagnostic, Range, ScalarKind, Span, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::expr::{self, Fault, Reach, Scope};
use crate::lower::{Environment, Variable};

/// The variables of one environment.
#[derive(Clone, Default, Debug, PartialEq)]
pub struct Variables {
    values: FxHashMap<Symbol, Binding>,
    /// All names, sorted: what a name that nobody declares is compared with.
    names: Vec<&'static str>,
    environment: Option<Symbol>,
}

/// What one name stands for.
#[derive(Clone, Debug, PartialEq)]
struct Binding {
    value: Option<Value>,
    /// Where it was declared.
    declared: Span,
    /// Where the value comes from.
    span: Span,
    /// The declared type of a parameter.
    of: Option<Symbol>,
}

impl Variables {
    /// Binds lets and params for an environment, and says what is wrong with its `set`s.
    pub fn bind(
        declared: &[Arc<Variable>],
        environment: Option<&Environment>,
        out: &mut Vec<Diagnostic>,
    ) -> Variables {
        let mut values: FxHashMap<Symbol, Binding> = FxHashMap::default();
        for variable in declared {
            let (value, span) = match &variable.value {
                Some((value, span)) => (Some(value.clone()), *span),
                None => (None, variable.name_span),
            };
            if let Some(first) = values.get(&variable.name) {
                out.push(
                    Diagnostic::error(
                        "reference.duplicate",
                        format!("`{}` is declared twice", variable.name),
                        variable.name_span,
                    )
                    .label(first.declared, "first declared here"),
                );
                continue;
            }
            values.insert(
                variable.name,
                Binding { value, declared: variable.name_span, span, of: variable.of },
            );
        }
        let mut names: Vec<&str> = declared.iter().map(|variable| variable.name.as_str()).collect();
        names.sort_unstable();
        let environment_name = environment.map(|environment| environment.name);
        let mut variables = Variables { values, names, environment: environment_name };
        if let Some(environment) = environment {
            variables.apply_sets(environment, declared, out);
        }
        variables.settle(declared, out);
        variables
    }

    fn apply_sets(
        &mut self,
        environment: &Environment,
        declared: &[Arc<Variable>],
        out: &mut Vec<Diagnostic>,
    ) {
        let by_name: FxHashMap<Symbol, &Arc<Variable>> =
            declared.iter().rev().map(|variable| (variable.name, variable)).collect();
        for (name, name_span, value, span) in &environment.sets {
            let param = by_name.get(name);
            match (self.values.get_mut(name), param) {
                (Some(binding), Some(param)) if param.param => {
                    binding.value = Some(value.clone());
                    binding.span = *span;
                }
                (Some(_), _) => out.push(Diagnostic::error(
                    "language.set-let",
                    format!("`{name}` is a `let`: only a `param` can be set"),
                    *name_span,
                )),
                (None, _) => {
                    let params = declared.iter().map(|variable| variable.name.as_str()).take(COMPARED);
                    let mut unknown = Diagnostic::error(
                        "reference.unknown-param",
                        format!("no parameter is named `{name}`"),
                        *name_span,
                    );
                    if let Some(near) = closest(name.as_str(), params) {
                        unknown = unknown.cure(format!("set `{near}`"), *name_span, near);
                    }
                    out.push(unknown);
                }
            }
        }
        for variable in declared.iter().filter(|variable| variable.required) {
            if self.values.get(&variable.name).is_some_and(|binding| binding.value.is_none()) {
                out.push(
                    Diagnostic::error(
                        "language.param-unset",
                        format!("environment `{}` does not set `{}`", environment.name, variable.name),
                        environment.name_span,
                    )
                    .label(variable.name_span, "declared without a default")
                    .with_note(format!(
                        "add `set {} …` to the environment, or a `default=` to the parameter",
                        variable.name
                    )),
                );
            }
        }
    }

    /// Fills in variables that are made of other variables: each after those that it names, so that every one is looked
    /// at once. What cannot be settled is told where it is declared, once, and is a hole for those who use it.
    fn settle(&mut self, declared: &[Arc<Variable>], out: &mut Vec<Diagnostic>) {
        let mut settled: FxHashSet<Symbol> = FxHashSet::default();
        for variable in declared {
            // Names on the way from one variable to those that it is made of, each with those still to be followed.
            let mut path: Vec<(Symbol, Vec<Symbol>)> = Vec::new();
            let mut on_path: FxHashSet<Symbol> = FxHashSet::default();
            let mut next = Some(variable.name);
            loop {
                if let Some(name) = next.take()
                    && !settled.contains(&name)
                {
                    if on_path.insert(name) {
                        path.push((name, self.named_by(name)));
                    } else {
                        self.cut_cycle(name, &mut path, out);
                    }
                }
                let Some((name, names)) = path.last_mut() else { break };
                next = names.pop();
                if next.is_none() {
                    let name = *name;
                    path.pop();
                    on_path.remove(&name);
                    settled.insert(name);
                    self.settle_one(name, out);
                }
            }
        }
    }

    /// The variables that a variable's value names, the first of them last.
    fn named_by(&self, name: Symbol) -> Vec<Symbol> {
        let value = self.values.get(&name).and_then(|binding| binding.value.as_ref());
        let mut names: Vec<Symbol> = Vec::new();
        if let Some(value) = value {
            names_in(value, &mut names);
        }
        names.retain(|name| self.values.contains_key(name));
        names.reverse();
        names
    }

    /// The end of the path leads back to `name`: said once, where that is declared; all on the circle are holes.
    fn cut_cycle(&mut self, name: Symbol, path: &mut [(Symbol, Vec<Symbol>)], out: &mut Vec<Diagnostic>) {
        /// So many names of a circle are written out.
        const SHOWN: usize = 8;
        let Some(first) = path.iter().rposition(|(on, _)| *on == name) else { return };
        let circle = &mut path[first..];
        let names: Vec<String> = circle.iter().take(SHOWN).map(|(on, _)| format!("`{on}`")).collect();
        let skipped = if circle.len() > SHOWN { " → …" } else { "" };
        let span = self.values.get(&name).map(|binding| binding.span);
        for (on, names) in circle {
            names.clear();
            if let Some(binding) = self.values.get_mut(on) {
                binding.value = Some(Value::Hole);
            }
        }
        if let Some(span) = span {
            out.push(
                Diagnostic::error("language.cycle", format!("`{name}` is defined by itself"), span)
                    .with_note(format!("{}{skipped} → `{name}`", names.join(" → "))),
            );
        }
    }

    /// Fills in one variable, all that it names being settled.
    fn settle_one(&mut self, name: Symbol, out: &mut Vec<Diagnostic>) {
        let Some(made) = self.made_of_others(name) else { return };
        let Some(span) = self.values.get(&name).map(|binding| binding.span) else { return };
        let value = match made {
            Ok(value) => Some(value),
            Err(Problem::Unset) => None,
            Err(problem) => {
                out.extend(self.explain(&problem, span));
                Some(Value::Hole)
            }
        };
        if let Some(binding) = self.values.get_mut(&name) {
            binding.value = value;
        }
    }

    /// What a variable comes to that names others; none where it names none.
    fn made_of_others(&self, name: Symbol) -> Option<Result<Value, Problem>> {
        match self.values.get(&name)?.value.as_ref()? {
            Value::Template(text) => Some(self.interpolate(text).map(|done| Value::Text(done.into()))),
            Value::Name(path) => Some(self.value(path.as_str())),
            Value::Expression(formula) => Some(self.evaluate(formula)),
            Value::List(elements) if elements.iter().any(|element| element.value.is_open()) => {
                Some(self.list_of_others(elements))
            }
            _ => None,
        }
    }

    /// A list whose elements name others; one that names a list stands for its elements.
    fn list_of_others(&self, elements: &[Element]) -> Result<Value, Problem> {
        let mut filled = Vec::with_capacity(elements.len());
        for element in elements {
            let value = match &element.value {
                Value::Template(text) => Value::Text(self.interpolate(text)?.into()),
                Value::Name(path) => match self.value(path.as_str()) {
                    Err(Problem::Unset) => continue,
                    found => found?,
                },
                Value::Expression(formula) => self.evaluate(formula)?,
                other => other.clone(),
            };
            match value {
                Value::List(more) if element.value.is_open() => filled.extend(more.iter().cloned()),
                value => filled.push(Element { span: element.span, value }),
            }
        }
        Ok(Value::List(filled.into()))
    }

    /// What an expression of params and lets comes to.
    fn evaluate(&self, formula: &Arc<Formula>) -> Result<Value, Problem> {
        let wrong = |fault: Fault| Problem::Fault(Box::new(fault), formula.clone());
        let scope = Scope { subject: None, variables: self, reach: Reach::Variables };
        let program = expr::compile(&formula.text, &scope).map_err(wrong)?;
        match expr::constant(&program).map_err(wrong)? {
            Some(Value::Unknown) => Ok(Value::Hole),
            Some(value) => Ok(value),
            None => Err(Problem::Unset),
        }
    }

    /// Whether a `param` or `let` has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(&Symbol::intern(name))
    }

    /// All names, by the alphabet.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied().take(COMPARED)
    }

    /// The environment.
    pub(crate) fn environment(&self) -> Option<Symbol> {
        self.environment
    }

    /// The value of a param or let for an expression, read as its declared type; none where it has no value.
    pub(crate) fn constant(&self, name: &str) -> Option<Value> {
        let binding = self.values.get(&Symbol::intern(name))?;
        let value = binding.value.as_ref()?;
        let wanted = binding.of.and_then(|of| decode::scalar_type(of.as_str()));
        Some(match wanted {
            // What is not of its declared type is told elsewhere; here it stays what it is.
            Some(wanted) if !matches!(wanted, Type::Reference(_)) => {
                let mut wrong = Vec::new();
                let typed = retype(value, wanted, name, binding.span, &mut wrong);
                if wrong.is_empty() { typed } else { value.clone() }
            }
            _ => value.clone(),
        })
    }

    /// The value of `name` or `name.field`.
    fn value(&self, path: &str) -> Result<Value, Problem> {
        if path == "environment.name" {
            return match self.environment {
                Some(name) => Ok(Value::Text(name.as_str().into())),
                None => Err(Problem::NoEnvironment),
            };
        }
        let root = root(path);
        let Some(binding) = self.values.get(&Symbol::intern(root)) else {
            return Err(Problem::Unknown(root.to_owned()));
        };
        match &binding.value {
            None => Err(Problem::Unset),
            Some(Value::Hole) => Ok(Value::Hole),
            Some(value) if root == path => Ok(value.clone()),
            Some(_) => Err(Problem::NoSuchField(path.to_owned())),
        }
    }

    /// Text with its `${…}` filled in; `$${` is a literal `${`.
    fn interpolate(&self, text: &str) -> Result<String, Problem> {
        let mut done = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => done.push_str(text),
                Piece::Unclosed => return Err(Problem::Unclosed),
                Piece::Path(path) => match self.value(path)? {
                    Value::Hole => return Err(Problem::Told),
                    value => done.push_str(&print::plain(&value, Shape::One(Type::Any))),
                },
            }
            if done.len() > LONGEST {
                return Err(Problem::TooLong);
            }
        }
        Ok(done)
    }

    /// The record with every name and template replaced by its typed value. What cannot be replaced is reported, and
    /// becomes a hole.
    pub fn fill(&self, record: &Record, out: &mut Vec<Diagnostic>) -> Record {
        let slots = record
            .slots()
            .iter()
            .filter_map(|slot| {
                let shape = record.schema.fields[slot.field as usize].shape;
                let value = self.fill_value(&slot.value, shape, slot.span, out)?;
                Some(Slot { field: slot.field, span: slot.span, value })
            })
            .collect();
        Record::new(record.schema, record.span, slots)
    }

    /// `None` where an absent optional parameter makes the field absent.
    fn fill_value(
        &self,
        value: &Value,
        shape: Shape,
        span: Span,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Value> {
        if !value.is_open() {
            return Some(value.clone());
        }
        Some(match value {
            Value::Name(path) => match self.value(path.as_str()) {
                Ok(found) => coerce(&found, shape, path.as_str(), span, out),
                Err(Problem::Unset) => return None,
                Err(problem) => self.hole(&problem, span, out),
            },
            Value::Template(text) => match self.interpolate(text) {
                Ok(done) => coerce(&Value::Text(done.into()), shape, text, span, out),
                Err(problem) => self.hole(&problem, span, out),
            },
            Value::Record(record) => Value::Record(Arc::new(self.fill(record, out))),
            Value::List(elements) => {
                let mut filled = Vec::with_capacity(elements.len());
                for element in elements.iter() {
                    match self.fill_value(&element.value, shape, element.span, out) {
                        Some(Value::List(more)) => filled.extend(more.iter().cloned()),
                        Some(value) => {
                            filled.push(Element { span: element.span, value });
                        }
                        None => {}
                    }
                }
                Value::List(filled.into())
            }
            Value::Many(rows) => Value::Many(
                rows.iter()
                    .map(|row| Row { key: row.key, record: Arc::new(self.fill(&row.record, out)) })
                    .collect(),
            ),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .filter_map(|entry| {
                        let value = self.fill_value(&entry.value, Shape::One(Type::Any), entry.span, out)?;
                        Some(Entry { key: entry.key, span: entry.span, value })
                    })
                    .collect(),
            ),
            other => other.clone(),
        })
    }

    fn hole(&self, problem: &Problem, span: Span, out: &mut Vec<Diagnostic>) -> Value {
        out.extend(self.explain(problem, span));
        Value::Hole
    }

    /// What is said of a problem; nothing where it was said before.
    fn explain(&self, problem: &Problem, span: Span) -> Option<Diagnostic> {
        let interpolation = |message: String| Diagnostic::error("language.interpolation", message, span);
        let unknown = |message: String| Diagnostic::error("reference.unknown-variable", message, span);
        Some(match problem {
            Problem::Unset | Problem::Told => return None,
            Problem::Fault(fault, formula) => fault.diagnostic(formula),
            Problem::Unknown(name) => {
                let told = unknown(format!("no `param` or `let` is named `{name}`"));
                match closest(name, self.names.iter().copied().take(COMPARED)) {
                    Some(near) => told.because(format!("nearest name: `{near}`")),
                    None => told,
                }
            }
            Problem::NoSuchField(path) => unknown(format!("`{path}` names a field of a value that has none")),
            Problem::TooLong => interpolation(format!("filled in, the text is longer than {LONGEST} bytes")),
            Problem::Unclosed => interpolation("`${` is not closed by `}`".to_owned()),
            Problem::NoEnvironment => {
                unknown("`environment.name` has no value: this project declares no environment".to_owned())
            }
        })
    }
}

/// A text that variables make longer than this many bytes is refused: texts that hold each other twice would grow
/// without end.
const LONGEST: usize = 1 << 20;

/// Why a name has no value.
enum Problem {
    Unknown(String),
    NoSuchField(String),
    /// Reported where the environment fails to set it; silent here.
    Unset,
    /// Made of a variable that has no value, which was reported.
    Told,
    TooLong,
    /// An expression of variables is wrong.
    Fault(Box<Fault>, Arc<Formula>),
    Unclosed,
    NoEnvironment,
}

/// So many names are compared with one that nobody declares.
const COMPARED: usize = 1000;

/// A part of a template.
enum Piece<'t> {
    Text(&'t str),
    /// What stands between `${` and `}`.
    Path(&'t str),
    /// `${` without its `}`; the last piece.
    Unclosed,
}

/// The parts of a template, in order.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let (mut rest, mut queued) = (text, None);
    std::iter::from_fn(move || {
        if let Some(piece) = queued.take() {
            return Some(piece);
        }
        let Some((before, after)) = rest.split_once("${") else {
            let last = std::mem::take(&mut rest);
            return (!last.is_empty()).then_some(Piece::Text(last));
        };
        if let Some(before) = before.strip_suffix('$') {
            (queued, rest) = (Some(Piece::Text("${")), after);
            return Some(Piece::Text(before));
        }
        (queued, rest) = match after.split_once('}') {
            Some((path, rest)) => (Some(Piece::Path(path.trim())), rest),
            None => (Some(Piece::Unclosed), ""),
        };
        Some(Piece::Text(before))
    })
}

/// The variables that a value names.
fn names_in(value: &Value, names: &mut Vec<Symbol>) {
    match value {
        Value::Template(text) => names.extend(pieces(text).filter_map(|piece| match piece {
            Piece::Path(path) => Some(Symbol::intern(root(path))),
            _ => None,
        })),
        Value::Name(path) => names.push(Symbol::intern(root(path.as_str()))),
        Value::Expression(formula) => names.extend(expr::names(&formula.text)),
        // Lists of lists do not come out of the decoder.
        Value::List(elements) => {
            for element in elements.iter().filter(|element| !matches!(element.value, Value::List(_))) {
                names_in(&element.value, names);
            }
        }
        _ => {}
    }
}

/// `name` of `name.field`.
fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// A variable's value in the type of the field that uses it.
fn coerce(value: &Value, shape: Shape, source: &str, span: Span, out: &mut Vec<Diagnostic>) -> Value {
    match (shape, value) {
        (Shape::One(wanted), value) => retype(value, wanted, source, span, out),
        (Shape::List(wanted), Value::List(elements)) => Value::List(
            elements
                .iter()
                .map(|element| Element { span, value: retype(&element.value, wanted, source, span, out) })
                .collect(),
        ),
        (Shape::List(wanted), value) => retype(value, wanted, source, span, out),
        (Shape::Record(_) | Shape::Many(_) | Shape::Map, _) => {
            out.push(Diagnostic::error(
                "type.wrong-type",
                format!("`{source}` is a single value; a record is wanted here"),
                span,
            ));
            Value::Hole
        }
    }
}

/// A scalar of any type read as the type that is wanted, by the decoder itself, so that its messages are the same.
pub(crate) fn retype(
    value: &Value,
    wanted: Type,
    name: &str,
    span: Span,
    out: &mut Vec<Diagnostic>,
) -> Value {
    if matches!(wanted, Type::Any) || matches!(value, Value::Hole | Value::Deferred | Value::Unknown) {
        return value.clone();
    }
    let (kind, source) = match value {
        Value::Bool(true) => (ScalarKind::True, "#true".to_owned()),
        Value::Bool(false) => (ScalarKind::False, "#false".to_owned()),
        Value::Integer(_) | Value::Number(_) => {
            (ScalarKind::Number, print::plain(value, Shape::One(Type::Any)))
        }
        other => (ScalarKind::Escaped, print::quoted(&print::plain(other, Shape::One(Type::Any)))),
    };
    let range = Range::new(0, source.len() as u32);
    let entry = purlin_syntax::Entry {
        name: None,
        name_range: Range::default(),
        annotation: None,
        kind,
        value_range: range,
        range,
    };
    let mut found = Vec::new();
    let typed = decode::decode_scalar(wanted, name, &entry, &source, span.item, &mut found);
    for mut diagnostic in found {
        // The text stands in a variable: the place that uses it is what can be shown, and nothing there can be edited.
        diagnostic.labels = vec![purlin_syntax::Label { span, text: format!("`{name}` is {source} here") }];
        diagnostic.cures.clear();
        out.push(diagnostic);
    }
    if let Value::Reference(reference) = typed {
        return Value::Reference(purlin_schema::Reference { span, ..reference });
    }
    typed
}

#[cfg(test)]
mod tests;
