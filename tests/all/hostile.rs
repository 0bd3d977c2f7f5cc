//! Specs that somebody wrote to hurt: they are answered with diagnostics, in bounded number, and nothing of them
//! reaches a terminal or another program's input as anything but text.

use purlin_core::emit::{self, Artifact, Receiver};
use purlin_core::{MemoryWorld, Options, Serial, Session, compile};
use purlin_schema::units::Date;

/// Syntax errors of a file end after a thousand; what else is wrong grows with the text, at most so many times as there
/// are declarations in the largest one here.
const ENOUGH: usize = 400_000;

fn session(text: &str) -> Session {
    let options = Options { as_of: Date::of(2026, 11, 21), ..Options::default() };
    compile(&MemoryWorld::of(text), options, &Serial).expect("a text in memory can be read")
}

/// Compiles on a small stack, so that recursion which input drives would be seen, and counts the findings.
#[track_caller]
fn answered(text: String) {
    assert!(findings(text) > 0, "nothing is wrong with it");
}

/// How many findings a text has.
#[track_caller]
fn findings(text: String) -> usize {
    let work = move || session(&text).findings().len();
    let thread =
        std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread can be started");
    let count = thread.join().expect("a hostile text is answered, not died of");
    assert!(count <= ENOUGH, "{count} findings");
    count
}

#[test]
fn slashdashes_in_slashdashes_are_answered() {
    answered("/-a{".repeat(24));
    answered("/-".repeat(48));
    answered("a {/-".repeat(100_000));
}

#[test]
fn a_hundred_thousand_levels_are_answered() {
    answered(format!("{}{}", "platform x {\n".repeat(100_000), "}".repeat(99_999)));
    findings(format!("policy p {{ require (expr)\"{}1{}\" }}", "(".repeat(100_000), ")".repeat(100_000)));
    findings(format!("policy p {{ require (expr)\"{}\" }}", "!".repeat(100_000)));
    answered(format!("let a \"{}\"", "${".repeat(100_000)));
}

#[test]
fn ten_megabytes_of_braces_are_answered() {
    answered("{".repeat(10_000_000));
    answered("}".repeat(10_000_000));
}

#[test]
fn one_string_of_ten_megabytes_is_answered() {
    findings(format!("platform \"{}\"", "x".repeat(10_000_000)));
    answered(format!("platform \"{}", "x".repeat(10_000_000)));
    answered(format!("platform {}", "/*".repeat(5_000_000)));
}

#[test]
fn a_hundred_thousand_errors_of_syntax_are_answered() {
    answered("gpu-pool ( {\n".repeat(100_000));
}

#[test]
fn twenty_thousand_unknown_kinds_are_answered() {
    answered((0..20_000).map(|n| format!("gpu-pol p{n} cluster=c\n")).collect());
}

#[test]
fn twenty_thousand_references_to_nothing_are_answered() {
    answered((0..20_000).map(|n| format!("gpu-pool p{n} cluster=c{n}\n")).collect());
}

#[test]
fn a_variable_of_itself_is_answered() {
    answered("let a $b\nlet b $a\nplatform x { budget $a }\n".to_owned());
    let doubling: String = (1..60).map(|n| format!("let a{n} \"${{a{m}}}${{a{m}}}\"\n", m = n - 1)).collect();
    answered(format!(
        "let a0 \"aaaaaaaa\"\n{doubling}platform x {{ doc \"$a59 ${{a59}}\"; owner nobody }}\n"
    ));
}

/// What can be shown of an answer: messages, labels, notes, the texts of cures.
fn said(session: &Session) -> String {
    let mut out = String::new();
    for finding in session.findings() {
        out.push_str(&finding.diagnostic.message);
        finding.diagnostic.labels.iter().for_each(|label| out.push_str(&label.text));
        finding.diagnostic.notes.iter().for_each(|note| out.push_str(note));
        for cure in finding.cures(session) {
            out.push_str(&format!("{cure:?}"));
        }
        out.push('\n');
    }
    out
}

/// A secret of each form that is recognised, made here so that none stands in this file.
#[track_caller]
fn is_not_repeated(spec: impl Fn(&str) -> String) {
    let canary = ["hf", "_", "CaNaRyCaNaRyCaNaRyCaNaRyCaNaRy0123"].concat();
    let session = session(&spec(&canary));
    let said = said(&session);
    assert!(said.contains("secret") || said.contains("token"), "the secret is not found: {said}");
    assert!(!said.contains("CaNaRy"), "the secret is repeated: {said}");
    assert!(files(&session).is_none(), "a spec with a secret in it is emitted");
}

#[test]
fn a_secret_in_a_spec_is_told_and_not_repeated() {
    is_not_repeated(|canary| {
        format!("{PLATFORM}training-job tune {{ model seed; env HF_TOKEN=\"{canary}\" }}\n")
    });
    is_not_repeated(|canary| {
        format!("{PLATFORM}training-job tune {{ model seed; doc \"uses {canary}\" }}\n")
    });
}

const PLATFORM: &str = "platform shop { owner ml }\nteam ml { contact \"ml@shop.example\" }\nmodel seed { format safetensors }\n";

/// All emitted text of the first environment; none where an error stands.
fn files(session: &Session) -> Option<Vec<(String, String)>> {
    struct Keep(Vec<(String, String)>);
    impl Receiver for Keep {
        fn file(&mut self, file: &Artifact<'_>) {
            self.0.push((file.path.to_owned(), file.text.to_owned()));
        }
    }
    let mut keep = Keep(Vec::new());
    let findings = session.findings();
    let targets = purlin_targets::all();
    emit::emit(session, 0, &findings, targets, purlin_targets::print::print, &mut keep).map(|_| keep.0)
}

/// Whether a terminal or a reader would not see the character as what it is.
fn hides(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[test]
fn hidden_characters_reach_no_output() {
    let spec = "platform shop { owner ml; doc \"a\\u{202e}b\\u{1b}[31mc\\u{7f}\\u{200b}\" }
team ml { contact \"ml\\u{202e}@shop.example\"; namespace ml }
cloud aws provider=aws account=\"123456789012\" region=eu-central-1 { labels { note \"a\\u{202e}b\\u{1b}[31mc\\u{200b}\\u{85}\\u{2028}d\" } }
network core cloud=aws { cidr \"10.0.0.0/16\"; zones eu-central-1a eu-central-1b; private }
cluster main { cloud aws; network core; kubernetes \"1.35\"; labels { note \"a\\u{202e}b\\u{1b}[31mc\\u{200b}\\u{85}\\u{2028}d\" } }
";
    let session = session(spec);
    let Some(files) = files(&session) else { panic!("not sound: {}", said(&session)) };
    assert!(files.iter().any(|(_, text)| text.contains("123456789012")), "nothing is emitted");
    for (path, text) in &files {
        let hidden: Vec<String> =
            text.chars().filter(|c| hides(*c)).map(|c| c.escape_unicode().to_string()).collect();
        assert!(hidden.is_empty(), "{path}: {hidden:?}\n{}", text.escape_debug());
    }
    assert!(
        files.iter().any(|(_, text)| text.contains("202e") || text.contains("202E")),
        "the text did not arrive"
    );
}

#[test]
fn hidden_characters_written_raw_are_answered() {
    answered(format!("{PLATFORM}// a \u{202e} b\nmodel \"a\u{202e}b\" {{ format safetensors }}\n"));
    answered(format!("{PLATFORM}model \"a\u{1b}[31m\" {{ format safetensors }}\n"));
}
