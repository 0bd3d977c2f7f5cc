//! The syntax of an expression as an arena: no recursion to build it, none to drop it.

/// A node's number.
pub(super) type NodeId = u32;

/// An expression, parsed.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

/// One part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) form: Form,
    /// First byte and one past the last.
    pub(super) place: (u32, u32),
    /// How deep it nests: parts that have none are 1.
    pub(super) depth: u32,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(Box<str>),
    /// A number with what belongs to it, as written.
    Amount(Box<str>),
    /// A name at the start of a path.
    Name(Box<str>),
    /// `$name`.
    Variable(Box<str>),
    Field(NodeId, Box<str>),
    Index(NodeId, NodeId),
    Call(Option<NodeId>, Box<str>, Box<[NodeId]>),
    Not(NodeId),
    Negate(NodeId),
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
    Binary(Operator, NodeId, NodeId),
    If(NodeId, NodeId, NodeId),
    List(Box<[NodeId]>),
    Map(Box<[(NodeId, NodeId)]>),
}

/// What two values are joined by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    pub(super) fn compares(self) -> bool {
        use Operator as O;
        matches!(self, O::Equal | O::NotEqual | O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual)
    }

    /// `they cannot be …`
    pub(super) fn done(self) -> &'static str {
        match self {
            Operator::Add => "added",
            Operator::Subtract => "subtracted",
            Operator::Multiply => "multiplied",
            Operator::Divide => "divided",
            Operator::Remainder => "divided with a remainder",
            _ => "compared",
        }
    }
}

impl Tree {
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    pub(super) fn form(&self, id: NodeId) -> &Form {
        &self.node(id).form
    }

    pub(super) fn place(&self, id: NodeId) -> (u32, u32) {
        self.node(id).place
    }
}
