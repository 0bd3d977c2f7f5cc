//! Text → tokens. A minus inside of a name belongs to it; a unit belongs to its number.

use purlin_schema::units::Currency;

use super::fault::{Fault, LANGUAGE};

/// A token and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) place: (u32, u32),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum What {
    Name(Box<str>),
    Variable(Box<str>),
    Text(Box<str>),
    Int(i64),
    Number(f64),
    Amount(Box<str>),
    Sign(&'static str),
    End,
}

/// Longest first, where one begins another.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    "{", "}", ",", ".",
];

/// What a rate or a price may be per.
const PERIODS: [&str; 8] = ["s", "min", "h", "d", "hour", "day", "month", "year"];

/// Nouns that stand behind a number and a space.
const NOUNS: [&str; 4] = ["tokens", "steps", "parameters", "FLOP"];

/// All tokens of a text, and the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::with_capacity(text.len() / 4 + 2);
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let Some(first) = text[at..].chars().next() else {
            tokens.push(Token { what: What::End, place: (at as u32, at as u32) });
            return Ok(tokens);
        };
        let (what, length) = token(&text[at..], first)
            .map_err(|(message, length)| Fault::new(LANGUAGE, message, (at as u32, (at + length) as u32)))?;
        tokens.push(Token { what, place: (at as u32, (at + length) as u32) });
        at += length;
    }
}

type Wrong = (String, usize);

fn token(rest: &str, first: char) -> Result<(What, usize), Wrong> {
    let second = rest[first.len_utf8()..].chars().next();
    match first {
        '\'' | '"' => text(rest, first, false),
        'r' if matches!(second, Some('\'' | '"')) => match text(&rest[1..], second.unwrap_or('\''), true) {
            Ok((what, length)) => Ok((what, length + 1)),
            Err((message, length)) => Err((message, length + 1)),
        },
        '0'..='9' => number(rest),
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => number(rest),
        '$' => {
            let length = name(&rest[1..]);
            if length == 0 {
                return Err(("`$` stands before no name".to_owned(), 1));
            }
            Ok((What::Variable(rest[1..=length].into()), length + 1))
        }
        c if c.is_alphabetic() || c == '_' => {
            let length = name(rest);
            Ok((What::Name(rest[..length].into()), length))
        }
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => Ok((What::Sign(sign), sign.len())),
            None => Err(odd(rest, first)),
        },
    }
}

/// What people write who know another language.
fn odd(rest: &str, first: char) -> Wrong {
    let meant = match first {
        '&' => " (`&&` joins two conditions)",
        '|' => " (`||` joins two conditions)",
        '=' => " (`==` compares)",
        _ => "",
    };
    let shown: String = rest.chars().take(1).collect();
    (format!("`{}` means nothing in an expression{meant}", shown.escape_debug()), first.len_utf8())
}

/// The length of the name at the start: letters, digits, `_`, and `-` between two of them.
fn name(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = c == '-' && at > 0 && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || c == '_' || inner) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn text(rest: &str, quote: char, raw: bool) -> Result<(What, usize), Wrong> {
    let mut read = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((What::Text(read.into()), at + 1)),
            '\\' if !raw => match chars.next() {
                Some((_, 'n')) => read.push('\n'),
                Some((_, 't')) => read.push('\t'),
                Some((_, 'r')) => read.push('\r'),
                Some((_, c @ ('\\' | '\'' | '"' | '`' | '?'))) => read.push(c),
                Some((end, c)) => {
                    return Err((format!("`\\{c}` is no escape"), end + c.len_utf8()));
                }
                None => break,
            },
            c => read.push(c),
        }
    }
    Err(("a text is not closed".to_owned(), rest.len()))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn letters(text: &str) -> usize {
    text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len())
}

fn number(rest: &str) -> Result<(What, usize), Wrong> {
    if let Some(length) = date(rest) {
        return Ok((What::Amount(rest[..length].into()), length));
    }
    if let Some(hexadecimal) = rest.strip_prefix("0x") {
        let length = hexadecimal.bytes().take_while(u8::is_ascii_hexdigit).count();
        let value = i64::from_str_radix(&hexadecimal[..length], 16);
        return value
            .map(|value| (What::Int(value), length + 2))
            .map_err(|_| ("a number is too large".to_owned(), length + 2));
    }
    let mut end = digits(rest);
    let mut whole = true;
    while rest[end..].starts_with('.') && digits(&rest[end + 1..]) > 0 {
        if !whole {
            // A version: `2.1.0`.
            let after = &rest[end..];
            let end = end + after.find(|c: char| !(c.is_alphanumeric() || c == '.')).unwrap_or(after.len());
            return Ok((What::Amount(rest[..end].into()), end));
        }
        whole = false;
        end += 1 + digits(&rest[end + 1..]);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(&rest[end + 1 + sign..]);
        if exponent > 0 {
            whole = false;
            end += 1 + sign + exponent;
        }
    }
    let unit = unit(&rest[end..]);
    if unit > 0 {
        return Ok((What::Amount(rest[..end + unit].into()), end + unit));
    }
    let too_large = || ("a number is too large".to_owned(), end);
    if whole {
        return rest[..end].parse().map(|value| (What::Int(value), end)).map_err(|_| too_large());
    }
    match rest[..end].parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((What::Number(value), end)),
        _ => Err(too_large()),
    }
}

/// `2027-01-31`, with a time or without.
fn date(rest: &str) -> Option<usize> {
    let shape = rest.as_bytes().get(..10)?;
    let fits = shape.iter().enumerate().all(|(n, byte)| match n {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !fits || rest[10..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let time = rest[10..].strip_prefix('T').map_or(0, |time| {
        1 + time.find(|c: char| !(c.is_ascii_digit() || ":.Z+-".contains(c))).unwrap_or(time.len())
    });
    Some(10 + time)
}

/// The length of what belongs to the number before it: `GiB`, `%`, `GB/s`, `/s`, ` USD/h`, `B tokens`.
fn unit(rest: &str) -> usize {
    if let Some(after) = rest.strip_prefix('%') {
        let operand = after.starts_with(|c: char| c.is_alphanumeric() || "('\"[".contains(c));
        return usize::from(!operand);
    }
    let mut end = letters(rest);
    let scale = matches!(&rest[..end], "" | "K" | "M" | "B" | "T");
    if scale
        && let Some(after) = rest[end..].strip_prefix(' ')
        && let noun = name(after)
        && noun > 0
    {
        let word = &after[..noun];
        let per = periods(&after[noun..]);
        let known = NOUNS.contains(&word) || (end == 0 && Currency::of(word).is_some());
        if known || (per > 0 && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && word != "in") {
            return end + 1 + noun + per;
        }
    }
    end += periods(&rest[end..]);
    // `MB/s/TiB`: per second for each TiB.
    if end > 0 && rest[end..].starts_with("/TiB") {
        end += 4;
    }
    end
}

/// The length of `/s`.
fn periods(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('/') else { return 0 };
    let length = name(after);
    if PERIODS.contains(&&after[..length]) { length + 1 } else { 0 }
}
