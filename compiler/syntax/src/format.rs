//! The formatter: indentation, spaces, line ends. It works on tokens, so every comment and every spelling stays.
//!
//! Four spaces a level, one space between entries, one blank line at most. A block that was written on one line stays
//! there while it fits, and so do nodes joined by `;`.

use crate::document::Document;
use crate::span::Range;
use crate::tokens::{Kind, Token, tokens};
use crate::tree::SyntaxError;

/// The longest line, in bytes, that a block on one line may make.
const WIDTH: usize = 160;

/// Deeper levels are not indented further: a hundred thousand of them would make gigabytes of spaces.
const MAX_INDENT: usize = 100;

/// Lays out a text. A text that is not valid KDL is refused with its errors, whose ranges count from its first byte.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let document = Document::parse(text.to_owned());
    let errors: Vec<SyntaxError> =
        document.errors().map(|(index, error)| absolute(error, document.items()[index].start)).collect();
    if errors.is_empty() { Ok(Writer::new(text).write()) } else { Err(errors) }
}

fn absolute(error: &SyntaxError, start: u32) -> SyntaxError {
    let shift = |range: Range| Range::new(range.lo + start, range.hi + start);
    let mut error = error.clone();
    error.range = shift(error.range);
    error.related = error.related.map(|(range, text)| (shift(range), text));
    error.cure = error
        .cure
        .map(|(title, edits)| (title, edits.into_iter().map(|(range, text)| (shift(range), text)).collect()));
    error
}

/// A block that is open, or the text itself.
#[derive(Clone, Copy)]
struct Frame {
    inline: bool,
    /// Written on one line, but too long for it: nodes joined by `;` are parted.
    split: bool,
    indent: usize,
}

/// What is known at a place between two tokens. Copied to try a line and come back.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each named")]
#[derive(Clone, Copy)]
struct State {
    next: usize,
    in_node: bool,
    /// The last token written; `Line` at the start of a line or of the text.
    last: Kind,
    /// Line ends met since the last token: 0, 1, or 2 for a blank line.
    lines: u8,
    /// Nothing of the block has been written yet.
    first: bool,
    /// A `;` ended the last node.
    semicolon: bool,
    /// The line may be gone on with `;`.
    joinable: bool,
    /// A slashdash waits for what it removes.
    slashdash: bool,
    /// A comment stands alone on its line so far, and a node may follow it there.
    comment_leads: bool,
    line_start: usize,
}

/// A line that is being tried.
#[derive(Clone, Copy)]
struct Trial {
    state: State,
    out: usize,
    depth: usize,
    /// Of a node behind a `;`; otherwise of a block.
    join: bool,
}

/// Why a trial failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    WrittenOnSeveralLines,
    TooLong,
}

struct Writer<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    out: String,
    frames: Vec<Frame>,
    state: State,
    trial: Option<Trial>,
    /// The last trial that failed: token and reason.
    failed: Option<(usize, Reason)>,
    /// An escaped line end that waits for a token to stand behind it, with the comments before its line end.
    escape: Option<Vec<Token>>,
}

impl<'t> Writer<'t> {
    fn new(text: &'t str) -> Writer<'t> {
        let state = State {
            next: 0,
            in_node: false,
            last: Kind::Line,
            lines: 0,
            first: true,
            semicolon: false,
            joinable: false,
            slashdash: false,
            comment_leads: false,
            line_start: 0,
        };
        Writer {
            text,
            tokens: tokens(text),
            out: String::with_capacity(text.len() + text.len() / 8),
            frames: vec![Frame { inline: false, split: false, indent: 0 }],
            state,
            trial: None,
            failed: None,
            escape: None,
        }
    }

    fn write(mut self) -> String {
        while let Some(&token) = self.tokens.get(self.state.next) {
            self.state.next += 1;
            let result = if self.state.in_node { self.within_node(token) } else { self.between_nodes(token) };
            if let Err(reason) = result.and_then(|()| self.check_width(token.kind)) {
                self.go_back(reason);
            }
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame { inline: false, split: false, indent: 0 })
    }

    fn source(&self, token: Token) -> &'t str {
        &self.text[token.lo as usize..token.hi as usize]
    }

    /// Fails a trial whose line has become too long. Comments at its end do not count.
    fn check_width(&self, kind: Kind) -> Result<(), Reason> {
        let long = self.out.len() - self.state.line_start > WIDTH;
        if self.trial.is_some() && long && kind != Kind::LineComment { Err(Reason::TooLong) } else { Ok(()) }
    }

    /// Undoes the line that was tried. Its first token is read again, and knows.
    fn go_back(&mut self, reason: Reason) {
        let Some(trial) = self.trial.take() else { return };
        self.state = trial.state;
        self.out.truncate(trial.out);
        self.frames.truncate(trial.depth);
        self.escape = None;
        self.failed = Some((trial.state.next, reason));
        self.state.next -= 1;
    }

    /// Begins a trial at the current token, unless one is under way or has failed just here.
    fn try_line(&mut self, join: bool) -> bool {
        if self.trial.is_some() {
            return true;
        }
        if self.failed.is_some_and(|(at, _)| at == self.state.next) {
            return false;
        }
        self.trial = Some(Trial { state: self.state, out: self.out.len(), depth: self.frames.len(), join });
        true
    }

    /// A token where a node may begin.
    fn between_nodes(&mut self, token: Token) -> Result<(), Reason> {
        match token.kind {
            Kind::Line | Kind::Blank | Kind::Escape => {
                if self.trial.is_some() {
                    return Err(Reason::WrittenOnSeveralLines);
                }
                let lines = if token.kind == Kind::Blank { 2 } else { 1 };
                self.state.lines = self.state.lines.max(lines);
            }
            Kind::LineComment | Kind::BlockComment => return self.comment_between(token),
            Kind::CloseBrace => return self.close_block(),
            Kind::End | Kind::Semicolon => {}
            _ => {
                self.begin_node();
                return self.within_node(token);
            }
        }
        Ok(())
    }

    fn comment_between(&mut self, token: Token) -> Result<(), Reason> {
        let source = self.source(token).trim_end();
        let several = token.kind == Kind::LineComment || has_line_end(source);
        if self.trial.is_some() && several {
            return Err(Reason::WrittenOnSeveralLines);
        }
        let at_start = self.out.is_empty();
        if self.state.lines == 0 && !at_start {
            self.out.push(' ');
        } else {
            self.new_line();
            self.state.comment_leads = true;
            self.state.first = false;
        }
        self.push(source);
        self.state.lines = u8::from(token.kind == Kind::LineComment);
        self.state.comment_leads &= token.kind == Kind::BlockComment;
        Ok(())
    }

    /// Writes what parts a node from what stands before it.
    fn begin_node(&mut self) {
        let frame = self.frame();
        if frame.inline {
            self.out.push_str(if self.state.first { " " } else { "; " });
        } else if self.state.comment_leads && self.state.lines == 0 {
            self.out.push(' ');
        } else if self.state.lines == 0
            && self.state.semicolon
            && self.state.joinable
            && !frame.split
            && self.try_line(true)
        {
            self.out.push_str("; ");
        } else {
            self.new_line();
        }
        self.state.comment_leads = false;
        self.state.in_node = true;
        self.state.last = Kind::Line;
        self.state.lines = 0;
        self.state.first = false;
        self.state.semicolon = false;
        self.state.joinable = true;
    }

    fn end_node(&mut self) {
        self.state.in_node = false;
        self.state.slashdash = false;
        if self.trial.is_some_and(|trial| trial.join && trial.depth == self.frames.len()) {
            self.trial = None;
        }
    }

    /// Begins a line of the block, after a blank one where the source has one.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.state.lines > 1 && !self.state.first {
                self.out.push('\n');
            }
        }
        self.indent(self.frame().indent);
    }

    fn indent(&mut self, levels: usize) {
        self.state.line_start = self.out.len();
        for _ in 0..levels.min(MAX_INDENT) {
            self.out.push_str("    ");
        }
    }

    /// Writes a token's source, which may hold line ends.
    fn push(&mut self, source: &str) {
        self.out.push_str(source);
        if let Some(at) = memchr::memrchr(b'\n', source.as_bytes()) {
            self.state.line_start = self.out.len() - (source.len() - at - 1);
        }
    }

    /// A token within a node.
    fn within_node(&mut self, token: Token) -> Result<(), Reason> {
        match token.kind {
            Kind::Line | Kind::Blank if self.state.slashdash => self.refuse_in_trial(),
            Kind::Line | Kind::Blank => {
                self.write_waiting_comments();
                let lines = if token.kind == Kind::Blank { 2 } else { 1 };
                self.state.lines = lines;
                self.end_node();
                let inside = self.trial.is_some();
                if inside { Err(Reason::WrittenOnSeveralLines) } else { Ok(()) }
            }
            Kind::Escape => {
                self.refuse_in_trial()?;
                self.escape.get_or_insert_default();
                Ok(())
            }
            Kind::LineComment => self.line_comment(token),
            Kind::Semicolon => {
                self.write_waiting_comments();
                self.state.semicolon = true;
                self.end_node();
                Ok(())
            }
            Kind::End | Kind::CloseBrace => {
                self.write_waiting_comments();
                self.end_node();
                if token.kind == Kind::CloseBrace { self.close_block() } else { Ok(()) }
            }
            Kind::OpenBrace => {
                self.open_block(token);
                Ok(())
            }
            _ => self.entry_token(token),
        }
    }

    fn refuse_in_trial(&self) -> Result<(), Reason> {
        if self.trial.is_some() { Err(Reason::WrittenOnSeveralLines) } else { Ok(()) }
    }

    fn line_comment(&mut self, token: Token) -> Result<(), Reason> {
        if let Some(waiting) = &mut self.escape
            && self.text[..token.lo as usize].trim_end_matches([' ', '\t']).ends_with('\\')
        {
            waiting.push(token);
            return Ok(());
        }
        if self.state.slashdash {
            self.refuse_in_trial()?;
            self.out.push(' ');
            self.push(self.source(token).trim_end());
            self.continuation_line();
            return Ok(());
        }
        let join = self.trial.is_some_and(|trial| trial.join && trial.depth == self.frames.len());
        if !join {
            self.refuse_in_trial()?;
        }
        self.write_waiting_comments();
        self.out.push(' ');
        self.push(self.source(token).trim_end());
        self.state.lines = 1;
        self.end_node();
        Ok(())
    }

    /// Ends a node behind an escaped line end: the backslash goes, its comments stay.
    fn write_waiting_comments(&mut self) {
        for (index, comment) in self.escape.take().unwrap_or_default().into_iter().enumerate() {
            if index == 0 {
                self.out.push(' ');
            } else {
                self.out.push('\n');
                self.indent(self.frame().indent);
            }
            self.push(self.source(comment).trim_end());
            self.state.joinable = false;
        }
    }

    fn continuation_line(&mut self) {
        self.out.push('\n');
        self.indent(self.frame().indent + 1);
        self.state.last = Kind::Line;
    }

    /// Goes on behind an escaped line end.
    fn write_escape(&mut self, token: Token) {
        let Some(comments) = self.escape.take() else { return };
        let glued = matches!(self.state.last, Kind::OpenParen | Kind::CloseParen | Kind::Equals)
            || matches!(token.kind, Kind::CloseParen | Kind::Equals)
            || self.state.slashdash;
        if comments.is_empty() && glued {
            return;
        }
        if comments.is_empty() {
            self.out.push_str(" \\");
            self.continuation_line();
        }
        for comment in comments {
            self.out.push_str(if self.state.last == Kind::Line { "\\ " } else { " \\ " });
            self.push(self.source(comment).trim_end());
            self.continuation_line();
        }
    }

    fn entry_token(&mut self, token: Token) -> Result<(), Reason> {
        self.write_escape(token);
        let source = self.source(token);
        let long = token.kind == Kind::BlockComment || source.starts_with(['"', '#']);
        if self.trial.is_some() && (source.len() > WIDTH || long && has_line_end(source)) {
            return Err(Reason::TooLong);
        }
        self.space_before(token);
        if long {
            self.push(source);
        } else {
            self.out.push_str(source);
        }
        self.state.last = token.kind;
        match token.kind {
            Kind::Slashdash => self.state.slashdash = true,
            Kind::BlockComment => {}
            _ => self.state.slashdash = false,
        }
        Ok(())
    }

    fn space_before(&mut self, token: Token) {
        let touches = self.text[..token.lo as usize].ends_with("/-");
        let opens = matches!(self.state.last, Kind::Line | Kind::OpenParen | Kind::CloseParen | Kind::Equals);
        let closes = matches!(token.kind, Kind::CloseParen | Kind::Equals);
        let none = opens || closes || self.state.last == Kind::Slashdash && touches;
        if !none {
            self.out.push(' ');
        }
    }

    fn open_block(&mut self, token: Token) {
        self.write_escape(token);
        self.space_before(token);
        let indent = self.frame().indent;
        self.state.slashdash = false;
        self.state.last = Kind::OpenBrace;
        if let Some(skipped) = self.empty_block() {
            self.out.push_str("{}");
            self.state.last = Kind::CloseBrace;
            self.state.next = skipped;
            return;
        }
        let inline = self.try_block();
        let split = self.failed == Some((self.state.next, Reason::TooLong)) && !inline;
        self.out.push('{');
        self.frames.push(Frame { inline, split, indent: if inline { indent } else { indent + 1 } });
        self.state.in_node = false;
        self.state.lines = 0;
        self.state.first = true;
        self.state.semicolon = false;
    }

    /// [`Writer::try_line`] for a block. Coming back must not write the space before the brace twice.
    fn try_block(&mut self) -> bool {
        let began = self.trial.is_none();
        let inline = self.try_line(false);
        if began && let Some(trial) = &mut self.trial {
            trial.state.last = Kind::Line;
        }
        inline
    }

    /// Where reading goes on behind a block that holds nothing at all.
    fn empty_block(&self) -> Option<usize> {
        let next = match self.tokens.get(self.state.next)?.kind {
            Kind::Line | Kind::Blank => self.state.next + 1,
            _ => self.state.next,
        };
        (self.tokens.get(next)?.kind == Kind::CloseBrace).then_some(next + 1)
    }

    fn close_block(&mut self) -> Result<(), Reason> {
        if self.frames.len() < 2 {
            return Ok(());
        }
        let frame = self.frame();
        self.frames.pop();
        if frame.inline {
            self.out.push_str(" }");
        } else {
            self.state.lines = 1;
            self.new_line();
            self.out.push('}');
            self.state.joinable = false;
        }
        self.state.in_node = true;
        self.state.last = Kind::CloseBrace;
        self.state.lines = 0;
        self.state.first = false;
        self.state.comment_leads = false;
        if self.trial.is_some_and(|trial| !trial.join && trial.depth == self.frames.len()) {
            self.check_width(Kind::CloseBrace)?;
            self.trial = None;
        }
        Ok(())
    }
}

fn has_line_end(source: &str) -> bool {
    memchr::memchr2(b'\n', b'\r', source.as_bytes()).is_some()
        || crate::lex::line_end(source.as_bytes(), 0) < source.len()
}
