//! A file that is there whole, or as it was before.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file being written, beside the one whose place it takes. Dropped before that, it leaves nothing.
#[derive(Debug)]
pub(super) struct Whole {
    out: BufWriter<File>,
    /// Where it is, and where it goes; of what is no file, such as a pipe or a device, there is nothing to replace.
    paths: Option<(PathBuf, PathBuf)>,
}

impl Whole {
    /// One that will be at `path`.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        // A link goes on to lead where it leads.
        let to = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&to).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let out = BufWriter::new(File::create(&to)?);
            return Ok(Self { out, paths: None });
        }
        if there.as_ref().is_some_and(|there| there.permissions().readonly()) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let mut name = OsString::from(".");
        name.push(to.file_name().ok_or(ErrorKind::InvalidFilename)?);
        name.push(format!(".{}.part", std::process::id()));
        let made = to.with_file_name(name);
        let whole = Self {
            out: BufWriter::new(File::create(&made)?),
            paths: Some((made, to)),
        };
        if let Some(there) = there {
            whole.out.get_ref().set_permissions(there.permissions())?;
        }
        Ok(whole)
    }

    /// It is whole, and takes its place.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        if let Some((made, to)) = &self.paths {
            self.out.get_ref().sync_all()?;
            fs::rename(made, to)?;
            self.paths = None;
        }
        Ok(())
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if let Some((made, _)) = &self.paths {
            // Nothing is left to be done about it.
            let _ = fs::remove_file(made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("link"));
        let names = || fs::read_dir(folder.path()).unwrap().count();
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut half = Whole::create(&link).unwrap();
        half.write_all(b"half").unwrap();
        drop(half);
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), ("before", 2));
        let mut whole = Whole::create(&link).unwrap();
        whole.write_all(b"whole").unwrap();
        whole.finish().unwrap();
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), ("whole", 2));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mut nowhere = Whole::create(Path::new("/dev/null")).unwrap();
        nowhere.write_all(b"gone").unwrap();
        nowhere.finish().unwrap();
        assert!(Whole::create(&folder.path().join("none/a")).is_err());
    }
}
