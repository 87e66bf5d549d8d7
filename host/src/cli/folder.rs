//! A folder of sources, as an app of scripts: names are paths below it without the ending.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use picloud_sdk::api::ScriptName;

use super::sandbox::Sandbox;
use super::source::{self, Source};
use super::{Failure, say};
use crate::deploy::scripts::SCRIPTS_MAX;

const ENDING: &str = "rhai";

/// Sources of a folder, each read and compiled once.
pub(super) struct Folder<'a> {
    root: PathBuf,
    sandbox: &'a Sandbox,
    sources: BTreeMap<String, Arc<Source>>,
}

impl<'a> Folder<'a> {
    pub(super) fn new(root: &Path, sandbox: &'a Sandbox) -> Self {
        Self {
            root: root.to_owned(),
            sandbox,
            sources: BTreeMap::new(),
        }
    }

    /// The file of this path, wherever it is: below the folder it has its name from there.
    pub(super) async fn open(&mut self, path: &Path) -> Result<Arc<Source>, Failure> {
        match self.name_of(path) {
            Some(name) => self.read(name, path).await,
            None => Ok(Arc::new(
                Source::read(source::script_name(path)?, path, self.sandbox).await?,
            )),
        }
    }

    /// The file of a module, if there is one.
    pub(super) async fn module(&mut self, name: &str) -> Result<Option<Arc<Source>>, Failure> {
        match self.file_of(name) {
            Some(path) => self.read(name.to_owned(), &path).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read(&mut self, name: String, path: &Path) -> Result<Arc<Source>, Failure> {
        if let Some(source) = self.sources.get(&name) {
            return Ok(Arc::clone(source));
        }
        if self.sources.len() >= SCRIPTS_MAX {
            return Err(too_many(&self.root));
        }
        let source = Arc::new(Source::read(name.clone(), path, self.sandbox).await?);
        self.sources.insert(name, Arc::clone(&source));
        Ok(source)
    }

    /// The path below the folder, without the ending; none for a file that is somewhere else.
    pub(super) fn name_of(&self, path: &Path) -> Option<String> {
        let root = here(&self.root).canonicalize().ok()?;
        let folder = here(path.parent()?).canonicalize().ok()?;
        let below = folder.join(path.file_name()?).with_extension("");
        Some(name_of(below.strip_prefix(root).ok()?))
    }

    /// Where a module's file is. Nothing leads out of the folder: neither a name, as only a script's name has a file, nor
    /// a symbolic link, as none is followed.
    fn file_of(&self, name: &str) -> Option<PathBuf> {
        name.parse::<ScriptName>().ok()?;
        let mut folders: Vec<&str> = name.split('/').collect();
        let file = folders.pop()?;
        let mut at = self.root.clone();
        for folder in folders {
            at.push(folder);
            at.symlink_metadata().ok().filter(fs::Metadata::is_dir)?;
        }
        at.push(format!("{file}.{ENDING}"));
        at.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        Some(at)
    }

    /// Where a module's file would be.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.{ENDING}"))
    }
}

/// The sources below a folder, in the order of their paths. What is hidden is skipped, and so are symbolic links.
pub(super) fn walk(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = || format!("cannot read the folder {}", folder.display());
        let entries = fs::read_dir(&folder).with_context(unreadable).map_err(Failure::Usage)?;
        for entry in entries {
            let entry = entry.with_context(unreadable).map_err(Failure::Usage)?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let (path, kind) = (
                entry.path(),
                entry.file_type().with_context(unreadable).map_err(Failure::Usage)?,
            );
            let is_source = path.extension().is_some_and(|extension| extension == ENDING);
            if kind.is_dir() {
                folders.push(path);
            } else if is_source && kind.is_symlink() {
                say::note(&format!("{} is skipped: it is a symbolic link", path.display()));
            } else if is_source && kind.is_file() {
                found.push(path);
            }
            if found.len() > SCRIPTS_MAX {
                return Err(too_many(root));
            }
        }
    }
    if found.is_empty() {
        return Err(Failure::Usage(anyhow!(
            "there is no .{ENDING} file in {}",
            root.display()
        )));
    }
    found.sort();
    Ok(found)
}

fn too_many(root: &Path) -> Failure {
    Failure::Usage(anyhow!(
        "{} has more than {SCRIPTS_MAX} scripts, and no app may have more",
        root.display()
    ))
}

/// With slashes, wherever we are.
fn name_of(below: &Path) -> String {
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// The parent of `a.rhai` is an empty path, which no system knows.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}
