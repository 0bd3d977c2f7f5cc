//! Plans against a revision or another environment, and `diff`.

use std::process::Command;

use super::{Project, SMALL, check};

fn git(project: &Project, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
    command.args(arguments).current_dir(project.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.output().is_ok_and(|output| output.status.success())
}

/// A project with two revisions: 2 replicas, then 3. None where git is missing, which is said.
fn repository() -> Option<Project> {
    let project = Project::small();
    if !git(&project, &["init", "-q"]) {
        eprintln!("skipped: needs git");
        return None;
    }
    assert!(git(&project, &["add", "."]) && git(&project, &["commit", "-qm", "two"]));
    project.replace("purlin.kdl", "replicas 2", "replicas 3");
    assert!(git(&project, &["commit", "-qam", "three"]));
    Some(project)
}

#[test]
fn a_revision_is_compiled_anew() {
    let Some(project) = repository() else { return };
    check(
        &project,
        &["plan", "--against", "git:HEAD~1"],
        2,
        &["~ serving.chat", "replicas 2 → 3", "against git HEAD~1"],
    );
    check(&project, &["plan", "--against", "git:HEAD"], 0, &["nothing to do"]);
    check(&project, &["diff", "HEAD~1..HEAD"], 2, &["replicas 2 → 3"]);
    check(&project, &["diff", "HEAD..HEAD"], 0, &[]);
    check(&project, &["diff", "HEAD~1..HEAD", "--format", "markdown"], 2, &["`serving.chat`"]);
    check(&project, &["plan", "--against", "git:no-such"], 1, &["is no revision"]);
}

#[test]
fn a_revision_with_errors_falls_back_to_its_manifest() {
    let Some(project) = repository() else { return };
    check(&project, &["build"], 0, &[]);
    project.replace("purlin.kdl", "cluster=main instance=m7i", "cluster=broken instance=m7i");
    assert!(git(&project, &["add", "."]) && git(&project, &["commit", "-qm", "broken"]));
    project.replace("purlin.kdl", "cluster=broken instance=m7i", "cluster=main instance=m7i");
    check(&project, &["plan", "--against", "git:HEAD"], 0, &["committed there"]);
}

#[test]
fn a_repository_without_a_commit_says_so() {
    let project = Project::small();
    if !git(&project, &["init", "-q"]) {
        return;
    }
    check(&project, &["diff", "HEAD"], 1, &["no revision of this repository (it has no commit yet)"]);
}

#[test]
fn outside_of_git_it_is_said() {
    let project = Project::small();
    check(&project, &["plan", "--against", "git:HEAD"], 1, &["is in no git repository"]);
}

#[test]
fn environments_are_compared() {
    let environments = "\nenvironment small {}\nenvironment large { change serving.chat { replicas 3 } }\n";
    let project = Project::of(&format!("{}{environments}", SMALL.replace("NAME", "two")));
    check(
        &project,
        &["plan", "--env", "large", "--against", "env:small"],
        2,
        &["~ serving.chat", "replicas 2 → 3"],
    );
    check(&project, &["get", "chat.replicas"], 1, &[]);
    check(&project, &["get", "serving.chat.replicas"], 0, &["large: 3", "small: 2"]);
    check(&project, &["build"], 0, &["out/large", "out/small"]);
}

/// A reviewer reads which line caused what, and who has to agree; also where only an older revision asks for it.
#[test]
fn a_difference_names_its_line_and_who_agrees() {
    let approval = "\napproval release {\n    applies-to serving.chat\n    upon change\n    needs TEAM count=2\n    \
                    not-author\n}\n";
    let team = SMALL.lines().find_map(|line| line.trim().strip_prefix("team ")).unwrap();
    let team = team.split([' ', '{']).next().unwrap();
    let text = format!("{}{}", SMALL.replace("NAME", "small"), approval.replace("TEAM", team));
    let project = Project::of(&text);
    if !git(&project, &["init", "-q"]) {
        eprintln!("skipped: needs git");
        return;
    }
    assert!(git(&project, &["add", "."]) && git(&project, &["commit", "-qm", "two"]));
    project.write("purlin.kdl", SMALL.replace("NAME", "small").replace("replicas 2", "replicas 3"));
    let line = 1 + SMALL.lines().position(|line| line.contains("replicas 2")).unwrap();
    let gone = 1 + text.lines().position(|line| line.starts_with("approval")).unwrap();
    let place = format!("purlin.kdl:{line}");
    let who = format!("approval.release: 2 of {team}, not the author");
    check(
        &project,
        &["diff", "HEAD"],
        2,
        &[&format!("from {place}"), &format!("waits for {who}"), &format!("from purlin.kdl:{gone} in HEAD")],
    );
    check(&project, &["diff", "HEAD", "--format", "markdown"], 2, &[&place, &format!("waits for {who}")]);
    check(&project, &["diff", "HEAD", "--format", "json"], 2, &[&place, &who]);
}
