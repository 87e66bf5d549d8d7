//! What becomes of the messages that a run is for.

use picloud_sdk::api::MessageError;

use super::{Failure, Handle};

/// A message that a run handles.
#[derive(Debug, Clone)]
pub struct Handled {
    /// The attempt's hold on it.
    pub handle: Handle,
    /// How long it waits for its next attempt, in milliseconds; nothing after its last.
    pub pause_ms: Option<u64>,
    /// Whether the run wants it again.
    pub again: Option<Again>,
}

/// A run wants a message again.
#[derive(Debug, Clone, Copy)]
pub enum Again {
    /// After the pause that is usual.
    AfterPause,
    /// After so many milliseconds.
    After(u64),
}

/// A message that is not done: an attempt failed, or its run wants it again.
#[derive(Debug)]
pub struct NotDone {
    /// The attempt's hold on it.
    pub handle: Handle,
    /// JSON: why.
    pub error: String,
    /// What becomes of it.
    pub then: Failure,
}

impl From<Handle> for Handled {
    /// One that no run wants again.
    fn from(handle: Handle) -> Self {
        let (pause_ms, again) = (None, None);
        Self {
            handle,
            pause_ms,
            again,
        }
    }
}

impl Handled {
    /// Nothing, when the run that ended at `now_ms` does not want it again.
    pub(crate) fn not_done(&self, execution: &str, now_ms: i64) -> Option<NotDone> {
        let again = self.again?;
        let pause_ms = |usual_ms| match again {
            Again::AfterPause => usual_ms,
            Again::After(ms) => ms,
        };
        let error = MessageError {
            code: "retry".to_owned(),
            message: "its script wanted it again".to_owned(),
            execution: Some(execution.to_owned()),
        };
        Some(NotDone {
            handle: self.handle.clone(),
            error: serde_json::to_string(&error).expect("plain data"),
            then: match self.pause_ms {
                Some(usual_ms) => Failure::Again(now_ms.saturating_add_unsigned(pause_ms(usual_ms))),
                None => Failure::Dead(now_ms),
            },
        })
    }
}
