//! Memory that sandboxes share: so much for all of them, so much for those of one app.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A bound on bytes that several hold, within the bound of its parent.
#[derive(Debug)]
pub struct Budget {
    bytes_max: u64,
    taken: AtomicU64,
    parent: Option<Arc<Self>>,
}

/// A budget had too little left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// What would have been taken of it.
    pub wanted: u64,
    /// What there is.
    pub bytes_max: u64,
}

/// Bytes taken of a budget and its parents; they go back when it is dropped.
#[derive(Debug)]
pub struct Share {
    of: Arc<Budget>,
    bytes: u64,
}

impl Budget {
    /// `bytes_max` in all.
    #[must_use]
    pub fn new(bytes_max: u64) -> Arc<Self> {
        Arc::new(Self {
            bytes_max,
            taken: AtomicU64::new(0),
            parent: None,
        })
    }

    /// `bytes_max` of those of `parent`.
    #[must_use]
    pub fn within(parent: &Arc<Self>, bytes_max: u64) -> Arc<Self> {
        Arc::new(Self {
            bytes_max,
            taken: AtomicU64::new(0),
            parent: Some(Arc::clone(parent)),
        })
    }

    /// What is taken now.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// What there is.
    #[must_use]
    pub const fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    /// A share of nothing, to grow.
    #[must_use]
    pub fn share(self: &Arc<Self>) -> Share {
        Share {
            of: Arc::clone(self),
            bytes: 0,
        }
    }

    fn take(&self, bytes: u64) -> Result<(), Spent> {
        let more = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.bytes_max);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, more)
            .map_err(|taken| Spent {
                wanted: taken.saturating_add(bytes),
                bytes_max: self.bytes_max,
            })?;
        if let Some(parent) = &self.parent {
            parent.take(bytes).inspect_err(|_| {
                self.taken.fetch_sub(bytes, Ordering::AcqRel);
            })?;
        }
        Ok(())
    }

    fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::AcqRel);
        if let Some(parent) = &self.parent {
            parent.give_back(bytes);
        }
    }
}

impl Share {
    /// A share of nothing of the same budget.
    #[must_use]
    pub fn another(&self) -> Self {
        self.of.share()
    }

    /// Makes it `bytes` in all. A smaller one is left as it is: memories do not shrink.
    ///
    /// # Errors
    /// When the budget, or a parent of it, has too little left; nothing is taken then.
    pub fn grow_to(&mut self, bytes: u64) -> Result<(), Spent> {
        let Some(more) = bytes.checked_sub(self.bytes) else {
            return Ok(());
        };
        self.of.take(more)?;
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_not_taken_and_what_is_dropped_comes_back() {
        let all = Budget::new(100);
        let (one, other) = (Budget::within(&all, 80), Budget::within(&all, 80));
        let mut first = one.share();
        first.grow_to(70).unwrap();
        let mut second = one.share();
        let refused = second.grow_to(11).unwrap_err();
        assert_eq!((refused.wanted, refused.bytes_max), (81, 80), "the app's own bound");
        let mut third = other.share();
        let refused = third.grow_to(40).unwrap_err();
        assert_eq!((refused.wanted, refused.bytes_max), (110, 100), "the bound of all");
        assert_eq!((one.taken(), other.taken(), all.taken()), (70, 0, 70));
        third.grow_to(30).unwrap();
        third.grow_to(10).unwrap();
        drop(first);
        assert_eq!((one.taken(), other.taken(), all.taken()), (0, 30, 30));
        drop((second, third));
        assert_eq!(all.taken(), 0);
    }
}
