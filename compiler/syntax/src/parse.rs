//! From text to trees: one top-level node at a time, with an explicit stack, never at a loss.
//!
//! What a position means is decided by what stands there, so reading an item needs nothing but its first byte. The two
//! exceptions look further and are remembered in [`Parser::fragile`]: text that is not balanced, and strings or
//! comments that nothing closes.

use crate::lex::{self, Class, StringEnd};
use crate::names::Names;
use crate::span::Range;
use crate::tree::{Entry, Node, ScalarKind, SyntaxError, Tree};
use crate::word::{Fault, Place, Scalar, scalar_name};

/// Errors kept per text; a note says when there are more.
pub(crate) const MAX_ERRORS: usize = 1000;

/// Searches for a closing mark that may run to the end of the text for nothing. Further ones look only nearby, so that
/// reading stays linear.
pub(crate) const MAX_FUTILE: u32 = 8;

/// The longest cure that closes blocks, in bytes; beyond it there is none.
const MAX_CURE: usize = 4000;

/// What counts as nearby, in bytes.
const FAR: usize = 1024;

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
struct Frame {
    /// Its owner in `nodes`; none for braces that no node owns.
    node: Option<u32>,
    open: usize,
    /// Length of `nodes` when it was opened.
    first_child: usize,
    /// Column at which the owner's line begins.
    indent: u32,
    /// Further braces opened directly inside, which no node owns either.
    extra: u32,
    discard_node: bool,
    discard_block: bool,
    /// There is no brace: one was added where it was forgotten.
    supposed: bool,
}

/// How a node's line goes on after its entries.
enum Outcome {
    Done,
    Block { discard: bool },
}

pub(crate) struct Parser<'t> {
    pub(crate) text: &'t str,
    pub(crate) bytes: &'t [u8],
    pub(crate) at: usize,
    pub(crate) names: Names,
    /// Of the item being read, relative to `base`.
    pub(crate) nodes: Vec<Node>,
    pub(crate) entries: Vec<Entry>,
    /// With absolute ranges until the item is finished.
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) base: usize,
    frames: Vec<Frame>,
    /// One past the last token of the tree.
    pub(crate) last: usize,
    /// Start of the line, as long as nothing but white space was read on it.
    line: Option<usize>,
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
    suppose_brace: bool,
    /// The item reaches at least up to here.
    reach: usize,
    /// No quote before this position closes a string.
    open_until: usize,
}

impl<'t> Parser<'t> {
    /// A parser that stands at the start of an item, or before it.
    pub(crate) fn new(text: &'t str, at: usize) -> Parser<'t> {
        Parser {
            text,
            bytes: text.as_bytes(),
            at,
            names: Names::new(),
            nodes: Vec::new(),
            entries: Vec::new(),
            errors: Vec::new(),
            base: at,
            frames: Vec::new(),
            last: at,
            line: Some(at),
            indent: 0,
            columns: false,
            fragile: false,
            futile: 0,
            room: MAX_ERRORS,
            suppose_brace: false,
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
        let (line, room) = (self.line, self.room);
        self.begin(start);
        let column = self.column();
        if !self.run() && !self.columns {
            // The braces do not balance from here on. Columns say better than brackets what was meant.
            self.columns = true;
            self.fragile = true;
            (self.at, self.line, self.room) = (start, line, room);
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

    /// Column of the current position, if nothing but white space stands before it on its line.
    pub(crate) fn column(&self) -> Option<u32> {
        self.line.map(|line| (self.at - line) as u32)
    }

    /// Consumes a `}` that closes nothing.
    pub(crate) fn stray_brace(&mut self) -> Parsed {
        let at = self.at;
        self.begin(at);
        self.at += 1;
        self.line = None;
        self.error("syntax.stray-brace", at, at + 1, "`}` closes no block");
        self.cure("remove the brace", &[(at, at + 1, "")]);
        self.finish_errors()
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
        let errors = take_errors(&mut self.errors, lo);
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
        let errors = take_errors(&mut self.errors, lo);
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

    fn open_block(&mut self, node: usize, discard_node: bool, discard_block: bool) {
        let supposed = self.suppose_brace && node == 0 && self.class() != Class::OpenBrace;
        self.frames.push(Frame {
            node: Some(node as u32),
            open: if supposed { self.last } else { self.at },
            first_child: self.nodes.len(),
            indent: self.indent,
            extra: 0,
            discard_node,
            discard_block,
            supposed,
        });
        if supposed {
            self.error("syntax.missing-brace", self.base, self.last, "the block has no `{`");
            self.cure("add the brace", &[(self.last, self.last, " {")]);
        } else {
            self.at += 1;
            self.last = self.at;
        }
    }

    /// Braces where a node belongs: what is in them is read as if they were not there.
    fn anonymous_block(&mut self) {
        self.line = None;
        let open = self.at;
        self.at += 1;
        self.last = self.at;
        match self.frames.last_mut() {
            Some(frame) if frame.node.is_none() => frame.extra += 1,
            _ => {
                self.error("syntax.node-name", open, open + 1, "a block must follow a node's name");
                self.frames.push(Frame {
                    node: None,
                    open,
                    first_child: self.nodes.len(),
                    indent: self.indent,
                    extra: 0,
                    discard_node: false,
                    discard_block: false,
                    supposed: false,
                });
            }
        }
    }

    /// Consumes the `}` at the current position, and reads on in the line of the block's owner, if it has one.
    fn close_brace(&mut self) -> Option<(Outcome, bool, usize)> {
        if let Some(line) = self.line.take() {
            self.indent = (self.at - line) as u32;
            if self.columns {
                let keep = self.frames.iter().rposition(|frame| frame.indent <= self.indent).unwrap_or(0);
                self.close_unclosed(keep + 1);
            }
        }
        self.at += 1;
        self.last = self.at;
        let frame = self.frames.last_mut()?;
        if frame.extra > 0 {
            frame.extra -= 1;
            return None;
        }
        let frame = self.frames.pop()?;
        let node = self.close(&frame, self.at)?;
        self.indent = frame.indent;
        Some((self.tail(node), frame.discard_node, node))
    }

    /// Writes the end of a block into its owner.
    fn close(&mut self, frame: &Frame, end: usize) -> Option<usize> {
        let node = frame.node? as usize;
        if frame.discard_block {
            self.nodes.truncate(frame.first_child);
            self.entries.truncate(self.nodes[node].entries.1 as usize);
        } else {
            let block = self.range(frame.open, end);
            self.nodes[node].block = Some(block);
            self.nodes[node].range.hi = block.hi;
        }
        Some(node)
    }

    /// Closes the blocks above `keep` that their `}` does not close: one error for all of them.
    fn close_unclosed(&mut self, keep: usize) {
        let mut missing = String::new();
        let mut place = None;
        while self.frames.len() > keep {
            let Some(frame) = self.frames.pop() else { break };
            for _ in 0..=frame.extra {
                if missing.len() > MAX_CURE {
                    break;
                }
                missing.push_str(&self.closing(&frame));
            }
            if frame.supposed {
                missing.clear();
            }
            place = Some(frame.open);
            if let Some(node) = self.close(&frame, self.last) {
                self.end_node(node, frame.discard_node);
            }
        }
        if let Some(open) = place
            && !missing.is_empty()
        {
            self.error("syntax.unclosed-block", open, open + 1, "the block has no `}`");
            if missing.len() <= MAX_CURE {
                self.cure("close the block", &[(self.last, self.last, &missing)]);
            }
        }
    }

    /// The text that closes a block: on the same line, or on one of its own below the owner.
    fn closing(&self, frame: &Frame) -> String {
        let inside = &self.bytes[frame.open..self.last.max(frame.open)];
        if memchr::memchr(b'\n', &inside[..inside.len().min(4096)]).is_none() {
            return " }".to_owned();
        }
        format!("\n{}}}", " ".repeat(frame.indent.min(200) as usize))
    }

    /// Closes the blocks whose owner begins at `column` or right of it. True where no block is left open.
    fn close_by_column(&mut self, column: u32) -> bool {
        let open = self.frames.len();
        let keep = self.frames.iter().rposition(|frame| frame.indent < column).map_or(0, |at| at + 1);
        if keep < open {
            self.close_unclosed(keep);
        }
        let item_over = open > 0 && self.frames.is_empty();
        if item_over {
            // The node that stands here begins the next item, and is still first on its line.
            self.line = Some(self.at - column as usize);
        }
        item_over
    }

    fn end_node(&mut self, node: usize, discard: bool) {
        let end = self.nodes.len() as u32;
        let Some(ended) = self.nodes.get_mut(node) else { return };
        ended.end = end;
        if discard {
            self.entries.truncate(ended.entries.0 as usize);
            self.nodes.truncate(node);
        }
    }

    /// Reads a node up to its block or its end.
    fn node(&mut self) -> Option<(Outcome, bool, usize)> {
        let discard = self.slashdash()?;
        let lo = self.at;
        let annotation = self.annotation();
        if annotation.is_some() {
            self.node_space();
        }
        let name = self.scalar(Place::Name);
        self.report(&name, true);
        let symbol = self.names.symbol(name.kind, &self.text[name.lo..name.hi]);
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

    fn dangling_slashdash(&mut self, lo: usize) {
        self.error("syntax.slashdash", lo, lo + 2, "`/-` stands before nothing that it could remove");
        self.cure("remove `/-`", &[(lo, lo + 2, "")]);
    }

    /// Reads arguments and properties up to the block or the end of the node.
    fn entries_of(&mut self, node: usize, mut spaced: bool) -> Outcome {
        loop {
            spaced |= self.node_space();
            match self.class() {
                Class::OpenBrace => return self.outcome(node, Outcome::Block { discard: false }),
                Class::Newline | Class::End | Class::CloseBrace | Class::Semicolon => break,
                Class::Slash => match self.bytes.get(self.at + 1) {
                    Some(b'/') => {
                        self.comment_in_value(spaced);
                        break;
                    }
                    Some(b'-') => {
                        match self.discarded_entry() {
                            Some(after) => spaced = after,
                            None => return self.outcome(node, Outcome::Block { discard: true }),
                        }
                        continue;
                    }
                    _ => {}
                },
                Class::Equals => {
                    spaced = self.stray_equals(node);
                    continue;
                }
                _ => {}
            }
            if !spaced {
                self.missing_space();
            }
            spaced = self.entry();
        }
        self.end_of_line(node)
    }

    /// `s3://b`: the comment is part of what was meant, so it is part of the item.
    fn comment_in_value(&mut self, spaced: bool) {
        if !spaced && self.bytes[..self.at].ends_with(b":") {
            self.reach = lex::line_end(self.bytes, self.at);
        }
    }

    /// The end of a node that has no block: consumes a `;`.
    fn end_of_line(&mut self, node: usize) -> Outcome {
        let supposed = self.suppose_brace && node == 0 && self.frames.is_empty();
        if self.class() == Class::Semicolon {
            self.at += 1;
        }
        self.outcome(node, if supposed { Outcome::Block { discard: false } } else { Outcome::Done })
    }

    fn outcome(&mut self, node: usize, outcome: Outcome) -> Outcome {
        let last = self.entries.len() as u32;
        self.nodes[node].entries.1 = last;
        let (first, _) = self.nodes[node].entries;
        if let Some(entry) = self.entries.get(first as usize..).and_then(<[Entry]>::last) {
            self.nodes[node].range.hi = self.nodes[node].range.hi.max(entry.range.hi);
        }
        outcome
    }

    /// What may follow a block on its line: further blocks, as long as one at most stays, and the end of the node.
    fn tail(&mut self, node: usize) -> Outcome {
        loop {
            self.node_space();
            match self.class() {
                Class::Newline | Class::End | Class::CloseBrace => return Outcome::Done,
                Class::Semicolon => {
                    self.at += 1;
                    return Outcome::Done;
                }
                Class::OpenBrace if self.nodes[node].block.is_none() => {
                    return Outcome::Block { discard: false };
                }
                Class::OpenBrace => {
                    self.error("syntax.second-block", self.at, self.at + 1, "a node has one block");
                    return Outcome::Block { discard: true };
                }
                Class::Slash if self.bytes.get(self.at + 1) == Some(&b'/') => return Outcome::Done,
                Class::Slash if self.bytes.get(self.at + 1) == Some(&b'-') => {
                    let lo = self.at;
                    self.at += 2;
                    self.line_space();
                    if self.class() == Class::OpenBrace {
                        return Outcome::Block { discard: true };
                    }
                    self.dangling_slashdash(lo);
                }
                _ => return self.after_block(node),
            }
        }
    }

    /// Something stands after a block on its line: it begins the next node.
    fn after_block(&mut self, node: usize) -> Outcome {
        if self.block_is_interpolation(node) {
            return self.entries_of(node, true);
        }
        self.error("syntax.after-block", self.last - 1, self.last, "a node ends with its block");
        self.cure("begin a new node", &[(self.last, self.last, ";")]);
        Outcome::Done
    }

    /// `max=${x} min=1`: turns the block that the brace began back into a value.
    fn block_is_interpolation(&mut self, node: usize) -> bool {
        let Some(block) = self.nodes[node].block else { return false };
        let (first, last) = self.nodes[node].entries;
        let base = self.base;
        let Some(entry) = self.entries[first as usize..last as usize].last_mut() else { return false };
        let (lo, open) = (base + entry.value_range.lo as usize, base + block.lo as usize);
        let touches = entry.value_range.hi == block.lo && self.bytes[lo..open].ends_with(b"$");
        if !touches || entry.kind != ScalarKind::Bare {
            return false;
        }
        entry.kind = ScalarKind::Recovered;
        entry.value_range.hi = block.hi;
        entry.range.hi = block.hi;
        self.entries.truncate(last as usize);
        self.nodes.truncate(node + 1);
        self.nodes[node].block = None;
        let hi = base + block.hi as usize;
        let quoted = crate::word::quote(&self.text[lo..hi]);
        self.error("syntax.interpolation-unquoted", lo, hi, "`${…}` belongs in a quoted string");
        self.cure("quote the value", &[(lo, hi, &quoted)]);
        true
    }

    /// Consumes a `/-` after a node's name and the entry it removes, and says whether white space followed. None where
    /// it removes a block, which is not consumed.
    fn discarded_entry(&mut self) -> Option<bool> {
        let lo = self.at;
        self.at += 2;
        self.line_space();
        self.line = None;
        let nothing = match self.class() {
            Class::OpenBrace => return None,
            Class::End | Class::CloseBrace | Class::Semicolon | Class::Equals => true,
            Class::Slash => self.bytes[self.at..].starts_with(b"/-"),
            _ => false,
        };
        if nothing {
            self.dangling_slashdash(lo);
            return Some(true);
        }
        let (kept, last) = (self.entries.len(), self.last);
        let spaced = self.entry();
        self.entries.truncate(kept);
        self.last = last;
        Some(spaced)
    }

    /// `=` where an entry belongs.
    fn stray_equals(&mut self, node: usize) -> bool {
        let at = self.at;
        self.at += 1;
        let spaced_after = matches!(self.class(), Class::Space | Class::Newline | Class::End);
        if self.entries.len() as u32 == self.nodes[node].entries.0 {
            let replacement = if spaced_after { "" } else { " " };
            self.error(
                "syntax.equals-after-name",
                at,
                at + 1,
                "`=` stands between a node's name and its argument",
            );
            self.cure("remove `=`", &[(at, at + 1, replacement)]);
        } else {
            self.error("syntax.property-name", at, at + 1, "`=` follows no property name");
            self.cure("remove `=`", &[(at, at + 1, " ")]);
        }
        true
    }

    fn missing_space(&mut self) {
        let hi = self.at + lex::class(self.bytes, self.at).1;
        self.error("syntax.missing-space", self.at, hi, "white space must separate a node's entries");
        self.cure("add a space", &[(self.at, self.at, " ")]);
    }

    /// Reads one entry; true where white space followed it.
    fn entry(&mut self) -> bool {
        let lo = self.at;
        let annotation = self.annotation();
        if annotation.is_some() {
            self.node_space();
            if self.at_end_of_entries() {
                self.error("syntax.missing-value", lo, self.last, "the type annotation has no value");
                self.push_missing(lo, None, annotation.flatten());
                return false;
            }
        }
        let value = self.scalar(Place::Argument);
        self.last = value.hi;
        let spaced = self.node_space();
        if self.class() != Class::Equals {
            self.report(&value, false);
            self.push_entry(lo, None, annotation.flatten(), &value);
            return spaced;
        }
        if annotation.is_some() {
            self.error(
                "syntax.annotation",
                lo,
                value.lo,
                "a type annotation stands before a property's value",
            );
            let moved = self.text[lo..value.lo].to_owned();
            self.cure("move the annotation", &[(lo, value.lo, ""), (self.at + 1, self.at + 1, &moved)]);
        }
        self.report(&value, true);
        self.property(lo, &value)
    }

    /// Reads on behind a property's name, at the `=`.
    fn property(&mut self, lo: usize, name: &Scalar) -> bool {
        self.at += 1;
        self.last = self.at;
        let after_equals = self.at;
        let spaced = self.node_space();
        let annotation = self.annotation();
        if annotation.is_some() {
            self.node_space();
        }
        let next_property = spaced && annotation.is_none() && self.at_property();
        let slashdashed = self.bytes[self.at..].starts_with(b"/-");
        if self.at_end_of_entries() || next_property || slashdashed {
            let text = scalar_name(self.text, name);
            let message = format!("property `{text}` has no value");
            self.error("syntax.missing-value", lo, after_equals, &message);
            self.push_missing(lo, Some(name), annotation.flatten());
            return spaced;
        }
        let value = self.scalar(Place::Value);
        self.report(&value, false);
        self.last = value.hi;
        self.push_entry(lo, Some(name), annotation.flatten(), &value);
        false
    }

    /// Number of blocks whose brace stands before `at` on the same line.
    pub(crate) fn blocks_opened_on_line(&self, at: usize) -> usize {
        let line = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |newline| newline + 1);
        self.frames.iter().rev().take_while(|frame| frame.open >= line).count()
    }

    fn at_end_of_entries(&self) -> bool {
        match self.class() {
            Class::Newline | Class::End | Class::Semicolon | Class::OpenBrace | Class::CloseBrace => true,
            Class::Slash => self.bytes.get(self.at + 1) == Some(&b'/'),
            _ => false,
        }
    }

    /// Whether a word directly followed by `=` stands here: the next property, so the last one has no value.
    fn at_property(&self) -> bool {
        let end = lex::word_end(self.bytes, self.at);
        end > self.at && self.bytes.get(end) == Some(&b'=')
    }

    fn push_missing(&mut self, lo: usize, name: Option<&Scalar>, annotation: Option<crate::Symbol>) {
        let value = Scalar { kind: ScalarKind::Missing, lo: self.last, hi: self.last, fault: Fault::None };
        self.push_entry(lo, name, annotation, &value);
    }

    fn push_entry(
        &mut self,
        lo: usize,
        name: Option<&Scalar>,
        annotation: Option<crate::Symbol>,
        value: &Scalar,
    ) {
        let name_range = name.map_or(self.range(lo, lo), |name| self.range(name.lo, name.hi));
        let name = name.map(|name| self.names.symbol(name.kind, &self.text[name.lo..name.hi]));
        let value_range = self.range(value.lo, value.hi);
        let range = self.range(lo, value.hi);
        self.entries.push(Entry { name, name_range, annotation, kind: value.kind, value_range, range });
    }

    #[inline]
    pub(crate) fn class(&self) -> Class {
        lex::class(self.bytes, self.at).0
    }

    pub(crate) fn range(&self, lo: usize, hi: usize) -> Range {
        Range::new((lo - self.base) as u32, (hi - self.base) as u32)
    }

    /// Skips white space, comments and escaped line ends within a node. True where there was any.
    #[inline]
    pub(crate) fn node_space(&mut self) -> bool {
        let start = self.at;
        loop {
            match lex::class(self.bytes, self.at) {
                (Class::Space, len) => self.at += len,
                (Class::Backslash, _) => match self.escaped_line_end(self.at) {
                    Some(end) => self.at = end,
                    None => break,
                },
                (Class::Slash, _) if self.bytes.get(self.at + 1) == Some(&b'*') => self.block_comment(),
                _ => break,
            }
        }
        self.at > start
    }

    /// Skips all that may stand between nodes.
    fn line_space(&mut self) {
        loop {
            match lex::class(self.bytes, self.at) {
                (Class::Space, len) => self.at += len,
                (Class::Newline, len) => {
                    self.at += len;
                    self.line = Some(self.at);
                }
                (Class::Backslash, _) => match self.escaped_line_end(self.at) {
                    Some(end) => {
                        self.at = end;
                        self.line = Some(end);
                    }
                    None => break,
                },
                (Class::Slash, _) => match self.bytes.get(self.at + 1) {
                    Some(b'*') => self.block_comment(),
                    Some(b'/') => self.at = lex::line_end(self.bytes, self.at),
                    _ => break,
                },
                (Class::Word, 3) if self.at == 0 && self.bytes.starts_with(BOM) => {
                    self.at = 3;
                    self.line = Some(3);
                }
                _ => break,
            }
        }
    }

    /// One past the line end that the backslash at `at` escapes.
    pub(crate) fn escaped_line_end(&mut self, at: usize) -> Option<usize> {
        let end = lex::escaped_line_end(self.bytes, at, self.futile < MAX_FUTILE);
        let next = lex::space_end(self.bytes, at + 1, false);
        if end.is_none() && self.bytes[next..].starts_with(b"/*") {
            self.fragile = true;
            self.futile += 1;
        }
        end
    }

    /// [`lex::raw_end`] of a one-line string, which may not search all of a long line again and again.
    pub(crate) fn raw_end(&mut self, quote: usize, hashes: usize) -> StringEnd {
        let limit = if self.futile < MAX_FUTILE { self.bytes.len() } else { quote + FAR };
        let end = lex::raw_end(&self.bytes[..limit.min(self.bytes.len())], quote, hashes, false);
        if matches!(end, StringEnd::Open(end) if end > quote + FAR) {
            self.fragile = true;
            self.futile += 1;
        }
        end
    }

    /// Whether the quote at `at` begins a string that ends on its line.
    pub(crate) fn quote_closes(&mut self, at: usize) -> bool {
        if at < self.open_until {
            return false;
        }
        match lex::quoted_end(self.bytes, at) {
            StringEnd::Closed(..) => true,
            StringEnd::Open(end) => {
                // What looks like a quote up to there is an escaped one, and closes nothing either.
                self.open_until = end;
                self.fragile |= lex::line_end(self.bytes, at) < end;
                false
            }
        }
    }

    fn block_comment(&mut self) {
        let lo = self.at;
        let line = lex::line_end(self.bytes, lo);
        let searched = if self.futile < MAX_FUTILE { self.bytes } else { &self.bytes[..line] };
        if let Some(end) = lex::block_comment_end(searched, lo) {
            self.at = end;
            return;
        }
        self.futile += 1;
        self.fragile = true;
        self.error("syntax.unclosed-comment", lo, lo + 2, "the comment has no `*/`");
        self.cure("close the comment", &[(line, line, " */")]);
        self.at = line;
    }

    /// Reports an error; its range is absolute until the item is finished.
    pub(crate) fn error(&mut self, rule: &'static str, lo: usize, hi: usize, message: &str) {
        if self.room == 0 {
            return;
        }
        self.room -= 1;
        let (rule, message) = match self.room {
            0 => ("syntax.too-many", "this text has more errors than are shown"),
            _ => (rule, message),
        };
        self.errors.push(SyntaxError {
            rule,
            message: message.to_owned(),
            range: Range::new(lo as u32, hi as u32),
            related: None,
            cure: None,
        });
    }

    /// Gives the last error its cure; the ranges are absolute.
    pub(crate) fn cure(&mut self, title: &str, edits: &[(usize, usize, &str)]) {
        let full = self.room == 0;
        if let Some(error) = self.errors.last_mut().filter(|_| !full) {
            let edits =
                edits.iter().map(|(lo, hi, text)| (Range::new(*lo as u32, *hi as u32), (*text).to_owned()));
            error.cure = Some((title.to_owned(), edits.collect()));
        }
    }
}

/// Makes the ranges relative to the item, in source order.
fn take_errors(errors: &mut Vec<SyntaxError>, base: usize) -> Box<[SyntaxError]> {
    if errors.is_empty() {
        return Box::default();
    }
    let shift = |range: &mut Range| {
        *range = Range::new(range.lo.saturating_sub(base as u32), range.hi.saturating_sub(base as u32));
    };
    let mut taken: Vec<SyntaxError> = errors.drain(..).collect();
    for error in &mut taken {
        shift(&mut error.range);
        error.related.iter_mut().for_each(|(range, _)| shift(range));
        error.cure.iter_mut().flat_map(|(_, edits)| edits).for_each(|(range, _)| shift(range));
    }
    taken.sort_by_key(|error| (error.range.lo, error.range.hi));
    taken.into_boxed_slice()
}
