//! What a kind is and what a field is: the one table that decoding, completion, hover, reference pages and JSON schema
//! read. A derive makes it from the structs under [`crate::kinds`]; users' own kinds make the same table at run time.

use crate::units::QuantityKind;

/// A sort of declaration.
#[derive(Debug)]
pub struct KindSchema {
    /// `gpu-pool`.
    pub name: &'static str,
    /// `gpu-pools`: the list of all of them in expressions.
    pub plural: &'static str,
    /// What it is, in one or two sentences, from the struct's doc comment.
    pub doc: &'static str,
    /// Its fields, the universal ones first.
    pub record: &'static RecordSchema,
    /// Whether it describes the world (a fact) rather than something to be made.
    pub fact: bool,
    /// Reserved and typed, checked and emitted in a later version.
    pub later: bool,
    /// Whether the declaration has no name of its own (none today but `set` inside environments).
    pub unnamed: bool,
    /// Ids by which an `existing` one is referred to: `vpc`, `subnets`.
    pub existing: &'static [&'static str],
}

/// A record's fields.
#[derive(Debug)]
pub struct RecordSchema {
    /// The record's own name in the reference: `gpu-pool`, `nodes`.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// In the order of the reference.
    pub fields: &'static [FieldSchema],
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSchema {
    /// `capacity`.
    pub name: &'static str,
    /// One or two sentences: meaning, unit, default.
    pub doc: &'static str,
    /// How often and of what.
    pub shape: Shape,
    /// Where it may stand.
    pub place: Place,
    /// Part of the key of a `many` record: 1 for the first key, 2 for the second, 0 for none.
    pub key: u8,
    /// An error when absent.
    pub required: bool,
    /// The value when absent, as a user would write it; empty when there is none.
    pub default: &'static str,
    /// Read by the compiler alone (`budget`, `expect`, `owner`): no target is expected to say it.
    pub checked: bool,
    /// The variants (first word of the record) that know this field; empty: all.
    pub only: &'static [&'static str],
}

/// Where a field may stand beside being a child node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A child node, or a property when it is a scalar.
    Field,
    /// The next positional argument of the record, in the order of declaration; also writable as a field.
    Argument,
    /// All remaining arguments.
    Arguments,
}

/// Cardinality and type.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// At most one scalar.
    One(Type),
    /// Plain scalars, as arguments.
    List(Type),
    /// At most one record.
    Record(&'static RecordSchema),
    /// Records that repeat.
    Many(&'static RecordSchema),
    /// Keys that others own; values are scalars, lists, or maps again.
    Map,
}

/// The type of a scalar.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `#true`, `#false`, or a bare flag.
    Bool,
    /// A whole number.
    Integer,
    /// A whole number that is not negative.
    Count,
    /// Any number.
    Number,
    /// Text or a bare word.
    Text,
    /// One of a closed set of words.
    Choice(&'static ChoiceSchema),
    /// A typed quantity.
    Quantity(QuantityKind),
    /// A resource of one of the kinds; empty: of any kind.
    Reference(&'static [&'static str]),
    /// A scalar of any sort.
    Any,
}

/// A closed set of words.
#[derive(Debug)]
pub struct ChoiceSchema {
    /// What is chosen: `precision`.
    pub name: &'static str,
    /// The words and what each means.
    pub choices: &'static [(&'static str, &'static str)],
}

impl RecordSchema {
    /// The index of a field by its name.
    pub fn field_index(&self, name: &str) -> Option<u16> {
        self.fields.iter().position(|field| field.name == name).map(|index| index as u16)
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&'static FieldSchema> {
        self.fields.iter().find(|field| field.name == name)
    }
}
