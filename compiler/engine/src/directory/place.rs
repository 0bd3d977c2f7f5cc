//! Where a file may be: below the destination, and nowhere that a link leads to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::directory::{Directory, Refusal};
use crate::files::Standing;

/// Names of files and folders are this long at most, in bytes, on every file system that matters.
const LONGEST: usize = 255;

/// Whether a path stays below where it begins, and can be written on every system.
pub(crate) fn is_safe(path: &str) -> bool {
    let part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.len() <= LONGEST
            && !part.contains(['\\', ':', '*', '?', '"', '<', '>', '|'])
            && !part.chars().any(char::is_control)
    };
    path.len() < 4096 && path.split('/').all(part)
}

impl Directory<'_> {
    /// The full path of a file; none where one of its folders does not exist. A link on the way is refused.
    pub(super) fn place(&self, path: &str) -> Result<Option<PathBuf>, Refusal> {
        self.place_below(path, &mut BTreeSet::new())
    }

    /// The same, where some folders were looked at before; those that are met now join them.
    pub(super) fn place_below(
        &self,
        path: &str,
        seen: &mut BTreeSet<PathBuf>,
    ) -> Result<Option<PathBuf>, Refusal> {
        self.walk(path, seen, |_, _| Ok(false))
    }

    /// The same, and makes the folders on the way.
    pub(super) fn make_place(&self, path: &str) -> Result<PathBuf, Refusal> {
        let made = self.walk(path, &mut BTreeSet::new(), |full, shown| {
            let made = self.files.create_folder(full).and_then(|()| match full.parent() {
                Some(parent) => self.files.sync_folder(parent),
                None => Ok(()),
            });
            made.map_err(|error| self.failed(shown, "be made", &error)).map(|()| true)
        })?;
        made.ok_or_else(|| Refusal(format!("{}/{path} has no folder", self.inside)))
    }

    fn walk(
        &self,
        path: &str,
        seen: &mut BTreeSet<PathBuf>,
        mut missing: impl FnMut(&Path, &str) -> Result<bool, Refusal>,
    ) -> Result<Option<PathBuf>, Refusal> {
        if !is_safe(path) {
            let shown = path.escape_debug();
            return Err(Refusal(format!("`{shown}` cannot be the name of a file below {}", self.shown)));
        }
        let whole = if self.inside.is_empty() { path.to_owned() } else { format!("{}/{path}", self.inside) };
        let mut full = self.base.clone();
        let mut parts = whole.split('/').peekable();
        while let Some(part) = parts.next() {
            full.push(part);
            if parts.peek().is_none() {
                break;
            }
            if seen.contains(&full) {
                continue;
            }
            let standing =
                self.files.standing(&full).map_err(|error| self.failed("", "be looked at", &error))?;
            match standing {
                Standing::Folder => {
                    seen.insert(full.clone());
                }
                Standing::Nothing if missing(&full, "")? => {}
                Standing::Nothing => return Ok(None),
                Standing::File | Standing::Other => {
                    let shown = full.strip_prefix(&self.base).unwrap_or(&full).display().to_string();
                    return Err(Refusal(format!("{shown} is no folder (links are not followed)")));
                }
            }
        }
        Ok(Some(full))
    }
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    fn check(path: &str, expected: bool) {
        assert_eq!(is_safe(path), expected, "{path:?}");
    }

    #[test]
    fn a_path_stays_inside() {
        check("terraform/aws/main.tf", true);
        check("a/.b/c", true);
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\\..\\b", "a\0b", "C:x", "a/"]
        {
            check(path, false);
        }
        check(&"x".repeat(256), false);
    }
}
