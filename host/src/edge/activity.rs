//! What goes on in a connection: asked by the one timer it has, and by its socket.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::traffic::Held;

/// What one connection does. Requests count until hyper has taken over their answers, writes when they happen.
#[derive(Debug)]
pub(super) struct Activity {
    open: AtomicU32,
    beats: AtomicU32,
    is_http1: bool,
    /// An answer of ours was asked for and may not be written yet (HTTP/1.1).
    owing: AtomicBool,
    /// Something was refused whose end may not have come.
    unread: AtomicBool,
    /// What hyper has taken over, until it is written: whole answers, over HTTP/2 their heads.
    kept: Mutex<Vec<Held>>,
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Activity {
    pub(super) fn new(is_http1: bool) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicU32::new(0),
            beats: AtomicU32::new(0),
            is_http1,
            owing: AtomicBool::new(false),
            unread: AtomicBool::new(false),
            kept: Mutex::default(),
        })
    }

    /// Something happened.
    pub(super) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has begun; it is over when the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.open.fetch_add(1, Ordering::Relaxed);
        if self.is_http1 {
            self.owing.store(true, Ordering::Relaxed);
        }
        self.beat();
        Busy(Arc::clone(self))
    }

    /// Whether nothing is going on, and nothing has since `seen`, which is brought up to date. For a client that does not
    /// take its answer the socket has a deadline of its own.
    pub(super) fn is_idle_since(&self, seen: &mut u32) -> bool {
        let beats = self.beats.load(Ordering::Relaxed);
        let idle = self.open.load(Ordering::Relaxed) == 0 && !self.is_owing() && beats == *seen;
        *seen = beats;
        idle
    }

    /// These bytes count until they are written.
    pub(super) fn keep(&self, held: Held) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(held);
    }

    /// All that there was to write is written. Over HTTP/2 that is the heads of all answers, whatever is open.
    pub(super) fn written(&self) {
        let answered = || self.open.load(Ordering::Relaxed) == 0 && self.owing.swap(false, Ordering::Relaxed);
        if !self.is_http1 || answered() {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Whether there may be an answer of ours among what is written now.
    pub(super) fn is_owing(&self) -> bool {
        self.owing.load(Ordering::Relaxed)
    }

    /// The connection is closed although more may come.
    pub(super) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.beat();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_when_nothing_happened_since_the_last_look() {
        let (activity, mut seen) = (Activity::new(true), 0);
        assert!(activity.is_idle_since(&mut seen), "no request ever");
        let busy = activity.begin();
        assert!(!activity.is_idle_since(&mut seen));
        assert!(!activity.is_idle_since(&mut seen), "as long as it takes");
        drop(busy);
        assert!(!activity.is_idle_since(&mut seen), "it ended just now");
        assert!(!activity.is_idle_since(&mut seen), "and is not written");
        activity.written();
        assert!(activity.is_idle_since(&mut seen));
    }

    #[test]
    fn an_answer_is_owed_from_the_request_until_it_is_written() {
        let activity = Activity::new(true);
        assert!(!activity.is_owing());
        let busy = activity.begin();
        activity.written();
        assert!(activity.is_owing(), "what was written was not the answer");
        drop(busy);
        assert!(activity.is_owing());
        activity.written();
        assert!(!activity.is_owing());
    }
}
