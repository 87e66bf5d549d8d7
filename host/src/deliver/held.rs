//! What this server has in hand. That it is still being handled is said of all of it together: a run may take longer than a
//! lease, and there may be many.

use std::collections::HashMap;
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

/// Messages in hand, each with its attempt.
#[derive(Debug, Default)]
pub(super) struct Held {
    attempts: Mutex<HashMap<i64, i64>>,
    some: Notify,
}

/// One of them, for as long as this lives.
pub(super) struct Hold {
    held: Arc<Held>,
    seq: i64,
}

impl Held {
    /// A message is in hand.
    pub(super) fn hold(self: &Arc<Self>, handle: &Handle) -> Hold {
        let mut attempts = self.lock();
        if attempts.is_empty() {
            self.some.notify_one();
        }
        attempts.insert(handle.seq, handle.attempt);
        Hold {
            held: Arc::clone(self),
            seq: handle.seq,
        }
    }

    /// Says again and again of what is in hand that it is, for ever.
    pub(super) async fn renew(&self, host: &Host) {
        loop {
            while self.lock().is_empty() {
                self.some.notified().await;
            }
            sleep(RENEWAL).await;
            let held: Vec<(i64, i64)> = self.lock().iter().map(|(seq, attempt)| (*seq, *attempt)).collect();
            let until_ms = host.clock.now_us() / 1000 + LEASE_MS;
            if !held.is_empty()
                && let Err(error) = queries::renew(&host.db, &held, until_ms).await
            {
                tracing::warn!("it could not be said that messages are still being handled: {error}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, i64>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.lock().remove(&self.seq);
    }
}
