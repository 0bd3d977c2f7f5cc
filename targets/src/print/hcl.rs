//! HCL exactly as `terraform fmt` leaves it.
//!
//! Two spaces of indentation; the `=` of consecutive attributes on one line each stand in one column; a blank line around
//! every nested block. Strings are data: `${` and `%{` in them are escaped. Text of whole lines is a heredoc where that
//! says the same, else a quoted string.

mod string;

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};

use super::escape::{Quotes, push_comment, push_indent, push_quoted};
use super::trace::Trace;
use string::{is_heredoc, key_width, push_heredoc, push_key, push_template};

/// Widest list in bytes that stands on one line.
const WIDEST_LIST: usize = 80;

/// Appends the blocks of the tape, and the entries of its root maps as attributes, after a blank line where the text
/// already has some.
pub fn print(tape: &Tape, out: &mut String) {
    write(tape, out, &mut ());
}

pub(crate) fn write(tape: &Tape, out: &mut String, trace: &mut impl Trace) {
    let first = out.is_empty();
    let root = Frame { first, after_block: !first, ..Frame::new(Place::Body, 0) };
    let mut printer = Printer { tape, tokens: tape.tokens(), out, trace, frames: vec![root] };
    let mut at = 0;
    while at < printer.tokens.len() {
        at = printer.token(at);
    }
}

/// What the cursor stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A file, a block, or a root map: attributes without quotes, blocks.
    Body,
    /// `{ … }`, one entry a line.
    Object,
    /// `[ … ]` or `f( … )`, one element a line.
    Lines,
    /// The same on one line; the last argument of a call may go on over several.
    OneLine,
}

#[derive(Clone, Copy)]
struct Frame {
    place: Place,
    /// Indentation of what stands in it.
    level: usize,
    /// Nothing has been written in it.
    first: bool,
    /// The last thing written in a body: a block, or a comment.
    after_block: bool,
    after_comment: bool,
    /// Entries before this token align their `=` at `width`.
    chain_end: usize,
    width: usize,
}

impl Frame {
    fn new(place: Place, level: usize) -> Frame {
        Frame { place, level, first: true, after_block: false, after_comment: false, chain_end: 0, width: 0 }
    }
}

struct Printer<'a, T> {
    tape: &'a Tape,
    tokens: &'a [Token],
    out: &'a mut String,
    trace: &'a mut T,
    /// Never empty: the file itself stands at the bottom.
    frames: Vec<Frame>,
}

impl<T: Trace> Printer<'_, T> {
    /// Prints a token, or several that belong to one line, and gives the index of the next.
    fn token(&mut self, at: usize) -> usize {
        let token = self.tokens[at];
        match token.kind {
            Kind::Comment => {
                self.start_line(at);
                push_comment(self.out, self.tape.text(token));
                self.top().after_comment = true;
                at + 1
            }
            Kind::OpenBlock => self.open_block(at, token),
            Kind::Key => self.key(at, token),
            Kind::OpenMap if self.frames.len() == 1 => {
                let root = self.frames[0];
                self.frames.push(Frame { chain_end: 0, ..root });
                at + 1
            }
            kind if kind.closes() => {
                self.close(at, token);
                at + 1
            }
            _ if self.frames.len() == 1 => skip(at, token),
            _ => self.element(at),
        }
    }

    fn open_block(&mut self, at: usize, token: Token) -> usize {
        self.start_line(at);
        let mut next = at + 1;
        while let Some(label) = self.tokens.get(next).filter(|token| token.kind == Kind::Label) {
            if next == at + 1 {
                self.out.push_str(self.tape.text(*label));
            } else {
                self.out.push(' ');
                push_quoted(self.out, self.tape.text(*label), Quotes::Hcl);
            }
            next += 1;
        }
        if next == token.end() {
            self.out.push_str(" {}\n");
            let top = self.top();
            (top.first, top.after_block) = (false, true);
            return next + 1;
        }
        self.out.push_str(" {\n");
        let level = self.top().level + 1;
        self.frames.push(Frame::new(Place::Body, level));
        next
    }

    /// `key = `, then its value as far as it stands on this line.
    fn key(&mut self, at: usize, token: Token) -> usize {
        self.start_line(at);
        if at >= self.top().chain_end {
            self.measure_chain(at);
        }
        let Frame { place, width, .. } = *self.top();
        let key = self.tape.text(token);
        let bare = place == Place::Body;
        push_key(self.out, key, bare);
        let spaces = width.saturating_sub(key_width(key, bare));
        self.out.extend(std::iter::repeat_n(' ', spaces));
        self.out.push_str(" = ");
        self.value(at + 1, true)
    }

    /// Finds the entries from `at` on that align: consecutive, each with its brackets balanced on its first line.
    fn measure_chain(&mut self, at: usize) {
        let bare = self.top().place == Place::Body;
        let mut width = 0;
        let mut next = at;
        while let Some(&token) = self.tokens.get(next).filter(|token| token.kind == Kind::Key) {
            let value = next + 1;
            let Some(&value_token) = self.tokens.get(value) else { break };
            if !self.is_flat(value) {
                break;
            }
            width = width.max(key_width(self.tape.text(token), bare));
            next = skip(value, value_token);
        }
        let top = self.top();
        (top.chain_end, top.width) = if next == at { (at + 1, 0) } else { (next, width) };
    }

    /// Prints a value; of a map, list or call that takes several lines only what stands on this one.
    fn value(&mut self, at: usize, may_be_heredoc: bool) -> usize {
        let Some(&token) = self.tokens.get(at) else { return at };
        match token.kind {
            Kind::Leaf(kind) => self.leaf(kind, token, may_be_heredoc),
            Kind::OpenTemplate => {
                let level = self.top().level;
                let pieces = &self.tokens[at + 1..token.end()];
                push_template(self.out, self.tape, pieces, may_be_heredoc.then_some(level));
            }
            Kind::OpenMap | Kind::OpenList if at + 1 == token.end() => {
                self.out.push_str(if token.kind == Kind::OpenMap { "{}" } else { "[]" });
            }
            Kind::OpenMap | Kind::OpenList | Kind::OpenCall => return self.open_value(at, token),
            _ => {}
        }
        self.end_of_value();
        skip(at, token)
    }

    fn open_value(&mut self, at: usize, token: Token) -> usize {
        let level = self.top().level;
        match token.kind {
            Kind::OpenMap => {
                self.out.push_str("{\n");
                self.frames.push(Frame::new(Place::Object, level + 1));
                at + 1
            }
            Kind::OpenList if self.is_flat(at) => {
                self.out.push('[');
                self.frames.push(Frame::new(Place::OneLine, level));
                at + 1
            }
            Kind::OpenList => {
                self.out.push_str("[\n");
                self.frames.push(Frame::new(Place::Lines, level + 1));
                at + 1
            }
            _ => {
                self.out.push_str(self.tokens.get(at + 1).map_or("", |label| self.tape.text(*label)));
                self.out.push('(');
                let hugs = self.only_last_is_long(at + 2, token.end());
                if !hugs {
                    self.out.push('\n');
                }
                let frame = if hugs {
                    Frame::new(Place::OneLine, level)
                } else {
                    Frame::new(Place::Lines, level + 1)
                };
                self.frames.push(frame);
                at + 2
            }
        }
    }

    fn close(&mut self, at: usize, token: Token) {
        let Some(frame) = self.frames.pop() else { return };
        if self.frames.is_empty() {
            self.frames.push(frame);
            return;
        }
        if frame.place == Place::Body && token.kind == Kind::CloseMap {
            self.top().first = frame.first;
            self.top().after_block = frame.after_block;
            return;
        }
        let bracket = match token.kind {
            Kind::CloseMap | Kind::CloseBlock => '}',
            Kind::CloseList => ']',
            _ => ')',
        };
        if frame.place != Place::OneLine {
            if frame.place == Place::Lines && token.kind == Kind::CloseCall && self.out.ends_with(",\n") {
                self.out.truncate(self.out.len() - 2);
                self.out.push('\n');
            }
            push_indent(self.out, frame.level - 1);
            self.trace.at(self.out.len(), Some(at));
        }
        self.out.push(bracket);
        if token.kind == Kind::CloseBlock {
            self.out.push('\n');
            let top = self.top();
            (top.after_block, top.after_comment) = (true, false);
        } else {
            self.end_of_value();
        }
    }

    /// An element of a list or an argument of a call.
    fn element(&mut self, at: usize) -> usize {
        let place = self.top().place;
        if place == Place::Lines {
            self.start_line(at);
        } else if !self.top().first {
            self.out.push_str(", ");
        }
        self.top().first = false;
        self.value(at, false)
    }

    /// What follows a whole value: the end of the line, or nothing inside one.
    fn end_of_value(&mut self) {
        match self.top().place {
            Place::Body | Place::Object => self.out.push('\n'),
            Place::Lines => self.out.push_str(",\n"),
            Place::OneLine => {}
        }
    }

    fn leaf(&mut self, kind: LeafKind, token: Token, may_be_heredoc: bool) {
        let text = self.tape.text(token);
        match kind {
            LeafKind::Str if may_be_heredoc && is_heredoc(text) => {
                let level = self.top().level;
                push_heredoc(self.out, level, &[(text, true)]);
            }
            LeafKind::Str => push_quoted(self.out, text, Quotes::Hcl),
            LeafKind::Null => self.out.push_str("null"),
            LeafKind::Float if matches!(text, "inf" | "-inf" | "nan") => self.out.push_str("null"),
            LeafKind::Int | LeafKind::Float | LeafKind::Bool | LeafKind::Expr => self.out.push_str(text),
        }
    }

    /// Begins a line: in a body after the blank line that stands around blocks.
    fn start_line(&mut self, at: usize) {
        let Frame { place, level, first, after_block, after_comment, .. } = *self.top();
        if place == Place::Body && !first && !after_comment && (after_block || self.is_block_next(at)) {
            self.out.push('\n');
        }
        push_indent(self.out, level);
        self.trace.at(self.out.len(), Some(at));
        let top = self.top();
        (top.first, top.after_block, top.after_comment) = (false, false, false);
    }

    /// Whether a block begins here, behind comments at most.
    fn is_block_next(&self, at: usize) -> bool {
        let next = self.tokens[at..].iter().find(|token| token.kind != Kind::Comment);
        next.is_some_and(|token| token.kind == Kind::OpenBlock)
    }

    /// Whether the value at `at` stands on one line, so far as alignment goes (a heredoc counts as its first line).
    fn is_flat(&self, at: usize) -> bool {
        let token = self.tokens[at];
        match token.kind {
            Kind::OpenMap => at + 1 == token.end(),
            Kind::OpenList => {
                let mut width = 0;
                self.tokens[at + 1..token.end()].iter().all(|element| {
                    width += self.tape.text(*element).len() + 2;
                    matches!(element.kind, Kind::Leaf(_)) && width <= WIDEST_LIST
                })
            }
            Kind::OpenCall => self.are_flat(at + 2, token.end()),
            _ => true,
        }
    }

    fn are_flat(&self, mut at: usize, end: usize) -> bool {
        while at < end {
            if self.tokens[at].kind == Kind::Comment || !self.is_flat(at) {
                return false;
            }
            at = skip(at, self.tokens[at]);
        }
        true
    }

    /// Whether every argument but the last stands on one line, so that the last can begin on the call's own line.
    fn only_last_is_long(&self, mut at: usize, end: usize) -> bool {
        while at < end {
            let token = self.tokens[at];
            let next = skip(at, token);
            if token.kind == Kind::Comment || next < end && !self.is_flat(at) {
                return false;
            }
            at = next;
        }
        true
    }

    fn top(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
}

/// The index behind the value that begins at `at`.
fn skip(at: usize, token: Token) -> usize {
    if token.kind.opens() { token.end() + 1 } else { at + 1 }
}

#[cfg(test)]
mod tests;
