//! Whether SQLite's files are still those that were opened. A file that was deleted or replaced is written to without an
//! error, and is gone with the process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files, as they were opened. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files(Arc<Vec<(PathBuf, Identity)>>);

/// Device and number.
type Identity = (u64, u64);

impl Files {
    /// The database and its log, which stays as long as there are connections.
    pub(super) fn of(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let files = [database.to_owned(), log.into()].into_iter();
        let known = files.map(|file| identity(&file).map(|identity| (file, identity)));
        known.collect::<io::Result<_>>().map(|files| Self(Arc::new(files)))
    }

    /// # Errors
    /// Names the one that is not what it was.
    pub(super) fn check(&self) -> io::Result<()> {
        for (file, known) in &*self.0 {
            if identity(file).ok() != Some(*known) {
                let message = format!(
                    "{} was deleted or replaced while it is open: put it back, or restart to begin with what is there",
                    file.display()
                );
                return Err(io::Error::new(io::ErrorKind::NotFound, message));
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn identity(file: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(file: &Path) -> io::Result<Identity> {
    file.metadata().map(|_| (0, 0))
}
