//! What an emission would change in a folder. Reads only.

use std::collections::BTreeSet;
use std::path::PathBuf;

use purlin_core::emit::{Artifact, Receiver, Sha};
use purlin_core::plan::digest::hex;
use purlin_core::plan::{Change, Conflict, FilePlan, Kept, Manifest};
use sha2::{Digest as _, Sha256};

use crate::directory::{Directory, Held, Refusal};

/// Compares every emitted file with what stands in its place.
pub struct Survey<'d, 'f> {
    directory: &'d Directory<'f>,
    held: &'d Held,
    plan: FilePlan,
    /// Folders that were found to be folders.
    folders: BTreeSet<PathBuf>,
    /// The texts that change, so that a small apply need not emit twice; none where nobody asked, or there are too many.
    texts: Option<Kept>,
    kept: usize,
    refusal: Option<Refusal>,
}

/// Texts of so many bytes are kept.
const KEPT: usize = 32 << 20;

impl<'f> Directory<'f> {
    /// Begins to compare.
    pub fn survey<'d>(&'d self, held: &'d Held) -> Survey<'d, 'f> {
        Survey {
            directory: self,
            held,
            plan: FilePlan::default(),
            folders: BTreeSet::new(),
            texts: None,
            kept: 0,
            refusal: None,
        }
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

    fn wants_digests(&self) -> bool {
        !self.plan.is_shown_only()
    }
}

impl Survey<'_, '_> {
    /// For a plan that is shown and then forgotten.
    #[must_use]
    pub fn shown_only(mut self) -> Self {
        self.plan = FilePlan::shown_only();
        self
    }

    /// Keeps the texts that change, for an apply that follows at once.
    #[must_use]
    pub fn keeping_texts(mut self) -> Self {
        self.texts = Some(Kept::default());
        self
    }

    fn compare(&mut self, file: &Artifact<'_>) -> Result<(), Refusal> {
        let Some(old) = self.directory.bytes_below(file.path, &mut self.folders)? else {
            self.plan.want(file, Some(Change::Create));
            self.keep(file);
            return Ok(());
        };
        if old == file.text.as_bytes() {
            self.plan.want(file, None);
            return Ok(());
        }
        let digest: Sha = Sha256::digest(&old).into();
        if is_ours(self.held.manifest.as_ref(), file.path, &hex(&digest)) {
            self.plan.want(file, Some(Change::Update));
            self.keep(file);
            if let Ok(old) = std::str::from_utf8(&old) {
                self.plan.keep_fields(file, old);
            }
        } else {
            self.plan.want(file, None);
            self.plan.same -= 1;
            self.conflict(file.path);
        }
        Ok(())
    }

    fn keep(&mut self, file: &Artifact<'_>) {
        let Some(texts) = &mut self.texts else { return };
        self.kept += file.text.len();
        if self.kept <= KEPT {
            texts.file(file);
        } else {
            self.texts = None;
        }
    }

    fn conflict(&mut self, path: &str) {
        let known = self.held.manifest.as_ref().is_some_and(|manifest| manifest.files.contains_key(path));
        let reason = if known { "was changed by hand" } else { "was not made by Purlin" };
        self.plan.conflicts.push(Conflict { path: path.to_owned(), reason });
    }

    /// What would change, with the files that are no longer wanted; and the texts that change, where they are few.
    pub fn finish(mut self) -> Result<(FilePlan, Option<Kept>), Refusal> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let manifest = self.held.manifest.as_ref();
        let known: BTreeSet<&String> =
            manifest.into_iter().flat_map(|held| held.files.keys().chain(held.pending.keys())).collect();
        for path in known.into_iter().filter(|path| !self.plan.files.contains_key(*path)).collect::<Vec<_>>()
        {
            match self.directory.digest(path)? {
                None => {}
                Some(digest) if is_ours(manifest, path, &digest) => {
                    self.plan.changes.insert(path.clone(), Change::Delete);
                }
                Some(_) => self.plan.conflicts.push(Conflict {
                    path: path.clone(),
                    reason: "was changed by hand and is no longer wanted",
                }),
            }
        }
        self.plan.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((self.plan, self.texts))
    }
}
