//! Tree → program: every part gets its type and its steps in one walk. The depth of the tree is bounded by the parser.

use purlin_schema::KindSchema;
use purlin_schema::closest::closest;
use purlin_schema::units::{self, QuantityKind};
use regex_lite::Regex;
use rustc_hash::FxHashMap;

use super::arithmetic;
use super::fault::{Fault, LANGUAGE, NAME, TYPE};
use super::function::FUNCTIONS;
use super::program::{Constant, Macro, Program, Step};
use super::tree::{Form, NodeId, Operator, Tree};
use super::types::{self, Ty};
use crate::variables::Variables;

/// How far an expression may look.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reach {
    /// Params, lets and the environment: what decides which resources exist.
    Variables,
    /// Fields of resources, too: the value of a field.
    Fields,
    /// Whatever is computed of the graph, too: a predicate.
    Graph,
}

/// What an expression is compiled against.
pub struct Scope<'s> {
    /// The kind of `self`, where there is one.
    pub subject: Option<&'static KindSchema>,
    /// Params and lets.
    pub variables: &'s Variables,
    /// How far it may look.
    pub reach: Reach,
}

/// Compiles a tree.
pub(super) fn compile(text: &str, tree: &Tree, scope: &Scope) -> Result<Program, Fault> {
    let program = Program {
        steps: Vec::new(),
        places: Vec::new(),
        constants: Vec::new(),
        names: Vec::new(),
        patterns: Vec::new(),
        result: Ty::Any,
        addresses: Vec::new(),
        subject_field: None,
        reads_variables: false,
    };
    let mut compiler = Compiler {
        text,
        tree,
        scope,
        program,
        locals: Vec::new(),
        literals: FxHashMap::default(),
        group: &[],
        asked: false,
    };
    let result = compiler.part(tree.root)?;
    compiler.program.result = result;
    Ok(compiler.program)
}

pub(super) struct Compiler<'c, 's> {
    pub(super) text: &'c str,
    pub(super) tree: &'c Tree,
    pub(super) scope: &'c Scope<'s>,
    pub(super) program: Program,
    /// Loop variables, the outermost first.
    pub(super) locals: Vec<(&'c str, Ty)>,
    /// Constants that take the type of what they are compared with.
    pub(super) literals: FxHashMap<NodeId, u32>,
    /// The kinds whose computed values the group on the stack is of; empty: the project's.
    pub(super) group: &'static [&'static str],
    /// Inside of `has`: nothing stands in for what is absent.
    pub(super) asked: bool,
}

pub(super) type Typed = Result<Ty, Fault>;

impl<'c> Compiler<'c, '_> {
    pub(super) fn emit(&mut self, step: Step, place: (u32, u32)) -> usize {
        self.program.steps.push(step);
        self.program.places.push(place);
        self.program.steps.len() - 1
    }

    fn here(&self) -> u32 {
        self.program.steps.len() as u32
    }

    pub(super) fn constant(&mut self, constant: Constant) -> u32 {
        self.program.constants.push(constant);
        self.program.constants.len() as u32 - 1
    }

    /// Pushes a constant that may still take another type.
    pub(super) fn literal(&mut self, node: NodeId, constant: Constant) -> Ty {
        let ty = constant.ty();
        let index = self.constant(constant);
        self.literals.insert(node, index);
        self.emit(Step::Constant(index), self.tree.place(node));
        ty
    }

    /// A part of the text, shortened.
    pub(super) fn shown(&self, (lo, hi): (u32, u32)) -> String {
        const SHOWN: usize = 48;
        let text = self.text.get(lo as usize..hi as usize).unwrap_or("");
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        format!("`{}`", shown.replace(['\n', '\r', '\t'], " "))
    }

    /// A part that is a value.
    pub(super) fn part(&mut self, node: NodeId) -> Typed {
        let ty = self.part_or_group(node)?;
        let Ty::Group(group) = ty else { return Ok(ty) };
        let kinds = self.group;
        let names = super::computed::COMPUTED
            .iter()
            .filter(|row| row.group == group && (row.kinds.is_empty() == kinds.is_empty()))
            .map(|row| format!("`{}.{}`", row.group, row.name));
        let mut names: Vec<String> = names.collect();
        names.dedup();
        let message = format!("{} is no value by itself", self.shown(self.tree.place(node)));
        Err(Fault::new(TYPE, message, self.tree.place(node)).note(format!("it has {}", names.join(", "))))
    }

    pub(super) fn part_or_group(&mut self, node: NodeId) -> Typed {
        let tree = self.tree;
        let place = tree.place(node);
        match tree.form(node) {
            Form::Null => Ok(self.literal(node, Constant::Null)),
            Form::Bool(value) => Ok(self.literal(node, Constant::Bool(*value))),
            Form::Int(value) => Ok(self.literal(node, Constant::Int(*value))),
            Form::Number(value) => Ok(self.literal(node, Constant::Number(*value))),
            Form::Text(text) => Ok(self.literal(node, Constant::Text(text.clone()))),
            Form::Amount(text) => self.amount(node, text),
            Form::Name(name) => self.name(node, name),
            Form::Variable(name) => self.variable(node, name, place),
            Form::Field(from, name) => self.field(node, *from, name),
            Form::Index(from, key) => self.index(node, *from, *key),
            Form::Call(from, name, arguments) => self.call(node, *from, name, arguments),
            Form::Not(inner) => {
                self.condition(*inner)?;
                self.emit(Step::Not, place);
                Ok(Ty::Bool)
            }
            Form::Negate(inner) => self.negate(*inner, place),
            Form::And(left, right) => self.both(false, *left, *right, place),
            Form::Or(left, right) => self.both(true, *left, *right, place),
            Form::Binary(Operator::In, left, right) => self.within(*left, *right, place),
            Form::Binary(operator, left, right) => self.binary(*operator, *left, *right, place),
            Form::If(condition, yes, no) => self.choice(*condition, *yes, *no),
            Form::List(parts) => {
                let types = parts.iter().map(|part| self.part(*part)).collect::<Result<Vec<Ty>, Fault>>()?;
                self.emit(Step::List(parts.len() as u32), place);
                Ok(Ty::List(Box::new(types.into_iter().reduce(Ty::joined).unwrap_or(Ty::Any))))
            }
            Form::Map(entries) => {
                let mut value = None;
                for (key, entry) in entries {
                    self.part(*key)?;
                    let ty = self.part(*entry)?;
                    value = Some(match value {
                        Some(have) => Ty::joined(have, ty),
                        None => ty,
                    });
                }
                self.emit(Step::Map(entries.len() as u32), place);
                Ok(Ty::Map(Box::new(value.unwrap_or(Ty::Any))))
            }
        }
    }

    fn amount(&mut self, node: NodeId, text: &str) -> Typed {
        let version = text.matches('.').count() > 1;
        let kinds = if version { &[QuantityKind::Version][..] } else { &KINDS };
        let Some(quantity) = kinds.iter().find_map(|kind| units::parse(*kind, text).ok()) else {
            let unit =
                |text: &str| text.find(|c: char| c.is_alphabetic()).and_then(|at| text[at..].chars().next());
            let meant =
                |offer: &String| unit(offer).zip(unit(text)).is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
            let offers = KINDS.iter().filter_map(|kind| units::parse(*kind, text).err());
            let offers = offers
                .map(|error| error.offers.into_iter().filter(meant).collect::<Vec<String>>())
                .find(|offers| !offers.is_empty())
                .unwrap_or_default();
            let message = format!("`{text}` is no quantity");
            return Err(Fault::new("type.unit", message, self.tree.place(node)).offer(offers));
        };
        let ty = self.literal(node, Constant::Quantity(quantity));
        Ok(ty)
    }

    /// A part that is true or false.
    fn condition(&mut self, node: NodeId) -> Result<(), Fault> {
        match self.part(node)? {
            Ty::Bool | Ty::Any => Ok(()),
            other => {
                let place = self.tree.place(node);
                let message =
                    format!("{} is {}; a condition is wanted here", self.shown(place), other.phrase());
                Err(Fault::new(TYPE, message, place))
            }
        }
    }

    fn negate(&mut self, inner: NodeId, place: (u32, u32)) -> Typed {
        let ty = self.part(inner)?;
        let money = matches!(ty, Ty::Amount(QuantityKind::Money));
        if !(ty.is_number() || ty.is_open() || money) || matches!(ty, Ty::Amount(QuantityKind::Parameters)) {
            let message =
                format!("{} is {}, which has no negative", self.shown(self.tree.place(inner)), ty.phrase());
            return Err(Fault::new(TYPE, message, place));
        }
        self.emit(Step::Negate, place);
        Ok(ty)
    }

    fn both(&mut self, or: bool, left: NodeId, right: NodeId, place: (u32, u32)) -> Typed {
        self.condition(left)?;
        let short = self.emit(Step::Short(or, 0), self.tree.place(left));
        self.condition(right)?;
        self.emit(Step::Join(or), place);
        self.program.steps[short] = Step::Short(or, self.here());
        Ok(Ty::Bool)
    }

    fn choice(&mut self, condition: NodeId, yes: NodeId, no: NodeId) -> Typed {
        self.condition(condition)?;
        let branch = self.emit(Step::Branch(0, 0), self.tree.place(condition));
        let first = self.part(yes)?;
        let jump = self.emit(Step::Jump(0), self.tree.place(yes));
        let otherwise = self.here();
        let second = self.part(no)?;
        let end = self.here();
        self.program.steps[branch] = Step::Branch(otherwise, end);
        self.program.steps[jump] = Step::Jump(end);
        if let (Ty::Amount(a), Ty::Amount(b)) = (&first, &second)
            && a != b
            && !first.is_open()
            && !second.is_open()
        {
            let message = format!(
                "{} is {} and {} is {}: one value cannot be either",
                self.shown(self.tree.place(yes)),
                first.phrase(),
                self.shown(self.tree.place(no)),
                second.phrase()
            );
            return Err(Fault::new(TYPE, message, self.tree.place(no)));
        }
        Ok(first.joined(second))
    }

    fn within(&mut self, left: NodeId, right: NodeId, place: (u32, u32)) -> Typed {
        let part = self.part(left)?;
        let whole = self.part(right)?;
        let Some(element) = (match &whole {
            Ty::Many(_) => Some(Ty::Any),
            other => other.element(),
        }) else {
            let place = self.tree.place(right);
            let message =
                format!("{} is {}; a list or a map is wanted after `in`", self.shown(place), whole.phrase());
            return Err(Fault::new(TYPE, message, place));
        };
        if !part.compares_with(&element, Operator::Equal) {
            let message = format!(
                "{} is {}, which is never in {}: its elements are {}",
                self.shown(self.tree.place(left)),
                part.phrase(),
                self.shown(self.tree.place(right)),
                element.phrase()
            );
            return Err(Fault::new(TYPE, message, place));
        }
        self.emit(Step::Binary(Operator::In), place);
        Ok(Ty::Bool)
    }

    fn binary(&mut self, operator: Operator, left: NodeId, right: NodeId, place: (u32, u32)) -> Typed {
        let mut first = self.part(left)?;
        let mut second = self.part(right)?;
        let alike = operator.compares()
            || matches!(operator, Operator::Add | Operator::Subtract | Operator::Remainder);
        if alike {
            if let Some(ty) = self.taking(right, &second, &first, operator)? {
                second = ty;
            } else if let Some(ty) = self.taking(left, &first, &second, operator)? {
                first = ty;
            }
        }
        let result = if operator.compares() {
            first.compares_with(&second, operator).then_some(Ty::Bool)
        } else {
            arithmetic::result(operator, &first, &second)
        };
        let Some(result) = result else {
            return Err(self.mismatch(operator, (left, &first), (right, &second)));
        };
        self.emit(Step::Binary(operator), place);
        Ok(result)
    }

    /// A literal takes the type of what it stands beside: `'20min'` and `20` beside a duration, a word beside a choice.
    fn taking(
        &mut self,
        node: NodeId,
        own: &Ty,
        other: &Ty,
        operator: Operator,
    ) -> Result<Option<Ty>, Fault> {
        let Some(&index) = self.literals.get(&node) else { return Ok(None) };
        let place = self.tree.place(node);
        match (other, self.program.constants.get(index as usize)) {
            (Ty::Choice(choices), Some(Constant::Text(text))) if operator.compares() => {
                let words = choices.choices.iter().map(|(word, _)| *word);
                if words.clone().any(|word| word == &**text) {
                    return Ok(None);
                }
                let message = format!("`{text}` is none of the choices");
                let fault = Fault::new("type.choice", message, place)
                    .note(format!("the choices are {}", types::words(choices)));
                let near = closest(&text.to_lowercase(), words);
                Err(fault.offer(near.map(|near| format!("'{near}'"))))
            }
            (Ty::Amount(kind), Some(Constant::Text(text))) if !own.is_number() && !other.is_text() => {
                let parsed = units::parse(*kind, text);
                self.taken(index, *kind, parsed, place).map(Some)
            }
            (Ty::Amount(kind), Some(Constant::Quantity(quantity))) if quantity.kind() != *kind => {
                // `2B` is bytes by itself and tokens or parameters beside those.
                let Form::Amount(text) = self.tree.form(node) else { return Ok(None) };
                if other.is_open() || (other.is_number() && own.is_number()) {
                    return Ok(None);
                }
                match units::parse(*kind, text) {
                    Ok(quantity) => {
                        self.program.constants[index as usize] = Constant::Quantity(quantity);
                        Ok(Some(Ty::Amount(*kind)))
                    }
                    Err(_) => Ok(None),
                }
            }
            (Ty::Amount(kind), Some(Constant::Int(_) | Constant::Number(_)))
                if !other.is_number() && !other.is_open() =>
            {
                let (lo, hi) = (place.0 as usize, place.1 as usize);
                let source = self.text.get(lo..hi).unwrap_or("");
                let parsed = units::parse_number(*kind, source);
                self.taken(index, *kind, parsed, place).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn taken(
        &mut self,
        index: u32,
        kind: QuantityKind,
        parsed: Result<units::Quantity, units::UnitError>,
        place: (u32, u32),
    ) -> Typed {
        match parsed {
            Ok(quantity) => {
                self.program.constants[index as usize] = Constant::Quantity(quantity);
                Ok(Ty::Amount(kind))
            }
            Err(error) => {
                // What stands in quotes stays in quotes, and so do names; a number gets its unit bare.
                let quoted =
                    self.text.as_bytes().get(place.0 as usize).is_some_and(|b| matches!(b, b'\'' | b'"'))
                        || super::value::is_textual(kind);
                let offers =
                    error.offers.into_iter().map(|offer| if quoted { format!("'{offer}'") } else { offer });
                Err(Fault::new("type.unit", error.message, place).offer(offers))
            }
        }
    }

    fn mismatch(&self, operator: Operator, left: (NodeId, &Ty), right: (NodeId, &Ty)) -> Fault {
        let (first, second) = (self.tree.place(left.0), self.tree.place(right.0));
        let message = format!(
            "{} is {} and {} is {}: they cannot be {}",
            self.shown(first),
            left.1.phrase(),
            self.shown(second),
            right.1.phrase(),
            operator.done()
        );
        let mut fault = Fault::new(TYPE, message, (first.0, second.1));
        for ((lo, hi), ty) in [(first, left.1), (second, right.1)] {
            if let Ty::Range(_) = ty {
                let text = self.text.get(lo as usize..hi as usize).unwrap_or("");
                fault = fault.note(format!("an interval has two ends: `{text}.low` and `{text}.high`"));
            }
        }
        fault
    }

    fn call(&mut self, node: NodeId, from: Option<NodeId>, name: &'c str, arguments: &'c [NodeId]) -> Typed {
        let place = self.tree.place(node);
        let what = match name {
            "all" => Some(Macro::All),
            "exists" => Some(Macro::Exists),
            "exists_one" => Some(Macro::ExistsOne),
            "map" => Some(Macro::Map),
            "filter" => Some(Macro::Filter),
            _ => None,
        };
        if let (Some(what), Some(from)) = (what, from) {
            return self.each(what, from, name, arguments, place);
        }
        if name == "has" && from.is_none() {
            return self.has(arguments, place);
        }
        let all: Vec<NodeId> = from.into_iter().chain(arguments.iter().copied()).collect();
        if name == "matches" {
            return self.matches(&all, place);
        }
        let Some((_, function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            return Err(Self::unknown_function(name, from.is_some(), place));
        };
        if !(*least..=*most).contains(&all.len()) {
            let least = least - usize::from(from.is_some());
            let plural = if least == 1 { "argument" } else { "arguments" };
            let message = format!("`{name}` takes {least} {plural} here, not {}", arguments.len());
            return Err(Fault::new(TYPE, message, place));
        }
        let types = all.iter().map(|argument| self.part(*argument)).collect::<Result<Vec<Ty>, Fault>>()?;
        match function.result(&types) {
            Ok(result) => {
                self.emit(Step::Call(*function, all.len() as u32), place);
                Ok(result)
            }
            Err((position, wanted)) => {
                let (Some(argument), Some(ty)) = (all.get(position), types.get(position)) else {
                    return Err(Fault::new(TYPE, format!("`{name}` takes {wanted}"), place));
                };
                let at = self.tree.place(*argument);
                let message = format!("{} is {}; `{name}` takes {wanted}", self.shown(at), ty.phrase());
                Err(Fault::new(TYPE, message, at))
            }
        }
    }

    fn unknown_function(name: &str, method: bool, place: (u32, u32)) -> Fault {
        const MACROS: [&str; 7] = ["all", "exists", "exists_one", "map", "filter", "has", "matches"];
        if MACROS.contains(&name) {
            let message = format!("`{name}` stands behind a list: `self.items.{name}(…)`");
            let message =
                if method { format!("`{name}` stands before its argument: `{name}(…)`") } else { message };
            return Fault::new(LANGUAGE, message, place);
        }
        let known = FUNCTIONS.iter().map(|(name, ..)| *name).chain(MACROS);
        let fault = Fault::new(NAME, format!("there is no function `{name}`"), place);
        match closest(name, known) {
            Some(near) => fault.note(format!("nearest name: `{near}`")),
            None => fault,
        }
    }

    fn has(&mut self, arguments: &[NodeId], place: (u32, u32)) -> Typed {
        let [argument] = arguments else {
            return Err(Fault::new(
                LANGUAGE,
                format!("`has` takes one field, not {} arguments", arguments.len()),
                place,
            ));
        };
        if !matches!(self.tree.form(*argument), Form::Field(..) | Form::Index(..)) {
            let at = self.tree.place(*argument);
            let message = format!("`has` asks for a field; {} is none", self.shown(at));
            return Err(Fault::new(LANGUAGE, message, at));
        }
        let before = std::mem::replace(&mut self.asked, true);
        self.part(*argument)?;
        self.asked = before;
        self.emit(Step::Has, place);
        Ok(Ty::Bool)
    }

    fn matches(&mut self, arguments: &[NodeId], place: (u32, u32)) -> Typed {
        let [text, pattern] = arguments else {
            return Err(Fault::new(LANGUAGE, "`matches` takes a text and a pattern", place));
        };
        let ty = self.part(*text)?;
        if !(ty.is_text() || matches!(ty, Ty::Any | Ty::Resource(_))) {
            let at = self.tree.place(*text);
            return Err(Fault::new(
                TYPE,
                format!("{} is {}; `matches` takes text", self.shown(at), ty.phrase()),
                at,
            ));
        }
        let at = self.tree.place(*pattern);
        let Form::Text(written) = self.tree.form(*pattern) else {
            return Err(Fault::new(LANGUAGE, "a pattern is a text in quotes", at));
        };
        let compiled = Regex::new(written).map_err(|error| {
            Fault::new(LANGUAGE, format!("`{written}` is no pattern"), at).note(error.to_string())
        })?;
        self.program.patterns.push(compiled);
        self.emit(Step::Matches(self.program.patterns.len() as u32 - 1), place);
        Ok(Ty::Bool)
    }

    fn each(
        &mut self,
        what: Macro,
        from: NodeId,
        name: &str,
        arguments: &'c [NodeId],
        place: (u32, u32),
    ) -> Typed {
        let (variable, filter, body) = match (what, arguments) {
            (_, [variable, body]) => (variable, None, body),
            (Macro::Map, [variable, filter, body]) => (variable, Some(filter), body),
            _ => {
                let message = format!("`{name}` takes a name and an expression: `{name}(x, …)`");
                return Err(Fault::new(LANGUAGE, message, place));
            }
        };
        let Form::Name(variable) = self.tree.form(*variable) else {
            let at = self.tree.place(*variable);
            return Err(Fault::new(LANGUAGE, format!("{} is no name for an element", self.shown(at)), at));
        };
        let list = self.part(from)?;
        let Some(element) = list.element() else {
            let at = self.tree.place(from);
            let message = format!("{} is {}; `{name}` goes over a list", self.shown(at), list.phrase());
            return Err(Fault::new(TYPE, message, at));
        };
        if let Some(filter) = filter {
            self.body(Macro::Filter, variable, element.clone(), *filter, place)?;
        }
        let result = self.body(what, variable, element.clone(), *body, place)?;
        Ok(match what {
            Macro::All | Macro::Exists | Macro::ExistsOne => Ty::Bool,
            Macro::Filter => Ty::List(Box::new(element)),
            Macro::Map => Ty::List(Box::new(result)),
        })
    }

    fn body(
        &mut self,
        what: Macro,
        variable: &'c str,
        element: Ty,
        body: NodeId,
        place: (u32, u32),
    ) -> Typed {
        let begin = self.emit(Step::Begin(what, 0), place);
        let asked = std::mem::replace(&mut self.asked, false);
        self.locals.push((variable, element));
        let start = self.here();
        let result = if what == Macro::Map {
            self.part(body)?
        } else {
            self.condition(body)?;
            Ty::Bool
        };
        self.locals.pop();
        self.asked = asked;
        self.emit(Step::Again(start), self.tree.place(body));
        self.program.steps[begin] = Step::Begin(what, self.here());
        Ok(result)
    }
}

/// The types that a literal with a unit is tried as, where nothing beside it says more.
const KINDS: [QuantityKind; 14] = [
    QuantityKind::Duration,
    QuantityKind::Bytes,
    QuantityKind::Bandwidth,
    QuantityKind::Throughput,
    QuantityKind::MoneyRate,
    QuantityKind::Money,
    QuantityKind::Rate,
    QuantityKind::Tokens,
    QuantityKind::Steps,
    QuantityKind::Flop,
    QuantityKind::Ratio,
    QuantityKind::Date,
    QuantityKind::Timestamp,
    QuantityKind::Period,
];
