//! Compares blocks with the provider's schema, where it is at hand.
#![allow(clippy::disallowed_methods, reason = "tests read the provider's schema")]

use std::path::Path;

use purlin_core::emit::tape::{Kind, LeafKind, Tape, Token};
use serde_json::{Map, Value};

/// Types that the provider has and the collected schema lacks, read from the same package.
const MORE: &str = include_str!("../schema/aws-6.66.0-more.json");

/// Arguments that every block of a kind may have.
const META: [&str; 4] = ["depends_on", "lifecycle", "provider", "count"];

/// The schemas of all types: `aws_vpc`, `data.aws_vpc`, `provider`.
pub(super) struct Schemas(Map<String, Value>);

/// The collected schema beside the project; none, visibly, where it is absent.
pub(super) fn load() -> Option<Schemas> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/schemas/terraform/aws.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: needs {}", path.display());
        return None;
    };
    let mut all: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let more: Map<String, Value> = serde_json::from_str(MORE).unwrap();
    all.extend(more);
    Some(Schemas(all))
}

impl Schemas {
    /// Says what is wrong with the blocks of a tape.
    pub(super) fn check(&self, tape: &Tape, wrong: &mut Vec<String>) {
        let tokens = tape.tokens();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].kind != Kind::OpenBlock {
                at += 1;
                continue;
            }
            let labels = labels(tape, at);
            let name = match labels.as_slice() {
                ["resource", kind, _] => Some((*kind).to_owned()),
                ["data", "terraform_remote_state", _] => None,
                ["data", kind, _] => Some(format!("data.{kind}")),
                ["provider", _] => Some("provider".to_owned()),
                _ => None,
            };
            if let Some(name) = name {
                match self.0.get(&name).and_then(Value::as_object) {
                    Some(schema) => {
                        body(tape, at + 1 + labels.len(), tokens[at].end(), schema, &labels.join("."), wrong);
                    }
                    None => wrong.push(format!("no type {name}")),
                }
            }
            at = tokens[at].end() + 1;
        }
    }
}

fn labels(tape: &Tape, at: usize) -> Vec<&str> {
    let rest = tape.tokens()[at + 1..].iter();
    rest.take_while(|token| token.kind == Kind::Label).map(|token| tape.text(*token)).collect()
}

fn body(
    tape: &Tape,
    lo: usize,
    hi: usize,
    schema: &Map<String, Value>,
    place: &str,
    wrong: &mut Vec<String>,
) {
    let tokens = tape.tokens();
    let mut said: Vec<&str> = Vec::new();
    let mut at = lo;
    while at < hi {
        let token = tokens[at];
        match token.kind {
            Kind::Key => {
                let key = tape.text(token);
                said.push(key);
                match schema.get(key) {
                    _ if META.contains(&key) => {}
                    None => wrong.push(format!("{place}: no argument {key}")),
                    Some(argument) => check_type(argument, tokens[at + 1], &format!("{place}.{key}"), wrong),
                }
                at = skip(tokens, at + 1);
            }
            Kind::OpenBlock => {
                let name = labels(tape, at)[0];
                said.push(name);
                let inner = schema.get(name).and_then(|argument| argument.get("block"));
                match inner.and_then(|block| block.get("attrs")).and_then(Value::as_object) {
                    _ if META.contains(&name) => {}
                    Some(attrs) => body(tape, at + 2, token.end(), attrs, &format!("{place}.{name}"), wrong),
                    None => wrong.push(format!("{place}: no block {name}")),
                }
                at = skip(tokens, at);
            }
            _ => at += 1,
        }
    }
    for (name, argument) in schema {
        let required = argument.get("required").and_then(Value::as_bool).unwrap_or(false);
        if required && !said.contains(&name.as_str()) {
            wrong.push(format!("{place}: lacks {name}"));
        }
    }
}

fn check_type(argument: &Value, token: Token, place: &str, wrong: &mut Vec<String>) {
    let readable = argument.get("required").is_some() || argument.get("optional").is_some();
    let Some(expect) = argument.get("type") else {
        return wrong.push(format!("{place}: is a block"));
    };
    let expression = matches!(token.kind, Kind::Leaf(LeafKind::Expr) | Kind::OpenCall);
    let fits = match (expect.as_str(), token.kind) {
        _ if expression => true,
        (Some("string"), Kind::Leaf(LeafKind::Str | LeafKind::Bool | LeafKind::Int) | Kind::OpenTemplate)
        | (Some("number"), Kind::Leaf(LeafKind::Int | LeafKind::Float))
        | (Some("bool"), Kind::Leaf(LeafKind::Bool)) => true,
        (None, kind) => match expect[0].as_str() {
            Some("map") => kind == Kind::OpenMap,
            _ => kind == Kind::OpenList,
        },
        _ => false,
    };
    if !readable || !fits {
        wrong.push(format!("{place}: is {expect}, not {:?}, or cannot be set", token.kind));
    }
}

fn skip(tokens: &[Token], at: usize) -> usize {
    if tokens[at].kind.opens() { tokens[at].end() + 1 } else { at + 1 }
}
