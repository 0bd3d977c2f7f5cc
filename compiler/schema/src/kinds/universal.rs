//! The fields that every kind has: fields 0 to 8 of every kind's table, and accessors on every kind's view.

use purlin_derive::Record;

use crate::field::Field;
use crate::kinds::organisation::Team;
use crate::schema::{FieldSchema, Place, Shape, Type};
use crate::value::{Entry, Reference};
use crate::view::{Any, Items, KindType, List, Many, Map, RecordType, Ref, Rows, Text, View};

/// What every kind has.
#[derive(Record)]
pub struct Universal {
    /// What it is for, in a sentence; shown wherever it is named.
    #[field(checked)]
    pub doc: Text,
    /// The team that answers for it.
    #[field(checked)]
    pub owner: Ref<Team>,
    /// Labels that it carries in the cloud and in the cluster.
    pub labels: Map,
    /// The environments that have it; all of them where nothing is said.
    #[field(checked)]
    pub only: List<Text>,
    /// A predicate on params, lets and the environment that decides whether it exists.
    #[field(checked)]
    pub when: bool,
    /// Several environments use this one; it is made once and is the same everywhere.
    #[field(checked)]
    pub shared: bool,
    /// The address it had before: what is there moves and is not made again.
    #[field(checked)]
    pub moved_from: Text,
    /// Someone else owns it: its real ids, by which it is referred to. It is never created or changed.
    pub existing: Map,
    /// Fields of the target's own resource that this language has no word for; checked against the target's schema.
    pub patch: Many<Patch>,
}

/// Fields of a target's own resource, set or removed as they stand there.
#[derive(Record)]
pub struct Patch {
    /// The target: `kubernetes` or `terraform`.
    #[field(argument, key)]
    pub target: Text,
    /// The type of the target's resource: `JobSet`, `aws_eks_node_group`.
    #[field(argument, key = 2)]
    pub object: Text,
    /// A path in that resource and its new value.
    pub set: Many<Set>,
    /// Paths that are taken out.
    pub remove: List<Text>,
}

/// One path and its value.
#[derive(Record)]
pub struct Set {
    /// The path, with dots: `spec.network.subdomain`.
    #[field(argument, key)]
    pub path: Text,
    /// The value.
    #[field(argument, required)]
    pub value: Any,
}

/// The rows of the universal fields, which every kind's table begins with.
pub const FIELDS: &[FieldSchema] = <Universal as RecordType>::SCHEMA.fields;

/// What decides whether a record exists: the last rows of every record's table, unless it declares them itself.
pub const CONDITIONS: [FieldSchema; 2] = [
    condition(
        "only",
        "The environments that have this record; all of them where nothing is said.",
        Shape::List(Type::Text),
    ),
    condition(
        "when",
        "A predicate on params, lets and the environment that decides whether this record exists.",
        Shape::One(Type::Bool),
    ),
];

const fn condition(name: &'static str, doc: &'static str, shape: Shape) -> FieldSchema {
    FieldSchema {
        name,
        doc,
        shape,
        place: Place::Field,
        key: 0,
        required: false,
        default: "",
        checked: true,
        only: &[],
    }
}

impl<'a, K: KindType> View<'a, K> {
    /// What it is for, in a sentence.
    pub fn doc(self) -> Field<&'a str> {
        self.field::<Text>(0)
    }

    /// The team that answers for it.
    pub fn owner(self) -> Field<Reference> {
        self.field::<Ref<Team>>(1)
    }

    /// Labels that it carries in the cloud and in the cluster.
    pub fn labels(self) -> &'a [Entry] {
        self.field::<Map>(2)
    }

    /// The environments that have it; empty where all do.
    pub fn only(self) -> Items<'a, Text> {
        self.field::<List<Text>>(3)
    }

    /// Whether it exists.
    pub fn when(self) -> Field<bool> {
        self.field::<bool>(4)
    }

    /// Whether several environments use this one.
    pub fn shared(self) -> Field<bool> {
        self.field::<bool>(5)
    }

    /// The address it had before.
    pub fn moved_from(self) -> Field<&'a str> {
        self.field::<Text>(6)
    }

    /// The real ids of what someone else owns; empty where this project owns it.
    pub fn existing(self) -> &'a [Entry] {
        self.field::<Map>(7)
    }

    /// Fields of the target's own resource, set as they stand there.
    pub fn patch(self) -> Rows<'a, Patch> {
        self.field::<Many<Patch>>(8)
    }
}
