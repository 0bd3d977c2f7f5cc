//! The official test suite of KDL 2.0, every case.

use std::fs;
use std::path::{Path, PathBuf};

use purlin_syntax::Document;
use purlin_syntax::canonical::canonical;

fn suite() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kdl-test-suite");
    path.is_dir().then_some(path)
}

/// What is wrong with the reading of one case, if anything.
fn complaint(input: &Path, suite: &Path) -> Option<String> {
    let name = input.file_name()?.to_string_lossy().into_owned();
    let text = fs::read_to_string(input).ok()?;
    let document = Document::parse(text);
    let errors: Vec<String> = document.errors().map(|(_, error)| error.message.clone()).collect();
    if name.ends_with("_fail.kdl") {
        return errors.is_empty().then(|| format!("{name}: accepted, must be refused"));
    }
    if !errors.is_empty() {
        return Some(format!("{name}: refused, must be accepted: {errors:?}"));
    }
    let expected = fs::read_to_string(suite.join("expected_kdl").join(&name)).ok()?;
    let printed = canonical(&document);
    (printed.trim() != expected.trim()).then(|| format!("{name}: printed\n{printed}expected\n{expected}"))
}

#[test]
fn every_case_of_the_official_suite_is_read_as_it_says() {
    let Some(suite) = suite() else {
        eprintln!("skipped: needs shared/kdl-test-suite");
        return;
    };
    let mut inputs: Vec<PathBuf> =
        fs::read_dir(suite.join("input")).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    let complaints: Vec<String> = inputs.iter().filter_map(|input| complaint(input, &suite)).collect();
    assert_eq!(inputs.len(), 336, "the suite has 336 cases");
    assert!(complaints.is_empty(), "{} of 336 fail:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_spec_of_the_design_is_read_without_an_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/design/specs");
    if !root.is_dir() {
        eprintln!("skipped: needs shared/design/specs");
        return;
    }
    let mut folders = vec![root];
    let mut complaints = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "kdl") {
                let document = Document::parse(fs::read_to_string(&path).unwrap());
                complaints
                    .extend(document.errors().map(|(_, error)| format!("{}: {error:?}", path.display())));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
