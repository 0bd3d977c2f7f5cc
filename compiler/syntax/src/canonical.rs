//! A document in the one spelling that the official KDL test suite compares.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::document::Document;
use crate::lex;
use crate::tree::{Entry, NodeId, ScalarKind, Tree};
use crate::word::quote;

/// Deeper levels are not indented further.
const MAX_INDENT: usize = 100;

/// Prints a document without comments, properties sorted, the last of duplicates kept, each value in its simplest form.
pub fn canonical(document: &Document) -> String {
    let mut out = String::new();
    for (index, item) in document.items().iter().enumerate() {
        print_item(&item.tree, document.item_text(index), &mut out);
    }
    if out.is_empty() {
        out.push('\n');
    }
    out
}

/// Whether a text may be written as a string without quotes.
pub fn is_bare(text: &str) -> bool {
    lex::is_bare_word(text.as_bytes())
        && lex::word_end(text.as_bytes(), 0) == text.len()
        && lex::forbidden(text.as_bytes(), 0).is_none()
}

fn print_item(tree: &Tree, text: &str, out: &mut String) {
    // Ends of the blocks that are open, innermost last.
    let mut open: Vec<u32> = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        close_blocks(&mut open, index as u32, out);
        out.push_str(&"    ".repeat(open.len().min(MAX_INDENT)));
        print_annotation(node.annotation.map(crate::Symbol::as_str), out);
        print_string(node.name.as_str(), out);
        print_entries(tree.entries(NodeId(index as u32)), text, out);
        if node.end > index as u32 + 1 {
            out.push_str(" {");
            open.push(node.end);
        }
        out.push('\n');
    }
    close_blocks(&mut open, tree.nodes.len() as u32, out);
}

fn close_blocks(open: &mut Vec<u32>, index: u32, out: &mut String) {
    while open.last().is_some_and(|end| *end <= index) {
        open.pop();
        out.push_str(&"    ".repeat(open.len().min(MAX_INDENT)));
        out.push_str("}\n");
    }
}

fn print_entries(entries: &[Entry], text: &str, out: &mut String) {
    let mut properties: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in entries {
        if let Some(name) = entry.name {
            properties.insert(name.as_str(), entry);
        } else {
            out.push(' ');
            print_value(entry, text, out);
        }
    }
    for (name, entry) in properties {
        out.push(' ');
        print_string(name, out);
        out.push('=');
        print_value(entry, text, out);
    }
}

fn print_annotation(annotation: Option<&str>, out: &mut String) {
    if let Some(annotation) = annotation {
        out.push('(');
        print_string(annotation, out);
        out.push(')');
    }
}

fn print_value(entry: &Entry, text: &str, out: &mut String) {
    print_annotation(entry.annotation.map(crate::Symbol::as_str), out);
    match entry.kind {
        ScalarKind::Number => print_number(entry.value_range.of(text), out),
        _ if entry.is_text() => print_string(&entry.text(text), out),
        _ => out.push_str(entry.value_range.of(text)),
    }
}

fn print_string(text: &str, out: &mut String) {
    if is_bare(text) { out.push_str(text) } else { out.push_str(&quote(text)) }
}

fn print_number(source: &str, out: &mut String) {
    let plain = source.replace('_', "").to_uppercase();
    let (sign, digits) = match plain.as_bytes().first() {
        Some(b'-') => ("-", &plain[1..]),
        Some(b'+') => ("", &plain[1..]),
        _ => ("", plain.as_str()),
    };
    out.push_str(sign);
    let radix = match digits.get(..2) {
        Some("0X") => 16,
        Some("0O") => 8,
        Some("0B") => 2,
        _ => 10,
    };
    if radix != 10 {
        out.push_str(&in_decimal(&digits[2..], radix));
        return;
    }
    let (mantissa, exponent) = digits.split_once('E').map_or((digits, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let whole = whole.trim_start_matches('0');
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if let Some(fraction) = fraction {
        let _ = write!(out, ".{fraction}");
    }
    if let Some(exponent) = exponent {
        let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
        let _ = write!(out, "E{sign}{exponent}");
    }
}

/// A whole number of any length in decimal; `digits` hold nothing but digits of the radix.
fn in_decimal(digits: &str, radix: u32) -> String {
    // Nine decimal digits each, the lowest first.
    let mut parts: Vec<u64> = vec![0];
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for part in &mut parts {
            let value = *part * u64::from(radix) + carry;
            (*part, carry) = (value % 1_000_000_000, value / 1_000_000_000);
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let mut out = parts.pop().unwrap_or(0).to_string();
    for part in parts.iter().rev() {
        let _ = write!(out, "{part:09}");
    }
    out
}
