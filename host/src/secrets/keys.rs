//! The file of keys: a line of base64 each, 32 bytes. The last one seals, all open.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, anyhow, bail};
use arc_swap::ArcSwap;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::queries;
use super::seal::{KEY_BYTES, Key, Label};
use super::value::Secret;
use crate::config::StoreConfig;
use crate::store::Db;

/// The file in the data folder.
pub const KEY_FILE: &str = "secrets.key";

/// What the file begins with when we make it.
const HEAD: &str =
    "# Keys of PiCloud's secrets. Without them no secret can be read: keep a copy apart from the database's.\n";

/// The keys of this server.
pub struct Keys {
    file: PathBuf,
    /// Whether we may write it: it is in our folder, and no other server has to have the same.
    is_ours: bool,
    known: ArcSwap<Vec<Key>>,
    /// Held by whoever changes the file.
    changing: Mutex<()>,
}

/// Why a value cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Sealed {
    /// The file does not have its key.
    #[error("no key {0} is in the file of keys")]
    NoKey(String),
    /// It was changed, or is another's.
    #[error("what is stored is not what was sealed")]
    Changed,
}

/// There is no new key, and it is not ours to make one.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no new key; add one as its last line, on every server: head -c 32 /dev/urandom | base64 >> FILE")]
pub struct NoNewKey(String);

impl Keys {
    /// Reads the file; makes it when nothing needs it yet.
    ///
    /// # Errors
    /// When it cannot be read, or lacks a key that a secret is sealed with.
    pub async fn open(config: &StoreConfig, db: &Db) -> anyhow::Result<Self> {
        let given = config.secrets_key_file.as_ref().map(PathBuf::from);
        let is_given = given.is_some();
        let file = given.unwrap_or_else(|| config.data.join(KEY_FILE));
        let needed = queries::key_ids(&mut db.read().await?).await;
        let needed = needed.context("reading which keys secrets are sealed with")?;
        let known = match read(&file) {
            Ok(known) => known,
            Err(error) if is_missing(&error) && needed.is_empty() && !is_given => vec![make(&file)?],
            Err(error) if is_missing(&error) => bail!(
                "there is no file of keys {}, and {}; put it back from where it is kept, or name it by \
                 PICLOUD_SECRETS_KEY_FILE",
                file.display(),
                match needed.len() {
                    0 => "PICLOUD_SECRETS_KEY_FILE names it".to_owned(),
                    _ => format!("secrets are sealed with the keys {}", needed.join(", ")),
                }
            ),
            Err(error) => return Err(error),
        };
        let known_ids: BTreeSet<&str> = known.iter().map(Key::id).collect();
        let missing: Vec<&str> = needed
            .iter()
            .map(String::as_str)
            .filter(|id| !known_ids.contains(id))
            .collect();
        if !missing.is_empty() {
            bail!(
                "{} is not the file of keys that belongs to this database: secrets are sealed with {}, which it does not \
                 have; put the right one back, nothing is lost",
                file.display(),
                missing.join(", ")
            );
        }
        Ok(Self {
            is_ours: !is_given && matches!(db, Db::Sqlite { .. }),
            file,
            known: ArcSwap::from_pointee(known),
            changing: Mutex::new(()),
        })
    }

    /// Seals a value: the key's id, and what is to be stored.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(&self, label: &Label<'_>, value: &Secret) -> anyhow::Result<(String, Vec<u8>)> {
        let known = self.known.load();
        let key = known.last().context("there is no key")?;
        Ok((key.id().to_owned(), key.seal(label, value)?))
    }

    /// Opens what was sealed with the key `id`. What is not known is looked for in the file once more: another server may
    /// have a new key.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_sealed(&self, label: &Label<'_>, id: &str, sealed: &[u8]) -> Result<Secret, Sealed> {
        let known = |keys: &[Key]| keys.iter().any(|key| key.id() == id);
        if !known(&self.known.load()) && read(&self.file).is_ok_and(|keys| known(&keys)) {
            let _ = self.read_anew();
        }
        let keys = self.known.load();
        let key = keys.iter().find(|key| key.id() == id);
        let key = key.ok_or_else(|| Sealed::NoKey(id.to_owned()))?;
        key.open(label, sealed).ok_or(Sealed::Changed)
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn newest(&self) -> String {
        self.known
            .load()
            .last()
            .map_or_else(String::new, |key| key.id().to_owned())
    }

    /// The ids of all others.
    #[must_use]
    pub fn older(&self) -> Vec<String> {
        let (known, newest) = (self.known.load(), self.newest());
        let older = known.iter().map(Key::id).filter(|id| *id != newest);
        older.map(str::to_owned).collect()
    }

    /// Seals with a new key from now on: one that somebody added to the file, else one of our making.
    ///
    /// # Errors
    /// [`NoNewKey`] when there is none and it is not ours to make; when the file cannot be read or written.
    pub fn renew(&self) -> anyhow::Result<()> {
        let newest = self.newest();
        self.read_anew()?;
        if self.newest() != newest {
            return Ok(());
        }
        if !self.is_ours {
            return Err(NoNewKey(self.file.display().to_string()).into());
        }
        {
            let _changing = self
                .changing
                .lock()
                .map_err(|_| anyhow!("a change of the file of keys panicked"))?;
            let text = Zeroizing::new(std::fs::read_to_string(&self.file)?);
            let end = if text.ends_with('\n') { "" } else { "\n" };
            let added = Zeroizing::new(format!("{}{end}{}\n", *text, *drawn()?));
            write(&self.file, &added).with_context(|| format!("writing {}", self.file.display()))?;
        }
        self.read_anew()
    }

    fn read_anew(&self) -> anyhow::Result<()> {
        let _changing = self
            .changing
            .lock()
            .map_err(|_| anyhow!("a change of the file of keys panicked"))?;
        let mut keys = read(&self.file)?;
        // What is gone from the file may still be needed until the next start.
        let known = self.known.load();
        let gone = known.iter().filter(|old| keys.iter().all(|key| key.id() != old.id()));
        let gone: Vec<Key> = gone.cloned().collect();
        keys.splice(0..0, gone);
        self.known.store(keys.into());
        Ok(())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("file", &self.file).finish_non_exhaustive()
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

fn read(file: &Path) -> anyhow::Result<Vec<Key>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading the file of keys {}", file.display()))?;
    let text = Zeroizing::new(text);
    let mut keys: Vec<Key> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bytes = BASE64.decode(line.as_bytes()).map(Zeroizing::new).ok();
        let bytes = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(&**bytes).ok());
        let Some(bytes) = bytes else {
            bail!(
                "{}, line {}: a key is {KEY_BYTES} bytes in base64",
                file.display(),
                at + 1
            );
        };
        keys.push(Key::of(Zeroizing::new(bytes)));
    }
    if keys.is_empty() {
        bail!("{} has no key", file.display());
    }
    Ok(keys)
}

/// A new key, as a line.
fn drawn() -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|error| anyhow!("the operating system has no randomness: {error}"))?;
    Ok(Zeroizing::new(BASE64.encode(&*bytes)))
}

fn make(file: &Path) -> anyhow::Result<Key> {
    let text = Zeroizing::new(format!("{HEAD}{}\n", *drawn()?));
    let made = || -> anyhow::Result<Key> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        write(file, &text)?;
        read(file)?.pop().context("it has no key")
    };
    made().with_context(|| format!("making the file of keys {}", file.display()))
}

/// Writes the whole file or nothing, with mode 0600 from the start; when this returns, it survives a power cut.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let draft = file.with_extension("key.new");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&draft)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    std::fs::rename(&draft, file)?;
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
