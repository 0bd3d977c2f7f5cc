//! A project on disk, read once: the [`World`] of the command line.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use purlin_core::{World, WorldError};
use purlin_syntax::document::Document;
use walkdir::WalkDir;

/// The file that makes a folder a project.
pub const ENTRY: &str = "purlin.kdl";

/// A file larger than this is refused: positions are 32 bits wide.
const LIMIT: u64 = 1 << 30;

/// A project's folder.
#[derive(Clone, Debug)]
pub struct DiskWorld {
    root: PathBuf,
}

impl DiskWorld {
    /// Opens the project in a folder. A folder without `purlin.kdl` is none.
    pub fn open(root: &Path) -> Result<DiskWorld, WorldError> {
        let shown = root.display().to_string();
        if !root.is_dir() {
            return Err(WorldError { path: shown, reason: "no such folder".to_owned() });
        }
        if !root.join(ENTRY).is_file() {
            let reason =
                format!("holds no `{ENTRY}`: a project is a folder with one; `purlin init` makes it");
            return Err(WorldError { path: shown, reason });
        }
        Ok(DiskWorld { root: root.to_owned() })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn excluded(&self) -> Result<Vec<String>, WorldError> {
        Ok(excluded(self.read(ENTRY)?))
    }
}

/// `exclude` of the platform, read from the entry file alone.
pub(crate) fn excluded(entry: String) -> Vec<String> {
    let mut globs = Vec::new();
    if !entry.contains("exclude") {
        return globs;
    }
    let document = Document::parse(entry);
    for (index, item) in document.items().iter().enumerate() {
        let text = document.item_text(index);
        let tree = &item.tree;
        let Some(root) = tree.root().filter(|root| tree.node(*root).name.as_str() == "platform") else {
            continue;
        };
        for child in tree.children(root).filter(|child| tree.node(*child).name.as_str() == "exclude") {
            globs.extend(tree.entries(child).iter().map(|entry| entry.text(text).into_owned()));
        }
    }
    globs
}

impl World for DiskWorld {
    fn files(&self) -> Result<Vec<String>, WorldError> {
        let globs = self.excluded()?;
        let mut files = Vec::new();
        let walk = WalkDir::new(&self.root).sort_by_file_name().into_iter().filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let hidden = entry.depth() > 0 && name.starts_with('.');
            let output = entry.depth() == 1 && name == "out" && entry.file_type().is_dir();
            let target =
                entry.depth() > 0 && entry.file_type().is_dir() && entry.path().join("target.kdl").is_file();
            !hidden && !output && !target
        });
        for entry in walk {
            let entry = entry.map_err(|error| WorldError {
                path: error.path().map_or_else(String::new, |path| path.display().to_string()),
                reason: "cannot be read".to_owned(),
            })?;
            let is_spec =
                entry.file_type().is_file() && entry.path().extension().is_some_and(|ext| ext == "kdl");
            let Ok(relative) = entry.path().strip_prefix(&self.root) else { continue };
            let relative = relative.to_string_lossy().replace('\\', "/");
            if is_spec && !globs.iter().any(|glob| matches(glob, &relative)) {
                files.push(relative);
            }
        }
        Ok(files)
    }

    fn read(&self, path: &str) -> Result<String, WorldError> {
        let full = self.root.join(path);
        let failed = |reason: String| WorldError { path: path.to_owned(), reason };
        let size = fs::metadata(&full).map_err(|error| failed(error.to_string()))?.len();
        if size > LIMIT {
            return Err(failed(format!("is {size} bytes long; the limit is {LIMIT}")));
        }
        let bytes = fs::read(&full).map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes)
            .map_err(|error| failed(format!("is not UTF-8 (byte {})", error.utf8_error().valid_up_to())))
    }
}

/// Replaces a file by a new text, whole or not at all: the old one stands until the new one is on the disk.
/// A link is followed; permissions stay.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.purlin-tmp"));
    let written = (|| {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(text)?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    })();
    if written.is_err() {
        // The old file is untouched; what is left of the new one is not worth a second error.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Whether a glob covers a path: `*` within a folder, `**` across folders, `?` one character.
pub(crate) fn matches(glob: &str, path: &str) -> bool {
    let (glob, path) = (glob.as_bytes(), path.as_bytes());
    // Positions in the glob that the path read so far can stand at: linear in both, no backtracking.
    let mut at = vec![false; glob.len() + 1];
    at[0] = true;
    skip_stars(glob, &mut at);
    for byte in path {
        let mut next = vec![false; glob.len() + 1];
        for (position, _) in at.iter().enumerate().filter(|(_, here)| **here) {
            match glob.get(position) {
                Some(b'*') if glob.get(position + 1) == Some(&b'*') || *byte != b'/' => next[position] = true,
                Some(b'?') if *byte != b'/' => next[position + 1] = true,
                Some(literal) if literal == byte => next[position + 1] = true,
                _ => {}
            }
        }
        skip_stars(glob, &mut next);
        at = next;
    }
    at[glob.len()]
}

/// A star may stand for nothing; so may the slash after two of them.
fn skip_stars(glob: &[u8], at: &mut [bool]) {
    for position in 0..glob.len() {
        if !at[position] || glob[position] != b'*' {
            continue;
        }
        if glob.get(position + 1) == Some(&b'*') {
            at[position + 2] = true;
            if glob.get(position + 2) == Some(&b'/') {
                at[position + 3] = true;
            }
        } else {
            at[position + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, path: &str, expected: bool) {
        assert_eq!(matches(glob, path), expected, "{glob} {path}");
    }

    #[test]
    fn a_glob_covers_what_it_says() {
        check("scratch/**", "scratch/a/b.kdl", true);
        check("scratch/**", "scratches/b.kdl", false);
        check("*.kdl", "a.kdl", true);
        check("*.kdl", "a/b.kdl", false);
        check("**/old.kdl", "a/b/old.kdl", true);
        check("**/old.kdl", "old.kdl", true);
        check("a?.kdl", "ab.kdl", true);
    }

    #[test]
    fn a_folder_without_an_entry_is_no_project() {
        let folder = tempfile::tempdir().unwrap();
        assert!(DiskWorld::open(folder.path()).unwrap_err().reason.contains("purlin init"));
    }

    #[test]
    fn hidden_output_target_and_excluded_files_are_no_sources() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let full = folder.path().join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, text).unwrap();
        };
        write("purlin.kdl", "platform p { exclude \"scratch/**\" }");
        for path in
            ["a/b.kdl", ".git/c.kdl", "out/d.kdl", "mine/target.kdl", "scratch/e.kdl", "a/out/f.kdl", "g.txt"]
        {
            write(path, "");
        }
        let files = DiskWorld::open(folder.path()).unwrap().files().unwrap();
        assert_eq!(files, ["a/b.kdl", "a/out/f.kdl", "purlin.kdl"]);
    }
}
