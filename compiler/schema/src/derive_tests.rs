//! The derives, tried on small structs.

use purlin_derive::{Choice, Kind, Record};
use purlin_syntax::{ItemId, Range, Span};

use crate::field::Field;
use crate::schema::{Place, Shape, Type};
use crate::value::{Record as Value, Slot};
use crate::value::{Row, Value as V};
use crate::view::{ChoiceType, KindType, List, Many, Map, RecordType, Ref, Text, View};

/// A set of nodes
/// of one type.
#[derive(Kind)]
#[kind(existing("id", "arn"), later)]
pub struct TestPool {
    /// Where it is.
    #[field(required)]
    pub cluster: Ref<TestCluster>,
    /// How many.
    pub nodes: Nodes,
    /// Partners.
    pub lend: Many<Lend>,
    /// Zones.
    pub zones: List<Text>,
    /// Parts.
    pub components: Map,
    /// The type.
    pub r#type: Text,
    /// What it is made of.
    pub of: Ref<(TestCluster, TestPool)>,
    /// The team that must be named.
    #[field(required)]
    pub owner: Ref<crate::view::AnyKind>,
    /// A share.
    #[field(default = "0.9", checked, name = "share-of")]
    pub share: f64,
}

/// A cluster.
#[derive(Kind)]
#[kind(name = "test-cluster", plural = "clusters-of-test", fact)]
pub struct TestCluster {
    /// A pool, so that the two refer to one another.
    pub pool: Ref<TestPool>,
    /// Another cluster.
    pub other: Ref<TestCluster>,
}

/// How many nodes.
#[derive(Record)]
pub struct Nodes {
    /// Exactly so many.
    #[field(argument)]
    pub count: u64,
    /// At least.
    pub min: u64,
}

/// To whom.
#[derive(Record)]
pub struct Lend {
    /// Partner.
    #[field(argument, key)]
    pub to: Text,
    /// Second key.
    #[field(key = 2)]
    pub metric: Text,
    /// How.
    #[field(only("on-demand", "spot-block"))]
    pub how: Way,
    /// A record in a record.
    pub nodes: Many<Nodes>,
    /// The rest.
    #[field(arguments)]
    pub rest: List<i64>,
}

/// A way of buying.
#[derive(Choice, Clone, Copy, PartialEq, Debug)]
pub enum Way {
    /// Now.
    OnDemand,
    /// Perhaps.
    #[choice("spot-block")]
    Spot,
}

#[test]
fn a_kind_has_a_table_with_the_universal_fields_first() {
    let kind = TestPool::KIND;
    assert_eq!(
        (kind.name, kind.plural, kind.doc),
        ("test-pool", "test-pools", "A set of nodes of one type.")
    );
    assert_eq!((kind.later, kind.fact, kind.existing), (true, false, &["id", "arn"][..]));
    let names: Vec<_> = kind.record.fields.iter().map(|field| field.name).collect();
    let universal = ["doc", "owner", "labels", "only", "when", "shared", "moved-from", "existing", "patch"];
    let own = ["cluster", "nodes", "lend", "zones", "components", "type", "of", "share-of"];
    assert_eq!(names, [&universal[..], &own[..]].concat());
    assert_eq!((TestCluster::KIND.plural, TestCluster::KIND.fact), ("clusters-of-test", true));
}

#[test]
fn a_field_has_what_its_attributes_say() {
    let field = |name| TestPool::SCHEMA.field(name).expect("declared above");
    assert!(field("cluster").required && field("owner").required && !field("nodes").required);
    assert_eq!(field("owner").doc, "The team that must be named.");
    assert_eq!((field("share-of").default, field("share-of").checked), ("0.9", true));
    assert!(matches!(field("of").shape, Shape::One(Type::Reference(["test-cluster", "test-pool"]))));
    assert!(matches!(field("nodes").shape, Shape::Record(schema) if schema.name == "nodes"));
    assert_eq!(Nodes::SCHEMA.fields[0].place, Place::Argument);
    assert_eq!(Lend::SCHEMA.fields.iter().map(|field| field.key).collect::<Vec<_>>(), [1, 2, 0, 0, 0, 0, 0]);
    assert_eq!(Lend::SCHEMA.fields[2].only, ["on-demand", "spot-block"]);
    assert_eq!(Lend::SCHEMA.fields[4].place, Place::Arguments);
}

#[test]
fn a_record_knows_what_decides_whether_it_exists() {
    let names: Vec<_> = Nodes::SCHEMA.fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["count", "min", "only", "when"]);
}

#[test]
fn a_choice_knows_its_words() {
    let words: Vec<_> = Way::SCHEMA.choices.to_vec();
    assert_eq!(words, [("on-demand", "Now."), ("spot-block", "Perhaps.")]);
    assert_eq!((Way::from_index(1), Way::Spot.word()), (Way::Spot, "spot-block"));
}

#[test]
fn a_view_reads_the_fields_of_its_struct() {
    let span = Span::new(ItemId(0), Range::new(0, 1));
    let slot = |field, value| Slot { field, span, value };
    let nodes = Value::new(Nodes::SCHEMA, span, vec![slot(0, V::Integer(4))]);
    let lend = Value::new(Lend::SCHEMA, span, vec![slot(2, V::Choice(1))]);
    let row = Row { key: purlin_syntax::Symbol::intern("aml"), record: lend.into() };
    let index = |name| TestPool::SCHEMA.field_index(name).expect("declared above");
    let pool = Value::new(
        TestPool::SCHEMA,
        span,
        vec![
            slot(index("nodes"), V::Record(nodes.into())),
            slot(index("lend"), V::Many([row].into())),
            slot(index("doc"), V::Text("text".into())),
        ],
    );
    let view = View::<TestPool>::of(&pool);
    assert_eq!(view.doc().get(), Some("text"));
    assert_eq!(
        view.nodes().get().map(|nodes| (nodes.count().get(), nodes.min())),
        Some((Some(4), Field::Absent))
    );
    assert_eq!(view.lend().get("aml").and_then(|lend| lend.how().get()), Some(Way::Spot));
    assert!(view.of_().is_absent() && view.r#type().is_absent() && view.share().is_absent());
}
