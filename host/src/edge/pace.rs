//! How slowly a client may take what it asked for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A client that takes fewer bytes in a second than this, for longer than it is allowed to pause, is cut off.
const BYTES_PER_SECOND_MIN: u32 = 4096;

/// When the patience ends that ends at `deadline` now, after `bytes` more were taken.
pub(super) fn prolonged(deadline: Instant, bytes: usize, pause_max: Duration) -> Instant {
    let earned = Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / BYTES_PER_SECOND_MIN;
    // What was taken quickly buys no longer pause later.
    (deadline + earned).min(Instant::now() + pause_max)
}

tokio::task_local! {
    /// That of the HTTP/2 stream whose task this is.
    pub(super) static TAKING: Arc<Taking>;
}

/// How a stream's answer is taken: HTTP/2 lets a client read its socket and take nothing of a stream.
#[derive(Debug)]
pub(super) struct Taking {
    pause_max: Duration,
    /// None before there is an answer.
    deadline: Mutex<Option<Instant>>,
}

impl Taking {
    pub(super) fn new(pause_max: Duration) -> Arc<Self> {
        Arc::new(Self {
            pause_max,
            deadline: Mutex::new(None),
        })
    }

    /// So much of the answer goes on its way.
    pub(super) fn took(&self, bytes: usize) {
        let mut deadline = self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        *deadline = Some(match *deadline {
            None => Instant::now() + self.pause_max,
            Some(deadline) => prolonged(deadline, bytes, self.pause_max),
        });
    }

    /// Done when the client takes too little.
    pub(super) async fn stalled(&self) {
        loop {
            let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
            match deadline {
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => sleep_until(deadline).await,
                None => tokio::time::sleep(self.pause_max).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_never_longer_than_allowed_and_trickling_earns_next_to_nothing() {
        let (now, pause_max) = (Instant::now(), Duration::from_secs(30));
        let soon = now + Duration::from_secs(1);
        assert!(prolonged(soon, 1, pause_max) < soon + Duration::from_millis(1));
        assert_eq!(prolonged(soon, 40_960, pause_max), soon + Duration::from_secs(10));
        assert!(prolonged(soon, 100 << 20, pause_max) < now + pause_max + Duration::from_secs(5));
    }
}
