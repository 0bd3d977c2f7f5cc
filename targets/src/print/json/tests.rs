use super::*;
use crate::print::testing::{May, Random, meaning, same};

fn check(build: impl FnOnce(&mut Tape), pretty: &str, compact: &str) {
    let mut tape = Tape::default();
    build(&mut tape);
    let (mut long, mut short) = (String::new(), String::new());
    print(&tape, &mut long);
    print_compact(&tape, &mut short);
    assert_eq!((long.as_str(), short.as_str()), (pretty, compact));
}

#[test]
fn a_document_in_both_forms() {
    check(
        |tape| {
            tape.comment("left out");
            tape.map(|t| {
                t.set("a", 1);
                t.list("l", |t| {
                    t.item("x");
                    t.map(|_| ());
                    t.list(|_| ());
                });
            });
        },
        "{\n  \"a\": 1,\n  \"l\": [\n    \"x\",\n    {},\n    []\n  ]\n}\n",
        r#"{"a":1,"l":["x",{},[]]}"#,
    );
}

#[test]
fn what_cannot_be_seen_is_escaped() {
    check(
        |tape| {
            tape.list(|t| {
                t.item("é\u{202e}\u{e0001}\"\\\n");
            });
        },
        "[\n  \"é\\u202e\\udb40\\udc01\\\"\\\\\\n\"\n]\n",
        "[\"é\\u202e\\udb40\\udc01\\\"\\\\\\n\"]",
    );
}

#[test]
fn random_documents_are_read_back() {
    let mut random = Random(3);
    for _ in 0..300 {
        let mut tape = Tape::default();
        tape.map(|t| random.fill_map(t, 4, May { null: true, comment: true }));
        let (mut long, mut short) = (String::new(), String::new());
        print(&tape, &mut long);
        print_compact(&tape, &mut short);
        for text in [long, short] {
            let read = serde_json::from_str(&text).unwrap();
            assert!(same(&read, &meaning(&tape)), "{text}");
        }
    }
}
