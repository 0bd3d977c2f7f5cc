//! Whatever is wrong with a call or a folder: a clear error, exit code 1, nothing changed.

use super::{Project, SMALL, check};

#[track_caller]
fn refused(project: &Project, arguments: &[&str], expected: &str) {
    let before = project.tree();
    let answer = check(project, arguments, 1, &[expected]);
    assert!(!answer.error.contains("panicked"), "{}", answer.error);
    assert_eq!(project.tree(), before, "{arguments:?}");
}

#[test]
fn flags_that_do_not_exist() {
    let project = Project::small();
    refused(&project, &["check", "--frobnicate"], "unexpected argument");
    refused(&project, &["plan", "--format", "xml"], "invalid value");
    refused(&project, &["no-such-command"], "unrecognized subcommand");
    refused(&project, &["check", "--as-of", "2026-02-30"], "is no day");
    refused(&project, &["check", "--as-of", "yesterday"], "is no day");
    refused(&project, &["plan", "--against", "main"], "git:REVISION");
    refused(&project, &["apply", "--approve", "everything"], "data-loss");
}

#[test]
fn folders_that_are_no_project() {
    let project = Project::small();
    project.write("empty/x.txt", "");
    for command in ["check", "plan", "build", "fmt", "cost", "graph"] {
        refused(&project, &[command, "empty"], "holds no `purlin.kdl`");
        refused(&project, &[command, "nowhere"], "no such");
    }
}

#[test]
fn environments_that_are_not_declared() {
    refused(&Project::small(), &["plan", "--env", "prod"], "declares no environment `prod`");
    refused(&Project::small(), &["plan", "--against", "env:prod"], "declares no environment `prod`");
}

#[test]
fn files_that_are_not_utf_8() {
    let project = Project::small();
    project.write("bad.kdl", b"a \xff\n");
    refused(&project, &["check"], "bad.kdl: is not UTF-8 (byte 2)");
    refused(&project, &["build"], "bad.kdl: is not UTF-8 (byte 2)");
    refused(&project, &["fmt"], "bad.kdl: is not UTF-8 (byte 2)");
}

#[test]
fn an_output_that_cannot_be_written() {
    let project = Project::small();
    project.write("out", "a file");
    refused(&project, &["build"], "out is no folder");
    refused(&project, &["plan", "--out", "nowhere/plan.json"], "");
}

#[test]
fn a_manifest_that_is_damaged_or_newer() {
    let project = Project::small();
    check(&project, &["build"], 0, &[]);
    let good = project.tree()["out/purlin.manifest.json"].clone();
    project.write("out/purlin.manifest.json", &good[..good.len() / 2]);
    refused(&project, &["plan"], "is damaged");
    refused(&project, &["build"], "is damaged");
    let newer = String::from_utf8(good).unwrap().replace("\"format\":2", "\"format\":99");
    project.write("out/purlin.manifest.json", newer);
    refused(&project, &["build"], "a newer Purlin");
}

#[test]
fn plans_that_are_no_plans() {
    let project = Project::small();
    project.write("x.json", "{}");
    refused(&project, &["apply", "x.json"], "is no plan");
    refused(&project, &["apply", "nowhere.json"], "cannot be read");
}

#[test]
fn hostile_text_is_an_error_and_no_crash() {
    for text in [
        "{".repeat(100_000),
        "a {".repeat(50_000),
        "/-".repeat(50_000),
        "\"".repeat(9_999),
        SMALL[..400].to_owned(),
    ] {
        let project = Project::of(&text);
        let answer = project.run(&["check"]);
        assert_eq!(answer.code, 1, "{}", &text[..20]);
        assert!(!answer.error.contains("panicked"));
    }
}
