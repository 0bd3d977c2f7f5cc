//! What the examples emit, whole: one snapshot for each target, the environments after the first as a difference.
//!
//! A change that moves a snapshot is reviewed as what it is: a change of what users get. `INSTA_UPDATE=always` accepts.

use std::fmt::Write as _;

use similar::TextDiff;

use crate::examples::{Emitted, File, emitted};

#[track_caller]
fn check(project: &str) {
    let environments = emitted(project);
    for target in purlin_targets::all() {
        snapshot(project, target.name(), &shown(environments, target.name()));
    }
    snapshot(project, "losses", &losses(environments));
}

#[track_caller]
fn snapshot(project: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("{project}-{name}"), text));
}

/// The files of the first environment, and what differs in the others.
fn shown(environments: &[Emitted], target: &str) -> String {
    let mut out = String::new();
    let Some((first, others)) = environments.split_first() else { return out };
    for file in first.of(target) {
        let _ = write!(out, "//// {}\n{}", place(first, file), ended(&file.text));
    }
    for other in others {
        for file in other.of(target) {
            match first.of(target).find(|before| before.path == file.path) {
                None => drop(write!(out, "//// {}\n{}", place(other, file), ended(&file.text))),
                Some(before) if before.text == file.text => {}
                Some(before) => drop(write!(out, "//// {}\n{}", place(other, file), changes(before, file))),
            }
        }
        for file in first.of(target).filter(|file| other.of(target).all(|same| same.path != file.path)) {
            let _ = writeln!(out, "//// {} is not there", place(other, file));
        }
    }
    out
}

fn place(environment: &Emitted, file: &File) -> String {
    format!("{}/{}", environment.environment, file.path).trim_start_matches('/').to_owned()
}

/// Where a file does not end its last line, the snapshot says so.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') {
        text.to_owned()
    } else {
        format!("{text}\n//// (no line end)\n")
    }
}

fn changes(before: &File, now: &File) -> String {
    let diff = TextDiff::from_lines(before.text.as_str(), now.text.as_str());
    let mut lines = diff.unified_diff();
    ended(&lines.context_radius(2).to_string())
}

/// What each environment asks and no target says.
fn losses(environments: &[Emitted]) -> String {
    let mut out = String::new();
    for environment in environments {
        let _ = writeln!(out, "//// {}", environment.environment);
        for loss in &environment.losses {
            let _ = write!(out, "{} {}", loss.address, loss.field);
            let _ = if loss.reason.is_empty() { writeln!(out) } else { writeln!(out, ": {}", loss.reason) };
        }
    }
    out
}

#[test]
fn the_support_assistant_is_emitted_as_before() {
    check("support-assistant");
}

#[test]
fn the_pretraining_run_is_emitted_as_before() {
    check("pretrain-405b");
}

#[test]
fn the_credit_scoring_platform_is_emitted_as_before() {
    check("credit-scoring");
}
