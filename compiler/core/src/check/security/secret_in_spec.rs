//! `security.secret-in-spec`: passwords, keys and tokens written where everybody reads them.
//!
//! What is found is never repeated: the finding says where it stands and how it was recognised, not what it is.

use purlin_schema::{Record, Shape, Type, Value};
use purlin_syntax::{Level, Span};

use crate::check::{Answer, Check, Rule, Run, Scope};
use crate::graph::ResourceId;

/// The rule.
pub static RULE: Rule = Rule {
    id: "security.secret-in-spec",
    level: Level::Error,
    summary: "a secret written in the spec",
    scope: Scope::Item,
    page: include_str!("secret_in_spec.md"),
    run: Run::Each(&[], check),
};

/// Beginnings by which services mark their secrets, the fewest characters that follow, and whose they are. From the
/// services' own documentation of their token formats.
const PREFIXES: [(&str, usize, &str); 24] = [
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "a temporary access key of AWS"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghu_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("ghr_", 36, "a token of GitHub"),
    ("github_pat_", 22, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("hf_", 30, "a token of Hugging Face"),
    ("sk-ant-", 20, "a key of Anthropic"),
    ("sk-proj-", 20, "a key of OpenAI"),
    ("nvapi-", 20, "a key of NVIDIA"),
    ("AIza", 35, "a key of Google"),
    ("ya29.", 20, "a token of Google"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("xapp-", 20, "a token of Slack"),
    ("npm_", 36, "a token of npm"),
    ("pypi-AgE", 40, "a token of PyPI"),
    ("dop_v1_", 60, "a token of DigitalOcean"),
    ("hvs.", 20, "a token of Vault"),
    ("sk_live_", 20, "a key of Stripe"),
    ("dckr_pat_", 20, "a token of Docker"),
];

/// Names of values that are secrets, whatever they look like.
const NAMES: [&str; 9] =
    ["password", "passwd", "secret", "token", "api-key", "apikey", "access-key", "private-key", "credential"];

/// Bits of a character, on average, above which a long value under such a name is random: words and paths have about
/// 3 to 3.5, base64 of random bytes close to 5 in 24 characters (log2 of the number of different ones).
const RANDOM: f64 = 3.6;

fn check(check: &mut Check, id: ResourceId) -> Answer {
    let resource = check.ask.resource(id).ok_or(purlin_schema::Silent)?;
    let mut found: Vec<(Span, &'static str)> = Vec::new();
    let names_only = resource.kind.name == "secret" || resource.kind.fact;
    search(&resource.record, names_only, &mut found);
    for (span, what) in found {
        let finding = check
            .finding(format!("{} holds {what}", resource.address()), span)
            .because("not repeated here")
            .with_note("whoever can read the repository, its history or an output has it: replace it, then remove it")
            .with_note("keep it in a store and refer to it: `secret NAME { store …; key … }` and `secret NAME as=VARIABLE`");
        check.report(finding);
    }
    Ok(())
}

/// Every text of a record, with the name that it stands under. Depth is bounded by the schema, and by the decoder for
/// maps.
fn search(record: &Record, names_only: bool, found: &mut Vec<(Span, &'static str)>) {
    for slot in record.slots() {
        let field = &record.schema.fields[slot.field as usize];
        let free = matches!(
            field.shape,
            Shape::Map | Shape::One(Type::Text | Type::Any) | Shape::List(Type::Text | Type::Any)
        );
        value(&slot.value, field.name, slot.span, free && !names_only && field.name == "env", found);
    }
}

fn value(value_: &Value, name: &str, span: Span, named: bool, found: &mut Vec<(Span, &'static str)>) {
    match value_ {
        Value::Text(text) => {
            if let Some(what) = recognised(text) {
                found.push((span, what));
            } else if named && is_named(name) && is_random(text) {
                found.push((span, "a random value under the name of a secret"));
            }
        }
        Value::Record(record) => search(record, false, found),
        Value::Many(rows) => rows.iter().for_each(|row| search(&row.record, false, found)),
        Value::List(elements) => {
            elements.iter().for_each(|element| value(&element.value, name, element.span, named, found));
        }
        Value::Map(entries) => {
            for entry in entries.iter() {
                value(
                    &entry.value,
                    entry.key.as_str(),
                    entry.span,
                    named || is_named(entry.key.as_str()),
                    found,
                );
            }
        }
        _ => {}
    }
}

/// The shortest that anything recognisable is, but for a password in an address.
const SHORTEST: usize = 20;

fn recognised(text: &str) -> Option<&'static str> {
    if text.len() < SHORTEST && !text.contains('@') {
        return None;
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if let Some((_, rest)) = text.split_once("://")
        && let Some((user, _)) = rest.split(['/', '?', '#']).next()?.split_once('@')
        && let Some((_, password)) = user.split_once(':')
        && !password.is_empty()
        && !password.contains("${")
    {
        return Some("a password in an address");
    }
    text.split(|c: char| !is_part(c)).find_map(|word| {
        let prefixed = |(prefix, least, whose): &(&str, usize, &'static str)| {
            let rest = word.strip_prefix(prefix)?;
            let enough = rest.len() >= *least && !rest.bytes().all(|b| b == b'x' || b == b'X' || b == b'*');
            enough.then_some(*whose)
        };
        let parts = word.split('.').collect::<Vec<_>>();
        let signed = parts.len() == 3
            && parts[0].starts_with("eyJ")
            && parts[1].starts_with("eyJ")
            && parts[2].len() > 16;
        if signed { Some("a signed token (JWT)") } else { PREFIXES.iter().find_map(prefixed) }
    })
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_named(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    NAMES.iter().any(|word| name.ends_with(word))
}

/// Long, without blanks, and with more different characters than words have.
fn is_random(text: &str) -> bool {
    text.len() >= 20 && !text.contains(char::is_whitespace) && !text.contains("${") && entropy(text) > RANDOM
}

/// Shannon's entropy of the bytes of a text, in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[byte as usize] += 1);
    let all = text.len() as f64;
    let bits = |count: &u32| {
        let share = f64::from(*count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}
