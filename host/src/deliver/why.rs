//! Why an attempt came to nothing.

use std::time::Duration;

use picloud_sdk::api::MessageError;

/// Why an attempt came to nothing.
pub(super) enum Why {
    /// The run, or what kept it from running. The next attempt is not sooner than after this.
    Failed(MessageError, Duration),
    /// There is no use in another attempt.
    Hopeless(MessageError),
}

impl Why {
    /// The next attempt may be as soon as any.
    pub(super) const fn failed(error: MessageError) -> Self {
        Self::Failed(error, Duration::ZERO)
    }
}

pub(super) fn error(code: &str, message: impl Into<String>, execution: Option<String>) -> MessageError {
    MessageError {
        code: code.to_owned(),
        message: message.into(),
        execution,
    }
}
