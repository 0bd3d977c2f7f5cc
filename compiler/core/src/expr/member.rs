//! Names and fields: what a path means, and what was meant by one that means nothing.

use purlin_schema::closest::closest;
use purlin_schema::schema::FieldSchema;
use purlin_schema::units;
use purlin_schema::{KindSchema, RecordSchema, Shape, Type, kinds};
use purlin_syntax::Symbol;

use super::compile::{Compiler, Reach, Typed};
use super::computed;
use super::fault::{Fault, LANGUAGE, NAME, TYPE};
use super::program::{Address, Constant, Step};
use super::tree::{Form, NodeId};
use super::types::{self, Ty};

impl<'c> Compiler<'c, '_> {
    /// A name at the start of a path.
    pub(super) fn name(&mut self, node: NodeId, name: &'c str) -> Typed {
        let place = self.tree.place(node);
        if let Some(depth) = self.locals.iter().rposition(|(local, _)| *local == name) {
            let ty = self.locals[depth].1.clone();
            self.emit(Step::Local(depth as u32), place);
            return Ok(ty);
        }
        if name == "self" {
            return self.subject(place);
        }
        if self.scope.variables.has(name) {
            return self.variable(node, name, place);
        }
        if name == "cost" && self.scope.reach != Reach::Variables {
            self.computes(place)?;
            self.group = &[];
            let nothing = self.constant(Constant::Null);
            self.emit(Step::Constant(nothing), place);
            return Ok(Ty::Group("cost"));
        }
        if let Some(kind) = kinds::KINDS.iter().find(|kind| kind.plural == name) {
            self.reaches(name, place)?;
            self.emit(Step::All(kind.name), place);
            return Ok(Ty::List(Box::new(Ty::Resource(std::slice::from_ref(&kind.name)))));
        }
        Err(self.unknown_name(name, place))
    }

    fn subject(&mut self, place: (u32, u32)) -> Typed {
        let Some(kind) = self.scope.subject else {
            return Err(Fault::new(NAME, "`self` stands for nothing here", place));
        };
        self.reaches("self", place)?;
        self.emit(Step::Subject, place);
        Ok(Ty::Resource(std::slice::from_ref(&kind.name)))
    }

    /// Whether resources may be read at all.
    fn reaches(&self, name: &str, place: (u32, u32)) -> Result<(), Fault> {
        if self.scope.reach != Reach::Variables {
            return Ok(());
        }
        let message =
            format!("`{name}` stands for resources, which do not exist yet where this is evaluated");
        Err(Fault::new(LANGUAGE, message, place)
            .note("params, lets and what decides which resources exist read params, lets and `environment.name` alone"))
    }

    /// Whether computed values may be read.
    fn computes(&self, place: (u32, u32)) -> Result<(), Fault> {
        if self.scope.reach == Reach::Graph {
            return Ok(());
        }
        let message =
            format!("{} is computed from the finished graph; a field cannot rest on it", self.shown(place));
        Err(Fault::new(LANGUAGE, message, place).note("predicates of policies and tests can ask for it"))
    }

    /// `$name`, or a bare name of a param or a let: a constant of this environment.
    pub(super) fn variable(&mut self, node: NodeId, name: &str, place: (u32, u32)) -> Typed {
        self.program.reads_variables = true;
        if !self.scope.variables.has(name) {
            let fault = Fault::new(NAME, format!("no `param` or `let` is named `{name}`"), place);
            let near = closest(name, self.scope.variables.names());
            return Err(fault.offer(near.map(|near| format!("${near}"))));
        }
        let value = self.scope.variables.constant(name);
        let constant = value.as_ref().map_or(Constant::Absent, Constant::of);
        Ok(self.literal(node, constant))
    }

    fn unknown_name(&self, name: &str, place: (u32, u32)) -> Fault {
        if let Some(kind) = kinds::kind(name) {
            let message = format!(
                "`{name}` is a kind: one of them is `{name}.NAME`, all of them are `{}`",
                kind.plural
            );
            return Fault::new(NAME, message, place).offer([kind.plural.to_owned()]);
        }
        let fault = Fault::new(NAME, format!("`{name}` means nothing here"), place);
        let own = self.scope.subject.filter(|_| self.scope.reach != Reach::Variables);
        if own.is_some_and(|kind| kind.record.field(name).is_some()) {
            return fault.offer([format!("self.{name}")]);
        }
        let mut known: Vec<&str> = self.locals.iter().map(|(local, _)| *local).collect();
        for name in self.scope.variables.names() {
            known.push(name);
        }
        if self.scope.reach != Reach::Variables {
            for kind in kinds::KINDS {
                known.extend([kind.plural, kind.name]);
            }
        }
        let near = closest(name, known);
        let fault = fault.offer(near.map(str::to_owned));
        if fault.offers.is_empty() { fault.note("text stands in single quotes") } else { fault }
    }

    /// `from.name`.
    pub(super) fn field(&mut self, node: NodeId, from: NodeId, name: &'c str) -> Typed {
        let whole = self.tree.place(node);
        let place = (whole.1 - name.len() as u32, whole.1);
        if let Form::Name(head) = self.tree.form(from)
            && !self.is_bound(head)
        {
            if &**head == "environment" {
                return self.environment(node, name, place);
            }
            if let Some(kind) = kinds::kind(head) {
                return self.address(kind, name, whole, place);
            }
        }
        let asked = std::mem::replace(&mut self.asked, false);
        let ty = self.part_or_group(from)?;
        self.asked = asked;
        self.of_type(ty, from, name, place)
    }

    /// Whether a name is a loop variable or a variable.
    fn is_bound(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| *local == name) || self.scope.variables.has(name)
    }

    fn environment(&mut self, node: NodeId, name: &str, place: (u32, u32)) -> Typed {
        if name != "name" {
            let message = format!("the environment has no `{name}`");
            return Err(Fault::new(NAME, message, place).offer(["name".to_owned()]));
        }
        self.program.reads_variables = true;
        let constant = match self.scope.variables.environment() {
            Some(name) => Constant::Text(name.as_str().into()),
            None => Constant::Absent,
        };
        Ok(self.literal(node, constant))
    }

    /// `kind.name`: one resource.
    fn address(
        &mut self,
        kind: &'static KindSchema,
        name: &str,
        whole: (u32, u32),
        place: (u32, u32),
    ) -> Typed {
        self.reaches(kind.name, whole)?;
        let name = Symbol::intern(name).as_str();
        self.emit(Step::Address(kind.name, name), whole);
        if !self.asked {
            self.program.addresses.push(Address { kind: kind.name, name, place });
        }
        Ok(Ty::Resource(std::slice::from_ref(&kind.name)))
    }

    fn of_type(&mut self, ty: Ty, from: NodeId, name: &'c str, place: (u32, u32)) -> Typed {
        match ty {
            Ty::Any => Ok(self.by_name(name, place, Ty::Any)),
            Ty::Map(inner) => Ok(self.by_name(name, place, *inner)),
            Ty::Many(schema) => Ok(self.by_name(name, place, Ty::Record(schema))),
            Ty::Record(schema) => self.in_table(schema, schema.name, name, place),
            Ty::Resource(kinds) => self.of_resource(kinds, from, name, place),
            Ty::Range(kind) => {
                let high = match name {
                    "low" => false,
                    "high" => true,
                    _ => {
                        let message = format!("an interval of {} has no `{name}`", kind.name());
                        let ends = ["low".to_owned(), "high".to_owned()];
                        return Err(Fault::new(NAME, message, place).offer(ends));
                    }
                };
                self.emit(Step::End(high), place);
                Ok(Ty::Amount(kind))
            }
            Ty::Group(group) => self.computed(group, from, name, place),
            other => {
                let at = self.tree.place(from);
                let message = format!("{} is {}, which has no fields", self.shown(at), other.phrase());
                let fault = Fault::new(TYPE, message, place);
                Err(match other {
                    Ty::List(_) => {
                        fault.note("an element is `[0]`; macros such as `exists(x, …)` look at all of them")
                    }
                    _ => fault,
                })
            }
        }
    }

    fn by_name(&mut self, name: &str, place: (u32, u32), ty: Ty) -> Ty {
        self.program.names.push(Symbol::intern(name).as_str());
        self.emit(Step::Field(self.program.names.len() as u32 - 1), place);
        ty
    }

    /// A field of a table that is known.
    fn in_table(&mut self, schema: &'static RecordSchema, of: &str, name: &str, place: (u32, u32)) -> Typed {
        let Some(index) = schema.field_index(name) else {
            return Err(unknown_field(of, name, schema.fields.iter(), place));
        };
        let field = &schema.fields[index as usize];
        let default = if self.asked { None } else { default(field) };
        let default = default.map(|default| self.constant(default));
        self.emit(Step::Slot(schema, index, default), place);
        Ok(types::field(field))
    }

    fn of_resource(
        &mut self,
        kinds: &'static [&'static str],
        from: NodeId,
        name: &'c str,
        place: (u32, u32),
    ) -> Typed {
        if matches!(self.tree.form(from), Form::Name(head) if &**head == "self")
            && self.program.subject_field.is_none()
        {
            self.program.subject_field = Some(Symbol::intern(name).as_str());
        }
        let tables: Vec<&'static KindSchema> = types::kinds_of(kinds).collect();
        if !tables.is_empty() && tables.iter().all(|kind| kind.fact) {
            let message = format!("`{name}` is a field of a fact, which expressions cannot read yet");
            return Err(Fault::new(LANGUAGE, message, place).note("the name of a fact can be compared"));
        }
        let having: Vec<&FieldSchema> = tables.iter().filter_map(|kind| kind.record.field(name)).collect();
        if having.is_empty() && computed::of(kinds, name).next().is_some() {
            self.computes(place)?;
            self.group = kinds;
            return Ok(Ty::Group(Symbol::intern(name).as_str()));
        }
        match tables.as_slice() {
            [] => {
                let mut all = kinds::KINDS.iter().filter_map(|kind| kind.record.field(name));
                if all.next().is_none() {
                    let fields = kinds::KINDS.iter().flat_map(|kind| kind.record.fields);
                    return Err(unknown_field("no kind", name, fields, place));
                }
                Ok(self.by_name(name, place, Ty::Any))
            }
            [kind] => self.in_table(kind.record, kind.name, name, place),
            _ if having.is_empty() => {
                let fields = tables.iter().flat_map(|kind| kind.record.fields);
                Err(unknown_field(&kinds.join(" or a "), name, fields, place))
            }
            _ => {
                let ty = having.iter().map(|field| types::field(field)).reduce(Ty::joined).unwrap_or(Ty::Any);
                Ok(self.by_name(name, place, ty))
            }
        }
    }

    fn computed(&mut self, group: &'static str, from: NodeId, name: &str, place: (u32, u32)) -> Typed {
        let kinds = self.group;
        let rows: Vec<&computed::Row> = if kinds.is_empty() {
            computed::of_project(group).collect()
        } else {
            computed::of(kinds, group).collect()
        };
        let Some(row) = rows.iter().find(|row| row.name == name) else {
            let at = self.tree.place(from);
            let fault = Fault::new(NAME, format!("{} has no `{name}`", self.shown(at)), place);
            let near = closest(name, rows.iter().map(|row| row.name));
            return Err(fault.offer(near.map(str::to_owned)));
        };
        self.emit(Step::Computed(row.which), place);
        Ok((row.ty)())
    }

    /// `from[key]`.
    pub(super) fn index(&mut self, node: NodeId, from: NodeId, key: NodeId) -> Typed {
        let whole = self.tree.place(node);
        if let (Form::Name(head), Form::Text(name)) = (self.tree.form(from), self.tree.form(key))
            && !self.is_bound(head)
            && let Some(kind) = kinds::kind(head)
        {
            return self.address(kind, name, whole, self.tree.place(key));
        }
        let asked = std::mem::replace(&mut self.asked, false);
        let container = self.part(from)?;
        let key_type = self.part(key)?;
        self.asked = asked;
        let (element, fits) = match &container {
            Ty::Any => (Ty::Any, true),
            Ty::List(inner) => ((**inner).clone(), matches!(key_type, Ty::Int | Ty::Any)),
            Ty::Many(schema) => (
                Ty::Record(schema),
                key_type.is_text() || matches!(key_type, Ty::Int | Ty::Any | Ty::Resource(_)),
            ),
            Ty::Map(inner) => {
                ((**inner).clone(), !matches!(key_type, Ty::List(_) | Ty::Map(_) | Ty::Record(_)))
            }
            other => {
                let at = self.tree.place(from);
                let message = format!("{} is {}, which has no elements", self.shown(at), other.phrase());
                return Err(Fault::new(TYPE, message, whole));
            }
        };
        if !fits {
            let at = self.tree.place(key);
            let message = format!(
                "{} is {}, which is no key of {}",
                self.shown(at),
                key_type.phrase(),
                container.phrase()
            );
            return Err(Fault::new(TYPE, message, at));
        }
        self.emit(Step::Index, whole);
        Ok(element)
    }
}

fn unknown_field<'f>(
    of: &str,
    name: &str,
    fields: impl Iterator<Item = &'f FieldSchema>,
    place: (u32, u32),
) -> Fault {
    let message = if of == "no kind" {
        format!("no kind has a field `{name}`")
    } else {
        format!("a {of} has no field `{name}`")
    };
    let near = closest(name, fields.map(|field| field.name));
    Fault::new(NAME, message, place).offer(near.map(str::to_owned))
}

/// What stands for a field that is not said.
fn default(field: &FieldSchema) -> Option<Constant> {
    let Shape::One(ty) = field.shape else { return None };
    let text = field.default;
    if text.is_empty() {
        return None;
    }
    Some(match ty {
        Type::Bool => Constant::Bool(text.trim_start_matches('#') == "true"),
        Type::Integer | Type::Count => Constant::Int(text.parse().ok()?),
        Type::Number => Constant::Number(text.parse().ok()?),
        Type::Text | Type::Choice(_) => Constant::Text(text.into()),
        Type::Quantity(kind) => {
            Constant::Quantity(units::parse(kind, text).or_else(|_| units::parse_number(kind, text)).ok()?)
        }
        Type::Reference(_) | Type::Any => return None,
    })
}
