//! Runs within runs: another script of the same app, in a sandbox of its own, in the same world and within the same bounds.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use picloud_sdk::limits::Limits;
use tokio::time::Instant;

use crate::budget::Share;
use crate::linked::Linked;
use crate::seam::{Attempt, Boxed, Execution, Identity, World};

/// Who runs what is within a run.
pub(crate) trait Within: Send + Sync {
    /// None when no sandbox can be made for it. The world goes back to the run that it is within, also when this is dropped.
    fn run(self: Arc<Self>, inner: Inner) -> Boxed<'static, Option<Execution>>;
}

/// A run within another.
pub(crate) struct Inner {
    pub(crate) program: Arc<Linked>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) attempt: Attempt,
    pub(crate) event: Bytes,
    /// What the outer one has left.
    pub(crate) limits: Limits,
    pub(crate) share: Share,
    pub(crate) world: Held,
    /// When the outermost one began: they have one clock.
    pub(crate) started: Instant,
    /// Whether they wait for a host call right now.
    pub(crate) waits: Arc<std::sync::atomic::AtomicBool>,
}

/// A run's world, unless a run within it has it.
pub(crate) struct Held {
    own: Option<Box<dyn World>>,
    /// Where it is put by the run within.
    back: Option<Place>,
    /// Where it goes, when it is another's.
    lender: Option<Place>,
}

type Place = Arc<Mutex<Option<Box<dyn World>>>>;

impl Held {
    pub(crate) fn new(world: Box<dyn World>) -> Self {
        Self {
            own: Some(world),
            back: None,
            lender: None,
        }
    }

    /// For a run within, which gives it back when it is dropped.
    pub(crate) fn lend(&mut self) -> Self {
        let back = Arc::clone(self.back.get_or_insert_default());
        Self {
            own: self.own.take(),
            back: None,
            lender: Some(back),
        }
    }

    /// What a run within had is here again.
    pub(crate) fn take_back(&mut self) {
        if self.own.is_none()
            && let Some(back) = &self.back
        {
            self.own = back.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    pub(crate) fn get(&self) -> &dyn World {
        self.own.as_deref().expect("whoever has lent its world asks nothing")
    }

    pub(crate) fn get_mut(&mut self) -> &mut dyn World {
        self.own
            .as_deref_mut()
            .expect("whoever has lent its world asks nothing")
    }

    /// The world; none when it was another's.
    pub(crate) fn into_world(mut self) -> Option<Box<dyn World>> {
        self.take_back();
        self.own.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.take_back();
        if let (Some(lender), Some(world)) = (&self.lender, self.own.take()) {
            *lender.lock().unwrap_or_else(PoisonError::into_inner) = Some(world);
        }
    }
}
