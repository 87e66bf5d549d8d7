//! What a commit sends, and the message that it was for.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::commit::messages::{Again, Handle, Handled, Line, NotDone, Sent, Source};
use crate::ids::AppId;

/// What a commit sends, and the message that it was for.
#[derive(Debug, Default)]
pub(super) struct Mail {
    sent: Vec<Sent>,
    /// What they come to, and their bodies alone.
    bytes: usize,
    body_bytes: usize,
    pub(super) handled: Vec<Handled>,
    /// The run that handles them, and when it ended, in milliseconds since 1970.
    pub(super) execution: Box<str>,
    pub(super) ended_ms: i64,
}

impl Mail {
    pub(super) const fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.handled.is_empty()
    }

    /// What is done with the commit.
    pub(super) fn done(&self) -> impl Iterator<Item = &Handle> {
        let done = self.handled.iter().filter(|handled| handled.again.is_none());
        done.map(|handled| &handled.handle)
    }

    /// What is not, as its run wants it again.
    pub(super) fn not_done(&self) -> impl Iterator<Item = NotDone> {
        let not_done = |handled: &Handled| handled.not_done(&self.execution, self.ended_ms);
        self.handled.iter().filter_map(not_done)
    }

    /// Wants a message again; whether it is one that is handled.
    pub(super) fn want_again(&mut self, seq: i64, again: Again) -> bool {
        // What was accepted to be answered is no message to its script.
        let is_it = |handled: &&mut Handled| handled.handle.seq == seq && handled.handle.line.source != Source::Request;
        let handled = self.handled.iter_mut().find(is_it);
        handled.map(|handled| handled.again = Some(again)).is_some()
    }

    /// Which of its messages the run wants again, in their order.
    pub(super) fn wanted_again(&self) -> Vec<Option<Again>> {
        self.handled.iter().map(|handled| handled.again).collect()
    }

    /// It wants those again that it wanted then.
    pub(super) fn want_only(&mut self, wanted: Vec<Option<Again>>) {
        for (handled, again) in self.handled.iter_mut().zip(wanted) {
            handled.again = again;
        }
    }

    pub(super) fn sent(&self) -> &[Sent] {
        &self.sent
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) const fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    pub(super) fn push(&mut self, message: Sent) {
        self.bytes += message.bytes();
        self.body_bytes += message.body.len();
        self.sent.push(message);
    }

    pub(super) fn keep_only(&mut self, first: usize) {
        for message in self.sent.drain(first.min(self.sent.len())..) {
            self.bytes -= message.bytes();
            self.body_bytes -= message.body.len();
        }
    }
}

/// Lines that got something, for whoever hands it out.
#[derive(Debug, Default)]
pub struct Post {
    lines: Mutex<HashSet<(AppId, Line)>>,
    arrived: Notify,
    left: Notify,
    held: Mutex<HashMap<AppId, Held>>,
}

/// What an app has on its way, the dead ones included: asked lately, and what this server sent since.
#[derive(Debug, Clone, Copy)]
struct Held {
    asked: Instant,
    messages: u64,
    bytes: u64,
}

/// So long it is not asked again.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

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
    pub(crate) fn look(&self) {
        self.arrived.notify_one();
    }

    /// Something is left that is to go some time: a dead letter, or what is not to be sent again.
    pub(crate) fn leave_something(&self) {
        self.left.notify_one();
    }

    /// How many messages an app has, and what they come to, if that was asked lately.
    pub(super) fn held(&self, app: AppId) -> Option<(u64, u64)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = held.get(&app).filter(|held| held.asked.elapsed() < ASKED_AGAIN)?;
        Some((lately.messages, lately.bytes))
    }

    /// So it is now.
    pub(super) fn holds(&self, app: AppId, (messages, bytes): (u64, u64)) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, other| other.asked.elapsed() < ASKED_AGAIN);
        let asked = Instant::now();
        held.insert(app, Held { asked, messages, bytes });
    }

    /// So much more of an app is on its way.
    pub(super) fn sent<'a>(&self, app: AppId, sent: impl Iterator<Item = &'a Sent>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = held.get_mut(&app) else { return };
        for message in sent {
            held.messages += 1;
            held.bytes += message.body.len() as u64;
        }
    }

    /// Waits until something is left.
    pub(crate) async fn left_something(&self) {
        self.left.notified().await;
    }

    /// The clock was moved: whoever waits for a time is to look.
    pub fn time_passed(&self) {
        self.look();
        self.leave_something();
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
