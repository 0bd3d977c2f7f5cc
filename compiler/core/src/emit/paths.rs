//! The fields of a printed text, for differences that speak of fields and not of lines.
//!
//! The readers know the layout that Purlin's own printers write, line by line, and nothing else of the formats. They
//! accept any text without failing: what they do not know they read as well as they can.

mod bracketed;
mod tables;
mod tree;
mod yaml;

use rustc_hash::FxHashMap;

use super::Format;
use tree::Tree;

/// One field that differs between two texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldChange {
    /// Where: `spec.containers[server].image`.
    pub path: String,
    /// Its text in the old one, as printed; `None` where it is new.
    pub before: Option<String>,
    /// Its text in the new one, as printed; `None` where it is gone.
    pub after: Option<String>,
}

/// Every scalar of a printed text, in order: its path, and its text as printed. Text on several lines stands without its
/// indentation. An element of a list goes by its `name` where it has one, else by its index; a block of HCL by its labels;
/// what appears again under the same path by `#2`; a document, where there are several, by its kind and name. [`Format::Text`] has no
/// fields.
pub fn fields(text: &str, format: Format) -> Vec<(String, String)> {
    let tree = read(text, format);
    let many = tree.documents() > 1;
    tree.into_fields(many)
}

/// The fields that differ, in the order of the new text; those that are gone follow in the order of the old one.
pub fn diff_fields(old: &str, new: &str, format: Format) -> Vec<FieldChange> {
    let (old, new) = (read(old, format), read(new, format));
    let many = old.documents().max(new.documents()) > 1;
    let (old, new) = (old.into_fields(many), new.into_fields(many));
    let mut before: FxHashMap<&str, &str> = old.iter().map(|(path, text)| (&**path, &**text)).collect();
    let mut changes = Vec::new();
    for (path, text) in &new {
        let was = before.remove(&**path);
        if was != Some(text) {
            changes.push(change(path, was, Some(text)));
        }
    }
    let gone = old.iter().filter(|(path, _)| before.contains_key(&**path));
    changes.extend(gone.map(|(path, text)| change(path, Some(text), None)));
    changes
}

fn change(path: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange { path: path.to_owned(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
}

fn read(text: &str, format: Format) -> Tree {
    match format {
        Format::Yaml => yaml::read(text),
        Format::Hcl | Format::Json => bracketed::read(text),
        Format::Toml => tables::read(text),
        Format::Text => Tree::default(),
    }
}

/// Splits `"quoted"rest` or `plainrest` where the key ends: the key without quotes, and what follows.
fn split_key(text: &str, end_of_plain: impl Fn(&str) -> Option<usize>) -> Option<(&str, &str)> {
    if !text.starts_with('"') {
        let end = end_of_plain(text)?;
        return Some((text[..end].trim_end(), &text[end..]));
    }
    let end = end_of_quoted(text)?;
    Some((&text[1..end - 1], &text[end..]))
}

/// Where the string that begins with a quote ends, behind its closing quote.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
