//! White space, comments and escaped line ends, and searches for closing marks that must not run away.

use crate::lex::{self, Class, StringEnd};
use crate::parse::{BOM, Parser};

/// Searches for a closing mark that may run to the end of the text for nothing. Further ones look only nearby, so that
/// reading stays linear.
pub(crate) const MAX_FUTILE: u32 = 8;

/// What counts as nearby, in bytes.
const FAR: usize = 256;

impl Parser<'_> {
    /// Skips white space, comments and escaped line ends within a node. True where there was any.
    #[inline]
    pub(crate) fn node_space(&mut self) -> bool {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(&byte) if lex::may_be_gap(byte) => self.rest_of_node_space(start),
            _ => self.at > start,
        }
    }

    fn rest_of_node_space(&mut self, start: usize) -> bool {
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
    pub(crate) fn line_space(&mut self) {
        loop {
            match lex::class(self.bytes, self.at) {
                (Class::Space, len) => self.at += len,
                (Class::Newline, len) => {
                    self.at += len;
                    self.line = Some(self.at);
                    while self.bytes.get(self.at) == Some(&b' ') {
                        self.at += 1;
                    }
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
        let limit = if self.futile < MAX_FUTILE { self.bytes.len() } else { lo + FAR };
        let searched = &self.bytes[..limit.min(self.bytes.len())];
        if let Some(end) = lex::block_comment_end(searched, lo) {
            self.at = end;
            return;
        }
        let line = lex::line_end(self.bytes, lo);
        self.futile += 1;
        self.fragile = true;
        let text = self.text[..line].trim_end_matches([' ', '\t']).len().max(lo + 2);
        let end = self.before_brace(lo + 2, text, line).unwrap_or(line);
        self.error("syntax.unclosed-comment", lo, lo + 2, "the comment has no `*/`");
        self.cure("close the comment", &[(end, end, " */")]);
        self.at = end;
    }
}
