//! TOML 1.0: the values of a table first, then its tables, then its arrays of tables, each under its full name.

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};

use super::escape::{Quotes, is_visible, push_comment, push_escaped, push_quoted};
use super::trace::Trace;

/// Appends the document, which is a map. TOML has no null: an entry or element that is null is left out.
pub fn print(tape: &Tape, out: &mut String) {
    write(tape, out, &mut ());
}

pub(crate) fn write(tape: &Tape, out: &mut String, trace: &mut impl Trace) {
    let tokens = tape.tokens();
    let mut printer = Printer { tape, tokens, out, trace };
    let mut root = 0;
    while tokens.get(root).is_some_and(|token| token.kind == Kind::Comment) {
        printer.comment(root);
        root += 1;
    }
    let is_map = tokens.get(root).is_some_and(|token| token.kind == Kind::OpenMap);
    debug_assert!(is_map || tokens.is_empty(), "a TOML document is a map");
    if is_map {
        printer.document(root);
    }
}

/// A table to print: where it opens, how long its name is in the shared path, and whether it is one of an array.
struct Table {
    open: usize,
    path: String,
    of_array: bool,
}

struct Printer<'a, T> {
    tape: &'a Tape,
    tokens: &'a [Token],
    out: &'a mut String,
    trace: &'a mut T,
}

/// One entry of a table.
#[derive(Clone, Copy)]
struct Entry {
    /// The first comment before it, or the key.
    start: usize,
    key: usize,
    value: usize,
}

impl<T: Trace> Printer<'_, T> {
    fn document(&mut self, root: usize) {
        let mut left = vec![Table { open: root, path: String::new(), of_array: false }];
        while let Some(table) = left.pop() {
            self.table(&table);
            let first = left.len();
            self.push_tables(&table, &mut left);
            left[first..].reverse();
        }
    }

    /// The header of a table and its values, without the tables in it.
    fn table(&mut self, table: &Table) {
        let entries = self.entries(table.open);
        let has_values =
            entries.iter().any(|entry| !self.is_table(entry.value) && !self.is_tables(entry.value));
        let has_header = !table.path.is_empty() && (has_values || entries.is_empty() || table.of_array);
        if has_header {
            if !self.out.is_empty() {
                self.out.push('\n');
            }
            self.comments_before(table);
            self.trace.at(self.out.len(), Some(table.open));
            let (left, right) = if table.of_array { ("[[", "]]\n") } else { ("[", "]\n") };
            self.out.push_str(left);
            self.out.push_str(&table.path);
            self.out.push_str(right);
        }
        for entry in entries {
            if !self.is_table(entry.value) && !self.is_tables(entry.value) && !self.is_null(entry.value) {
                (entry.start..entry.key).for_each(|comment| self.comment(comment));
                self.trace.at(self.out.len(), Some(entry.key));
                push_key(self.out, self.tape.text(self.tokens[entry.key]));
                self.out.push_str(" = ");
                self.value(entry.value, true);
                self.out.push('\n');
            }
        }
    }

    /// The comments that stand before the table's key, or before its element.
    fn comments_before(&mut self, table: &Table) {
        let mut first = table.open;
        let before = |index: usize| index.checked_sub(1).map(|before| self.tokens[before].kind);
        if before(first) == Some(Kind::OpenList) {
            first -= 1;
        }
        if before(first) == Some(Kind::Key) {
            first -= 1;
        }
        let end = first;
        while before(first) == Some(Kind::Comment) {
            first -= 1;
        }
        (first..end).for_each(|comment| self.comment(comment));
    }

    fn push_tables(&self, table: &Table, left: &mut Vec<Table>) {
        for entry in self.entries(table.open) {
            let mut path = table.path.clone();
            if !path.is_empty() {
                path.push('.');
            }
            push_key(&mut path, self.tape.text(self.tokens[entry.key]));
            if self.is_table(entry.value) {
                left.push(Table { open: entry.value, path, of_array: false });
            } else if self.is_tables(entry.value) {
                for open in self.elements(entry.value) {
                    left.push(Table { open, path: path.clone(), of_array: true });
                }
            }
        }
    }

    fn entries(&self, open: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut at = open + 1;
        let mut start = at;
        while at < self.tokens[open].end() {
            if self.tokens[at].kind != Kind::Key {
                at += 1;
                continue;
            }
            entries.push(Entry { start, key: at, value: at + 1 });
            at = self.skip(at + 1);
            start = at;
        }
        entries
    }

    /// Where each element of a list begins.
    fn elements(&self, open: usize) -> Vec<usize> {
        let mut elements = Vec::new();
        let mut at = open + 1;
        while at < self.tokens[open].end() {
            if self.tokens[at].kind != Kind::Comment {
                elements.push(at);
            }
            at = self.skip(at);
        }
        elements
    }

    fn skip(&self, at: usize) -> usize {
        let token = self.tokens[at];
        if token.kind.opens() { token.end() + 1 } else { at + 1 }
    }

    fn is_table(&self, value: usize) -> bool {
        self.tokens[value].kind == Kind::OpenMap
    }

    /// Whether it is a list of tables only.
    fn is_tables(&self, value: usize) -> bool {
        if self.tokens[value].kind != Kind::OpenList {
            return false;
        }
        let elements = self.elements(value);
        !elements.is_empty() && elements.iter().all(|element| self.is_table(*element))
    }

    fn is_null(&self, value: usize) -> bool {
        self.tokens[value].kind == Kind::Leaf(LeafKind::Null)
    }

    /// A value on one line, or a text on several.
    fn value(&mut self, at: usize, may_be_long: bool) {
        let end = self.skip(at);
        let mut needs_comma = false;
        let mut index = at;
        while index < end {
            let token = self.tokens[index];
            let after_key = index > at && self.tokens[index - 1].kind == Kind::Key;
            if token.kind == Kind::Comment
                || self.is_null(index)
                || token.kind == Kind::Key && self.is_null(index + 1)
            {
                index += 1;
                continue;
            }
            if needs_comma && !after_key && !token.kind.closes() {
                self.out.push_str(", ");
            }
            needs_comma = !token.kind.opens();
            match token.kind {
                Kind::OpenMap => self.out.push_str("{ "),
                Kind::OpenList => self.out.push('['),
                Kind::CloseMap => self.out.push_str(" }"),
                Kind::CloseList => self.out.push(']'),
                Kind::Key => {
                    push_key(self.out, self.tape.text(token));
                    self.out.push_str(" = ");
                }
                Kind::Leaf(kind) => self.leaf(kind, token, may_be_long && index == at),
                _ => debug_assert!(false, "{:?} in TOML", token.kind),
            }
            index += 1;
        }
    }

    fn leaf(&mut self, kind: LeafKind, token: Token, may_be_long: bool) {
        let text = self.tape.text(token);
        match kind {
            LeafKind::Str | LeafKind::Expr if may_be_long && is_lines(text) => {
                self.out.push_str("\"\"\"\n");
                for line in text.split_inclusive('\n') {
                    push_escaped(self.out, line.strip_suffix('\n').unwrap_or(line), Quotes::Long);
                    if line.ends_with('\n') {
                        self.out.push('\n');
                    }
                }
                self.out.push_str("\"\"\"");
            }
            LeafKind::Str | LeafKind::Expr => push_quoted(self.out, text, Quotes::Long),
            LeafKind::Int | LeafKind::Float | LeafKind::Bool | LeafKind::Null => self.out.push_str(text),
        }
    }

    fn comment(&mut self, at: usize) {
        self.trace.at(self.out.len(), Some(at));
        push_comment(self.out, self.tape.text(self.tokens[at]));
    }
}

/// Whether text is of whole visible lines, and so stands between `"""` on lines of its own.
fn is_lines(text: &str) -> bool {
    text.contains('\n') && text.chars().all(|c| c == '\n' || c == '\t' || is_visible(c))
}

fn push_key(out: &mut String, key: &str) {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        out.push_str(key);
    } else {
        push_quoted(out, key, Quotes::Long);
    }
}

#[cfg(test)]
mod tests;
