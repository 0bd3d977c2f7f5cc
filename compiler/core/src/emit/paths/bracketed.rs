//! HCL and JSON, by their brackets: a line opens at most one level and closes at most one.

use super::tree::Tree;
use super::{end_of_quoted, split_key};

pub(super) fn read(text: &str) -> Tree {
    let mut reader = Reader { tree: Tree::default(), frames: Vec::new() };
    let root = reader.tree.document();
    reader.frames.push(Frame { node: root, is_list: true, is_root: true });
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let Some((node, word)) = reader.line(content) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != word).collect();
        reader.tree.leaf(node, &without_indent(&block));
    }
    reader.tree
}

struct Frame {
    node: usize,
    /// Whether its entries are elements without keys.
    is_list: bool,
    /// The file itself: keys, blocks or, in JSON, one value.
    is_root: bool,
}

struct Reader {
    tree: Tree,
    frames: Vec<Frame>,
}

impl Reader {
    /// Reads a line; gives the node and the closing word of a heredoc that begins behind it.
    fn line<'a>(&mut self, content: &'a str) -> Option<(usize, &'a str)> {
        if content.starts_with(['}', ']', ')']) {
            if self.frames.len() > 1 {
                self.frames.pop();
            }
            return None;
        }
        let frame = self.frames.last()?;
        let (parent, is_list, is_root) = (frame.node, frame.is_list, frame.is_root);
        if !is_list || is_root {
            if let Some((key, value)) = key_and_value(content) {
                let node = self.tree.key(parent, key);
                return self.value(node, value);
            }
            if self.block(parent, content).is_some() {
                return None;
            }
        }
        let node = if is_root { parent } else { self.tree.element(parent) };
        self.value(node, content)
    }

    /// `name "label" {` or `name "label" {}`; `None` where it is neither.
    fn block(&mut self, parent: usize, content: &str) -> Option<()> {
        let head = content.strip_suffix(" {").or(content.strip_suffix(" {}"))?;
        let mut node = parent;
        let mut left = head;
        while !left.is_empty() {
            let (word, rest) = split_key(left, |text| Some(text.find(' ').unwrap_or(text.len())))?;
            left = rest.trim_start();
            // A block of this name and these labels may come again; what its labels share is one.
            node = if left.is_empty() { self.tree.key(node, word) } else { self.tree.shared_key(node, word) };
        }
        if content.ends_with("{}") {
            self.tree.leaf(node, "{}");
        } else {
            self.frames.push(Frame { node, is_list: false, is_root: false });
        }
        Some(())
    }

    fn value<'a>(&mut self, node: usize, value: &'a str) -> Option<(usize, &'a str)> {
        if let Some(word) = value.strip_prefix("<<") {
            return Some((node, word.trim_start_matches('-')));
        }
        if let Some(head) = value.strip_suffix(['{', '[', '(']) {
            if !head.is_empty() {
                self.tree.leaf(node, value);
            }
            self.frames.push(Frame { node, is_list: !value.ends_with('{'), is_root: false });
            return None;
        }
        let value = value.strip_suffix(',').unwrap_or(value);
        match elements(value) {
            Some(elements) => {
                for element in elements {
                    let node = self.tree.element(node);
                    self.tree.leaf(node, element);
                }
            }
            None => self.tree.leaf(node, value),
        }
        None
    }
}

fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let (key, rest) = split_key(content, |text| text.find(' '))?;
    let value = rest.trim_start().strip_prefix("= ").or_else(|| rest.strip_prefix(": "))?;
    Some((key, value))
}

/// The elements of `[a, "b"]`; `None` where it is no such list, or one that holds brackets or templates.
fn elements(value: &str) -> Option<Vec<&str>> {
    let mut left = value.strip_prefix('[')?.strip_suffix(']')?;
    let mut elements = Vec::new();
    while !left.is_empty() {
        let end =
            if left.starts_with('"') { end_of_quoted(left)? } else { left.find(", ").unwrap_or(left.len()) };
        let (element, rest) = (&left[..end], &left[end..]);
        if has_template(element) || !element.starts_with('"') && element.contains(['(', '[', '{', '"']) {
            return None;
        }
        elements.push(element);
        left = if rest.is_empty() { rest } else { rest.strip_prefix(", ")? };
    }
    (!elements.is_empty()).then_some(elements)
}

/// Whether a string holds `${` or `%{` that is not escaped by being doubled.
fn has_template(text: &str) -> bool {
    ["${", "%{"].iter().any(|open| {
        text.match_indices(open).any(|(at, _)| at == 0 || text.as_bytes()[at - 1] != open.as_bytes()[0])
    })
}

/// The lines of a heredoc without the indentation that all share.
fn without_indent(lines: &[&str]) -> String {
    let filled = lines.iter().filter(|line| !line.is_empty());
    let shared = filled.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
    lines.iter().flat_map(|line| [line.get(shared..).unwrap_or(""), "\n"]).collect()
}
