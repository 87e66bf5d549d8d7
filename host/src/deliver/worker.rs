//! One line's worker: leases what is due, has it handled, and ends when there is nothing more.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::handle::handle;
use super::{Again, Deliverer, Policy, RETRY_PAUSE};
use crate::commit::messages::attempts::queries::{self as attempts, Asked};
use crate::commit::messages::{Handle, Leased, Line, Source};
use crate::ids::AppId;
use crate::triggers::{Delivery, queries as triggers};

/// How long a server has a message without saying so again.
const LEASE_MS: i64 = 10_000;
/// How often it says so.
const RENEWAL: Duration = Duration::from_secs(3);
/// So many messages are leased for each run, so that none waits for the database.
const LEASED_PER_RUN: u32 = 4;
/// How often it says that its hands are full.
const FULL: Duration = Duration::from_millis(900);
/// What is in hand at once, in bytes, but for one message.
const HELD_BYTES_MAX: i64 = 2 << 20;

/// What a worker has in hand.
struct Work {
    deliverer: Arc<Deliverer>,
    app: AppId,
    line: Line,
    waiting: VecDeque<Leased>,
    running: JoinSet<i64>,
    held: HashMap<i64, (Handle, i64)>,
    /// That it may have something in hand.
    hand: Option<OwnedSemaphorePermit>,
    renew_at: Instant,
    /// It was said that its hands are full.
    full_until: Instant,
}

pub(super) async fn work(deliverer: Arc<Deliverer>, key: (AppId, Line), again: Arc<Again>) {
    let (app, line) = key.clone();
    let mut work = Work {
        deliverer: Arc::clone(&deliverer),
        app,
        line,
        waiting: VecDeque::new(),
        running: JoinSet::new(),
        held: HashMap::new(),
        hand: None,
        renew_at: Instant::now() + RENEWAL,
        full_until: Instant::now(),
    };
    loop {
        again.was_said();
        let more = match work.policy().await {
            Ok(Some(policy)) if !deliverer.stop.politely.is_cancelled() => work.lease_and_start(&policy).await,
            // It is paused, or deleted, or the server stops: what has not begun is nobody's.
            Ok(_) => {
                work.give_back().await;
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = more {
            tracing::warn!(app.id = %app, "messages cannot be handed out, it is tried again: {error}");
            sleep(RETRY_PAUSE).await;
        }
        if work.running.is_empty() {
            if work.waiting.is_empty() && deliverer.may_end(&key, &again) {
                deliverer.host.spaces.post().look();
                return;
            }
            continue;
        }
        work.wait(&again).await;
    }
}

impl Work {
    /// Who handles messages now; nobody when there is nobody or it is paused.
    async fn policy(&self) -> sqlx::Result<Option<Policy>> {
        let delivery = match self.line.source {
            Source::Later => Some(Delivery::OF_LATER),
            Source::Outbox => Some(Delivery::OF_OUTBOX),
            Source::Request => Some(Delivery::OF_REQUESTS),
            _ => None,
        };
        if let Some(delivery) = delivery {
            let script = Arc::clone(&self.line.name);
            return Ok(Some(Policy { script, delivery }));
        }
        let found = triggers::find(&self.deliverer.host.db, self.app, &self.line).await?;
        Ok(found
            .filter(|(_, paused, _)| !paused)
            .map(|(script, _, settings)| Policy {
                script: script.into(),
                delivery: settings.at_once(),
            }))
    }

    /// Leases what is due, and starts as many runs as there may be.
    async fn lease_and_start(&mut self, policy: &Policy) -> sqlx::Result<()> {
        let at_once = policy.delivery.concurrency;
        // One at a time is one in all, over all servers. Requests wait for others longer than for the database; and clients are
        // told that a server has theirs, which is to mean that it runs or is about to.
        let leased_max = if at_once == 1 || matches!(self.line.source, Source::Outbox | Source::Request) {
            at_once
        } else {
            at_once * LEASED_PER_RUN
        };
        let bytes_left = HELD_BYTES_MAX - self.held.values().map(|(_, bytes)| bytes).sum::<i64>();
        // Half of them at once, but for those that may take long while others could run.
        let held_max = if self.line.source == Source::Request {
            leased_max - 1
        } else {
            leased_max / 2
        };
        let has_room = self.held.len() <= held_max as usize && bytes_left > 0;
        if has_room && self.takes_hand().await {
            let host = &self.deliverer.host;
            let now_ms = self.deliverer.now_ms();
            let asked = Asked {
                server: host.spaces.server(),
                now_ms,
                until_ms: now_ms + LEASE_MS,
                at_once_max: leased_max.into(),
                bytes_max: bytes_left,
            };
            let leased = attempts::lease(&host.db, self.app, &self.line, asked).await?;
            for leased in leased {
                let bytes = i64::try_from(leased.body.len()).unwrap_or(i64::MAX);
                self.held.insert(leased.handle.seq, (leased.handle.clone(), bytes));
                self.waiting.push_back(leased);
            }
        } else if self.full_until <= Instant::now() {
            // What is due already would have it looked at again and again.
            self.full_until = Instant::now() + FULL;
            attempts::look_later(&self.deliverer.host.db, self.app, &self.line, self.deliverer.now_ms()).await?;
        }
        while self.running.len() < at_once as usize {
            let Some(leased) = self.waiting.pop_front() else { break };
            let seq = leased.handle.seq;
            let handling = handle(self.deliverer.host.clone(), self.app, policy.clone(), leased);
            self.running.spawn(async move {
                if AssertUnwindSafe(handling).catch_unwind().await.is_err() {
                    // Nobody says any more that it is being handled: when its lease is over, it is handed out again.
                    tracing::error!("handling a message panicked, this is a fault of ours");
                }
                seq
            });
        }
        Ok(())
    }

    /// Whether it may take something more in hand. Few lines of an app have something in hand at once; whoever has waits in
    /// the line of those who want to, before it takes more, when all hands are full.
    async fn takes_hand(&mut self) -> bool {
        let Deliverer { host, stop, .. } = &*self.deliverer;
        let app = host.routes.current().by_id(self.app).cloned();
        let Some(app) = app else { return false };
        let hands = app.places.hands(self.line.source == Source::Outbox);
        if self.held.is_empty() {
            self.hand = None;
        } else {
            return hands.available_permits() > 0;
        }
        let free = Arc::clone(hands).acquire_owned();
        self.hand = match stop.politely.run_until_cancelled(free).await {
            Some(hand) => hand.ok(),
            None => None,
        };
        self.hand.is_some()
    }

    /// Waits until a run is over or there is more; says meanwhile that what is in hand is still being handled.
    async fn wait(&mut self, again: &Again) {
        loop {
            tokio::select! {
                Some(done) = self.running.join_next() => {
                    self.ended(done.ok());
                    while let Some(done) = self.running.try_join_next() {
                        self.ended(done.ok());
                    }
                    return;
                }
                () = again.told.notified() => return,
                () = sleep_until(self.renew_at) => self.renew().await,
            }
        }
    }

    /// A panic was caught already, so there is always one.
    fn ended(&mut self, seq: Option<i64>) {
        if let Some(seq) = seq {
            self.held.remove(&seq);
        }
    }

    async fn renew(&mut self) {
        self.renew_at = Instant::now() + RENEWAL;
        let handles: Vec<Handle> = self.held.values().map(|(handle, _)| handle.clone()).collect();
        let until_ms = self.deliverer.now_ms() + LEASE_MS;
        if let Err(error) = attempts::renew(&self.deliverer.host.db, &handles, until_ms).await {
            tracing::warn!("it could not be said that messages are still being handled: {error}");
        }
    }

    /// What has not begun waits again.
    async fn give_back(&mut self) {
        let handles: Vec<Handle> = self.waiting.drain(..).map(|leased| leased.handle).collect();
        for Handle { seq, .. } in &handles {
            self.held.remove(seq);
        }
        if !handles.is_empty()
            && let Err(error) = attempts::give_back(&self.deliverer.host.db, self.app, &handles).await
        {
            tracing::warn!("messages are handed out when their lease is over: {error}");
        }
    }
}
