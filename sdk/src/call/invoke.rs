//! `invoke::*`: another script of the app.

use super::crypto::Bytes;
use super::queue::Message;

/// So many scripts may be at work within each other, the first one not counted.
pub const DEPTH_MAX: u32 = 8;

super::questions! {
    Invoke:
    /// Runs it later, when this run ends well.
    Later {
        /// Which script.
        script: &'a str,
        /// What it is handed.
        #[serde(borrow)]
        message: Message<'a>,
        /// Not before this time, in milliseconds since 1970.
        at_ms: Option<i64>,
    } -> (), Write;
    /// Runs it now, in a sandbox of its own and as a part of this run; what it returns.
    Call {
        /// Which script.
        script: &'a str,
        /// What it is handed: a kept value.
        #[serde(borrow)]
        body: Bytes<'a>,
    } -> Bytes<'static>, Write;
}
