//! A text as a list of items, kept up to date under edits.

use std::hash::Hasher;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::errors::MAX_ERRORS;
use crate::lex;
use crate::lines::LineIndex;
use crate::parse::{BOM, Next, Parsed, Parser};
use crate::tree::{SyntaxError, Tree};

/// A text, its items and its lines.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    items: Vec<Item>,
    lines: LineIndex,
    /// An item's extent depends on more than its own text, so an edit re-reads everything.
    fragile: bool,
    /// Number of errors in all items.
    errors: usize,
}

/// A top-level node, or an error outside all nodes (its tree then has no node).
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its first byte in the text.
    pub start: u32,
    /// Its length in bytes, from its first to its last token.
    pub len: u32,
    /// What it says; ranges count from `start`.
    pub tree: Arc<Tree>,
    /// Hash of its bytes, the same in every process.
    pub hash: u64,
}

/// What an edit did to the list of items; everything outside the two ranges is the same tree as before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Splice {
    /// Indices, before the edit, of the items that went.
    pub removed: Range<usize>,
    /// Indices, after the edit, of the items that came.
    pub inserted: Range<usize>,
}

/// The one tree that says nothing.
fn nothing() -> Arc<Tree> {
    static NOTHING: LazyLock<Arc<Tree>> = LazyLock::new(Arc::default);
    NOTHING.clone()
}

impl Document {
    /// Reads a text; whatever it holds, there is a document.
    pub fn parse(text: String) -> Document {
        let lines = LineIndex::new(&text);
        let mut document = Document { text, items: Vec::new(), lines, fragile: false, errors: 0 };
        document.read_all();
        document
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The items in source order; they do not overlap.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The text of an item; empty where there is no such item.
    pub fn item_text(&self, index: usize) -> &str {
        self.items
            .get(index)
            .map_or("", |item| &self.text[item.start as usize..(item.start + item.len) as usize])
    }

    /// Takes the tree out of an item, for a document that is read once and not going to be edited.
    pub fn take_tree(&mut self, index: usize) -> Option<Arc<Tree>> {
        let item = self.items.get_mut(index)?;
        Some(std::mem::replace(&mut item.tree, nothing()))
    }

    /// The line table.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Every error with the index of its item, in source order; ranges count from the item's start.
    pub fn errors(&self) -> impl Iterator<Item = (usize, &SyntaxError)> {
        let with_errors = self.items.iter().enumerate();
        with_errors.flat_map(|(index, item)| item.tree.errors.iter().map(move |error| (index, error)))
    }

    /// Index of the item that holds the byte at `offset`, or touches it from the left.
    pub fn item_at(&self, offset: u32) -> Option<usize> {
        let index = self.items.partition_point(|item| item.start <= offset).checked_sub(1)?;
        let item = &self.items[index];
        (offset <= item.start + item.len).then_some(index)
    }

    /// Replaces the bytes from `lo` to `hi` (moved down to the nearest character boundaries) by `new`.
    ///
    /// The result equals a fresh [`Document::parse`] of the new text; items outside the splice keep their trees.
    pub fn edit(&mut self, lo: u32, hi: u32, new: &str) -> Splice {
        let lo = floor_boundary(&self.text, lo as usize);
        let hi = floor_boundary(&self.text, (hi as usize).max(lo));
        let doubtful = self.fragile || lex::forbidden(new.as_bytes(), 0).is_some() || lo < BOM.len();
        self.lines.edit(&self.text, lo, hi, new);
        self.text.replace_range(lo..hi, new);
        if !doubtful && let Some(splice) = self.read_again(lo, hi, new.len()) {
            return splice;
        }
        let old = std::mem::take(&mut self.items);
        self.read_all();
        self.keep_old_trees(&old)
    }

    /// Reads the items that an edit can have touched; none where the neighbourhood does not decide.
    fn read_again(&mut self, lo: usize, hi: usize, new_len: usize) -> Option<Splice> {
        let first = self.items.partition_point(|item| (item.start as usize) < lo).saturating_sub(1);
        let from = self.items.get(first).map_or(0, |item| item.start as usize).min(lo);
        let from = if first == 0 { 0 } else { from };
        let gone = hi - lo;
        let mut parser = Parser::new(&self.text, from);
        let mut came: Vec<Item> = Vec::new();
        let mut old = self.items.partition_point(|item| (item.start as usize) < hi);
        loop {
            let between = parser.skip_to_item();
            if parser.fragile {
                return None;
            }
            came.extend(between.map(|parsed| item(&self.text, parsed)));
            if parser.at >= lo + new_len {
                let old_at = (parser.at - new_len + gone) as u32;
                while self.items.get(old).is_some_and(|item| item.start < old_at) {
                    old += 1;
                }
                if self.items.get(old).is_some_and(|item| item.start == old_at) {
                    break;
                }
            }
            match parser.item() {
                Next::Item(parsed) => {
                    parser.fragile |= shares_line(&parsed);
                    came.extend(keep(parsed).map(|parsed| item(&self.text, parsed)));
                }
                Next::StrayBrace(_) => return None,
                Next::End => {
                    old = self.items.len();
                    break;
                }
            }
            if parser.fragile {
                return None;
            }
        }
        let went: usize = self.items[first..old].iter().map(|item| item.tree.errors.len()).sum();
        let arrived: usize = came.iter().map(|item| item.tree.errors.len()).sum();
        if self.errors.max(self.errors - went + arrived) >= MAX_ERRORS {
            return None;
        }
        self.errors = self.errors - went + arrived;
        for item in &mut self.items[old..] {
            item.start = item.start - gone as u32 + new_len as u32;
        }
        let inserted = first..first + came.len();
        self.items.splice(first..old, came);
        Some(Splice { removed: first..old, inserted })
    }

    fn read_all(&mut self) {
        let mut parser = Parser::new(&self.text, 0);
        let mut read: Vec<Parsed> = Vec::new();
        // End of the last line on which the structure is broken.
        let mut upset = 0;
        loop {
            read.extend(parser.skip_to_item());
            match parser.item() {
                Next::Item(mut parsed) => {
                    if shares_line(&parsed) {
                        parser.fragile = true;
                        parser.room += drop_consequences(&mut parsed, upset);
                    }
                    upset = upset.max(upset_line(&self.text, &parsed));
                    read.extend(keep(parsed));
                }
                Next::StrayBrace(at) => {
                    parser.fragile = true;
                    stray_brace(&mut parser, &mut read, at, upset);
                    upset = upset.max(read.last().map_or(0, |parsed| upset_line(&self.text, parsed)));
                }
                Next::End => break,
            }
        }
        self.fragile = parser.fragile;
        let start = if self.text.as_bytes().starts_with(BOM) { BOM.len() } else { 0 };
        if lex::forbidden(self.text.as_bytes(), start).is_some() {
            self.fragile = true;
            read = with_forbidden(&self.text, start, read, parser.room);
        }
        self.errors = read.iter().map(|parsed| parsed.tree.errors.len()).sum();
        let text = &self.text;
        self.items = read.into_iter().map(|parsed| item(text, parsed)).collect();
    }

    /// Gives items that are the same as before at either end of the list their old trees.
    fn keep_old_trees(&mut self, old: &[Item]) -> Splice {
        let same = |a: &Item, b: &Item| a.hash == b.hash && a.len == b.len && a.tree == b.tree;
        let shorter = old.len().min(self.items.len());
        let mut front = 0;
        while front < shorter && same(&old[front], &self.items[front]) {
            self.items[front].tree = Arc::clone(&old[front].tree);
            front += 1;
        }
        let mut back = 0;
        while back < shorter - front {
            let (was, is) = (&old[old.len() - 1 - back], self.items.len() - 1 - back);
            if !same(was, &self.items[is]) {
                break;
            }
            self.items[is].tree = Arc::clone(&was.tree);
            back += 1;
        }
        Splice { removed: front..old.len() - back, inserted: front..self.items.len() - back }
    }
}

/// What was read, unless a slashdash removed it without an error.
fn keep(parsed: Parsed) -> Option<Parsed> {
    (!parsed.tree.nodes.is_empty() || !parsed.tree.errors.is_empty()).then_some(parsed)
}

fn item(text: &str, parsed: Parsed) -> Item {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(&text.as_bytes()[parsed.lo..parsed.hi]);
    Item {
        start: parsed.lo as u32,
        len: (parsed.hi - parsed.lo) as u32,
        tree: Arc::new(parsed.tree),
        hash: hasher.finish(),
    }
}

/// Whether an item with errors does not begin its line: what stands before it there may have caused them.
fn shares_line(parsed: &Parsed) -> bool {
    parsed.column.is_none() && !parsed.tree.errors.is_empty()
}

/// Takes back the errors of an item that stand on the line that ends at `upset`, where an item before has caused them:
/// so many.
fn drop_consequences(parsed: &mut Parsed, upset: usize) -> usize {
    let count = parsed.tree.errors.len();
    if parsed.lo < upset {
        let caused = |error: &SyntaxError| parsed.lo + (error.range.lo as usize) < upset;
        let errors = std::mem::take(&mut parsed.tree.errors).into_vec();
        parsed.tree.errors = errors.into_iter().filter(|error| !caused(error)).collect();
    }
    count - parsed.tree.errors.len()
}

/// End of the line of the last error of an item, if that broke its structure.
fn upset_line(text: &str, parsed: &Parsed) -> usize {
    let last = parsed.tree.errors.last().filter(|error| error.breaks_structure());
    last.map_or(0, |error| lex::line_end(text.as_bytes(), parsed.lo + error.range.lo as usize))
}

/// A `}` that closes nothing: a brace is missing before it, or one too many was read.
fn stray_brace(parser: &mut Parser<'_>, read: &mut Vec<Parsed>, brace: usize, upset: usize) {
    if !missing_brace(parser, read, brace) && !extra_brace(parser, read, brace) {
        let owner_broken = owner(parser, read)
            .is_some_and(|index| read[index].tree.errors.iter().any(SyntaxError::breaks_structure));
        let mut stray = parser.stray_brace();
        let upset = if owner_broken { usize::MAX } else { upset };
        parser.room += drop_consequences(&mut stray, upset);
        match read.last_mut() {
            Some(before) if stray.tree.errors.is_empty() => before.hi = stray.hi,
            _ => read.push(stray),
        }
    }
}

/// The items indented below a node at the column of the `}` were that node's children.
fn missing_brace(parser: &mut Parser<'_>, read: &mut Vec<Parsed>, brace: usize) -> bool {
    let Some(header) = header_of(parser, read) else { return false };
    let (start, column) = (read[header].lo, read[header].column.unwrap_or(0));
    let (room, after, line) = (parser.room, parser.at, parser.line);
    let parsed = parser.item_without_brace(start, column);
    if parser.at > brace && parsed.tree.errors.len() == 1 {
        read.truncate(header);
        read.push(parsed);
        return true;
    }
    (parser.room, parser.at, parser.line) = (room, after, line);
    false
}

/// The items indented below a node with a block were in that block, which a `}` among them has closed too early.
fn extra_brace(parser: &mut Parser<'_>, read: &mut Vec<Parsed>, brace: usize) -> bool {
    let Some(header) = closed_early(parser, read) else { return false };
    let (start, column) = (read[header].lo, read[header].column.unwrap_or(0));
    let (room, after, line) = (parser.room, parser.at, parser.line);
    parser.room += read[header..].iter().map(|parsed| parsed.tree.errors.len()).sum::<usize>();
    if let Some(parsed) = parser.item_of_brace(start, column, brace) {
        read.truncate(header);
        read.push(parsed);
        return true;
    }
    (parser.room, parser.at, parser.line) = (room, after, line);
    false
}

fn closed_early(parser: &Parser<'_>, read: &[Parsed]) -> Option<usize> {
    let index = owner(parser, read)?;
    let root = read[index].tree.nodes.first()?;
    (root.block.is_some() && index + 1 < read.len()).then_some(index)
}

/// The item that may own the `}` at the parser's position: at its column, with items right of it, or with braces that
/// close nothing, in between.
fn owner(parser: &Parser<'_>, read: &[Parsed]) -> Option<usize> {
    /// So many braces that close nothing may stand in between.
    const STRAY: usize = 4;
    let column = parser.column()?;
    let mut strays = 0;
    for (index, parsed) in read.iter().enumerate().rev() {
        let stray = parsed.tree.nodes.is_empty() && parsed.tree.errors.len() == 1;
        match parsed.column {
            _ if stray && strays < STRAY => strays += 1,
            Some(at) if at == column => return Some(index),
            Some(at) if at > column => {}
            None if !stray => {}
            _ => return None,
        }
    }
    None
}

fn header_of(parser: &Parser<'_>, read: &[Parsed]) -> Option<usize> {
    let column = parser.column()?;
    let mut index = read.len();
    loop {
        index = index.checked_sub(1)?;
        let parsed = &read[index];
        if parsed.tree.nodes.is_empty() || !parsed.tree.errors.is_empty() {
            return None;
        }
        match parsed.column {
            Some(at) if at == column => break,
            Some(at) if at < column => return None,
            _ => {}
        }
    }
    let root = read[index].tree.nodes.first()?;
    (root.block.is_none() && index + 1 < read.len()).then_some(index)
}

/// Adds an error for each run of code points that KDL forbids, inside the items and between them.
fn with_forbidden(text: &str, start: usize, read: Vec<Parsed>, mut room: usize) -> Vec<Parsed> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(read.len());
    let mut next = lex::forbidden(bytes, start);
    for mut parsed in read {
        let mut inside = Vec::new();
        while let Some((lo, hi)) = next.filter(|(lo, _)| *lo < parsed.hi && room > 0) {
            let hi = run_of_forbidden(bytes, hi);
            room -= 1;
            if lo < parsed.lo {
                let tree = Tree { errors: Box::new([forbidden_error(text, lo, lo, hi)]), ..Tree::default() };
                out.push(Parsed { lo, hi: hi.min(parsed.lo), tree, column: None });
            } else {
                inside.push(forbidden_error(text, parsed.lo, lo, hi.min(parsed.hi)));
            }
            next = lex::forbidden(bytes, hi);
        }
        if !inside.is_empty() {
            let mut errors = std::mem::take(&mut parsed.tree.errors).into_vec();
            errors.extend(inside);
            errors.sort_by_key(|error| (error.range.lo, error.range.hi));
            parsed.tree.errors = errors.into_boxed_slice();
        }
        out.push(parsed);
    }
    while let Some((lo, hi)) = next.filter(|_| room > 0) {
        let hi = run_of_forbidden(bytes, hi);
        room -= 1;
        let tree = Tree { errors: Box::new([forbidden_error(text, lo, lo, hi)]), ..Tree::default() };
        out.push(Parsed { lo, hi, tree, column: None });
        next = lex::forbidden(bytes, hi);
    }
    out
}

fn run_of_forbidden(bytes: &[u8], mut hi: usize) -> usize {
    while let Some((_, end)) = lex::forbidden_at(bytes, hi) {
        hi = end;
    }
    hi
}

/// The range is relative to `base`, the start of the item.
fn forbidden_error(text: &str, base: usize, lo: usize, hi: usize) -> SyntaxError {
    let code = text[lo..].chars().next().map_or(0, u32::from);
    let range = crate::Range::new((lo - base) as u32, (hi - base) as u32);
    SyntaxError {
        rule: "syntax.code-point",
        message: format!("KDL forbids the code point U+{code:04X}"),
        range,
        related: None,
        cure: Some(("remove it".to_owned(), vec![(range, String::new())])),
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
