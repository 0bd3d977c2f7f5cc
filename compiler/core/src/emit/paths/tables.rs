//! TOML, by its headers.

use super::split_key;
use super::tree::Tree;

pub(super) fn read(text: &str) -> Tree {
    let mut tree = Tree::default();
    let root = tree.document();
    let mut table = root;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(path) = line.strip_prefix("[[").and_then(|path| path.strip_suffix("]]")) {
            let list = walk(&mut tree, root, path);
            table = tree.element(list);
        } else if let Some(path) = line.strip_prefix('[').and_then(|path| path.strip_suffix(']')) {
            table = walk(&mut tree, root, path);
        } else if let Some((key, value)) = key_and_value(line) {
            let node = tree.key(table, key);
            if value == "\"\"\"" {
                let block = long_text(&mut lines);
                tree.leaf(node, &block);
            } else {
                tree.leaf(node, value);
            }
        }
    }
    tree
}

/// The table of a header's path, in the last element of every list of tables on the way.
fn walk(tree: &mut Tree, root: usize, path: &str) -> usize {
    let mut node = root;
    let mut left = path;
    while let Some((key, rest)) = split_key(left, |text| Some(text.find('.').unwrap_or(text.len()))) {
        let inside = tree.last_element(node);
        node = tree.shared_key(inside, key);
        left = rest.strip_prefix('.').unwrap_or("");
        if left.is_empty() {
            break;
        }
    }
    node
}

fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = split_key(line, |text| text.find(" = "))?;
    Some((key, rest.strip_prefix(" = ")?))
}

fn long_text<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        if let Some(last) = line.strip_suffix("\"\"\"") {
            text.push_str(last);
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}
