//! What the scripts of `picloud run` keep: in memory, or in a file of JSON lines that the next run begins with.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use picloud_sdk::value::Value as Tree;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Failure;
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

/// One line of the file: a key with its value, or a document.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    /// In milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Box<RawValue>>,
}

/// Puts what `file` has into the space; nothing when there is no such file yet.
pub(super) async fn load(spaces: &Arc<Spaces>, app: AppId, file: &Path) -> Result<(), Failure> {
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        text => text.with_context(|| format!("cannot read {}", file.display()))?,
    };
    let mut session = Session::open(spaces, app);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = || format!("{}:{}", file.display(), number + 1);
        let (key, value) = entry(line).with_context(at).map_err(Failure::Usage)?;
        let put = session.put(key, Some(value)).await.context("keeping it")?;
        put.map_err(|full| Failure::Usage(anyhow!("{}: {} of {} allowed", at(), full.used, full.allowed)))?;
    }
    session
        .commit(&mut None)
        .await
        .context("keeping it")?
        .durable(&mut None)
        .await
        .context("keeping it")?;
    Ok(())
}

fn entry(line: &str) -> anyhow::Result<(Key, Value)> {
    let line: Line = serde_json::from_str(line).context("this is no line of data")?;
    match line {
        Line {
            key: Some(key),
            value: Some(value),
            expires_at_ms,
            collection: None,
            document: None,
        } => {
            let place = kv::place(&key).map_err(|_| anyhow!("{key:?} is no key"))?;
            let value = Value {
                bytes: json::read(value.get())?.encode().into(),
                expires_ms: expires_at_ms,
            };
            Ok((place, value))
        }
        Line {
            key: None,
            value: None,
            expires_at_ms: None,
            collection: Some(collection),
            document: Some(document),
        } => {
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

/// Writes all that the space has into `file`, in place of what it had.
pub(super) async fn save(spaces: &Arc<Spaces>, app: AppId, file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut session = Session::open(spaces, app);
    let mut lines = Vec::new();
    for range in [kv::all(), layout::all_documents()] {
        let mut rest = range;
        loop {
            let query = Query {
                range: rest.clone(),
                limit: STEP,
                reversed: false,
            };
            let (entries, last) = session.range(&query, usize::MAX).await?;
            for (key, value) in &entries {
                serde_json::to_writer(&mut lines, &line(key, value)?)?;
                lines.push(b'\n');
            }
            let Some(last) = last else { break };
            rest = Range {
                from: last.next(),
                to: rest.to,
            };
        }
    }
    let mut made = tempfile_in(folder, file)?;
    made.1.write_all(&lines)?;
    std::fs::rename(&made.0, file).with_context(|| format!("cannot write {}", file.display()))
}

/// A file beside the one that it is to replace.
fn tempfile_in(folder: &Path, file: &Path) -> anyhow::Result<(std::path::PathBuf, std::fs::File)> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let path = folder.join(format!(".{name}.{}", std::process::id()));
    let made = std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok((path, made))
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
            expires_at_ms: value.expires_ms,
            ..Line::default()
        },
    })
}
