//! Plan, apply and build on the output folder.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Project, SMALL, answer, check};

/// Changes the endpoint's replicas.
fn edit(project: &Project) {
    project.replace("purlin.kdl", "replicas 2", "replicas 3");
}

/// Takes the storage away, whose deletion needs approval.
fn with_storage() -> Project {
    let text = SMALL.replace("NAME", "small");
    Project::of(&format!("{text}\nstorage logs cloud=aws {{ type object }}\n"))
}

#[test]
fn a_plan_writes_nothing_and_says_two() {
    let project = Project::small();
    let before = project.tree();
    check(&project, &["plan"], 2, &["to create", "new"]);
    check(&project, &["plan", "--format", "short"], 2, &["create serving.chat"]);
    assert_eq!(project.tree(), before);
}

#[test]
fn after_a_build_there_is_nothing_to_do() {
    let project = Project::small();
    check(&project, &["build"], 0, &["written"]);
    let built = project.tree();
    check(&project, &["plan"], 0, &["nothing to do"]);
    check(&project, &["build"], 0, &["nothing to do"]);
    check(&project, &["apply"], 0, &["nothing to do"]);
    assert_eq!(project.tree(), built);
}

#[test]
fn a_build_into_another_folder_leaves_what_is_not_its_own() {
    let project = Project::small();
    project.write("elsewhere/notes.txt", "mine");
    check(&project, &["build", "--out", "elsewhere/deep"], 0, &["elsewhere/deep: ", "written"]);
    assert!(!project.at("out").exists());
    check(&project, &["build", "--out", "elsewhere/deep"], 0, &["nothing to do"]);
    project.write("elsewhere/deep/terraform/aws/keep.txt", "mine");
    project.write("elsewhere/deep/terraform/aws/versions.tf", "changed by hand");
    edit(&project);
    let before = project.tree();
    check(&project, &["build", "--out", "elsewhere/deep"], 1, &["versions.tf was changed by hand"]);
    assert_eq!(project.tree(), before);
    check(&project, &["build", "--out", "elsewhere/notes.txt"], 1, &["is no folder"]);
}

#[test]
fn what_environments_share_has_a_folder_and_a_plan_of_its_own() {
    let project = Project::small();
    let more = "environment prod\nenvironment dev { change serving.chat { replicas 1 } }\n\
                storage logs cloud=aws { type object; shared }\n";
    project.write("more.kdl", more);
    check(&project, &["plan", "--format", "short"], 2, &["create storage.logs"]);
    check(&project, &["build", "--env", "prod"], 0, &["out/prod: "]);
    assert!(!project.at("out/shared").exists());
    check(&project, &["build"], 0, &["out/shared: ", "out/dev: "]);
    let storage = fs::read_to_string(project.at("out/shared/terraform/aws/storage.tf")).unwrap();
    assert!(storage.contains("resource \"aws_s3_bucket\" \"logs\""), "{storage}");
    assert!(!project.at("out/shared/kubernetes").exists());
    check(&project, &["why", "storage.logs"], 0, &["becomes out/shared/terraform/aws/storage.tf:"]);
    check(&project, &["why", "out/shared/terraform/aws/storage.tf:2"], 0, &["from storage.logs"]);
    assert!(!project.at("out/dev/terraform/aws/storage.tf").exists());
    check(&project, &["plan"], 0, &["nothing to do"]);
    project.replace("more.kdl", "shared }", "versioning; shared }");
    let answer = check(&project, &["plan", "--env", "shared"], 2, &["storage.logs"]);
    assert!(!answer.out.contains("serving.chat"), "{}", answer.out);
    check(&project, &["plan", "--env", "shared", "--out", "plan.json"], 2, &[]);
    check(&project, &["apply", "plan.json"], 0, &["out/shared: "]);
    check(&project, &["plan"], 0, &["nothing to do"]);
    project.replace("more.kdl", "versioning; shared }", "versioning }");
    check(&project, &["build"], 1, &["storage.logs", "--approve data-loss"]);
    check(&project, &["build", "--approve", "data-loss"], 0, &["out/shared: ", "deleted"]);
    assert!(!project.at("out/shared/terraform").exists());
    check(&project, &["plan"], 0, &["nothing to do"]);
    check(&project, &["plan", "--env", "nobody"], 1, &["no environment `nobody`"]);
}

#[test]
fn a_change_is_shown_by_field_and_only_it_is_written() {
    let project = Project::small();
    check(&project, &["build"], 0, &[]);
    let before = project.tree();
    edit(&project);
    check(&project, &["plan"], 2, &["~ serving.chat", "2 → 3", "replicas 2 → 3"]);
    check(&project, &["build"], 0, &["written"]);
    let changed: Vec<String> = project
        .tree()
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    assert!(changed.iter().all(|path| path.contains("serving") || !path.ends_with(".tf")), "{changed:?}");
    assert!(changed.contains(&"out/purlin.manifest.json".to_owned()));
}

#[test]
fn the_same_spec_gives_the_same_bytes_everywhere() {
    let (one, other) = (Project::small(), Project::small());
    check(&one, &["build", "--as-of=2026-11-21"], 0, &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_purlin"));
    command.args(["build", "--as-of=2026-11-21"]).arg(other.path()).current_dir("/");
    command.env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8").env("RAYON_NUM_THREADS", "1");
    assert_eq!(answer(command.output().unwrap()).code, 0);
    assert_eq!(one.tree(), other.tree());
}

#[test]
fn a_saved_plan_is_done_exactly() {
    let project = Project::small();
    check(&project, &["plan", "--out", "plan.json"], 2, &[]);
    check(&project, &["apply", "plan.json"], 0, &["written"]);
    check(&project, &["plan"], 0, &["nothing to do"]);
    check(&project, &["apply", "plan.json"], 1, &["changed by another apply"]);
}

#[test]
fn a_saved_plan_is_refused_when_the_spec_moved() {
    let project = Project::small();
    check(&project, &["plan", "--out", "plan.json"], 2, &[]);
    edit(&project);
    check(&project, &["apply", "plan.json"], 1, &["the spec has changed", "purlin.kdl"]);
    assert!(!project.at("out").exists());
}

#[test]
fn a_saved_plan_is_refused_when_a_byte_of_it_is_flipped() {
    let project = Project::small();
    check(&project, &["plan", "--out", "plan.json"], 2, &[]);
    let plan = project.tree()["plan.json"].clone();
    for at in (0..plan.len()).step_by(41).filter(|at| plan[*at].is_ascii_alphanumeric()) {
        let mut bytes = plan.clone();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        project.write("plan.json", bytes);
        assert_eq!(project.run(&["apply", "plan.json"]).code, 1, "byte {at}");
    }
    assert!(!project.at("out").exists());
}

#[test]
fn a_saved_plan_is_refused_when_a_file_moved() {
    let project = Project::small();
    check(&project, &["build"], 0, &[]);
    edit(&project);
    check(&project, &["plan", "--out", "plan.json"], 2, &[]);
    let file = project.tree().into_keys().find(|path| path.ends_with("serving.yaml")).unwrap();
    project.write(&file, "by hand");
    check(&project, &["apply", "plan.json"], 1, &["was changed by hand", "nothing was changed"]);
    assert_eq!(project.tree()[&file], b"by hand");
}

#[test]
fn what_loses_data_needs_approval_by_name() {
    let project = with_storage();
    check(&project, &["build"], 0, &[]);
    project.write("purlin.kdl", SMALL.replace("NAME", "small"));
    let before = project.tree();
    check(
        &project,
        &["plan"],
        2,
        &["- storage.logs", "is deleted with what it holds", "--approve data-loss"],
    );
    check(&project, &["build"], 1, &["nothing was changed", "--approve data-loss"]);
    check(&project, &["build", "--approve", "purchase"], 1, &["--approve data-loss"]);
    assert_eq!(project.tree(), before);
    check(&project, &["build", "--approve", "data-loss"], 0, &["written"]);
}

#[test]
fn what_a_provider_makes_again_needs_approval() {
    let project = Project::small();
    check(&project, &["build"], 0, &[]);
    project.replace("purlin.kdl", "instance=m7i.2xlarge", "instance=m7i.4xlarge");
    check(&project, &["plan"], 2, &["± cpu-pool.general", "instance_types", "--approve replacement"]);
    check(&project, &["build"], 1, &["nothing was changed", "--approve replacement"]);
    check(&project, &["build", "--approve", "replacement"], 0, &["written"]);
}

#[test]
fn what_others_wrote_stays() {
    let project = Project::small();
    project.write("out/notes.txt", "mine");
    check(&project, &["build"], 0, &[]);
    edit(&project);
    check(&project, &["build"], 0, &[]);
    assert_eq!(project.tree()["out/notes.txt"], b"mine");
}

#[test]
fn killed_at_any_time_a_rerun_does_the_rest() {
    let expected = {
        let project = Project::small();
        check(&project, &["build"], 0, &[]);
        project.tree()
    };
    for delay in [0, 2, 5, 9, 14, 20, 30, 45] {
        let project = Project::small();
        let mut child =
            project.command(&["build"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
        check(&project, &["build"], 0, &[]);
        assert_eq!(project.tree(), expected, "killed after {delay} ms");
    }
}

#[test]
fn several_applies_at_once_leave_a_whole_output() {
    let project = Project::small();
    let children: Vec<_> = (0..8)
        .map(|_| project.command(&["build"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    let codes: Vec<Option<i32>> =
        children.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 1))), "{codes:?}");
    check(&project, &["plan"], 0, &["nothing to do"]);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let (project, elsewhere) = (Project::small(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), project.at("out")).unwrap();
    let answer = project.run(&["build"]);
    assert_eq!(answer.code, 1);
    assert!(answer.error.contains("links are not followed"), "{}", answer.error);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}
