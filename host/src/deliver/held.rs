//! What this server has in hand. That it is still being handled is said of all of it together: a run may take longer than a
//! lease, and there may be many.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use super::LEASE_MS;
use crate::commit::messages::Handle;
use crate::commit::messages::attempts::queries;
use crate::orchestrator::Host;

/// How often it is said.
const RENEWAL: Duration = Duration::from_secs(3);

/// Messages in hand: which one, and which attempt. One may be twice, when its lease was over.
#[derive(Debug, Default)]
pub(super) struct Held {
    attempts: Mutex<HashSet<(i64, i64)>>,
    some: Notify,
}

/// One of them, for as long as this lives.
pub(super) struct Hold {
    held: Arc<Held>,
    attempt: (i64, i64),
}

impl Held {
    /// A message is in hand.
    pub(super) fn hold(self: &Arc<Self>, handle: &Handle) -> Hold {
        let mut attempts = self.lock();
        if attempts.is_empty() {
            self.some.notify_one();
        }
        let attempt = (handle.seq, handle.attempt);
        attempts.insert(attempt);
        Hold {
            held: Arc::clone(self),
            attempt,
        }
    }

    /// Says again and again of what is in hand that it is, for ever.
    pub(super) async fn renew(&self, host: &Host) {
        loop {
            while self.lock().is_empty() {
                self.some.notified().await;
            }
            sleep(RENEWAL).await;
            let held: Vec<(i64, i64)> = self.lock().iter().copied().collect();
            let until_ms = host.clock.now_us() / 1000 + LEASE_MS;
            if !held.is_empty()
                && let Err(error) = queries::renew(&host.db, &held, until_ms).await
            {
                tracing::warn!("it could not be said that messages are still being handled: {error}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(i64, i64)>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.lock().remove(&self.attempt);
    }
}
