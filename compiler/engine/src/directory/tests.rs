//! The promises of the directory destination, with faults at every step.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use purlin_core::emit::{Artifact, Format, Receiver};
use purlin_core::plan::{FilePlan, Manifest};

use super::{Applied, Directory, Refusal};
use crate::files::{Disk, Files, Lock, Standing};

type Wanted<'a> = &'a [(&'a str, &'a str)];

fn emit(wanted: Wanted<'_>, receiver: &mut dyn Receiver) {
    for (path, text) in wanted {
        receiver.file(&Artifact { path, format: Format::Yaml, text });
    }
}

fn look(files: &dyn Files, folder: &Path, wanted: Wanted<'_>) -> Result<FilePlan, Refusal> {
    let directory = Directory::new(files, folder, Some("prod"))?;
    let held = directory.held()?;
    let mut survey = directory.survey(&held);
    emit(wanted, &mut survey);
    survey.finish().map(|(plan, _)| plan)
}

fn apply(files: &dyn Files, folder: &Path, wanted: Wanted<'_>) -> Result<Applied, Refusal> {
    let directory = Directory::new(files, folder, Some("prod"))?;
    let held = directory.held()?;
    let mut survey = directory.survey(&held).keeping_texts();
    emit(wanted, &mut survey);
    let (plan, texts) = survey.finish()?;
    let mut manifest = Manifest::new("p".to_owned(), Some("prod".to_owned()));
    manifest.files = plan.files.clone();
    directory.apply(&held, &plan, &manifest, &mut |receiver| match &texts {
        // Both ways by turns: from what was kept, and emitted anew.
        Some(texts) if plan.changes.len() % 2 == 0 => texts.replay(receiver),
        _ => emit(wanted, receiver),
    })
}

/// Every file below `out`, but for the lock.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder.join("out")).into_iter().flatten() {
        let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        if entry.file_type().is_file() && !path.ends_with(".purlin.lock") {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
    found
}

fn write(folder: &Path, path: &str, text: &str) {
    let full = folder.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, text).unwrap();
}

/// The disk until the n-th call; that one fails half done, and with `dead` all that follow.
struct Faulty {
    left: AtomicUsize,
    dead: bool,
    mutations: AtomicUsize,
}

impl Faulty {
    fn at(call: usize, dead: bool) -> Faulty {
        Faulty { left: AtomicUsize::new(call), dead, mutations: AtomicUsize::new(0) }
    }

    fn step(&self) -> io::Result<()> {
        match self.left.load(Relaxed) {
            0 if self.dead => Err(io::Error::other("killed")),
            0 => Ok(()),
            1 => {
                self.left.store(0, Relaxed);
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            left => {
                self.left.store(left - 1, Relaxed);
                Ok(())
            }
        }
    }

    fn mutate(&self) -> io::Result<()> {
        self.mutations.fetch_add(1, Relaxed);
        self.step()
    }
}

impl Files for Faulty {
    fn standing(&self, path: &Path) -> io::Result<Standing> {
        self.step().and_then(|()| Disk.standing(path))
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.step().and_then(|()| Disk.read(path))
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.mutate().and_then(|()| Disk.create_folder(path))
    }
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.mutate() {
            if self.left.load(Relaxed) == 0 {
                let _ = Disk.write_new(path, &bytes[..bytes.len() / 2]);
            }
            return Err(error);
        }
        Disk.write_new(path, bytes)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.mutate().and_then(|()| Disk.rename(from, to))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.mutate().and_then(|()| Disk.sync_folder(path))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.mutate().and_then(|()| Disk.remove(path))
    }
    fn remove_folder(&self, path: &Path) -> io::Result<bool> {
        self.mutate().and_then(|()| Disk.remove_folder(path))
    }
    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        self.mutate().and_then(|()| Disk.lock(folder))
    }
}

const OLD: Wanted<'static> = &[("a.yaml", "a: 1\n"), ("k/b.yaml", "b: 1\n"), ("old/c.yaml", "c: 1\n")];
const NEW: Wanted<'static> = &[("a.yaml", "a: 1\n"), ("k/b.yaml", "b: 2\n"), ("new/d.yaml", "d: 1\n")];
const THIRD: Wanted<'static> = &[("k/b.yaml", "b: 3\n"), ("new/d.yaml", "d: 3\n")];

fn fresh(wanted: Wanted<'_>) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    apply(&Disk, folder.path(), wanted).unwrap();
    tree(folder.path())
}

/// From OLD to NEW with a fault at every call in turn; then `after` runs to its end without one.
fn check_faults(dead: bool, after: Wanted<'_>) {
    let expected = fresh(after);
    for call in 1.. {
        let folder = tempfile::tempdir().unwrap();
        apply(&Disk, folder.path(), OLD).unwrap();
        write(folder.path(), "out/prod/k/theirs.txt", "mine");
        let failed = apply(&Faulty::at(call, dead), folder.path(), NEW).is_err();
        apply(&Disk, folder.path(), after).unwrap_or_else(|error| panic!("call {call}: {error}"));
        let mut left = tree(folder.path());
        assert_eq!(left.remove("out/prod/k/theirs.txt").as_deref(), Some("mine"), "call {call}");
        assert_eq!(left, expected, "call {call}");
        assert_eq!(apply(&Disk, folder.path(), after).unwrap(), Applied::default(), "call {call}");
        if !failed {
            assert!(call > 20, "the fault was never reached");
            break;
        }
    }
}

#[test]
fn killed_at_any_step_a_rerun_converges() {
    check_faults(true, NEW);
}

#[test]
fn killed_at_any_step_another_spec_converges() {
    check_faults(true, THIRD);
}

#[test]
fn after_any_error_a_rerun_converges() {
    check_faults(false, NEW);
}

#[test]
fn killed_twice_in_a_row_it_still_converges() {
    let expected = fresh(THIRD);
    for (first, second) in
        (1..60).step_by(5).flat_map(|first| (1..60).step_by(11).map(move |second| (first, second)))
    {
        let folder = tempfile::tempdir().unwrap();
        apply(&Disk, folder.path(), OLD).unwrap();
        let _ = apply(&Faulty::at(first, true), folder.path(), NEW);
        let _ = apply(&Faulty::at(second, true), folder.path(), THIRD);
        apply(&Disk, folder.path(), THIRD).unwrap_or_else(|error| panic!("{first}, {second}: {error}"));
        assert_eq!(tree(folder.path()), expected, "{first}, {second}");
    }
}

#[test]
fn a_plan_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    apply(&Disk, folder.path(), OLD).unwrap();
    let before = tree(folder.path());
    let files = Faulty::at(usize::MAX, false);
    let plan = look(&files, folder.path(), NEW).unwrap();
    assert_eq!(files.mutations.load(Relaxed), 0);
    assert_eq!(tree(folder.path()), before);
    assert_eq!(plan.changes.len(), 3);
    assert_eq!(plan.same, 1);
    assert_eq!(plan.diffs[0].path, "k/b.yaml");
}

#[test]
fn a_second_apply_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(apply(&Disk, folder.path(), OLD).unwrap(), Applied { written: 3, deleted: 0, manifest: true });
    let files = Faulty::at(usize::MAX, false);
    assert_eq!(apply(&files, folder.path(), OLD).unwrap(), Applied::default());
    assert_eq!(files.mutations.load(Relaxed), 0);
}

#[test]
fn the_same_files_give_the_same_bytes() {
    assert_eq!(fresh(OLD), fresh(OLD));
}

/// What is refused, and that nothing at all has changed then.
fn check_refused(prepare: impl Fn(&Path), expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    apply(&Disk, folder.path(), OLD).unwrap();
    prepare(folder.path());
    let before = tree(folder.path());
    let error = apply(&Disk, folder.path(), NEW).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    check_refused(|folder| write(folder, "out/prod/k/b.yaml", "by hand"), "k/b.yaml was changed by hand");
    check_refused(|folder| write(folder, "out/prod/new/d.yaml", "theirs"), "d.yaml was not made by Purlin");
    check_refused(|folder| write(folder, "out/prod/old/c.yaml", "by hand"), "no longer wanted");
}

#[test]
fn a_damaged_manifest_is_refused() {
    check_refused(|folder| write(folder, "out/prod/purlin.manifest.json", "{"), "is damaged");
    check_refused(
        |folder| {
            let path = folder.join("out/prod/purlin.manifest.json");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replace("\"format\":2", "\"format\":7")).unwrap();
        },
        "a newer Purlin",
    );
}

#[test]
fn a_missing_file_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    apply(&Disk, folder.path(), OLD).unwrap();
    fs::remove_file(folder.path().join("out/prod/a.yaml")).unwrap();
    assert_eq!(apply(&Disk, folder.path(), OLD).unwrap().written, 1);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let link = |path: &'static str| {
        let target = elsewhere.path().to_owned();
        move |folder: &Path| {
            let _ = fs::remove_dir_all(folder.join(path));
            let _ = fs::remove_file(folder.join(path));
            std::os::unix::fs::symlink(&target, folder.join(path)).unwrap();
        }
    };
    check_refused(link("out/prod/k"), "links are not followed");
    check_refused(link("out/prod/new"), "links are not followed");
    check_refused(link("out/prod/k/b.yaml"), "no plain file");
    check_refused(link("out"), "links are not followed");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn paths_stay_inside() {
    let folder = tempfile::tempdir().unwrap();
    let error = apply(&Disk, folder.path(), &[("../x", "a")]).unwrap_err().to_string();
    assert!(error.contains("cannot be the name of a file"), "{error}");
    assert!(Directory::new(&Disk, folder.path(), Some("../up")).is_err());
}

#[test]
fn any_folder_may_be_the_destination() {
    let check = |folder: &Path, inside: &str, environment: Option<&str>| {
        let directory = Directory::at(&Disk, folder, environment).unwrap();
        let held = directory.held().unwrap();
        let mut survey = directory.survey(&held);
        emit(OLD, &mut survey);
        let (plan, _) = survey.finish().unwrap();
        let mut manifest = Manifest::new("p".to_owned(), None);
        manifest.files = plan.files.clone();
        directory.apply(&held, &plan, &manifest, &mut |receiver| emit(OLD, receiver)).unwrap();
        assert!(folder.join(inside).join(OLD[0].0).is_file(), "{folder:?} {inside}");
    };
    let parent = tempfile::tempdir().unwrap();
    check(parent.path(), "", None);
    check(&parent.path().join("new/er"), "prod", Some("prod"));
    check(&parent.path().join("new/er/"), "staging", Some("staging"));
    let file = parent.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(Directory::at(&Disk, &file, None).is_err());
    assert!(Directory::at(&Disk, &file.join("below"), None).is_err());
}

#[test]
fn one_apply_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    apply(&Disk, folder.path(), OLD).unwrap();
    let lock = Disk.lock(&folder.path().join("out/prod")).unwrap();
    let error = apply(&Disk, folder.path(), NEW).unwrap_err().to_string();
    assert!(error.contains("another apply is at work"), "{error}");
    drop(lock);
    apply(&Disk, folder.path(), NEW).unwrap();
}
