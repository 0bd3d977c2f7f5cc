//! Where sources come from. The compiler reads through this trait alone; it touches no disk.

use std::collections::BTreeMap;

/// The files of one project.
pub trait World {
    /// Paths of all spec files, relative to the project's folder, with `/`, in any order.
    fn files(&self) -> Result<Vec<String>, WorldError>;
    /// The text of a file.
    fn read(&self, path: &str) -> Result<String, WorldError>;
}

/// What the world could not give: never the user's mistake in the language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorldError {
    /// The path.
    pub path: String,
    /// What happened, in words: `is not UTF-8 (byte 17)`.
    pub reason: String,
}

impl std::fmt::Display for WorldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// A project in memory: tests, the language server's unsaved files, revisions out of git.
#[derive(Clone, Default, Debug)]
pub struct MemoryWorld {
    files: BTreeMap<String, String>,
}

impl MemoryWorld {
    /// A project of one file, `purlin.kdl`.
    pub fn of(text: &str) -> MemoryWorld {
        MemoryWorld::default().with("purlin.kdl", text)
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> MemoryWorld {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }
}

impl World for MemoryWorld {
    fn files(&self) -> Result<Vec<String>, WorldError> {
        Ok(self.files.keys().cloned().collect())
    }

    fn read(&self, path: &str) -> Result<String, WorldError> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| WorldError { path: path.to_owned(), reason: "no such file".to_owned() })
    }
}
