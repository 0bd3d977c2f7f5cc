//! One written value: what KDL reads there, or what was meant by it.

use crate::lex::{self, Class, StringEnd};
use crate::parse::Parser;
use crate::scalar::{self, MultiLineFault};
use crate::space::MAX_FUTILE;
use crate::symbol::Symbol;
use crate::tree::ScalarKind;

/// Where a value stands, which decides what ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Name,
    Argument,
    /// After `name=`.
    Value,
    Annotation,
}

/// A value and what is wrong with it.
pub(crate) struct Scalar {
    pub(crate) kind: ScalarKind,
    pub(crate) lo: usize,
    pub(crate) hi: usize,
    pub(crate) fault: Fault,
}

/// Why KDL cannot read a value as it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Bare text that KDL cannot read bare.
    Bare,
    /// `true` where KDL 2 writes `#true`.
    Keyword,
    /// `r"…"` and `r#"…"#` of KDL 1.
    RawOfKdl1,
    Unclosed,
    Escape,
    MultiLine(MultiLineFault),
}

impl Parser<'_> {
    /// Reads one value. Whatever stands here is consumed, at least one character.
    #[inline]
    pub(crate) fn scalar(&mut self, place: Place) -> Scalar {
        let lo = self.at;
        match self.class() {
            Class::Word => self.word(place),
            Class::Quote => self.quoted(),
            Class::Hash => self.hash(place),
            _ => self.glued(lo, lo, place),
        }
    }

    #[inline]
    fn word(&mut self, place: Place) -> Scalar {
        let lo = self.at;
        let hi = lex::word_end(self.bytes, lo);
        let follower = self.bytes.get(hi).copied().unwrap_or(b' ');
        let names_property = follower == b'=' && place != Place::Value;
        if !names_property
            && matches!(follower, b'/' | b'#' | b'"' | b'(' | b')' | b'[' | b']' | b'\\' | b'=')
            && let Some(scalar) = self.word_goes_on(lo, hi, follower, place)
        {
            return scalar;
        }
        self.at = hi;
        let word = &self.bytes[lo..hi];
        let (kind, fault) = match word[0] {
            b'0'..=b'9' | b'+' | b'-' | b'.' | b't' | b'f' | b'n' | b'i' => classify(word),
            _ => (ScalarKind::Bare, Fault::None),
        };
        Scalar { kind, lo, hi, fault }
    }

    /// A word with something directly behind it that is no space: a longer value that KDL cannot read, mostly.
    #[cold]
    fn word_goes_on(&mut self, lo: usize, hi: usize, follower: u8, place: Place) -> Option<Scalar> {
        let next = self.bytes.get(hi + 1).copied();
        match follower {
            b'/' if matches!(next, Some(b'/' | b'*' | b'-')) => return None,
            b'"' | b'#' if &self.bytes[lo..hi] == b"r" => {
                if let Some(scalar) = self.raw_of_kdl_1(lo, hi) {
                    return Some(scalar);
                }
            }
            b'"' if self.quote_closes(hi) => return None,
            b')' if place == Place::Annotation => return None,
            b'\\' if self.escaped_line_end(hi).is_some() => return None,
            b'=' if place != Place::Value => return None,
            b'=' if matches!(
                lex::class(self.bytes, hi + 1).0,
                Class::Space | Class::Newline | Class::End
            ) =>
            {
                return None;
            }
            _ => {}
        }
        Some(self.glued(lo, hi, place))
    }

    /// Takes all up to the next separator as one value.
    fn glued(&mut self, lo: usize, from: usize, place: Place) -> Scalar {
        let mut at = from;
        loop {
            let (class, len) = lex::class(self.bytes, at);
            let goes_on = match class {
                Class::Word | Class::Hash | Class::Bracket | Class::OpenParen => true,
                Class::CloseParen => place != Place::Annotation,
                Class::Slash => !matches!(self.bytes.get(at + 1), Some(b'/' | b'*')) || at == lo,
                Class::Backslash => self.escaped_line_end(at).is_none(),
                Class::Quote => !self.quote_closes(at),
                Class::Equals => place == Place::Value || at == lo,
                _ => false,
            };
            if !goes_on && at > lo {
                break;
            }
            at += len.max(1);
            if class == Class::End {
                at = self.bytes.len();
                break;
            }
        }
        self.at = at;
        Scalar { kind: ScalarKind::Recovered, lo, hi: at, fault: Fault::Bare }
    }

    fn raw_of_kdl_1(&mut self, lo: usize, from: usize) -> Option<Scalar> {
        let hashes = lex::hashes(self.bytes, from);
        let quote = from + hashes;
        if self.bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let StringEnd::Closed(hi, _) = self.raw_end(quote, hashes) else { return None };
        self.at = hi;
        Some(Scalar { kind: ScalarKind::Recovered, lo, hi, fault: Fault::RawOfKdl1 })
    }

    fn quoted(&mut self) -> Scalar {
        let lo = self.at;
        if self.bytes[lo..].starts_with(b"\"\"\"") {
            return self.multi_line(lo, lo, 0);
        }
        match lex::quoted_end(self.bytes, lo) {
            StringEnd::Closed(hi, escapes) => {
                self.at = hi;
                if !escapes {
                    return Scalar { kind: ScalarKind::Quoted, lo, hi, fault: Fault::None };
                }
                let bad = !scalar::bad_escapes(&self.text[lo..hi]).is_empty();
                let fault = if bad { Fault::Escape } else { Fault::None };
                Scalar { kind: ScalarKind::Escaped, lo, hi, fault }
            }
            StringEnd::Open(end) => self.unclosed(lo, end),
        }
    }

    /// A one-line string that nothing closes: it ends with its line, or before the braces that close the line's blocks.
    fn unclosed(&mut self, lo: usize, end: usize) -> Scalar {
        let line = lex::line_end(self.bytes, lo).min(end);
        self.fragile |= line < end;
        let mut hi = self.text[..line].trim_end_matches([' ', '\t']).len().max(lo + 1);
        if let Some(before) = self.before_brace(lo + 1, hi, line) {
            self.at = before;
            return Scalar { kind: ScalarKind::Recovered, lo, hi: before, fault: Fault::Unclosed };
        }
        let open = self.blocks_opened_on_line(lo);
        for _ in 0..open {
            let Some(rest) = self.text[lo + 1..hi].strip_suffix('}') else { break };
            hi = lo + 1 + rest.trim_end_matches([' ', '\t', ';']).len();
        }
        self.at = hi;
        Scalar { kind: ScalarKind::Recovered, lo, hi, fault: Fault::Unclosed }
    }

    /// Where what nothing closes ends before the ` {` at the end of its line (`hi`, `line` with white space), which opens
    /// a block: the next line is indented.
    pub(crate) fn before_brace(&mut self, lo: usize, hi: usize, line: usize) -> Option<usize> {
        let text = self.text.get(lo..hi)?.strip_suffix('{')?;
        if !(text.is_empty() || text.ends_with([' ', '\t'])) {
            return None;
        }
        self.fragile = true;
        let next = line + lex::class(self.bytes, line).1;
        let inside = lex::space_end(self.bytes, next, false);
        let deeper = inside - next > self.indent as usize;
        deeper.then(|| lo + text.trim_end_matches([' ', '\t']).len())
    }

    /// `#` begins a keyword or a raw string.
    fn hash(&mut self, place: Place) -> Scalar {
        let lo = self.at;
        let hashes = lex::hashes(self.bytes, lo);
        let quote = lo + hashes;
        if self.bytes.get(quote) == Some(&b'"') {
            if self.bytes[quote..].starts_with(b"\"\"\"") {
                return self.multi_line(lo, quote, hashes);
            }
            return match self.raw_end(quote, hashes) {
                StringEnd::Closed(hi, _) => {
                    self.at = hi;
                    Scalar { kind: ScalarKind::Raw, lo, hi, fault: Fault::None }
                }
                StringEnd::Open(end) => self.unclosed(lo, end),
            };
        }
        let hi = lex::word_end(self.bytes, lo + 1);
        let kind = match &self.bytes[lo..hi] {
            b"#true" => ScalarKind::True,
            b"#false" => ScalarKind::False,
            b"#null" => ScalarKind::Null,
            b"#inf" | b"#-inf" | b"#nan" => ScalarKind::NotFinite,
            _ => return self.glued(lo, hi.max(lo + 1), place),
        };
        let follower = self.bytes.get(hi).copied().unwrap_or(b' ');
        let next = self.bytes.get(hi + 1).copied();
        let glued = match follower {
            b'/' => !matches!(next, Some(b'/' | b'*' | b'-')),
            b'#' | b'[' | b']' => true,
            _ => false,
        };
        if glued {
            return self.glued(lo, hi, place);
        }
        self.at = hi;
        Scalar { kind, lo, hi, fault: Fault::None }
    }

    /// A string of several lines whose first quote stands at `quote`.
    fn multi_line(&mut self, lo: usize, quote: usize, hashes: usize) -> Scalar {
        if lex::class(self.bytes, quote + 3).0 != Class::Newline {
            return self.multi_line_on_one_line(lo, quote, hashes);
        }
        let end = match self.futile {
            0..MAX_FUTILE if hashes == 0 => lex::multi_line_end(self.bytes, quote),
            0..MAX_FUTILE => lex::raw_end(self.bytes, quote, hashes, true),
            _ => StringEnd::Open(self.bytes.len()),
        };
        if let StringEnd::Closed(hi, _) = end {
            let fault = match scalar::multi_line(&self.text[lo..hi]) {
                Ok(_) => Fault::None,
                Err(fault) => Fault::MultiLine(fault),
            };
            if fault != Fault::MultiLine(MultiLineFault::CloseAfterText) {
                self.at = hi;
                return Scalar { kind: ScalarKind::MultiLine, lo, hi, fault };
            }
        }
        self.unclosed_multi_line(lo, quote, hashes)
    }

    /// Nothing closes the string, or what closes it belongs to another one: it ends with the lines indented below it.
    fn unclosed_multi_line(&mut self, lo: usize, quote: usize, hashes: usize) -> Scalar {
        self.fragile = true;
        self.futile += 1;
        let mut hi = quote + 3;
        let mut line = lex::line_end(self.bytes, hi);
        loop {
            let start = line + lex::class(self.bytes, line).1;
            let text = lex::space_end(self.bytes, start, false);
            let end = lex::line_end(self.bytes, text);
            if start >= self.bytes.len() || (end > text && text - start <= self.indent as usize) {
                break;
            }
            if end > text {
                hi = end;
            }
            line = end;
            let close = format!("\"\"\"{}", "#".repeat(hashes));
            if self.text[text..end].starts_with(&close) {
                hi = text + close.len();
                break;
            }
        }
        self.at = hi;
        let end = match hashes {
            0 => lex::multi_line_end(&self.bytes[..hi], quote),
            _ => lex::raw_end(&self.bytes[..hi], quote, hashes, true),
        };
        let closed = matches!(end, StringEnd::Closed(end, _) if end == hi);
        let closed = closed && scalar::multi_line(&self.text[lo..hi]).is_ok();
        let (kind, fault) = if closed {
            (ScalarKind::MultiLine, Fault::None)
        } else {
            (ScalarKind::Recovered, Fault::Unclosed)
        };
        Scalar { kind, lo, hi, fault }
    }

    /// `"""text"""` on one line.
    fn multi_line_on_one_line(&mut self, lo: usize, quote: usize, hashes: usize) -> Scalar {
        match lex::raw_end(self.bytes, quote, hashes, true) {
            StringEnd::Closed(hi, _) if lex::line_end(&self.bytes[..hi], quote) == hi => {
                self.at = hi;
                let fault = Fault::MultiLine(MultiLineFault::OneLine);
                Scalar { kind: ScalarKind::Recovered, lo, hi, fault }
            }
            _ => self.unclosed(lo, lex::line_end(self.bytes, quote)),
        }
    }

    /// Reads `(annotation)`. The outer option says whether there is one, the inner one its name, if it has one.
    #[expect(clippy::option_option, reason = "an annotation without a name is there, and was reported")]
    #[inline]
    pub(crate) fn annotation(&mut self) -> Option<Option<Symbol>> {
        (self.class() == Class::OpenParen).then(|| self.read_annotation())
    }

    fn read_annotation(&mut self) -> Option<Symbol> {
        let lo = self.at;
        self.at += 1;
        let spaced = self.node_space();
        if matches!(self.class(), Class::Word | Class::Quote | Class::Hash | Class::Bracket) {
            let name = self.scalar(Place::Annotation);
            self.node_space();
            if self.class() == Class::CloseParen {
                self.at += 1;
                self.last = self.at;
                self.report(&name, true);
                return Some(crate::scalar::symbol(name.kind, &self.text[name.lo..name.hi]));
            }
            // `( word` is a stray parenthesis before a word, `(word` an annotation half typed.
            self.at = if spaced { lo + 1 } else { name.hi };
        }
        let stop = |byte: &u8| matches!(byte, b'(' | b')' | b'{' | b'}' | b';' | b'"' | b'\n' | b'\r');
        let stop = self.bytes[self.at..].iter().position(stop).map_or(self.bytes.len(), |at| self.at + at);
        let closed = (self.bytes.get(stop) == Some(&b')')).then_some(stop);
        let hi = closed.map_or(self.at, |at| at + 1);
        let message = "a type annotation is one word in parentheses";
        self.error("syntax.annotation", lo, hi, message);
        if closed.is_none() && hi > lo + 1 {
            self.cure("close the annotation", &[(hi, hi, ")")]);
        } else {
            self.cure("remove the annotation", &[(lo, hi, "")]);
        }
        self.at = hi;
        self.last = hi;
        None
    }

    /// Says what is wrong with a value, or with a name that only a string may be.
    #[inline]
    pub(crate) fn report(&mut self, scalar: &Scalar, is_name: bool) {
        use ScalarKind::{False, NotFinite, Null, Number, True};
        let no_name = is_name && matches!(scalar.kind, Number | True | False | Null | NotFinite);
        if scalar.fault != Fault::None || no_name {
            self.report_fault(scalar, is_name);
        }
    }

    #[cold]
    fn report_fault(&mut self, scalar: &Scalar, is_name: bool) {
        let (lo, hi) = (scalar.lo, scalar.hi);
        let source = &self.text[lo..hi];
        let shown = clip(source);
        match scalar.fault {
            Fault::Keyword if !is_name => {
                self.error("syntax.quote", lo, hi, &format!("KDL writes `{shown}` as `#{shown}`"));
                self.cure(&format!("write `#{shown}`"), &[(lo, lo, "#")]);
            }
            Fault::None | Fault::Bare | Fault::Keyword => {
                let message = if is_name {
                    format!("`{shown}` is a name only in quotes")
                } else {
                    format!("`{shown}` is text, and KDL reads it only in quotes")
                };
                let text = quote(source);
                self.error("syntax.quote", lo, hi, &message);
                self.cure("quote it", &[(lo, hi, &text)]);
            }
            Fault::RawOfKdl1 => {
                let text = if source.starts_with("r\"") {
                    format!("#{}#", &source[1..])
                } else {
                    source[1..].to_owned()
                };
                self.error("syntax.quote", lo, hi, "raw strings begin with `#` in KDL 2, not with `r`");
                self.cure("write it for KDL 2", &[(lo, hi, &text)]);
            }
            Fault::Unclosed => self.report_unclosed(lo, hi),
            Fault::Escape => self.report_escape(lo, hi),
            Fault::MultiLine(fault) => self.report_multi_line(lo, hi, fault),
        }
    }

    fn report_unclosed(&mut self, lo: usize, hi: usize) {
        let source = &self.text[lo..hi];
        let hashes = lex::hashes(source.as_bytes(), 0);
        let several = source[hashes..].starts_with("\"\"\"");
        let signs = "#".repeat(hashes);
        self.error("syntax.unclosed-string", lo, hi, "the string has no closing quote");
        if !several {
            let text =
                if source.ends_with('\\') && hashes == 0 { "\\\"".to_owned() } else { format!("\"{signs}") };
            self.cure("close the string", &[(hi, hi, &text)]);
            return;
        }
        let lines: Vec<&str> = source.lines().skip(1).filter(|line| !line.trim().is_empty()).collect();
        let indent = lines.iter().map(|line| line.len() - line.trim_start_matches(' ').len()).min();
        let text = format!("\n{}\"\"\"{signs}", " ".repeat(indent.unwrap_or(0)));
        self.cure("close the string", &[(hi, hi, &text)]);
    }

    fn report_escape(&mut self, lo: usize, hi: usize) {
        let source = &self.text[lo..hi];
        let bad = scalar::bad_escapes(source);
        let Some(&(from, to)) = bad.first() else { return };
        let message = format!("KDL has no escape `{}`", clip(&source[from..to]));
        self.error("syntax.escape", lo + from, lo + to, &message);
        let edits: Vec<_> = bad.iter().map(|(from, _)| (lo + from, lo + from, "\\")).collect();
        self.cure("write the backslash itself", &edits);
    }

    fn report_multi_line(&mut self, lo: usize, hi: usize, fault: MultiLineFault) {
        let source = self.text[lo..hi].to_owned();
        match fault {
            MultiLineFault::OneLine => {
                let message = "`\"\"\"` begins a string of several lines, and a new line must follow it";
                self.error("syntax.multi-line-string", lo, hi, message);
                let hashes = lex::hashes(source.as_bytes(), 0);
                let inner = source.get(hashes + 3..source.len().saturating_sub(hashes + 3)).unwrap_or("");
                let plain = hashes == 0 && scalar::bad_escapes(inner).is_empty() && !inner.contains('"');
                let text = if plain { format!("\"{inner}\"") } else { quote(inner) };
                self.cure("write it on one line", &[(lo, hi, &text)]);
            }
            MultiLineFault::CloseAfterText | MultiLineFault::Indent => {
                let message = "each line must be indented at least as far as the closing quotes";
                self.error("syntax.multi-line-string", lo, hi, message);
                let edits = dedent_edits(&source, lo);
                let edits: Vec<_> = edits.iter().map(|(lo, hi, text)| (*lo, *hi, text.as_str())).collect();
                self.cure("indent the lines", &edits);
            }
        }
    }
}

/// Edits that give each line of a `"""` string at least the indentation of its last line.
fn dedent_edits(source: &str, lo: usize) -> Vec<(usize, usize, String)> {
    let last = source.rfind('\n').map_or(0, |at| at + 1);
    let prefix: String = source[last..].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    let mut edits = Vec::new();
    let mut at = source.find('\n').map_or(source.len(), |at| at + 1);
    for line in source[at..].split_inclusive('\n') {
        let text = line.trim_start_matches([' ', '\t']);
        if at < last && !text.trim().is_empty() && !line.starts_with(&prefix) {
            edits.push((lo + at, lo + at + line.len() - text.len(), prefix.clone()));
        }
        at += line.len();
    }
    edits
}

fn classify(word: &[u8]) -> (ScalarKind, Fault) {
    if lex::is_bare_word(word) {
        (ScalarKind::Bare, Fault::None)
    } else if lex::is_number(word) {
        (ScalarKind::Number, Fault::None)
    } else if matches!(word, b"true" | b"false" | b"null" | b"inf" | b"-inf" | b"nan") {
        (ScalarKind::Recovered, Fault::Keyword)
    } else {
        (ScalarKind::Recovered, Fault::Bare)
    }
}

/// The decoded text of a name, for a message.
pub(crate) fn scalar_name(text: &str, name: &Scalar) -> String {
    clip(&scalar::text(name.kind, &text[name.lo..name.hi]))
}

/// The text as a quoted string of KDL.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// At most forty characters of a text, for a message.
fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
