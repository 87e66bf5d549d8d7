//! The spaces of all apps, as this server knows them.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use super::app::{AppSpace, Known, State, next_epoch};
use super::cache::{Cache, Part};
use super::lost::Lost;
use super::mail::Post;
use super::queries;
use super::queue::{Item, Queue};
use super::usage::{self, CollectionUsage, Usage};
use crate::commit::messages::lines::queries as lines;
use crate::data::key::Key;
use crate::data::space::{Found, Query, Rows, Space};
use crate::ids::AppId;
use crate::random;
use crate::store::Db;

/// How long a server that is one of several has the turn to commit to an app's space.
const TURN: Duration = Duration::from_millis(50);
/// The same as databases count.
const TURN_US: i64 = 50_000;
const _: () = assert!(TURN.as_micros() == TURN_US.unsigned_abs() as u128);
/// From now on it is anybody's.
const TURN_IS_OVER_US: i64 = -1;
/// Of that, what may pass between two clocks, and until a commit is on its way.
const TURN_MARGIN: Duration = Duration::from_millis(10);
/// After so long a server gives its turn back, whatever it has left to commit.
const TURN_MAX: Duration = Duration::from_millis(250);
/// And rests so long before it asks for it again: others ask more often.
const TURN_REST: Duration = Duration::from_millis(5);
/// How long to wait before a turn that is another's is asked for again.
const TURN_PAUSE: Duration = Duration::from_millis(2);
/// How long the turn is asked for.
const TURN_WAIT_MAX: Duration = Duration::from_secs(5);

/// An app that nobody wanted for at least so long, and at most twice, is forgotten.
const IDLE_MIN: Duration = Duration::from_mins(1);

/// What may wait to be written, of all apps.
const WAITING_BYTES_MAX: usize = 64 << 20;

/// What apps may keep, and what is kept of it in memory.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// Keys of one app.
    pub keys: u64,
    /// Bytes of one app, keys included.
    pub bytes: u64,
    /// Bytes in memory of what was read or written lately, of all apps.
    pub cache_bytes: u64,
}

/// The spaces of all apps.
pub struct Spaces {
    /// None: nothing outlives the process.
    pub(super) db: Option<Db>,
    pub(super) queue: Queue,
    /// Something was written that expires.
    pub(super) expires: Notify,
    /// Something was sent.
    pub(super) post: Post,
    apps: Mutex<Apps>,
    cache: Cache,
    quota: Quota,
    /// Names this server among those of one database.
    server: i64,
}

struct Apps {
    known: HashMap<AppId, Arc<AppSpace>>,
    looked_over: Instant,
}

impl Spaces {
    /// Of what `db` has; without one, of nothing that outlives the process.
    #[must_use]
    pub fn new(db: Option<Db>, quota: Quota) -> Self {
        Self {
            db,
            queue: Queue::default(),
            expires: Notify::new(),
            post: Post::default(),
            apps: Mutex::new(Apps {
                known: HashMap::new(),
                looked_over: Instant::now(),
            }),
            cache: Cache::new(quota.cache_bytes),
            quota,
            server: random::draw().cast_signed(),
        }
    }

    pub(super) fn app(&self, id: AppId) -> Arc<AppSpace> {
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a database what is known of one is all there is.
        if self.db.is_some() && apps.looked_over.elapsed() > IDLE_MIN {
            apps.looked_over = Instant::now();
            // Whoever uses one has it; what is known of the others can be found out again.
            let is_used = |app: &Arc<AppSpace>| Arc::strong_count(app) > 1 || app.wanted.swap(false, Ordering::Relaxed);
            apps.known.retain(|_, app| is_used(app));
            apps.known.shrink_to_fit();
        }
        let app = apps.known.entry(id).or_insert_with(|| Arc::new(AppSpace::new(id)));
        app.wanted.store(true, Ordering::Relaxed);
        Arc::clone(app)
    }

    /// Keys and bytes that an app may keep.
    pub(super) const fn quota(&self) -> (u64, u64) {
        (self.quota.keys, self.quota.bytes)
    }

    /// What an app keeps, as far as it is durable, and what it may keep.
    ///
    /// # Errors
    /// When the database cannot be had, or there is no such app.
    pub async fn usage(&self, app: AppId) -> Result<Usage, Lost> {
        let [bytes, keys, kv_bytes, kv_keys] = match &self.db {
            Some(db) => {
                let usage = usage::queries::usage(db, app).await.map_err(unavailable)?;
                usage.ok_or(Lost::Gone)?
            }
            None => [0; 4],
        };
        let (keys_max, bytes_max) = self.quota();
        Ok(Usage {
            bytes,
            bytes_max,
            keys,
            keys_max,
            kv_bytes,
            kv_keys,
        })
    }

    /// The first collections of an app after `after`, by name, and what they take, as far as it is durable.
    ///
    /// # Errors
    /// When the database cannot be had.
    pub async fn collections(&self, app: AppId, after: &str, limit: usize) -> Result<Vec<CollectionUsage>, Lost> {
        match &self.db {
            Some(db) => usage::queries::list(db, app, after, limit).await.map_err(unavailable),
            None => Ok(Vec::new()),
        }
    }

    /// What is in memory of an app's space.
    pub(super) const fn cache(&self, app: AppId, epoch: u64) -> Part<'_> {
        self.cache.part(app, epoch)
    }

    /// Waits until something is written that expires.
    pub(crate) async fn expiring(&self) {
        self.expires.notified().await;
    }

    /// How many messages an app has, the dead ones included, and what they come to; as it was a moment ago.
    ///
    /// # Errors
    /// When the database cannot be had.
    pub async fn messages(&self, app: AppId) -> Result<(u64, u64), Lost> {
        if let Some(held) = self.post.held(app) {
            return Ok(held);
        }
        let Some(db) = &self.db else { return Ok((0, 0)) };
        let (messages, bytes) = lines::held(db, app).await.map_err(unavailable)?;
        let held = (messages.unsigned_abs(), bytes.unsigned_abs());
        self.post.holds(app, held);
        Ok(held)
    }

    /// What was sent, for whoever hands it out.
    #[must_use]
    pub const fn post(&self) -> &Post {
        &self.post
    }

    /// Names this server among those of one database.
    pub(crate) const fn server(&self) -> i64 {
        self.server
    }

    /// Whether more waits to be written than may: no run is to begin that would add to it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.queue.bytes() > WAITING_BYTES_MAX
    }

    /// Something of what is known of the app, which is found out when it is not.
    pub(super) async fn known<T>(&self, app: &AppSpace, look: impl Fn(u64, &Space) -> T) -> Result<T, Lost> {
        loop {
            let generation = {
                let state = app.lock();
                if let Some(known) = &state.known {
                    return Ok(look(state.generation, &known.space));
                }
                state.generation
            };
            let known = match &self.db {
                None => Known::new(0, (0, 0), Some(for_ever())),
                Some(db) => {
                    let clock = queries::clock(db, app.id)
                        .await
                        .map_err(unavailable)?
                        .ok_or(Lost::Gone)?;
                    Known::new(clock.csn(), clock.usage(), lasting(db))
                }
            };
            let mut state = app.lock();
            if state.generation == generation {
                state.known.get_or_insert(known);
            }
        }
    }

    pub(super) async fn ask_points(
        &self,
        app: &AppSpace,
        asked: Vec<Key>,
        bytes_max: usize,
    ) -> Result<(Found, Option<usize>), Lost> {
        let Some(db) = &self.db else {
            let (entries, as_of) = (Vec::new(), 0);
            return Ok((Found { entries, asked, as_of }, None));
        };
        queries::points(db, app.id, asked, bytes_max).await.map_err(unavailable)
    }

    /// How long the values are that the database has under `keys`.
    pub(super) async fn ask_sizes(&self, app: &AppSpace, keys: &[Key]) -> Result<HashMap<Key, usize>, Lost> {
        let Some(db) = &self.db else { return Ok(HashMap::new()) };
        let sizes = usage::queries::sizes(db, app.id, keys).await.map_err(unavailable)?;
        let value = |(key, bytes): (Vec<u8>, i64)| {
            let bytes = usize::try_from(bytes).unwrap_or(0).saturating_sub(key.len());
            (key.into(), bytes)
        };
        Ok(sizes.into_iter().map(value).collect())
    }

    pub(super) async fn ask_range(&self, app: &AppSpace, query: &Query, wanted: queries::Wanted) -> Result<Rows, Lost> {
        match &self.db {
            Some(db) => queries::range(db, app.id, query, wanted).await.map_err(unavailable),
            None => Ok(Rows {
                entries: Vec::new(),
                is_all: true,
                is_cut: false,
                as_of: 0,
            }),
        }
    }

    /// Another server has committed: what it wrote is found out.
    pub(super) async fn follow(&self, app: &AppSpace) -> Result<(), Lost> {
        let Some(db) = &self.db else { return Ok(()) };
        let (generation, newest) = {
            let state = app.lock();
            let Some(known) = &state.known else { return Ok(()) };
            (state.generation, known.space.newest())
        };
        let log = queries::log_since(db, app.id, newest).await.map_err(unavailable)?;
        let mut state = app.lock();
        let State {
            generation: now,
            known,
            epoch,
        } = &mut *state;
        let known = known
            .as_mut()
            .filter(|known| *now == generation && known.space.newest() == newest);
        let Some(known) = known else { return Ok(()) };
        let Some(log) = log.filter(|_| known.space.is_settled()) else {
            // It committed in this server's turn, or the log does not reach so far back.
            drop(state);
            app.forget(generation);
            return Ok(());
        };
        *epoch = next_epoch();
        for (csn, keys) in log {
            known.space.follow(csn, keys);
        }
        Ok(())
    }

    /// Sees to it that nobody else commits to the app's space for a while.
    pub(super) async fn take_turn(&self, app: &AppSpace) -> Result<(), Lost> {
        let began = Instant::now();
        let mut asks = None;
        loop {
            let (generation, newest, settled, rests_until) = {
                let state = app.lock();
                let Some(known) = &state.known else { return Ok(()) };
                if known.has_turn() {
                    return Ok(());
                }
                let (newest, settled) = (known.space.durable(), known.space.is_settled());
                (state.generation, newest, settled, known.rests_until)
            };
            if asks.is_none() {
                // Whoever asked before has it for all.
                asks = Some(app.asks.lock().await);
                continue;
            }
            sleep_until(rests_until).await;
            let db = self.db.as_ref().expect("without a database the turn lasts");
            let asked = Instant::now();
            let clock = queries::take_turn(db, app.id, self.turn()).await.map_err(unavailable)?;
            match clock {
                Some(clock) if clock.csn() == newest => {
                    let mut state = app.lock();
                    if state.generation == generation
                        && let Some(known) = &mut state.known
                    {
                        if !known.has_turn() {
                            known.turn_since = asked;
                        }
                        known.turn = Some(until(db, asked));
                    }
                    return Ok(());
                }
                Some(_) if settled => self.follow(app).await?,
                Some(_) => app.forget(generation),
                None if began.elapsed() > TURN_WAIT_MAX => return Err(Lost::Overtaken(None)),
                None => sleep(TURN_PAUSE).await,
            }
        }
    }

    const fn turn(&self) -> queries::Turn {
        queries::Turn {
            server: self.server,
            us: TURN_US,
        }
    }

    /// The turn as it goes on with another group of commits, or ends with it.
    pub(super) fn next_turn(&self, app: &AppSpace) -> queries::Turn {
        let has_had_enough = app
            .lock()
            .known
            .as_ref()
            .is_some_and(|known| known.turn_since.elapsed() > TURN_MAX);
        let us = if has_had_enough { TURN_IS_OVER_US } else { TURN_US };
        queries::Turn { us, ..self.turn() }
    }

    /// A commit is on its way.
    pub(super) fn push(&self, item: Item) {
        if self.db.is_some() {
            return self.queue.push(item);
        }
        // What is pending is all there is.
        let durable = item.csn;
        item.app.progress.send_modify(|progress| progress.durable = durable);
        let _ = item.done.send(Ok(()));
    }
}

/// Until when a turn lasts that nobody has to be asked for.
fn lasting(db: &Db) -> Option<Instant> {
    // A file has one server.
    matches!(db, Db::Sqlite { .. }).then(for_ever)
}

/// Until when a turn lasts that was asked for then.
fn until(db: &Db, asked: Instant) -> Instant {
    lasting(db).unwrap_or(asked + TURN - TURN_MARGIN)
}

fn for_ever() -> Instant {
    Instant::now() + Duration::from_secs(u32::MAX.into())
}

/// Notes how a turn goes on that was asked for then.
pub(super) fn go_on(db: &Db, known: &mut Known, turn: queries::Turn, asked: Instant) {
    if turn.us == TURN_IS_OVER_US && lasting(db).is_none() {
        known.turn = None;
        known.rests_until = Instant::now() + TURN_REST;
    } else {
        known.turn = Some(until(db, asked));
    }
}

pub(super) fn unavailable(error: sqlx::Error) -> Lost {
    match error {
        // The app's clock is not there.
        sqlx::Error::RowNotFound => Lost::Gone,
        error => Lost::Unavailable(Arc::new(error)),
    }
}
