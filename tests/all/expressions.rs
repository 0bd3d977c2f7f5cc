//! Expressions against crate `cel`, on what both languages have: generated texts come to the same values.

use cel::Value as Theirs;
use purlin_bench::generate::Dice;
use purlin_core::expr::{self, Reach, Scope};
use purlin_core::variables::Variables;

/// Compares so many generated expressions.
fn check(count: usize, seed: u64) {
    let mut dice = Dice::new(seed);
    let (mut same, mut refused) = (0, 0);
    for n in 0..count {
        let text = Writer { dice: &mut dice, locals: Vec::new() }.any(3);
        match (ours(&text), theirs(&text)) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "number {n} of seed {seed}: {text}");
                same += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            // CEL lets an error of one side go where the other side decides; here an error stays one.
            (Err(fault), Ok(_)) if fault.contains("by zero") || fault.contains("no element") => refused += 1,
            (ours, theirs) => panic!("number {n} of seed {seed}: {text}\nours {ours:?}\ntheirs {theirs:?}"),
        }
    }
    assert!(same * 10 >= count * 9, "{refused} of {count} expressions have no value: too few are compared");
}

fn ours(text: &str) -> Result<String, String> {
    let variables = Variables::default();
    let scope = Scope { subject: None, variables: &variables, reach: Reach::Graph };
    let program = expr::compile(text, &scope).map_err(|fault| fault.message)?;
    expr::show(&program, None, None).map_err(|fault| fault.message)
}

fn theirs(text: &str) -> Result<String, String> {
    let program = cel::Program::compile(text).map_err(|error| error.to_string())?;
    program.execute(&cel::Context::default()).map(|value| shown(&value)).map_err(|error| error.to_string())
}

fn shown(value: &Theirs) -> String {
    match value {
        Theirs::Int(value) => value.to_string(),
        Theirs::UInt(value) => value.to_string(),
        Theirs::Float(value) => format!("{value:?}"),
        Theirs::Bool(value) => value.to_string(),
        Theirs::String(text) => purlin_schema::print::quoted(text),
        Theirs::List(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Theirs::Null => "null".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What a loop variable holds.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Int,
    Text,
}

/// Writes expressions of a wanted type. Texts are of ASCII: `size` counts characters, as CEL's specification has it, and
/// the crate counts bytes.
struct Writer<'d> {
    dice: &'d mut Dice,
    locals: Vec<(String, Sort)>,
}

impl Writer<'_> {
    fn any(&mut self, depth: usize) -> String {
        match self.dice.below(5) {
            0 | 1 => self.truth(depth),
            2 => self.int(depth),
            3 => self.text(depth),
            _ => self.list(depth),
        }
    }

    fn local(&mut self, sort: Sort) -> Option<String> {
        let known: Vec<&String> =
            self.locals.iter().filter(|(_, have)| *have == sort).map(|(name, _)| name).collect();
        if known.is_empty() { None } else { Some((*self.dice.pick(&known)).clone()) }
    }

    /// A body in which a new name stands for an element.
    fn with(&mut self, sort: Sort, body: impl FnOnce(&mut Self) -> String) -> (String, String) {
        let name = format!("{}{}", self.dice.pick(&["x", "y", "item"]), self.locals.len());
        self.locals.push((name.clone(), sort));
        let body = body(self);
        self.locals.pop();
        (name, body)
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return (*self.dice.pick(&["true", "false"])).to_owned();
        }
        let below = depth - 1;
        match self.dice.below(13) {
            0 => format!("({} && {})", self.truth(below), self.truth(below)),
            1 => format!("({} || {})", self.truth(below), self.truth(below)),
            2 => format!("!({})", self.truth(below)),
            3 | 4 => {
                let sign = *self.dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.int(below), self.int(below))
            }
            5 => {
                let sign = *self.dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.text(below), self.text(below))
            }
            6 => format!("{} in {}", self.int(below), self.list(below)),
            7 => {
                let name = *self.dice.pick(&["contains", "startsWith", "endsWith"]);
                format!("{}.{name}({})", self.text(below), self.text(below))
            }
            8 => format!(
                "{}.matches('{}')",
                self.text(below),
                self.dice.pick(&["^a", "b+$", "[a-c]{2}", "x|b"])
            ),
            9 | 10 => {
                let (name, body) = self.with(Sort::Int, |writer| writer.truth(below));
                let what = *self.dice.pick(&["all", "exists", "exists_one"]);
                format!("{}.{what}({name}, {body})", self.list(below))
            }
            11 => {
                let (name, body) = self.with(Sort::Text, |writer| writer.truth(below));
                format!("{}.exists({name}, {body})", self.texts(below))
            }
            _ => format!("{} == {}", self.list(below), self.list(below)),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let Some(name) = self.local(Sort::Int)
                && self.dice.below(2) == 0
            {
                return name;
            }
            return self.dice.below(12).to_string();
        }
        let below = depth - 1;
        match self.dice.below(10) {
            0 | 1 => format!("({} + {})", self.int(below), self.int(below)),
            2 => format!("({} - {})", self.int(below), self.int(below)),
            3 => format!("{} * {}", self.int(0), self.int(0)),
            4 => format!("{} / {}", self.int(0), 1 + self.dice.below(5)),
            5 => format!("{} % {}", self.int(0), 1 + self.dice.below(5)),
            6 => format!("size({})", self.text(below)),
            7 => format!("size({})", self.list(below)),
            8 => format!("({} ? {} : {})", self.truth(below), self.int(below), self.int(below)),
            _ => format!("-({})", self.int(below)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let Some(name) = self.local(Sort::Text)
                && self.dice.below(2) == 0
            {
                return name;
            }
            return (*self
                .dice
                .pick(&["'a'", "'ab'", "\"abc\"", "''", "'c'", "'b b'", "'it\\'s'", "'a\\n'"]))
            .to_owned();
        }
        let below = depth - 1;
        match self.dice.below(4) {
            0 => format!("({} + {})", self.text(below), self.text(below)),
            1 => format!("({} ? {} : {})", self.truth(below), self.text(below), self.text(below)),
            2 => format!("string({})", self.int(below)),
            _ => self.text(0),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        if depth == 0 {
            return (*self.dice.pick(&["[1, 2, 3]", "[0]", "[7, 7]", "[5, 1]"])).to_owned();
        }
        let below = depth - 1;
        match self.dice.below(5) {
            0 => {
                let parts: Vec<String> = (0..=self.dice.below(4)).map(|_| self.int(below)).collect();
                format!("[{}]", parts.join(", "))
            }
            1 => {
                let (name, body) = self.with(Sort::Int, |writer| writer.int(below));
                format!("{}.map({name}, {body})", self.list(below))
            }
            2 => {
                let (name, body) = self.with(Sort::Int, |writer| writer.truth(below));
                format!("{}.filter({name}, {body})", self.list(below))
            }
            3 => format!("({} + {})", self.list(below), self.list(below)),
            _ => self.list(0),
        }
    }

    fn texts(&mut self, depth: usize) -> String {
        let parts: Vec<String> = (0..=self.dice.below(3)).map(|_| self.text(depth.min(1))).collect();
        format!("[{}]", parts.join(", "))
    }
}

/// 100,000 in release, in some twelve seconds; a part of them otherwise.
#[test]
fn generated_expressions_come_to_what_cel_says() {
    check(if cfg!(debug_assertions) { 2_000 } else { 100_000 }, 1);
}

#[test]
fn the_same_text_comes_to_the_same_value() {
    for (text, value) in [
        ("[1, 2, 3].filter(x, x > 1).map(x, x * 2)", "[4, 6]"),
        ("'a' < 'b' && 7 / 2 == 3 && -7 % 3 == -1", "true"),
        ("size('ab') + size([])", "2"),
    ] {
        assert_eq!(ours(text).as_deref(), Ok(value), "{text}");
        assert_eq!(theirs(text).as_deref(), Ok(value), "{text}");
    }
}
