use super::*;
use crate::print::testing::{May, Random, meaning, same};

fn printed(build: impl FnOnce(&mut Tape)) -> (Tape, String) {
    let mut tape = Tape::default();
    build(&mut tape);
    let mut out = String::new();
    print(&tape, &mut out);
    (tape, out)
}

#[test]
fn values_stand_before_tables() {
    let (_, out) = printed(|tape| {
        tape.comment("gpu-pool.h100");
        tape.map(|t| {
            t.map("plugins", |t| {
                t.map("io.containerd.grpc.v1.cri", |t| {
                    t.set("sandbox", "pause");
                });
                t.map("empty", |_| ());
            });
            t.comment("the version");
            t.set("version", 3);
            t.list("proxy", |t| {
                t.map(|t| {
                    t.set("name", "a");
                    t.map("inner", |t| {
                        t.set("x", 1.5);
                    });
                });
                t.map(|_| ());
            });
            t.list("mixed", |t| {
                t.item(1);
                t.map(|t| {
                    t.set("a", 1);
                    t.set("b", "x");
                });
            });
            t.set("text", "a\n\"b\"\n");
        });
    });
    let expect = r#"# gpu-pool.h100
# the version
version = 3
mixed = [1, { a = 1, b = "x" }]
text = """
a
\"b\"
"""

[plugins."io.containerd.grpc.v1.cri"]
sandbox = "pause"

[plugins.empty]

[[proxy]]
name = "a"

[proxy.inner]
x = 1.5

[[proxy]]
"#;
    assert_eq!(out, expect);
}

#[test]
fn null_is_left_out() {
    let (_, out) = printed(|tape| {
        tape.map(|t| {
            t.set("a", purlin_core::emit::tape::Null);
            t.list("b", |t| {
                t.item(1);
                t.item(purlin_core::emit::tape::Null);
                t.item(2);
            });
        });
    });
    assert_eq!(out, "b = [1, 2]\n");
}

#[test]
fn random_documents_are_read_back() {
    let mut random = Random(9);
    for _ in 0..300 {
        let (tape, out) = printed(|tape| {
            tape.map(|t| random.fill_map(t, 4, May { null: false, comment: true }));
        });
        let read: serde_json::Value = ::toml::from_str(&out).unwrap_or_else(|error| panic!("{error}\n{out}"));
        assert!(same(&read, &meaning(&tape)), "{out}");
    }
}
