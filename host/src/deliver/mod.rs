//! Hands what is on its way to the scripts that it is for, and has schedules fire. Nothing here asks every now and then: a
//! commit that sends wakes it, and the database says when something is due next.
//!
//! ```text
//! commit ─ Post ─▶ Deliverer ─▶ a worker for each line ─ lease ─▶ dispatch ─▶ done, by the run's own commit
//!      next due ─▶     │                                     │        └─▶ failed: again later, or dead
//!                      │                                     └─▶ outbox ─▶ a request is sent: the same
//!                      └─ schedules that are due ─▶ messages, handed out as they come where nothing else waits
//! ```
//!
//! *Invariant*: what is handed out is leased in the database: a server that is gone holds nothing for longer than a lease.

mod handle;
mod held;
mod outbox;
mod presence;
mod ticker;
mod why;
mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::held::Held;
use self::presence::Presence;
use self::ticker::Fired;
use crate::commit::messages::attempts::queries as attempts;
use crate::commit::messages::lines::queries as lines;
use crate::commit::messages::{Leased, Line};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::store::Db;
use crate::triggers::{Delivery, queries as triggers};

/// How long a server has a message without saying so again.
const LEASE_MS: i64 = 10_000;
/// Lines that are looked for at once.
const LINES_AT_ONCE: i64 = 500;
/// Between two looks at what is due.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// How long to wait before the database is asked again when it cannot be had.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// As long as it sleeps at most, whatever the clocks say; another server's death is noticed so late.
const SLEEP_MAX: Duration = Duration::from_mins(10);
/// The same where other servers may be gone.
const SLEEP_MAX_OF_MANY: Duration = Duration::from_secs(5);

/// What hands out messages on this server.
pub(crate) struct Deliverer {
    host: Host,
    workers: Mutex<HashMap<(AppId, Line), Arc<Again>>>,
    held: Arc<Held>,
    tasks: TaskTracker,
    stop: Stop,
}

/// When it ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    /// Nothing more is handed out; what is being handled comes to its end.
    pub(crate) politely: CancellationToken,
    /// That is dropped, too.
    pub(crate) at_once: CancellationToken,
}

/// Who handles the messages of a line, and how.
#[derive(Clone)]
struct Policy {
    /// Of the outbox: whom they go to.
    script: Arc<str>,
    delivery: Delivery,
}

/// A message that was handed out beforehand, with all that its run needs.
struct Handed {
    app: AppId,
    leased: Leased,
    policy: Policy,
    /// Until it ended.
    permit: OwnedSemaphorePermit,
}

/// Tells a worker that there may be more.
#[derive(Default)]
struct Again {
    is_said: AtomicBool,
    handed: Mutex<Vec<Handed>>,
    told: Notify,
}

/// Hands out messages until `stop`, and then lets what is being handled come to its end.
pub(crate) async fn run(host: Host, stop: Stop) {
    let deliverer = Arc::new(Deliverer {
        host,
        workers: Mutex::default(),
        held: Arc::default(),
        tasks: TaskTracker::new(),
        stop,
    });
    deliverer.take_over().await;
    let handing_out = async {
        let looking = deliverer.look_on();
        deliverer.stop.politely.run_until_cancelled(looking).await;
        deliverer.tasks.close();
        deliverer.tasks.wait().await;
    };
    tokio::select! {
        () = handing_out => {}
        () = deliverer.held.renew(&deliverer.host) => {}
    }
}

impl Deliverer {
    /// A file has one server: what another one had is lost.
    async fn take_over(&self) {
        if let Db::Sqlite { .. } = &self.host.db
            && let Err(error) = attempts::take_over(&self.host.db).await
        {
            tracing::error!(
                "what was being handled when the server ended is handed out when its lease is over: {error}"
            );
        }
    }

    async fn look_on(self: &Arc<Self>) {
        let post = self.host.spaces.post();
        let mut presence = Presence::default();
        loop {
            if let Err(error) = presence.look(&self.host.db, self.host.spaces.server()).await {
                tracing::warn!("it cannot be told which servers are there, for now: {error}");
            }
            for line in post.take() {
                self.look_at(line);
            }
            let pause = match self.look_at_due().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!("what is due cannot be looked at, for now: {error}");
                    RETRY_PAUSE
                }
            };
            tokio::select! {
                () = post.wait() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Looks at all that is due; how long until more is.
    async fn look_at_due(self: &Arc<Self>) -> sqlx::Result<Duration> {
        let db = &self.host.db;
        loop {
            let Fired { handed, more } = ticker::fire(&self.host, self.now_ms()).await?;
            for handed in handed {
                self.hand_over(handed);
            }
            if !more {
                break;
            }
        }
        let now_ms = self.now_ms();
        for line in self.host.spaces.post().take() {
            self.look_at(line);
        }
        let due = lines::due(db, now_ms, LINES_AT_ONCE).await?;
        let any = !due.is_empty();
        for line in due {
            self.look_at(line);
        }
        let next = [lines::next_due(db).await?, triggers::next_due(db).await?];
        let next = next.into_iter().flatten().min();
        let most = match db {
            Db::Sqlite { .. } => SLEEP_MAX,
            Db::Postgres(_) => SLEEP_MAX_OF_MANY,
        };
        let until = next.map_or(most, |at_ms| {
            Duration::from_millis(u64::try_from(at_ms.saturating_sub(self.now_ms())).unwrap_or(0))
        });
        let least = if any { LOOK_PAUSE } else { Duration::ZERO };
        Ok(until.clamp(least, most))
    }

    /// Has a worker look at a line.
    fn look_at(self: &Arc<Self>, line: (AppId, Line)) {
        self.tell(line, Again::say);
    }

    /// Has a worker handle what was handed out already.
    fn hand_over(self: &Arc<Self>, handed: Handed) {
        let line = (handed.app, handed.leased.handle.line.clone());
        self.tell(line, |again| again.hand_over(handed));
    }

    /// Tells a line's worker something; if it has none, a new one.
    fn tell(self: &Arc<Self>, line: (AppId, Line), what: impl FnOnce(&Again)) {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(again) = workers.get(&line) {
            what(again);
            return;
        }
        let again = Arc::new(Again::default());
        what(&again);
        workers.insert(line.clone(), Arc::clone(&again));
        drop(workers);
        let working = worker::work(Arc::clone(self), line, again);
        let stop = self.stop.at_once.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(working).await });
    }

    /// A worker has nothing to do; whether it may end.
    fn may_end(&self, line: &(AppId, Line), again: &Again) -> bool {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = !again.has_more();
        if ends {
            workers.remove(line);
        }
        ends
    }

    fn now_ms(&self) -> i64 {
        self.host.clock.now_us() / 1000
    }
}

impl Again {
    fn say(&self) {
        self.is_said.store(true, Ordering::Release);
        self.told.notify_one();
    }

    fn hand_over(&self, handed: Handed) {
        self.handed().push(handed);
        self.told.notify_one();
    }

    fn was_said(&self) -> bool {
        self.is_said.swap(false, Ordering::AcqRel)
    }

    fn has_more(&self) -> bool {
        self.is_said.load(Ordering::Acquire) || !self.handed().is_empty()
    }

    fn handed(&self) -> MutexGuard<'_, Vec<Handed>> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
