//! Long runs make room for short ones.
//!
//! A busy script gives its thread back after every slice of fuel. The first slices are free; after them a run needs one of
//! the slow lanes for each slice, and there is one lane less than there are cores. So a neighbour that computes in every
//! place it may have leaves a core to whoever is done in a millisecond.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::sync::Semaphore;

/// Slices a run gets before it counts as long.
const FREE_SLICES: u32 = 4;

/// The slow lanes.
#[derive(Debug)]
pub struct Pace {
    lanes: Semaphore,
}

impl Pace {
    /// Lanes for a machine of `cores`.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        Self {
            lanes: Semaphore::new(cores.saturating_sub(1).max(1)),
        }
    }

    /// What `run` comes to, at the pace it is due.
    pub async fn keep<F: Future>(&self, run: F) -> F::Output {
        let mut run = pin!(run);
        let mut slices = 0;
        loop {
            // Nobody closes the semaphore, and a lane is held for one slice only: while the run itself waits, others go.
            let lane = if slices < FREE_SLICES {
                None
            } else {
                self.lanes.acquire().await.ok()
            };
            let slice = poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await;
            drop(lane);
            match slice {
                Poll::Ready(output) => return output,
                Poll::Pending => slices += 1,
            }
            // The run has seen to it that we are woken.
            let mut woken = false;
            poll_fn(|_| {
                if std::mem::replace(&mut woken, true) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    async fn slices(count: u32, done: &AtomicU32) {
        for _ in 0..count {
            tokio::task::yield_now().await;
        }
        done.fetch_add(1, Ordering::Relaxed);
    }

    #[tokio::test]
    async fn long_runs_all_come_to_their_end() {
        let (pace, done) = (Pace::new(2), AtomicU32::new(0));
        let runs = (1..40).map(|count| pace.keep(slices(count, &done)));
        futures_util::future::join_all(runs).await;
        assert_eq!(done.load(Ordering::Relaxed), 39);
        assert_eq!(pace.lanes.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_long_run_that_is_dropped_gives_its_lane_back() {
        let (pace, done) = (Pace::new(1), AtomicU32::new(0));
        {
            let mut long = pin!(pace.keep(slices(1000, &done)));
            for _ in 0..50 {
                let _ = futures_util::poll!(long.as_mut());
            }
        }
        pace.keep(slices(10, &done)).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }
}
