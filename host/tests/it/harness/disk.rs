//! A disk that can be filled without harm to anybody.

use std::path::Path;
use std::process::Command;

/// A small disk of its own.
pub(crate) struct Disk(tempfile::TempDir);

impl Disk {
    /// None where this user may not mount one.
    pub(crate) fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder.path())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Another's file, which takes all that is left.
    pub(crate) fn fill(&self) {
        let filler = std::fs::File::create(self.path().join("filler")).unwrap();
        let mut filler = std::io::BufWriter::with_capacity(4096, filler);
        assert!(std::io::copy(&mut std::io::repeat(1), &mut filler).is_err());
    }

    pub(crate) fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}
