//! How replies are kept for requests that are sent again.

use super::section::section;
use super::setting::number;

section! {
    /// What is kept for a header `Idempotency-Key`.
    #[derive(Debug, Clone, Copy)]
    pub struct IdempotencyConfig {
        /// How long a request with an `Idempotency-Key` is remembered with its reply, and the reply of one that is answered later kept.
        kept_s: u32 = PICLOUD_IDEMPOTENCY_KEPT_S number(86_400, 1..=2_592_000, "seconds");
        /// Headers and body of a reply that is kept, for repeats or for later; of a larger one only that there was one.
        reply_bytes_max: u32 = PICLOUD_IDEMPOTENCY_REPLY_BYTES_MAX number(256 << 10, 0..=16 << 20, "bytes");
    }
}
