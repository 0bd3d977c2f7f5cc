//! Errors while an item is read, and which of them are told.
//!
//! Half-typed text makes several errors where one mistake was made: a quote that nothing closes leaves words side by
//! side, an open parenthesis leaves a value missing. What follows a broken structure on its line is not told.

use crate::parse::Parser;
use crate::span::Range;
use crate::tree::SyntaxError;

/// Errors kept per text; a note says when there are more.
pub(crate) const MAX_ERRORS: usize = 1000;

/// Rules about one value each: several of them on a line are several mistakes.
const OF_ONE_VALUE: [&str; 6] = [
    "syntax.quote",
    "syntax.escape",
    "syntax.multi-line-string",
    "syntax.interpolation-unquoted",
    "syntax.missing-value",
    "syntax.equals-after-name",
];

/// An error this close behind an `=` that stands wrongly is a consequence of it: `name=(`, `name=${`.
const BESIDE: u32 = 2;

impl Parser<'_> {
    /// Reports an error; its range is absolute until the item is finished.
    pub(crate) fn error(&mut self, rule: &'static str, lo: usize, hi: usize, message: &str) {
        self.muted = self.room == 0 || self.errors.len() >= MAX_ERRORS;
        if self.muted {
            return;
        }
        self.errors.push(SyntaxError {
            rule,
            message: message.to_owned(),
            range: Range::new(lo as u32, hi as u32),
            related: None,
            cure: None,
        });
    }

    /// Gives the last error its cure; the ranges are absolute.
    pub(crate) fn cure(&mut self, title: &str, edits: &[(usize, usize, &str)]) {
        let muted = self.muted;
        if let Some(error) = self.errors.last_mut().filter(|_| !muted) {
            let edits =
                edits.iter().map(|(lo, hi, text)| (Range::new(*lo as u32, *hi as u32), (*text).to_owned()));
            error.cure = Some((title.to_owned(), edits.collect()));
        }
    }

    /// The errors of the item at `base`, in source order, as many as there is room for; their ranges count from `base`.
    pub(crate) fn take_errors(&mut self, base: usize) -> Box<[SyntaxError]> {
        if self.errors.is_empty() {
            return Box::default();
        }
        let mut taken = std::mem::take(&mut self.errors);
        taken.sort_by_key(|error| (error.range.lo, error.range.hi));
        if taken.len() > 1 && taken.len() < MAX_ERRORS {
            taken = without_consequences(taken, self.bytes);
        }
        if taken.len() >= self.room {
            taken.truncate(self.room);
            if let Some(last) = taken.last_mut() {
                let message = "this text has more errors than are shown".to_owned();
                let range = last.range;
                *last = SyntaxError { rule: "syntax.too-many", message, range, related: None, cure: None };
            }
        }
        self.room -= taken.len();
        let shift = |range: &mut Range| {
            *range = Range::new(range.lo.saturating_sub(base as u32), range.hi.saturating_sub(base as u32));
        };
        for error in &mut taken {
            shift(&mut error.range);
            error.related.iter_mut().for_each(|(range, _)| shift(range));
            error.cure.iter_mut().flat_map(|(_, edits)| edits).for_each(|(range, _)| shift(range));
        }
        taken.into_boxed_slice()
    }
}

impl SyntaxError {
    /// Whether what follows on the line may be read wrongly because of it.
    pub fn breaks_structure(&self) -> bool {
        !OF_ONE_VALUE.contains(&self.rule)
    }
}

/// Leaves one error of a broken structure on a line, and none that follows from it.
fn without_consequences(errors: Vec<SyntaxError>, bytes: &[u8]) -> Vec<SyntaxError> {
    let mut kept: Vec<SyntaxError> = Vec::with_capacity(errors.len());
    // Index in `kept` of the first error of the current line, and whether its structure is broken.
    let (mut line, mut broken) = (0, false);
    let mut before = 0;
    for error in errors {
        let at = (error.range.lo as usize).min(bytes.len());
        if memchr::memchr(b'\n', &bytes[before..at]).is_some() {
            (line, broken) = (kept.len(), false);
        }
        before = at;
        if error.rule == "syntax.unclosed-string" && !kept[line..].iter().any(|e| e.rule == error.rule) {
            // Every quote of the line may stand on the wrong side.
            kept.truncate(line);
            kept.push(error);
            broken = true;
            continue;
        }
        let of_one_value = !error.breaks_structure();
        let beside = kept[line..].last().is_some_and(|last| {
            last.range.lo == error.range.lo
                || last.rule == "syntax.equals-after-name" && error.range.lo <= last.range.hi + BESIDE
        });
        let follows = broken || beside && (!of_one_value || error.rule == "syntax.missing-value");
        broken |= !of_one_value;
        if !follows {
            kept.push(error);
        }
    }
    kept
}
