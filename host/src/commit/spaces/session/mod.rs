//! One attempt's access to its app's space: what it reads is as of one commit, what it writes is seen by itself alone.

mod mail;
mod room;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::app::{Alone, AppSpace, Head, Known};
use super::lost::{Full, Lost, TooLarge};
use super::mail::Mail;
use super::queries::Wanted;
use super::queue::Item;
use super::spaces::Spaces;
use super::waiting::Waiting;
use crate::commit::Record;
use crate::data::history::{Conflict, Csn};
use crate::data::key::{Key, Range};
use crate::data::space::{Found, Looked, Missed, Query, Rows, Seen, Space};
use crate::data::view::View;
use crate::data::writes::{Value, Writes};
use crate::ids::AppId;

/// Attempts at one thing; whoever is overtaken so often is refused.
pub const ATTEMPTS_MAX: u32 = 10;
/// From this attempt on nobody else of the app commits meanwhile, on this server.
const ALONE_FROM: u32 = 4;
/// Tries at a read that goes with nothing.
const TRIES_MAX: u32 = 100;

/// What is stored under each of some keys.
pub(super) type Points = Vec<Option<Value>>;

/// One attempt's access. Dropped without [`Session::commit`], nothing was.
pub struct Session {
    spaces: Arc<Spaces>,
    app: Arc<AppSpace>,
    begun: Option<Begun>,
    /// Lost keys it has the head of the line for, from its beginning or from its first read of one.
    heads: Vec<Head>,
    alone: Option<Alone>,
    /// Whether it stands in line for keys that others lost on.
    stands: bool,
    /// What it sends, and the message that it is for.
    mail: Mail,
}

struct Begun {
    generation: u64,
    view: View,
    /// The last commit that has to be durable before anybody is told.
    told_of: Csn,
    /// How long what is there under written keys is, if anything is, once somebody had to know.
    replaced: BTreeMap<Key, Option<usize>>,
    /// What the app would keep more with what is written, as far as that is known: keys, and bytes.
    grown: (i64, i64),
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("app", &self.app.id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Of an app whose space nobody has looked at yet.
    #[must_use]
    pub fn open(spaces: &Arc<Spaces>, app: AppId) -> Self {
        Self::of(Arc::clone(spaces), spaces.app(app))
    }

    fn of(spaces: Arc<Spaces>, app: Arc<AppSpace>) -> Self {
        Self {
            spaces,
            app,
            begun: None,
            heads: Vec::new(),
            alone: None,
            stands: true,
            mail: Mail::default(),
        }
    }

    /// For an attempt after others were overtaken: waits its turn for the keys that those lost on, or until nobody else of
    /// the app commits.
    pub async fn wait_for_turn(&mut self, lost_on: &[Key], attempt: u32) {
        if attempt >= ALONE_FROM {
            self.alone = self.app.alone().await;
            return;
        }
        // In order, so that no two wait for each other.
        let mut keys: Vec<&Key> = lost_on.iter().collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            self.heads.extend(self.app.stand_in_line(key).await);
        }
    }

    /// What is stored under each of `keys`; of what is not in memory, no more than `bytes_max` is read, and one entry.
    ///
    /// # Errors
    /// When the attempt cannot go on; inside, when it is more.
    pub async fn points(&mut self, keys: &[Key], bytes_max: usize) -> Result<Result<Points, TooLarge>, Lost> {
        self.begin().await?;
        if self.stands && self.heads.is_empty() && self.alone.is_none() {
            self.heads.extend(self.app.join_line(keys).await);
        }
        let mut found: Option<Found> = None;
        let mut cut: Option<usize> = None;
        for _ in 0..TRIES_MAX {
            self.app.sure().await;
            // That there is too much of it is seen as well.
            let looked_at = found
                .as_ref()
                .filter(|_| cut.is_some())
                .map(|found| found.asked.clone());
            match (self.look(looked_at.as_deref().unwrap_or(keys), found.as_ref()), cut) {
                (Ok(Looked::Seen(seen)), None) => return Ok(Ok(seen)),
                (Ok(Looked::Seen(_)), Some(bytes)) => return Ok(Err(TooLarge { bytes })),
                (Ok(Looked::Ask(mut ask)), _) => {
                    // What was found before was not wrong, only not enough.
                    ask.extend(found.into_iter().flat_map(|found| found.asked));
                    ask.sort();
                    ask.dedup();
                    let (asked, bytes) = self.spaces.ask_points(&self.app, ask, bytes_max).await?;
                    (found, cut) = (Some(asked), bytes);
                }
                (Err(missed), _) => {
                    (found, cut) = (None, None);
                    self.catch_up(missed).await?;
                }
            }
        }
        Err(Lost::Overtaken(None))
    }

    fn look(&mut self, keys: &[Key], found: Option<&Found>) -> Result<Looked, Missed> {
        let Self { app, begun, spaces, .. } = self;
        let begun = begun.as_mut().expect("it has begun");
        let mut state = app.lock();
        let (epoch, generation) = (state.epoch, state.generation);
        let known = current(&mut state.known, generation, begun.generation)?;
        if !known.is_sure() {
            return Err(Missed::Again);
        }
        let cache = known.has_turn().then(|| spaces.cache(app.id, epoch));
        let cached = |key: &Key| cache.as_ref()?.get(key);
        let looked = known.space.points(&mut begun.view, keys, cached, found)?;
        if let (Some(cache), Some(found), Looked::Seen(_)) = (&cache, found, &looked) {
            cache.fill(found);
        }
        if matches!(looked, Looked::Seen(_))
            && keys
                .iter()
                .any(|key| known.space.is_pending(&Range::point(key.clone())))
        {
            begun.told_of = known.space.newest();
        }
        Ok(looked)
    }

    /// The entries that `query` is about, fewer when they come to more than `bytes_max`.
    ///
    /// # Errors
    /// When the attempt cannot go on.
    pub async fn range(&mut self, query: &Query, bytes_max: usize) -> Result<Seen, Lost> {
        self.entries(query, (bytes_max, true)).await
    }

    /// The same with no more than their keys; values may be missing.
    ///
    /// # Errors
    /// When the attempt cannot go on.
    pub async fn keys(&mut self, query: &Query, bytes_max: usize) -> Result<Seen, Lost> {
        self.entries(query, (bytes_max, false)).await
    }

    async fn entries(&mut self, query: &Query, (bytes, values): (usize, bool)) -> Result<Seen, Lost> {
        self.begin().await?;
        for _ in 0..TRIES_MAX {
            self.app.sure().await;
            let seen = match self.wanted(query) {
                Ok(rows) => {
                    let wanted = Wanted { rows, bytes, values };
                    let rows = self.spaces.ask_range(&self.app, query, wanted).await?;
                    self.see(query, rows)
                }
                Err(missed) => Err(missed),
            };
            match seen {
                Ok(seen) => return Ok(seen),
                Err(missed) => self.catch_up(missed).await?,
            }
        }
        Err(Lost::Overtaken(None))
    }

    /// How many rows to ask for.
    fn wanted(&mut self, query: &Query) -> Result<usize, Missed> {
        let Self { app, begun, .. } = self;
        let begun = begun.as_mut().expect("it has begun");
        let mut state = app.lock();
        let generation = state.generation;
        let known = current(&mut state.known, generation, begun.generation)?;
        Ok(known.space.rows_wanted(&begun.view, query))
    }

    fn see(&mut self, query: &Query, rows: Rows) -> Result<Seen, Missed> {
        let Self { app, begun, .. } = self;
        let begun = begun.as_mut().expect("it has begun");
        let mut state = app.lock();
        let generation = state.generation;
        let known = current(&mut state.known, generation, begun.generation)?;
        if !known.is_sure() {
            return Err(Missed::Again);
        }
        let seen = known.space.read(&mut begun.view, query, rows)?;
        if known.space.is_pending(&query.range) {
            begun.told_of = known.space.newest();
        }
        Ok(seen)
    }

    /// Writes `value` under `key`, or deletes it, for nobody but itself so far.
    ///
    /// # Errors
    /// When the attempt cannot go on; inside, when the app would keep too much.
    pub async fn put(&mut self, key: Key, value: Option<Value>) -> Result<Result<(), Full>, Lost> {
        self.begin().await?;
        let adds = value.is_some();
        let before = self.own(&key);
        self.restore(key.clone(), Some(value));
        if adds && let Some(full) = self.full()? {
            // At most so much: a closer look tells what of it is new.
            self.weigh().await?;
            if self.full()?.is_some() {
                self.restore(key, before);
                return Ok(Err(full));
            }
        }
        Ok(Ok(()))
    }

    /// How many keys it has written, and what they come to in bytes.
    #[must_use]
    pub fn written(&self) -> (usize, usize) {
        let writes = self.begun.as_ref().map(|begun| begun.view.writes());
        writes.map_or((0, 0), |writes| (writes.len(), writes.bytes()))
    }

    /// Whether it has written `key`.
    #[must_use]
    pub fn has_written(&self, key: &Key) -> bool {
        self.writes().is_some_and(|writes| writes.get(key).is_some())
    }

    /// Whether it has read what is stored under `key`, or that nothing is: then it commits only if that is still so.
    #[must_use]
    pub fn has_seen(&self, key: &Key) -> bool {
        self.begun.as_ref().is_some_and(|begun| begun.view.has_seen(key))
    }

    /// What it wrote under `key`: nothing, a deletion or a value.
    #[must_use]
    pub fn own(&self, key: &Key) -> Option<Option<Value>> {
        self.writes()?.get(key).map(Option::<&Value>::cloned)
    }

    /// It wrote that under `key`, and nothing since.
    pub fn restore(&mut self, key: Key, own: Option<Option<Value>>) {
        let Some(begun) = &mut self.begun else { return };
        begun.weigh_less(&key);
        match own {
            Some(value) => {
                begun.weigh_more(&key, value.as_ref());
                begun.view.put(key, value);
            }
            None => begun.view.forget(&key),
        }
    }

    /// What it has written.
    #[must_use]
    pub fn writes(&self) -> Option<&Writes> {
        self.begun.as_ref().map(|begun| begun.view.writes())
    }

    /// It will wait for something else: it has no turn any more, and others go on.
    pub fn let_others_pass(&mut self) {
        drop((std::mem::take(&mut self.heads), self.alone.take()));
    }

    /// Another one, that looks at what is there now while this one waits; nothing will come of this one, and others need
    /// not wait for it.
    #[must_use]
    pub fn aside(&mut self) -> Self {
        self.let_others_pass();
        let mut look = Self::of(Arc::clone(&self.spaces), Arc::clone(&self.app));
        look.stands = false;
        look
    }

    /// The attempt ended well: what it wrote is a commit, on its way to the database together with its `record`, which is
    /// taken. What it left to others is theirs.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn commit(mut self, record: &mut Option<Record>) -> Result<Waiting, Lost> {
        if !self.mail.is_empty() {
            self.begin().await?;
        }
        let has_mail = !self.mail.is_empty();
        let wrote = self.begun.take_if(|begun| has_mail || !begun.view.writes().is_empty());
        let Some(mut begun) = wrote else {
            return Ok(self.dismiss());
        };
        let _together = match &self.alone {
            None => self.app.together().await,
            Some(_) => None,
        };
        loop {
            self.spaces.take_turn(&self.app).await?;
            let mut state = self.app.lock();
            let generation = state.generation;
            let known = current(&mut state.known, generation, begun.generation).map_err(lost)?;
            if !known.has_turn() {
                continue;
            }
            let csn = known
                .space
                .commit(&begun.view)
                .map_err(|conflict| lost(Missed::Conflict(conflict)))?;
            let writes = begun.view.take_writes();
            known.pending_bytes += writes.bytes() as u64;
            known.pending_keys += writes.len() as u64;
            let (done, told) = oneshot::channel();
            // In order: nobody else has the lock.
            self.spaces.push(Item {
                app: Arc::clone(&self.app),
                generation,
                csn,
                writes,
                mail: std::mem::take(&mut self.mail),
                record: record.take(),
                done,
            });
            return Ok(Waiting::written(told));
        }
    }

    /// The attempt wrote nothing, or came to nothing; what it saw has to have been so all the same.
    pub fn dismiss(self) -> Waiting {
        match self.begun {
            Some(Begun {
                generation, told_of, ..
            }) if told_of > 0 => Waiting::seen(self.app, generation, told_of),
            _ => Waiting::nothing(),
        }
    }

    async fn begin(&mut self) -> Result<(), Lost> {
        if self.begun.is_none() {
            let view = |generation: u64, space: &Space| Begun {
                generation,
                view: space.view(),
                told_of: 0,
                replaced: BTreeMap::new(),
                grown: (0, 0),
            };
            self.begun = Some(self.spaces.known(&self.app, view).await?);
        }
        Ok(())
    }

    async fn catch_up(&self, missed: Missed) -> Result<(), Lost> {
        match missed {
            Missed::Again => Ok(()),
            Missed::Behind => self.spaces.follow(&self.app).await,
            Missed::Conflict(_) => Err(lost(missed)),
        }
    }
}

/// What is known, if it is still what the attempt began with.
fn current(known: &mut Option<Known>, generation: u64, begun: u64) -> Result<&mut Known, Missed> {
    let known = known.as_mut().filter(|_| generation == begun);
    known.ok_or(Missed::Conflict(Conflict::Unknown { from: 0 }))
}

fn lost(missed: Missed) -> Lost {
    match missed {
        Missed::Conflict(Conflict::Written { key, .. }) => Lost::Overtaken(Some(key)),
        _ => Lost::Overtaken(None),
    }
}
