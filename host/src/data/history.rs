//! Who wrote what lately: the tail of an app's write log, in memory.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet, VecDeque};

use super::key::Key;
use super::reads::Reads;

/// The number of a commit in its app's clock; 0 before the first.
pub type Csn = u64;

/// What a commit counts for beside its keys.
const COMMIT_BYTES: usize = 64;
/// What a key counts for besides its bytes, which are there twice.
const KEY_BYTES: usize = 96;

/// Why a run cannot go on with what it read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// A later commit wrote what it had looked at.
    Written {
        /// What.
        key: Key,
        /// Which commit did.
        by: Csn,
    },
    /// Nobody here knows what was written from this commit on: the log has to be asked, or the run is too old.
    Unknown {
        /// The first that is not known.
        from: Csn,
    },
}

/// The last commits of an app, one after another without a gap.
#[derive(Debug)]
pub struct History {
    /// The keys of each, the oldest first.
    commits: VecDeque<Box<[Key]>>,
    newest: Csn,
    last_writer: BTreeMap<Key, Csn>,
    bytes: usize,
}

impl History {
    /// Of an app whose newest commit is `newest`; what was before, nobody knows.
    #[must_use]
    pub const fn after(newest: Csn) -> Self {
        Self {
            commits: VecDeque::new(),
            newest,
            last_writer: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// The last commit.
    #[must_use]
    pub const fn newest(&self) -> Csn {
        self.newest
    }

    /// The last commit that is not known any more.
    #[must_use]
    pub fn floor(&self) -> Csn {
        self.newest - self.commits.len() as Csn
    }

    /// What the commits take that it knows.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the commits after `since`, up to `until`, wrote, as far as it is known.
    pub fn written(&self, since: Csn, until: Csn) -> impl Iterator<Item = &Key> {
        let place = |csn: Csn| usize::try_from(csn.saturating_sub(self.floor())).unwrap_or(usize::MAX);
        let end = place(until).min(self.commits.len());
        let commits = self.commits.range(place(since).min(end)..end);
        commits.flat_map(|keys| keys.iter())
    }

    /// The last commit that wrote `key`, if it is known.
    #[must_use]
    pub fn last_writer(&self, key: &Key) -> Option<Csn> {
        self.last_writer.get(key).copied()
    }

    /// One more commit, which wrote `keys`; its number.
    pub fn append(&mut self, keys: impl IntoIterator<Item = Key>) -> Csn {
        let keys: Box<[Key]> = keys.into_iter().collect();
        self.newest += 1;
        self.bytes += COMMIT_BYTES;
        for key in &keys {
            self.bytes += weight(key);
            self.last_writer.insert(key.clone(), self.newest);
        }
        self.commits.push_back(keys);
        self.newest
    }

    /// Forgets its oldest commits until it takes no more than `bytes_max`, but none after `last`.
    pub fn forget(&mut self, bytes_max: usize, last: Csn) {
        while self.bytes > bytes_max && self.floor() < last {
            let oldest = self.floor() + 1;
            let Some(keys) = self.commits.pop_front() else { return };
            self.bytes -= COMMIT_BYTES;
            for key in keys {
                self.bytes -= weight(&key);
                if self.last_writer.get(&key) == Some(&oldest) {
                    self.last_writer.remove(&key);
                }
            }
        }
    }

    /// Whether what was read when commit `since` was the last still held when commit `until` was.
    ///
    /// # Errors
    /// When something of it was written meanwhile, or nobody here knows.
    pub fn check(&self, reads: &Reads, since: Csn, until: Csn) -> Result<(), Conflict> {
        if since >= until || reads.is_empty() {
            return Ok(());
        }
        if until > self.newest {
            return Err(Conflict::Unknown { from: self.newest + 1 });
        }
        if since < self.floor() {
            return Err(Conflict::Unknown { from: since + 1 });
        }
        let between = OnceCell::new();
        let between = || between.get_or_init(|| self.written(since, until).collect::<HashSet<_>>());
        for range in reads.ranges() {
            for (key, by) in self.last_writer.range::<Key, _>(range.bounds()) {
                // The last writer may be a later one, and hide another in between.
                if *by > since && (*by <= until || between().contains(key)) {
                    return Err(Conflict::Written {
                        key: key.clone(),
                        by: *by,
                    });
                }
            }
        }
        Ok(())
    }
}

/// What a key that was written takes, about.
const fn weight(key: &Key) -> usize {
    KEY_BYTES + 2 * key.as_bytes().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::key::Range;

    fn key() -> impl Strategy<Value = Key> {
        prop::collection::vec(0_u8..2, 0..2).prop_map(Key::from)
    }

    proptest! {
        #[test]
        fn says_what_a_look_at_all_commits_says(
            commits in prop::collection::vec(prop::collection::vec(key(), 0..3), 0..12),
            ranges in prop::collection::vec((key(), prop::option::of(key())), 1..3),
            (since, until, forgotten) in (0_u64..12, 0_u64..12, 0_usize..12),
        ) {
            let mut history = History::after(0);
            for keys in &commits {
                history.append(keys.clone());
            }
            let forgotten = commits.len().min(forgotten) as Csn;
            history.forget(0, forgotten);
            prop_assert_eq!(history.floor(), forgotten);
            let mut reads = Reads::default();
            for (from, to) in ranges {
                reads.add(Range { from, to });
            }
            let between = |csn: Csn| since < csn && csn <= until;
            let written = (1..).zip(&commits).any(|(csn, keys)| between(csn) && keys.iter().any(|key| reads.contains(key)));
            match history.check(&reads, since, until) {
                Ok(()) => prop_assert!(!written),
                Err(Conflict::Written { key, by }) => prop_assert!(written && reads.contains(&key) && by > since),
                Err(Conflict::Unknown { from }) => {
                    prop_assert!(since < history.floor() || until > history.newest());
                    prop_assert!(from <= history.floor() || from > history.newest());
                }
            }
        }

        #[test]
        fn forgetting_gives_all_of_it_back(commits in prop::collection::vec(prop::collection::vec(key(), 0..3), 0..12)) {
            let mut history = History::after(7);
            for keys in &commits {
                history.append(keys.clone());
            }
            history.forget(0, Csn::MAX);
            prop_assert_eq!((history.bytes(), history.floor()), (0, 7 + commits.len() as Csn));
            prop_assert!(history.last_writer.is_empty());
        }
    }
}
