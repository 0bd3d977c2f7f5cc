//! Commands: words, the arguments that a spec hands on as written, and the script that starts them.

use std::fmt::Display;

use purlin_schema::kinds::parts::Arg;
use purlin_schema::view::{Items, Rows, Text};

use super::Config;

/// The words of a command.
pub(super) struct Command {
    words: Vec<String>,
}

impl Command {
    pub(super) fn new(program: &[&str]) -> Command {
        Command { words: program.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// A word alone: `--bf16`.
    pub(super) fn flag(&mut self, flag: &str) {
        self.words.push(flag.to_owned());
    }

    /// A flag, if it is wanted.
    pub(super) fn flag_if(&mut self, wanted: bool, flag: &str) {
        if wanted {
            self.flag(flag);
        }
    }

    /// A flag with its value.
    pub(super) fn pair(&mut self, flag: &str, value: impl Display) {
        self.flag(flag);
        self.words.push(value.to_string());
    }

    /// A flag with its value, if there is one.
    pub(super) fn maybe(&mut self, flag: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.pair(flag, value);
        }
    }

    /// Arguments that the spec hands on as written.
    pub(super) fn extra(mut self, arguments: Rows<'_, Arg>) -> Vec<String> {
        append(&mut self.words, arguments);
        self.words
    }
}

/// A number as Python reads it, never with a comma, never more digits than it has.
pub(super) fn number(value: f64) -> String {
    format!("{value:?}")
}

/// The command of the spec.
pub(super) fn custom(command: Items<'_, Text>, arguments: Rows<'_, Arg>) -> Config {
    let mut argv: Vec<String> = command.values().map(str::to_owned).collect();
    append(&mut argv, arguments);
    Config { argv, own: true, ..Config::default() }
}

fn append(words: &mut Vec<String>, arguments: Rows<'_, Arg>) {
    for argument in arguments.iter() {
        words.extend(argument.flag().get().map(str::to_owned));
        words.extend(argument.values().values().map(str::to_owned));
    }
}

/// A script that becomes the command: one flag with its values a line.
pub(super) fn script(address: &str, argv: &[String]) -> String {
    let mut text = format!("#!/bin/sh\n# {address}\nset -eu\nexec");
    for (index, word) in argv.iter().enumerate() {
        let begins_line = index > 0 && word.starts_with("--");
        text.push_str(if begins_line { " \\\n    " } else { " " });
        text.push_str(&quote(word));
    }
    text.push('\n');
    text
}

/// A word as a shell reads it, whatever stands in it.
pub(crate) fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
