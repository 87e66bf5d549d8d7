//! `queue::*`: messages for a script of the app.

use serde::{Deserialize, Serialize};

use super::crypto::Bytes;

/// The longest key of a message and the longest text that tells repeats, in bytes.
pub const LABEL_BYTES_MAX: usize = 256;
/// As far ahead as a message may be sent, in milliseconds.
pub const DELAY_MS_MAX: u64 = 366 * 24 * 60 * 60 * 1000;
/// How often a message may be tried.
pub const ATTEMPTS_MAX: u32 = 100;

super::questions! {
    Queue:
    /// Sends a message, when the run ends well.
    Send {
        /// The queue.
        queue: &'a str,
        /// What is sent, as a kept value.
        #[serde(borrow)]
        message: Message<'a>,
    } -> (), Write;
    /// Wants a message that this run is for again: when the run ends well it is not done, and is handed out anew.
    Retry {
        /// The message's id.
        id: &'a str,
        /// Not before so many milliseconds from the end of the run, in place of the pause after its attempt.
        delay_ms: Option<u64>,
    } -> (), Write;
}

/// Something for later, and how it is to arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message<'a> {
    /// A kept value.
    #[serde(borrow)]
    pub body: Bytes<'a>,
    /// Not before so many milliseconds from now.
    pub delay_ms: u64,
    /// Messages of one key arrive one after another, in the order in which they were sent.
    pub key: Option<&'a str>,
    /// Another message with this, within a day, is taken for the same and not sent.
    pub dedup: Option<&'a str>,
    /// How often it is tried, instead of what the queue says.
    pub attempts: Option<u32>,
    /// Given up when it could not be handed over within so many milliseconds.
    pub expires_ms: Option<u64>,
}
