//! Writing a tape, in the shape of what is printed.

use std::ops::{Deref, DerefMut};

use purlin_schema::field::Field;
use purlin_syntax::Span;

use super::{Expr, Kind, Leaf, LeafKind, Tape};

/// The entries of a map, or the attributes of an HCL body.
pub struct Map<'t> {
    tape: &'t mut Tape,
}

/// The elements of a list, or the arguments of a call.
pub struct List<'t> {
    tape: &'t mut Tape,
}

/// An HCL body: the entries of a map, and blocks.
pub struct Body<'t> {
    map: Map<'t>,
}

/// The pieces of an HCL text with expressions in it.
pub struct Template<'t> {
    tape: &'t mut Tape,
}

/// A place for exactly one value. Nothing is written before the value is given.
#[must_use]
pub struct Slot<'t, 'k> {
    tape: &'t mut Tape,
    key: Option<&'k str>,
}

/// What was written last, to say where it comes from.
pub struct Last<'t> {
    tape: &'t mut Tape,
    /// First token: the key, if it has one.
    start: usize,
    /// The value's token; `None` where nothing was written.
    value: Option<usize>,
}

impl Tape {
    /// A document that is a map. In HCL: a file of attributes only (`terraform.tfvars`).
    pub fn map(&mut self, build: impl FnOnce(&mut Map<'_>)) -> Last<'_> {
        self.root().map(build)
    }

    /// A document that is a list.
    pub fn list(&mut self, build: impl FnOnce(&mut List<'_>)) -> Last<'_> {
        self.root().list(build)
    }

    /// A block at the top of an HCL file: its name, its labels, what stands in it.
    pub fn block(&mut self, name: &str, labels: &[&str], build: impl FnOnce(&mut Body<'_>)) -> Last<'_> {
        write_block(self, name, labels, build)
    }

    /// A comment before the next document or block: the address of the resource.
    pub fn comment(&mut self, text: &str) {
        write_comment(self, text);
    }

    fn root(&mut self) -> Slot<'_, '_> {
        Slot { tape: self, key: None }
    }
}

impl Map<'_> {
    /// `key: value`.
    pub fn set(&mut self, key: &str, value: impl Leaf) -> Last<'_> {
        self.key(key).leaf(value)
    }

    /// `key: value` if there is one.
    pub fn maybe(&mut self, key: &str, value: Option<impl Leaf>) -> Last<'_> {
        match value {
            Some(value) => self.set(key, value),
            None => Last { start: self.tape.tokens.len(), tape: self.tape, value: None },
        }
    }

    /// `key: value`, with its origin, if the field says one.
    pub fn field(&mut self, key: &str, field: Field<impl Leaf>) -> Last<'_> {
        let span = field.span();
        self.maybe(key, field.get()).from(span)
    }

    /// `key = expression`, in HCL.
    pub fn expr(&mut self, key: &str, expression: &str) -> Last<'_> {
        self.set(key, Expr(expression))
    }

    /// A map under a key.
    pub fn map(&mut self, key: &str, build: impl FnOnce(&mut Map<'_>)) -> Last<'_> {
        self.key(key).map(build)
    }

    /// A list under a key.
    pub fn list(&mut self, key: &str, build: impl FnOnce(&mut List<'_>)) -> Last<'_> {
        self.key(key).list(build)
    }

    /// A list of values without parts under a key.
    pub fn items(&mut self, key: &str, items: impl IntoIterator<Item: Leaf>) -> Last<'_> {
        self.key(key).list(|t| {
            for item in items {
                t.item(item);
            }
        })
    }

    /// A map of values without parts under a key, such as labels.
    pub fn pairs<K: AsRef<str>, V: Leaf>(
        &mut self,
        key: &str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Last<'_> {
        self.key(key).map(|t| {
            for (key, value) in pairs {
                t.set(key.as_ref(), value);
            }
        })
    }

    /// A key whose value follows: for calls and templates, `t.key("policy").call("jsonencode", …)`.
    pub fn key<'k>(&mut self, key: &'k str) -> Slot<'_, 'k> {
        Slot { tape: self.tape, key: Some(key) }
    }

    /// A comment on a line of its own, before the next entry.
    pub fn comment(&mut self, text: &str) {
        write_comment(self.tape, text);
    }
}

impl List<'_> {
    /// An element without parts.
    pub fn item(&mut self, value: impl Leaf) -> Last<'_> {
        self.value().leaf(value)
    }

    /// An element that is a map.
    pub fn map(&mut self, build: impl FnOnce(&mut Map<'_>)) -> Last<'_> {
        self.value().map(build)
    }

    /// An element that is a list.
    pub fn list(&mut self, build: impl FnOnce(&mut List<'_>)) -> Last<'_> {
        self.value().list(build)
    }

    /// The place of the next element: for calls and templates.
    pub fn value(&mut self) -> Slot<'_, '_> {
        Slot { tape: self.tape, key: None }
    }

    /// A comment on a line of its own, before the next element.
    pub fn comment(&mut self, text: &str) {
        write_comment(self.tape, text);
    }
}

impl<'t> Deref for Body<'t> {
    type Target = Map<'t>;
    fn deref(&self) -> &Map<'t> {
        &self.map
    }
}

impl<'t> DerefMut for Body<'t> {
    fn deref_mut(&mut self) -> &mut Map<'t> {
        &mut self.map
    }
}

impl Body<'_> {
    /// A nested block: its name, its labels, what stands in it.
    pub fn block(&mut self, name: &str, labels: &[&str], build: impl FnOnce(&mut Body<'_>)) -> Last<'_> {
        write_block(self.map.tape, name, labels, build)
    }
}

impl Template<'_> {
    /// Text, as it is meant.
    pub fn text(&mut self, text: &str) {
        self.tape.push(Kind::Leaf(LeafKind::Str), text);
    }

    /// `${expression}`.
    pub fn expr(&mut self, expression: &str) {
        self.tape.push(Kind::Leaf(LeafKind::Expr), expression);
    }
}

impl<'t> Slot<'t, '_> {
    /// A value without parts.
    pub fn leaf(self, value: impl Leaf) -> Last<'t> {
        self.write(|tape| tape.push_leaf(&value))
    }

    /// A map.
    pub fn map(self, build: impl FnOnce(&mut Map<'_>)) -> Last<'t> {
        self.write(|tape| {
            let open = tape.open(Kind::OpenMap);
            build(&mut Map { tape });
            tape.close(open, Kind::CloseMap);
        })
    }

    /// A list.
    pub fn list(self, build: impl FnOnce(&mut List<'_>)) -> Last<'t> {
        self.write(|tape| {
            let open = tape.open(Kind::OpenList);
            build(&mut List { tape });
            tape.close(open, Kind::CloseList);
        })
    }

    /// A call of a function of HCL: its name, its arguments.
    pub fn call(self, function: &str, arguments: impl FnOnce(&mut List<'_>)) -> Last<'t> {
        self.write(|tape| {
            let open = tape.open(Kind::OpenCall);
            tape.push(Kind::Label, function);
            arguments(&mut List { tape });
            tape.close(open, Kind::CloseCall);
        })
    }

    /// A text of HCL with expressions in it.
    pub fn template(self, pieces: impl FnOnce(&mut Template<'_>)) -> Last<'t> {
        self.write(|tape| {
            let open = tape.open(Kind::OpenTemplate);
            pieces(&mut Template { tape });
            tape.close(open, Kind::CloseTemplate);
        })
    }

    fn write(self, value: impl FnOnce(&mut Tape)) -> Last<'t> {
        let start = self.tape.tokens.len();
        if let Some(key) = self.key {
            self.tape.push(Kind::Key, key);
        }
        let at = self.tape.tokens.len();
        value(self.tape);
        Last { tape: self.tape, start, value: Some(at) }
    }
}

impl<'t> Last<'t> {
    /// Says where it comes from; what stands in it comes from there too, unless it says otherwise.
    #[allow(clippy::return_self_not_must_use, reason = "mostly the end of a statement")]
    pub fn from(self, span: impl Into<Option<Span>>) -> Last<'t> {
        if let (Some(value), Some(span)) = (self.value, span.into()) {
            self.tape.set_origin(value, span);
        }
        self
    }

    /// Takes it back if it is an empty map, list or block.
    pub fn unless_empty(self) {
        let Some(open) = self.value else { return };
        let Some(&token) = self.tape.tokens.get(open) else { return };
        let first = open + 1;
        let labels = self.tape.tokens[first..].iter().take_while(|token| token.kind == Kind::Label).count();
        if !token.kind.opens() || token.end() != first + labels {
            return;
        }
        let text =
            self.tape.tokens[self.start..].iter().find(|token| !token.kind.opens() && !token.kind.closes());
        if let Some(&text) = text {
            self.tape.text.truncate(text.lo as usize);
        }
        self.tape.tokens.truncate(self.start);
    }
}

fn write_block<'t>(
    tape: &'t mut Tape,
    name: &str,
    labels: &[&str],
    build: impl FnOnce(&mut Body<'_>),
) -> Last<'t> {
    let open = tape.open(Kind::OpenBlock);
    tape.push(Kind::Label, name);
    for label in labels {
        tape.push(Kind::Label, label);
    }
    build(&mut Body { map: Map { tape } });
    tape.close(open, Kind::CloseBlock);
    Last { tape, start: open, value: Some(open) }
}

fn write_comment(tape: &mut Tape, text: &str) {
    for line in text.lines() {
        tape.push(Kind::Comment, line);
    }
}
