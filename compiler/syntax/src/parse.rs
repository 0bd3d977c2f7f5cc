//! From text to trees: one top-level node at a time, with an explicit stack, never at a loss.
//!
//! What a position means is decided by what stands there, so reading an item needs nothing but its first byte. The two
//! exceptions look further and are remembered in [`Parser::fragile`]: text that is not balanced, and strings or
//! comments that nothing closes.

use crate::errors::MAX_ERRORS;
use crate::lex::{self, Class};
use crate::span::Range;
use crate::tree::{Entry, Node, SyntaxError, Tree};
use crate::word::Place;

/// The mark that may begin a text.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// What stands next at the top of a text.
pub(crate) enum Next {
    /// An item, or an error outside all items.
    Item(Parsed),
    /// A `}` that closes nothing, not consumed.
    StrayBrace(usize),
    End,
}

/// An item with its place in the text.
pub(crate) struct Parsed {
    pub(crate) lo: usize,
    pub(crate) hi: usize,
    pub(crate) tree: Tree,
    /// Column of its first byte where it is the first thing on its line.
    pub(crate) column: Option<u32>,
}

/// A block that is open.
pub(crate) struct Frame {
    /// Its owner in `nodes`; none for braces that no node owns.
    pub(crate) node: Option<u32>,
    pub(crate) open: usize,
    /// Length of `nodes` when it was opened.
    pub(crate) first_child: usize,
    /// Length of `entries` when it was opened.
    pub(crate) first_entry: usize,
    /// Column at which the owner's line begins.
    pub(crate) indent: u32,
    /// Further braces opened directly inside, which no node owns either.
    pub(crate) extra: u32,
    pub(crate) discard_node: bool,
    pub(crate) discard_block: bool,
    /// There is no brace: one was added where it was forgotten.
    pub(crate) supposed: bool,
}

/// How a node's line goes on after its entries.
pub(crate) enum Outcome {
    Done,
    Block { discard: bool },
}

pub(crate) struct Parser<'t> {
    pub(crate) text: &'t str,
    pub(crate) bytes: &'t [u8],
    pub(crate) at: usize,
    /// Of the item being read, relative to `base`.
    pub(crate) nodes: Vec<Node>,
    pub(crate) entries: Vec<Entry>,
    /// With absolute ranges until the item is finished.
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) base: usize,
    pub(crate) frames: Vec<Frame>,
    /// One past the last token of the tree.
    pub(crate) last: usize,
    /// Start of the line, as long as nothing but white space was read on it.
    pub(crate) line: Option<usize>,
    /// Column at which the current line begins.
    pub(crate) indent: u32,
    /// Braces are known not to balance: columns decide what closes a block.
    pub(crate) columns: bool,
    /// Reading looked further than the item, so neighbours may change with it.
    pub(crate) fragile: bool,
    /// Searches that ran to the end of the text for nothing.
    pub(crate) futile: u32,
    /// Errors that may still be kept.
    pub(crate) room: usize,
    /// The last error was not kept, and gets no cure.
    pub(crate) muted: bool,
    pub(crate) suppose_brace: bool,
    /// Braces close too much: up to this position, those that close a block whose lines go on are left out.
    pub(crate) extra_until: usize,
    /// Start of the line from which was last looked for the next one.
    pub(crate) this_line: usize,
    /// First byte of the next line with something on it.
    pub(crate) next_line: usize,
    /// Its column.
    pub(crate) next_column: u32,
    /// The item reaches at least up to here.
    pub(crate) reach: usize,
    /// No quote before this position closes a string.
    pub(crate) open_until: usize,
}

impl<'t> Parser<'t> {
    /// A parser that stands at the start of an item, or before it.
    pub(crate) fn new(text: &'t str, at: usize) -> Parser<'t> {
        Parser {
            text,
            bytes: text.as_bytes(),
            at,
            nodes: Vec::new(),
            entries: Vec::new(),
            errors: Vec::new(),
            base: at,
            frames: Vec::new(),
            last: at,
            line: line_start(text.as_bytes(), at),
            indent: 0,
            columns: false,
            fragile: false,
            futile: 0,
            room: MAX_ERRORS,
            muted: false,
            suppose_brace: false,
            extra_until: 0,
            this_line: 0,
            next_line: 0,
            next_column: 0,
            reach: at,
            open_until: 0,
        }
    }

    /// Skips what lies before the next item. An error found there is an item of its own.
    pub(crate) fn skip_to_item(&mut self) -> Option<Parsed> {
        self.base = self.at;
        self.line_space();
        (!self.errors.is_empty()).then(|| self.finish_errors())
    }

    /// Reads the item at the current position, where [`Parser::skip_to_item`] has led.
    pub(crate) fn item(&mut self) -> Next {
        match self.class() {
            Class::End => return Next::End,
            Class::CloseBrace => return Next::StrayBrace(self.at),
            _ => {}
        }
        let start = self.at;
        let line = self.line;
        self.begin(start);
        let column = self.column();
        if !self.run() && !self.columns {
            // The braces do not balance from here on. Columns say better than brackets what was meant.
            self.columns = true;
            self.fragile = true;
            (self.at, self.line) = (start, line);
            self.begin(start);
            self.run();
        }
        Next::Item(self.finish(column))
    }

    /// Reads the item at `start` again, with an opening brace supposed at the end of its first line.
    pub(crate) fn item_without_brace(&mut self, start: usize, column: u32) -> Parsed {
        self.at = start;
        self.line = Some(start - column as usize);
        self.begin(start);
        self.suppose_brace = true;
        self.run();
        self.suppose_brace = false;
        self.finish(Some(column))
    }

    /// Reads the item at `start` again, without the braces that close too much before the one at `brace`. None where
    /// that one is not the item's own.
    pub(crate) fn item_of_brace(&mut self, start: usize, column: u32, brace: usize) -> Option<Parsed> {
        self.at = start;
        self.line = Some(start - column as usize);
        self.begin(start);
        (self.extra_until, self.next_line) = (brace, 0);
        let closed = self.run() && self.last == brace + 1;
        self.extra_until = 0;
        let parsed = self.finish(Some(column));
        closed.then_some(parsed)
    }

    /// Column of the current position, if nothing but white space stands before it on its line.
    pub(crate) fn column(&self) -> Option<u32> {
        self.line.map(|line| (self.at - line) as u32)
    }

    /// Consumes braces side by side that close nothing.
    pub(crate) fn stray_brace(&mut self) -> Parsed {
        let at = self.at;
        self.begin(at);
        while self.class() == Class::CloseBrace {
            self.at += 1;
            self.last = self.at;
            self.node_space();
        }
        self.line = None;
        self.stray(at, self.last);
        self.finish_errors()
    }

    pub(crate) fn stray(&mut self, lo: usize, hi: usize) {
        self.error("syntax.stray-brace", lo, hi, "`}` closes no block");
        self.cure("remove the brace", &[(lo, hi, "")]);
    }

    fn begin(&mut self, start: usize) {
        self.base = start;
        self.last = start;
        self.reach = start;
        self.nodes.clear();
        self.entries.clear();
        self.errors.clear();
        self.frames.clear();
    }

    fn finish(&mut self, column: Option<u32>) -> Parsed {
        let lo = self.base;
        let errors = self.take_errors(lo);
        let end = errors.iter().map(|error| lo + error.range.hi as usize).max().unwrap_or(0);
        Parsed {
            lo,
            hi: self.last.max(end).max(self.reach).min(self.bytes.len()),
            tree: Tree {
                nodes: self.nodes.drain(..).collect(),
                entries: self.entries.drain(..).collect(),
                errors,
            },
            column,
        }
    }

    /// An item of errors alone, which begins with the first of them.
    fn finish_errors(&mut self) -> Parsed {
        self.entries.clear();
        let lo = self.errors.iter().map(|error| error.range.lo as usize).min().unwrap_or(self.at);
        let hi = self.errors.iter().map(|error| error.range.hi as usize).max().unwrap_or(self.at);
        let errors = self.take_errors(lo);
        Parsed { lo, hi, tree: Tree { errors, ..Tree::default() }, column: None }
    }

    /// Reads one top-level node. False where the text ended inside a block.
    fn run(&mut self) -> bool {
        loop {
            if !self.frames.is_empty() {
                self.line_space();
            }
            let (next, discard_node, node) = match self.class() {
                Class::End => {
                    let balanced = self.frames.is_empty();
                    if !balanced {
                        self.close_unclosed(0);
                    }
                    return balanced;
                }
                _ if self.extra_until > 0 && self.at > self.extra_until => return false,
                Class::CloseBrace if !self.frames.is_empty() => match self.close_brace() {
                    Some(next) => next,
                    None if self.frames.is_empty() => return true,
                    None => continue,
                },
                Class::OpenBrace => {
                    self.anonymous_block();
                    continue;
                }
                Class::Semicolon => {
                    self.error("syntax.empty-node", self.at, self.at + 1, "`;` ends no node");
                    self.cure("remove the semicolon", &[(self.at, self.at + 1, "")]);
                    self.at += 1;
                    self.line = None;
                    if self.frames.is_empty() {
                        return true;
                    }
                    continue;
                }
                _ => {
                    let first = self.line.take().map(|line| (self.at - line) as u32);
                    self.indent = first.unwrap_or(self.indent);
                    if self.columns && first.is_some() && self.close_by_column(self.indent) {
                        return true;
                    }
                    match self.node() {
                        Some(node) => node,
                        None if self.class() == Class::OpenBrace => continue,
                        None if self.frames.is_empty() => return true,
                        None => continue,
                    }
                }
            };
            match next {
                Outcome::Block { discard } => self.open_block(node, discard_node, discard),
                Outcome::Done => {
                    self.end_node(node, discard_node);
                    if self.frames.is_empty() {
                        return true;
                    }
                }
            }
        }
    }

    /// Reads a node up to its block or its end.
    fn node(&mut self) -> Option<(Outcome, bool, usize)> {
        let discard = self.slashdash()?;
        let lo = self.at;
        let annotation = self.annotation();
        if annotation.is_some() {
            self.node_space();
            if !self.at_name() {
                self.error("syntax.annotation", lo, self.last, "the type annotation has no node");
                self.cure("remove the annotation", &[(lo, self.last, "")]);
                return None;
            }
        }
        let name = self.scalar(Place::Name);
        self.report(&name, true);
        let symbol = crate::scalar::symbol(name.kind, &self.text[name.lo..name.hi]);
        let first = self.entries.len() as u32;
        let node = self.nodes.len();
        self.nodes.push(Node {
            name: symbol,
            name_range: self.range(name.lo, name.hi),
            annotation: annotation.flatten(),
            range: self.range(lo, name.hi),
            entries: (first, first),
            end: node as u32 + 1,
            block: None,
        });
        self.last = name.hi;
        let outcome = self.entries_of(node, false);
        Some((outcome, discard, node))
    }

    /// Consumes a `/-` before a node and what may stand between the two. None where no node follows.
    fn slashdash(&mut self) -> Option<bool> {
        if !self.bytes[self.at..].starts_with(b"/-") {
            return Some(false);
        }
        let lo = self.at;
        self.at += 2;
        self.line_space();
        self.line = None;
        match self.class() {
            Class::End | Class::CloseBrace | Class::OpenBrace | Class::Semicolon => {
                self.dangling_slashdash(lo);
                None
            }
            Class::Slash if self.bytes[self.at..].starts_with(b"/-") => {
                self.dangling_slashdash(lo);
                None
            }
            _ => Some(true),
        }
    }

    pub(crate) fn dangling_slashdash(&mut self, lo: usize) {
        self.error("syntax.slashdash", lo, lo + 2, "`/-` stands before nothing that it could remove");
        self.cure("remove `/-`", &[(lo, lo + 2, "")]);
    }

    #[inline]
    pub(crate) fn class(&self) -> Class {
        lex::class(self.bytes, self.at).0
    }

    pub(crate) fn range(&self, lo: usize, hi: usize) -> Range {
        Range::new((lo - self.base) as u32, (hi - self.base) as u32)
    }
}

/// Start of the line of `at`, if nothing but white space stands before it there.
fn line_start(bytes: &[u8], at: usize) -> Option<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    bytes[start..at].iter().all(|byte| matches!(byte, b' ' | b'\t')).then_some(start)
}
