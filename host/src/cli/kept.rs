//! What the scripts of `picloud run` keep: in memory, or in a file of JSON lines that the next run begins with.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use picloud_sdk::value::Value as Tree;

use super::lines::{Line, time_of};
use super::whole::Whole;
use super::{Failure, say};
use crate::commit::spaces::{Session, Spaces};
use crate::data::docs::layout::{self, Name};
use crate::data::json;
use crate::data::key::{Key, Range};
use crate::data::space::Query;
use crate::data::writes::Value;
use crate::ids::AppId;
use crate::world::kv;

/// Entries that are read at a time.
const STEP: usize = 1000;

/// A file that one run has for itself: whoever comes meanwhile waits, and begins with what this one leaves.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    file: File,
    /// Whether there was none before.
    is_new: bool,
}

impl Kept {
    /// Waits until no other run has `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let open = || -> anyhow::Result<Self> {
            loop {
                let (file, is_new) = opened(path)?;
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => {
                        say::note(&format!("waiting for another run to leave {}", path.display()));
                        file.lock()?;
                    }
                    Err(TryLockError::Error(error)) => return Err(error.into()),
                }
                // Meanwhile there may be another file in its place.
                let (mine, there) = (file.metadata()?, std::fs::metadata(path).ok());
                if there.is_some_and(|there| (there.dev(), there.ino()) == (mine.dev(), mine.ino())) {
                    let path = path.to_owned();
                    return Ok(Self { path, file, is_new });
                }
            }
        };
        let opened = open().with_context(|| format!("cannot use {}", path.display()));
        opened.map_err(Failure::Usage)
    }

    /// Puts what is in it into the space.
    pub(super) async fn load(&mut self, spaces: &Arc<Spaces>, app: AppId) -> Result<(), Failure> {
        let file = &self.path;
        let mut text = String::new();
        let read = self.file.read_to_string(&mut text);
        read.with_context(|| format!("cannot read {}", file.display()))?;
        let mut session = Session::open(spaces, app);
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = || format!("{}:{}", file.display(), number + 1);
            let (key, value) = entry(line).with_context(at).map_err(Failure::Usage)?;
            let put = session.put(key, Some(value)).await.context("keeping it")?;
            put.map_err(|full| Failure::Usage(anyhow!("{}: {} of {} allowed", at(), full.used, full.allowed)))?;
        }
        let kept = session.commit(&mut None).await.context("keeping it")?;
        Ok(kept.durable(&mut None).await.context("keeping it")?)
    }

    /// Writes all that the space has into it, in place of what it had; but for what is over at `now_ms`.
    pub(super) async fn save(&mut self, spaces: &Arc<Spaces>, app: AppId, now_ms: i64) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        let mut session = Session::open(spaces, app);
        let mut out = Whole::create(&self.path).with_context(cannot)?;
        for range in [kv::all(), layout::all_documents()] {
            let mut rest = range;
            loop {
                let query = Query {
                    range: rest.clone(),
                    limit: STEP,
                    reversed: false,
                };
                let (entries, last) = session.range(&query, usize::MAX).await?;
                let is_over = |value: &Value| value.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms);
                for (key, value) in entries.iter().filter(|(_, value)| !is_over(value)) {
                    serde_json::to_writer(&mut out, &line(key, value)?)?;
                    out.write_all(b"\n").with_context(cannot)?;
                }
                let Some(last) = last else { break };
                rest = Range {
                    from: last.next(),
                    to: rest.to,
                };
            }
        }
        out.finish().with_context(cannot)?;
        self.is_new = false;
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.is_new {
            // It was there to be locked, and whoever waits for it looks again.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The file, and whether it is there only now.
fn opened(path: &Path) -> std::io::Result<(File, bool)> {
    loop {
        match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            file => return Ok((file?, false)),
        }
        match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            file => return Ok((file?, true)),
        }
    }
}

fn entry(line: &str) -> anyhow::Result<(Key, Value)> {
    let line: Line = serde_json::from_str(line).context("this is no line of data")?;
    let expires_ms = line.expires_ms();
    match line {
        Line {
            key: Some(key),
            value: Some(value),
            collection: None,
            document: None,
            ..
        } => {
            let place = kv::place(&key).map_err(|_| anyhow!("{key:?} is no key"))?;
            let value = Value {
                bytes: json::read(value.get())?.encode().into(),
                expires_ms,
            };
            Ok((place, value))
        }
        Line {
            key: None,
            value: None,
            collection: Some(collection),
            document: Some(document),
            ..
        } if expires_ms.is_none() => {
            let collection = Name::of_collection(&collection)?;
            let Tree::Map(map) = json::read(document.get())? else {
                bail!("a document is an object")
            };
            let Some(Tree::Text(id)) = map.get("id") else {
                bail!("a document has an `id`, a string")
            };
            layout::check_id(id)?;
            let key = layout::document(&collection, id);
            Ok((key, Tree::Map(map).encode().into()))
        }
        _ => bail!("a line has a `key` and a `value`, or a `collection` and a `document`"),
    }
}

fn line(key: &Key, value: &Value) -> anyhow::Result<Line> {
    let shown = json::write(&Tree::decode(value)?)?;
    let collection = layout::collection_of_document(key);
    Ok(match collection {
        Some(collection) => Line {
            collection: Some(collection.to_string()),
            document: Some(shown),
            ..Line::default()
        },
        None => Line {
            key: Some(kv::name(key).context("a key")?),
            value: Some(shown),
            expires_at: value.expires_ms.and_then(time_of),
            ..Line::default()
        },
    })
}
