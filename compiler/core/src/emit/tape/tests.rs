use purlin_syntax::{ItemId, Range};

use super::*;

fn shape(tape: &Tape) -> String {
    let show = |&token: &Token| match token.kind {
        Kind::Leaf(kind) => format!("{kind:?}:{}", tape.text(token)),
        Kind::Key | Kind::Label | Kind::Comment => format!("{:?}:{}", token.kind, tape.text(token)),
        kind => format!("{kind:?}"),
    };
    tape.tokens().iter().map(show).collect::<Vec<_>>().join(" ")
}

fn check(build: impl FnOnce(&mut Tape), expect: &str) {
    let mut tape = Tape::default();
    build(&mut tape);
    assert_eq!(shape(&tape), expect);
}

fn span(lo: u32) -> Span {
    Span::new(ItemId(1), Range::new(lo, lo + 1))
}

#[test]
fn entries_stand_in_the_order_in_which_they_are_written() {
    check(
        |tape| {
            tape.comment("a.b");
            tape.map(|t| {
                t.set("s", "x");
                t.set("i", -3);
                t.set("none", Null);
                t.list("l", |t| {
                    t.item(true);
                });
            });
        },
        "Comment:a.b OpenMap Key:s Str:x Key:i Int:-3 Key:none Null: Key:l OpenList Bool:true CloseList CloseMap",
    );
}

#[test]
fn what_is_absent_writes_nothing() {
    check(
        |tape| {
            tape.map(|t| {
                t.maybe("x", None::<&str>).from(span(1));
                t.maybe("y", Some("z"));
                let _ = t.key("never used");
            });
        },
        "OpenMap Key:y Str:z CloseMap",
    );
}

#[test]
fn an_empty_collection_can_be_taken_back() {
    check(
        |tape| {
            tape.block("resource", &["a", "b"], |b| {
                b.map("tags", |_| ()).unless_empty();
                b.items("kept", [1]).unless_empty();
                b.block("gone", &["x"], |_| ()).unless_empty();
                b.expr("id", "var.id").unless_empty();
            });
        },
        "OpenBlock Label:resource Label:a Label:b Key:kept OpenList Int:1 CloseList Key:id Expr:var.id CloseBlock",
    );
}

#[test]
fn calls_and_templates_nest() {
    check(
        |tape| {
            tape.map(|t| {
                t.key("p").call("f", |t| {
                    t.value().template(|t| {
                        t.text("a");
                        t.expr("b");
                    });
                });
            });
        },
        "OpenMap Key:p OpenCall Label:f OpenTemplate Str:a Expr:b CloseTemplate CloseCall CloseMap",
    );
}

#[test]
fn floats_are_written_as_every_reader_reads_them() {
    for (value, expect) in
        [(1.0, "1.0"), (0.9, "0.9"), (1e-7, "1.0e-7"), (2.5e21, "2.5e+21"), (-0.0, "-0.0"), (f64::NAN, "nan")]
    {
        let mut text = String::new();
        value.write(&mut text);
        assert_eq!(text, expect);
    }
}

#[test]
fn an_origin_reaches_what_stands_inside_and_the_key_in_front() {
    let mut tape = Tape::default();
    tape.comment("head");
    tape.map(|t| {
        t.set("a", 1).from(span(10));
        t.map("m", |t| {
            t.set("b", 2);
        })
        .from(span(20));
        t.set("c", 3);
    })
    .from(span(0));
    let lows: Vec<u32> = tape.inherited_spans().iter().map(|span| span.map_or(99, |span| span.lo)).collect();
    assert_eq!(lows, [0, 0, 10, 10, 20, 20, 20, 20, 20, 0, 0, 0]);
}

#[test]
fn every_opening_knows_its_close_and_a_cleared_tape_is_empty() {
    let mut tape = Tape::default();
    tape.map(|t| {
        t.pairs("labels", [("a", "b")]);
    });
    let ends: Vec<usize> =
        tape.tokens().iter().filter(|token| token.kind.opens()).map(|token| token.end()).collect();
    assert_eq!(ends, [6, 5]);
    tape.clear();
    assert!(tape.is_empty());
}
