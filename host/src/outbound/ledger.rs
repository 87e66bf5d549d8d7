//! What one run sent, over all its attempts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use picloud_sdk::api::OutboundCall;

use super::response::Fetched;
use super::trouble::Trouble;

/// What one run sent, and what came of it.
#[derive(Default)]
pub(super) struct Ledger(Mutex<State>);

#[derive(Default)]
struct State {
    sent: u32,
    told: Vec<OutboundCall>,
    answers: HashMap<u128, Vec<Answered>>,
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The responses, or why there are none.
    pub responses: Arc<Result<Vec<Fetched>, Trouble>>,
    /// How long that took, in milliseconds.
    pub ms: u32,
}

impl Ledger {
    /// What was sent so far, for the record.
    pub(super) fn told(&self) -> Vec<OutboundCall> {
        self.state().told.clone()
    }

    /// What came of this question at an attempt before.
    pub(super) fn answered(&self, hash: u128, before: usize) -> Option<Answered> {
        self.state().answers.get(&hash)?.get(before).cloned()
    }

    /// What came of a question that was asked so often `before` in this attempt.
    pub(super) fn keep(&self, hash: u128, before: usize, answered: Answered) {
        let mut state = self.state();
        let kept = state.answers.entry(hash).or_default();
        // Attempts ask the same, so what is asked the third time was kept twice.
        kept.truncate(before);
        kept.push(answered);
    }

    /// So many more requests are sent, if there may be as many.
    pub(super) fn count(&self, more: usize, allowed: u32) -> Result<(), Trouble> {
        let mut state = self.state();
        let used = u64::from(state.sent).saturating_add(more as u64);
        match u32::try_from(used).ok().filter(|used| *used <= allowed) {
            Some(used) => {
                state.sent = used;
                Ok(())
            }
            None => Err(Trouble::new(
                "limit_exceeded",
                format!("requests sent: {used}, {allowed} allowed (PICLOUD_OUTBOUND_CALLS_PER_RUN_MAX)"),
            )),
        }
    }

    /// A request was sent.
    pub(super) fn tell(&self, call: OutboundCall) {
        self.state().told.push(call);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
