//! What is legal KDL and almost certainly not what was meant. The text stays valid; who decodes it decides the weight.

use crate::span::Range;
use crate::symbol::Symbol;
use crate::tree::{Entry, NodeId, ScalarKind, SyntaxError, Tree};
use crate::word::quote;

/// Suspicious places of an item in source order; `text` is the item's text.
///
/// Rules: `syntax.comment-in-value` (`s3://b`, where a comment eats the rest), `syntax.interpolation-unquoted`
/// (`max=${x}`, where the brace opens a block) and `syntax.duplicate-property` (`a=1 a=2`, where the last wins).
pub fn suspects(tree: &Tree, text: &str) -> Vec<SyntaxError> {
    let mut found = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        let entries = tree.entries(NodeId(index as u32));
        duplicates(entries, text, &mut found);
        let Some(last) = entries.last().filter(|last| last.kind == ScalarKind::Bare) else { continue };
        let source = last.value_range.of(text);
        let rest = text.get(last.range.hi as usize..).unwrap_or("");
        if source.ends_with(':') && rest.starts_with("//") {
            found.push(comment_in_value(last.value_range, text));
        }
        if let Some(block) = node.block.filter(|block| source.ends_with('$') && block.lo == last.range.hi) {
            found.push(interpolation(Range::new(last.value_range.lo, block.hi), text));
        }
    }
    found
}

fn comment_in_value(value: Range, text: &str) -> SyntaxError {
    let rest = text.get(value.lo as usize..).unwrap_or("");
    let word = rest.split([' ', '\t', '\r', '\n', ';', '{', '}', '"']).next().unwrap_or(rest);
    let range = Range::new(value.lo, value.lo + word.len() as u32);
    SyntaxError {
        rule: "syntax.comment-in-value",
        message: format!("`//` begins a comment, so the value is `{}` alone", value.of(text)),
        range,
        related: None,
        cure: Some(("quote the value".to_owned(), vec![(range, quote(word))])),
    }
}

fn interpolation(range: Range, text: &str) -> SyntaxError {
    SyntaxError {
        rule: "syntax.interpolation-unquoted",
        message: "`${…}` belongs in a quoted string: here the brace opens a block".to_owned(),
        range,
        related: None,
        cure: Some(("quote the value".to_owned(), vec![(range, quote(range.of(text)))])),
    }
}

/// One finding for each property that a later one of the same name replaces.
fn duplicates(entries: &[Entry], text: &str, found: &mut Vec<SyntaxError>) {
    if entries.iter().filter(|entry| entry.name.is_some()).nth(1).is_none() {
        return;
    }
    let mut last: rustc_hash::FxHashMap<Symbol, &Entry> = rustc_hash::FxHashMap::default();
    for entry in entries {
        let Some(name) = entry.name else { continue };
        if let Some(earlier) = last.insert(name, entry) {
            found.push(duplicate(earlier, entry, text));
        }
    }
}

fn duplicate(earlier: &Entry, later: &Entry, text: &str) -> SyntaxError {
    let name = earlier.name_range.of(text);
    let before = text.get(..earlier.range.lo as usize).unwrap_or("");
    let gap = before.len() - before.trim_end_matches([' ', '\t']).len();
    let whole = Range::new(earlier.range.lo - gap as u32, earlier.range.hi);
    SyntaxError {
        rule: "syntax.duplicate-property",
        message: format!("property `{name}` is given twice, and only the last one counts"),
        range: earlier.range,
        related: Some((later.range, "this one counts".to_owned())),
        cure: Some((format!("remove `{}`", earlier.range.of(text)), vec![(whole, String::new())])),
    }
}

#[cfg(test)]
mod tests {
    use super::suspects;
    use crate::Document;

    /// The text has no syntax error, one suspect of the rule, and its cure gives `mended`, which has none.
    #[track_caller]
    fn check(text: &str, rule: &str, mended: &str) {
        let document = Document::parse(text.to_owned());
        assert_eq!(document.errors().count(), 0);
        let found = suspects(&document.items()[0].tree, document.item_text(0));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].rule, rule);
        let (_, edits) = found[0].cure.clone().unwrap();
        let mut result = text.to_owned();
        for (range, new) in edits.iter().rev() {
            result.replace_range(range.lo as usize..range.hi as usize, new);
        }
        assert_eq!(result, mended);
        let document = Document::parse(result);
        assert_eq!(suspects(&document.items()[0].tree, document.item_text(0)), []);
    }

    #[test]
    fn a_comment_that_eats_an_address_is_found() {
        check("state s3://bucket/key x=1\n", "syntax.comment-in-value", "state \"s3://bucket/key\" x=1\n");
        check("a {\n    b url=s3://x\n}", "syntax.comment-in-value", "a {\n    b url=\"s3://x\"\n}");
    }

    #[test]
    fn an_interpolation_that_opens_a_block_is_found() {
        check("nodes max=${x}", "syntax.interpolation-unquoted", "nodes max=\"${x}\"");
    }

    #[test]
    fn a_property_given_twice_is_found() {
        check("nodes a=1 b=2 a=3", "syntax.duplicate-property", "nodes b=2 a=3");
    }

    #[test]
    fn a_comment_behind_a_space_is_only_a_comment() {
        let document = Document::parse("a b: // comment\nc d//e\n".to_owned());
        assert_eq!(suspects(&document.items()[0].tree, document.item_text(0)), []);
        assert_eq!(document.item_text(0), "a b:");
    }
}
