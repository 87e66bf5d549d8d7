//! The only code that reads the time of day; tests hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where `now` comes from.
#[derive(Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// A test's: microseconds since 1970, moved by hand.
    Frozen(Arc<AtomicI64>),
}

impl Clock {
    /// Microseconds since 1970.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn now_us(&self) -> i64 {
        match self {
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
            Self::Frozen(at) => at.load(Ordering::Relaxed),
        }
    }
}
