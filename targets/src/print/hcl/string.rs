//! Text in HCL: keys, heredocs, and text with expressions in it.

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};

use crate::print::escape::{Quotes, is_visible, push_escaped, push_indent, push_number, push_quoted};

/// Appends a key: in a body as it is, in an object without quotes where it is a name.
pub(super) fn push_key(out: &mut String, key: &str, bare: bool) {
    if bare || is_name(key) {
        out.push_str(key);
    } else if is_wide(key) {
        let mut quoted = String::new();
        push_quoted(&mut quoted, key, Quotes::Hcl);
        for c in quoted.chars() {
            if c < WIDE { out.push(c) } else { push_number(out, c, Quotes::Hcl) }
        }
    } else {
        push_quoted(out, key, Quotes::Hcl);
    }
}

/// How many columns `terraform fmt` counts for the key.
pub(super) fn key_width(key: &str, bare: bool) -> usize {
    if bare || is_name(key) {
        return key.len();
    }
    if key.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'{')) {
        return key.len() + 2;
    }
    let mut printed = String::new();
    push_key(&mut printed, key, bare);
    printed.chars().count()
}

/// From here on a character may join its neighbour in one column; in a key it is written by its number.
const WIDE: char = '\u{300}';

fn is_wide(key: &str) -> bool {
    key.chars().any(|c| c >= WIDE)
}

/// Whether an object's key needs no quotes: a name that is no word of the language.
fn is_name(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && !matches!(key, "for" | "if" | "in" | "true" | "false" | "null")
}

/// Whether text says the same as a heredoc: whole lines, all visible, none of blanks only, one at least not indented (so
/// that the indentation of the heredoc itself is what the reader takes away).
pub(super) fn is_heredoc(text: &str) -> bool {
    text.ends_with('\n') && are_heredoc_lines(text) && text.lines().any(is_flush)
}

fn are_heredoc_lines(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || c == '\t' || is_visible(c))
        && text.lines().all(|line| line.is_empty() || !line.trim().is_empty())
        && !text.contains("$${")
        && !text.contains("%%{")
}

fn is_flush(line: &str) -> bool {
    line.chars().next().is_some_and(|c| !c.is_whitespace())
}

/// Appends a heredoc, up to its closing word: pieces of text (`true`) and expressions.
pub(super) fn push_heredoc(out: &mut String, level: usize, pieces: &[(&str, bool)]) {
    let word = closing_word(pieces);
    out.push_str("<<-");
    out.push_str(&word);
    out.push('\n');
    let mut begun = false;
    for &(piece, is_text) in pieces {
        if !is_text {
            start(out, level, &mut begun);
            out.push_str("${");
            out.push_str(piece);
            out.push('}');
            continue;
        }
        for line in piece.split_inclusive('\n') {
            if line != "\n" {
                start(out, level, &mut begun);
            }
            push_sigils(out, line);
            begun = !line.ends_with('\n');
        }
    }
    push_indent(out, level);
    out.push_str(&word);
}

fn start(out: &mut String, level: usize, begun: &mut bool) {
    if !*begun {
        push_indent(out, level + 1);
        *begun = true;
    }
}

/// Appends text with `${` and `%{` doubled, the only escapes of a heredoc.
fn push_sigils(out: &mut String, text: &str) {
    let mut copied = 0;
    for (at, _) in text.match_indices('{') {
        let before = &text[copied..at];
        out.push_str(before);
        if before.ends_with(['$', '%']) {
            out.push_str(&before[before.len() - 1..]);
        }
        copied = at;
    }
    out.push_str(&text[copied..]);
}

/// `EOT`, or with as many underscores as it takes to be no line of the text.
fn closing_word(pieces: &[(&str, bool)]) -> String {
    let mut word = String::from("EOT");
    while pieces.iter().any(|(piece, _)| piece.lines().any(|line| line.trim() == word)) {
        word.push('_');
    }
    word
}

/// Appends text with expressions in it. One expression alone stands without quotes, as `terraform fmt` has it; whole
/// lines are a heredoc where `level` allows one.
pub(super) fn push_template(out: &mut String, tape: &Tape, pieces: &[Token], level: Option<usize>) {
    if let [only] = pieces
        && only.kind == Kind::Leaf(LeafKind::Expr)
    {
        out.push_str(tape.text(*only));
        return;
    }
    if let Some(level) = level
        && let Some(pieces) = heredoc_pieces(tape, pieces)
    {
        push_heredoc(out, level, &pieces);
        return;
    }
    out.push('"');
    for (index, piece) in pieces.iter().enumerate() {
        let text = tape.text(*piece);
        if piece.kind == Kind::Leaf(LeafKind::Expr) {
            out.push_str("${");
            out.push_str(text);
            out.push('}');
        } else {
            push_piece(out, text, index + 1 == pieces.len());
        }
    }
    out.push('"');
}

/// Appends text between quotes; a `$` or `%` at its end may not join what follows.
fn push_piece(out: &mut String, text: &str, is_last: bool) {
    match text.chars().next_back() {
        Some(sigil @ ('$' | '%')) if !is_last => {
            push_escaped(out, &text[..text.len() - 1], Quotes::Hcl);
            push_number(out, sigil, Quotes::Hcl);
        }
        _ => push_escaped(out, text, Quotes::Hcl),
    }
}

/// The pieces, if they are whole lines that a heredoc can say.
fn heredoc_pieces<'a>(tape: &'a Tape, pieces: &[Token]) -> Option<Vec<(&'a str, bool)>> {
    let pieces: Vec<(&str, bool)> =
        pieces.iter().map(|piece| (tape.text(*piece), piece.kind == Kind::Leaf(LeafKind::Str))).collect();
    let mut line = String::new();
    for &(piece, is_text) in &pieces {
        if is_text && piece.ends_with(['$', '%']) {
            return None;
        }
        line.push_str(if is_text { piece } else { "x" });
    }
    (pieces.last()?.1 && is_heredoc(&line)).then_some(pieces)
}
