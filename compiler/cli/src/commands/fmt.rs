//! `purlin fmt`: lays out spec files. Layout changes, comments and spellings stay.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use purlin_core::World as _;
use purlin_engine::DiskWorld;
use purlin_syntax::{LineIndex, SyntaxError};

use super::{Failure, Outcome};
use crate::screen::Screen;
use crate::views::escape;
use crate::views::words::count;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Files or projects; `-` for standard input [default: the project in this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; list what is not laid out, with exit code 1
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, screen: &Screen) -> Result<Outcome, Failure> {
    if arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(arguments);
    }
    let files = files(&arguments.paths)?;
    let mut refused = String::new();
    let mut changed = Vec::new();
    for path in &files {
        let text = read(path)?;
        match purlin_syntax::format(&text) {
            Ok(new) if new == text => {}
            Ok(new) => changed.push((path, new)),
            Err(errors) => refused.push_str(&refusal(&path.display().to_string(), &text, &errors)),
        }
    }
    if !refused.is_empty() {
        refused.push_str("nothing was changed\n");
        return Ok(Outcome { text: refused, code: 1 });
    }
    let mut text = String::new();
    for (path, new) in &changed {
        let _ = writeln!(text, "{}", escape::line(&path.display().to_string()));
        if !arguments.check {
            purlin_engine::disk::replace(path, new.as_bytes())
                .map_err(|error| Failure(format!("{}: cannot be written: {error}", path.display())))?;
        }
    }
    let what = if arguments.check { "not laid out" } else { "laid out" };
    let summary =
        format!("{} {what}, {} as they should be", count(changed.len(), "file"), files.len() - changed.len());
    let _ = writeln!(text, "{}", screen.dim(&summary));
    Ok(Outcome { text, code: u8::from(arguments.check && !changed.is_empty()) })
}

fn standard_input(arguments: &Arguments) -> Result<Outcome, Failure> {
    if arguments.paths.len() > 1 {
        return Err(Failure("`-` (standard input) stands alone".to_owned()));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure(format!("standard input cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Failure(format!("standard input is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))
    })?;
    match purlin_syntax::format(&text) {
        Ok(new) if arguments.check => Ok(Outcome { text: String::new(), code: u8::from(new != text) }),
        Ok(new) => Ok(Outcome::fine(new)),
        Err(errors) => Err(Failure(refusal("<stdin>", &text, &errors).trim_end().to_owned())),
    }
}

/// The spec files of projects and folders, and files as they are named.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let world = DiskWorld::open(path)?;
            files.extend(world.files()?.iter().map(|file| path.join(file)));
        } else if !path.exists() {
            return Err(Failure(format!("{}: no such file or folder", path.display())));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |reason: String| Failure(format!("{}: {reason}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|error| failed(format!("is not UTF-8 (byte {})", error.utf8_error().valid_up_to())))
}

fn refusal(path: &str, text: &str, errors: &[SyntaxError]) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    for error in errors.iter().take(20) {
        let at = lines.position(error.range.lo);
        let place = format!("{}:{}:{}", escape::line(path), at.line + 1, at.column + 1);
        let _ = writeln!(out, "{place}: error[{}]: {}", error.rule, escape::line(&error.message));
    }
    if errors.len() > 20 {
        let _ = writeln!(out, "{}: {} more", escape::line(path), count(errors.len() - 20, "error"));
    }
    out
}
