//! What a commit sends, and the message that it was for.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::commit::messages::{Handle, Line, Sent};
use crate::ids::AppId;

/// What a commit sends, and the message that it was for.
#[derive(Debug, Default)]
pub(super) struct Mail {
    pub(super) sent: Vec<Sent>,
    pub(super) handled: Option<Handle>,
}

impl Mail {
    pub(super) const fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.handled.is_none()
    }

    pub(super) fn bytes(&self) -> usize {
        self.sent.iter().map(Sent::bytes).sum()
    }
}

/// Lines that got something, for whoever hands it out.
#[derive(Debug, Default)]
pub struct Post {
    lines: Mutex<HashSet<(AppId, Line)>>,
    arrived: Notify,
}

impl Post {
    /// Something durable is there for these.
    pub(crate) fn arrived(&self, lines: impl Iterator<Item = (AppId, Line)>) {
        let mut known = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.len();
        known.extend(lines);
        if known.len() > before {
            self.arrived.notify_one();
        }
    }

    /// Whoever waits is to look at what is due.
    pub fn look(&self) {
        self.arrived.notify_one();
    }

    /// Waits until something arrived, or somebody is to look.
    pub(crate) async fn wait(&self) {
        self.arrived.notified().await;
    }

    /// The lines that got something since this was last asked.
    pub(crate) fn take(&self) -> HashSet<(AppId, Line)> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
