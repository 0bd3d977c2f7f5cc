//! The formatter: layout changes, nothing else does.

mod common;

use common::Random;
use purlin_syntax::canonical::canonical;
use purlin_syntax::{Document, format};

#[track_caller]
fn check(input: &str, expect: &str) {
    assert_eq!(format(input).unwrap(), expect);
    assert_eq!(format(expect).unwrap(), expect, "not idempotent");
}

#[test]
fn indentation_is_four_spaces_and_entries_are_one_apart() {
    check(
        "a   1  x = 2\t{\n b  (u8) 3\n   c {\nd\n}\n  }",
        "a 1 x=2 {\n    b (u8)3\n    c {\n        d\n    }\n}\n",
    );
}

#[test]
fn a_block_on_one_line_stays_there() {
    check("a {b;c 1;}\nd { e { f } }", "a { b; c 1 }\nd { e { f } }\n");
}

#[test]
fn a_block_too_long_for_its_line_is_expanded() {
    let long = "x".repeat(80);
    check(
        &format!("a {{ b {long}; c {long}; d {{ e }} }}"),
        &format!("a {{\n    b {long}\n    c {long}\n    d {{ e }}\n}}\n"),
    );
}

#[test]
fn nodes_joined_by_semicolons_stay_on_their_line() {
    check("a {\n  b;  c 1; d { e };\n}\n", "a {\n    b; c 1; d { e }\n}\n");
}

#[test]
fn a_node_with_an_open_block_begins_its_own_line() {
    check("a; b {\n c\n}; d", "a\nb {\n    c\n}\nd\n");
}

#[test]
fn comments_keep_their_line() {
    check(
        "// top\n\n\n\na 1   // end\nb { // open\n// own\n  c /* mid */ 2 // tail\n\n\n  // last\n}\n/* x */ d\n",
        "// top\n\na 1 // end\nb { // open\n    // own\n    c /* mid */ 2 // tail\n\n    // last\n}\n/* x */ d\n",
    );
}

#[test]
fn an_escaped_line_end_is_kept_between_entries_only() {
    check("a \\\n      b \\ // why\n c\nd \\\n\ne", "a \\\n    b \\ // why\n    c\nd\ne\n");
}

#[test]
fn slashdashes_stay_with_what_they_remove() {
    check("a /-1 /- x=2 /-{ b } { c }\n/-\nd", "a /-1 /- x=2 /-{ b } { c }\n/- d\n");
}

#[test]
fn spellings_of_values_stay() {
    check(
        "a 0x1F 1_000 1.50 \"q\" #\"raw\"# \"\"\"\n  text\n  \"\"\"",
        "a 0x1F 1_000 1.50 \"q\" #\"raw\"# \"\"\"\n  text\n  \"\"\"\n",
    );
}

#[test]
fn an_empty_block_and_an_empty_text_stay_empty() {
    check("a {\n\n}\nb { }", "a {}\nb {}\n");
    check("", "");
    check("\n\n", "");
}

#[test]
fn what_is_not_kdl_is_refused_with_absolute_ranges() {
    let errors = format("a 1\nb 80GiB\n").unwrap_err();
    assert_eq!((errors[0].range.lo, errors[0].range.hi), (6, 11));
}

#[test]
fn hostile_texts_are_laid_out_in_linear_time_and_space() {
    for text in [
        format!("{}{}", "a {".repeat(50_000), "}".repeat(50_000)),
        "a;".repeat(200_000),
        format!("a {{ {} }}", "b;".repeat(200_000)),
        format!("a {}", "/*x*/ b ".repeat(100_000)),
        format!("a {{ {} }}", "b { c; d };".repeat(50_000)),
        "a \\\n".repeat(100_000),
    ] {
        let once = format(&text).unwrap();
        assert!(once.len() < 1000 * text.len());
        assert_eq!(format(&once).unwrap(), once);
    }
}

/// Every comment of a text without white space, in order.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    // Generated strings hold comment marks on purpose, so words are taken out first.
    for string in ["\"// no comment\"", "\"/* none */\""] {
        if rest.contains(string) {
            return comments(&rest.replace(string, "s"));
        }
    }
    while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        let line = rest[at..].starts_with("//");
        let end =
            if line { rest[at..].find('\n').map_or(rest.len(), |n| at + n) } else { block_end(rest, at) };
        found.push(rest[at..end].trim().to_owned());
        rest = &rest[end..];
    }
    found
}

fn block_end(text: &str, at: usize) -> usize {
    let mut depth = 0;
    for (offset, _) in text[at..].char_indices() {
        let here = &text[at + offset..];
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + offset + 2;
            }
        }
    }
    text.len()
}

#[test]
fn formatting_changes_neither_meaning_nor_comments_and_settles_at_once() {
    for seed in 0..4000 {
        let text = common::document(&mut Random::new(seed), 6);
        let once = format(&text).unwrap();
        let again =
            format(&once).unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}\n{text}\n=>\n{once}"));
        assert_eq!(once, again, "seed {seed}: not idempotent\n{text}");
        let (before, after) = (Document::parse(text.clone()), Document::parse(once.clone()));
        assert_eq!(canonical(&before), canonical(&after), "seed {seed}\n{text}\n=>\n{once}");
        assert_eq!(comments(&text), comments(&once), "seed {seed}\n{text}\n=>\n{once}");
        assert!(
            once.lines().all(|line| !line.ends_with(' ') || text.contains("\"\"\"")),
            "seed {seed}: {once}"
        );
    }
}

#[test]
fn the_specs_of_the_design_keep_their_meaning() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/design/specs");
    if !root.is_dir() {
        eprintln!("skipped: needs shared/design/specs");
        return;
    }
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "kdl") {
                let text = std::fs::read_to_string(&path).unwrap();
                let once = format(&text).unwrap();
                assert_eq!(format(&once).unwrap(), once);
                assert_eq!(canonical(&Document::parse(text)), canonical(&Document::parse(once)));
            }
        }
    }
}
