//! Typed views of records. `View<'_, GpuPool>` has one method a field of the struct `GpuPool`; the derive writes them.
//!
//! A field whose name a view's own method has (`of`, `saying`, `record`, `span`, `field`) is read by a method with an
//! underscore: `monitor.of_()`.

use std::marker::PhantomData;
use std::sync::Arc;

use purlin_syntax::{Span, Symbol};

use crate::field::Field;
use crate::schema::{ChoiceSchema, RecordSchema, Shape, Type};
use crate::value::{Element, Entry, Record, Reference, Row, Slot, Value};

/// A record read as a `K`. Copy, two words.
pub struct View<'a, K> {
    record: &'a Record,
    /// Whether reading counts as saying (targets) or not (rules).
    says: bool,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for View<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for View<'_, K> {}

/// A struct that describes a record: implemented by the derives.
pub trait RecordType: 'static {
    /// Its table.
    const SCHEMA: &'static RecordSchema;
}

/// A struct that describes a kind: implemented by `#[derive(Kind)]`.
pub trait KindType: RecordType {
    /// Its name. Apart from the table, because kinds refer to one another and a table that is being made has no name.
    const NAME: &'static str;
    /// Its table.
    const KIND: &'static crate::schema::KindSchema;
}

/// A closed set of words: implemented by `#[derive(Choice)]` for enums without data.
pub trait ChoiceType: Copy + 'static {
    /// Its words, in the order of the variants.
    const SCHEMA: &'static ChoiceSchema;
    /// The variant of an index.
    fn from_index(index: u16) -> Self;
    /// The word of the variant.
    fn word(self) -> &'static str;
}

/// What may be the type of a field: gives the field's shape, and reads it.
pub trait FieldType {
    /// Cardinality and type.
    const SHAPE: Shape;
    /// What the accessor returns.
    type Out<'a>;
    /// Reads the slot; `None` is an absent field.
    fn read(slot: Option<&Slot>, says: bool) -> Self::Out<'_>;
}

/// What may be one scalar: a field, an element of a list.
pub trait Scalar {
    /// Its type.
    const TYPE: Type;
    /// What it is read as.
    type Out<'a>;
    /// The value, if it is of this type.
    fn scalar(value: &Value, span: Span) -> Option<Self::Out<'_>>;
}

impl<'a, K: RecordType> View<'a, K> {
    /// A view for reading (rules, plans).
    pub fn of(record: &'a Record) -> Self {
        View { record, says: false, kind: PhantomData }
    }

    /// A view for saying (targets): every field read through it leaves the loss report.
    pub fn saying(record: &'a Record) -> Self {
        View { record, says: true, kind: PhantomData }
    }

    pub(crate) fn with(record: &'a Record, says: bool) -> Self {
        View { record, says, kind: PhantomData }
    }

    /// The record itself.
    pub fn record(self) -> &'a Record {
        self.record
    }

    /// The whole node.
    pub fn span(self) -> Span {
        self.record.span
    }

    /// Reads the field of the given index: what the derived accessors call.
    pub fn field<F: FieldType>(self, index: u16) -> F::Out<'a> {
        let slot = if self.says { self.record.say(index) } else { self.record.slot(index) };
        F::read(slot, self.says)
    }
}

/// The state of a slot that ought to hold a scalar.
pub fn scalar<S: Scalar>(slot: Option<&Slot>) -> Field<S::Out<'_>> {
    let Some(slot) = slot else { return Field::Absent };
    match &slot.value {
        Value::Deferred => Field::Deferred,
        Value::Unknown => Field::Unknown,
        value => match S::scalar(value, slot.span) {
            Some(value) => Field::Present(value, slot.span),
            None => Field::Hole,
        },
    }
}

/// The state of a slot that ought to hold a record.
pub fn record<K: RecordType>(slot: Option<&Slot>, says: bool) -> Field<View<'_, K>> {
    let Some(slot) = slot else { return Field::Absent };
    match &slot.value {
        Value::Record(record) => Field::Present(View::with(record, says), slot.span),
        Value::Deferred => Field::Deferred,
        Value::Unknown => Field::Unknown,
        _ => Field::Hole,
    }
}

/// A scalar field: every [`Scalar`] is one. (A blanket impl is not possible beside the records'; a macro lists them.)
macro_rules! scalar_fields {
    ($($type:ty),* $(,)?) => { $(
        impl FieldType for $type {
            const SHAPE: Shape = Shape::One(<$type as Scalar>::TYPE);
            type Out<'a> = Field<<$type as Scalar>::Out<'a>>;
            fn read(slot: Option<&Slot>, _: bool) -> Self::Out<'_> {
                scalar::<$type>(slot)
            }
        }
    )* };
}
pub(crate) use scalar_fields;

/// Free text.
pub struct Text;
/// A scalar of any sort, read as written.
pub struct Any;
/// A reference to a resource of kind `K`, or of one of the kinds of a tuple.
pub struct Ref<K>(PhantomData<K>);
/// A list of plain scalars.
pub struct List<S>(PhantomData<S>);
/// Records that repeat.
pub struct Many<R>(PhantomData<R>);
/// A map whose keys others own.
pub struct Map;

impl Scalar for bool {
    const TYPE: Type = Type::Bool;
    type Out<'a> = bool;
    fn scalar(value: &Value, _: Span) -> Option<bool> {
        if let Value::Bool(value) = value { Some(*value) } else { None }
    }
}

impl Scalar for i64 {
    const TYPE: Type = Type::Integer;
    type Out<'a> = i64;
    fn scalar(value: &Value, _: Span) -> Option<i64> {
        if let Value::Integer(value) = value { Some(*value) } else { None }
    }
}

/// A whole number that is not negative; the decoder refuses negative ones.
impl Scalar for u64 {
    const TYPE: Type = Type::Count;
    type Out<'a> = u64;
    fn scalar(value: &Value, _: Span) -> Option<u64> {
        if let Value::Integer(value) = value { u64::try_from(*value).ok() } else { None }
    }
}

impl Scalar for f64 {
    const TYPE: Type = Type::Number;
    type Out<'a> = f64;
    fn scalar(value: &Value, _: Span) -> Option<f64> {
        match value {
            Value::Number(value) => Some(*value),
            Value::Integer(value) => Some(*value as f64),
            _ => None,
        }
    }
}

impl Scalar for Text {
    const TYPE: Type = Type::Text;
    type Out<'a> = &'a str;
    fn scalar(value: &Value, _: Span) -> Option<&str> {
        if let Value::Text(value) = value { Some(value) } else { None }
    }
}

impl Scalar for Any {
    const TYPE: Type = Type::Any;
    type Out<'a> = &'a Value;
    fn scalar(value: &Value, _: Span) -> Option<&Value> {
        Some(value)
    }
}

/// The kinds that a reference admits.
pub trait KindSet {
    /// Their names; empty: every kind.
    const KINDS: &'static [&'static str];
}

/// Every kind.
pub struct AnyKind;
impl KindSet for AnyKind {
    const KINDS: &'static [&'static str] = &[];
}

impl<K: KindType> KindSet for K {
    const KINDS: &'static [&'static str] = &[K::NAME];
}

macro_rules! kind_tuples {
    ($($($name:ident)+;)*) => { $(
        impl<$($name: KindType),+> KindSet for ($($name,)+) {
            const KINDS: &'static [&'static str] = &[$($name::NAME),+];
        }
    )* };
}
kind_tuples! { A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

impl<K: KindSet> Scalar for Ref<K> {
    const TYPE: Type = Type::Reference(K::KINDS);
    type Out<'a> = Reference;
    fn scalar(value: &Value, _: Span) -> Option<Reference> {
        if let Value::Reference(value) = value { Some(*value) } else { None }
    }
}

impl<K: KindSet> FieldType for Ref<K> {
    const SHAPE: Shape = Shape::One(<Ref<K> as Scalar>::TYPE);
    type Out<'a> = Field<Reference>;
    fn read(slot: Option<&Slot>, _: bool) -> Self::Out<'_> {
        scalar::<Ref<K>>(slot)
    }
}

scalar_fields!(bool, i64, u64, f64, Text, Any);

/// The elements of a list; empty when absent.
pub struct Items<'a, S> {
    elements: &'a [Element],
    state: Field<()>,
    scalar: PhantomData<fn() -> S>,
}

impl<S> Clone for Items<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Items<'_, S> {}

impl<'a, S: Scalar> Items<'a, S> {
    /// The elements that could be read, each with its place.
    pub fn iter(self) -> impl Iterator<Item = (S::Out<'a>, Span)> {
        self.elements
            .iter()
            .filter_map(|element| Some((S::scalar(&element.value, element.span)?, element.span)))
    }

    /// The values alone.
    pub fn values(self) -> impl Iterator<Item = S::Out<'a>> {
        self.iter().map(|(value, _)| value)
    }

    /// Whether the list was said at all, and where.
    pub fn state(self) -> Field<()> {
        self.state
    }

    /// Number of elements as written.
    pub fn len(self) -> usize {
        self.elements.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(self) -> bool {
        self.elements.is_empty()
    }
}

impl<S: Scalar> FieldType for List<S> {
    const SHAPE: Shape = Shape::List(S::TYPE);
    type Out<'a> = Items<'a, S>;
    fn read(slot: Option<&Slot>, _: bool) -> Items<'_, S> {
        let (elements, state) = match slot {
            None => (&[][..], Field::Absent),
            Some(slot) => match &slot.value {
                Value::List(elements) => (&elements[..], Field::Present((), slot.span)),
                Value::Deferred => (&[][..], Field::Deferred),
                Value::Unknown => (&[][..], Field::Unknown),
                _ => (&[][..], Field::Hole),
            },
        };
        Items { elements, state, scalar: PhantomData }
    }
}

/// The records of a `many`; empty when absent.
pub struct Rows<'a, R> {
    rows: &'a [Row],
    says: bool,
    record: PhantomData<fn() -> R>,
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for Rows<'_, R> {}

impl<'a, R: RecordType> Rows<'a, R> {
    /// The records, in source order.
    pub fn iter(self) -> impl Iterator<Item = View<'a, R>> {
        self.rows.iter().map(move |row| View::with(&row.record, self.says))
    }

    /// Keys and records.
    pub fn keyed(self) -> impl Iterator<Item = (Symbol, View<'a, R>)> {
        self.rows.iter().map(move |row| (row.key, View::with(&row.record, self.says)))
    }

    /// The record of a key.
    pub fn get(self, key: &str) -> Option<View<'a, R>> {
        self.keyed().find(|(have, _)| have.as_str() == key).map(|(_, view)| view)
    }

    /// How many.
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }
}

impl<R: RecordType> FieldType for Many<R> {
    const SHAPE: Shape = Shape::Many(R::SCHEMA);
    type Out<'a> = Rows<'a, R>;
    fn read(slot: Option<&Slot>, says: bool) -> Rows<'_, R> {
        let rows = match slot.map(|slot| &slot.value) {
            Some(Value::Many(rows)) => &rows[..],
            _ => &[],
        };
        Rows { rows, says, record: PhantomData }
    }
}

impl FieldType for Map {
    const SHAPE: Shape = Shape::Map;
    type Out<'a> = &'a [Entry];
    fn read(slot: Option<&Slot>, _: bool) -> &[Entry] {
        match slot.map(|slot| &slot.value) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        }
    }
}

/// Keeps a record alive while a typed view of it is handed on.
pub type Shared = Arc<Record>;
