//! Text → predicate, by precedence, with a bound on depth.

use super::{Comparison, Expression, Operand, Path, Refusal};

/// Parentheses and `!` deeper than this are refused.
const DEPTH: usize = 64;

/// Parses a predicate.
pub fn parse(text: &str) -> Result<Expression, Refusal> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let expression = parser.any()?;
    parser.space();
    if parser.at < text.len() { Err(parser.odd()) } else { Ok(expression) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn any(&mut self) -> Result<Expression, Refusal> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Some(parts) })
    }

    fn all(&mut self) -> Result<Expression, Refusal> {
        let mut parts = vec![self.one()?];
        while self.take("&&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Refusal::Wrong(format!("an expression nests deeper than {DEPTH}"), self.at));
        }
        let expression = self.one_within();
        self.depth -= 1;
        expression
    }

    fn one_within(&mut self) -> Result<Expression, Refusal> {
        self.space();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return Ok(Expression::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return if self.take(")") { Ok(inner) } else { Err(self.odd()) };
        }
        if self.take("has(") {
            let path = self.path()?;
            return if self.take(")") { Ok(Expression::Has(path)) } else { Err(self.odd()) };
        }
        let left = self.operand()?;
        let Some(comparison) = self.comparison() else { return Ok(Expression::Is(left)) };
        Ok(Expression::Compare(left, comparison, self.operand()?))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        SIGNS.into_iter().find(|(sign, _)| self.take(sign)).map(|(_, comparison)| comparison)
    }

    fn operand(&mut self) -> Result<Operand, Refusal> {
        self.space();
        match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote).map(Operand::Text),
            Some(first) if first.is_ascii_digit() || first == '-' || first == '.' => Ok(self.quantity()),
            Some(first) if first.is_alphabetic() || first == '_' => {
                let path = self.path()?;
                Ok(match path.0.as_slice() {
                    [word] if word == "true" => Operand::Bool(true),
                    [word] if word == "false" => Operand::Bool(false),
                    _ => Operand::Path(path),
                })
            }
            _ => Err(self.odd()),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, Refusal> {
        let start = self.at + 1;
        let Some(length) = self.text[start..].find(quote) else {
            return Err(Refusal::Wrong("a text is not closed".to_owned(), self.at));
        };
        self.at = start + length + 1;
        Ok(self.text[start..start + length].to_owned())
    }

    /// A number with what belongs to it: `80GiB`, `99.9%`, `180000 USD`, `98.32 USD/h`, `300B tokens`.
    fn quantity(&mut self) -> Operand {
        let start = self.at;
        let word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '%' | '/' | '_');
        self.at += self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
        let unit: usize = self.rest().strip_prefix(' ').map_or(0, |rest| {
            let length = rest.find(|c: char| !c.is_alphabetic() && c != '/').unwrap_or(rest.len());
            let known = ["USD", "EUR", "GBP", "CHF", "tokens", "steps", "FLOP"];
            if known.iter().any(|unit| rest[..length].starts_with(unit)) { length + 1 } else { 0 }
        });
        self.at += unit;
        Operand::Quantity(self.text[start..self.at].to_owned())
    }

    fn path(&mut self) -> Result<Path, Refusal> {
        self.space();
        let mut parts = Vec::new();
        loop {
            let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
            let length = self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
            if length == 0 {
                return Err(self.odd());
            }
            parts.push(self.rest()[..length].to_owned());
            self.at += length;
            while self.rest().starts_with("['") || self.rest().starts_with("[\"") {
                self.at += 1;
                let quote = if self.rest().starts_with('\'') { '\'' } else { '"' };
                parts.push(self.quoted(quote)?);
                if !self.take("]") {
                    return Err(self.odd());
                }
            }
            if self.rest().starts_with('(') {
                return Err(Refusal::Later("a function or macro"));
            }
            if !self.rest().starts_with('.') {
                return Ok(Path(parts));
            }
            self.at += 1;
        }
    }

    /// What stands here belongs to a later version, or to no version.
    fn odd(&self) -> Refusal {
        let rest = self.rest().trim_start();
        let later = [
            ("?", "a conditional"),
            ("[", "a list"),
            ("{", "a map"),
            ("+", "arithmetic"),
            ("*", "arithmetic"),
            ("/", "arithmetic"),
            ("- ", "arithmetic"),
            ("% ", "arithmetic"),
            ("in ", "`in`"),
        ];
        match later.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
            Some((_, what)) => Refusal::Later(what),
            None if rest.is_empty() => Refusal::Wrong("an expression ends too early".to_owned(), self.at),
            None => Refusal::Wrong(
                format!("an expression cannot go on with `{}`", rest.chars().take(12).collect::<String>()),
                self.at,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path(text.split('.').map(str::to_owned).collect())
    }

    #[test]
    fn a_predicate_of_names_comparisons_and_has_is_parsed() {
        assert_eq!(parse("has(self.auth)"), Ok(Expression::Has(path("self.auth"))));
        assert_eq!(
            parse("self.capacity.variant != 'spot' && !(self.nodes.max > 16)"),
            Ok(Expression::All(vec![
                Expression::Compare(
                    Operand::Path(path("self.capacity.variant")),
                    Comparison::NotEqual,
                    Operand::Text("spot".to_owned())
                ),
                Expression::Not(Box::new(Expression::Compare(
                    Operand::Path(path("self.nodes.max")),
                    Comparison::Greater,
                    Operand::Quantity("16".to_owned())
                ))),
            ]))
        );
        assert_eq!(
            parse("cost.month.high <= 180000 USD"),
            Ok(Expression::Compare(
                Operand::Path(path("cost.month.high")),
                Comparison::LessOrEqual,
                Operand::Quantity("180000 USD".to_owned())
            ))
        );
    }

    #[test]
    fn what_comes_later_is_told_from_what_is_wrong() {
        assert_eq!(parse("self.cloud.region.startsWith('eu-')"), Err(Refusal::Later("a function or macro")));
        assert_eq!(parse("a + b"), Err(Refusal::Later("arithmetic")));
        assert!(matches!(parse("self."), Err(Refusal::Wrong(..))));
        assert!(matches!(parse(&"(".repeat(100_000)), Err(Refusal::Wrong(..))));
    }
}
