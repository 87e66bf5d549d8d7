//! Whether an app has room for what a session would write.

use super::super::lost::{Full, Lost};
use super::{Session, current};
use crate::data::key::Key;

impl Session {
    /// What the app would keep with what is written, if that is too much.
    pub(super) fn full(&self) -> Result<Option<Full>, Lost> {
        let begun = self.begun.as_ref().expect("it has begun");
        let (mut keys, mut bytes) = (0, 0);
        for (key, value) in begun.view.writes().iter() {
            let replaced = begun.replaced.get(key);
            match (value, replaced) {
                (Some(value), None) => {
                    keys += 1;
                    bytes += as_signed(key.as_bytes().len() + value.len());
                }
                (Some(value), Some(replaced)) => bytes += as_signed(value.len()) - as_signed(*replaced),
                (None, Some(replaced)) => {
                    keys -= 1;
                    bytes -= as_signed(key.as_bytes().len() + replaced);
                }
                (None, None) => {}
            }
        }
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
        let found = self.spaces.ask_points(&self.app, keys).await?;
        let begun = self.begun.as_mut().expect("it has begun");
        begun
            .replaced
            .extend(found.entries.into_iter().map(|(key, value)| (key, value.len())));
        Ok(())
    }
}

fn as_signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
