//! A project as it was at a revision, read out of git without a working tree and without running git.

use std::path::Path;

use gix::object::tree::EntryKind;
use purlin_core::{MemoryWorld, WorldError};

use crate::disk::{self, ENTRY};

/// The repository that a project is in.
pub struct Repository {
    inner: gix::Repository,
    /// The project's folder within the repository, with `/`; empty for the root.
    folder: String,
}

/// A spec file larger than this is refused.
const LIMIT: u64 = 1 << 30;

impl Repository {
    /// Finds the repository of a project's folder.
    pub fn of(project: &Path) -> Result<Repository, WorldError> {
        let failed = |reason: String| WorldError { path: project.display().to_string(), reason };
        let inner = gix::discover(project).map_err(|_| failed("is in no git repository".to_owned()))?;
        let root =
            inner.workdir().ok_or_else(|| failed("is in a git repository without files".to_owned()))?;
        let whole = |path: &Path| path.canonicalize().map_err(|error| failed(error.to_string()));
        let (root, project) = (whole(root)?, whole(project)?);
        let folder =
            project.strip_prefix(&root).map_err(|_| failed("is outside of its git repository".to_owned()))?;
        let folder = folder.to_string_lossy().replace('\\', "/");
        Ok(Repository { inner, folder })
    }

    /// The id of the commit (or tree) that a revision names.
    pub fn resolve(&self, revision: &str) -> Result<String, WorldError> {
        self.tree(revision).map(|_| ())?;
        let id = self.inner.rev_parse_single(revision.as_bytes()).map_err(|error| {
            let empty = self.inner.head().is_ok_and(|head| head.is_unborn());
            if empty { unknown(revision, &"it has no commit yet") } else { unknown(revision, &error) }
        })?;
        Ok(id.to_string())
    }

    /// The spec files of the project at a revision.
    pub fn world(&self, revision: &str) -> Result<MemoryWorld, WorldError> {
        let project = self.project(revision)?;
        let entry = read(&project, ENTRY, revision)?.ok_or_else(|| WorldError {
            path: format!("{revision}:{}", self.folder),
            reason: format!("holds no `{ENTRY}`: there was no project"),
        })?;
        let globs = disk::excluded(entry);
        let mut world = MemoryWorld::default();
        let mut folders = vec![(String::new(), project)];
        while let Some((prefix, tree)) = folders.pop() {
            let failed = |error: &dyn std::fmt::Display| broken(revision, &prefix, error);
            if !prefix.is_empty() && tree.find_entry("target.kdl").is_some() {
                continue;
            }
            for entry in tree.iter() {
                let entry = entry.map_err(|error| failed(&error))?;
                let Ok(name) = std::str::from_utf8(entry.filename()) else { continue };
                if name.starts_with('.') {
                    continue;
                }
                let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
                match entry.kind() {
                    EntryKind::Tree if path != "out" => {
                        let object = entry.object().map_err(|error| failed(&error))?;
                        folders.push((path, object.peel_to_tree().map_err(|error| failed(&error))?));
                    }
                    EntryKind::Blob | EntryKind::BlobExecutable => {
                        let kdl = Path::new(&path).extension().is_some_and(|extension| extension == "kdl");
                        if kdl && !globs.iter().any(|glob| disk::matches(glob, &path)) {
                            let object = entry.object().map_err(|error| failed(&error))?;
                            world = world.with(&path, &text(revision, &path, &object.data)?);
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(world)
    }

    /// A committed file of the project at a revision: a manifest.
    pub fn file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, WorldError> {
        let project = self.project(revision)?;
        let entry = project.lookup_entry_by_path(path).map_err(|error| broken(revision, path, &error))?;
        let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else { return Ok(None) };
        let object = entry.object().map_err(|error| broken(revision, path, &error))?;
        Ok(Some(object.data.clone()))
    }

    fn tree(&self, revision: &str) -> Result<gix::Tree<'_>, WorldError> {
        let id = self.inner.rev_parse_single(revision.as_bytes()).map_err(|error| {
            let empty = self.inner.head().is_ok_and(|head| head.is_unborn());
            if empty { unknown(revision, &"it has no commit yet") } else { unknown(revision, &error) }
        })?;
        let object = id.object().map_err(|error| broken(revision, "", &error))?;
        object.peel_to_tree().map_err(|error| broken(revision, "", &error))
    }

    fn project(&self, revision: &str) -> Result<gix::Tree<'_>, WorldError> {
        let root = self.tree(revision)?;
        if self.folder.is_empty() {
            return Ok(root);
        }
        let entry = root
            .lookup_entry_by_path(&self.folder)
            .map_err(|error| broken(revision, &self.folder, &error))?;
        let entry = entry.ok_or_else(|| WorldError {
            path: format!("{revision}:{}", self.folder),
            reason: "was not there".to_owned(),
        })?;
        let object = entry.object().map_err(|error| broken(revision, &self.folder, &error))?;
        object.peel_to_tree().map_err(|error| broken(revision, &self.folder, &error))
    }
}

/// A file of the project's tree; none where there is none.
fn read(tree: &gix::Tree<'_>, path: &str, revision: &str) -> Result<Option<String>, WorldError> {
    let entry = tree.lookup_entry_by_path(path).map_err(|error| broken(revision, path, &error))?;
    let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else { return Ok(None) };
    let object = entry.object().map_err(|error| broken(revision, path, &error))?;
    text(revision, path, &object.data).map(Some)
}

fn text(revision: &str, path: &str, bytes: &[u8]) -> Result<String, WorldError> {
    let failed = |reason: String| WorldError { path: format!("{revision}:{path}"), reason };
    if bytes.len() as u64 > LIMIT {
        return Err(failed(format!("is {} bytes long; the limit is {LIMIT}", bytes.len())));
    }
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| failed(format!("is not UTF-8 (byte {})", error.valid_up_to())))
}

fn unknown(revision: &str, error: &dyn std::fmt::Display) -> WorldError {
    WorldError {
        path: format!("git:{revision}"),
        reason: format!("is no revision of this repository ({error})"),
    }
}

fn broken(revision: &str, path: &str, error: &dyn std::fmt::Display) -> WorldError {
    WorldError { path: format!("{revision}:{path}"), reason: format!("cannot be read out of git: {error}") }
}
