//! An app's space as this process knows it: what is committed and not durable yet, over what the database has.
//!
//! A commit is visible to other runs as soon as it has its number; whoever is told of it waits until the database has it.

use super::history::{Conflict, Csn, History};
use super::key::{Key, Range};
use super::reads::Reads;
use super::view::View;
use super::writes::{Entry, Value, Writes};

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
    /// Whether they are fewer than were asked for, as they are large.
    pub is_cut: bool,
    /// The last commit that the database had then.
    pub as_of: Csn,
}

/// The entries that a run sees, and the last place that was looked at, when there may be more.
pub type Seen = (Vec<Entry>, Option<Key>);

/// What the database answered to a question for some keys.
#[derive(Debug, Clone)]
pub struct Found {
    /// Those that are there, in order.
    pub entries: Vec<Entry>,
    /// The keys that were asked for, in order.
    pub asked: Vec<Key>,
    /// The last commit that the database had then.
    pub as_of: Csn,
}

/// What there is to say of some keys.
#[derive(Debug)]
pub enum Looked {
    /// What is stored under each, in the order of the question.
    Seen(Vec<Option<Value>>),
    /// These have to be asked for.
    Ask(Vec<Key>),
}

/// Why a run is not told what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// The rows are too few or too old to go with what is known here: ask the database once more.
    Again,
    /// The database has commits that are not known here: another server's.
    Behind,
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

    /// The last commit, durable or not.
    #[must_use]
    pub const fn newest(&self) -> Csn {
        self.history.newest()
    }

    /// Whether something in `range` is committed and not durable yet: whoever tells of it has to wait.
    #[must_use]
    pub fn is_pending(&self, range: &Range) -> bool {
        self.pending.touches(range)
    }

    /// Whether all commits are durable.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.pending.is_empty() && self.durable == self.history.newest()
    }

    /// The last commit that the database is known to have.
    #[must_use]
    pub const fn durable(&self) -> Csn {
        self.durable
    }

    /// All that is committed and not durable, in order.
    pub fn pending(&self) -> impl Iterator<Item = (&Key, Option<&Value>)> {
        self.pending.iter()
    }

    /// What the run sees under each of `keys`: its own writes, what is not durable yet, what `cached` knows, and what the
    /// database was `found` to have. When some of it is not known, nothing is seen.
    ///
    /// # Errors
    /// When what was found does not go with what is known here, or with what the run has seen.
    pub fn points(
        &self,
        view: &mut View,
        keys: &[Key],
        cached: impl Fn(&Key) -> Option<Option<Value>>,
        found: Option<&Found>,
    ) -> Result<Looked, Missed> {
        if let Some(found) = found {
            self.fits(&Reads::of_keys(&found.asked), found.as_of)?;
        }
        let answered = |key: &Key| {
            let found = found.filter(|found| found.asked.binary_search(key).is_ok())?;
            let place = found.entries.binary_search_by(|(stored, _)| stored.cmp(key));
            Some(place.ok().map(|place| found.entries[place].1.clone()))
        };
        let (mut seen, mut ask) = (Vec::with_capacity(keys.len()), Vec::new());
        for key in keys {
            let own = view.writes().get(key).or_else(|| self.pending.get(key));
            let known = own.map(Option::<&Value>::cloned);
            match known.or_else(|| cached(key)).or_else(|| answered(key)) {
                Some(value) => seen.push(value),
                None => ask.push(key.clone()),
            }
        }
        if !ask.is_empty() {
            ask.sort();
            ask.dedup();
            return Ok(Looked::Ask(ask));
        }
        for key in keys {
            // What it wrote itself, it knows whatever others do.
            if view.writes().get(key).is_none() {
                view.saw(Range::point(key.clone()), self.history.newest(), &self.history)
                    .map_err(Missed::Conflict)?;
            }
        }
        Ok(Looked::Seen(seen))
    }

    /// Whether what the database said of `reads`, as of a commit, with what is pending is what there is now.
    fn fits(&self, reads: &Reads, as_of: Csn) -> Result<(), Missed> {
        if as_of > self.history.newest() {
            return Err(Missed::Behind);
        }
        // What became durable after the rows were read is in neither.
        self.history
            .check(reads, as_of, self.durable)
            .map_err(|_| Missed::Again)
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
    pub fn read(&self, view: &mut View, query: &Query, rows: Rows) -> Result<Seen, Missed> {
        self.fits(&Reads::of(query.range.clone()), rows.as_of)?;
        let stored_last = rows.entries.last().map(|(last, _)| last.clone());
        let known = match &stored_last {
            _ if rows.is_all => query.range.clone(),
            Some(last) => query.up_to(last),
            None => return Err(Missed::Again),
        };
        let stored = self.pending.over(&known, query.reversed, rows.entries.into_iter());
        let seen = view.writes().over(&known, query.reversed, stored).take(query.limit);
        let seen: Vec<Entry> = seen.collect();
        let (looked_at, last) = match seen.last() {
            // It stopped at the last that it took.
            Some((last, _)) if seen.len() == query.limit => (query.up_to(last), Some(last.clone())),
            _ if rows.is_all => (known, None),
            _ if rows.is_cut => (known, stored_last),
            _ => return Err(Missed::Again),
        };
        view.saw(looked_at, self.history.newest(), &self.history)
            .map_err(Missed::Conflict)?;
        Ok((seen, last))
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

    /// Another server has committed: the commits after the last that is known here, up to `csn`, wrote `keys`.
    ///
    /// # Panics
    /// When commits of this server are not durable: then it cannot be.
    pub fn follow(&mut self, csn: Csn, keys: Vec<Key>) {
        assert!(self.is_settled(), "two servers commit at a time");
        while self.history.newest() + 1 < csn {
            self.history.append([]);
        }
        if self.history.newest() < csn {
            self.history.append(keys);
        }
        self.durable = self.history.newest();
    }

    /// Forgets its oldest commits until what it knows takes no more than `bytes_max`; what is not durable is kept.
    pub fn forget(&mut self, bytes_max: usize) {
        self.history.forget(bytes_max, self.durable);
    }
}

impl Query {
    /// From now on it is about what comes after `last`.
    pub fn go_on_after(&mut self, last: &Key) {
        if self.reversed {
            self.range.to = Some(last.clone());
        } else {
            self.range.from = last.next();
        }
    }

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
