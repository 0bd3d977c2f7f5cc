//! Where each token of KDL ends. No tree, no diagnostics: byte positions in, byte positions out.

use memchr::{memchr, memchr2};

/// What a character can begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// A character of a bare word.
    Word,
    Space,
    Newline,
    Slash,
    Backslash,
    Quote,
    Hash,
    Equals,
    Semicolon,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    /// `[` and `]`, which KDL keeps for itself.
    Bracket,
    /// First byte of a character beyond ASCII: [`class`] resolves it.
    Wide,
    /// The end of the text.
    End,
}

const CLASS: [Class; 256] = {
    let mut table = [Class::Word; 256];
    table[b' ' as usize] = Class::Space;
    table[b'\t' as usize] = Class::Space;
    table[b'\n' as usize] = Class::Newline;
    table[b'\r' as usize] = Class::Newline;
    table[0x0b] = Class::Newline;
    table[0x0c] = Class::Newline;
    table[b'/' as usize] = Class::Slash;
    table[b'\\' as usize] = Class::Backslash;
    table[b'"' as usize] = Class::Quote;
    table[b'#' as usize] = Class::Hash;
    table[b'=' as usize] = Class::Equals;
    table[b';' as usize] = Class::Semicolon;
    table[b'(' as usize] = Class::OpenParen;
    table[b')' as usize] = Class::CloseParen;
    table[b'{' as usize] = Class::OpenBrace;
    table[b'}' as usize] = Class::CloseBrace;
    table[b'[' as usize] = Class::Bracket;
    table[b']' as usize] = Class::Bracket;
    let mut byte = 0x80;
    while byte < 256 {
        table[byte] = Class::Wide;
        byte += 1;
    }
    table
};

/// Whether a byte may begin white space, a comment or an escaped line end within a node.
#[inline]
pub(crate) fn may_be_gap(byte: u8) -> bool {
    GAP[byte as usize]
}

const GAP: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(CLASS[byte], Class::Space | Class::Backslash | Class::Slash | Class::Wide);
        byte += 1;
    }
    table
};

/// Bytes of a bare word, ASCII alone.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(CLASS[byte], Class::Word);
        byte += 1;
    }
    table
};

/// Bytes at which the inside of a one-line string needs a look.
const STRING_STOP: [bool; 256] = {
    let mut table = line_stops();
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Bytes that end a line, or may begin a character that does.
const LINE_STOP: [bool; 256] = line_stops();

const fn line_stops() -> [bool; 256] {
    let mut table = [false; 256];
    table[b'\n' as usize] = true;
    table[b'\r' as usize] = true;
    table[0x0b] = true;
    table[0x0c] = true;
    table[0xc2] = true;
    table[0xe2] = true;
    table
}

/// Class and length in bytes of the character at `at`; a CR LF is one newline.
#[inline]
pub(crate) fn class(bytes: &[u8], at: usize) -> (Class, usize) {
    let Some(&byte) = bytes.get(at) else { return (Class::End, 0) };
    match CLASS[byte as usize] {
        Class::Wide => wide(bytes, at),
        Class::Newline if byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') => (Class::Newline, 2),
        class => (class, 1),
    }
}

/// [`class`] of a character beyond ASCII.
#[cold]
fn wide(bytes: &[u8], at: usize) -> (Class, usize) {
    let second = bytes.get(at + 1).copied().unwrap_or(0);
    let third = bytes.get(at + 2).copied().unwrap_or(0);
    match (bytes[at], second, third) {
        (0xc2, 0x85, _) => (Class::Newline, 2),
        (0xc2, 0xa0, _) => (Class::Space, 2),
        (0xe2, 0x80, 0xa8 | 0xa9) => (Class::Newline, 3),
        (0xe1, 0x9a, 0x80) | (0xe2, 0x80, 0x80..=0x8a | 0xaf) | (0xe2, 0x81, 0x9f) | (0xe3, 0x80, 0x80) => {
            (Class::Space, 3)
        }
        (0xf0.., _, _) => (Class::Word, 4),
        (0xe0.., _, _) => (Class::Word, 3),
        _ => (Class::Word, 2),
    }
}

/// End of the run of word characters that begins at `at`.
#[inline]
pub(crate) fn word_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        while bytes.get(at).is_some_and(|byte| WORD[*byte as usize]) {
            at += 1;
        }
        match bytes.get(at) {
            Some(0x80..) => match wide(bytes, at) {
                (Class::Word, len) => at += len,
                _ => return at,
            },
            _ => return at,
        }
    }
}

/// End of the run of white space that begins at `at`, newlines included if `newlines`.
pub(crate) fn space_end(bytes: &[u8], mut at: usize, newlines: bool) -> usize {
    loop {
        match class(bytes, at) {
            (Class::Space, len) => at += len,
            (Class::Newline, len) if newlines => at += len,
            _ => return at,
        }
    }
}

/// Where the line of `at` ends: the position of its newline, or of the end of the text.
pub(crate) fn line_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if LINE_STOP[byte as usize] && class(bytes, at).0 == Class::Newline {
            break;
        }
        at += 1;
    }
    at
}

/// One past the `*/` that closes the comment whose `/*` stands at `at`; comments nest.
pub(crate) fn block_comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 1_usize;
    let mut at = at + 2;
    while depth > 0 {
        at += memchr2(b'/', b'*', bytes.get(at..)?)?;
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
            (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    Some(at)
}

/// One past the line end that the backslash at `at` escapes; none where it escapes no line end. Comments between the
/// two count only if `comments` is set.
pub(crate) fn escaped_line_end(bytes: &[u8], at: usize, comments: bool) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match class(bytes, at) {
            (Class::Space, len) => at += len,
            (Class::Newline, len) => return Some(at + len),
            (Class::End, _) => return Some(at),
            (Class::Slash, _) => match bytes.get(at + 1) {
                Some(b'*') if comments => at = block_comment_end(bytes, at)?,
                Some(b'/') => {
                    let end = line_end(bytes, at);
                    return Some(end + class(bytes, end).1);
                }
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// How a string literal goes on after its opening quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StringEnd {
    /// One past the closing quotes; whether a backslash stands inside.
    Closed(usize, bool),
    /// Nothing closes it; where its line (one-line strings) or the text ends.
    Open(usize),
}

/// End of the one-line string whose quote stands at `at`.
pub(crate) fn quoted_end(bytes: &[u8], at: usize) -> StringEnd {
    let mut at = at + 1;
    let mut escapes = false;
    while let Some(&byte) = bytes.get(at) {
        if !STRING_STOP[byte as usize] {
            at += 1;
            continue;
        }
        match class(bytes, at) {
            (Class::Quote, _) => return StringEnd::Closed(at + 1, escapes),
            (Class::Newline, _) => return StringEnd::Open(at),
            (Class::Backslash, _) => {
                escapes = true;
                let skipped = space_end(bytes, at + 1, true);
                at = if skipped > at + 1 { skipped } else { at + 1 + class(bytes, at + 1).1 };
            }
            (_, len) => at += len,
        }
    }
    StringEnd::Open(bytes.len())
}

/// End of the string of several lines whose `"""` stands at `at`.
pub(crate) fn multi_line_end(bytes: &[u8], at: usize) -> StringEnd {
    let mut at = at + 3;
    let mut escapes = false;
    loop {
        let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) else {
            return StringEnd::Open(bytes.len());
        };
        at += found;
        if bytes[at] == b'\\' {
            escapes = true;
            at += 2;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return StringEnd::Closed(at + 3, escapes);
        } else {
            at += 1;
        }
    }
}

/// End of the raw string whose first quote stands at `quote`, behind `hashes` signs.
pub(crate) fn raw_end(bytes: &[u8], quote: usize, hashes: usize, multi_line: bool) -> StringEnd {
    let quotes = if multi_line { 3 } else { 1 };
    let mut at = quote + quotes;
    loop {
        at = if multi_line {
            bytes.get(at..).and_then(|rest| memchr(b'"', rest)).map_or(bytes.len(), |found| at + found)
        } else {
            quote_or_line_end(bytes, at)
        };
        if bytes.get(at) != Some(&b'"') {
            return StringEnd::Open(at.min(bytes.len()));
        }
        let closed = at + quotes + hashes;
        let is_close = bytes.get(at..at + quotes).is_some_and(|s| s.iter().all(|b| *b == b'"'))
            && bytes.get(at + quotes..closed).is_some_and(|s| s.iter().all(|b| *b == b'#'));
        if is_close {
            return StringEnd::Closed(closed, false);
        }
        at += 1;
    }
}

/// The next quote on the line of `at`, or the end of the line.
pub(crate) fn quote_or_line_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || LINE_STOP[byte as usize] && class(bytes, at).0 == Class::Newline {
            break;
        }
        at += 1;
    }
    at
}

/// Number of `#` from `at` on.
pub(crate) fn hashes(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b'#').count()
}

/// Whether the word is a number of KDL.
pub(crate) fn is_number(word: &[u8]) -> bool {
    let digits = match word {
        [b'+' | b'-', rest @ ..] => rest,
        _ => word,
    };
    match digits {
        [b'0', b'x', rest @ ..] => is_integer(rest, u8::is_ascii_hexdigit),
        [b'0', b'o', rest @ ..] => is_integer(rest, |byte| matches!(byte, b'0'..=b'7')),
        [b'0', b'b', rest @ ..] => is_integer(rest, |byte| matches!(byte, b'0' | b'1')),
        _ => is_decimal(digits),
    }
}

fn is_decimal(digits: &[u8]) -> bool {
    let (mantissa, exponent) = match digits.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = match exponent {
            [b'+' | b'-', rest @ ..] => rest,
            _ => exponent,
        };
        is_integer(exponent, u8::is_ascii_digit)
    });
    let mut parts = mantissa.splitn(2, |byte| *byte == b'.');
    exponent_fits && parts.all(|part| is_integer(part, u8::is_ascii_digit))
}

/// A digit, then digits and underscores.
fn is_integer(text: &[u8], digit: impl Fn(&u8) -> bool) -> bool {
    text.first().is_some_and(&digit) && text.iter().all(|byte| *byte == b'_' || digit(byte))
}

/// Whether the word may stand bare as a string.
pub(crate) fn is_bare_word(word: &[u8]) -> bool {
    let is_number_like = matches!(
        word,
        [b'0'..=b'9', ..] | [b'.' | b'+' | b'-', b'0'..=b'9', ..] | [b'+' | b'-', b'.', b'0'..=b'9', ..]
    );
    let is_keyword = matches!(word, b"true" | b"false" | b"null" | b"inf" | b"-inf" | b"nan");
    !word.is_empty() && !is_number_like && !is_keyword
}

/// Byte range of the next code point at or after `from` that KDL forbids anywhere in a text.
pub(crate) fn forbidden(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while at < bytes.len() {
        let end = (at + CHUNK).min(bytes.len());
        let suspicious = match bytes[at..end].first_chunk::<CHUNK>() {
            Some(chunk) => is_suspicious(chunk),
            None => true,
        };
        if suspicious && let Some(found) = (at..end).find_map(|at| forbidden_at(bytes, at)) {
            return Some(found);
        }
        at = end;
    }
    None
}

const CHUNK: usize = 64;

/// Whether one of the bytes may begin a forbidden code point. No branch inside, so that it becomes vector code.
fn is_suspicious(chunk: &[u8; CHUNK]) -> bool {
    let mut found = 0_u8;
    for &byte in chunk {
        let control = u8::from(byte < 0x09) | u8::from(byte.wrapping_sub(0x0e) < 0x12);
        found |= control | u8::from(byte == 0x7f) | u8::from(byte == 0xe2) | u8::from(byte == 0xef);
    }
    found != 0
}

pub(crate) fn forbidden_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let second = bytes.get(at + 1).copied().unwrap_or(0);
    let third = bytes.get(at + 2).copied().unwrap_or(0);
    match (*bytes.get(at)?, second, third) {
        (0x00..=0x08 | 0x0e..=0x1f | 0x7f, _, _) => Some((at, at + 1)),
        (0xe2, 0x80, 0x8e | 0x8f | 0xaa..=0xae) | (0xe2, 0x81, 0xa6..=0xa9) | (0xef, 0xbb, 0xbf) => {
            Some((at, at + 3))
        }
        _ => None,
    }
}
