//! The fields of a record: its arguments, properties and children, whichever way they are written.

use purlin_syntax::{Diagnostic, Entry, NodeId, Range, Span, Symbol};

use super::Decoder;
use super::problems::shown;
use super::rows::Rows;
use super::scalar::{Opened, opened};
use super::table::{Table, table};
use crate::print;
use crate::schema::{FieldSchema, Place, RecordSchema, Shape, Type};
use crate::value::{Element, Record, Row, Slot, Value};

/// A record while it is being read.
pub(super) struct Draft {
    pub(super) schema: &'static RecordSchema,
    table: &'static Table,
    pub(super) slots: Vec<Slot>,
    pub(super) rows: Rows,
    /// The next argument fills the so-manieth field that takes one.
    next: usize,
    /// What the last arguments gather in.
    rest: Vec<Element>,
    /// How many fields were unknown.
    unknown: usize,
}

/// So many unknown fields of one record are told one by one; of the rest is said only that they are there.
const TOLD: usize = 50;

/// The rule of an argument for which there is no field.
const UNEXPECTED: &str = "type.unexpected-argument";

impl Draft {
    pub(super) fn new(schema: &'static RecordSchema, capacity: usize) -> Draft {
        Draft {
            schema,
            table: table(schema),
            slots: Vec::with_capacity(capacity),
            rows: Rows::default(),
            next: 0,
            rest: Vec::new(),
            unknown: 0,
        }
    }

    pub(super) fn slot(&self, field: u16) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.field == field)
    }

    /// A misspelt field is a hole in the field that was meant, so that nobody misses it as well.
    fn hole(&mut self, meant: Option<&str>, span: Span) {
        if let Some(index) = meant.and_then(|name| self.schema.field_index(name))
            && self.slot(index).is_none()
            && !matches!(self.schema.fields[index as usize].shape, Shape::Many(_))
        {
            self.slots.push(Slot { field: index, span, value: Value::Hole });
        }
    }

    /// The field that takes the next argument.
    fn argument(&mut self) -> Option<u16> {
        let found = *self.table.arguments.get(self.next)?;
        if self.schema.fields[found as usize].place == Place::Argument {
            self.next += 1;
        }
        Some(found)
    }
}

impl Decoder<'_> {
    /// A record of all that a node says, its first `skip` arguments aside.
    pub(super) fn record(&mut self, schema: &'static RecordSchema, node: NodeId, skip: usize) -> Record {
        let tree = self.tree;
        let entries = tree.entries(node).len().saturating_sub(skip);
        let mut draft = Draft::new(schema, entries + tree.children(node).count());
        self.entries(&mut draft, node, skip);
        for child in tree.children(node) {
            self.child(&mut draft, child);
        }
        self.finish(draft, node)
    }

    /// Arguments and properties.
    pub(super) fn entries(&mut self, draft: &mut Draft, node: NodeId, skip: usize) {
        let tree = self.tree;
        let entries = tree.entries(node);
        let mut skip = skip;
        let mut n = 0;
        self.properties.clear();
        while let Some(entry) = entries.get(n) {
            n += 1;
            match entry.name {
                None if skip > 0 => skip -= 1,
                None => self.argument(draft, entry),
                Some(name) => {
                    let after = entries[n..].iter().take_while(|entry| entry.name.is_none()).count();
                    if after > 0
                        && skip == 0
                        && self.list_in_property(draft, name, &entries[n - 1..n + after], node)
                    {
                        n += after;
                    } else {
                        self.property(draft, name, entry);
                    }
                }
            }
        }
        if let (Some(first), Some(last)) = (draft.rest.first(), draft.rest.last())
            && let Some(field) = draft.schema.fields.iter().position(|field| field.place == Place::Arguments)
        {
            let span = Span { lo: first.span.lo, hi: last.span.hi, item: self.item };
            let value = Value::List(std::mem::take(&mut draft.rest).into());
            draft.slots.push(Slot { field: field as u16, span, value });
        }
    }

    fn argument(&mut self, draft: &mut Draft, entry: &Entry) {
        let Some(index) = draft.argument() else {
            return self.unexpected_argument(draft.schema, entry);
        };
        let field = &draft.schema.fields[index as usize];
        let span = self.span(entry.value_range);
        match (field.place, field.shape) {
            (Place::Arguments, Shape::List(ty)) => {
                let value = self.scalar(ty, draft.schema.name, entry);
                draft.rest.push(Element { span, value });
            }
            (_, Shape::One(ty)) => {
                let name = if field.name == "variant" { draft.schema.name } else { field.name };
                let value = self.scalar(ty, name, entry);
                self.put(draft, index, span, value);
            }
            (_, Shape::List(ty)) => {
                let value = self.scalar(ty, field.name, entry);
                self.put(draft, index, span, Value::List([Element { span, value }].into()));
            }
            _ => self.unexpected_argument(draft.schema, entry),
        }
    }

    fn property(&mut self, draft: &mut Draft, name: Symbol, entry: &Entry) {
        let Some(index) = draft.table.field(name) else {
            return self.unknown(draft, name, entry.name_range, entry.range);
        };
        let field = &draft.schema.fields[index as usize];
        let span = self.span(entry.value_range);
        let value = match field.shape {
            Shape::One(ty) => self.scalar(ty, field.name, entry),
            Shape::List(ty) => {
                let value = self.scalar(ty, field.name, entry);
                Value::List([Element { span, value }].into())
            }
            Shape::Many(inner) if field.key > 0 => return self.row_in_property(draft, index, inner, entry),
            Shape::Record(_) | Shape::Many(_) | Shape::Map => {
                self.record_as_property(field, entry);
                Value::Hole
            }
        };
        if let Some(&(_, first)) = self.properties.iter().find(|(other, _)| *other == index) {
            self.property_twice(field, first, self.span(entry.range));
            if let Some(slot) = draft.slots.iter_mut().find(|slot| slot.field == index) {
                (slot.span, slot.value) = (span, value);
            }
            return;
        }
        self.properties.push((index, self.span(entry.range)));
        self.put(draft, index, span, value);
    }

    /// A key that may also be a block of rows: `fairness sex metric=recall` is the one row `metric recall`.
    fn row_in_property(
        &mut self,
        draft: &mut Draft,
        index: u16,
        inner: &'static RecordSchema,
        entry: &Entry,
    ) {
        let first = inner.fields.iter().position(|field| field.place == Place::Argument);
        let Some((n, Shape::One(ty))) = first.map(|n| (n, inner.fields[n].shape)) else {
            return self.record_as_property(&draft.schema.fields[index as usize], entry);
        };
        let span = self.span(entry.value_range);
        let value = self.scalar(ty, inner.fields[n].name, entry);
        let record = Record::new(inner, self.span(entry.range), vec![Slot { field: n as u16, span, value }]);
        let key = super::rows::key(inner, &record).unwrap_or_else(|| Symbol::intern(""));
        self.put_row(draft, index, Row { key, record: record.into() }, span);
    }

    /// A child node.
    pub(super) fn child(&mut self, draft: &mut Draft, node: NodeId) {
        let tree = self.tree;
        let this = tree.node(node);
        let Some(index) = draft.table.field(this.name) else {
            return self.unknown(draft, this.name, this.name_range, this.range);
        };
        let field = &draft.schema.fields[index as usize];
        let mut span = self.span(this.range);
        let value = match field.shape {
            Shape::One(ty) => {
                if let Some(entry) = tree.entries(node).iter().find(|entry| entry.name.is_none()) {
                    span = self.span(entry.value_range);
                }
                self.one(ty, field, node)
            }
            Shape::List(ty) => self.list(ty, node),
            Shape::Record(inner) => self.inner(inner, node),
            Shape::Map => self.map(node),
            Shape::Many(inner) => {
                let row = self.row(inner, node, draft.rows.next());
                return self.put_row(draft, index, row, span);
            }
        };
        self.put(draft, index, span, value);
    }

    /// A scalar as a child node: `name value`, or a flag.
    fn one(&mut self, ty: Type, field: &FieldSchema, node: NodeId) -> Value {
        let tree = self.tree;
        let this = tree.node(node);
        let mut value = None;
        for entry in tree.entries(node) {
            if entry.name.is_some() || value.is_some() {
                self.more_than_one(field, entry);
                break;
            }
            value = Some(self.scalar(ty, field.name, entry));
        }
        if let Some(block) = this.block
            && tree.children(node).next().is_some()
        {
            self.wrong_type(format!("`{}` is one value and has no block", field.name), block);
        }
        match value {
            Some(value) => value,
            None if matches!(ty, Type::Bool) => Value::Bool(true),
            None if this.block.is_some() => Value::Hole,
            None => {
                let message = format!("`{}` has no value: it is {}", field.name, super::scalar::phrase(ty));
                self.wrong_type(message, this.name_range);
                Value::Hole
            }
        }
    }

    /// A record as a child node, or a name that stands for a whole record.
    fn inner(&mut self, schema: &'static RecordSchema, node: NodeId) -> Value {
        let tree = self.tree;
        let this = tree.node(node);
        if let [only] = tree.entries(node)
            && only.name.is_none()
            && this.block.is_none()
            && only.is_text()
            && table(schema).arguments.is_empty()
            && let Opened::Open(value @ Value::Name(_)) = opened(only.text(self.text))
        {
            self.open = true;
            return value;
        }
        Value::Record(self.record(schema, node, 0).into())
    }

    /// A field that the schema does not have.
    fn unknown(&mut self, draft: &mut Draft, name: Symbol, name_range: Range, range: Range) {
        draft.unknown += 1;
        if draft.unknown > TOLD {
            return;
        }
        let meant = self.unknown_field(draft.schema, name.as_str(), name_range);
        draft.hole(meant, self.span(range));
        if draft.unknown == TOLD
            && let Some(last) = self.out.last_mut()
        {
            last.notes.push(format!("further unknown fields of this `{}` are not listed", draft.schema.name));
        }
    }

    /// Puts a value in its slot, unless that is taken.
    fn put(&mut self, draft: &mut Draft, index: u16, span: Span, value: Value) {
        match draft.slot(index) {
            Some(first) => {
                let first = first.span;
                self.given_twice(draft.schema, &draft.schema.fields[index as usize], first, span);
            }
            None => draft.slots.push(Slot { field: index, span, value }),
        }
    }

    /// Closes a record: rows together, then what its variant and its schema demand.
    pub(super) fn finish(&mut self, mut draft: Draft, node: NodeId) -> Record {
        let rows = std::mem::take(&mut draft.rows);
        rows.into_slots(&mut draft.slots);
        let this = self.tree.node(node);
        if draft.table.varies {
            self.check_variant(&draft);
        }
        if self.whole && !draft.table.required.is_empty() {
            self.check_required(&draft, this.name_range);
        }
        let span = self.span(this.range);
        Record::new(draft.schema, span, draft.slots)
    }

    fn check_required(&mut self, draft: &Draft, range: Range) {
        if draft.table.existing.is_some_and(|index| draft.slot(index).is_some()) {
            return;
        }
        let variant = if draft.table.varies { variant(draft) } else { None };
        let absent = |index: u16| {
            let field = &draft.schema.fields[index as usize];
            let asked = field.only.is_empty() || variant.is_some_and(|variant| field.only.contains(&variant));
            (asked && draft.slot(index).is_none()).then_some(field)
        };
        let missing: Vec<_> = draft.table.required.iter().copied().filter_map(absent).collect();
        if !missing.is_empty() {
            self.missing(draft.schema, &missing, range);
        }
    }

    /// Fields that the variant does not know.
    fn check_variant(&mut self, draft: &Draft) {
        let Some(variant) = variant(draft) else { return };
        for slot in &draft.slots {
            let field = &draft.schema.fields[slot.field as usize];
            if !field.only.is_empty() && !field.only.contains(&variant) {
                self.not_of_variant(draft.schema, field, variant, slot.span);
            }
        }
    }

    /// Arguments that follow one another are one finding.
    fn unexpected_argument(&mut self, schema: &RecordSchema, entry: &Entry) {
        let range = self.continued(entry.range);
        let source = shown(self.source(range));
        let message = format!("`{}` takes no further argument `{source}`", schema.name);
        let span = self.span(range);
        self.out.push(Diagnostic::error(UNEXPECTED, message, span));
    }

    /// The range of an unexpected argument, with those right before it, whose finding is taken back.
    fn continued(&mut self, range: Range) -> Range {
        let before = self.out.last().filter(|last| last.rule == UNEXPECTED).and_then(Diagnostic::span);
        let Some(before) = before.filter(|before| before.item == self.item && before.hi <= range.lo) else {
            return range;
        };
        let between = self.source(Range { lo: before.hi, hi: range.lo });
        if !between.bytes().all(|byte| byte == b' ' || byte == b'\t') {
            return range;
        }
        self.out.pop();
        Range { lo: before.lo, hi: range.hi }
    }

    fn more_than_one(&mut self, field: &FieldSchema, entry: &Entry) {
        let source = shown(self.source(entry.range));
        let (rule, message) = if entry.name.is_some() {
            ("type.unknown-field", format!("`{}` is one value and has no property `{source}`", field.name))
        } else {
            (UNEXPECTED, format!("`{}` is one value; `{source}` is a second", field.name))
        };
        let span = self.span(entry.range);
        self.out.push(Diagnostic::error(rule, message, span));
    }

    fn record_as_property(&mut self, field: &FieldSchema, entry: &Entry) {
        let what = if matches!(field.shape, Shape::Map) { "a map" } else { "a record" };
        let message = format!("`{}` is {what}, and a property is always one scalar", field.name);
        let note = format!("it stands in the block, as a line of its own: `{} …`", field.name);
        self.wrong_type(message, entry.range).notes.push(note);
    }

    fn property_twice(&mut self, field: &FieldSchema, first: Span, second: Span) {
        let message = format!("the property `{}` stands twice; KDL takes the last", field.name);
        let diagnostic = Diagnostic::error("syntax.property-twice", message, second)
            .because("this one counts")
            .label(first, "this one does not")
            .cure("remove the first", first, "");
        self.out.push(diagnostic);
    }

    /// `values="f" "m"`: a property takes one value, and what follows it are arguments of the node.
    fn list_in_property(&mut self, draft: &mut Draft, name: Symbol, run: &[Entry], node: NodeId) -> bool {
        let schema = draft.schema;
        let Some(index) = draft.table.field(name) else { return false };
        let Shape::List(ty) = schema.fields[index as usize].shape else { return false };
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
        let range = first.range.to(last.range);
        let words: Vec<String> = run.iter().map(|entry| self.respelled(entry)).collect();
        let list = format!("{name} {}", words.join(" "));
        let message =
            format!("the property `{name}` takes one value; the values after it belong to the node");
        let span = self.span(range);
        let mut diagnostic = Diagnostic::error("syntax.list-in-property", message, span);
        let this = self.tree.node(node);
        let closes = this.block.is_none()
            && self.tree.entries(node).last().is_some_and(|entry| entry.range == last.range);
        if closes {
            diagnostic = diagnostic.cure(format!("write `{{ {list} }}`"), span, format!("{{ {list} }}"));
        }
        self.out.push(diagnostic);
        let elements: Vec<Element> = run
            .iter()
            .map(|entry| Element {
                span: self.span(entry.value_range),
                value: self.scalar(ty, name.as_str(), entry),
            })
            .collect();
        self.put(draft, index, span, Value::List(elements.into()));
        true
    }

    /// An entry's value as short as KDL allows.
    fn respelled(&self, entry: &Entry) -> String {
        if entry.is_text() && entry.annotation.is_none() {
            return print::word(&entry.text(self.text));
        }
        self.source(entry.range).to_owned()
    }
}

/// The word that says which variant a record is: its field `variant`, or else `type`.
fn variant(draft: &Draft) -> Option<&str> {
    let index = draft.table.variant?;
    match (&draft.slot(index)?.value, draft.schema.fields[index as usize].shape) {
        (Value::Choice(choice), Shape::One(Type::Choice(choices))) => {
            choices.choices.get(*choice as usize).map(|(word, _)| *word)
        }
        (Value::Text(text), _) => Some(text),
        _ => None,
    }
}
