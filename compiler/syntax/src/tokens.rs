//! The tokens of a text that is known to be valid KDL; white space is what lies between them.

use crate::lex::{self, Class, StringEnd};
use crate::parse::BOM;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A name or a value.
    Word,
    OpenBrace,
    CloseBrace,
    OpenParen,
    CloseParen,
    Equals,
    Semicolon,
    Slashdash,
    LineComment,
    BlockComment,
    /// A backslash that joins two lines; the end of its line is not a token.
    Escape,
    /// A line end.
    Line,
    /// Several line ends with nothing between.
    Blank,
    End,
}

/// A token; `lo` to `hi` are its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) lo: u32,
    pub(crate) hi: u32,
}

/// All tokens in source order, [`Kind::End`] last.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(text.len() / 5 + 1);
    let mut at = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    // A backslash was met, and the end of its line not yet.
    let mut escaped = false;
    loop {
        let (class, len) = lex::class(bytes, at);
        let (kind, hi) = match class {
            Class::Space => {
                at += len;
                continue;
            }
            Class::Newline => {
                let (hi, lines) = line_ends(bytes, at, escaped);
                escaped = false;
                if lines == 0 {
                    at = hi;
                    continue;
                }
                (if lines == 1 { Kind::Line } else { Kind::Blank }, hi)
            }
            Class::End => (Kind::End, at),
            Class::OpenBrace => (Kind::OpenBrace, at + 1),
            Class::CloseBrace => (Kind::CloseBrace, at + 1),
            Class::OpenParen => (Kind::OpenParen, at + 1),
            Class::CloseParen => (Kind::CloseParen, at + 1),
            Class::Equals => (Kind::Equals, at + 1),
            Class::Semicolon => (Kind::Semicolon, at + 1),
            Class::Backslash => {
                escaped = true;
                (Kind::Escape, at + 1)
            }
            Class::Slash => match bytes.get(at + 1) {
                Some(b'-') => (Kind::Slashdash, at + 2),
                Some(b'/') => (Kind::LineComment, lex::line_end(bytes, at)),
                _ => (Kind::BlockComment, lex::block_comment_end(bytes, at).unwrap_or(bytes.len())),
            },
            _ => (Kind::Word, word_end(bytes, at)),
        };
        found.push(Token { kind, lo: at as u32, hi: hi as u32 });
        if kind == Kind::End {
            return found;
        }
        at = hi;
    }
}

/// End of a run of newlines and white space, and how many newlines it has; the first does not count if it is escaped.
fn line_ends(bytes: &[u8], mut at: usize, escaped: bool) -> (usize, usize) {
    let mut lines = 0;
    let mut skip = escaped;
    loop {
        match lex::class(bytes, at) {
            (Class::Newline, len) => {
                at += len;
                lines += usize::from(!std::mem::take(&mut skip));
            }
            (Class::Space, len) => at += len,
            _ => return (at, lines),
        }
    }
}

/// End of the word, string, keyword or number at `at`.
fn word_end(bytes: &[u8], at: usize) -> usize {
    let hashes = lex::hashes(bytes, at);
    let quote = at + hashes;
    let several = bytes.get(quote..).is_some_and(|rest| rest.starts_with(b"\"\"\""));
    let end = match (bytes.get(quote), hashes, several) {
        (Some(b'"'), 0, true) => lex::multi_line_end(bytes, quote),
        (Some(b'"'), 0, false) => lex::quoted_end(bytes, quote),
        (Some(b'"'), _, _) => lex::raw_end(bytes, quote, hashes, several),
        _ => return lex::word_end(bytes, quote).max(at + 1),
    };
    match end {
        StringEnd::Closed(end, _) | StringEnd::Open(end) => end,
    }
}
