//! What an emission would change in a folder. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use purlin_core::emit::paths::{FieldChange, diff_fields};
use purlin_core::emit::{Artifact, Receiver, Sha};
use purlin_core::plan::snapshot::hex;
use purlin_core::plan::{FileEntry, Manifest};
use sha2::{Digest as _, Sha256};

use crate::directory::{Directory, Held, Refusal};

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
}

/// So many fields of a file are kept, and so many over all files.
const FIELDS: usize = 12;
const ALL_FIELDS: usize = 400;

/// Compares every emitted file with what stands in its place.
pub struct Survey<'d, 'f> {
    directory: &'d Directory<'f>,
    held: &'d Held,
    plan: FilePlan,
    kept: usize,
    refusal: Option<Refusal>,
}

impl<'f> Directory<'f> {
    /// Begins to compare.
    pub fn survey<'d>(&'d self, held: &'d Held) -> Survey<'d, 'f> {
        Survey { directory: self, held, plan: FilePlan::default(), kept: 0, refusal: None }
    }

    /// Digest of what stands at a path.
    pub(super) fn digest(&self, path: &str) -> Result<Option<String>, Refusal> {
        Ok(self.bytes(path)?.map(|bytes| hex(&Sha256::digest(&bytes))))
    }
}

/// Whether a digest is one that Purlin wrote at this path.
pub(super) fn is_ours(manifest: Option<&Manifest>, path: &str, digest: &str) -> bool {
    let Some(manifest) = manifest else { return false };
    manifest.files.get(path).is_some_and(|entry| entry.sha256 == digest)
        || manifest.pending.get(path).is_some_and(|pending| pending.iter().any(|sha| sha == digest))
}

impl Receiver for Survey<'_, '_> {
    fn file(&mut self, file: &Artifact<'_>) {
        if self.refusal.is_none() {
            self.refusal = self.compare(file).err();
        }
    }
}

impl Survey<'_, '_> {
    fn compare(&mut self, file: &Artifact<'_>) -> Result<(), Refusal> {
        let old = self.directory.bytes(file.path)?;
        let sha256 = hex(&file.sha256);
        let entry = FileEntry { sha256, size: file.text.len() as u64 };
        match old {
            None => self.change(file.path, Change::Create),
            Some(old) => {
                let digest: Sha = Sha256::digest(&old).into();
                if digest == file.sha256 {
                    self.plan.same += 1;
                } else if is_ours(self.held.manifest.as_ref(), file.path, &hex(&digest)) {
                    self.change(file.path, Change::Update);
                    self.fields(file, &old);
                } else {
                    self.conflict(file.path);
                }
            }
        }
        self.plan.files.insert(file.path.to_owned(), entry);
        Ok(())
    }

    fn change(&mut self, path: &str, change: Change) {
        self.plan.changes.insert(path.to_owned(), change);
    }

    fn conflict(&mut self, path: &str) {
        let known = self.held.manifest.as_ref().is_some_and(|manifest| manifest.files.contains_key(path));
        let reason = if known { "was changed by hand" } else { "was not made by Purlin" };
        self.plan.conflicts.push(Conflict { path: path.to_owned(), reason });
    }

    fn fields(&mut self, file: &Artifact<'_>, old: &[u8]) {
        if self.kept >= ALL_FIELDS {
            return;
        }
        let Ok(old) = std::str::from_utf8(old) else { return };
        let mut fields = diff_fields(old, file.text, file.format);
        let more = fields.len().saturating_sub(FIELDS);
        fields.truncate(FIELDS);
        self.kept += fields.len();
        if !fields.is_empty() {
            self.plan.diffs.push(FieldDiff { path: file.path.to_owned(), fields, more });
        }
    }

    /// What would change, with the files that are no longer wanted.
    pub fn finish(mut self) -> Result<FilePlan, Refusal> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let manifest = self.held.manifest.as_ref();
        let known: BTreeSet<&String> =
            manifest.into_iter().flat_map(|held| held.files.keys().chain(held.pending.keys())).collect();
        for path in known.into_iter().filter(|path| !self.plan.files.contains_key(*path)).collect::<Vec<_>>() {
            match self.directory.digest(path)? {
                None => {}
                Some(digest) if is_ours(manifest, path, &digest) => {
                    self.plan.changes.insert(path.clone(), Change::Delete);
                }
                Some(_) => self
                    .plan
                    .conflicts
                    .push(Conflict { path: path.clone(), reason: "was changed by hand and is no longer wanted" }),
            }
        }
        self.plan.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self.plan)
    }
}
