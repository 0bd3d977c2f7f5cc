//! What stands around the compiler: the output folder, git, the language server. Whole processes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use purlin_bench::generate::{Dice, File};
use serde_json::{Value, json};

use crate::process;
use crate::table::{Row, Table};

/// A plan against a folder in which nothing changed, as a multiple of the compile of the same project.
pub(crate) fn unchanged(table: &mut Table, purlin: &Path, project: &Path) {
    let arguments = ["plan", text(project), "--format", "short"];
    let compile = process::best(purlin, &arguments).0;
    let applied = Command::new(purlin)
        .args(["apply", text(project), "--approve", "purchase"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !applied.is_ok_and(|status| status.success()) {
        table.say(&Row::of("plan against an unchanged folder: apply failed", f64::NAN, 0.0, "×"));
        return;
    }
    let plan = process::best(purlin, &arguments).0;
    let also = format!("   {:.0} ms of {:.0} ms", plan * 1e3, compile * 1e3);
    table.say(&Row::of("plan against an unchanged folder", plan / compile, 1.5, "×").also(also));
}

/// A diff of two revisions that differ in a few lines, as a multiple of one compile.
pub(crate) fn diff(table: &mut Table, purlin: &Path, project: &Path, files: &[File]) {
    let git = |arguments: &[&str]| {
        Command::new("git")
            .arg("-C")
            .arg(project)
            .args(["-c", "user.name=bench", "-c", "user.email=bench@localhost"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let compile = process::best(purlin, &["plan", text(project), "--format", "short"]).0;
    let committed = git(&["init", "-q"])
        && git(&["add", "."])
        && git(&["commit", "-qm", "before"])
        && change(project, files)
        && git(&["commit", "-qam", "after"]);
    if !committed {
        println!("diff of two revisions: skipped: needs git to make them");
        return;
    }
    let diff = process::best(purlin, &["diff", "HEAD~1..HEAD", "--project", text(project)]).0;
    let also = format!("   {:.0} ms of {:.0} ms", diff * 1e3, compile * 1e3);
    table.say(&Row::of("diff of two revisions", diff / compile, 2.5, "×").also(also));
}

/// All pools shrink further when nothing runs.
fn change(project: &Path, files: &[File]) -> bool {
    let pools = files.iter().filter(|(path, _)| path.contains("pools"));
    pools.into_iter().all(|(path, text)| {
        std::fs::write(project.join(path), text.replace("nodes min=2", "nodes min=1")).is_ok()
    })
}

/// Memory of a language server with the project open, and the time that completions take over the wire.
pub(crate) fn server(table: &mut Table, purlin: &Path, project: &Path, files: &[File]) {
    let child = Command::new(purlin)
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return };
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return };
    let mut wire = Wire { input, output: BufReader::new(output), last: 0 };
    let uri = |path: &str| format!("file://{}", project.join(path).display());
    wire.ask("initialize", &json!({ "processId": null, "rootUri": uri(""), "capabilities": {} }));
    wire.tell("initialized", &json!({}));
    let mut dice = Dice::new(5);
    let mut times: Vec<f64> = Vec::new();
    let mut offered = 0;
    for (path, text) in files.iter().step_by(files.len().div_ceil(8).max(1)) {
        let document = json!({ "uri": uri(path), "languageId": "purlin", "version": 1, "text": text });
        wire.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        let lines: Vec<&str> = text.lines().collect();
        for _ in 0..40 {
            let line = dice.below(lines.len());
            let character = dice.below(lines[line].len() + 1);
            let place = json!({ "textDocument": { "uri": uri(path) }, "position": { "line": line, "character": character } });
            let start = Instant::now();
            let answer = wire.ask("textDocument/completion", &place);
            offered +=
                answer["result"].as_array().or(answer["result"]["items"].as_array()).map_or(0, Vec::len);
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    // The first waits for the project to be opened.
    let mut times = times.split_off(1);
    times.sort_by(f64::total_cmp);
    let p99 = times[(times.len() - 1) * 99 / 100];
    let also = format!("   {} offers each on average", offered / (times.len() + 1));
    table.say(&Row::of("completion, 100,000-line project, p99", p99, 20.0, "ms").also(also));
    let held = process::held(child.id()).unwrap_or(f64::NAN);
    table.say(&Row::of("memory of the language server", held, 200.0, "MiB"));
    wire.ask("shutdown", &Value::Null);
    wire.tell("exit", &Value::Null);
    drop(wire);
    let _ = child.wait();
}

/// The base protocol of language servers, from the client's side.
struct Wire {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Wire {
    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and waits for the answer; what the server says meanwhile is read and left.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        while let Some(message) = self.receive() {
            if message.get("id").and_then(Value::as_u64) == Some(id) {
                return message;
            }
        }
        Value::Null
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let _ = write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len());
        let _ = self.input.flush();
    }

    fn receive(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim().split_once(": ") {
                Some(("Content-Length", digits)) => length = digits.parse().ok()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).ok()?;
        serde_json::from_slice(&body).ok()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
