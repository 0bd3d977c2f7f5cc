//! What the parts of an expression are before they run.

use purlin_schema::schema::{ChoiceSchema, FieldSchema};
use purlin_schema::units::QuantityKind;
use purlin_schema::{RecordSchema, Shape, Type, kinds};

use super::tree::Operator;

/// The type of a part.
#[derive(Clone, Debug)]
pub enum Ty {
    /// Known when it runs.
    Any,
    /// `null`.
    Null,
    /// A truth.
    Bool,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// Text.
    Text,
    /// One of a closed set of words.
    Choice(&'static ChoiceSchema),
    /// A quantity.
    Amount(QuantityKind),
    /// An interval of a quantity.
    Range(QuantityKind),
    /// A resource of one of the kinds; none named: of any.
    Resource(&'static [&'static str]),
    /// A record.
    Record(&'static RecordSchema),
    /// Records that repeat.
    Many(&'static RecordSchema),
    /// A list.
    List(Box<Ty>),
    /// A map from texts.
    Map(Box<Ty>),
    /// The first word of computed values: `memory`, `cost`.
    Group(&'static str),
}

/// The type of a scalar field.
pub(super) fn scalar(ty: Type) -> Ty {
    match ty {
        Type::Bool => Ty::Bool,
        Type::Integer | Type::Count => Ty::Int,
        Type::Number => Ty::Number,
        Type::Text => Ty::Text,
        Type::Choice(choices) => Ty::Choice(choices),
        Type::Quantity(kind) => Ty::Amount(kind),
        Type::Reference(kinds) => Ty::Resource(kinds),
        Type::Any => Ty::Any,
    }
}

/// The type of a field.
pub(super) fn field(field: &FieldSchema) -> Ty {
    match field.shape {
        Shape::One(ty) => scalar(ty),
        Shape::List(ty) => Ty::List(Box::new(scalar(ty))),
        Shape::Record(schema) => Ty::Record(schema),
        Shape::Many(schema) => Ty::Many(schema),
        Shape::Map => Ty::Map(Box::new(Ty::Any)),
    }
}

impl Ty {
    /// `bytes`, `a duration`, `text`: as it stands in a message.
    pub fn phrase(&self) -> String {
        match self {
            Ty::Any => "of any type".to_owned(),
            Ty::Null => "null".to_owned(),
            Ty::Bool => "a truth".to_owned(),
            Ty::Int | Ty::Number => "a number".to_owned(),
            Ty::Text => "text".to_owned(),
            Ty::Choice(_) => "a choice".to_owned(),
            Ty::Amount(kind) => kind.phrase().to_owned(),
            Ty::Range(kind) => format!("an interval of {}", kind.name()),
            Ty::Resource([]) => "a resource".to_owned(),
            Ty::Resource(kinds) => format!("a {}", kinds.join(" or a ")),
            Ty::Record(schema) => format!("the record `{}`", schema.name),
            Ty::Many(_) | Ty::List(_) => "a list".to_owned(),
            Ty::Map(_) => "a map".to_owned(),
            Ty::Group(_) => "no value by itself".to_owned(),
        }
    }

    /// Whether it counts: numbers, and ratios and parameters, which may be bare.
    pub fn is_number(&self) -> bool {
        matches!(self, Ty::Int | Ty::Number | Ty::Amount(QuantityKind::Ratio | QuantityKind::Parameters))
    }

    /// Whether it reads as text.
    pub fn is_text(&self) -> bool {
        match self {
            Ty::Text | Ty::Choice(_) => true,
            Ty::Amount(kind) => super::value::is_textual(*kind),
            _ => false,
        }
    }

    /// Whether its values are only known when it runs: also quantities that may be of several types.
    pub fn is_open(&self) -> bool {
        matches!(self, Ty::Any | Ty::Null | Ty::Amount(QuantityKind::Extent | QuantityKind::Measure))
    }

    /// The type of its parts, in macros and in `in`.
    pub fn element(&self) -> Option<Ty> {
        match self {
            Ty::Any => Some(Ty::Any),
            Ty::List(inner) => Some((**inner).clone()),
            Ty::Many(schema) => Some(Ty::Record(schema)),
            Ty::Map(_) => Some(Ty::Text),
            _ => None,
        }
    }

    /// What both are, where two ways lead to one value.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "types are folded over")]
    pub fn joined(self, other: Ty) -> Ty {
        match (&self, &other) {
            (Ty::Int, Ty::Number) | (Ty::Number, Ty::Int) => Ty::Number,
            (Ty::Any, _) | (_, Ty::Any) => Ty::Any,
            (a, b) if a.same(b) => self,
            (a, b) if a.is_text() && b.is_text() => Ty::Text,
            _ => Ty::Any,
        }
    }

    fn same(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Amount(a), Ty::Amount(b)) | (Ty::Range(a), Ty::Range(b)) => a == b,
            (Ty::Choice(a), Ty::Choice(b)) => std::ptr::eq(*a, *b),
            (Ty::Record(a), Ty::Record(b)) | (Ty::Many(a), Ty::Many(b)) => std::ptr::eq(*a, *b),
            (Ty::Resource(a), Ty::Resource(b)) => a == b,
            (Ty::List(a), Ty::List(b)) | (Ty::Map(a), Ty::Map(b)) => a.same(b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// Whether values of both types can be compared; with an order, or for being the same alone.
    pub(super) fn compares_with(&self, other: &Ty, operator: Operator) -> bool {
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if self.is_open() || other.is_open() {
            let never = |ty: &Ty| matches!(ty, Ty::Group(_) | Ty::Range(_) | Ty::Record(_));
            return !never(self) && !never(other);
        }
        match (self, other) {
            (a, b) if a.is_number() && b.is_number() => true,
            (a, b) if a.is_text() && b.is_text() => true,
            (Ty::Amount(a), Ty::Amount(b)) => a == b,
            (Ty::Bool, Ty::Bool) => true,
            (Ty::Resource(a), Ty::Resource(b)) => {
                !ordered && (a.is_empty() || b.is_empty() || a.iter().any(|kind| b.contains(kind)))
            }
            (Ty::Resource(_), Ty::Text) | (Ty::Text, Ty::Resource(_)) => !ordered,
            (Ty::List(_), Ty::List(_)) | (Ty::Map(_), Ty::Map(_)) => !ordered,
            _ => false,
        }
    }
}

/// The words of a choice.
pub(super) fn words(choices: &ChoiceSchema) -> String {
    choices.choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}

/// The kinds that a resource may be of, where they are named.
pub(super) fn kinds_of(
    names: &'static [&'static str],
) -> impl Iterator<Item = &'static purlin_schema::KindSchema> {
    names.iter().filter_map(|name| kinds::kind(name))
}
