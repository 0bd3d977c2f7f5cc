//! A folder as a destination: what stands there, what would change, and the change itself.
//!
//! The order of an apply makes it safe to kill at any moment: first the manifest says what is about to be written
//! (`pending`), then every file is replaced at once or not at all, then what is no longer wanted goes, then the manifest
//! says what is there. A file belongs to Purlin if its bytes have a digest that the manifest names; every other file is
//! somebody's, and is neither overwritten nor deleted.

mod apply;
mod place;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use purlin_core::emit::Sha;
use purlin_core::plan::{Manifest, manifest};
use sha2::{Digest as _, Sha256};

use crate::files::{Files, Standing};

pub use apply::Applied;
pub use survey::Survey;

/// A folder below a project's folder: `out/prod`.
pub struct Directory<'f> {
    files: &'f dyn Files,
    /// The project's folder: everything below it is checked for links, nothing above it is.
    base: PathBuf,
    /// From there to the destination, with `/`; empty where the folder itself is.
    inside: String,
    /// The destination as it is shown.
    shown: String,
}

/// What a destination held when it was looked at.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Held {
    /// Its manifest; none where nothing was applied yet.
    pub manifest: Option<Manifest>,
    /// Digest of the manifest's bytes.
    pub digest: Option<Sha>,
}

/// Why a destination cannot be used as it is. Nothing was changed, unless it says so.
#[derive(Debug)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'f> Directory<'f> {
    /// The destination of an environment, below the project's folder.
    pub fn new(
        files: &'f dyn Files,
        project: &Path,
        environment: Option<&str>,
    ) -> Result<Directory<'f>, Refusal> {
        let inside = below("out", environment)?;
        Ok(Directory { files, base: project.to_owned(), shown: inside.clone(), inside })
    }

    /// The destination of an environment in a folder of the user's choice, which is made where it does not exist. Links
    /// on the way to it are the user's own; below what exists of it, none is followed.
    pub fn at(
        files: &'f dyn Files,
        folder: &Path,
        environment: Option<&str>,
    ) -> Result<Directory<'f>, Refusal> {
        let shown = folder.display().to_string();
        let failed = |error: io::Error| Refusal(format!("{shown} cannot be looked at: {error}"));
        let whole = std::path::absolute(folder).map_err(failed)?;
        let base = whole.ancestors().find(|folder| folder.exists()).unwrap_or(&whole).to_owned();
        if !base.is_dir() {
            return Err(Refusal(format!("{} is no folder", base.display())));
        }
        let rest = whole.strip_prefix(&base).unwrap_or(Path::new(""));
        let parts: Option<Vec<&str>> = rest.iter().map(|part| part.to_str()).collect();
        let inside = parts.map(|parts| parts.join("/"));
        let inside = inside.filter(|inside| inside.is_empty() || place::is_safe(inside));
        let Some(inside) = inside else {
            return Err(Refusal(format!("{shown} cannot be the name of a folder")));
        };
        Ok(Directory {
            files,
            base,
            inside: below(&inside, environment)?,
            shown: below(shown.trim_end_matches('/'), environment)?,
        })
    }

    /// The folder as it is shown: `out/prod`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Reads the manifest.
    pub fn held(&self) -> Result<Held, Refusal> {
        let Some(bytes) = self.bytes(manifest::NAME)? else { return Ok(Held::default()) };
        let digest = Some(Sha256::digest(&bytes).into());
        match Manifest::parse(&bytes) {
            Ok(manifest) => Ok(Held { manifest: Some(manifest), digest }),
            Err(error) => Err(Refusal(format!(
                "{}/{} {error}; restore it from version control, or move the folder away and build anew",
                self.shown,
                manifest::NAME
            ))),
        }
    }

    /// The bytes of a file of the destination; none where nothing stands. What is no plain file is refused.
    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Refusal> {
        self.bytes_below(path, &mut BTreeSet::new())
    }

    /// The same, where some folders were looked at before.
    fn bytes_below(&self, path: &str, seen: &mut BTreeSet<PathBuf>) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(full) = self.place_below(path, seen)? else { return Ok(None) };
        match self.files.standing(&full).map_err(|error| self.failed(path, "be looked at", &error))? {
            Standing::Nothing => Ok(None),
            Standing::File => {
                self.files.read(&full).map(Some).map_err(|error| self.failed(path, "be read", &error))
            }
            Standing::Folder | Standing::Other => {
                Err(Refusal(format!("{}/{path} is no plain file; it is left alone", self.shown)))
            }
        }
    }

    fn failed(&self, path: &str, what: &str, error: &io::Error) -> Refusal {
        let slash = if path.is_empty() { "" } else { "/" };
        Refusal(format!("{}{slash}{path} cannot {what}: {error}", self.shown))
    }
}

/// The folder of an environment in another folder; that folder itself where there are no environments.
fn below(folder: &str, environment: Option<&str>) -> Result<String, Refusal> {
    match environment {
        Some(name) if place::is_safe(name) && !name.contains('/') => {
            Ok(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
        }
        Some(name) => Err(Refusal(format!("environment `{name}` cannot be the name of a folder"))),
        None => Ok(folder.to_owned()),
    }
}
