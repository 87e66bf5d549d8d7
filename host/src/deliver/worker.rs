//! One line's worker: leases what is due, or is handed it, has it handled, and ends when there is nothing more.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::handle::handle;
use super::held::Hold;
use super::{Again, Deliverer, Handed, LEASE_MS, Policy, RETRY_PAUSE};
use crate::commit::messages::attempts::queries::{self as attempts, Asked};
use crate::commit::messages::{Handle, Leased, Line, Source};
use crate::ids::AppId;
use crate::triggers::{Delivery, queries as triggers};

/// So many messages are leased for each run, so that none waits for the database.
const LEASED_PER_RUN: u32 = 4;
/// How often it says that its hands are full.
const FULL: Duration = Duration::from_millis(900);
/// What is in hand at once, in bytes, but for one message.
const HELD_BYTES_MAX: i64 = 2 << 20;
/// What one run is handed of several messages, in bytes.
const BATCH_BYTES_MAX: usize = 1 << 20;

/// What a worker has in hand.
struct Work {
    deliverer: Arc<Deliverer>,
    app: AppId,
    line: Line,
    waiting: VecDeque<Leased>,
    running: JoinSet<Vec<Attempt>>,
    held: HashMap<Attempt, InHand>,
    /// That it may have something in hand.
    hand: Option<OwnedSemaphorePermit>,
    /// All that is due is in hand, as far as anybody said.
    has_all: bool,
    /// It leased something itself.
    has_leased: bool,
    /// It was said that its hands are full.
    full_until: Instant,
}

/// Which message, and which attempt at it.
type Attempt = (i64, i64);

fn attempt_of(leased: &Leased) -> Attempt {
    (leased.handle.seq, leased.handle.attempt)
}

/// A message in hand.
struct InHand {
    _hold: Hold,
    bytes: i64,
    /// When it is done the next of its key is due, of which nobody tells.
    has_key: bool,
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
        has_all: true,
        has_leased: false,
        full_until: Instant::now(),
    };
    loop {
        work.has_all &= !again.was_said();
        let handed = std::mem::take(&mut *again.handed());
        for handed in handed {
            work.start_handed(handed);
        }
        if let Err(error) = work.go_on().await {
            tracing::warn!(app.id = %app, "messages cannot be handed out, it is tried again: {error}");
            sleep(RETRY_PAUSE).await;
        }
        if work.running.is_empty() {
            if work.waiting.is_empty() && deliverer.may_end(&key, &again) {
                if work.has_leased {
                    deliverer.host.spaces.post().look();
                }
                return;
            }
            continue;
        }
        work.wait(&again).await;
    }
}

impl Work {
    /// Hands out what there is to hand out.
    async fn go_on(&mut self) -> sqlx::Result<()> {
        if self.has_all && self.waiting.is_empty() {
            return Ok(());
        }
        match self.policy().await? {
            Some(policy) if !self.deliverer.stop.politely.is_cancelled() => self.lease_and_start(&policy).await,
            // It is paused, or deleted, or the server stops: what has not begun is nobody's.
            _ => {
                self.give_back().await;
                Ok(())
            }
        }
    }

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
        let per_run = if at_once == 1 || matches!(self.line.source, Source::Outbox | Source::Request) {
            policy.delivery.batch
        } else {
            policy.delivery.batch.max(LEASED_PER_RUN)
        };
        let leased_max = at_once * per_run;
        // Half of them at once, but for those that may take long while others could run.
        let refill_at = match self.line.source {
            _ if at_once == 1 => 0,
            Source::Request => leased_max - 1,
            _ => leased_max / 2,
        };
        let bytes_left = HELD_BYTES_MAX - self.held.values().map(|one| one.bytes).sum::<i64>();
        let has_room = self.held.len() <= refill_at as usize && bytes_left > 0;
        if self.has_all {
            // What there is has to be handled first.
        } else if has_room && self.takes_hand().await {
            self.lease((leased_max, at_once == 1), bytes_left).await?;
        } else if self.full_until <= Instant::now() {
            // What is due already would have it looked at again and again.
            self.full_until = Instant::now() + FULL;
            attempts::look_later(&self.deliverer.host.db, self.app, &self.line, self.deliverer.now_ms()).await?;
        }
        while self.running.len() < at_once as usize {
            let together = self.next_together(policy.delivery.batch);
            if together.is_empty() {
                break;
            }
            self.start(together, policy.clone(), None);
        }
        Ok(())
    }

    /// What the next run is for: some messages, or one that failed before. Such a one takes no others along to where it ends.
    fn next_together(&mut self, batch: u32) -> Vec<Leased> {
        let mut together: Vec<Leased> = self.waiting.pop_front().into_iter().collect();
        let mut bytes: usize = together.iter().map(|leased| leased.body.len()).sum();
        let is_first = |leased: &Leased| leased.handle.attempt == 1;
        while together.len() < batch as usize && together.iter().all(is_first) {
            let fits = |next: &mut Leased| is_first(next) && bytes + next.body.len() <= BATCH_BYTES_MAX;
            let Some(next) = self.waiting.pop_front_if(fits) else {
                break;
            };
            bytes += next.body.len();
            together.push(next);
        }
        together
    }

    /// Takes more in hand: so many in all, of so many bytes; nothing when it is to be alone and is not.
    async fn lease(&mut self, (leased_max, is_alone): (u32, bool), bytes_max: i64) -> sqlx::Result<()> {
        let host = &self.deliverer.host;
        let now_ms = self.deliverer.now_ms();
        let asked = Asked {
            server: host.spaces.server(),
            now_ms,
            until_ms: now_ms + LEASE_MS,
            at_once_max: leased_max.into(),
            is_alone,
            bytes_max,
        };
        self.has_leased = true;
        let (leased, are_all) = attempts::lease(&host.db, self.app, &self.line, asked).await?;
        for leased in leased {
            self.hold(&leased);
            self.waiting.push_back(leased);
        }
        self.has_all = are_all && !self.held.values().any(|one| one.has_key);
        Ok(())
    }

    fn hold(&mut self, leased: &Leased) {
        let handle = &leased.handle;
        let in_hand = InHand {
            _hold: self.deliverer.held.hold(handle),
            bytes: i64::try_from(leased.body.len()).unwrap_or(i64::MAX),
            has_key: handle.key.is_some(),
        };
        self.held.insert(attempt_of(leased), in_hand);
    }

    /// What was handed out already is handled now: whoever did that knew that it may be.
    fn start_handed(&mut self, handed: Handed) {
        let Handed {
            leased, policy, permit, ..
        } = handed;
        self.hold(&leased);
        self.start(vec![leased], policy, Some(permit));
    }

    /// Has messages handled by one run; `permit` is given back when that is over.
    fn start(&mut self, messages: Vec<Leased>, policy: Policy, permit: Option<OwnedSemaphorePermit>) {
        let attempts = messages.iter().map(attempt_of).collect();
        let handling = handle(self.deliverer.host.clone(), self.app, policy, messages);
        self.running.spawn(async move {
            if AssertUnwindSafe(handling).catch_unwind().await.is_err() {
                // Nobody says any more that it is being handled: when its lease is over, it is handed out again.
                tracing::error!("handling a message panicked, this is a fault of ours");
            }
            drop(permit);
            attempts
        });
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
        }
        if self.hand.is_some() {
            return hands.available_permits() > 0;
        }
        let free = Arc::clone(hands).acquire_owned();
        self.hand = match stop.politely.run_until_cancelled(free).await {
            Some(hand) => hand.ok(),
            None => None,
        };
        self.hand.is_some()
    }

    /// Waits until a run is over or there is more.
    async fn wait(&mut self, again: &Again) {
        tokio::select! {
            Some(done) = self.running.join_next() => {
                self.ended(done.ok());
                while let Some(done) = self.running.try_join_next() {
                    self.ended(done.ok());
                }
            }
            () = again.told.notified() => {}
        }
    }

    /// A panic was caught already, so there is always one.
    fn ended(&mut self, attempts: Option<Vec<Attempt>>) {
        for attempt in attempts.into_iter().flatten() {
            self.held.remove(&attempt);
        }
    }

    /// What has not begun waits again.
    async fn give_back(&mut self) {
        let handles: Vec<Handle> = self.waiting.drain(..).map(|leased| leased.handle).collect();
        for Handle { seq, attempt, .. } in &handles {
            self.held.remove(&(*seq, *attempt));
        }
        if !handles.is_empty()
            && let Err(error) = attempts::give_back(&self.deliverer.host.db, self.app, &handles).await
        {
            tracing::warn!("messages are handed out when their lease is over: {error}");
        }
    }
}
