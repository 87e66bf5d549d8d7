//! What a run asked and was told, as it crossed the wall. The body, the log and what was only computed are not among it: the
//! one is known, the others come again.

use picloud_executor::Said;

use crate::commit::Call;
use crate::secrets::Seen;

/// How an encoded `HostCall::Log` begins.
const LOG_TAG: u8 = 1;
/// What a call takes besides question and answer.
const CALL_BYTES: usize = 64;

/// Takes down what crosses.
#[derive(Debug)]
pub(super) struct Recorder {
    calls: Vec<Call>,
    bytes: usize,
    bytes_max: usize,
}

impl Recorder {
    /// Up to so much; 0 takes nothing down.
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self {
            calls: Vec::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// A question was answered in a run that has seen these secrets.
    pub(super) fn note(&mut self, question: &[u8], said: &Said, seen: &Seen) {
        if !is_recorded(question) || self.bytes > self.bytes_max {
            return;
        }
        let answer = match said {
            Said::Answer(answer) => Some(answer),
            _ => None,
        };
        self.bytes += CALL_BYTES + question.len() + answer.map_or(0, Vec::len);
        if self.bytes > self.bytes_max {
            self.calls = Vec::new();
        } else {
            let call = Call::of(question, answer.cloned());
            let has_secret = seen.is_in(question);
            self.calls
                .push(if has_secret { call.without_beginning() } else { call });
        }
    }

    /// All of it, unless it was too much, or an answer has a secret that was seen. What was asked before that is looked
    /// through once more.
    pub(super) fn into_calls(self, seen: &Seen) -> Option<Vec<Call>> {
        let is_all = self.bytes_max > 0 && self.bytes <= self.bytes_max;
        let has_secret = |call: &Call| call.answer.as_ref().is_some_and(|answer| seen.is_in(answer));
        if !is_all || (!seen.is_empty() && self.calls.iter().any(has_secret)) {
            return None;
        }
        if seen.is_empty() {
            return Some(self.calls);
        }
        let calls = self.calls.into_iter().map(|call| {
            if seen.is_in_beginning(&call.question) {
                call.without_beginning()
            } else {
                call
            }
        });
        Some(calls.collect())
    }
}

/// Whether a question is the log's.
pub(super) fn is_of_log(question: &[u8]) -> bool {
    question.first() == Some(&LOG_TAG)
}

/// Whether a question is taken down.
pub(super) fn is_recorded(question: &[u8]) -> bool {
    question.first().is_some_and(|tag| *tag > LOG_TAG)
}
