//! What a run sends: bounded, and sent when it ends well.

use std::sync::Arc;

use picloud_sdk::call::queue::{ATTEMPTS_MAX, DELAY_MS_MAX, LABEL_BYTES_MAX, Message};
use picloud_sdk::value;

use super::data::Data;
use super::told::{No, Told, refuse, too_much};
use crate::commit::messages::{Cause, Line, Sent};
use crate::config::DataConfig;
use crate::triggers::Wiring;

/// So many messages may be consequences of each other.
pub(super) const HOPS_MAX: u32 = 16;
/// The code of what would be one more.
pub const TOO_MANY_HOPS: &str = "too_many_hops";
/// The code of what an app has no room for.
pub(super) const QUOTA_EXCEEDED: &str = "quota_exceeded";
/// How long a message keeps others with the same `dedup` away, in milliseconds.
const DEDUP_MS: i64 = 24 * 60 * 60 * 1000;

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
    let Message {
        body,
        delay_ms,
        key,
        dedup,
        attempts,
        expires_ms,
    } = message;
    let label = |name: &str, label: Option<&str>| match label {
        Some(text) if text.is_empty() || text.len() > LABEL_BYTES_MAX => refuse(
            "bad_option",
            format!("`{name}` has 1 to {LABEL_BYTES_MAX} bytes, this has {}", text.len()),
        ),
        label => Ok(label.map(Box::from)),
    };
    for (name, ms) in [("delay", Some(*delay_ms)), ("expires", *expires_ms)] {
        if ms.is_some_and(|ms| ms > DELAY_MS_MAX) {
            return refuse("bad_option", format!("`{name}` is at most 366 days"));
        }
    }
    if attempts.is_some_and(|attempts| !(1..=ATTEMPTS_MAX).contains(&attempts)) {
        return refuse("bad_option", format!("`attempts` is 1 to {ATTEMPTS_MAX}"));
    }
    value::check(body.0).map_err(|malformed| No::Fault(malformed.into()))?;
    let now_ms = data.now_ms();
    let latest_ms = now_ms.saturating_add_unsigned(DELAY_MS_MAX);
    if at_ms.is_some_and(|at_ms| at_ms > latest_ms) {
        return refuse("bad_option", "`at` is at most 366 days ahead");
    }
    let delayed_ms = now_ms.saturating_add_unsigned(*delay_ms);
    let due_ms = at_ms.map_or(delayed_ms, |at_ms| at_ms.max(delayed_ms));
    let dedup = label("dedup", *dedup)?;
    let sent = Sent {
        cause: consequence(&mailing.cause, &line).or_else(|why| refuse(TOO_MANY_HOPS, why))?,
        line,
        body: body.0.into(),
        sent_ms: now_ms,
        due_ms,
        held_ms: 0,
        key: label("key", *key)?,
        dedup: dedup.map(|dedup| (dedup, now_ms.saturating_add(DEDUP_MS))),
        attempts_max: *attempts,
        expires_ms: expires_ms.map(|ms| due_ms.saturating_add_unsigned(ms)),
    };
    put(data, sent).await
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
