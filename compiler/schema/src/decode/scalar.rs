//! One scalar: text, number or flag into a value of the field's type.

use std::borrow::Cow;

use purlin_syntax::scalar::{Number, number, reads_differently};
use purlin_syntax::{Cure, Diagnostic, Edit, Entry, ScalarKind, Span, Symbol};

use super::Decoder;
use super::problems::{names, shown};
use crate::closest::closest;
use crate::kinds;
use crate::print;
use crate::schema::{ChoiceSchema, Type};
use crate::units::{self, QuantityKind, UnitError};
use crate::value::{Formula, Reference, Value};

/// The scalar type that a param or a field of a users' own kind names: `string`, `bytes`, `model`. None for `choice`,
/// `list`, `record`, `vector`, `reference`, which need more than a word, and for a word that is no type.
pub fn scalar_type(word: &str) -> Option<Type> {
    let plain = match word {
        "string" => Type::Text,
        "integer" => Type::Integer,
        "number" | "decimal" => Type::Number,
        "boolean" => Type::Bool,
        _ => match QuantityKind::ALL.iter().find(|kind| kind.name() == word) {
            Some(&kind) => Type::Quantity(kind),
            None => Type::Reference(std::slice::from_ref(&kinds::kind(word)?.name)),
        },
    };
    Some(plain)
}

/// What a type is, as it stands in a message.
pub(super) fn phrase(ty: Type) -> String {
    match ty {
        Type::Bool => "`#true` or `#false`".into(),
        Type::Integer => "a whole number".into(),
        Type::Count => "a whole number that is not negative".into(),
        Type::Number => "a number".into(),
        Type::Text => "text".into(),
        Type::Choice(choices) => format!("one of {}", names(choices.choices.iter().map(|(word, _)| *word))),
        Type::Quantity(kind) => kind.phrase().into(),
        Type::Reference([]) => "the name of a resource".into(),
        Type::Reference(kinds) => format!("the name of a {}", kinds.join(" or a ")),
        Type::Any => "a scalar".into(),
    }
}

/// `$name`, a text with `${…}`, or neither: then with `$${` read as `${`.
pub(super) enum Opened<'t> {
    /// Evaluated later.
    Open(Value),
    /// Plain text.
    Plain(Cow<'t, str>),
}

/// Tells open text from plain text.
pub(super) fn opened(text: Cow<'_, str>) -> Opened<'_> {
    if !text.as_bytes().contains(&b'$') {
        return Opened::Plain(text);
    }
    if let Some(path) = text.strip_prefix('$').filter(|path| is_path(path)) {
        return Opened::Open(Value::Name(Symbol::intern(path)));
    }
    let mut rest = &*text;
    while let Some(at) = rest.find("${") {
        if !rest[..at].ends_with('$') {
            return Opened::Open(Value::Template(text.into()));
        }
        rest = &rest[at + 2..];
    }
    Opened::Plain(Cow::Owned(text.replace("$${", "${")))
}

/// `name` or `name.field.field`.
fn is_path(path: &str) -> bool {
    path.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

impl Decoder<'_> {
    /// The value of an entry for a field of type `ty`; a hole when it has none, reported here or by the parser.
    pub(super) fn scalar(&mut self, ty: Type, field: &str, entry: &Entry) -> Value {
        match entry.kind {
            ScalarKind::Missing => return Value::Hole,
            ScalarKind::Null | ScalarKind::NotFinite => {
                let source = self.source(entry.value_range).to_owned();
                let message = format!("`{field}` is {}, not `{source}`", phrase(ty));
                self.wrong_type(message, entry.value_range);
                return Value::Hole;
            }
            _ => {}
        }
        if let Some(annotation) = entry.annotation
            && let Some(value) = self.annotated(field, annotation, entry)
        {
            return value;
        }
        match entry.kind {
            ScalarKind::Number => self.number_value(ty, field, entry),
            ScalarKind::True | ScalarKind::False => self.flag_value(ty, field, entry),
            _ => match opened(entry.text(self.text)) {
                Opened::Open(value) => {
                    self.open = true;
                    value
                }
                Opened::Plain(text) => self.text_value(ty, field, entry, &text),
            },
        }
    }

    /// What an annotation makes of a value; none where it means nothing, which is reported.
    fn annotated(&mut self, field: &str, annotation: Symbol, entry: &Entry) -> Option<Value> {
        let span = self.span(entry.range);
        if annotation.as_str() != "expr" {
            let message =
                format!("the annotation `({})` of `{field}` means nothing", shown(annotation.as_str()));
            let diagnostic = Diagnostic::error("language.annotation", message, span)
                .with_note("the one annotation is `(expr)`, for a computed value");
            self.out.push(diagnostic);
            return None;
        }
        if !entry.is_text() {
            let message = format!("the expression of `{field}` is not text");
            self.wrong_type(message, entry.range).notes.push("it reads `(expr)\"nodes * 8\"`".into());
            return Some(Value::Hole);
        }
        self.open = true;
        let formula = Formula::new(
            &entry.text(self.text),
            self.source(entry.value_range),
            self.span(entry.value_range),
        );
        Some(Value::Expression(formula.into()))
    }

    fn text_value(&mut self, ty: Type, field: &str, entry: &Entry, text: &str) -> Value {
        match ty {
            Type::Text | Type::Any => Value::Text(text.into()),
            Type::Reference(kinds) => self.reference(kinds, field, entry, text),
            Type::Choice(choices) => self.choice(choices, field, entry, text),
            Type::Quantity(kind) => match units::parse(kind, text) {
                Ok(quantity) => Value::Quantity(quantity),
                Err(error) => self.unit(field, entry, error),
            },
            // `true` without `#`: the parser has reported it.
            Type::Bool if entry.kind == ScalarKind::Recovered && matches!(text, "true" | "false") => {
                Value::Bool(text == "true")
            }
            Type::Bool | Type::Integer | Type::Count | Type::Number => self.not_text(ty, field, entry, text),
        }
    }

    /// Text where a number or a flag belongs; unquoting it is offered where that reads.
    fn not_text(&mut self, ty: Type, field: &str, entry: &Entry, text: &str) -> Value {
        if entry.kind == ScalarKind::Recovered && matches!(text, "null" | "inf" | "-inf" | "nan") {
            return Value::Hole;
        }
        let offers = match ty {
            Type::Bool => match text {
                "true" | "yes" | "on" => vec!["#true".to_owned()],
                "false" | "no" | "off" => vec!["#false".to_owned()],
                _ => Vec::new(),
            },
            _ => numbers_meant(ty, text),
        };
        let span = self.span(entry.value_range);
        let diagnostic = self.wrong_type(
            format!("`{field}` is {}, not the text `{}`", phrase(ty), shown(text)),
            entry.value_range,
        );
        for offer in offers {
            diagnostic.cures.push(replace(format!("write `{offer}`"), span, offer));
        }
        Value::Hole
    }

    fn number_value(&mut self, ty: Type, field: &str, entry: &Entry) -> Value {
        let text = self.text;
        let range = entry.value_range;
        let source = text.get(range.lo as usize..range.hi as usize).unwrap_or("");
        match (ty, number(source)) {
            (Type::Integer | Type::Any, Number::Integer(value)) if i64::try_from(value).is_ok() => {
                Value::Integer(value as i64)
            }
            (Type::Count, Number::Integer(value)) if (0..=i128::from(i64::MAX)).contains(&value) => {
                Value::Integer(value as i64)
            }
            (Type::Integer | Type::Count, Number::Float(value)) if whole(ty, value) => {
                Value::Integer(value as i64)
            }
            (Type::Number | Type::Any, Number::Float(value)) => Value::Number(value),
            (Type::Number, Number::Integer(value)) => Value::Number(value as f64),
            (Type::Quantity(kind), _) => match units::parse_number(kind, source) {
                Ok(quantity) => Value::Quantity(quantity),
                Err(_) if reads_differently(source) => self.number_for_text(ty, field, entry, source),
                Err(error) => self.unit(field, entry, error),
            },
            (Type::Choice(choices), _) if choices.choices.iter().any(|(word, _)| *word == source) => {
                self.choice(choices, field, entry, source)
            }
            (Type::Text | Type::Reference(_) | Type::Choice(_), _) => {
                self.number_for_text(ty, field, entry, source)
            }
            _ => {
                let message = format!("`{field}` is {}, not `{}`", phrase(ty), shown(source));
                self.wrong_type(message, entry.value_range);
                Value::Hole
            }
        }
    }

    /// A bare number where text belongs: KDL reads `1.30` as 1.3.
    fn number_for_text(&mut self, ty: Type, field: &str, entry: &Entry, source: &str) -> Value {
        let span = self.span(entry.value_range);
        let quoted = format!("\"{source}\"");
        let cure = replace(format!("write `{quoted}`"), span, quoted);
        let mut diagnostic = if reads_differently(source) {
            let read = match number(source) {
                Number::Integer(value) => value.to_string(),
                Number::Float(value) => value.to_string(),
                Number::Big => source.to_owned(),
            };
            let message = format!("`{source}` is read as the number {read}; `{field}` is {}", phrase(ty));
            Diagnostic::error("syntax.number-reads-differently", message, span)
        } else {
            let message = format!("`{field}` is {}, not the number {}", phrase(ty), shown(source));
            Diagnostic::error("type.wrong-type", message, span)
        };
        diagnostic.cures.push(cure);
        self.out.push(diagnostic);
        Value::Hole
    }

    fn flag_value(&mut self, ty: Type, field: &str, entry: &Entry) -> Value {
        let flag = entry.kind == ScalarKind::True;
        if matches!(ty, Type::Bool | Type::Any) {
            return Value::Bool(flag);
        }
        self.wrong_type(format!("`{field}` is {}, not `#{flag}`", phrase(ty)), entry.value_range);
        Value::Hole
    }

    fn unit(&mut self, field: &str, entry: &Entry, error: UnitError) -> Value {
        let span = self.span(entry.value_range);
        let mut diagnostic = Diagnostic::error("type.unit", format!("`{field}`: {}", error.message), span);
        for offer in error.offers {
            let text = print::quoted(&offer);
            diagnostic.cures.push(replace(format!("write `{text}`"), span, text));
        }
        self.out.push(diagnostic);
        Value::Hole
    }

    fn choice(&mut self, choices: &'static ChoiceSchema, field: &str, entry: &Entry, text: &str) -> Value {
        if let Some(index) = choices.choices.iter().position(|(word, _)| *word == text) {
            return Value::Choice(index as u16);
        }
        let span = self.span(entry.value_range);
        let message = format!("`{field}` cannot be `{}`", shown(text));
        let words = choices.choices.iter().map(|(word, _)| *word);
        let mut diagnostic = Diagnostic::error("type.choice", message, span)
            .with_note(format!("the choices are {}", names(words.clone())));
        if let Some(meant) = closest(&text.to_lowercase(), words) {
            diagnostic = diagnostic.because(format!("`{meant}` was probably meant")).cure(
                format!("write `{meant}`"),
                span,
                print::word(meant),
            );
        }
        self.out.push(diagnostic);
        Value::Hole
    }

    /// `name` or `kind.name`; a dot belongs to the name where what stands before it is no kind.
    fn reference(&mut self, admitted: &[&str], field: &str, entry: &Entry, text: &str) -> Value {
        let span = self.span(entry.value_range);
        let (kind, name) = match text.split_once('.') {
            Some((kind, name)) if admitted.contains(&kind) || kinds::kind(kind).is_some() => {
                (Some(kind), name)
            }
            _ => (None, text),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            let message = format!("`{field}` is {}, not `{}`", phrase(Type::Reference(&[])), shown(text));
            self.wrong_type(message, entry.value_range);
            return Value::Hole;
        }
        if let Some(kind) = kind
            && !admitted.is_empty()
            && !admitted.contains(&kind)
        {
            let message = format!("`{field}` takes a {}, not a {kind}", admitted.join(" or a "));
            self.wrong_type(message, entry.value_range);
            return Value::Hole;
        }
        Value::Reference(Reference { kind: kind.map(Symbol::intern), name: Symbol::intern(name), span })
    }
}

/// The numbers that a text may mean where a plain one is wanted, as KDL writes them: `8192` of `8192 tokens`.
pub(super) fn numbers_meant(ty: Type, text: &str) -> Vec<String> {
    match number(text) {
        Number::Integer(value) if value >= 0 || !matches!(ty, Type::Count) => vec![value.to_string()],
        Number::Float(value) if matches!(ty, Type::Number) => vec![value.to_string()],
        Number::Integer(_) => Vec::new(),
        Number::Float(_) => Vec::new(),
        Number::Big => {
            let fits = |value: &f64| value.abs() < 1e15 && (matches!(ty, Type::Number) || whole(ty, *value));
            units::plain_numbers(text).into_iter().filter(fits).map(|value| value.to_string()).collect()
        }
    }
}

fn whole(ty: Type, value: f64) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.fract() == 0.0 && value.abs() <= EXACT && (value >= 0.0 || matches!(ty, Type::Integer))
}

fn replace(title: String, span: Span, text: String) -> Cure {
    Cure { title, edits: vec![Edit { span, text }] }
}
