//! Lines and columns of a text, in bytes and in UTF-16 units.

/// Where each line begins. A line ends with LF, as editors count them (a CR before it belongs to the line).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineIndex {
    /// First byte of each line; never empty.
    starts: Vec<u32>,
}

/// A line and a column, both counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineColumn {
    /// Line, from 0.
    pub line: u32,
    /// Column from 0, in the unit that the function says.
    pub column: u32,
}

impl LineIndex {
    /// The lines of a text.
    pub fn new(text: &str) -> LineIndex {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        LineIndex { starts }
    }

    /// Number of lines; one more than there are line ends.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// First byte of a line; of the last line where there is no such line.
    pub fn start(&self, line: u32) -> u32 {
        let line = (line as usize).min(self.starts.len() - 1);
        self.starts[line]
    }

    /// Line and column in bytes of a byte offset.
    pub fn position(&self, offset: u32) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        LineColumn { line: line as u32, column: offset - self.starts[line] }
    }

    /// Byte offset of a line and a column in bytes, within the text and on a character boundary.
    pub fn offset(&self, text: &str, at: LineColumn) -> u32 {
        let Some(line) = self.line(text, at.line) else { return text.len() as u32 };
        let mut column = (at.column as usize).min(line.len());
        while !line.is_char_boundary(column) {
            column -= 1;
        }
        self.start(at.line) + column as u32
    }

    /// Line and column in UTF-16 units of a byte offset.
    pub fn position_utf16(&self, text: &str, offset: u32) -> LineColumn {
        let LineColumn { line, column } = self.position(offset.min(text.len() as u32));
        let start = self.start(line) as usize;
        let mut end = start + column as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        LineColumn { line, column: utf16_len(&text[start..end]) }
    }

    /// Byte offset of a line and a column in UTF-16 units; past the end of a line means its end.
    pub fn offset_utf16(&self, text: &str, at: LineColumn) -> u32 {
        let Some(line) = self.line(text, at.line) else { return text.len() as u32 };
        let start = self.start(at.line);
        if line.is_ascii() {
            return start + at.column.min(line.len() as u32);
        }
        let mut units = 0;
        for (byte, c) in line.char_indices() {
            units += c.len_utf16() as u32;
            if units > at.column {
                return start + byte as u32;
            }
        }
        start + line.len() as u32
    }

    /// A line without its end.
    pub fn line<'t>(&self, text: &'t str, line: u32) -> Option<&'t str> {
        let start = *self.starts.get(line as usize)? as usize;
        let end = self.starts.get(line as usize + 1).map_or(text.len(), |next| *next as usize - 1);
        let line = text.get(start..end)?;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Follows a replacement of the bytes from `lo` to `hi` of `old` (the text before it) by `new`.
    pub(crate) fn edit(&mut self, old: &str, lo: usize, hi: usize, new: &str) {
        let went = memchr::memchr_iter(b'\n', &old.as_bytes()[lo..hi]).count();
        let first = self.starts.partition_point(|start| *start as usize <= lo);
        for start in &mut self.starts[first + went..] {
            *start = *start - (hi - lo) as u32 + new.len() as u32;
        }
        let came = memchr::memchr_iter(b'\n', new.as_bytes()).map(|at| (lo + at) as u32 + 1);
        if went > 0 || memchr::memchr(b'\n', new.as_bytes()).is_some() {
            self.starts.splice(first..first + went, came);
        }
    }
}

fn utf16_len(text: &str) -> u32 {
    if text.is_ascii() { text.len() as u32 } else { text.chars().map(|c| c.len_utf16() as u32).sum() }
}
