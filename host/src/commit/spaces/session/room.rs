//! Whether an app has room for what a session would write.

use super::super::lost::{Full, Lost};
use super::{Begun, Session, current};
use crate::data::key::Key;
use crate::data::writes::Value;

impl Begun {
    /// It is about to write something else under `key`.
    pub(super) fn weigh_less(&mut self, key: &Key) {
        if let Some(value) = self.view.writes().get(key) {
            let (keys, bytes) = weight(key, value, self.replaced.get(key));
            self.grown = (self.grown.0 - keys, self.grown.1 - bytes);
        }
    }

    /// It is about to write that under `key`.
    pub(super) fn weigh_more(&mut self, key: &Key, value: Option<&Value>) {
        let (keys, bytes) = weight(key, value, self.replaced.get(key));
        self.grown = (self.grown.0 + keys, self.grown.1 + bytes);
    }

    /// So long was what is stored under `key`, if anything is.
    fn learn(&mut self, key: &Key, replaced: Option<usize>) {
        self.weigh_less(key);
        self.replaced.insert(key.clone(), replaced);
        if let Some(value) = self.view.writes().get(key) {
            let (keys, bytes) = weight(key, value, Some(&replaced));
            self.grown = (self.grown.0 + keys, self.grown.1 + bytes);
        }
    }
}

/// What an app keeps more when that is written, in keys and bytes: at most, when nobody knows what it replaces.
fn weight(key: &Key, value: Option<&Value>, replaced: Option<&Option<usize>>) -> (i64, i64) {
    let own = as_signed(key.as_bytes().len());
    match (value, replaced.copied().flatten()) {
        (Some(value), None) => (1, own + as_signed(value.len())),
        (Some(value), Some(replaced)) => (0, as_signed(value.len()) - as_signed(replaced)),
        (None, Some(replaced)) => (-1, -own - as_signed(replaced)),
        (None, None) => (0, 0),
    }
}

impl Session {
    /// What the app would keep with what is written, if that is too much.
    pub(super) fn full(&self) -> Result<Option<Full>, Lost> {
        let begun = self.begun.as_ref().expect("it has begun");
        let (keys, bytes) = begun.grown;
        let mut state = self.app.lock();
        let generation = state.generation;
        let known = current(&mut state.known, generation, begun.generation).map_err(|_| Lost::Overtaken(None))?;
        let (keys_max, bytes_max) = self.spaces.quota();
        let keys = known
            .keys
            .saturating_add(known.pending_keys)
            .saturating_add_signed(keys);
        let bytes = known
            .bytes
            .saturating_add(known.pending_bytes)
            .saturating_add_signed(bytes);
        Ok(if bytes > bytes_max {
            Some(Full {
                keys: false,
                used: bytes,
                allowed: bytes_max,
            })
        } else if keys > keys_max {
            Some(Full {
                keys: true,
                used: keys,
                allowed: keys_max,
            })
        } else {
            None
        })
    }

    /// Looks what of the written keys is there.
    pub(super) async fn weigh(&mut self) -> Result<(), Lost> {
        let begun = self.begun.as_ref().expect("it has begun");
        let unknown = begun
            .view
            .writes()
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !begun.replaced.contains_key(*key));
        let keys: Vec<Key> = unknown.cloned().collect();
        let mut sizes = self.spaces.ask_sizes(&self.app, &keys).await?;
        let begun = self.begun.as_mut().expect("it has begun");
        for key in &keys {
            let replaced = sizes.remove(key);
            begun.learn(key, replaced);
        }
        Ok(())
    }
}

fn as_signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
