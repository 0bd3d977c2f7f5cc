//! Tokens → tree, by precedence, with a bound on depth.

use super::fault::{Fault, LANGUAGE};
use super::lex::{self, Token, What};
use super::tree::{Form, Node, NodeId, Operator, Tree};

/// Brackets and signs deeper than this are refused.
const DEPTH: usize = 48;
/// A chain of operators longer than this is refused.
const CHAIN: u32 = 200;
/// An expression longer than this is refused.
const LONGEST: usize = 16 << 10;

/// Parses an expression.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    if text.len() > LONGEST {
        let message = format!("an expression is longer than {LONGEST} bytes");
        return Err(Fault::new(LANGUAGE, message, (0, text.len() as u32)));
    }
    let tokens = lex::tokens(text)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0, tree: Tree::default() };
    let root = parser.choice()?;
    if parser.peek() != &What::End {
        return Err(parser.odd());
    }
    parser.tree.root = root;
    Ok(parser.tree)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    tree: Tree,
}

type Parsed = Result<NodeId, Fault>;

impl Parser<'_> {
    fn token(&self) -> &Token {
        // The last token is the end, and nothing moves beyond it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &What {
        &self.token().what
    }

    fn next(&mut self) -> Token {
        let token = self.token().clone();
        self.at += 1;
        token
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), What::Sign(have) if *have == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<u32, Fault> {
        let end = self.token().place.1;
        if self.take(sign) {
            return Ok(end);
        }
        let fault = self.odd();
        Err(fault.note(format!("`{sign}` is wanted here")))
    }

    fn odd(&self) -> Fault {
        let token = self.token();
        if token.what == What::End {
            return Fault::new(LANGUAGE, "an expression ends too early", token.place);
        }
        let (lo, hi) = (token.place.0 as usize, token.place.1 as usize);
        let shown: String = self.text[lo..hi].chars().take(24).collect();
        let message = format!("an expression cannot go on with `{}`", shown.escape_debug());
        let fault = Fault::new(LANGUAGE, message, token.place);
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|token| &token.what);
        match (before, &token.what) {
            (Some(What::Amount(amount)), What::Int(_) | What::Number(_)) if amount.ends_with('%') => {
                fault.note("a remainder has spaces round its `%`: `7 % 3`")
            }
            (_, What::Name(word)) if &**word == "and" => fault.offer(["&&".to_owned()]),
            (_, What::Name(word)) if &**word == "or" => fault.offer(["||".to_owned()]),
            _ => fault,
        }
    }

    fn put(&mut self, form: Form, place: (u32, u32), parts: &[NodeId]) -> Parsed {
        let depth = 1 + parts.iter().map(|part| self.tree.node(*part).depth).max().unwrap_or(0);
        if depth > CHAIN {
            let message = format!("an expression chains more than {CHAIN} operators");
            return Err(Fault::new(LANGUAGE, message, place));
        }
        self.tree.nodes.push(Node { form, place, depth });
        Ok(self.tree.nodes.len() as NodeId - 1)
    }

    /// From the start of one part to the end of another.
    fn over(&self, first: NodeId, last: NodeId) -> (u32, u32) {
        (self.tree.place(first).0, self.tree.place(last).1)
    }

    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            let message = format!("an expression nests deeper than {DEPTH}");
            return Err(Fault::new(LANGUAGE, message, self.token().place));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn choice(&mut self) -> Parsed {
        self.deeper(|parser| {
            let condition = parser.any()?;
            if !parser.take("?") {
                return Ok(condition);
            }
            let yes = parser.choice()?;
            parser.expect(":")?;
            let no = parser.choice()?;
            let place = parser.over(condition, no);
            parser.put(Form::If(condition, yes, no), place, &[condition, yes, no])
        })
    }

    fn any(&mut self) -> Parsed {
        let mut left = self.all()?;
        while self.take("||") {
            let right = self.all()?;
            left = self.put(Form::Or(left, right), self.over(left, right), &[left, right])?;
        }
        Ok(left)
    }

    fn all(&mut self) -> Parsed {
        let mut left = self.relation()?;
        while self.take("&&") {
            let right = self.relation()?;
            left = self.put(Form::And(left, right), self.over(left, right), &[left, right])?;
        }
        Ok(left)
    }

    fn binary(&mut self, signs: &[(&str, Operator)], part: impl Fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = part(self)?;
        loop {
            let found = signs.iter().find(|(sign, _)| match self.peek() {
                What::Sign(have) => have == sign,
                What::Name(word) => *sign == "in" && &**word == "in",
                _ => false,
            });
            let Some((_, operator)) = found else { return Ok(left) };
            self.at += 1;
            let right = part(self)?;
            let place = self.over(left, right);
            left = self.put(Form::Binary(*operator, left, right), place, &[left, right])?;
        }
    }

    fn relation(&mut self) -> Parsed {
        const SIGNS: [(&str, Operator); 7] = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("in", Operator::In),
        ];
        self.binary(&SIGNS, Parser::sum)
    }

    fn sum(&mut self) -> Parsed {
        self.binary(&[("+", Operator::Add), ("-", Operator::Subtract)], Parser::product)
    }

    fn product(&mut self) -> Parsed {
        const SIGNS: [(&str, Operator); 3] =
            [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.binary(&SIGNS, Parser::signed)
    }

    fn signed(&mut self) -> Parsed {
        let start = self.token().place.0;
        if self.take("!") {
            let inner = self.deeper(Parser::signed)?;
            return self.put(Form::Not(inner), (start, self.tree.place(inner).1), &[inner]);
        }
        if self.take("-") {
            let inner = self.deeper(Parser::signed)?;
            return self.put(Form::Negate(inner), (start, self.tree.place(inner).1), &[inner]);
        }
        self.member()
    }

    fn member(&mut self) -> Parsed {
        let mut value = self.primary()?;
        loop {
            let start = self.tree.place(value).0;
            if self.take(".") {
                let token = self.next();
                let What::Name(name) = token.what else {
                    self.at -= 1;
                    return Err(self
                        .odd()
                        .note("a name is wanted after a dot; other keys stand in brackets"));
                };
                if self.take("(") {
                    let (arguments, end) = self.parts(")")?;
                    let mut parts = arguments.clone();
                    parts.push(value);
                    let form = Form::Call(Some(value), name, arguments.into());
                    value = self.put(form, (start, end), &parts)?;
                } else {
                    value = self.put(Form::Field(value, name), (start, token.place.1), &[value])?;
                }
            } else if self.take("[") {
                let key = self.choice()?;
                let end = self.expect("]")?;
                value = self.put(Form::Index(value, key), (start, end), &[value, key])?;
            } else {
                return Ok(value);
            }
        }
    }

    /// Parts with commas between them, and where the bracket behind them ends.
    fn parts(&mut self, close: &str) -> Result<(Vec<NodeId>, u32), Fault> {
        let mut parts = Vec::new();
        loop {
            let end = self.token().place.1;
            if self.take(close) {
                return Ok((parts, end));
            }
            parts.push(self.choice()?);
            if !self.take(",") {
                return Ok((parts, self.expect(close)?));
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let token = self.next();
        let place = token.place;
        let form = match token.what {
            What::Int(value) => Form::Int(value),
            What::Number(value) => Form::Number(value),
            What::Text(text) => Form::Text(text),
            What::Amount(text) => Form::Amount(text),
            What::Variable(name) => Form::Variable(name),
            What::Name(name) => match &*name {
                "true" => Form::Bool(true),
                "false" => Form::Bool(false),
                "null" => Form::Null,
                "in" => return Err(self.back()),
                _ if self.take("(") => {
                    let (arguments, end) = self.parts(")")?;
                    let form = Form::Call(None, name, arguments.clone().into());
                    return self.put(form, (place.0, end), &arguments);
                }
                _ => Form::Name(name),
            },
            What::Sign("(") => {
                let inner = self.choice()?;
                self.expect(")")?;
                return Ok(inner);
            }
            What::Sign("[") => {
                let (parts, end) = self.parts("]")?;
                return self.put(Form::List(parts.clone().into()), (place.0, end), &parts);
            }
            What::Sign("{") => return self.map(place.0),
            _ => return Err(self.back()),
        };
        self.put(form, place, &[])
    }

    /// The token before the present one cannot stand where it stands.
    fn back(&mut self) -> Fault {
        self.at -= 1;
        self.odd()
    }

    fn map(&mut self, start: u32) -> Parsed {
        let mut entries = Vec::new();
        let mut parts = Vec::new();
        let end = loop {
            let end = self.token().place.1;
            if self.take("}") {
                break end;
            }
            let key = self.choice()?;
            self.expect(":")?;
            let value = self.choice()?;
            entries.push((key, value));
            parts.extend([key, value]);
            if !self.take(",") {
                break self.expect("}")?;
            }
        };
        self.put(Form::Map(entries.into()), (start, end), &parts)
    }
}
