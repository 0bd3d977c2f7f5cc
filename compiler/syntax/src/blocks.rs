//! Braces: opening and closing blocks, and what is done about those that do not match.

use crate::lex::{self, Class};
use crate::parse::{Frame, Outcome, Parser};

/// The longest cure that closes blocks, in bytes; beyond it there is none.
const MAX_CURE: usize = 4000;

impl Parser<'_> {
    pub(crate) fn open_block(&mut self, node: usize, discard_node: bool, discard_block: bool) {
        let supposed = self.suppose_brace && node == 0 && self.class() != Class::OpenBrace;
        self.frames.push(Frame {
            node: Some(node as u32),
            open: if supposed { self.last } else { self.at },
            first_child: self.nodes.len(),
            first_entry: self.entries.len(),
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
    pub(crate) fn anonymous_block(&mut self) {
        let open = self.at;
        if let Some(line) = self.line.take() {
            self.indent = (open - line) as u32;
        }
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
                    first_entry: self.entries.len(),
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
    pub(crate) fn close_brace(&mut self) -> Option<(Outcome, bool, usize)> {
        if self.at < self.extra_until && self.closes_too_much() {
            let at = self.at;
            self.at += 1;
            self.line = None;
            self.stray(at, at + 1);
            return None;
        }
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

    /// Whether the lines of the innermost block go on behind the `}` at the current position.
    fn closes_too_much(&mut self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        if self.next_line <= self.at {
            self.this_line = memchr::memrchr(b'\n', &self.bytes[..self.at]).map_or(0, |newline| newline + 1);
            let mut start = lex::line_end(self.bytes, self.at);
            loop {
                start += lex::class(self.bytes, start).1;
                let text = lex::space_end(self.bytes, start, false);
                if lex::class(self.bytes, text).0 != Class::Newline {
                    self.next_line = text;
                    self.next_column = (text - start) as u32;
                    break;
                }
                start = text;
            }
        }
        let own_column = self.column();
        let closes = frame.open < self.this_line && self.bytes.get(self.next_line) == Some(&b'}');
        self.next_column > frame.indent
            || closes && self.next_column == frame.indent && own_column != Some(frame.indent)
    }

    /// Writes the end of a block into its owner.
    fn close(&mut self, frame: &Frame, end: usize) -> Option<usize> {
        let node = frame.node? as usize;
        if frame.discard_block {
            self.nodes.truncate(frame.first_child);
            self.entries.truncate(frame.first_entry);
        } else {
            let block = self.range(frame.open, end);
            self.nodes[node].block = Some(block);
            self.nodes[node].range.hi = block.hi;
        }
        Some(node)
    }

    /// Closes the blocks above `keep` that their `}` does not close: one error for all of them.
    pub(crate) fn close_unclosed(&mut self, keep: usize) {
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
    pub(crate) fn close_by_column(&mut self, column: u32) -> bool {
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

    pub(crate) fn end_node(&mut self, node: usize, discard: bool) {
        let end = self.nodes.len() as u32;
        let Some(ended) = self.nodes.get_mut(node) else { return };
        ended.end = end;
        if discard {
            self.entries.truncate(ended.entries.0 as usize);
            self.nodes.truncate(node);
        }
    }
}
