//! The numbers that the examples' arithmetic expects, asked of the examples themselves.

use super::{Judged, MemoryAnswer, of};
use crate::laws::format::gib_range;
use crate::laws::interval::Verdict;
use crate::query::testing::{example, id, session};

/// The estimate of a resource of an example, in an environment.
#[track_caller]
fn judged(project: &str, environment: Option<&str>, address: &str, changes: &[(&str, &str)]) -> Judged {
    let session = session(&example(project, changes));
    let graph = session.graph(environment).expect("the environment is declared");
    match of(&session.ask(graph), id(graph, address)) {
        Ok(MemoryAnswer::Judged(judged)) => *judged,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(project: &str, environment: Option<&str>, address: &str, total: &str, verdict: Verdict) -> Judged {
    let judged = judged(project, environment, address, &[]);
    assert_eq!((gib_range(judged.estimate.total).as_str(), judged.verdict), (total, verdict));
    judged
}

#[test]
fn tuning_on_two_nodes_fits() {
    check("support-assistant", Some("prod"), "training-job.tune", "19.1–33.4 GiB", Verdict::Fits);
}

#[test]
fn tuning_on_one_node_fits() {
    check("support-assistant", Some("staging"), "training-job.tune", "26.5–40.9 GiB", Verdict::Fits);
}

#[test]
fn drafts_fit_an_l40s() {
    let drafts = check("support-assistant", Some("prod"), "serving.drafts", "32.5–34.5 GiB", Verdict::Fits);
    assert!(gib_range(drafts.capacity).ends_with("–40.5 GiB"), "{}", gib_range(drafts.capacity));
    let room = drafts.room.expect("a language model has room for contexts");
    assert!(room.contexts.contains(22.0), "{:?}", room.contexts);
}

#[test]
fn phase_1_fits_with_context_parallelism() {
    check("pretrain-405b", None, "training-job.phase-1", "65.1–73.7 GiB", Verdict::Fits);
}

#[test]
fn the_encoder_fits_its_slice() {
    check("credit-scoring", Some("prod"), "serving.embed", "2.4–3.5 GiB", Verdict::Fits);
}

#[test]
fn the_verdicts_of_the_examples_own_tests_come_true() {
    let cases: [(&str, Option<&str>, &str, &[(&str, &str)]); 3] = [
        (
            "support-assistant",
            Some("prod"),
            "training-job.tune",
            &[("activation-checkpointing full", "activation-checkpointing none"), ("micro=2", "micro=16")],
        ),
        ("support-assistant", Some("prod"), "serving.drafts", &[("concurrency 16", "concurrency 40")]),
        ("pretrain-405b", None, "training-job.phase-1", &[("        context 2  ", "        context 1  ")]),
    ];
    for (project, environment, address, changes) in cases {
        let judged = judged(project, environment, address, changes);
        assert_eq!(judged.verdict, Verdict::DoesNotFit, "{address}");
    }
}

#[test]
fn work_on_processors_has_no_gpu_memory() {
    let session = session(&example("credit-scoring", &[]));
    let graph = session.graph(Some("prod")).expect("prod is declared");
    for address in ["training-job.scorecard", "serving.score"] {
        assert!(of(&session.ask(graph), id(graph, address)).is_err(), "{address}");
    }
}
