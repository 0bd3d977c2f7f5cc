//! Which token stands on which line, recorded only when somebody asks.

use purlin_core::emit::tape::Tape;
use purlin_syntax::Span;

/// Hears where a printer begins each entry.
pub(crate) trait Trace {
    /// The entry of token `token` begins at byte `offset` of the text; `None` for what separates documents.
    fn at(&mut self, offset: usize, token: Option<usize>);
}

/// Nobody asks.
impl Trace for () {
    fn at(&mut self, _: usize, _: Option<usize>) {}
}

/// What a printer said, in the order of the text.
#[derive(Default)]
pub(crate) struct Marks(Vec<(usize, Option<usize>)>);

impl Trace for Marks {
    fn at(&mut self, offset: usize, token: Option<usize>) {
        self.0.push((offset, token));
    }
}

impl Marks {
    /// The origin of every line from byte `start` of the text on: that of the last entry which begins on it or before.
    /// A blank line has none.
    pub(crate) fn resolve(&self, tape: &Tape, text: &str, start: usize, lines: &mut Vec<Option<Span>>) {
        let spans = tape.inherited_spans();
        let mut marks = self.0.iter().peekable();
        let mut token = None;
        let mut offset = start;
        for line in text[start..].split_inclusive('\n') {
            offset += line.len();
            while let Some(mark) = marks.next_if(|mark| mark.0 < offset) {
                token = mark.1;
            }
            let blank = line.trim().is_empty();
            lines.push(token.filter(|_| !blank).and_then(|token| spans.get(token).copied().flatten()));
        }
    }
}
