//! Arguments and properties of a node, up to its block or the end of its line, and what may follow the block.

use crate::lex::{self, Class};
use crate::parse::{Outcome, Parser};
use crate::symbol::Symbol;
use crate::tree::{Entry, ScalarKind};
use crate::word::{Fault, Place, Scalar, scalar_name};

impl Parser<'_> {
    /// Reads arguments and properties up to the block or the end of the node.
    pub(crate) fn entries_of(&mut self, node: usize, mut spaced: bool) -> Outcome {
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
    pub(crate) fn tail(&mut self, node: usize) -> Outcome {
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
                _ => {
                    if let Some(outcome) = self.after_block(node) {
                        return outcome;
                    }
                }
            }
        }
    }

    /// Something stands after a block on its line: it begins the next node, or it is left out. None where the line goes
    /// on.
    fn after_block(&mut self, node: usize) -> Option<Outcome> {
        if self.block_is_interpolation(node) {
            return Some(self.entries_of(node, true));
        }
        let block_end = self.last;
        let message = "a node ends with its block";
        if matches!(self.class(), Class::Word | Class::Slash) {
            self.error("syntax.after-block", block_end - 1, block_end, message);
            self.cure("begin a new node", &[(block_end, block_end, ";")]);
            return Some(Outcome::Done);
        }
        let kept = self.entries.len();
        while !self.at_end_of_entries() {
            self.entry();
            self.node_space();
        }
        self.entries.truncate(kept);
        let end = self.last;
        self.error("syntax.after-block", block_end - 1, block_end, message);
        self.cure("remove what follows it", &[(block_end, end, "")]);
        self.reach = self.reach.max(end);
        self.last = block_end;
        None
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
        if let Some(name) = annotation {
            self.node_space();
            if self.at_end_of_entries() {
                // One without a name was reported already.
                if name.is_some() {
                    self.error("syntax.missing-value", lo, self.last, "the type annotation has no value");
                }
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
            if annotation != Some(None) {
                let text = scalar_name(self.text, name);
                let message = format!("property `{text}` has no value");
                self.error("syntax.missing-value", lo, after_equals, &message);
            }
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

    /// Whether a node's name can begin here: not so where a line or a block ends.
    pub(crate) fn at_name(&self) -> bool {
        !self.at_end_of_entries()
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

    fn push_missing(&mut self, lo: usize, name: Option<&Scalar>, annotation: Option<Symbol>) {
        let value = Scalar { kind: ScalarKind::Missing, lo: self.last, hi: self.last, fault: Fault::None };
        self.push_entry(lo, name, annotation, &value);
    }

    fn push_entry(&mut self, lo: usize, name: Option<&Scalar>, annotation: Option<Symbol>, value: &Scalar) {
        let name_range = name.map_or(self.range(lo, lo), |name| self.range(name.lo, name.hi));
        let name = name.map(|name| crate::scalar::symbol(name.kind, &self.text[name.lo..name.hi]));
        let value_range = self.range(value.lo, value.hi);
        let range = self.range(lo, value.hi);
        self.entries.push(Entry { name, name_range, annotation, kind: value.kind, value_range, range });
    }
}
