//! Commits on their way to the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::app::AppSpace;
use super::lost::Lost;
use super::mail::Mail;
use crate::commit::Record;
use crate::data::history::Csn;
use crate::data::writes::Writes;

/// A commit that is not durable.
pub(super) struct Item {
    pub(super) app: Arc<AppSpace>,
    /// Of what is known of the app.
    pub(super) generation: u64,
    pub(super) csn: Csn,
    pub(super) writes: Writes,
    pub(super) mail: Mail,
    /// Of the run that it is of.
    pub(super) record: Option<Record>,
    /// Told when it is durable, or nothing came of it.
    pub(super) done: oneshot::Sender<Result<(), Undone>>,
}

impl Item {
    fn bytes(&self) -> usize {
        self.writes.bytes() + self.mail.bytes()
    }
}

/// Nothing came of a commit.
pub(super) struct Undone {
    pub(super) why: Lost,
    /// The run's record, which is not written.
    pub(super) record: Option<Record>,
}

/// Those that wait, in order.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    work: Notify,
}

#[derive(Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
}

impl Queue {
    pub(super) fn push(&self, item: Item) {
        let mut waiting = self.lock();
        waiting.bytes += item.bytes();
        waiting.items.push_back(item);
        drop(waiting);
        self.work.notify_one();
    }

    /// Waits until there may be some.
    pub(super) async fn work(&self) {
        self.work.notified().await;
    }

    /// The first of them, at most so many, and of so many bytes but for the first.
    pub(super) fn take(&self, items_max: usize, bytes_max: usize) -> Vec<Item> {
        let mut waiting = self.lock();
        let mut bytes = 0;
        let fitting = waiting.items.iter().take(items_max).take_while(|item| {
            bytes += item.bytes();
            bytes <= bytes_max
        });
        let count = fitting.count().max(1).min(waiting.items.len());
        let taken: Vec<Item> = waiting.items.drain(..count).collect();
        waiting.bytes -= taken.iter().map(Item::bytes).sum::<usize>();
        taken
    }

    /// What waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // Nothing in there is left half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
