//! The one seam through which a destination's files are touched, so that a test can make any call fail.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a socket: never followed, never touched.
    Other,
}

/// Reading and writing files. Every call is one step that can fail alone.
pub trait Files: Sync {
    /// What stands at a path; links are not followed.
    fn standing(&self, path: &Path) -> io::Result<Standing>;
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Makes a folder whose parent exists.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a file that does not exist yet, and waits until its bytes are on the disk.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Puts a file in another's place, at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the names in a folder are on the disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder if it is empty; says whether it was.
    fn remove_folder(&self, path: &Path) -> io::Result<bool>;
    /// Keeps other processes out of a folder until the lock is dropped or its owner dies; none if another has it.
    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>>;
}

/// Keeps others out for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// The lock's file in a destination. The operating system frees the lock when its owner dies, so that none is ever stale;
/// the file itself stays and is empty.
pub const LOCK: &str = ".purlin.lock";

impl Files for Disk {
    fn standing(&self, path: &Path) -> io::Result<Standing> {
        match fs::symlink_metadata(path) {
            Ok(data) if data.is_file() => Ok(Standing::File),
            Ok(data) if data.is_dir() => Ok(Standing::Folder),
            Ok(_) => Ok(Standing::Other),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Standing::Nothing),
            // A parent is a file: nothing can stand here.
            Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(Standing::Nothing),
            Err(error) => Err(error),
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Only where a folder can be opened as a file.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<bool> {
        match fs::remove_dir(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        let path = folder.join(LOCK);
        if self.standing(&path)? == Standing::Other {
            return Err(io::Error::other("the lock is a link"));
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
