//! Functions of texts, lists and numbers.

use std::rc::Rc;

use super::arithmetic;
use super::tree::Operator;
use super::types::Ty;
use super::value::{self, Val};

/// A function. Each may be written before its argument (`size(x)`) or behind it (`x.size()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Function {
    /// How many characters, elements, entries.
    Size,
    /// Whether a text holds another.
    Contains,
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// The least of its arguments, or of a list.
    Min,
    /// The greatest.
    Max,
    /// The sum of a list.
    Sum,
    /// As text.
    Text,
    /// As a whole number, towards zero.
    Int,
    /// As a number.
    Number,
}

/// Every function by its name, with how many arguments it takes.
pub(super) const FUNCTIONS: [(&str, Function, usize, usize); 10] = [
    ("size", Function::Size, 1, 1),
    ("contains", Function::Contains, 2, 2),
    ("startsWith", Function::StartsWith, 2, 2),
    ("endsWith", Function::EndsWith, 2, 2),
    ("min", Function::Min, 1, 64),
    ("max", Function::Max, 1, 64),
    ("sum", Function::Sum, 1, 1),
    ("string", Function::Text, 1, 1),
    ("int", Function::Int, 1, 1),
    ("double", Function::Number, 1, 1),
];

impl Function {
    /// The type of its value; an error says which argument is wrong and what is wanted there.
    pub(super) fn result(self, arguments: &[Ty]) -> Result<Ty, (usize, &'static str)> {
        let texts = |result| {
            let wrong =
                arguments.iter().position(|ty| !(ty.is_text() || matches!(ty, Ty::Any | Ty::Resource(_))));
            wrong.map_or(Ok(result), |position| Err((position, "text")))
        };
        let Some(first) = arguments.first() else { return Err((0, "an argument")) };
        match self {
            Function::Contains | Function::StartsWith | Function::EndsWith => texts(Ty::Bool),
            Function::Size => match first {
                Ty::Any | Ty::List(_) | Ty::Many(_) | Ty::Map(_) => Ok(Ty::Int),
                ty if ty.is_text() => Ok(Ty::Int),
                _ => Err((0, "text, a list or a map")),
            },
            Function::Sum => first.element().ok_or((0, "a list")),
            Function::Min | Function::Max if arguments.len() == 1 => first.element().ok_or((0, "a list")),
            Function::Min | Function::Max => {
                let wrong = arguments.iter().position(|ty| !first.compares_with(ty, Operator::Less));
                match wrong {
                    Some(position) => Err((position, "what the first argument is")),
                    None => Ok(arguments.iter().cloned().reduce(Ty::joined).unwrap_or(Ty::Any)),
                }
            }
            Function::Text => match first {
                Ty::List(_) | Ty::Many(_) | Ty::Map(_) | Ty::Record(_) | Ty::Range(_) | Ty::Group(_) => {
                    Err((0, "a scalar"))
                }
                _ => Ok(Ty::Text),
            },
            Function::Int | Function::Number => {
                let fits = first.is_number() || first.is_text() || matches!(first, Ty::Any);
                let result = if self == Function::Int { Ty::Int } else { Ty::Number };
                if fits { Ok(result) } else { Err((0, "a number or text")) }
            }
        }
    }

    /// Calls it. `name` gives the name of a resource.
    pub(super) fn call<'a>(
        self,
        arguments: &[Val<'a>],
        name: &dyn Fn(&Val) -> Option<String>,
    ) -> Result<Val<'a>, String> {
        if arguments.iter().any(|argument| matches!(argument, Val::Unknown)) {
            return Ok(Val::Unknown);
        }
        let Some(first) = arguments.first() else { return Ok(Val::Absent) };
        match self {
            Function::Contains | Function::StartsWith | Function::EndsWith => self.texts(arguments, name),
            Function::Size => size(first).map(|size| Val::Int(i64::try_from(size).unwrap_or(i64::MAX))),
            Function::Sum => sum(&elements(first)?),
            Function::Min | Function::Max if arguments.len() == 1 => self.most(&elements(first)?),
            Function::Min | Function::Max => self.most(arguments),
            _ if matches!(first, Val::Absent) => Ok(Val::Absent),
            Function::Text => Ok(match (name(first), first) {
                (Some(name), _) => Val::Made(Rc::from(name)),
                (None, Val::Text(_) | Val::Made(_)) => first.clone(),
                (None, Val::Number(number)) => Val::Made(Rc::from(number.to_string())),
                (None, other) => Val::Made(Rc::from(other.shown())),
            }),
            Function::Int => match (first.number(), first.text()) {
                (Some(number), _) if number.abs() < 9.2e18 => Ok(Val::Int(number as i64)),
                (_, Some(text)) => {
                    text.parse().map(Val::Int).map_err(|_| format!("`{text}` is no whole number"))
                }
                _ => Err(format!("{} is no whole number", first.phrase())),
            },
            Function::Number => match (first.number(), first.text()) {
                (Some(number), _) => Ok(Val::Number(number)),
                (_, Some(text)) => match text.parse::<f64>() {
                    Ok(number) if number.is_finite() => Ok(Val::Number(number)),
                    _ => Err(format!("`{text}` is no number")),
                },
                _ => Err(format!("{} is no number", first.phrase())),
            },
        }
    }

    fn texts<'a>(
        self,
        arguments: &[Val<'a>],
        name: &dyn Fn(&Val) -> Option<String>,
    ) -> Result<Val<'a>, String> {
        if arguments.iter().any(|argument| matches!(argument, Val::Absent)) {
            return Ok(Val::Bool(false));
        }
        let named: Vec<Option<String>> = arguments.iter().map(name).collect();
        let mut texts = arguments.iter().zip(&named).map(|(argument, named)| match named {
            Some(name) => Ok(std::borrow::Cow::Borrowed(name.as_str())),
            None => argument.text().ok_or_else(|| format!("{} is no text", argument.phrase())),
        });
        let (Some(text), Some(part)) = (texts.next().transpose()?, texts.next().transpose()?) else {
            return Ok(Val::Absent);
        };
        Ok(Val::Bool(match self {
            Function::StartsWith => text.starts_with(&*part),
            Function::EndsWith => text.ends_with(&*part),
            _ => text.contains(&*part),
        }))
    }

    fn most<'a>(self, values: &[Val<'a>]) -> Result<Val<'a>, String> {
        let wanted =
            if self == Function::Min { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        let mut said = values.iter().filter(|value| !matches!(value, Val::Absent));
        let Some(mut best) = said.next() else { return Ok(Val::Absent) };
        for value in said {
            if matches!((best, value), (Val::Unknown, _) | (_, Val::Unknown)) {
                return Ok(Val::Unknown);
            }
            match value::order(value, best) {
                Some(order) if order == wanted => best = value,
                Some(_) => {}
                None => return Err(format!("{} and {} have no order", best.phrase(), value.phrase())),
            }
        }
        Ok(best.clone())
    }
}

/// How many there are; what is absent has none.
pub(super) fn size(value: &Val) -> Result<usize, String> {
    Ok(match value {
        Val::Absent => 0,
        Val::Many(rows, _) => rows.len(),
        Val::Entries(entries, _) => entries.len(),
        Val::List(values) => values.len(),
        Val::Table(entries) => entries.len(),
        other => match other.text() {
            Some(text) => text.chars().count(),
            None => return Err(format!("{} has no size", other.phrase())),
        },
    })
}

/// What a loop goes over: elements of a list, records, keys of a map.
pub(super) fn elements<'a>(value: &Val<'a>) -> Result<Rc<[Val<'a>]>, String> {
    Ok(match value {
        Val::Absent => Rc::from([]),
        Val::List(values) => values.clone(),
        Val::Many(rows, owner) => rows.iter().map(|row| Val::Record(&row.record, *owner)).collect(),
        Val::Entries(entries, _) => entries.iter().map(|entry| Val::Text(entry.key.as_str())).collect(),
        Val::Table(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        other => return Err(format!("{} is no list", other.phrase())),
    })
}

/// The sum of what is said; the sum of nothing is 0.
fn sum<'a>(values: &[Val<'a>]) -> Result<Val<'a>, String> {
    let mut said = values.iter().filter(|value| !matches!(value, Val::Absent));
    let Some(first) = said.next() else { return Ok(Val::Int(0)) };
    said.try_fold(first.clone(), |sum, value| arithmetic::apply(Operator::Add, &sum, value))
}
