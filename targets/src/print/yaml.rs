//! YAML in block style, read alike by every reader of YAML 1.1 and 1.2.
//!
//! Two spaces of indentation, lists indented under their key, long lines never folded. A string is plain only where
//! [no reader](is_plain) takes it for something else.

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};

use super::escape::{Quotes, is_visible, push_comment, push_indent, push_quoted};
use super::trace::Trace;

/// Longest key in bytes that readers accept on one line (they stop at 1,024 characters, counting quotes and escapes).
const LONGEST_PLAIN_KEY: usize = 1000;
const LONGEST_QUOTED_KEY: usize = 160;

/// Bytes that a token comes to on the average, and the depth of most documents: what is reserved at once.
const ROOM: usize = 16;
const DEPTH: usize = 16;

/// Appends the documents of the tape, with `---` between them and before them where the text already has some.
pub fn print(tape: &Tape, out: &mut String) {
    write(tape, out, &mut ());
}

pub(crate) fn write(tape: &Tape, out: &mut String, trace: &mut impl Trace) {
    out.reserve(tape.tokens().len() * ROOM);
    let mut printer =
        Printer { tape, out, trace, open: Vec::with_capacity(DEPTH), begun: false, after_key: false };
    printer.documents();
}

struct Printer<'a, T> {
    tape: &'a Tape,
    out: &'a mut String,
    trace: &'a mut T,
    /// For each map or list around the cursor, whether it is a list.
    open: Vec<bool>,
    /// Whether the line has begun: the cursor stands behind `- `.
    begun: bool,
    /// Whether the cursor stands behind `key:`.
    after_key: bool,
}

impl<T: Trace> Printer<'_, T> {
    fn documents(&mut self) {
        let tokens = self.tape.tokens();
        let mut at = 0;
        let mut in_head = false;
        while let Some(&token) = tokens.get(at) {
            if self.open.is_empty() && !in_head {
                self.separate();
            }
            in_head = self.open.is_empty() && token.kind == Kind::Comment;
            at = self.token(at, token);
        }
    }

    /// `---`, unless this is the first document of the file.
    fn separate(&mut self) {
        if !self.out.is_empty() {
            self.trace.at(self.out.len(), None);
            self.out.push_str("---\n");
        }
    }

    /// Prints a token, or a whole empty map or list, and gives the index of the next.
    fn token(&mut self, at: usize, token: Token) -> usize {
        match token.kind {
            Kind::Comment => {
                self.start_line(at);
                push_comment(self.out, self.tape.text(token));
            }
            Kind::Key => self.key(at, token),
            Kind::Leaf(kind) => {
                self.start_value(at);
                self.leaf(kind, token);
            }
            Kind::OpenMap | Kind::OpenList if self.is_empty(at, token) => {
                self.start_value(at);
                self.out.push_str(if token.kind == Kind::OpenMap { "{}\n" } else { "[]\n" });
                return token.end() + 1;
            }
            Kind::OpenMap | Kind::OpenList => self.open(at, token),
            Kind::CloseMap | Kind::CloseList => {
                self.open.pop();
            }
            _ => return self.foreign(at, token),
        }
        at + 1
    }

    fn is_empty(&self, at: usize, token: Token) -> bool {
        self.tape.tokens()[at + 1..token.end()].iter().all(|token| token.kind == Kind::Comment)
    }

    fn open(&mut self, at: usize, token: Token) {
        if self.after_key {
            self.after_key = false;
            self.out.push('\n');
        } else if self.open.last() == Some(&true) {
            self.start_line(at);
            self.out.push_str("- ");
            self.begun = true;
        }
        self.open.push(token.kind == Kind::OpenList);
    }

    fn key(&mut self, at: usize, token: Token) {
        self.start_line(at);
        let key = self.tape.text(token);
        if key.len() > LONGEST_PLAIN_KEY || key.len() > LONGEST_QUOTED_KEY && !is_plain(key) {
            self.out.push_str("? ");
            self.string_on_one_line(key);
            self.out.push('\n');
            push_indent(self.out, self.level());
        } else {
            self.string_on_one_line(key);
        }
        self.out.push(':');
        self.after_key = true;
    }

    /// Indents, unless something of this entry stands on the line already.
    fn start_line(&mut self, at: usize) {
        if self.begun {
            self.begun = false;
        } else {
            push_indent(self.out, self.level());
        }
        self.trace.at(self.out.len(), Some(at));
    }

    /// To where a value on one line begins.
    fn start_value(&mut self, at: usize) {
        if self.after_key {
            self.after_key = false;
            self.out.push(' ');
        } else if self.open.last() == Some(&true) {
            self.start_line(at);
            self.out.push_str("- ");
        } else {
            self.trace.at(self.out.len(), Some(at));
        }
    }

    fn level(&self) -> usize {
        self.open.len().saturating_sub(1)
    }

    fn leaf(&mut self, kind: LeafKind, token: Token) {
        let text = self.tape.text(token);
        match (kind, text) {
            (LeafKind::Str | LeafKind::Expr, _) if is_plain(text) => self.out.push_str(text),
            (LeafKind::Str | LeafKind::Expr, _) if !self.open.is_empty() && is_literal(text) => {
                self.literal(text);
                return;
            }
            (LeafKind::Str | LeafKind::Expr, _) => push_quoted(self.out, text, Quotes::Long),
            (LeafKind::Null, _) => self.out.push_str("null"),
            (LeafKind::Float, "inf") => self.out.push_str(".inf"),
            (LeafKind::Float, "-inf") => self.out.push_str("-.inf"),
            (LeafKind::Float, "nan") => self.out.push_str(".nan"),
            (LeafKind::Int | LeafKind::Float | LeafKind::Bool, _) => self.out.push_str(text),
        }
        self.out.push('\n');
    }

    fn string_on_one_line(&mut self, text: &str) {
        if is_plain(text) {
            self.out.push_str(text);
        } else {
            push_quoted(self.out, text, Quotes::Long);
        }
    }

    /// A literal block: `|`, with its indentation where the text begins with a space or a blank line, `-` where it does
    /// not end its last line, `+` where it ends in blank lines.
    fn literal(&mut self, text: &str) {
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        if !text.ends_with('\n') {
            self.out.push('-');
        } else if text.ends_with("\n\n") {
            self.out.push('+');
        }
        self.out.push('\n');
        let level = self.level() + 1;
        for line in text.lines() {
            if !line.is_empty() {
                push_indent(self.out, level);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// HCL on a tape that is printed as YAML is a mistake of the target: `null` stands in its place.
    fn foreign(&mut self, at: usize, token: Token) -> usize {
        debug_assert!(false, "{:?} in YAML", token.kind);
        if self.after_key || !self.open.is_empty() {
            self.start_value(at);
            self.out.push_str("null\n");
        }
        if token.kind.opens() { token.end() + 1 } else { at + 1 }
    }
}

/// Whether text can stand as a literal block and be read back byte for byte: several lines, all visible, none of blanks
/// only.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && text.chars().all(|c| c == '\n' || c == '\t' || is_visible(c))
        && text.lines().all(|line| line.is_empty() || line.contains(|c| c != ' ' && c != '\t'))
        && text.contains(|c| c != '\n')
        && !text.starts_with('\t')
}

/// Whether the text, without quotes, is a string and the same string to every reader.
///
/// Stricter than either version: what looks like a number of any base, a time or a date in either version is quoted, and
/// so is every word that either version takes for a truth value or nothing, in any case.
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    if first.is_ascii_alphabetic() && is_harmless(bytes) {
        return bytes.len() > LONGEST_WORD || !is_word_of_yaml(bytes);
    }
    match CLASS[first as usize] {
        LETTER if is_word_of_yaml(bytes) => return false,
        DIGIT | SIGN if looks_like_number(bytes) => return false,
        SIGN if matches!(bytes.get(1), None | Some(b' ')) || starts_like_marker(bytes) => return false,
        LETTER | DIGIT | SIGN => {}
        _ if matches!(first, b'/' | b'_' | b'$' | b'(') => {}
        _ => return false,
    }
    if matches!(last, b' ' | b':') {
        return false;
    }
    let mut previous = 0;
    for &byte in bytes {
        let breaks = match byte {
            b' ' => previous == b':',
            b'#' => previous == b' ',
            b'!'..=b'~' => false,
            0x80.. => return is_plain_beyond_ascii(text),
            _ => true,
        };
        if breaks {
            return false;
        }
        previous = byte;
    }
    true
}

/// Whether every byte is visible ASCII that means nothing inside of a string: looked at in one go, for most texts end here.
fn is_harmless(bytes: &[u8]) -> bool {
    let harmful =
        |byte: u8| u8::from(!byte.is_ascii_graphic()) | u8::from(byte == b':') | u8::from(byte == b'#');
    bytes.iter().fold(0, |found, byte| found | harmful(*byte)) == 0
}

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SIGN: u8 = 3;

const CLASS: [u8; 256] = {
    let mut class = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => LETTER,
            b'0'..=b'9' => DIGIT,
            b'+' | b'-' | b'.' => SIGN,
            _ => OTHER,
        };
        byte += 1;
    }
    class
};

fn is_plain_beyond_ascii(text: &str) -> bool {
    text.chars().all(is_visible) && !text.contains(": ") && !text.contains(" #")
}

/// Bytes of the longest word that a version of YAML takes for something else than a string.
const LONGEST_WORD: usize = 5;

fn is_word_of_yaml(bytes: &[u8]) -> bool {
    const WORDS: [&str; 12] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"];
    let begins = |byte: u8| matches!(byte | 0x20, b'y' | b'n' | b'o' | b't' | b'f' | b'i');
    bytes.len() <= LONGEST_WORD
        && bytes.first().is_some_and(|first| begins(*first))
        && WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(bytes))
}

/// Only digits, signs and the letters of numbers, dates and times.
fn looks_like_number(bytes: &[u8]) -> bool {
    let digits = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let infinite = [b".inf", b".nan"].iter().any(|word| digits.eq_ignore_ascii_case(*word));
    let numeric = |byte: &u8| {
        matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b't' | b'T' | b'z' | b'Z')
            || matches!(byte, b'+' | b'-' | b'.' | b':' | b'_' | b' ')
    };
    infinite || bytes.iter().all(numeric)
}

fn starts_like_marker(bytes: &[u8]) -> bool {
    bytes.starts_with(b"---") || bytes.starts_with(b"...")
}

#[cfg(test)]
mod tests;
