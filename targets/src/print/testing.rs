//! Random tapes, what they mean, and real readers of the formats.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use purlin_core::emit::tape::{Expr, Kind, Leaf, LeafKind, List, Map, Null, Tape};
use serde_json::{Map as Object, Number, Value};

/// Strings that some reader of some format takes for something else.
#[rustfmt::skip]
pub(crate) const TRAPS: &[&str] = &[
    "", " ", "  x", "x ", "~", "null", "Null", "NULL", "yes", "Yes", "YES", "no", "NO", "on", "On", "off", "y",
    "Y", "n", "N", "true", "True", "TRUE", "false", "False", "0", "-0", "+1", "1_000", "0x1F", "0o17", "017",
    "08", "0b101", "1.5", "1.", ".5", "1e3", "1E-3", "-1.0e+3", "1.0e-7", ".inf", "-.INF", "+.Inf", ".nan",
    ".NaN", "12:30:00", "1:20", "190:20:30", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "=",
    "<<", "-", "- x", "--", "---", "--- x", "...", "... x", "?", "? x", ":", ": x", "x: y", "x:", "a:b", "#",
    "# x", "a # b", "a#b", "&a", "*a", "!t", "!!str x", "|", ">", "|-", "%YAML 1.1", "@a", "`a`", "{}", "[]",
    "{a: b}", "[a, b]", ", a", "a, b", "'", "\"", "'a'", "\"a\"", "a\"b", "\\", "a\\nb", "\\u0041", "${x}",
    "$${x}", "%{x}", "%%{x}", "$", "%", "$$", "$$${x}", "a$", "${%${x}", "{{ x }}", "\t", "\tx", "x\t", "\n",
    "\n\n", "a\nb", "a\nb\n", "a\n\n", "\na\n", " a\nb\n", "a\n b\n", "a\n  \nb\n", "a\n\nb\n", "a \nb\n",
    "\ta\nb\n", "a\n\tb\n", "#a\nb\n", "- a\n- b\n", "---\na\n", "EOT\n", "a\nEOT\nb\n", "  EOT\na\n",
    "${x}\n", "a\n$${x}\n", "a\r\nb\r\n", "\r", "\u{0}", "\u{7}", "\u{7f}", "\u{85}", "\u{a0}", "a\u{a0}b",
    "é", "Zürich: x", "日本語", "日本語 #x", "😀", "a\u{200b}b", "\u{202e}abc", "\u{2028}", "\u{feff}", "\u{feff}a",
    "\u{fffe}", "\u{10ffff}", "1Ti", "1T", "100m", "10Gi", "2e5", "0.1.2", "10.0.0.0/16", "-v", "--flag=1",
    "-1x", "+", ".", "..", "./x", "/x", "$(VAR)", "NaN", "nan", "inf", "-inf", "none", "for", "if", "in",
    "a.b", "a-b", "_", "0a", "a\u{b}b", "<<EOT", "x y", "!", "a!", "a\nb\n\n\n", " \n", "a\n ", "::", "a::b",
    "a: ", "1 2", "1-2", "a\"\"\"b\nc\n", "\"\"\"\n", "\\\n", "a\\\nb\n",
];

/// A key that `yamldecode` merges even between quotes, which is its mistake.
pub(crate) const MERGE: &str = "<<";

/// A repeatable source of chance.
pub(crate) struct Random(pub(crate) u64);

/// What a random document may hold.
#[derive(Clone, Copy)]
pub(crate) struct May {
    pub(crate) null: bool,
    pub(crate) comment: bool,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }

    /// A trap, or pieces of several.
    pub(crate) fn string(&mut self) -> String {
        #[rustfmt::skip]
        const PIECES: &[&str] = &[
            "a", "B", "7", " ", "  ", "\n", "\n\n", "\t", "-", ":", "#", "\"", "'", "\\", "$", "%", "{", "}",
            "${", "%{", "é", "日", "😀", "\u{7}", "\u{85}", "\u{200b}", "x y", "EOT", "- ", ": ", " #", ".", "1",
            "e", "_", "[", "]", ",", "&", "*", "|", "\"\"\"",
        ];
        match self.below(4) {
            0 => TRAPS[self.below(TRAPS.len())].to_owned(),
            1 => (0..self.below(12)).map(|_| PIECES[self.below(PIECES.len())]).collect(),
            2 => (0..self.below(5)).flat_map(|_| [TRAPS[self.below(TRAPS.len())], "\n"]).collect(),
            _ => format!("name-{}", self.below(1000)),
        }
    }

    /// A name that stands without quotes in every format.
    pub(crate) fn name(&mut self) -> String {
        const NAMES: &[&str] =
            &["a", "bc", "name", "instance_types", "subnet-ids", "x1", "a_rather_long_attribute"];
        format!("{}{}", NAMES[self.below(NAMES.len())], self.below(100))
    }

    pub(crate) fn leaf(&mut self, may: May) -> Box<dyn Leaf> {
        match self.below(if may.null { 9 } else { 8 }) {
            0 => Box::new(self.below(2) == 0),
            1 => Box::new(self.next().cast_signed()),
            2 => Box::new([-5, -1, 0, 1, 8080][self.below(5)]),
            3 => Box::new(
                (self.below(2000) as f64 - 1000.0) / 8.0 * [1e-25, 1e-7, 1.0, 1e3, 1e21][self.below(5)],
            ),
            8 => Box::new(Null),
            _ => Box::new(self.string()),
        }
    }

    pub(crate) fn fill_map(&mut self, t: &mut Map<'_>, depth: usize, may: May) {
        let mut keys = HashSet::new();
        for _ in 0..self.below(6) {
            let key = if self.below(2) == 0 { self.name() } else { self.string() };
            if key == MERGE || !keys.insert(key.clone()) {
                continue;
            }
            if may.comment && self.below(6) == 0 {
                t.comment(&self.string());
            }
            match self.below(if depth == 0 { 3 } else { 6 }) {
                3 => {
                    t.list(&key, |t| self.fill_list(t, depth - 1, may));
                }
                4 | 5 => {
                    t.map(&key, |t| self.fill_map(t, depth - 1, may));
                }
                _ => {
                    t.set(&key, &*self.leaf(may));
                }
            }
        }
    }

    pub(crate) fn fill_list(&mut self, t: &mut List<'_>, depth: usize, may: May) {
        let only_maps = depth > 0 && self.below(3) == 0;
        for _ in 0..self.below(5) {
            if may.comment && self.below(6) == 0 {
                t.comment(&self.string());
            }
            match if only_maps { 4 } else { self.below(if depth == 0 { 3 } else { 6 }) } {
                3 => {
                    t.list(|t| self.fill_list(t, depth - 1, may));
                }
                4 | 5 => {
                    t.map(|t| self.fill_map(t, depth - 1, may));
                }
                _ => {
                    t.item(&*self.leaf(may));
                }
            }
        }
    }

    /// A body of attributes, calls, texts with expressions, and blocks.
    pub(crate) fn fill_body(&mut self, b: &mut purlin_core::emit::tape::Body<'_>, depth: usize) {
        let may = May { null: true, comment: true };
        for index in 0..self.below(7) {
            let name = format!("{}_{index}", self.name());
            match self.below(if depth == 0 { 4 } else { 10 }) {
                0 => b.comment(&self.string()),
                1 => {
                    b.set(&name, Expr(format_args!("aws_x.{name}.id")));
                }
                2 | 3 => {
                    b.set(&name, &*self.leaf(may));
                }
                4 => {
                    b.map(&name, |t| self.fill_map(t, depth - 1, may));
                }
                5 => {
                    b.list(&name, |t| self.fill_list(t, depth - 1, may));
                }
                6 => {
                    b.key(&name).call("jsonencode", |t| self.fill_arguments(t, depth - 1));
                }
                7 => {
                    b.key(&name).template(|t| {
                        for _ in 0..self.below(4) {
                            t.text(&self.string());
                            t.expr("local.x");
                        }
                        t.text("end\n");
                    });
                }
                _ => {
                    // `terraform fmt` itself loses labels with these in them; names in Terraform have none.
                    let label = self.string().replace(['$', '%'], "-");
                    let labels = [label.as_str(), "b"];
                    let count = self.below(3);
                    b.block(&name, &labels[..count], |b| self.fill_body(b, depth - 1));
                }
            }
        }
    }

    fn fill_arguments(&mut self, t: &mut List<'_>, depth: usize) {
        let may = May { null: true, comment: true };
        for _ in 0..=self.below(3) {
            match self.below(4) {
                0 => {
                    t.item(Expr("local.tags"));
                }
                1 => {
                    t.list(|t| self.fill_list(t, depth, may));
                }
                2 if depth > 0 => {
                    t.value().call("merge", |t| self.fill_arguments(t, depth - 1));
                }
                _ => {
                    t.map(|t| self.fill_map(t, depth, may));
                }
            }
        }
    }
}

/// What the first document of a tape means.
pub(crate) fn meaning(tape: &Tape) -> Value {
    let first = tape.tokens().iter().position(|token| token.kind != Kind::Comment);
    first.map_or(Value::Null, |mut at| value(tape, &mut at))
}

fn value(tape: &Tape, at: &mut usize) -> Value {
    let token = tape.tokens()[*at];
    *at += 1;
    match token.kind {
        Kind::OpenMap => {
            let mut object = Object::new();
            while let Some(key) = next_in(tape, at, token.end()) {
                let key = tape.text(tape.tokens()[key]).to_owned();
                *at += 1;
                object.insert(key, value(tape, at));
            }
            Value::Object(object)
        }
        Kind::OpenList => {
            let mut list = Vec::new();
            while next_in(tape, at, token.end()).is_some() {
                list.push(value(tape, at));
            }
            Value::Array(list)
        }
        Kind::Leaf(LeafKind::Str) => Value::String(tape.text(token).to_owned()),
        Kind::Leaf(LeafKind::Bool) => Value::Bool(tape.text(token) == "true"),
        Kind::Leaf(LeafKind::Null) => Value::Null,
        Kind::Leaf(_) => number(tape.text(token)),
        kind => unreachable!("{kind:?} in data"),
    }
}

fn next_in(tape: &Tape, at: &mut usize, end: usize) -> Option<usize> {
    while tape.tokens()[*at].kind == Kind::Comment {
        *at += 1;
    }
    if *at < end {
        return Some(*at);
    }
    *at = end + 1;
    None
}

fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from).ok();
    Value::Number(whole.or_else(|| Number::from_f64(text.parse().ok()?)).unwrap())
}

/// Equal but for the order of keys and for how exactly a number is held.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => close(a.as_f64().unwrap(), b.as_f64().unwrap()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// Equal but for the last digit: `serde_json` rounds it.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs() * 1e-14
}

/// Says what is not tested here, and why.
pub(crate) fn skip(what: &str) {
    eprintln!("skipped: {what} is not installed");
}

/// The documents of a text as `PyYAML` (YAML 1.1) reads them; `None` where it is not installed.
pub(crate) fn pyyaml(text: &str) -> Option<Vec<Value>> {
    const READ: &str = "import json,sys,yaml
print(json.dumps(list(yaml.safe_load_all(sys.stdin.buffer.read().decode()))))";
    if !Command::new("python3")
        .args(["-c", "import yaml"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
    {
        skip("PyYAML");
        return None;
    }
    let answer = run(Command::new("python3").args(["-c", READ]), text);
    Some(serde_json::from_str(&answer).unwrap_or_else(|_| panic!("PyYAML refuses it:\n{text}")))
}

/// What `terraform fmt` makes of a text; `None` where it is not installed.
pub(crate) fn terraform_fmt(text: &str) -> Option<String> {
    has_terraform().then(|| run(Command::new("terraform").args(["fmt", "-"]), text))
}

/// The value of an expression over files of a Terraform module; `None` where it is not installed.
pub(crate) fn terraform_value(test: &str, files: &[(String, String)], expression: &str) -> Option<Value> {
    if !has_terraform() {
        return None;
    }
    let folder: PathBuf = std::env::temp_dir().join(format!("purlin-print-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let mut console = Command::new("terraform");
    console.arg("console").current_dir(&folder);
    let answer = run(&mut console, &format!("base64encode(jsonencode({expression}))\n"));
    std::fs::remove_dir_all(&folder).unwrap();
    let bytes = base64(answer.trim().trim_matches('"'));
    Some(serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error} in {answer}\n{files:?}")))
}

fn has_terraform() -> bool {
    let found =
        Command::new("terraform").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        skip("terraform");
    }
    found
}

fn run(command: &mut Command, input: &str) -> String {
    command
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    drop(writer.join());
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !errors.is_empty() {
        eprintln!("{errors}");
    }
    String::from_utf8(output.stdout).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte));
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        bits = bits << 6 | digit as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
