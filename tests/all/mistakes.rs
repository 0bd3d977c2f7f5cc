//! One mistake typed into a real project: it is named, at its place, and the cure that is offered works.

use purlin_core::{Change, Finding, Options, Serial, Session};
use purlin_syntax::{Cure, Level};

fn compile(files: &[(String, String)]) -> Session {
    let mut session = Session::new(Options::default());
    let set = |(path, text): &(String, String)| Change::Set { path: path.clone(), text: text.clone() };
    session.apply(files.iter().map(set).collect(), &Serial);
    session
}

/// Puts the edits of a cure into the files.
fn apply(files: &mut [(String, String)], session: &Session, cure: &Cure) {
    let mut edits: Vec<(String, u32, u32, &str)> = cure
        .edits
        .iter()
        .map(|edit| {
            let at = session.sources.position(edit.span).expect("a cure edits what is there");
            (at.path.to_owned(), at.lo, at.hi, edit.text.as_str())
        })
        .collect();
    edits.sort_by_key(|(_, lo, _, _)| std::cmp::Reverse(*lo));
    for (path, lo, hi, text) in edits {
        let (_, file) = files.iter_mut().find(|(have, _)| *have == path).expect("a file of the project");
        file.replace_range(lo as usize..hi as usize, text);
    }
}

fn errors(session: &Session) -> Vec<Finding> {
    session.findings().into_iter().filter(|finding| finding.diagnostic.level == Level::Error).collect()
}

/// Types `mistake` where `right` stood, in `file` of an example. Every finding at error level that comes must be of
/// `rule`, or of a rule that the same number breaks as well (`also`); one of them must stand on the mistyped line or speak of it; its first cure must take it away.
#[track_caller]
fn check(project: &str, file: &str, edits: &[(&str, &str)], rule: &str, curable: bool) {
    check_also(project, file, edits, rule, curable, &[]);
}

#[track_caller]
fn check_also(project: &str, file: &str, edits: &[(&str, &str)], rule: &str, curable: bool, also: &[&str]) {
    let mut files = crate::example_files(project);
    let sound = compile(&files);
    assert!(errors(&sound).is_empty(), "{project} is sound: {:?}", errors(&sound));
    let (_, text) = files.iter_mut().find(|(path, _)| path == file).expect("the file exists");
    for (right, mistake) in edits {
        assert!(text.contains(right), "{file} holds `{right}`");
        *text = text.replacen(right, mistake, 1);
    }
    let session = compile(&files);
    let found = errors(&session);
    let rules: Vec<&str> = found.iter().map(|finding| finding.diagnostic.rule).collect();
    assert!(rules.contains(&rule), "{rule} among {rules:?}");
    assert!(rules.iter().all(|other| *other == rule || also.contains(other)), "a cascade: {rules:?}");
    let finding = found.iter().find(|finding| finding.diagnostic.rule == rule).expect("just seen");
    let span = finding.diagnostic.span().expect("a place");
    assert!(session.sources.position(span).is_some(), "a place that exists");
    let cures = finding.cures(&session);
    assert_eq!(!cures.is_empty(), curable, "{cures:?}");
    if let Some(cure) = cures.first() {
        apply(&mut files, &session, cure);
        let mended = compile(&files);
        let left: Vec<String> =
            errors(&mended).into_iter().map(|finding| finding.diagnostic.message).collect();
        assert!(left.is_empty(), "`{}` leaves {left:?}", cure.title);
    }
}

#[test]
fn too_many_sequences_at_once_do_not_fit_and_fewer_do() {
    check(
        "support-assistant",
        "serving.kdl",
        &[("concurrency 16", "concurrency 40")],
        "hardware.gpu-memory",
        true,
    );
}

#[test]
fn activations_that_are_kept_do_not_fit_and_recomputing_does() {
    let edits = [("activation-checkpointing full", "activation-checkpointing none"), ("micro=2", "micro=16")];
    check("support-assistant", "model.kdl", &edits, "hardware.gpu-memory", true);
}

#[test]
fn a_name_that_slipped_is_found_again() {
    check(
        "support-assistant",
        "model.kdl",
        &[("on h100 nodes=2", "on h10 nodes=2")],
        "reference.unknown",
        true,
    );
}

#[test]
fn a_pool_that_is_gone_is_not_the_gpu_of_the_same_name() {
    let mut files = crate::example_files("support-assistant");
    for (_, text) in files.iter_mut().filter(|(path, _)| path != "serving.kdl") {
        for (right, mistake) in
            [("gpu-pool l40s", "gpu-pool l40"), ("gpu-pool.l40s", "gpu-pool.l40"), ("on l40s", "on l40")]
        {
            *text = text.replace(right, mistake);
        }
    }
    let session = compile(&files);
    let found = errors(&session);
    let [finding] = &*found else { panic!("one finding: {found:?}") };
    assert_eq!(finding.diagnostic.message, "no gpu-pool or cpu-pool or tpu-pool is named `l40s`");
    let at = session.sources.position(finding.diagnostic.span().expect("a place")).expect("it exists");
    assert_eq!(at.path, "serving.kdl");
    let cures = finding.cures(&session);
    assert_eq!(cures[0].title, "write `l40`");
    apply(&mut files, &session, &cures[0]);
    assert_eq!(errors(&compile(&files)).len(), 0);
}

#[test]
fn a_gpu_of_the_catalog_is_no_place_in_a_platform() {
    check(
        "support-assistant",
        "serving.kdl",
        &[("on l40s gpus=1", "on gpu.l40s gpus=1")],
        "reference.wrong-kind",
        true,
    );
}

#[test]
fn a_platform_that_comes_later_takes_the_gpus_of_the_catalog_away() {
    let rules = |session: &Session| -> Vec<String> {
        errors(session).iter().map(|finding| finding.diagnostic.message.clone()).collect()
    };
    let job = ("job.kdl".to_owned(), "serving s { model llama-3.1-8b; on l40s count=1 }\n".to_owned());
    let platform = ("purlin.kdl".to_owned(), "platform p\n".to_owned());
    let set = |(path, text): &(String, String)| Change::Set { path: path.clone(), text: text.clone() };
    let mut session = Session::new(Options { track: true, ..Options::default() });
    session.apply(vec![set(&job)], &Serial);
    let alone = rules(&session);
    assert!(!alone.iter().any(|message| message.contains("l40s")), "{alone:?}");
    session.apply(vec![set(&platform)], &Serial);
    let with = rules(&session);
    assert!(with.iter().any(|message| message.contains("is named `l40s`")), "{with:?}");
    assert_eq!(with, rules(&compile(&[job, platform])));
    session.apply(vec![Change::Remove { path: "purlin.kdl".to_owned() }], &Serial);
    assert_eq!(rules(&session), alone);
}

#[test]
fn a_word_outside_the_choice_is_replaced() {
    check("support-assistant", "model.kdl", &[("precision bf16", "precision bf61")], "type.choice", true);
}

#[test]
fn a_number_without_its_unit_is_given_one() {
    check("support-assistant", "infrastructure.kdl", &[("size \"1200GiB\"", "size 1200")], "type.unit", true);
}

#[test]
fn a_quantity_that_kdl_cannot_read_bare_is_quoted() {
    check(
        "support-assistant",
        "infrastructure.kdl",
        &[("size \"1200GiB\"", "size 1200GiB")],
        "syntax.quote",
        true,
    );
}

#[test]
fn a_field_of_another_name_is_recognised() {
    check(
        "support-assistant",
        "serving.kdl",
        &[("    concurrency 16", "    concurency 16")],
        "type.unknown-field",
        true,
    );
}

#[test]
fn fifteen_trillion_tokens_do_not_fit_the_block() {
    // The same number costs more than the budget, and makes a model of systemic risk (3.7e25 FLOP, above 1e25).
    let also = ["cost.job-budget", "compliance.eu-ai-act"];
    let edits = [("\"280B tokens\"", "\"15T tokens\"")];
    check_also("pretrain-405b", "training.kdl", &edits, "reliability.training-time", false, &also);
}

#[test]
fn raw_tickets_may_not_be_trained_on() {
    let edits = [
        ("data tickets-clean split=train", "data tickets-raw"),
        ("exclude { personal special-category pii }", ""),
    ];
    check("support-assistant", "model.kdl", &edits, "data.classification-flow", false);
}
