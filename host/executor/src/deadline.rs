//! The wall clock of a run.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use picloud_sdk::limits::{Limit, Stop};
use tokio::time::Instant;

use crate::sandbox::Sandbox;

/// When a run has to be over.
pub(crate) struct Deadline {
    started: Instant,
    wall_ms_max: u64,
    /// Whether the run waits for a host call right now.
    waits: Arc<AtomicBool>,
    /// Where it hears that it is late.
    late_ms: Arc<AtomicU64>,
}

impl Deadline {
    /// Of the run in `sandbox`, which began at `started`.
    pub(crate) fn new(started: Instant, sandbox: &Sandbox) -> Self {
        Self {
            started,
            wall_ms_max: sandbox.meter.limits.wall_ms_max.into(),
            waits: Arc::clone(&sandbox.waits),
            late_ms: Arc::clone(&sandbox.meter.late_ms),
        }
    }

    /// That it was late.
    pub(crate) fn stop(&self) -> Stop {
        Stop {
            limit: Limit::Wall,
            used: self.used_ms(),
            allowed: self.wall_ms_max,
        }
    }

    fn used_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// `work`'s result, or `None` when the deadline came first. The clock is looked at only when the work pauses. Work that
    /// is late and computes gets one more slice, to say where it was.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let at = self.started + Duration::from_millis(self.wall_ms_max);
        let mut work = pin!(work);
        let mut timer = None;
        std::future::poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            // A timer fires when the runtime gets round to it, which may be late while runs keep it busy.
            if Instant::now() >= at {
                let was_told = self.late_ms.swap(self.used_ms().max(1), Ordering::Relaxed) > 0;
                if was_told || self.waits.load(Ordering::Relaxed) {
                    return Poll::Ready(None);
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if timer.as_mut().poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await
    }
}
