//! The wording of what can be wrong with a record.

use purlin_syntax::{Diagnostic, Range, Span};

use super::Decoder;
use crate::closest::closest;
use crate::schema::{FieldSchema, RecordSchema, Shape};

/// What people say for a field that is called otherwise here; offered where the schema has the field.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("gpus", &["nodes", "gpus"]),
    ("count", &["nodes", "replicas", "brokers", "count"]),
    ("size", &["nodes", "size"]),
    ("node-count", &["nodes"]),
    ("replica", &["replicas"]),
    ("instances", &["nodes", "replicas"]),
    ("machine-type", &["instance"]),
    ("instance-type", &["instance"]),
    ("type", &["instance", "engine", "type"]),
    ("pool", &["on"]),
    ("node-pool", &["on"]),
    ("target", &["of", "on"]),
    ("service", &["of"]),
    ("depends-on", &["from", "calls"]),
    ("source", &["from"]),
    ("input", &["from", "data"]),
    ("dataset", &["data"]),
    ("framework", &["run"]),
    ("runtime", &["run", "via"]),
    ("lr", &["learning-rate"]),
    ("tp", &["tensor"]),
    ("pp", &["pipeline"]),
    ("cp", &["context"]),
    ("ep", &["expert"]),
    ("max-model-len", &["context"]),
    ("max-num-seqs", &["concurrency"]),
    ("gpu-memory-utilization", &["memory-utilization"]),
    ("dtype", &["precision"]),
    ("tags", &["labels"]),
    ("description", &["doc"]),
    ("team", &["owner", "team"]),
    ("minimum", &["min"]),
    ("maximum", &["max"]),
    ("ttl", &["retention"]),
    ("cidr-block", &["cidr"]),
    ("availability-zones", &["zones"]),
    ("version", &["kubernetes"]),
    ("depends", &["from"]),
    ("scaling", &["replicas"]),
    ("autoscaling", &["replicas"]),
];

/// How many fields a message lists at most.
const LISTED: usize = 14;

/// A text in a message: shortened, without control characters.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 48;
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// `a`, `b` and `c`, each in backticks.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The field that was probably meant.
pub(super) fn meant(schema: &'static RecordSchema, name: &str) -> Option<&'static str> {
    let other = name.replace('_', "-").to_lowercase();
    if let Some(field) = schema.field(&other) {
        return Some(field.name);
    }
    let synonyms = SYNONYMS.iter().find(|(word, _)| *word == other).map_or(&[][..], |(_, fields)| fields);
    let synonym = synonyms.iter().find_map(|field| schema.field(field)).map(|field| field.name);
    synonym.or_else(|| closest(&other, schema.fields.iter().map(|field| field.name)))
}

/// The fields that are a record's own: not those that everything has.
fn own(schema: &'static RecordSchema) -> impl Iterator<Item = &'static FieldSchema> {
    let universal = crate::kinds::universal::FIELDS;
    schema.fields.iter().filter(move |field| universal.iter().all(|other| other.name != field.name))
}

impl Decoder<'_> {
    /// A field that the schema does not have; tells which one was meant.
    pub(super) fn unknown_field(
        &mut self,
        schema: &'static RecordSchema,
        name: &str,
        range: Range,
    ) -> Option<&'static str> {
        let span = self.span(range);
        let message = format!("`{}` has no field `{}`", schema.name, shown(name));
        let mut diagnostic = Diagnostic::error("type.unknown-field", message, span);
        let meant = meant(schema, name);
        if let Some(meant) = meant {
            diagnostic = diagnostic.because(format!("`{meant}` was probably meant")).cure(
                format!("write `{meant}`"),
                span,
                meant,
            );
        }
        let fields: Vec<&str> = own(schema).map(|field| field.name).collect();
        if fields.is_empty() {
            diagnostic = diagnostic.with_note(format!("`{}` has no fields of its own", schema.name));
        } else if fields.len() <= LISTED {
            diagnostic = diagnostic.with_note(format!("its fields are {}", names(fields)));
        }
        self.out.push(diagnostic);
        meant
    }

    /// A field that occurs once at most stands twice.
    pub(super) fn given_twice(
        &mut self,
        schema: &RecordSchema,
        field: &FieldSchema,
        first: Span,
        second: Span,
    ) {
        let message = format!("`{}` of `{}` is given twice", field.name, schema.name);
        let mut diagnostic = Diagnostic::error("language.given-twice", message, second)
            .because("here for the second time")
            .label(first, "first given here");
        if matches!(field.shape, Shape::List(_)) {
            diagnostic = diagnostic.with_note("a list is one line: all its elements are arguments of it");
        }
        self.out.push(diagnostic);
    }

    /// Required fields that are absent, in one finding.
    pub(super) fn missing(&mut self, schema: &RecordSchema, fields: &[&FieldSchema], range: Range) {
        let list = names(fields.iter().map(|field| field.name));
        let message = format!("`{}` needs {list}", schema.name);
        let mut diagnostic = Diagnostic::error("type.required-missing", message, self.span(range));
        for field in fields {
            diagnostic = diagnostic.with_note(format!("`{}`: {}", field.name, field.doc));
        }
        self.out.push(diagnostic);
    }

    /// A field that the record's variant does not have.
    pub(super) fn not_of_variant(
        &mut self,
        schema: &RecordSchema,
        field: &FieldSchema,
        variant: &str,
        span: Span,
    ) {
        let message = format!("`{} {}` has no field `{}`", schema.name, shown(variant), field.name);
        let note = format!("`{}` belongs to {}", field.name, names(field.only.iter().copied()));
        self.out.push(Diagnostic::error("type.unknown-field", message, span).with_note(note));
    }

    /// A value of the wrong type.
    pub(super) fn wrong_type(&mut self, message: String, range: Range) -> &mut Diagnostic {
        let span = self.span(range);
        self.out.push(Diagnostic::error("type.wrong-type", message, span));
        let last = self.out.len() - 1;
        &mut self.out[last]
    }
}
