//! Text that is being typed: what is not finished yet costs one error, and no neighbour notices.

use std::path::Path;

use purlin_syntax::Document;

/// What stands in a text between two key strokes, and is broken wherever it is typed.
const BROKEN: &[&str] = &[
    "(",
    "(expr",
    "(expr)\"",
    "(expr)\"nodes * ",
    "( {",
    "(expr {",
    ")",
    "name=\"",
    "name=(",
    "name=(expr",
    "name=(expr)\"",
    "name=${",
    "\"",
    "\"half",
    "#",
    "#\"",
    "#tru",
    "##\"half\"#",
    "\"\"\"",
    "\"\"\"half",
    "{ {",
    "}",
    "} }",
    "} } }",
    "80GiB",
    "[",
    "[1, 2",
    "1.",
    "${",
    "${a",
];

/// What is typed on the way, and may mean something where it stands: a property whose value follows, a comment that
/// another one closes.
const MEANING: &[&str] = &["name=", "a=b=", "name=$", "(expr)", "s3://", "/*", "=", "{", "#\"\"\""];

/// The items of all examples.
fn items() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the examples").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "kdl") {
                files.push(path);
            }
        }
    }
    files.sort();
    let text = |path| Document::parse(std::fs::read_to_string(path).expect("an example"));
    let documents: Vec<Document> = files.into_iter().map(text).collect();
    let items = |document: &Document| {
        (0..document.items().len()).map(|index| document.item_text(index).to_owned()).collect::<Vec<_>>()
    };
    documents.iter().flat_map(items).collect()
}

/// Where something may be typed into an item, with what stands around it then: behind a node's name, before its brace,
/// behind its line, and on a line of its own. The first lines of the item, one in the middle, and the last.
fn places(item: &str) -> Vec<(usize, String, &'static str)> {
    let document = Document::parse(item.to_owned());
    let mut lines: Vec<usize> = Vec::new();
    for node in document.items().iter().flat_map(|item| &item.tree.nodes) {
        let lo = node.range.lo as usize;
        let start = item[..lo].rfind('\n').map_or(0, |at| at + 1);
        if item[start..lo].trim().is_empty() {
            lines.push(lo);
        }
    }
    let chosen = [0, 1, 2, lines.len() / 2, lines.len() - 1];
    let mut places = Vec::new();
    for lo in chosen.into_iter().filter_map(|n| lines.get(n)).copied() {
        let end = item[lo..].find('\n').map_or(item.len(), |at| lo + at);
        let line = &item[lo..end];
        let indent = lo - item[..lo].rfind('\n').map_or(0, |at| at + 1);
        places.push((lo - indent, " ".repeat(indent), "\n"));
        if line.contains("//") || line.contains("\"\"\"") {
            continue;
        }
        places.push((end, " ".to_owned(), ""));
        if let Some(space) = line.find(' ') {
            places.push((lo + space, " ".to_owned(), ""));
        }
        if line.ends_with('{') {
            places.push((end - 1, String::new(), " "));
        }
    }
    places.sort();
    places.dedup();
    places
}

/// Types each fragment into each place of each item between its neighbours, and says where it costs more than it may.
fn check(fragments: &[&str], costs: std::ops::RangeInclusive<usize>) {
    let items = items();
    assert!(items.len() > 100, "{} items", items.len());
    let mut wrong: std::collections::BTreeMap<&str, (usize, String)> = std::collections::BTreeMap::new();
    let mut typed = 0;
    for window in items.windows(3).step_by(3) {
        let [before, item, after] = window else { continue };
        for (at, lead, trail) in places(item) {
            for fragment in fragments {
                typed += 1;
                let (left, right) = item.split_at(at);
                let text = format!("{before}\n\n{left}{lead}{fragment}{trail}{right}\n\n{after}\n");
                let document = Document::parse(text);
                let errors: Vec<_> = document.errors().map(|(_, error)| (error.rule, error.range)).collect();
                let last = document.items().len() - 1;
                let same = document.item_text(0) == before && document.item_text(last) == after;
                if !costs.contains(&errors.len()) || !same {
                    let shown = format!("{errors:?}, neighbours the same: {same}\n{}", document.text());
                    wrong.entry(fragment).or_insert((0, shown)).0 += 1;
                }
            }
        }
    }
    for (fragment, (count, shown)) in &wrong {
        println!("{count} times `{fragment}`, as here: {shown}\n");
    }
    assert!(wrong.is_empty(), "{} of {typed}", wrong.values().map(|(count, _)| count).sum::<usize>());
    assert!(typed > 1000, "{typed}");
}

#[test]
fn what_is_half_typed_costs_one_error_and_no_neighbour() {
    check(BROKEN, 1..=1);
}

#[test]
fn what_may_mean_something_costs_one_error_at_most_and_no_neighbour() {
    check(MEANING, 0..=1);
}
