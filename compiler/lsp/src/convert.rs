//! Paths and positions: the editor's and the compiler's.

use std::path::{Path, PathBuf};

use lsp_types::{Location, Position, Range, Uri};
use purlin_core::Session;
use purlin_syntax::Span;
use purlin_syntax::lines::LineColumn;

/// The path of a `file:` address; none for any other.
pub(crate) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let digits = [left.next()?, left.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(PathBuf::from(String::from_utf8(bytes).ok()?))
}

/// The `file:` address of a path.
pub(crate) fn to_uri(path: &Path) -> Option<Uri> {
    let mut text = String::from("file://");
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.parse().ok()
}

/// The byte offset of an editor's position in a file.
pub(crate) fn to_offset(session: &Session, path: &str, position: Position) -> Option<u32> {
    let document = &session.sources.by_path(path)?.document;
    let at = LineColumn { line: position.line, column: position.character };
    Some(document.lines().offset_utf16(document.text(), at))
}

/// The editor's range of bytes of a file.
pub(crate) fn to_range(session: &Session, path: &str, lo: u32, hi: u32) -> Option<Range> {
    let document = &session.sources.by_path(path)?.document;
    let position = |offset: u32| {
        let at = document.lines().position_utf16(document.text(), offset);
        Position { line: at.line, character: at.column }
    };
    Some(Range { start: position(lo), end: position(hi) })
}

/// Where a span is, for the editor.
pub(crate) fn to_location(session: &Session, root: &Path, span: Span) -> Option<Location> {
    let position = session.sources.position(span)?;
    let range = to_range(session, position.path, position.lo, position.hi)?;
    Some(Location { uri: to_uri(&root.join(position.path))?, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_its_address() {
        for path in ["/a/b c/ä.kdl", "/tmp/100%/x.kdl", "/plain.kdl"] {
            let uri = to_uri(Path::new(path)).expect("a path has an address");
            assert_eq!(to_path(&uri).as_deref(), Some(Path::new(path)));
        }
    }
}
