//! How many requests may wait to be answered later.

use super::section::section;
use super::setting::number;

section! {
    /// Bounds on requests that are accepted, and answered later.
    #[derive(Debug, Clone, Copy)]
    pub struct AsyncConfig {
        /// Requests of an app that are accepted and not answered; with as many, more are refused. Their replies are kept as
        /// `PICLOUD_IDEMPOTENCY_KEPT_S` and `PICLOUD_IDEMPOTENCY_REPLY_BYTES_MAX` say.
        waiting_per_app: u32 = PICLOUD_ASYNC_WAITING_PER_APP number(1_000, 0..=1_000_000, "requests");
    }
}
