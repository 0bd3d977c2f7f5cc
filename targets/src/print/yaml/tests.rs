use super::*;
use crate::print::testing::{MERGE, May, Random, TRAPS, meaning, pyyaml, same, terraform_value};
use serde_json::Value;

fn check(build: impl FnOnce(&mut Tape), expect: &str) {
    let mut tape = Tape::default();
    build(&mut tape);
    let mut out = String::new();
    print(&tape, &mut out);
    assert_eq!(out, expect);
}

/// Both readers give back what the tapes mean.
fn check_readers(name: &str, tapes: &[Tape]) {
    let mut out = String::new();
    for tape in tapes {
        print(tape, &mut out);
    }
    let meant: Vec<Value> = tapes.iter().map(meaning).collect();
    if let Some(read) = pyyaml(&out) {
        assert_eq!(read.len(), meant.len());
        for (read, meant) in read.iter().zip(&meant) {
            assert!(same(read, meant), "YAML 1.1: {read}\nmeant: {meant}\n{out}");
        }
    }
    let files: Vec<(String, String)> =
        tapes.iter().enumerate().map(|(n, tape)| (format!("{n:04}.yaml"), one(tape))).collect();
    let all = "[for name in sort(fileset(\".\", \"*.yaml\")) : yamldecode(file(name))]";
    if let Some(read) = terraform_value(name, &files, all) {
        assert!(same(&read, &Value::Array(meant)), "YAML 1.2: {read}\n{out}");
    }
}

fn one(tape: &Tape) -> String {
    let mut out = String::new();
    print(tape, &mut out);
    out
}

#[test]
fn a_document_reads_as_a_person_writes_it() {
    check(
        |tape| {
            tape.comment("serving.chat");
            tape.map(|t| {
                t.set("apiVersion", "apps/v1");
                t.map("metadata", |t| {
                    t.pairs("labels", [("app.kubernetes.io/name", "chat"), ("v", "1.10")]);
                    t.map("annotations", |_| ());
                });
                t.list("containers", |t| {
                    t.map(|t| {
                        t.set("name", "server");
                        t.items("args", ["--port", "8080", "-v"]);
                        t.list("env", |_| ());
                    });
                    t.map(|t| {
                        t.comment("why");
                        t.set("name", "sidecar");
                    });
                });
                t.list("matrix", |t| {
                    t.list(|t| {
                        t.item(1);
                        t.item(2);
                    });
                });
                t.set("script", "#!/bin/sh\nset -e\n");
            });
        },
        r#"# serving.chat
apiVersion: apps/v1
metadata:
  labels:
    app.kubernetes.io/name: chat
    v: "1.10"
  annotations: {}
containers:
  - name: server
    args:
      - --port
      - "8080"
      - -v
    env: []
  - # why
    name: sidecar
matrix:
  - - 1
    - 2
script: |
  #!/bin/sh
  set -e
"#,
    );
}

#[test]
fn documents_are_separated() {
    check(
        |tape| {
            tape.comment("a");
            tape.map(|t| {
                t.set("x", 1);
            });
            tape.comment("b");
            tape.map(|t| {
                t.set("z", f64::INFINITY);
            });
        },
        "# a\nx: 1\n---\n# b\nz: .inf\n",
    );
}

#[test]
fn literal_blocks_keep_their_ends_and_beginnings() {
    check(
        |tape| {
            tape.map(|t| {
                t.set("strip", "a\nb");
                t.set("clip", "a\n\nb\n");
                t.set("keep", "a\n\n");
                t.set("indented", "  a\nb\n");
                t.items("in", ["a\nb\n"]);
                t.set("blanks", "a\n \nb\n");
            });
        },
        "strip: |-\n  a\n  b\nclip: |\n  a\n\n  b\nkeep: |+\n  a\n\nindented: |2\n    a\n  b\nin:\n  - |\n    a\n    b\nblanks: \"a\\n \\nb\\n\"\n",
    );
}

fn traps(keys: impl Fn(&str) -> bool) -> Tape {
    let mut tape = Tape::default();
    tape.map(|t| {
        t.items("values", TRAPS.iter().copied());
        t.pairs("keys", TRAPS.iter().filter(|trap| keys(trap)).map(|trap| (trap, *trap)));
    });
    tape
}

#[test]
fn every_trap_is_read_back_as_a_value_and_as_a_key() {
    check_readers("traps", &[traps(|key| key != MERGE)]);
}

#[test]
fn a_key_that_merges_is_only_a_key() {
    let tape = traps(|key| key == MERGE);
    let mut out = String::new();
    print(&tape, &mut out);
    if let Some(read) = pyyaml(&out) {
        assert_eq!(read, [meaning(&tape)]);
    }
}

#[test]
fn a_very_long_key_is_read_back() {
    let mut tape = Tape::default();
    tape.map(|t| {
        t.set(&"k".repeat(2000), 1);
        t.map(&"\u{7}".repeat(300), |t| {
            t.set("x", "a\nb\n");
            t.list(&"é".repeat(1200), |t| {
                t.map(|t| {
                    t.set("y", 1);
                });
            });
        });
    });
    check_readers("long", &[tape]);
}

#[test]
fn random_documents_are_read_back() {
    let mut random = Random(7);
    let tapes: Vec<Tape> = (0..40)
        .map(|_| {
            let mut tape = Tape::default();
            tape.comment(&random.string());
            tape.map(|t| random.fill_map(t, 4, May { null: true, comment: true }));
            tape
        })
        .collect();
    check_readers("random", &tapes);
}

#[test]
fn origins_follow_the_lines() {
    use purlin_syntax::{ItemId, Range, Span};
    let span = |lo| Span::new(ItemId(0), Range::new(lo, lo));
    let mut tape = Tape::default();
    tape.comment("x");
    tape.map(|t| {
        t.set("a", "l1\nl2\n").from(span(1));
        t.list("b", |t| {
            t.map(|t| {
                t.set("c", 1).from(span(2));
            });
        });
    })
    .from(span(9));
    let (mut out, mut lines) = (String::new(), Vec::new());
    for _ in 0..2 {
        crate::print::print_traced(purlin_core::emit::Format::Yaml, &tape, &mut out, &mut lines);
    }
    let lows: Vec<i64> = lines.iter().map(|line| line.map_or(-1, |span| i64::from(span.lo))).collect();
    assert_eq!(lows, [9, 1, 1, 1, 9, 2, -1, 9, 1, 1, 1, 9, 2]);
}
