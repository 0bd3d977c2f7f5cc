//! What the printers write, the readers of fields read: tests over random documents.

use purlin_core::emit::Format;
use purlin_core::emit::paths::{diff_fields, fields};
use purlin_core::emit::tape::{Kind, Tape};

use super::print;
use super::testing::{May, Random};

fn printed(format: Format, tape: &Tape) -> String {
    let mut out = String::new();
    print(format, tape, &mut out);
    out
}

/// Values without parts, and empty maps and lists.
fn count(tape: &Tape) -> usize {
    let tokens = tape.tokens();
    let is_end = |(at, token): &(usize, &purlin_core::emit::tape::Token)| match token.kind {
        Kind::Leaf(_) => true,
        Kind::OpenMap | Kind::OpenList => token.end() == at + 1,
        _ => false,
    };
    tokens.iter().enumerate().filter(is_end).count()
}

fn check(format: Format) {
    let mut random = Random(21);
    let may = May { null: true, comment: false };
    for _ in 0..200 {
        let mut tape = Tape::default();
        tape.map(|t| {
            t.map("body", |t| random.fill_map(t, 4, may));
            t.set("changed", "old");
        });
        let text = printed(format, &tape);
        let found = fields(&text, format);
        assert_eq!(found.len(), count(&tape), "{found:#?}\n{text}");
        let mut paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair[0] != pair[1]), "{paths:#?}");

        assert_eq!(diff_fields(&text, &text, format), []);
        let changes = diff_fields(&text, &text.replace("old", "new"), format);
        assert_eq!(changes.iter().map(|change| &*change.path).collect::<Vec<_>>(), ["changed"]);
    }
}

#[test]
fn every_scalar_of_a_yaml_document_is_one_field() {
    check(Format::Yaml);
}

#[test]
fn every_scalar_of_a_json_document_is_one_field() {
    check(Format::Json);
}

#[test]
fn every_scalar_of_an_hcl_file_is_one_field() {
    check(Format::Hcl);
}
