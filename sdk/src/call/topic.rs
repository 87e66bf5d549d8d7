//! `topic::*`: what happened, for whoever subscribes to it.

use super::crypto::Bytes;

/// The longest name of a topic, in bytes.
pub const TOPIC_BYTES_MAX: usize = 256;

super::questions! {
    Topic:
    /// Sends a message to each subscription that the topic fits, when the run ends well.
    Publish {
        /// Names with dots between: `orders.paid`.
        topic: &'a str,
        /// What is sent, as a kept value.
        #[serde(borrow)]
        body: Bytes<'a>,
    } -> (), Write;
}
