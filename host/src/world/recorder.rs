//! What a run asked and was told, as it crossed the wall. The body and the log are not among it: the one is known, the
//! other comes again.

use picloud_executor::Said;

use crate::commit::Call;

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

    /// A question was answered.
    pub(super) fn note(&mut self, question: &[u8], said: &Said) {
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
            self.calls.push(Call::of(question, answer.cloned()));
        }
    }

    /// All of it, unless it was too much.
    pub(super) fn into_calls(self) -> Option<Vec<Call>> {
        (self.bytes_max > 0 && self.bytes <= self.bytes_max).then_some(self.calls)
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
