//! Values as a user would write them.

use std::fmt::Write;

use purlin_syntax::canonical::is_bare;

use crate::schema::{ChoiceSchema, FieldSchema, Place, Shape, Type};
use crate::value::{Element, Entry, Record, Value};

/// A text as KDL can read it: bare where that is possible.
pub fn word(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

/// A text in quotes, with the escapes that it needs.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value as a user would write it after its field's name: `8`, `"80GiB"`, `p5.48xlarge`, `min=2 max=8`,
/// `{ a 1; b 2 }`. Rows of a `many` stand on a line each.
pub fn print_value(value: &Value, shape: Shape) -> String {
    let mut out = String::new();
    write_value(&mut out, value, shape);
    out
}

/// The text of a scalar without quotes: as a key, in a sentence. Empty for what is no scalar.
pub fn plain(value: &Value, shape: Shape) -> String {
    match value {
        Value::Text(text) | Value::Template(text) => text.to_string(),
        Value::Expression(formula) => formula.text.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Name(name) => format!("${name}"),
        Value::Reference(reference) => match reference.kind {
            Some(kind) => format!("{kind}.{}", reference.name),
            None => reference.name.to_string(),
        },
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Choice(index) => choice(shape, *index).to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => print_number(*number),
        Value::Record(_)
        | Value::List(_)
        | Value::Many(_)
        | Value::Map(_)
        | Value::Hole
        | Value::Deferred
        | Value::Unknown => String::new(),
    }
}

/// The same, appended to a text.
pub fn write_value(out: &mut String, value: &Value, shape: Shape) {
    match value {
        Value::Bool(flag) => out.push_str(if *flag { "#true" } else { "#false" }),
        Value::Integer(number) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::Number(number) => out.push_str(&print_number(*number)),
        Value::Choice(index) => push_word(out, choice(shape, *index)),
        Value::Quantity(quantity) => {
            let start = out.len();
            let _ = write!(out, "{quantity}");
            if !is_plain_number(&out[start..]) {
                make_word(out, start);
            }
        }
        Value::Text(text) if text.contains("${") => push_word(out, &text.replace("${", "$${")),
        Value::Text(text) | Value::Template(text) => push_word(out, text),
        Value::Name(name) => push_word(out, &format!("${name}")),
        Value::Reference(reference) => {
            let start = out.len();
            if let Some(kind) = reference.kind {
                out.push_str(kind.as_str());
                out.push('.');
            }
            out.push_str(reference.name.as_str());
            make_word(out, start);
        }
        Value::Expression(formula) => {
            out.push_str("(expr)");
            out.push_str(&quoted(&formula.text));
        }
        Value::Record(record) => write_record(out, record),
        Value::List(elements) => write_list(out, elements, shape),
        Value::Many(rows) => {
            for (n, row) in rows.iter().enumerate() {
                if n > 0 {
                    out.push('\n');
                }
                write_record(out, &row.record);
            }
        }
        Value::Map(entries) => write_map(out, entries),
        Value::Hole => out.push_str("(wrong)"),
        Value::Deferred => out.push_str("(known after apply)"),
        Value::Unknown => out.push_str("(unknown)"),
    }
}

fn push_word(out: &mut String, text: &str) {
    if is_bare(text) { out.push_str(text) } else { out.push_str(&quoted(text)) }
}

/// Quotes what stands from `start` on, if it has to be.
fn make_word(out: &mut String, start: usize) {
    if !is_bare(&out[start..]) {
        let quoted = quoted(&out[start..]);
        out.truncate(start);
        out.push_str(&quoted);
    }
}

/// Quantities stand in quotes, except where they are plain numbers.
fn is_plain_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && !purlin_syntax::scalar::reads_differently(text)
}

fn print_number(number: f64) -> String {
    let plain = number.to_string();
    if plain.len() <= 12 { plain } else { format!("{number:e}") }
}

fn choice(shape: Shape, index: u16) -> &'static str {
    let (Shape::One(Type::Choice(choices)) | Shape::List(Type::Choice(choices))) = shape else { return "" };
    word_of(choices, index)
}

fn word_of(choices: &'static ChoiceSchema, index: u16) -> &'static str {
    choices.choices.get(index as usize).map_or("", |(word, _)| *word)
}

fn write_list(out: &mut String, elements: &[Element], shape: Shape) {
    for (n, element) in elements.iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        write_value(out, &element.value, shape);
    }
}

/// Arguments, scalars as properties, and all else in a block.
fn write_record(out: &mut String, record: &Record) {
    let fields = record.schema.fields;
    let mut block = Vec::new();
    let mut first = true;
    for slot in record.slots() {
        let Some(field) = fields.get(slot.field as usize) else { continue };
        match (&slot.value, field.place, field.shape) {
            (Value::Record(_) | Value::Many(_) | Value::Map(_), ..) | (Value::List(_), Place::Field, _) => {
                block.push((field, &slot.value));
            }
            (value, place, shape) => {
                if !std::mem::take(&mut first) {
                    out.push(' ');
                }
                if place == Place::Field {
                    out.push_str(field.name);
                    out.push('=');
                }
                write_value(out, value, shape);
            }
        }
    }
    if block.is_empty() {
        return;
    }
    if !first {
        out.push(' ');
    }
    out.push_str("{ ");
    for (n, (field, value)) in block.into_iter().enumerate() {
        if n > 0 {
            out.push_str("; ");
        }
        write_line(out, field, value);
    }
    out.push_str(" }");
}

/// A field of a block: one line, or one a row.
fn write_line(out: &mut String, field: &FieldSchema, value: &Value) {
    let rows: Vec<&Record> = match value {
        Value::Many(rows) => rows.iter().map(|row| &*row.record).collect(),
        Value::Record(record) => vec![record],
        _ => {
            out.push_str(field.name);
            out.push(' ');
            return write_value(out, value, field.shape);
        }
    };
    for (n, record) in rows.into_iter().enumerate() {
        if n > 0 {
            out.push_str("; ");
        }
        out.push_str(field.name);
        let before = out.len();
        out.push(' ');
        write_record(out, record);
        if out.len() == before + 1 {
            out.truncate(before);
        }
    }
}

fn write_map(out: &mut String, entries: &[Entry]) {
    out.push_str("{ ");
    for (n, entry) in entries.iter().enumerate() {
        if n > 0 {
            out.push_str("; ");
        }
        out.push_str(&word(entry.key.as_str()));
        if entry.value != Value::Bool(true) {
            out.push(' ');
            write_value(out, &entry.value, Shape::One(Type::Any));
        }
    }
    out.push_str(if entries.is_empty() { "}" } else { " }" });
}
