//! Whether anything goes on in a connection; asked by the one timer it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What one connection does. Requests count while they are being answered, writes when they happen.
#[derive(Debug, Default)]
pub(super) struct Activity {
    open: AtomicU32,
    beats: AtomicU32,
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Activity {
    /// Something happened.
    pub(super) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has begun; it is over when the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.beat();
        Busy(Arc::clone(self))
    }

    /// Whether nothing is going on, and nothing has since `seen`, which is brought up to date.
    pub(super) fn is_idle_since(&self, seen: &mut u32) -> bool {
        let beats = self.beats.load(Ordering::Relaxed);
        let idle = self.open.load(Ordering::Relaxed) == 0 && beats == *seen;
        *seen = beats;
        idle
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
        let (activity, mut seen) = (Arc::new(Activity::default()), 0);
        assert!(activity.is_idle_since(&mut seen), "no request ever");
        let busy = activity.begin();
        assert!(!activity.is_idle_since(&mut seen));
        assert!(!activity.is_idle_since(&mut seen), "as long as it takes");
        drop(busy);
        assert!(!activity.is_idle_since(&mut seen), "it ended just now");
        assert!(activity.is_idle_since(&mut seen));
    }
}
