//! Makes a folder hold what was planned.

use std::path::Path;

use purlin_core::emit::{Artifact, Receiver};
use purlin_core::plan::digest::hex;
use purlin_core::plan::{Change, FilePlan, Manifest, manifest};

use crate::directory::survey::is_ours;
use crate::directory::{Directory, Held, Refusal};
use crate::files::{Lock, Standing};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// Files written.
    pub written: usize,
    /// Files deleted.
    pub deleted: usize,
    /// Whether the manifest was written.
    pub manifest: bool,
}

impl Directory<'_> {
    /// Applies a plan: `emit` is called once and must emit the same files again.
    ///
    /// Nothing is written where a file is somebody's or the folder has moved on since it was looked at. After a failure in
    /// the middle, running it again does the rest.
    pub fn apply(
        &self,
        held: &Held,
        plan: &FilePlan,
        wanted: &Manifest,
        emit: &mut dyn FnMut(&mut dyn Receiver),
    ) -> Result<Applied, Refusal> {
        if let Some(conflict) = plan.conflicts.first() {
            return Err(Refusal(format!(
                "{}/{} {}; nothing was changed. Move what it says into the spec (`patch`), then delete the file",
                self.shown(),
                conflict.path,
                conflict.reason
            )));
        }
        if plan.changes.is_empty() && held.manifest.as_ref() == Some(wanted) {
            return Ok(Applied::default());
        }
        let _lock = self.lock()?;
        if self.held()?.digest != held.digest {
            return Err(Refusal(format!(
                "{} was changed by another apply since it was looked at; nothing was changed, plan again",
                self.shown()
            )));
        }
        let journal = journal(held, plan, wanted);
        if !plan.changes.is_empty() {
            self.replace(manifest::NAME, journal.print().as_bytes())?;
        }
        let mut writer = Writer { directory: self, plan, journal: &journal, written: 0, refusal: None };
        emit(&mut writer);
        let written = writer.finish()?;
        let deleted = self.prune(plan, &journal)?;
        self.replace(manifest::NAME, wanted.print().as_bytes())?;
        Ok(Applied { written, deleted, manifest: true })
    }

    fn lock(&self) -> Result<Lock, Refusal> {
        let place = self.make_place(manifest::NAME)?;
        let folder = place.parent().unwrap_or(&self.base);
        match self.files.lock(folder) {
            Ok(Some(lock)) => Ok(lock),
            Ok(None) => {
                Err(Refusal(format!("another apply is at work in {}; nothing was changed", self.shown())))
            }
            Err(error) => Err(self.failed("", "be locked", &error)),
        }
    }

    /// Puts a text in a file's place: written beside it, on the disk, then renamed over it.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let place = self.make_place(path)?;
        let (folder, temporary) = beside(&place);
        let done = (|| {
            if self.files.standing(&temporary)? != Standing::Nothing {
                // Left by a run that was killed.
                self.files.remove(&temporary)?;
            }
            self.files.write_new(&temporary, bytes)?;
            self.files.rename(&temporary, &place)?;
            self.files.sync_folder(folder)
        })();
        done.map_err(|error| {
            let _ = self.files.remove(&temporary);
            let refusal = self.failed(path, "be written", &error);
            Refusal(format!(
                "{}; what was written before it stays, running it again does the rest",
                refusal.0
            ))
        })
    }

    /// Deletes what is no longer wanted, and the folders that this empties.
    fn prune(&self, plan: &FilePlan, journal: &Manifest) -> Result<usize, Refusal> {
        let mut deleted = 0;
        for (path, _) in plan.changes.iter().filter(|(_, change)| **change == Change::Delete) {
            let Some(place) = self.place(path)? else { continue };
            match self.digest(path)? {
                None => continue,
                Some(digest) if is_ours(Some(journal), path, &digest) => {}
                Some(_) => return Err(self.moved(path)),
            }
            self.files.remove(&place).map_err(|error| self.failed(path, "be deleted", &error))?;
            deleted += 1;
            self.tidy(path, &place)?;
        }
        Ok(deleted)
    }

    /// Removes the folders of a deleted file from the inside out, as long as they are empty.
    fn tidy(&self, path: &str, place: &Path) -> Result<(), Refusal> {
        let mut folder = place.parent();
        for _ in 0..path.matches('/').count() {
            let Some(here) = folder else { break };
            if !self.files.remove_folder(here).map_err(|error| self.failed(path, "be deleted", &error))? {
                break;
            }
            folder = here.parent();
        }
        match folder {
            Some(folder) => {
                self.files.sync_folder(folder).map_err(|error| self.failed(path, "be deleted", &error))
            }
            None => Ok(()),
        }
    }

    fn moved(&self, path: &str) -> Refusal {
        Refusal(format!("{}/{path} was changed while this ran; it is left as it is", self.shown()))
    }
}

/// The folder of a file, and the name under which its new text is written first.
fn beside(place: &Path) -> (&Path, std::path::PathBuf) {
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Names are cut so that they stay legal; two files of a folder with one beginning are written one after the other.
    let start: String = name.chars().take(48).collect();
    (place.parent().unwrap_or(place), place.with_file_name(format!(".{start}.purlin-tmp")))
}

/// What was there, and what is about to be written: every digest by which Purlin will know its own files again.
fn journal(held: &Held, plan: &FilePlan, wanted: &Manifest) -> Manifest {
    let mut journal = match &held.manifest {
        Some(manifest) => manifest.clone(),
        None => Manifest::new(wanted.platform.clone(), wanted.environment.clone()),
    };
    for (path, _) in plan.changes.iter().filter(|(_, change)| **change != Change::Delete) {
        let Some(entry) = plan.files.get(path) else { continue };
        let pending = journal.pending.entry(path.clone()).or_default();
        if !pending.contains(&entry.sha256) {
            pending.push(entry.sha256.clone());
        }
    }
    journal
}

/// Writes the files that change.
struct Writer<'w, 'f> {
    directory: &'w Directory<'f>,
    plan: &'w FilePlan,
    journal: &'w Manifest,
    written: usize,
    refusal: Option<Refusal>,
}

impl Receiver for Writer<'_, '_> {
    fn file(&mut self, file: &Artifact<'_>) {
        if self.refusal.is_none() {
            self.refusal = self.write(file).err();
        }
    }
}

impl Writer<'_, '_> {
    fn write(&mut self, file: &Artifact<'_>) -> Result<(), Refusal> {
        let planned = self.plan.files.get(file.path).map(|entry| entry.sha256.as_str());
        let sha256 = hex(&file.sha256());
        if planned != Some(&sha256) {
            return Err(Refusal(format!("{} is not what was planned; plan again", file.path)));
        }
        if !self.plan.changes.contains_key(file.path) {
            return Ok(());
        }
        match self.directory.digest(file.path)? {
            Some(digest) if digest == sha256 => return Ok(()),
            Some(digest) if !is_ours(Some(self.journal), file.path, &digest) => {
                return Err(self.directory.moved(file.path));
            }
            _ => {}
        }
        self.directory.replace(file.path, file.text.as_bytes())?;
        self.written += 1;
        Ok(())
    }

    fn finish(self) -> Result<usize, Refusal> {
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => Ok(self.written),
        }
    }
}
