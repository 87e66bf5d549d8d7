//! One run's view of its app's space: all that it reads is as of one commit, with its own writes over it.

use super::history::{Conflict, Csn, History};
use super::key::{Key, Range};
use super::reads::Reads;
use super::writes::{Value, Writes};

/// What a run has read and would write.
#[derive(Debug)]
pub struct View {
    at: Csn,
    reads: Reads,
    writes: Writes,
}

impl View {
    /// Of the space as it is after commit `at`.
    #[must_use]
    pub fn begin(at: Csn) -> Self {
        Self {
            at,
            reads: Reads::default(),
            writes: Writes::default(),
        }
    }

    /// The commit after which all that was read is what there was.
    #[must_use]
    pub const fn at(&self) -> Csn {
        self.at
    }

    /// Its writes.
    #[must_use]
    pub const fn writes(&self) -> &Writes {
        &self.writes
    }

    /// Whether what is stored under `key`, or that nothing is, was read.
    #[must_use]
    pub fn has_seen(&self, key: &Key) -> bool {
        self.reads.contains(key)
    }

    /// Writes `value` under `key`, or deletes it; what all writes come to in bytes.
    pub fn put(&mut self, key: Key, value: Option<Value>) -> usize {
        self.writes.put(key, value)
    }

    /// Forgets what it wrote under `key`.
    pub fn forget(&mut self, key: &Key) {
        self.writes.forget(key);
    }

    /// Its writes, which it has no more.
    #[must_use]
    pub fn take_writes(&mut self) -> Writes {
        std::mem::take(&mut self.writes)
    }

    /// The run is about to be told what is stored in `range`, as it was after commit `as_of`.
    ///
    /// The two become one view, if there was a moment at which all of it was so: what a script sees, was.
    ///
    /// # Errors
    /// When there was none: the run has to begin anew.
    pub fn saw(&mut self, range: Range, as_of: Csn, history: &History) -> Result<(), Conflict> {
        let new = Reads::of(range.clone());
        if as_of < self.at {
            history.check(&new, as_of, self.at)?;
        } else if let Err(conflict) = history.check(&self.reads, self.at, as_of) {
            // What it read before has changed. As it was then, it can still be the view of a run that writes nothing.
            if !self.writes.is_empty() || history.check(&new, self.at, as_of).is_err() {
                return Err(conflict);
            }
        } else {
            self.at = as_of;
        }
        self.reads.add(range);
        Ok(())
    }

    /// The run ended well: its writes become the next commit, if what it read is still so. Its number; the view's own, when
    /// nothing was written.
    ///
    /// # Errors
    /// When another commit came between: the run has to begin anew.
    pub fn commit(&self, history: &mut History) -> Result<Csn, Conflict> {
        if self.writes.is_empty() {
            return Ok(self.at);
        }
        history.check(&self.reads, self.at, history.newest())?;
        Ok(history.append(self.writes.iter().map(|(key, _)| key.clone())))
    }
}
