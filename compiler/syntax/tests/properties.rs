//! What holds for every document, tried on documents made up from seeds.

mod common;

use common::Random;
use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};
use purlin_syntax::canonical::canonical;
use purlin_syntax::{Document, Entry, Node, NodeId, Number, ScalarKind, Tree, scalar};

fn assert_same(edited: &Document, what: &str) {
    let fresh = Document::parse(edited.text().to_owned());
    let (ours, theirs) = (edited.items(), fresh.items());
    let first = ours.iter().zip(theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
    let text = edited.text();
    assert_eq!(ours.get(first), theirs.get(first), "{what}, item {first}\n--- text\n{text}");
    assert_eq!(edited.lines(), fresh.lines(), "{what}");
}

#[test]
fn documents_that_kdl_accepts_have_no_errors() {
    for seed in 0..3000 {
        let text = common::document(&mut Random::new(seed), 6);
        let document = Document::parse(text);
        let errors: Vec<_> = document.errors().collect();
        assert!(errors.is_empty(), "seed {seed}: {errors:?}\n{}", document.text());
    }
}

#[test]
fn canonical_text_reads_back_as_itself() {
    for seed in 0..1000 {
        let once = canonical(&Document::parse(common::document(&mut Random::new(seed), 6)));
        let twice = canonical(&Document::parse(once.clone()));
        assert_eq!(once, twice, "seed {seed}");
    }
}

#[test]
fn spans_are_in_order_and_inside_their_node() {
    for seed in 0..1000 {
        let text = common::document(&mut Random::new(seed), 6);
        let document = Document::parse(text);
        let mut last = 0;
        for (index, item) in document.items().iter().enumerate() {
            assert!(item.start >= last, "seed {seed}: items overlap");
            last = item.start + item.len;
            check_spans(&item.tree, document.item_text(index));
        }
        assert!(last as usize <= document.text().len());
    }
}

fn check_spans(tree: &Tree, text: &str) {
    for (index, node) in tree.nodes.iter().enumerate() {
        assert!(node.range.hi as usize <= text.len());
        assert!(node.range.lo <= node.name_range.lo && node.name_range.hi <= node.range.hi);
        let mut last = node.name_range.hi;
        for entry in tree.entries(NodeId(index as u32)) {
            assert!(entry.range.lo >= last && entry.range.hi <= node.range.hi);
            assert!(entry.range.lo <= entry.value_range.lo && entry.value_range.hi == entry.range.hi);
            last = entry.range.hi;
        }
        if let Some(block) = node.block {
            let written = block.of(text);
            assert!(written.starts_with('{') && written.ends_with('}') && block.lo >= last);
        }
        for child in tree.children(NodeId(index as u32)) {
            let block = node.block.expect("children stand in a block");
            let child = tree.node(child).range;
            assert!(block.lo < child.lo && child.hi < block.hi);
        }
    }
}

#[test]
fn what_lies_between_items_is_white_space_and_comments() {
    for seed in 0..1000 {
        let text = common::document(&mut Random::new(seed), 6);
        // A slashdash behind a node's entries belongs to no span, and means nothing by itself.
        if text.contains("/-") {
            continue;
        }
        let document = Document::parse(text.clone());
        let mut last = 0;
        for item in document.items() {
            let gap = &text[last..item.start as usize];
            let gap = gap.strip_prefix(';').unwrap_or(gap).replacen(" ;", " ", 1);
            let gap = Document::parse(gap.replacen("*/;", "*/", 1));
            assert!(gap.items().is_empty(), "seed {seed}: {:?}\n{text}", gap.text());
            last = (item.start + item.len) as usize;
        }
    }
}

/// Pieces that complete, break and mend documents.
const PIECES: &[&str] = &[
    "",
    "x",
    " ",
    "\n",
    "\"",
    "{",
    "}",
    ";",
    "=",
    "/-",
    "//",
    "/*",
    "*/",
    "\"\"\"",
    "#",
    "#\"",
    "\\",
    "(",
    ")",
    "a 1\n",
    "a { b 2 }\n",
    "min=",
    "\u{7}",
    "é",
    "\r",
    "1.5GiB",
    "\n}\n",
    "\u{feff}",
    "a {\n",
    "\u{2028}",
    "$",
    "a=${b} c",
    "} }",
    "( {",
    "\"x {\n    ",
    "/* {\n    ",
];

#[test]
fn an_edit_gives_what_reading_afresh_gives() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let mut document = Document::parse(common::document(&mut random, 8));
        for step in 0..25 {
            let len = document.text().len();
            let lo = random.below(len + 1);
            let hi = if random.chance(50) { lo } else { (lo + random.below(12)).min(len) };
            let piece = random.pick(PIECES);
            let (before, undo) = (document.clone(), random.chance(40));
            let splice = document.edit(lo as u32, hi as u32, piece);
            assert_same(&document, &format!("seed {seed}, step {step}: {lo}..{hi} by {piece:?}"));
            check_splice(&before, &document, &splice);
            if undo {
                // Most breaking edits are mended at once, so that later steps meet balanced text too.
                document = before;
            }
        }
    }
}

fn check_splice(before: &Document, after: &Document, splice: &purlin_syntax::Splice) {
    let (old, new) = (before.items(), after.items());
    assert_eq!(old.len() - splice.removed.len(), new.len() - splice.inserted.len());
    assert_eq!(splice.removed.start, splice.inserted.start);
    for index in 0..splice.removed.start {
        assert!(std::sync::Arc::ptr_eq(&old[index].tree, &new[index].tree));
        assert_eq!(before.item_text(index), after.item_text(index));
    }
    for back in 1..=old.len() - splice.removed.end {
        let (was, is) = (old.len() - back, new.len() - back);
        assert!(std::sync::Arc::ptr_eq(&old[was].tree, &new[is].tree));
        assert_eq!(before.item_text(was), after.item_text(is));
    }
}

#[test]
fn a_key_stroke_touches_its_item_alone() {
    let pools: Vec<_> = (0..1000).map(|n| format!("pool p{n} {{\n    nodes {n}\n}}\n")).collect();
    let text = pools.concat();
    let at = text.find("nodes 500").unwrap() as u32 + 9;
    let mut document = Document::parse(text);
    let splice = document.edit(at, at, "1");
    assert_eq!(splice.removed.len(), 1);
    assert_eq!(splice.inserted, 500..501);
    assert_same(&document, "a digit");
}

#[test]
fn typing_any_text_key_by_key_equals_reading_it() {
    for seed in 0..60 {
        let text = common::document(&mut Random::new(seed), 3);
        let mut document = Document::parse(String::new());
        let mut typed = 0;
        for c in text.chars() {
            let at = document.text().len() as u32;
            document.edit(at, at, c.encode_utf8(&mut [0; 4]));
            typed += 1;
            if typed % 7 == 0 {
                assert_same(&document, &format!("seed {seed} after {typed} keys"));
            }
        }
        assert_same(&document, &format!("seed {seed}"));
    }
}

#[test]
fn lines_and_columns_come_back_in_both_units() {
    let text = "a\r\nü😀b\n\nlast";
    let document = Document::parse(text.to_owned());
    for (offset, _) in text.char_indices() {
        let at = document.lines().position(offset as u32);
        let utf16 = document.lines().position_utf16(text, offset as u32);
        assert_eq!(document.lines().offset_utf16(text, utf16), offset as u32 - u32::from(offset == 2));
        assert_eq!(document.lines().start(at.line) + at.column, offset as u32);
    }
    let at = document.lines().position_utf16(text, text.find('b').unwrap() as u32);
    assert_eq!((at.line, at.column), (1, 3));
}

/// Reads a hostile text whole; how long that takes is the benchmark's business.
#[track_caller]
fn survives(text: String) -> Document {
    let document = Document::parse(text);
    assert!(document.errors().count() <= 1000);
    document
}

#[test]
fn a_hundred_thousand_levels_are_read() {
    let depth = 100_000;
    let document = survives(format!("{}{}", "a {".repeat(depth), "}".repeat(depth)));
    assert_eq!(document.errors().count(), 0);
    assert_eq!(document.items()[0].tree.nodes.len(), depth);
}

#[test]
fn ten_megabytes_of_opening_braces_are_one_error() {
    let document = survives("{".repeat(10_000_000));
    assert!(document.errors().count() <= 2);
}

#[test]
fn a_hundred_thousand_open_blocks_end() {
    survives("a {".repeat(100_000));
    survives("a {\n".repeat(100_000));
    let steps: Vec<_> = (0..2000).map(|n| format!("{}a {{\n", " ".repeat(n))).collect();
    survives(steps.concat());
    survives("a /-{\n".repeat(100_000));
}

#[test]
fn closing_braces_alone_end() {
    let document = survives("}\n".repeat(1_000_000));
    assert_eq!(document.errors().count(), 1000);
    assert_eq!(survives("}".repeat(1_000_000)).errors().count(), 1);
    survives("  b 1\n".repeat(50_000) + &"}\n".repeat(50_000));
    survives("a\n  b\n}\n".repeat(50_000));
}

#[test]
fn the_slashdash_bomb_is_nothing() {
    survives("a /-{\n".repeat(16));
    survives("/-".repeat(1_000_000));
}

#[test]
fn ten_megabytes_of_one_string_are_read() {
    let document = survives(format!("a \"{}\"", "x".repeat(10_000_000)));
    assert_eq!(document.errors().count(), 0);
    survives("a \"".to_owned() + &"x".repeat(10_000_000));
    survives("a \"\\".repeat(1_000_000));
    survives("\"".repeat(1_000_000));
    survives("a \"\"\"\n".repeat(100_000));
    survives("a #\"\"\"\n b\n".repeat(100_000));
    survives("#".repeat(1_000_000));
    survives("a r#".repeat(300_000));
    survives("a##\"".repeat(300_000));
}

#[test]
fn comments_that_nothing_closes_end() {
    survives("/*".repeat(1_000_000));
    survives("a /*\n".repeat(200_000));
    survives("/* /* */\n".repeat(100_000));
    survives("/*x*/ b ".repeat(300_000));
    survives("/*\n".repeat(20) + &"/*x*/ b ".repeat(300_000));
    let depth = 500_000;
    let document = survives("/*".repeat(depth) + &"*/".repeat(depth));
    assert_eq!(document.errors().count(), 0);
}

#[test]
fn a_hundred_thousand_errors_are_capped() {
    let document = survives("a 1x\n".repeat(100_000));
    assert_eq!(document.errors().count(), 1000);
    assert_eq!(document.errors().last().unwrap().1.rule, "syntax.too-many");
    survives("\u{0}".repeat(1_000_000));
    survives("\u{0}a ".repeat(300_000));
    survives("a=".repeat(500_000));
    survives("(".repeat(1_000_000));
    survives("a (".repeat(300_000));
    survives("a/".repeat(500_000));
    survives("\\".repeat(1_000_000));
    survives("a \\ ".repeat(300_000));
    survives("a=${".repeat(100_000));
    survives("a=${} ".repeat(100_000));
}

#[test]
fn random_bytes_never_panic_and_every_range_holds() {
    let alphabet = [
        "a", "1", " ", "\n", "{", "}", "\"", "\\", "/", "*", "-", "#", "=", "(", ")", ";", ".", "é", "\u{7}",
        "r", "$", "[", "\"\"\"",
    ];
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let text: String = (0..random.below(40)).map(|_| random.pick(&alphabet)).collect();
        let document = Document::parse(text.clone());
        let mut last = 0;
        for (index, item) in document.items().iter().enumerate() {
            assert!(item.start >= last, "{text:?}: {:?}", document.items());
            last = item.start + item.len;
            assert!(last as usize <= text.len(), "{text:?}");
            for error in &item.tree.errors {
                assert!(error.range.hi <= item.len, "{text:?}: {error:?} of {item:?}");
                assert!(text.is_char_boundary((item.start + error.range.lo) as usize), "{text:?}");
                assert!(text.is_char_boundary((item.start + error.range.hi) as usize), "{text:?}");
            }
            for entry in &item.tree.entries {
                let _ = entry.text(document.item_text(index));
            }
        }
        assert_eq!(Document::parse(text.clone()).items(), document.items());
    }
}

/// What our tree and the tree of crate `kdl` must agree on.
#[derive(PartialEq, Debug)]
struct Plain {
    name: String,
    annotation: Option<String>,
    entries: Vec<(Option<String>, Option<String>, String)>,
    children: Vec<Plain>,
}

fn ours(tree: &Tree, text: &str, id: NodeId) -> Plain {
    let node: &Node = tree.node(id);
    let entries = tree.entries(id).iter().map(|entry| {
        (
            entry.name.map(|name| name.to_string()),
            entry.annotation.map(|a| a.to_string()),
            our_value(entry, text),
        )
    });
    Plain {
        name: node.name.to_string(),
        annotation: node.annotation.map(|a| a.to_string()),
        entries: entries.collect(),
        children: tree.children(id).map(|child| ours(tree, text, child)).collect(),
    }
}

fn our_value(entry: &Entry, text: &str) -> String {
    let source = entry.value_range.of(text);
    match entry.kind {
        ScalarKind::Number => match scalar::number(source) {
            Number::Integer(value) => format!("integer {value}"),
            Number::Float(value) => format!("float {value}"),
            Number::Big => format!("big {source}"),
        },
        _ if entry.is_text() => format!("text {}", entry.text(text)),
        _ => source.to_owned(),
    }
}

fn theirs(node: &KdlNode) -> Plain {
    Plain {
        name: node.name().value().to_owned(),
        annotation: node.ty().map(|ty| ty.value().to_owned()),
        entries: node.entries().iter().map(their_entry).collect(),
        children: node
            .children()
            .map(|children| children.nodes().iter().map(theirs).collect())
            .unwrap_or_default(),
    }
}

fn their_entry(entry: &KdlEntry) -> (Option<String>, Option<String>, String) {
    let value = match entry.value() {
        KdlValue::String(text) => format!("text {text}"),
        KdlValue::Integer(value) => format!("integer {value}"),
        KdlValue::Float(value) if value.is_nan() => "#nan".to_owned(),
        KdlValue::Float(value) if value.is_infinite() => {
            (if *value > 0.0 { "#inf" } else { "#-inf" }).to_owned()
        }
        KdlValue::Float(value) => format!("float {value}"),
        KdlValue::Bool(value) => format!("#{value}"),
        KdlValue::Null => "#null".to_owned(),
    };
    (entry.name().map(|name| name.value().to_owned()), entry.ty().map(|ty| ty.value().to_owned()), value)
}

#[test]
fn crate_kdl_reads_generated_documents_alike() {
    let mut compared = 0;
    for seed in 0..600 {
        let text = common::document(&mut Random::new(seed), 4);
        let Ok(oracle) = KdlDocument::parse_v2(&text) else { continue };
        compared += 1;
        let document = Document::parse(text.clone());
        let ours: Vec<Plain> = document
            .items()
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some(ours(&item.tree, document.item_text(index), item.tree.root()?)))
            .collect();
        let theirs: Vec<Plain> = oracle.nodes().iter().map(theirs).collect();
        assert_eq!(ours, theirs, "seed {seed}\n{text}");
    }
    println!("{compared} of 600 documents compared");
    assert!(compared > 400, "crate kdl read {compared} of 600 documents alone");
}
