//! What a run sends: bounded, and sent when it ends well.

use std::sync::Arc;

use picloud_sdk::call::queue::Message;
use picloud_sdk::value;

use super::data::Data;
use super::told::{No, Told, refuse, too_much};
use crate::commit::messages::{Bad, Cause, Line, Sent};
use crate::config::DataConfig;
use crate::triggers::Wiring;

/// So many messages and requests may be consequences of each other.
pub const HOPS_MAX: u32 = 16;
/// The code of what would be one more.
pub const TOO_MANY_HOPS: &str = "too_many_hops";
/// The code of what an app has no room for.
pub(super) const QUOTA_EXCEEDED: &str = "quota_exceeded";
/// To whom a run may send, and what it is a consequence of itself.
#[derive(Debug, Clone, Default)]
pub struct Mailing {
    /// To whom.
    pub wiring: Arc<Wiring>,
    /// Of what.
    pub cause: Cause,
}

impl Mailing {
    /// To whatever a script names: nobody knows what there is.
    #[must_use]
    pub fn open() -> Self {
        Self {
            wiring: Arc::new(Wiring::open()),
            cause: Cause::default(),
        }
    }
}

/// Sends `message` to `line`, not before `at_ms`.
pub(super) async fn send(
    data: &mut Data,
    mailing: &Mailing,
    (line, at_ms): (Line, Option<i64>),
    message: &Message<'_>,
) -> Told<()> {
    value::check(message.body.0).map_err(|malformed| No::Fault(malformed.into()))?;
    let cause = consequence(&mailing.cause, &line).or_else(|why| refuse(TOO_MANY_HOPS, why))?;
    match Sent::of(line, cause, message, (data.now_ms(), at_ms)) {
        Ok(sent) => put(data, sent).await,
        Err(Bad { option, why }) => refuse("bad_option", format!("`{option}`: {why}")),
    }
}

/// What a message to `line` is a consequence of; a sentence when it would be one of too many.
pub(super) fn consequence(cause: &Cause, line: &Line) -> Result<Cause, String> {
    let then = cause.then(line);
    if then.hops > HOPS_MAX {
        return Err(format!(
            "{} messages would be consequences of each other, {HOPS_MAX} may be: {}",
            then.hops, then.chain
        ));
    }
    Ok(then)
}

async fn put(data: &mut Data, sent: Sent) -> Told<()> {
    let limits = *data.limits();
    let length = sent.body.len() as u64;
    if length > limits.value_bytes_max.into() {
        let sizes = (length, limits.value_bytes_max.into());
        return too_much(
            "value_too_large",
            "bytes of a message",
            sizes,
            "PICLOUD_VALUE_BYTES_MAX",
        );
    }
    let (messages, bytes) = data.sent();
    if messages as u64 >= limits.messages_max.into() {
        let sizes = (messages as u64 + 1, limits.messages_max.into());
        return too_much(super::TOO_MUCH, "messages sent", sizes, "PICLOUD_MESSAGES_PER_RUN_MAX");
    }
    let bytes = (bytes + sent.bytes()) as u64;
    if bytes > limits.write_bytes_max {
        let sizes = (bytes, limits.write_bytes_max);
        return too_much(
            super::TOO_MUCH,
            "bytes sent in messages",
            sizes,
            "PICLOUD_WRITE_BYTES_PER_RUN_MAX",
        );
    }
    if let Some(why) = no_room(&limits, data.messages().await?, &sent) {
        return refuse(QUOTA_EXCEEDED, why);
    }
    data.send(sent);
    Ok(())
}

/// Why an app that has so many messages, which come to so many bytes, may not have this one.
pub(super) fn no_room(limits: &DataConfig, (messages, bytes): (u64, u64), sent: &Sent) -> Option<String> {
    let (messages, bytes) = (messages + 1, bytes + sent.body.len() as u64);
    if messages > limits.messages_per_app {
        let allowed = limits.messages_per_app;
        return Some(format!(
            "messages that the app has: {messages}, {allowed} allowed (PICLOUD_MESSAGES_PER_APP)"
        ));
    }
    let allowed = limits.message_bytes_per_app;
    (bytes > allowed).then(|| {
        format!("bytes of messages that the app has: {bytes}, {allowed} allowed (PICLOUD_MESSAGE_BYTES_PER_APP)")
    })
}
