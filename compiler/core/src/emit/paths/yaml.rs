//! YAML in block style, by its indentation.

use super::split_key;
use super::tree::Tree;

/// A map or list: the column where its entries begin.
struct Frame {
    column: usize,
    node: usize,
}

pub(super) fn read(text: &str) -> Tree {
    let mut tree = Tree::default();
    let root = tree.document();
    let mut reader = Reader { tree, frames: Vec::new(), open: root };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "---" {
            reader.frames.clear();
            reader.open = reader.tree.document();
            continue;
        }
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let Some((node, column)) = reader.line(line.len() - content.len(), content) else { continue };
        let mut literal = String::new();
        while let Some(next) = lines.next_if(|next| next.trim().is_empty() || indent(next) > column) {
            literal.push_str(next.get(column + 2..).unwrap_or(""));
            literal.push('\n');
        }
        reader.tree.leaf(node, &literal);
    }
    reader.tree
}

struct Reader {
    tree: Tree,
    frames: Vec<Frame>,
    /// The document, key or element whose map or list comes next.
    open: usize,
}

impl Reader {
    /// Reads a line; gives the node and the column of a literal block that begins behind it.
    fn line(&mut self, mut column: usize, mut content: &str) -> Option<(usize, usize)> {
        while self.frames.last().is_some_and(|frame| frame.column > column) {
            self.frames.pop();
        }
        loop {
            if self.frames.last().is_none_or(|frame| frame.column < column) {
                self.frames.push(Frame { column, node: self.open });
            }
            let parent = self.frames.last().map_or(self.open, |frame| frame.node);
            if let Some(rest) = content.strip_prefix("- ") {
                self.open = self.tree.element(parent);
                if rest.starts_with("- ") || key_and_value(rest).is_some() {
                    (column, content) = (column + 2, rest);
                    continue;
                }
                return self.value(self.open, column, rest);
            }
            if let Some(value) = content.strip_prefix(": ").or(content.strip_prefix(':')) {
                return self.value(self.open, column, value);
            }
            if let Some(key) = content.strip_prefix("? ") {
                self.open = self.tree.key(parent, key.trim_matches('"'));
                return None;
            }
            let Some((key, value)) = key_and_value(content) else {
                self.tree.leaf(parent, content);
                return None;
            };
            self.open = self.tree.key(parent, key);
            return self.value(self.open, column, value);
        }
    }

    fn value(&mut self, node: usize, column: usize, value: &str) -> Option<(usize, usize)> {
        if value.starts_with('|') {
            return Some((node, column));
        }
        if !value.is_empty() && !value.starts_with("# ") {
            self.tree.leaf(node, value);
        }
        None
    }
}

fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let end = |text: &str| text.find(": ").or_else(|| text.ends_with(':').then(|| text.len() - 1));
    let (key, rest) = split_key(content, end)?;
    let rest = rest.strip_prefix(':')?;
    Some((key, rest.strip_prefix(' ').unwrap_or(rest)))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
