//! Entries that were read or written lately, of all apps, in memory.

use moka::sync::Cache as Moka;

use crate::data::key::Key;
use crate::data::space::Found;
use crate::data::writes::{Value, Writes};
use crate::ids::AppId;

/// What an entry takes besides key and value.
const ENTRY_BYTES: usize = 160;

type Name = (AppId, u64, Key);
/// What is stored there, if anything is.
type Slot = Option<Value>;

/// The cache of all apps.
pub(super) struct Cache(Moka<Name, Option<Value>>);

/// One app's part of it, as long as nothing is different without anybody here knowing it: whoever has it holds the lock of
/// what is known of the app.
pub(super) struct Part<'a> {
    cache: &'a Moka<Name, Option<Value>>,
    app: AppId,
    epoch: u64,
}

impl Cache {
    pub(super) fn new(bytes_max: u64) -> Self {
        let weight = |(_, _, key): &Name, value: &Option<Value>| {
            let bytes = ENTRY_BYTES + key.as_bytes().len() + value.as_ref().map_or(0, |value| value.len());
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Moka::builder().max_capacity(bytes_max).weigher(weight).build())
    }

    pub(super) const fn part(&self, app: AppId, epoch: u64) -> Part<'_> {
        Part {
            cache: &self.0,
            app,
            epoch,
        }
    }
}

impl Part<'_> {
    /// What is stored under `key`, if that is known.
    pub(super) fn get(&self, key: &Key) -> Option<Slot> {
        self.cache.get(&self.name(key))
    }

    /// This is what the database has.
    pub(super) fn fill(&self, found: &Found) {
        let mut entries = found.entries.iter().peekable();
        for key in &found.asked {
            let entry = entries.next_if(|(stored, _)| stored == key);
            self.cache.insert(self.name(key), entry.map(|(_, value)| value.clone()));
        }
    }

    /// This is what the database has from now on.
    pub(super) fn written(&self, writes: &Writes) {
        for (key, value) in writes.iter() {
            self.cache.insert(self.name(key), value.cloned());
        }
    }

    fn name(&self, key: &Key) -> Name {
        (self.app, self.epoch, key.clone())
    }
}
