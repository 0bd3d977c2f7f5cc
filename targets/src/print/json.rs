//! JSON, with two spaces of indentation or in one line.

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};

use super::escape::{Quotes, push_indent, push_quoted};
use super::trace::Trace;

/// Appends the document with two spaces of indentation and a new line at its end. Comments are left out.
pub fn print(tape: &Tape, out: &mut String) {
    write_pretty(tape, out, &mut ());
}

/// Appends the document without any space or new line. Comments are left out.
pub fn print_compact(tape: &Tape, out: &mut String) {
    Printer { tape, out, trace: &mut (), pretty: false, level: 0, first: true, after_key: false }.document();
}

pub(crate) fn write_pretty(tape: &Tape, out: &mut String, trace: &mut impl Trace) {
    Printer { tape, out, trace, pretty: true, level: 0, first: true, after_key: false }.document();
}

struct Printer<'a, T> {
    tape: &'a Tape,
    out: &'a mut String,
    trace: &'a mut T,
    pretty: bool,
    level: usize,
    /// Nothing stands before the cursor in the map or list around it.
    first: bool,
    /// The cursor stands behind `"key": `.
    after_key: bool,
}

impl<T: Trace> Printer<'_, T> {
    fn document(&mut self) {
        let tokens = self.tape.tokens();
        let mut at = 0;
        while let Some(&token) = tokens.get(at) {
            at = self.token(at, token);
        }
        if self.pretty && !tokens.is_empty() {
            self.out.push('\n');
        }
    }

    fn token(&mut self, at: usize, token: Token) -> usize {
        match token.kind {
            Kind::Comment => {}
            Kind::Key => {
                self.start(at);
                push_quoted(self.out, self.tape.text(token), Quotes::Json);
                self.out.push_str(if self.pretty { ": " } else { ":" });
                self.after_key = true;
            }
            Kind::Leaf(kind) => {
                self.start(at);
                self.leaf(kind, token);
            }
            Kind::OpenMap | Kind::OpenList => {
                self.start(at);
                self.out.push(if token.kind == Kind::OpenMap { '{' } else { '[' });
                self.level += 1;
                self.first = true;
            }
            Kind::CloseMap | Kind::CloseList => self.close(at, token),
            _ => {
                // HCL on a tape that is printed as JSON is a mistake of the target: `null` stands in its place.
                debug_assert!(false, "{:?} in JSON", token.kind);
                self.start(at);
                self.out.push_str("null");
                return if token.kind.opens() { token.end() + 1 } else { at + 1 };
            }
        }
        at + 1
    }

    /// To where a key or an element begins: behind a comma, on a line of its own.
    fn start(&mut self, at: usize) {
        if self.after_key {
            self.after_key = false;
            return;
        }
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        if self.level > 0 {
            self.new_line();
        }
        self.trace.at(self.out.len(), Some(at));
    }

    fn close(&mut self, at: usize, token: Token) {
        self.level -= 1;
        if !self.first {
            self.new_line();
            self.trace.at(self.out.len(), Some(at));
        }
        self.first = false;
        self.out.push(if token.kind == Kind::CloseMap { '}' } else { ']' });
    }

    fn new_line(&mut self) {
        if self.pretty {
            self.out.push('\n');
            push_indent(self.out, self.level);
        }
    }

    fn leaf(&mut self, kind: LeafKind, token: Token) {
        let text = self.tape.text(token);
        match kind {
            LeafKind::Str | LeafKind::Expr => push_quoted(self.out, text, Quotes::Json),
            LeafKind::Null => self.out.push_str("null"),
            LeafKind::Float if matches!(text, "inf" | "-inf" | "nan") => self.out.push_str("null"),
            LeafKind::Int | LeafKind::Float | LeafKind::Bool => self.out.push_str(text),
        }
    }
}

#[cfg(test)]
mod tests;
