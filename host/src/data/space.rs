//! An app's space as this process knows it: what is committed and not durable yet, over what the database has.
//!
//! A commit is visible to other runs as soon as it has its number; whoever is told of it waits until the database has it.

use super::history::{Conflict, Csn, History};
use super::key::{Key, Range};
use super::reads::Reads;
use super::view::View;
use super::writes::{Entry, Writes};

/// What a run wants to see: some of the entries in a range, from its beginning or its end.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where.
    pub range: Range,
    /// How many at most.
    pub limit: usize,
    /// Whether from the end.
    pub reversed: bool,
}

/// What the database answered to a [`Query`], in the query's order.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The first so many of what is stored in the range.
    pub entries: Vec<Entry>,
    /// Whether there are no more of them.
    pub is_all: bool,
    /// The last commit that the database had then.
    pub as_of: Csn,
}

/// Why a run is not told what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// The rows are too few or too old to go with what is known here: ask the database once more.
    Again,
    /// The run cannot go on.
    Conflict(Conflict),
}

/// The space of one app.
#[derive(Debug)]
pub struct Space {
    history: History,
    /// The last commit that the database is known to have.
    durable: Csn,
    /// What later commits wrote.
    pending: Writes,
}

impl Space {
    /// One that the database has as of commit `durable`.
    #[must_use]
    pub fn new(durable: Csn) -> Self {
        Self {
            history: History::after(durable),
            durable,
            pending: Writes::default(),
        }
    }

    /// A run's view of it as it is now.
    #[must_use]
    pub fn view(&self) -> View {
        View::begin(self.history.newest())
    }

    /// How many rows to ask the database for: those that were deleted since are among them.
    #[must_use]
    pub fn rows_wanted(&self, view: &View, query: &Query) -> usize {
        let deleted = view.writes().deletions(&query.range) + self.pending.deletions(&query.range);
        query.limit.saturating_add(deleted)
    }

    /// What the run sees, given what the database has.
    ///
    /// # Errors
    /// When the rows do not go with what is known here, or with what the run has seen.
    pub fn read(&self, view: &mut View, query: &Query, rows: Rows) -> Result<Vec<Entry>, Missed> {
        // What became durable after the rows were read is in neither.
        let range = Reads::of(query.range.clone());
        if self.history.check(&range, rows.as_of, self.durable).is_err() {
            return Err(Missed::Again);
        }
        let as_of = self.history.newest().max(rows.as_of);
        let known = match rows.entries.last() {
            _ if rows.is_all => query.range.clone(),
            Some((last, _)) => query.up_to(last),
            None => return Err(Missed::Again),
        };
        let stored = self.pending.over(&known, query.reversed, rows.entries.into_iter());
        let seen = view.writes().over(&known, query.reversed, stored).take(query.limit);
        let seen: Vec<Entry> = seen.collect();
        let looked_at = match seen.last() {
            // It stopped at the last that it took.
            Some((last, _)) if seen.len() == query.limit => query.up_to(last),
            _ if rows.is_all => known,
            _ => return Err(Missed::Again),
        };
        view.saw(looked_at, as_of, &self.history).map_err(Missed::Conflict)?;
        Ok(seen)
    }

    /// The run ended well: from now on others see what it wrote. The commit whose durability its answer waits for.
    ///
    /// # Errors
    /// When what it read was written meanwhile.
    pub fn commit(&mut self, view: &View) -> Result<Csn, Conflict> {
        let csn = view.commit(&mut self.history)?;
        for (key, value) in view.writes().iter() {
            self.pending.put(key.clone(), value.cloned());
        }
        Ok(csn)
    }

    /// The database has all commits up to `csn`.
    pub fn is_durable(&mut self, csn: Csn) {
        for key in self.history.written(self.durable, csn) {
            if self.history.last_writer(key).is_none_or(|last| last <= csn) {
                self.pending.forget(key);
            }
        }
        self.durable = self.durable.max(csn);
    }

    /// Forgets its oldest commits until what it knows takes no more than `bytes_max`; what is not durable is kept.
    pub fn forget(&mut self, bytes_max: usize) {
        self.history.forget(bytes_max, self.durable);
    }
}

impl Query {
    /// Its range as far as `last`, and no further.
    fn up_to(&self, last: &Key) -> Range {
        let mut range = self.range.clone();
        if self.reversed {
            range.from = last.clone();
        } else {
            range.to = Some(last.next());
        }
        range
    }
}
