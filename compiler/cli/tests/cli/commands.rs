//! What each command answers.

use std::io::Write as _;
use std::process::Stdio;

use super::{Project, SMALL, answer, check};

const DAY: &str = "--as-of=2026-11-21";

#[test]
fn a_new_project_has_no_errors_and_a_plan() {
    let project = Project { folder: tempfile::tempdir().unwrap() };
    check(&project, &["init", "here"], 0, &["made here/purlin.kdl"]);
    let checked = check(&project, &["check", "here", DAY], 0, &["1 file"]).out;
    assert!(!checked.contains("warning"), "{checked}");
    check(&project, &["plan", "here", DAY], 2, &["On Kubernetes", "On AWS", "serving.chat", "Fits"]);
    check(&project, &["init", "here"], 1, &["is there already"]);
    check(&project, &["init", "there", "--name", "Not A Name"], 1, &["cannot be a platform's name"]);
    assert!(!project.at("there").exists());
}

#[test]
fn check_says_where_and_how_to_mend_it() {
    let project = Project::small();
    project.replace("purlin.kdl", "cpu-pool general cluster=main", "cpu-pool general cluster=mian");
    let expected = [
        "error[reference.unknown]",
        "purlin.kdl:30:26",
        "fix: write `main`",
        "+ cpu-pool general cluster=main",
    ];
    check(&project, &["check"], 1, &expected);
    check(
        &project,
        &["check", "purlin.kdl", "--format", "short"],
        1,
        &["purlin.kdl:30:26: error[reference.unknown]:"],
    );
    let json = check(&project, &["check", "--format", "json"], 1, &[]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let unknown = findings.iter().find(|finding| finding["rule"] == "reference.unknown").unwrap();
    assert_eq!(unknown["labels"][0]["line"], 30);
    assert_eq!(unknown["cures"][0]["edits"][0]["new_text"], "main");
    check(&project, &["plan"], 1, &["no plan, nothing is emitted"]);
    check(&project, &["build"], 1, &["nothing is emitted"]);
    assert!(!project.at("out").exists());
}

#[test]
fn what_is_said_again_is_folded() {
    let pools: String = (0..200)
        .map(|n| format!("cpu-pool p{n} cluster=no-such instance=m7i.large {{ nodes 1 }}\n"))
        .collect();
    let project = Project::of(&format!("{}{pools}", SMALL.replace("NAME", "many")));
    let answer = check(&project, &["check"], 1, &["and 196 more", "200 errors"]);
    assert!(answer.out.lines().count() < 100, "{}", answer.out);
    let short = check(&project, &["check", "--format", "short"], 1, &[]).out;
    assert_eq!(short.lines().filter(|line| line.contains("[reference.unknown]")).count(), 200);
}

#[test]
fn what_hides_is_shown_escaped() {
    let project = Project::small();
    project.replace("purlin.kdl", "cluster=main instance=m7i", "cluster=\"ma\u{200b}in\" instance=m7i");
    let answer = check(&project, &["check"], 1, &["ma\\u{200b}in"]);
    assert!(!answer.out.contains('\u{200b}'));
}

#[test]
fn fmt_lays_out_and_refuses_what_it_cannot_read() {
    let project = Project::of("platform p{\nlanguage   \"0.1\" // kept\n}\n");
    check(&project, &["fmt", "--check"], 1, &["1 file not laid out"]);
    check(&project, &["fmt"], 0, &["1 file laid out"]);
    assert_eq!(project.tree()["purlin.kdl"], b"platform p {\n    language \"0.1\" // kept\n}\n");
    check(&project, &["fmt", "--check"], 0, &[]);
    project.write("old.kdl", "node \"a\" true\n");
    let before = project.tree();
    check(&project, &["fmt"], 1, &["old.kdl:1:10: error[syntax", "nothing was changed"]);
    assert_eq!(project.tree(), before);
}

#[test]
fn fmt_reads_standard_input() {
    let project = Project::small();
    let mut child =
        project.command(&["fmt", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a   b=1 ;").unwrap();
    let done = answer(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.out.as_str()), (0, "a b=1\n"));
}

#[test]
fn get_reads_one_value() {
    let project = Project::small();
    check(&project, &["get", "l40s.nodes"], 0, &["min=1 max=3"]);
    check(&project, &["get", "gpu-pool.l40s"], 0, &["instance g6e.4xlarge"]);
    check(&project, &["get", "l40s.nothing"], 1, &["has no field `nothing`"]);
    check(&project, &["get", "l40s.instanse"], 1, &["has no field `instanse`; the nearest is `instance`"]);
    check(&project, &["get", "nobody"], 1, &["there is no resource `nobody`"]);
    check(
        &project,
        &["get", "serving.chta"],
        1,
        &["no resource `serving.chta`; the nearest is `serving.chat`"],
    );
}

#[test]
fn explain_knows_every_rule() {
    let project = Project::small();
    check(&project, &["explain", "reference.unknown"], 0, &["reference.unknown"]);
    check(&project, &["explain", "reference"], 0, &["reference.ambiguous"]);
    check(&project, &["explain", "reference.unknwon"], 1, &["is `reference.unknown` meant"]);
}

#[test]
fn why_leads_from_an_output_back_to_the_spec() {
    let project = Project::small();
    check(&project, &["build"], 0, &[]);
    let answer = check(&project, &["why", "serving.chat"], 0, &["said at purlin.kdl:46:9", "becomes out/"]);
    let place = answer.out.lines().find_map(|line| line.trim().strip_prefix("becomes ")).unwrap();
    let (file, lines) = place.rsplit_once(':').unwrap();
    let first = lines.split('-').next().unwrap();
    check(&project, &["why", &format!("{file}:{first}")], 0, &["from serving.chat"]);
    check(&project, &["why", &format!("{file}:99999")], 1, &["lines"]);
    check(&project, &["why", "out/no-such.yaml:1"], 1, &["emits no file"]);
}

#[test]
fn the_graph_is_written_three_ways() {
    let project = Project::small();
    check(&project, &["graph"], 0, &["digraph purlin", "gpu-pool\\nl40s"]);
    check(&project, &["graph", "--format", "mermaid"], 0, &["flowchart LR"]);
    check(&project, &["graph", "--format", "svg"], 0, &["<svg", "</svg>", ">l40s<"]);
    check(&project, &["graph", "--around", "serving.chat"], 0, &["model\\nchat"]);
    check(&project, &["graph", "--around", "nobody"], 1, &["no resource `nobody`"]);
}

#[test]
fn the_graph_says_which_environment_it_shows() {
    let project = Project::small();
    assert!(!project.run(&["graph"]).out.contains("label=\"environment"));
    project.write("more.kdl", "environment prod\nenvironment dev { change serving.chat { replicas 1 } }\n");
    check(&project, &["graph"], 0, &["label=\"environment dev (others: --env prod)\""]);
    check(&project, &["graph", "--env", "prod"], 0, &["label=\"environment prod\""]);
    check(&project, &["graph", "--format", "mermaid"], 0, &["title: \"environment dev (others"]);
    check(&project, &["graph", "--format", "svg"], 0, &["<title>environment dev (others"]);
}

#[test]
fn cost_is_summed_by_who_pays() {
    let project = Project::small();
    project.write("more.kdl", "team research { contact \"r@example.com\"; approvers \"@example/r\" }\n");
    project.replace(
        "purlin.kdl",
        "cpu-pool general cluster=main",
        "cpu-pool general cluster=main owner=research",
    );
    check(&project, &["cost"], 0, &["by owner", "team.platform", "team.research"]);
    project.replace(
        "purlin.kdl",
        "kubernetes \"1.34\"",
        "kubernetes \"1.34\"\n    labels { cost-centre CC-7 }",
    );
    check(&project, &["cost", "--by", "cost-centre"], 0, &["by cost-centre", "CC-7"]);
    check(&project, &["cost", "--by", "nothing"], 0, &["by nothing", "without"]);
}

#[test]
fn memory_and_cost_show_what_is_known() {
    let project = Project::small();
    check(&project, &["memory"], 0, &["serving.chat", "weights", "needs", "has"]);
    check(&project, &["memory", "nobody"], 1, &["no endpoint `nobody`"]);
    check(&project, &["cost"], 0, &["gpu-pool.l40s", "total"]);
}

#[test]
fn the_catalog_is_searched() {
    let project = Project::small();
    check(&project, &["catalog", "gpus", "h100"], 0, &["h100-sxm5-80gb"]);
    check(&project, &["catalog", "instances", "p5.48xlarge"], 0, &["p5.48xlarge"]);
    check(&project, &["catalog", "models", "no-such-model"], 1, &["has nothing with"]);
}

#[test]
fn shells_and_man_are_served() {
    let project = Project::small();
    check(&project, &["completions", "bash"], 0, &["_purlin"]);
    check(&project, &["man"], 0, &[".TH purlin"]);
    check(&project, &["man", "plan"], 0, &["\\-\\-as\\-of"]);
    check(&project, &["--version"], 0, &["purlin 0."]);
}

#[test]
fn every_view_of_a_plan_is_within_eighty_columns() {
    let project = Project::small();
    for arguments in [&["plan", DAY][..], &["cost"], &["explain"], &["memory"]] {
        let answer = project.run(arguments);
        for line in answer.out.lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
}
