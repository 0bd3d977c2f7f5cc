//! What a written value means: the text of a string in any of its spellings, and numbers.

use std::borrow::Cow;

use crate::lex::{self, Class};
use crate::symbol::Symbol;
use crate::tree::ScalarKind;

/// A number as KDL writes it, whole numbers kept exactly.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Number {
    /// Without fraction and exponent, in any base.
    Integer(i128),
    /// With a fraction or an exponent; the nearest double.
    Float(f64),
    /// Beyond the range of the two (or not a number at all): only its source says it exactly.
    Big,
}

/// The text of a value: decoded for the string kinds, the source itself for all others.
///
/// An escape that KDL does not know is kept as it is written, since its error has been reported.
pub fn text(kind: ScalarKind, source: &str) -> Cow<'_, str> {
    match kind {
        ScalarKind::Quoted => Cow::Borrowed(between(source, 1)),
        ScalarKind::Escaped => Cow::Owned(unescape(between(source, 1))),
        ScalarKind::Raw => Cow::Borrowed(between(source, lex::hashes(source.as_bytes(), 0) + 1)),
        ScalarKind::MultiLine => multi_line(source).map_or(Cow::Borrowed(source), Cow::Owned),
        ScalarKind::Recovered => recovered(source),
        _ => Cow::Borrowed(source),
    }
}

/// The symbol of a written name.
#[inline]
pub(crate) fn symbol(kind: ScalarKind, source: &str) -> Symbol {
    match kind {
        ScalarKind::Bare => Symbol::intern(source),
        _ => Symbol::intern(&text(kind, source)),
    }
}

/// The number that KDL reads in `source`.
pub fn number(source: &str) -> Number {
    if !lex::is_number(source.as_bytes()) {
        return Number::Big;
    }
    let (negative, digits) = match source.as_bytes()[0] {
        b'-' => (true, &source[1..]),
        b'+' => (false, &source[1..]),
        _ => (false, source),
    };
    let plain: Cow<'_, str> =
        if digits.contains('_') { Cow::Owned(digits.replace('_', "")) } else { Cow::Borrowed(digits) };
    let (radix, plain) = match plain.get(..2) {
        Some("0x") => (16, &plain[2..]),
        Some("0o") => (8, &plain[2..]),
        Some("0b") => (2, &plain[2..]),
        _ => (10, &*plain),
    };
    if radix == 10 && plain.contains(['.', 'e', 'E']) {
        let value = plain.parse::<f64>().unwrap_or(f64::INFINITY);
        let signed = if negative { -value } else { value };
        return if value.is_finite() { Number::Float(signed) } else { Number::Big };
    }
    match i128::from_str_radix(plain, radix) {
        Ok(value) => Number::Integer(if negative { -value } else { value }),
        Err(_) => Number::Big,
    }
}

/// Whether the number that KDL reads would be printed otherwise than it is written in a way that matters for a version
/// or a key: `1.30` is the number 1.3, `007` is 7.
pub fn reads_differently(source: &str) -> bool {
    if !lex::is_number(source.as_bytes()) {
        return false;
    }
    let digits = source.trim_start_matches(['+', '-']);
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let loses_end = digits.contains('.') && digits.ends_with('0');
    let loses_start = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    decimal && (loses_end || loses_start)
}

/// `source` without its first and last `width` bytes; less where it is cut short.
fn between(source: &str, width: usize) -> &str {
    source.get(width..source.len().saturating_sub(width)).unwrap_or("")
}

/// The text of what the parser took as one string although KDL cannot read it.
fn recovered(source: &str) -> Cow<'_, str> {
    let body = source.strip_prefix('r').filter(|rest| rest.starts_with(['#', '"'])).unwrap_or(source);
    let hashes = lex::hashes(body.as_bytes(), 0);
    let Some(open) = body.get(hashes..).filter(|rest| rest.starts_with('"')) else {
        return Cow::Borrowed(source);
    };
    let quotes = if open.starts_with("\"\"\"") { 3 } else { 1 };
    let inner = &open[quotes..];
    let close = format!("{}{}", &"\"\"\""[..quotes], "#".repeat(hashes));
    let inner = inner.strip_suffix(close.as_str()).unwrap_or(inner);
    if hashes == 0 && body.len() == source.len() && inner.contains('\\') {
        return Cow::Owned(unescape(inner));
    }
    Cow::Borrowed(inner)
}

fn unescape(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (decoded, len) = escape(&rest[at..]);
        match decoded {
            Escape::Char(c) => out.push(c),
            Escape::Nothing => {}
            Escape::Bad => out.push_str(&rest[at..at + len]),
        }
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    out
}

enum Escape {
    Char(char),
    /// Escaped white space, which stands for nothing.
    Nothing,
    Bad,
}

/// What the backslash that `text` begins with stands for, and the length of the whole escape.
fn escape(text: &str) -> (Escape, usize) {
    let bytes = text.as_bytes();
    let simple = |c| (Escape::Char(c), 2);
    match bytes.get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b's') => simple(' '),
        Some(b'u') => unicode_escape(text).map_or((Escape::Bad, 2), |(c, len)| (Escape::Char(c), len)),
        None => (Escape::Bad, 1),
        Some(_) => match lex::space_end(bytes, 1, true) {
            1 => (Escape::Bad, 1 + lex::class(bytes, 1).1),
            end => (Escape::Nothing, end),
        },
    }
}

/// `\u{…}`: one to six hexadecimal digits of a Unicode scalar value.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let digits = text.get(3..).filter(|_| text.starts_with("\\u{"))?;
    let len = digits.bytes().take(7).position(|byte| byte == b'}')?;
    if len == 0 || !digits.as_bytes()[..len].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value = u32::from_str_radix(&digits[..len], 16).ok()?;
    Some((char::from_u32(value)?, len + 4))
}

/// Byte ranges (within `source`) of the escapes that KDL does not know.
pub(crate) fn bad_escapes(source: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &source.as_bytes()[at..]) {
        at += next;
        let (decoded, len) = escape(&source[at..]);
        if matches!(decoded, Escape::Bad) {
            found.push((at, at + len));
        }
        at += len;
    }
    found
}

/// Why a string of several lines has no text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MultiLineFault {
    /// The opening quotes are not followed by a new line.
    OneLine,
    /// Text stands before the closing quotes on their line.
    CloseAfterText,
    /// A line does not begin with the white space that the closing quotes have before them.
    Indent,
}

/// The text of a `"""` string, raw or not, without the indentation of its last line.
pub(crate) fn multi_line(source: &str) -> Result<String, MultiLineFault> {
    let hashes = lex::hashes(source.as_bytes(), 0);
    let body = between(source, hashes + 3);
    let (Class::Newline, first) = lex::class(body.as_bytes(), 0) else {
        return Err(MultiLineFault::OneLine);
    };
    let raw = hashes > 0;
    let body = &body[first..];
    let body: Cow<'_, str> =
        if raw || !body.contains('\\') { Cow::Borrowed(body) } else { Cow::Owned(join_escaped_space(body)) };
    let (lines, prefix) = match lines(&body).pop() {
        Some(last) => (&body[..body.len() - last.len()], last),
        None => ("", &*body),
    };
    if !is_blank(prefix) {
        return Err(MultiLineFault::CloseAfterText);
    }
    let mut out = String::with_capacity(lines.len());
    let mut all = self::lines(lines);
    all.pop();
    for (index, line) in all.into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if is_blank(line) {
            continue;
        }
        let line = line.strip_prefix(prefix).ok_or(MultiLineFault::Indent)?;
        if raw || !line.contains('\\') { out.push_str(line) } else { out.push_str(&unescape(line)) }
    }
    Ok(out)
}

/// The text with every escaped run of white space removed; other escapes stay as they are.
fn join_escaped_space(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (decoded, len) = escape(&rest[at..]);
        let kept = if matches!(decoded, Escape::Nothing) { at } else { at + len };
        out.push_str(&rest[..kept]);
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    out
}

/// The lines of a text without their ends; one more than it has newlines.
fn lines(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let end = lex::line_end(bytes, at);
        found.push(&text[at..end]);
        match lex::class(bytes, end) {
            (Class::Newline, len) => at = end + len,
            _ => return found,
        }
    }
}

fn is_blank(line: &str) -> bool {
    lex::space_end(line.as_bytes(), 0, false) == line.len()
}

#[cfg(test)]
mod tests {
    use super::{Number, number, reads_differently, text};
    use crate::tree::ScalarKind;

    #[test]
    fn whole_numbers_of_every_base_are_exact() {
        assert_eq!(number("1_000"), Number::Integer(1000));
        assert_eq!(number("-0x_ff"), Number::Big);
        assert_eq!(number("-0xff"), Number::Integer(-255));
        assert_eq!(number("+0o17"), Number::Integer(15));
        assert_eq!(number("0b1_01"), Number::Integer(5));
        assert_eq!(number("170141183460469231731687303715884105727"), Number::Integer(i128::MAX));
        assert_eq!(number("170141183460469231731687303715884105728"), Number::Big);
    }

    #[test]
    fn fractions_and_exponents_are_doubles() {
        assert_eq!(number("1.30"), Number::Float(1.3));
        assert_eq!(number("-2.5e3"), Number::Float(-2500.0));
        assert_eq!(number("1e999"), Number::Big);
    }

    #[test]
    fn versions_that_lose_digits_are_told_from_plain_numbers() {
        for lost in ["1.30", "1.0", "007", "-01", "2.10"] {
            assert!(reads_differently(lost), "{lost}");
        }
        for kept in ["1.3", "0", "0.5", "10", "1e10", "0x10", "word", "1.3.0"] {
            assert!(!reads_differently(kept), "{kept}");
        }
    }

    #[test]
    fn recovered_text_loses_the_marks_of_a_string() {
        let recovered = |source| text(ScalarKind::Recovered, source).into_owned();
        assert_eq!(recovered("80GiB"), "80GiB");
        assert_eq!(recovered("\"open \\n"), "open \n");
        assert_eq!(recovered("r#\"raw \\n\"#"), "raw \\n");
        assert_eq!(recovered("\"\"\"one line\"\"\""), "one line");
    }
}
