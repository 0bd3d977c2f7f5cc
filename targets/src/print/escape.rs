//! Quoted text: what JSON, YAML, TOML and HCL escape alike, and what they do not.

/// Whose double-quoted string it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// Pairs of `\uXXXX` beyond the basic plane.
    Json,
    /// `\UXXXXXXXX` beyond the basic plane: YAML and TOML.
    Long,
    /// The same, and `${` and `%{` doubled.
    Hcl,
}

/// Bytes that cannot be copied into every quoted string as they are.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        stops[byte] = byte < 0x20 || byte >= 0x7f;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

/// Appends `"text"`.
pub(crate) fn push_quoted(out: &mut String, text: &str, quotes: Quotes) {
    out.push('"');
    push_escaped(out, text, quotes);
    out.push('"');
}

/// Appends the text as it stands between double quotes.
pub(crate) fn push_escaped(out: &mut String, text: &str, quotes: Quotes) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let sigil = quotes == Quotes::Hcl && matches!(byte, b'$' | b'%') && bytes.get(at + 1) == Some(&b'{');
        if !sigil && !STOPS[byte as usize] {
            at += 1;
            continue;
        }
        out.push_str(&text[copied..at]);
        at += if sigil {
            out.push(byte as char);
            out.push(byte as char);
            1
        } else {
            push_stopped(out, &text[at..], quotes)
        };
        copied = at;
    }
    out.push_str(&text[copied..]);
}

/// Appends the first character of `rest`, escaped where it has to be, and gives its length in bytes.
fn push_stopped(out: &mut String, rest: &str, quotes: Quotes) -> usize {
    let Some(c) = rest.chars().next() else { return 1 };
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if is_visible(c) => out.push(c),
        c => push_number(out, c, quotes),
    }
    c.len_utf8()
}

/// Appends a character by its number.
pub(crate) fn push_number(out: &mut String, c: char, quotes: Quotes) {
    if c as u32 > 0xffff && quotes != Quotes::Json {
        out.push_str("\\U");
        push_hex(out, c as u32, 8);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str("\\u");
        push_hex(out, u32::from(*unit), 4);
    }
}

fn push_hex(out: &mut String, number: u32, digits: u32) {
    for digit in (0..digits).rev() {
        let nibble = number >> (digit * 4) & 0xf;
        out.push(char::from_digit(nibble, 16).unwrap_or('0'));
    }
}

/// Whether a reader of the file sees the character as what it is: not a control, not a blank other than the space, not
/// zero-width, not one that turns the direction of the text, and one that every YAML reader accepts.
pub(crate) fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !hidden && !c.is_control() && !c.is_whitespace() && c as u32 & 0xfffe != 0xfffe
}

/// Appends `# text` and a new line; what a reader could not see becomes `?`.
pub(crate) fn push_comment(out: &mut String, text: &str) {
    out.push('#');
    if !text.is_empty() {
        out.push(' ');
    }
    out.extend(text.trim_end().chars().map(|c| if is_visible(c) { c } else { '?' }));
    out.push('\n');
}

/// Appends `levels` times two spaces.
pub(crate) fn push_indent(out: &mut String, levels: usize) {
    const SPACES: &str = "                                                                ";
    let mut left = levels * 2;
    while left > 0 {
        let now = left.min(SPACES.len());
        out.push_str(&SPACES[..now]);
        left -= now;
    }
}
