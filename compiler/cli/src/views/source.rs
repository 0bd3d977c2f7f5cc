//! A file as miette reads it: lines come out of the document's own table, what hides is escaped.

use std::borrow::Cow;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use purlin_core::source::File;
use purlin_syntax::{LineColumn, LineIndex};

use super::escape;

/// A line longer than this is not shown: only the place is.
const LONGEST: u32 = 600;

/// A file, ready to be shown.
pub(crate) struct Shown<'a> {
    name: String,
    text: Cow<'a, str>,
    lines: Cow<'a, LineIndex>,
    /// Where the escaped text has grown: byte of the original, and how much longer the text is from there on.
    grown: Vec<(u32, u32)>,
}

impl<'a> Shown<'a> {
    /// Escapes a file, if it has to be. The bytes of `secrets` are never shown.
    pub(crate) fn new(file: &'a File, secrets: &[(u32, u32)]) -> Shown<'a> {
        let name = escape::line(&file.path).into_owned();
        let text = masked(file.document.text(), secrets);
        if !any_hides(&text) {
            let lines = Cow::Borrowed(file.document.lines());
            return Shown { name, text, lines, grown: Vec::new() };
        }
        let text = text.as_ref();
        let mut out = String::with_capacity(text.len() + 64);
        let mut grown = Vec::new();
        for (at, c) in text.char_indices() {
            let hidden = hides(text, at, c);
            escape::push(&mut out, c, hidden);
            if hidden {
                let next = at + c.len_utf8();
                grown.push((next as u32, (out.len() - next) as u32));
            }
        }
        let lines = Cow::Owned(LineIndex::new(&out));
        Shown { name, text: Cow::Owned(out), lines, grown }
    }

    /// A range of the file as a range of what is shown, cut at the end of its first line.
    pub(crate) fn range(&self, lo: u32, hi: u32) -> (usize, usize) {
        let (lo, hi) = (self.offset(lo), self.offset(hi));
        let line = self.lines.position(lo).line;
        let end = self.lines.start(line) + self.lines.line(&self.text, line).map_or(0, str::len) as u32;
        let hi = if hi > end { end.max(lo) } else { hi };
        (lo as usize, (hi - lo) as usize)
    }

    /// Line and column, both from 1, the column in characters.
    pub(crate) fn place(&self, lo: u32) -> (u32, u32) {
        let LineColumn { line, column } = self.lines.position(self.offset(lo));
        let before = self.lines.line(&self.text, line).and_then(|text| text.get(..column as usize));
        (line + 1, before.map_or(column, |text| text.chars().count() as u32) + 1)
    }

    /// Whether the lines around a place are short enough to be shown.
    pub(crate) fn is_showable(&self, lo: u32) -> bool {
        let line = self.lines.position(self.offset(lo)).line;
        (line.saturating_sub(1)..=line + 1)
            .all(|line| self.lines.line(&self.text, line).is_none_or(|text| text.len() as u32 <= LONGEST))
    }

    fn offset(&self, at: u32) -> u32 {
        let before = self.grown.partition_point(|(from, _)| *from <= at);
        let grown = before.checked_sub(1).map_or(0, |last| self.grown[last].1);
        (at + grown).min(self.text.len() as u32)
    }
}

/// The text with as many stars in the place of each secret as it has bytes, so that places stay what they are.
pub(crate) fn masked<'t>(text: &'t str, secrets: &[(u32, u32)]) -> Cow<'t, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut secrets = secrets.to_vec();
    secrets.sort_unstable();
    let mut secrets = secrets.into_iter().peekable();
    // How far the secrets that have begun so far reach.
    let mut until = 0;
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        while let Some((_, hi)) = secrets.next_if(|(lo, _)| *lo as usize <= at) {
            until = until.max(hi as usize);
        }
        match c {
            '\n' | '\r' => out.push(c),
            c if at < until => out.extend(std::iter::repeat_n('*', c.len_utf8())),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether any character of a text hides. Plain ASCII, which is nearly all there is, is passed over as bytes.
fn any_hides(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let mut at = 0;
    while let Some(found) = text.as_bytes()[at..].iter().position(|byte| !plain(*byte)) {
        at += found;
        let Some(c) = text[at..].chars().next() else { break };
        if hides(text, at, c) {
            return true;
        }
        at += c.len_utf8();
    }
    false
}

/// Line ends (`\r\n` too) and tabs are what they are.
fn hides(text: &str, at: usize, c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
        c => escape::is_hidden(c),
    }
}

impl SourceCode for Shown<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let lo = span.offset().min(self.text.len()) as u32;
        let hi = (span.offset() + span.len()).min(self.text.len()) as u32;
        let first = self.lines.position(lo);
        let last = self.lines.position(hi).line;
        let from_line = first.line.saturating_sub(before as u32);
        let to_line = (last + after as u32).min(self.lines.count() - 1);
        // miette wants the bytes of the span itself where no context is asked.
        let (from, column) =
            if before == 0 { (lo, self.place_column(lo)) } else { (self.lines.start(from_line), 0) };
        let to = self.lines.start(to_line) + self.lines.line(&self.text, to_line).map_or(0, str::len) as u32;
        let data = self.text.as_bytes().get(from as usize..to as usize).ok_or(MietteError::OutOfBounds)?;
        let covered = SourceSpan::new((from as usize).into(), data.len());
        let line = if before == 0 { first.line } else { from_line };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            covered,
            line as usize,
            column,
            (to_line - line + 1) as usize,
        )))
    }
}

impl Shown<'_> {
    fn place_column(&self, lo: u32) -> usize {
        let LineColumn { line, column } = self.lines.position(lo);
        let before = self.lines.line(&self.text, line).and_then(|text| text.get(..column as usize));
        before.map_or(column as usize, |text| text.chars().count())
    }
}
