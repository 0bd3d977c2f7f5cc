//! The examples, compiled and emitted once for all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use purlin_core::emit::{self, Artifact, Loss, Receiver};
use purlin_core::{Options, Serial, Session, compile};
use purlin_schema::units::Date;
use purlin_targets::print::print;

/// The projects under `examples/`.
pub(crate) const PROJECTS: &[&str] = &["support-assistant", "pretrain-405b", "credit-scoring"];

/// What one environment of an example comes to.
pub(crate) struct Emitted {
    /// Its name; empty where the project declares none.
    pub(crate) environment: String,
    /// Every file of every target.
    pub(crate) files: Vec<File>,
    /// What no target says.
    pub(crate) losses: Vec<Loss>,
}

/// One emitted file.
pub(crate) struct File {
    /// `terraform`, `kubernetes`, …
    pub(crate) target: &'static str,
    /// Relative to the environment's folder.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl Emitted {
    /// The files of one target.
    pub(crate) fn of<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.target == target)
    }
}

/// Every environment of an example, as of 21 November 2026. An example in which an error stands is a failed test.
#[track_caller]
pub(crate) fn emitted(project: &str) -> &'static [Emitted] {
    static EMITTED: [OnceLock<Vec<Emitted>>; PROJECTS.len()] = [const { OnceLock::new() }; PROJECTS.len()];
    let index = PROJECTS.iter().position(|known| *known == project).expect("an example");
    EMITTED[index].get_or_init(|| emit_all(project))
}

fn emit_all(project: &str) -> Vec<Emitted> {
    let world = purlin_engine::DiskWorld::open(&folder(project)).expect("an example is a project");
    let options = Options { as_of: Date::of(2026, 11, 21), ..Options::default() };
    let session = compile(&world, options, &Serial).expect("an example can be read");
    let findings = session.findings();
    (0..session.environments().len())
        .map(|index| {
            let state = &session.environments()[index];
            let mut files = Vec::new();
            for target in purlin_targets::all() {
                let mut keep = Keep { target: target.name(), files: &mut files };
                emit::emit(&session, index, &findings, &[*target], print, &mut keep)
                    .unwrap_or_else(|| panic!("{project} is not sound:\n{}", errors(&session)));
            }
            let all = emit::emit(&session, index, &findings, purlin_targets::all(), print, &mut Forget);
            Emitted {
                environment: state.name().map_or(String::new(), |name| name.as_str().to_owned()),
                files,
                losses: all.map(|emission| emission.losses).unwrap_or_default(),
            }
        })
        .collect()
}

fn errors(session: &Session) -> String {
    let findings = session.findings();
    let lines = findings.iter().filter(|finding| finding.is_error()).map(|finding| {
        let at = finding.diagnostic.span().and_then(|span| session.sources.position(span));
        let at = at.map_or(String::new(), |at| format!("{}:{}", at.path, at.lo));
        format!("{at} {}: {}", finding.diagnostic.rule, finding.diagnostic.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

struct Keep<'a> {
    target: &'static str,
    files: &'a mut Vec<File>,
}

impl Receiver for Keep<'_> {
    fn file(&mut self, file: &Artifact<'_>) {
        let (path, text) = (file.path.to_owned(), file.text.to_owned());
        self.files.push(File { target: self.target, path, text });
    }
}

struct Forget;

impl Receiver for Forget {
    fn file(&mut self, _: &Artifact<'_>) {}
}

/// The folder of an example.
pub(crate) fn folder(project: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(project)
}

/// A folder of reference data that stands beside the checkout; none where it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    found.exists().then_some(found)
}

/// Whether a program is installed.
pub(crate) fn has(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

/// Says that a test could not be made. Written past the test runner, which would swallow it.
pub(crate) fn skipped(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "skipped: needs {what}");
}

#[test]
fn every_example_is_known_here() {
    let folder = folder("");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .expect("examples can be listed")
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("purlin.kdl").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort_unstable();
    let mut known = PROJECTS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}
