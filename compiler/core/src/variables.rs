//! Params and lets: the values that `$name` and `${…}` stand for in one environment.

use std::sync::Arc;

use purlin_schema::closest::closest;
use purlin_schema::value::{Element, Entry, Row};
use purlin_schema::{Record, Shape, Slot, Type, Value, decode, print};
use purlin_syntax::{Diagnostic, Range, ScalarKind, Span, Symbol};
use rustc_hash::FxHashMap;

use crate::lower::{Environment, Variable};

/// The variables of one environment.
#[derive(Default, Debug, PartialEq)]
pub struct Variables {
    values: FxHashMap<Symbol, Binding>,
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
            values.insert(variable.name, Binding { value, declared: variable.name_span, span });
        }
        let mut variables =
            Variables { values, environment: environment.map(|environment| environment.name) };
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
        for (name, name_span, value, span) in &environment.sets {
            let param = declared.iter().find(|variable| variable.name == *name);
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
                    let params = declared.iter().map(|variable| variable.name.as_str());
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

    /// Variables may be made of other variables; each pass settles at least one, so the declared count bounds it. What
    /// cannot be settled is told where it is declared, once, and is a hole for those who use it.
    fn settle(&mut self, declared: &[Arc<Variable>], out: &mut Vec<Diagnostic>) {
        for _ in 0..declared.len() {
            let mut moved = false;
            for variable in declared {
                if let Some(Ok(value)) = self.made_of_others(variable.name)
                    && let Some(binding) = self.values.get_mut(&variable.name)
                {
                    binding.value = Some(value);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        let open: Vec<(Symbol, Problem)> = declared
            .iter()
            .filter_map(|variable| Some((variable.name, self.made_of_others(variable.name)?.err()?)))
            .collect();
        for (name, problem) in open {
            let Some(span) = self.values.get(&name).map(|binding| binding.span) else { continue };
            let absent = matches!(problem, Problem::Unset);
            let told = if absent { None } else { Some(self.explain(&problem, span)) };
            out.extend(told);
            if let Some(binding) = self.values.get_mut(&name) {
                binding.value = if absent { None } else { Some(Value::Hole) };
            }
        }
    }

    /// What a variable comes to that names others; none where it names none.
    fn made_of_others(&self, name: Symbol) -> Option<Result<Value, Problem>> {
        match self.values.get(&name)?.value.as_ref()? {
            Value::Template(text) => Some(self.interpolate(text).map(|done| Value::Text(done.into()))),
            Value::Name(path) => Some(self.value(path.as_str())),
            _ => None,
        }
    }

    /// The value of `name` or `name.field`.
    fn value(&self, path: &str) -> Result<Value, Problem> {
        if path == "environment.name" {
            return match self.environment {
                Some(name) => Ok(Value::Text(name.as_str().into())),
                None => Err(Problem::NoEnvironment),
            };
        }
        let root = path.split('.').next().unwrap_or(path);
        let Some(binding) = self.values.get(&Symbol::intern(root)) else {
            return Err(Problem::Unknown(root.to_owned()));
        };
        match &binding.value {
            None => Err(Problem::Unset),
            Some(Value::Template(_) | Value::Name(_)) => Err(Problem::Cycle(root.to_owned())),
            Some(value) if root == path => Ok(value.clone()),
            Some(_) => Err(Problem::NoSuchField(path.to_owned())),
        }
    }

    /// Text with its `${…}` filled in; `$${` is a literal `${`.
    fn interpolate(&self, text: &str) -> Result<String, Problem> {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if at > 0 && rest.as_bytes()[at - 1] == b'$' {
                done.push_str(&rest[..at - 1]);
                done.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            done.push_str(&rest[..at]);
            let Some(end) = rest[at..].find('}') else { return Err(Problem::Unclosed) };
            let path = rest[at + 2..at + end].trim();
            match self.value(path)? {
                // Told where the variable is declared.
                Value::Hole => return Err(Problem::Unset),
                value => done.push_str(&print::plain(&value, Shape::One(Type::Any))),
            }
            if done.len() > LONGEST {
                return Err(Problem::TooLong);
            }
            rest = &rest[at + end + 1..];
        }
        done.push_str(rest);
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
                Err(Problem::Unset) => Value::Hole,
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
        out.push(self.explain(problem, span));
        Value::Hole
    }

    fn explain(&self, problem: &Problem, span: Span) -> Diagnostic {
        match problem {
            Problem::Unknown(name) => {
                let mut names: Vec<&str> = self.values.keys().map(|name| name.as_str()).collect();
                names.sort_unstable();
                let unknown = Diagnostic::error(
                    "reference.unknown-variable",
                    format!("no `param` or `let` is named `{name}`"),
                    span,
                );
                match closest(name, names) {
                    Some(near) => unknown.because(format!("nearest name: `{near}`")),
                    None => unknown,
                }
            }
            Problem::NoSuchField(path) => Diagnostic::error(
                "reference.unknown-variable",
                format!("`{path}` names a field of a value that has none"),
                span,
            ),
            Problem::Cycle(name) => {
                Diagnostic::error("language.cycle", format!("`{name}` is defined by itself"), span)
            }
            Problem::TooLong => Diagnostic::error(
                "language.interpolation",
                format!("filled in, the text is longer than {LONGEST} bytes"),
                span,
            ),
            Problem::Unclosed => {
                Diagnostic::error("language.interpolation", "`${` is not closed by `}`".to_owned(), span)
            }
            Problem::NoEnvironment => Diagnostic::error(
                "reference.unknown-variable",
                "`environment.name` has no value: this project declares no environment".to_owned(),
                span,
            ),
            Problem::Unset => {
                Diagnostic::error("language.param-unset", "a parameter without a value".to_owned(), span)
            }
        }
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
    Cycle(String),
    TooLong,
    Unclosed,
    NoEnvironment,
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
fn retype(value: &Value, wanted: Type, name: &str, span: Span, out: &mut Vec<Diagnostic>) -> Value {
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
