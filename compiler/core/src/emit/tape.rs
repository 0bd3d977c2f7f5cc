//! The tape: one resource's emitted text as flat tokens with origins.
//!
//! It is the tree, the printer's input and the diff's input at once. All text of a tape lies in one buffer and its
//! tokens in another, so a tape that is [cleared](Tape::clear) and used again allocates nothing. It is built through
//! closures, in the shape of what is printed, and cannot be left unbalanced:
//!
//! ```
//! use purlin_core::emit::tape::{Expr, Tape};
//!
//! let mut tape = Tape::default();
//! tape.comment("serving.chat");
//! tape.map(|t| {
//!     t.set("kind", "Deployment");
//!     t.map("spec", |t| {
//!         t.set("replicas", 3);
//!         t.maybe("paused", None::<bool>);
//!         t.items("args", ["--port", "80"]);
//!     });
//! });
//!
//! tape.clear();
//! tape.block("resource", &["aws_eks_cluster", "train"], |b| {
//!     b.set("name", "train");
//!     b.set("role_arn", Expr("aws_iam_role.train.arn"));
//!     b.block("vpc_config", &[], |b| {
//!         b.items("subnet_ids", [Expr("aws_subnet.a.id"), Expr("aws_subnet.b.id")]);
//!     });
//! });
//! ```

mod build;
mod leaf;

use purlin_syntax::Span;

pub use build::{Body, Last, List, Map, Slot, Template};
pub use leaf::{Expr, Leaf, LeafKind, Null};

/// Emitted documents as flat tokens; each root value is one document.
#[derive(Default, Debug)]
pub struct Tape {
    tokens: Vec<Token>,
    text: String,
    spans: Vec<Span>,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A map begins: keys, each with one value, up to its [`Token::end`].
    OpenMap,
    /// The map ends.
    CloseMap,
    /// A list begins: values, up to its [`Token::end`].
    OpenList,
    /// The list ends.
    CloseList,
    /// A block of HCL begins: its name and its labels as [`Kind::Label`], then keys with values, and blocks.
    OpenBlock,
    /// The block ends.
    CloseBlock,
    /// A function call of HCL begins: its name as [`Kind::Label`], then its arguments.
    OpenCall,
    /// The call ends.
    CloseCall,
    /// A text of HCL with expressions in it begins: leaves of the kinds text and expression.
    OpenTemplate,
    /// The text ends.
    CloseTemplate,
    /// The name or a label of a block, or the name of a function.
    Label,
    /// A key; the next token that is no comment begins its value.
    Key,
    /// A comment of one line, on a line of its own.
    Comment,
    /// A value without parts.
    Leaf(LeafKind),
}

/// One token of a tape.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Index into the tape's spans plus one; zero where nothing was said.
    origin: u32,
    /// Text: first byte. What opens: unused.
    lo: u32,
    /// Text: one past the last byte. What opens: index of the token that closes it.
    hi: u32,
}

impl Token {
    /// Index of the token that closes what this one opens; meaningful only where it opens something.
    pub fn end(self) -> usize {
        self.hi as usize
    }
}

impl Tape {
    /// Forgets everything that was written and keeps the memory.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.text.clear();
        self.spans.clear();
    }

    /// Takes over what another one holds, without the origins.
    pub(crate) fn copy_from(&mut self, other: &Tape) {
        self.clear();
        self.tokens.extend_from_slice(&other.tokens);
        self.text.push_str(&other.text);
    }

    /// Roughly how much work it is to print.
    pub(crate) fn weight(&self) -> usize {
        self.tokens.len() * size_of::<Token>() + self.text.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The tokens, in the order in which they are printed.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The text of a key, label, comment or leaf; empty for what opens or closes.
    pub fn text(&self, token: Token) -> &str {
        match token.kind {
            Kind::Label | Kind::Key | Kind::Comment | Kind::Leaf(_) => {
                &self.text[token.lo as usize..token.hi as usize]
            }
            _ => "",
        }
    }

    /// Where the spec says this token, if the target told.
    pub fn span(&self, token: Token) -> Option<Span> {
        let index = (token.origin as usize).checked_sub(1)?;
        self.spans.get(index).copied()
    }

    /// The origin of every token: its own, that of its value, or that of what it stands in.
    pub fn inherited_spans(&self) -> Vec<Option<Span>> {
        let mut spans: Vec<Option<Span>> = vec![None; self.tokens.len()];
        let mut around: Vec<Option<Span>> = Vec::new();
        for (index, &token) in self.tokens.iter().enumerate() {
            let outer = around.last().copied().flatten();
            spans[index] = match token.kind {
                kind if kind.closes() => around.pop().flatten(),
                Kind::Key | Kind::Comment => self.span(self.tokens[self.value_at(index)]).or(outer),
                _ => self.span(token).or(outer),
            };
            if token.kind.opens() {
                around.push(spans[index]);
            }
        }
        spans
    }

    /// Index of the first token from `index` on that is neither key nor comment (the last token if there is none).
    fn value_at(&self, index: usize) -> usize {
        let rest = &self.tokens[index..];
        let skip = rest.iter().take_while(|token| matches!(token.kind, Kind::Key | Kind::Comment)).count();
        (index + skip).min(self.tokens.len() - 1)
    }

    fn push(&mut self, kind: Kind, text: &str) {
        let lo = self.text.len() as u32;
        self.text.push_str(text);
        self.tokens.push(Token { kind, origin: 0, lo, hi: self.text.len() as u32 });
    }

    fn push_leaf(&mut self, leaf: &impl Leaf) {
        let lo = self.text.len() as u32;
        leaf.write(&mut self.text);
        let hi = self.text.len() as u32;
        self.tokens.push(Token { kind: Kind::Leaf(leaf.kind()), origin: 0, lo, hi });
    }

    fn open(&mut self, kind: Kind) -> usize {
        self.tokens.push(Token { kind, origin: 0, lo: 0, hi: 0 });
        self.tokens.len() - 1
    }

    fn close(&mut self, open: usize, kind: Kind) {
        let end = self.tokens.len() as u32;
        self.tokens[open].hi = end;
        self.tokens.push(Token { kind, origin: 0, lo: 0, hi: 0 });
    }

    fn set_origin(&mut self, index: usize, span: Span) {
        self.spans.push(span);
        self.tokens[index].origin = self.spans.len() as u32;
    }
}

impl Kind {
    /// Whether it opens something that a later token closes.
    pub fn opens(self) -> bool {
        use Kind::{OpenBlock, OpenCall, OpenList, OpenMap, OpenTemplate};
        matches!(self, OpenMap | OpenList | OpenBlock | OpenCall | OpenTemplate)
    }

    /// Whether it closes what an earlier token opened.
    pub fn closes(self) -> bool {
        use Kind::{CloseBlock, CloseCall, CloseList, CloseMap, CloseTemplate};
        matches!(self, CloseMap | CloseList | CloseBlock | CloseCall | CloseTemplate)
    }
}

#[cfg(test)]
mod tests;
