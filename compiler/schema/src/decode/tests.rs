//! The decoder, tried on a kind that has one field of every shape.

use purlin_derive::{Choice, Kind, Record};
use purlin_syntax::{Diagnostic, Document, ItemId, NodeId};

use super::{decode, decode_change};
use crate::print::print_value;
use crate::schema::Shape;
use crate::units::{Bytes, Ratio, Version};
use crate::value::Value;
use crate::view::{Any, KindType, List, Many, Map, RecordType, Ref, Text};

/// A pool that has a field of every shape.
#[derive(Kind)]
#[kind(name = "try-pool", existing("id"))]
pub struct TryPool {
    /// Where it is.
    #[field(required)]
    pub cluster: Ref<TryCluster>,
    /// How many.
    pub nodes: Nodes,
    /// How it is bought.
    pub capacity: Capacity,
    /// Zones.
    pub zones: List<Text>,
    /// Parts.
    pub components: Map,
    /// A size.
    pub size: Bytes,
    /// A version.
    pub kubernetes: Version,
    /// A share.
    pub share: Ratio,
    /// A share in plain numbers.
    pub fraction: f64,
    /// On or off.
    pub versioning: bool,
    /// Classes.
    pub priority: Many<Priority>,
    /// Fairness.
    pub fairness: Many<Fairness>,
    /// Limits.
    pub limit: Many<Limit>,
    /// Anything.
    pub anything: Any,
}

/// A cluster.
#[derive(Kind)]
#[kind(name = "try-cluster")]
pub struct TryCluster {}

/// How many nodes.
#[derive(Record)]
pub struct Nodes {
    /// Exactly so many.
    #[field(argument)]
    pub count: u64,
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

/// How it is bought.
#[derive(Record)]
pub struct Capacity {
    /// In which way.
    #[field(argument, required)]
    pub variant: Way,
    /// Blocks.
    #[field(only("capacity-block"))]
    pub block: Many<Priority>,
    /// A reservation.
    #[field(only("reserved"), required)]
    pub id: Text,
}

/// A way of buying.
#[derive(Choice, Clone, Copy, PartialEq, Debug)]
pub enum Way {
    /// Now.
    OnDemand,
    /// Before.
    Reserved,
    /// For a time.
    CapacityBlock,
}

/// A class.
#[derive(Record)]
pub struct Priority {
    /// Its name.
    #[field(argument, key)]
    pub class: Text,
    /// Its weight.
    pub value: i64,
    /// Its groups.
    pub values: List<Text>,
}

/// A measure of fairness.
#[derive(Record)]
pub struct Fairness {
    /// The group.
    #[field(argument, key)]
    pub group: Text,
    /// The metric.
    #[field(key = 2)]
    pub metric: Text,
    /// All that follows.
    #[field(arguments)]
    pub rest: List<Text>,
}

/// A limit.
#[derive(Record)]
pub struct Limit {
    /// Of requests.
    pub requests: i64,
    /// Of tokens.
    pub tokens: i64,
    /// Metrics: one on the line, or several in the block.
    #[field(key = 2)]
    pub metric: Many<Priority>,
}

fn report(text: &str, out: &[Diagnostic]) -> String {
    let mut lines = String::new();
    for diagnostic in out {
        let span = diagnostic.span().expect("a diagnostic has a place").range();
        lines += &format!("\n! {} {} @{}", diagnostic.rule, diagnostic.message, span.of(text));
        for cure in &diagnostic.cures {
            lines += &format!("\n  > {}", cure.title);
        }
    }
    lines
}

/// What a declaration becomes, field by field, and what is said of it.
fn read(text: &str) -> String {
    let document = Document::parse(text.to_owned());
    let (tree, text) = (&document.items()[0].tree, document.item_text(0));
    let mut out = Vec::new();
    let decoded = decode(TryPool::KIND, tree, NodeId(0), text, ItemId(0), &mut out);
    let mut lines = decoded.name.map(|(name, _)| name.to_string()).unwrap_or_default();
    for slot in decoded.record.slots() {
        let field = &decoded.record.schema.fields[slot.field as usize];
        lines += &format!("\n{} {}", field.name, print_value(&slot.value, field.shape));
    }
    lines + &report(text, &out)
}

fn check(text: &str, expect: &str) {
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let read = read(text);
    let read: Vec<&str> = read.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(read, expect, "\nof {text}\n{}", read.join("\n"));
}

/// What is said of a pool `p` in cluster `c` that has these fields too.
fn complains(fields: &str, expect: &str) {
    let text = format!("try-pool p cluster=c {{ {fields} }}");
    let read = read(&text);
    let read: Vec<&str> = read.lines().map(str::trim).filter(|line| line.starts_with(['!', '>'])).collect();
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(read, expect, "\nof {text}\n{}", read.join("\n"));
}

#[test]
fn every_shape_is_read() {
    check(
        r#"try-pool h100 cluster=c {
            nodes min=1 max=8
            capacity capacity-block { block cr-1 value=64; block cr-2 value=2 }
            zones a b; components { kueue; jobset "0.12.0"; deep { x 1 2 } }
            size "80GiB"; kubernetes "1.30"; share "99.9%"; fraction 8; versioning
            anything 5
        }"#,
        r#"h100
        cluster c
        nodes min=1 max=8
        capacity capacity-block { block cr-1 value=64; block cr-2 value=2 }
        zones a b
        components { kueue; jobset "0.12.0"; deep { x 1 2 } }
        size "80GiB"
        kubernetes "1.30"
        share "99.9%"
        fraction 8
        versioning #true
        anything 5"#,
    );
}

#[test]
fn a_record_may_be_a_block_or_properties_or_both() {
    check(
        "try-pool a cluster=c { nodes 4 { max 8 }; labels a=1 b=x { c d } }",
        "a\nlabels { a 1; b x; c d }\ncluster c\nnodes 4 max=8",
    );
    check("try-pool a { cluster try-cluster.c; nodes { min 1 } }", "a\ncluster try-cluster.c\nnodes min=1");
}

#[test]
fn open_values_stay_as_written() {
    check(
        r#"try-pool "a-${x}" cluster=$c { zones "${r}a" $z; size $s.of; fraction (expr)"1 + 2"; doc "cost $${x} $5"; labels $l; nodes $n }"#,
        r#"a-${x}
        doc "cost $${x} $5"
        labels $l
        cluster $c
        nodes $n
        zones "${r}a" $z
        size $s.of
        fraction (expr)"1 + 2""#,
    );
}

#[test]
fn rows_have_keys_also_two_or_none() {
    let text = "try-pool a cluster=c { fairness sex metric=a x y; fairness sex metric=b; limit requests=1; limit tokens=2; limit metric=m { } }";
    let document = Document::parse(text.to_owned());
    let mut out = Vec::new();
    let decoded = decode(TryPool::KIND, &document.items()[0].tree, NodeId(0), text, ItemId(0), &mut out);
    let keys = |name: &str| match &decoded.record.named(name).expect("is said").value {
        Value::Many(rows) => rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    assert_eq!(
        (keys("fairness"), keys("limit")),
        (vec!["sex a", "sex b"], vec!["requests", "tokens", "metric"])
    );
    assert_eq!(report(text, &out), "");
}

#[test]
fn an_unknown_field_is_named_with_what_was_meant() {
    complains("gpus 8", "! type.unknown-field `try-pool` has no field `gpus` @gpus\n> write `nodes`");
    complains(
        "capcity spot",
        "! type.unknown-field `try-pool` has no field `capcity` @capcity\n> write `capacity`",
    );
    complains("nodes mn=1", "! type.unknown-field `nodes` has no field `mn` @mn\n> write `min`");
    complains(
        "frobnicate 1 { x 2 }",
        "! type.unknown-field `try-pool` has no field `frobnicate` @frobnicate",
    );
    check(
        "try-pool a clster=c",
        "a\ncluster (wrong)\n! type.unknown-field `try-pool` has no field `clster` @clster\n> write `cluster`",
    );
}

#[test]
fn what_is_given_twice_shows_both() {
    complains("nodes 1; nodes 2", "! language.given-twice `nodes` of `try-pool` is given twice @nodes 2");
    complains("zones a; zones b", "! language.given-twice `zones` of `try-pool` is given twice @zones b");
    complains("cluster d", "! language.given-twice `cluster` of `try-pool` is given twice @d");
    complains(
        "nodes min=1 min=2",
        "! syntax.property-twice the property `min` stands twice; KDL takes the last @min=2\n> remove the first",
    );
    complains("labels { a 1; a 2 }", "! language.duplicate-key the key `a` stands twice @a 2");
    complains(
        "priority a; priority a value=1",
        "! language.duplicate-key `priority a` is given twice @priority a value=1",
    );
}

#[test]
fn what_is_required_is_missed_once() {
    check(
        "try-pool a { capacity reserved }",
        "a\ncapacity reserved\n! type.required-missing `capacity` needs `id` @capacity\n! type.required-missing `try-pool` needs `cluster` @try-pool",
    );
    check("try-pool a { existing id=x }", "a\nexisting { id x }");
    check(
        "try-pool a { existing di=x }",
        "a\nexisting { di x }\n! type.unknown-field an existing `try-pool` has no id `di` @di=x",
    );
    complains("priority value=1", "! type.required-missing `priority` needs `class` @priority");
}

#[test]
fn a_field_of_another_variant_is_refused() {
    complains("capacity on-demand id=x", "! type.unknown-field `capacity on-demand` has no field `id` @x");
    complains(
        "capacity on-demnd",
        "! type.choice `capacity` cannot be `on-demnd` @on-demnd\n> write `on-demand`",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_a_hole() {
    complains("nodes -1", "! type.wrong-type `count` is a whole number that is not negative, not `-1` @-1");
    complains(
        "nodes four",
        "! type.wrong-type `count` is a whole number that is not negative, not the text `four` @four",
    );
    complains(
        "nodes \"4\"",
        "! type.wrong-type `count` is a whole number that is not negative, not the text `4` @\"4\"\n> write `4`",
    );
    complains("doc 5", "! type.wrong-type `doc` is text, not the number 5 @5\n> write `\"5\"`");
    complains(
        "versioning yes",
        "! type.wrong-type `versioning` is `#true` or `#false`, not the text `yes` @yes\n> write `#true`",
    );
    complains("doc #null", "! type.wrong-type `doc` is text, not `#null` @#null");
    complains("doc a b", "! type.unexpected-argument `doc` is one value; `b` is a second @b");
    complains("doc a b=1", "! type.unknown-field `doc` is one value and has no property `b=1` @b=1");
    complains("doc", "! type.wrong-type `doc` has no value: it is text @doc");
    complains("nodes 1 2", "! type.unexpected-argument `nodes` takes no further argument `2` @2");
    complains("nodes 1 2 3 x", "! type.unexpected-argument `nodes` takes no further argument `2 3 x` @2 3 x");
    complains("owner cluster.x", "! type.wrong-type `owner` takes a team, not a cluster @cluster.x");
    complains("doc (date)x", "! language.annotation the annotation `(date)` of `doc` means nothing @(date)x");
}

#[test]
fn a_plain_number_with_a_unit_offers_the_number() {
    use crate::Type;
    let offers = |ty: Type, text: &str| super::scalar::numbers_meant(ty, text).join(" ");
    for (ty, text, expect) in [
        (Type::Count, "8192 tokens", "8192"),
        (Type::Count, "8,192", "8192"),
        (Type::Count, "2M", "2000000"),
        (Type::Count, "80GiB", "80"),
        (Type::Count, "1.5 nodes", ""),
        (Type::Count, "-2", ""),
        (Type::Count, "many", ""),
        (Type::Integer, "-2", "-2"),
        (Type::Number, "90%", "0.9"),
        (Type::Number, "1.5 GPUs", "1.5"),
    ] {
        assert_eq!(offers(ty, text), expect, "{text}");
    }
}

#[test]
fn numbers_that_read_differently_are_told() {
    complains(
        "kubernetes 1.30",
        "! syntax.number-reads-differently `1.30` is read as the number 1.3; `kubernetes` is a version @1.30\n> write `\"1.30\"`",
    );
}

#[test]
fn a_list_in_a_property_is_told() {
    complains(
        "priority a values=\"f\" \"m\"",
        "! syntax.list-in-property the property `values` takes one value; the values after it belong to the node @values=\"f\" \"m\"\n> write `{ values f m }`",
    );
}

#[test]
fn a_name_is_kebab_case() {
    check("try-pool cluster=c", "cluster c\n! type.name `try-pool` has no name @try-pool");
    check(
        "try-pool H100_Big cluster=c",
        "H100_Big\ncluster c\n! type.name `H100_Big` is no name for a `try-pool` @H100_Big\n> call it `h100-big`",
    );
}

#[test]
fn what_the_parser_has_reported_is_not_reported_again() {
    complains("nodes min=", "");
    complains("size 80GiB", "");
    complains("versioning true", "");
}

#[test]
fn maps_nest_no_deeper_than_is_sane() {
    let text = format!("try-pool p cluster=c {{ labels {} }}", "{ a ".repeat(40) + &"}".repeat(40));
    assert!(read(&text).contains("! syntax.depth maps nest more than 32 deep"), "{}", read(&text));
}

#[test]
fn a_change_demands_nothing_and_collects_what_goes() {
    let text = "change try-pool.p { nodes min=4; remove labels.team zones; add zones c d; remove nods; add nodes 1 }";
    let document = Document::parse(text.to_owned());
    let mut out = Vec::new();
    let change =
        decode_change(TryPool::SCHEMA, &document.items()[0].tree, NodeId(0), text, ItemId(0), &mut out);
    let removed: Vec<_> = change.removals.iter().map(|removal| removal.path.as_str()).collect();
    assert_eq!(removed, ["labels.team", "zones"]);
    let added: Vec<_> = change.additions.iter().map(|add| (add.path.as_str(), add.elements.len())).collect();
    assert_eq!(added, [("zones", 2)]);
    let nodes = &change.record.named("nodes").expect("is said").value;
    assert_eq!(print_value(nodes, Shape::Record(Nodes::SCHEMA)), "min=4");
    let expect = "
! type.unknown-field `try-pool` has no field `nods` @nods
  > write `nodes`
! type.wrong-type `nodes` is no list of plain values @nodes";
    assert_eq!(report(text, &out), expect);
}

#[test]
fn a_flood_of_unknown_fields_is_cut_short() {
    let fields = (0..9_000).map(|n| format!("frobnicate-{n} 1")).collect::<Vec<_>>().join("; ");
    let read = read(&format!("try-pool p cluster=c {{ {fields} }}"));
    assert_eq!(read.matches("type.unknown-field").count(), 50);
}
