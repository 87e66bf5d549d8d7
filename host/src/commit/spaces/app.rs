//! What this server knows of one app's space, and who waits for what of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Line, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, watch};
use tokio::time::{Instant, timeout};

use crate::data::history::Csn;
use crate::data::key::Key;
use crate::data::space::Space;
use crate::ids::AppId;

/// Keys that runs wait in line for, at most.
const LINES_MAX: usize = 1024;
/// A key that nobody lost on for so long is like any other.
const LINE_KEPT: Duration = Duration::from_secs(1);

/// One app's space.
pub(super) struct AppSpace {
    pub(super) id: AppId,
    /// Whether anybody wanted it since that was last asked.
    pub(super) wanted: AtomicBool,
    state: Mutex<State>,
    /// Held by the one who asks for the turn, for all who wait for it.
    pub(super) asks: Line<()>,
    /// How far its commits are durable.
    pub(super) progress: watch::Sender<Progress>,
    /// Keys that runs lost on lately.
    lines: Mutex<HashMap<Key, Lined>>,
    /// Held by all who commit, or by the one that lost too often.
    alone: Arc<RwLock<()>>,
}

/// What is known of it; forgotten when the database turns out to be elsewhere.
pub(super) struct State {
    /// Grows when it is forgotten: whoever saw it before begins anew.
    pub(super) generation: u64,
    /// Names what is cached of it.
    pub(super) epoch: u64,
    pub(super) known: Option<Known>,
}

/// What is known of it.
pub(super) struct Known {
    pub(super) space: Space,
    /// What its entries take, as far as they are durable, and how many they are.
    pub(super) bytes: u64,
    pub(super) keys: u64,
    /// What is written and not durable, at most: nobody knows yet what of it was there.
    pub(super) pending_bytes: u64,
    pub(super) pending_keys: u64,
    /// Until when nobody else commits to it.
    pub(super) turn: Option<Instant>,
    /// Since when that has been so, and the turn was not given back.
    pub(super) turn_since: Instant,
    /// Until when others are to have their turn.
    pub(super) rests_until: Instant,
}

/// How far commits are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) generation: u64,
    pub(super) durable: Csn,
}

/// Lines are for fewer repetitions, and no more: nobody waits in one for longer.
const WAIT_MAX: Duration = Duration::from_secs(5);

struct Lined {
    line: Arc<Line<()>>,
    until: Instant,
}

/// A place at the head of a line; the next one's turn is when it is dropped.
pub(super) type Head = OwnedMutexGuard<()>;
/// Nobody else commits while it is held.
pub(super) type Alone = OwnedRwLockWriteGuard<()>;
/// Nobody is alone while it is held.
pub(super) type Together = OwnedRwLockReadGuard<()>;

impl Known {
    pub(super) fn new(csn: Csn, (bytes, keys): (u64, u64), turn: Option<Instant>) -> Self {
        Self {
            space: Space::new(csn),
            bytes,
            keys,
            pending_bytes: 0,
            pending_keys: 0,
            turn,
            turn_since: Instant::now(),
            rests_until: Instant::now(),
        }
    }

    /// Whether what is not durable is sure to be what nobody else wrote.
    pub(super) fn is_sure(&self) -> bool {
        self.space.is_settled() || self.has_turn()
    }

    /// Whether nobody else commits now.
    pub(super) fn has_turn(&self) -> bool {
        self.turn.is_some_and(|until| Instant::now() < until)
    }
}

/// One that nothing is cached of.
pub(super) fn next_epoch() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl AppSpace {
    pub(super) fn new(id: AppId) -> Self {
        let (generation, durable) = (0, 0);
        Self {
            id,
            wanted: AtomicBool::new(true),
            state: Mutex::new(State {
                generation,
                epoch: next_epoch(),
                known: None,
            }),
            asks: Line::default(),
            progress: watch::Sender::new(Progress { generation, durable }),
            lines: Mutex::default(),
            alone: Arc::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in there is left half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all that is known, if it is still of that generation.
    pub(super) fn forget(&self, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.generation += 1;
            state.epoch = next_epoch();
            state.known = None;
            let generation = state.generation;
            self.progress.send_replace(Progress { generation, durable: 0 });
        }
    }

    /// Waits until what is known and not durable will be, or is known to be nothing.
    pub(super) async fn sure(&self) {
        let is_sure = || self.lock().known.as_ref().is_none_or(Known::is_sure);
        if is_sure() {
            return;
        }
        let mut progress = self.progress.subscribe();
        // What moved on before it was subscribed to is seen by the second look.
        while !is_sure() && progress.changed().await.is_ok() {}
    }

    /// Waits until commit `csn` is durable; whether that came about.
    pub(super) async fn durable(&self, generation: u64, csn: Csn) -> bool {
        let mut progress = self.progress.subscribe();
        let over = progress.wait_for(|now| now.generation != generation || now.durable >= csn);
        over.await.is_ok_and(|now| now.generation == generation)
    }

    /// Somebody lost on `key`: others wait in line for it from now on. The place at its head.
    pub(super) async fn stand_in_line(&self, key: &Key) -> Option<Head> {
        let line = {
            let mut lines = self.lines();
            let now = Instant::now();
            if lines.len() >= LINES_MAX {
                lines.retain(|_, lined| lined.until > now || Arc::strong_count(&lined.line) > 1);
            }
            let stand = lines.entry(key.clone()).or_insert_with(|| Lined {
                line: Arc::default(),
                until: now,
            });
            stand.until = now + LINE_KEPT;
            Arc::clone(&stand.line)
        };
        timeout(WAIT_MAX, line.lock_owned()).await.ok()
    }

    /// The place at the head of the line for one of `keys`, if runs wait for it.
    pub(super) async fn join_line(&self, keys: &[Key]) -> Option<Head> {
        let line = {
            let mut lines = self.lines();
            if lines.is_empty() {
                return None;
            }
            let now = Instant::now();
            let key = keys.iter().find(|key| lines.contains_key(*key))?;
            let stand = &lines[key];
            if stand.until < now && Arc::strong_count(&stand.line) == 1 {
                lines.remove(key);
                return None;
            }
            Arc::clone(&stand.line)
        };
        timeout(WAIT_MAX, line.lock_owned()).await.ok()
    }

    /// Waits until nobody else commits, or as long as one waits.
    pub(super) async fn alone(&self) -> Option<Alone> {
        timeout(WAIT_MAX, Arc::clone(&self.alone).write_owned()).await.ok()
    }

    /// Waits until nobody is alone, or as long as one waits.
    pub(super) async fn together(&self) -> Option<Together> {
        timeout(WAIT_MAX, Arc::clone(&self.alone).read_owned()).await.ok()
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Key, Lined>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
