//! What happens to files: compared with a folder (by the engine), or with another emission (here).

use std::collections::BTreeMap;

use crate::emit::paths::{FieldChange, diff_fields};
use crate::emit::{Artifact, Format, Receiver};
use crate::plan::digest::hex;
use crate::plan::manifest::FileEntry;

/// What happens to one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is new, or was missing.
    Create,
    /// It has another text.
    Update,
    /// It is no longer wanted.
    Delete,
}

/// A file that is somebody's: it is shown, and nothing is applied before it is out of the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Relative to the destination.
    pub path: String,
    /// `was changed by hand`.
    pub reason: &'static str,
}

/// The fields of one file that change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldDiff {
    /// Relative to the destination.
    pub path: String,
    /// The first of them.
    pub fields: Vec<FieldChange>,
    /// How many more there are.
    pub more: usize,
}

/// What would change.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FilePlan {
    /// Files that change, by path.
    pub changes: BTreeMap<String, Change>,
    /// Files that stay as they are.
    pub same: usize,
    /// Files that are somebody's.
    pub conflicts: Vec<Conflict>,
    /// What changes in files that exist.
    pub diffs: Vec<FieldDiff>,
    /// Every file that is wanted.
    pub files: BTreeMap<String, FileEntry>,
    /// No digests of files are taken.
    shown_only: bool,
    kept: usize,
}

/// So many fields of a file are kept, and so many over all files.
const FIELDS: usize = 12;
const ARGUMENTS: usize = 2_000;
const ALL_FIELDS: usize = 10_000;

impl FilePlan {
    /// A plan that is shown and then forgotten: no manifest will be made of it, so no digests of its files are taken.
    pub fn shown_only() -> FilePlan {
        FilePlan { shown_only: true, ..FilePlan::default() }
    }

    /// Whether it is one.
    pub fn is_shown_only(&self) -> bool {
        self.shown_only
    }

    /// Takes a wanted file in, with what happens to it; `None`: it stays as it is.
    pub fn want(&mut self, file: &Artifact<'_>, change: Option<Change>) {
        let sha256 = if self.shown_only { String::new() } else { hex(&file.sha256()) };
        let entry = FileEntry { sha256, size: file.text.len() as u64 };
        self.files.insert(file.path.to_owned(), entry);
        match change {
            Some(change) => {
                self.changes.insert(file.path.to_owned(), change);
            }
            None => self.same += 1,
        }
    }

    /// Keeps the fields in which a file differs from its old text, up to a limit over all files.
    pub fn keep_fields(&mut self, file: &Artifact<'_>, old: &str) {
        if self.kept >= ALL_FIELDS {
            return;
        }
        let mut fields = diff_fields(old, file.text, file.format);
        // Of Terraform's arguments it has to be known which make a resource anew.
        let limit = if file.format == Format::Hcl { ARGUMENTS } else { FIELDS };
        let more = fields.len().saturating_sub(limit);
        fields.truncate(limit);
        self.kept += fields.len();
        if !fields.is_empty() {
            self.diffs.push(FieldDiff { path: file.path.to_owned(), fields, more });
        }
    }

    /// Compares the wanted files anew, with files of which only digests are known.
    pub fn against(&mut self, old: &BTreeMap<String, FileEntry>) {
        self.changes.clear();
        self.diffs.clear();
        self.same = 0;
        for (path, entry) in &self.files {
            let change = match old.get(path) {
                None => Change::Create,
                Some(old) if old.sha256 != entry.sha256 => Change::Update,
                Some(_) => {
                    self.same += 1;
                    continue;
                }
            };
            self.changes.insert(path.clone(), change);
        }
        for path in old.keys().filter(|path| !self.files.contains_key(*path)) {
            self.changes.insert(path.clone(), Change::Delete);
        }
    }

    /// How many files have a change.
    pub fn count(&self, change: Change) -> usize {
        self.changes.values().filter(|have| **have == change).count()
    }

    /// Whether there is nothing to do, and nothing in the way.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.conflicts.is_empty()
    }
}

/// Keeps every file of an emission, as the baseline of another.
#[derive(Default, Debug)]
pub struct Kept {
    files: BTreeMap<String, (Format, String)>,
}

impl Receiver for Kept {
    fn file(&mut self, file: &Artifact<'_>) {
        self.files.insert(file.path.to_owned(), (file.format, file.text.to_owned()));
    }
}

impl Kept {
    /// Hands the files on again.
    pub fn replay(&self, receiver: &mut dyn Receiver) {
        for (path, (format, text)) in &self.files {
            receiver.file(&Artifact { path, format: *format, text });
        }
    }

    /// Compares another emission with this one.
    pub fn compare(&self) -> Compare<'_> {
        Compare { kept: self, plan: FilePlan::default() }
    }
}

/// Compares an emission with one that was kept.
#[derive(Debug)]
pub struct Compare<'k> {
    kept: &'k Kept,
    plan: FilePlan,
}

impl Receiver for Compare<'_> {
    fn file(&mut self, file: &Artifact<'_>) {
        match self.kept.files.get(file.path) {
            None => self.plan.want(file, Some(Change::Create)),
            Some((_, old)) if old == file.text => self.plan.want(file, None),
            Some((_, old)) => {
                self.plan.want(file, Some(Change::Update));
                self.plan.keep_fields(file, old);
            }
        }
    }
}

impl Compare<'_> {
    /// What differs, with the files that are no longer there.
    pub fn finish(mut self) -> FilePlan {
        for path in self.kept.files.keys() {
            if !self.plan.files.contains_key(path) {
                self.plan.changes.insert(path.clone(), Change::Delete);
            }
        }
        self.plan
    }
}
