//! The program, from outside: what it answers, with which exit code, and what it leaves on the disk.

mod bad_input;
mod baselines;
mod commands;
mod destination;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What one call answered.
struct Answer {
    code: i32,
    out: String,
    error: String,
}

/// A folder with a project in it.
struct Project {
    folder: tempfile::TempDir,
}

/// The project that `purlin init` makes.
const SMALL: &str = include_str!("../../src/commands/init.kdl");

impl Project {
    /// A project of one file.
    fn of(text: &str) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.write("purlin.kdl", text);
        project
    }

    fn small() -> Project {
        Project::of(&SMALL.replace("NAME", "small"))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let full = self.at(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.at(path)).unwrap();
        assert!(text.contains(old), "{old}");
        self.write(path, text.replace(old, new));
    }

    /// Runs in the project's folder, for a fixed day.
    fn run(&self, arguments: &[&str]) -> Answer {
        answer(self.command(arguments).output().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_purlin"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Every file, but for locks.
    fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_none_or(|name| name != ".purlin.lock") {
                    let shown = path.strip_prefix(self.path()).unwrap().to_string_lossy().into_owned();
                    found.insert(shown, fs::read(&path).unwrap());
                }
            }
        }
        found
    }
}

fn answer(output: Output) -> Answer {
    Answer {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A call, its exit code, and what its answer holds.
#[track_caller]
fn check(project: &Project, arguments: &[&str], code: i32, expected: &[&str]) -> Answer {
    let answer = project.run(arguments);
    let all = format!("{}{}", answer.out, answer.error);
    assert_eq!(answer.code, code, "{arguments:?}\n{all}");
    for expected in expected {
        assert!(all.contains(expected), "{arguments:?} lacks {expected:?}\n{all}");
    }
    assert!(!all.contains('\u{1b}'), "colour where there is no terminal");
    answer
}
