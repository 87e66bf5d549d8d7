//! What a capability says: its reply, or why there is none.

use picloud_sdk::call::{Answer, Envelope};
use picloud_sdk::limits::Stop;
use picloud_sdk::wire;
use serde::Serialize;

use crate::commit::spaces::{Full, Lost};
use crate::data::key::Key;

/// The reply, or why there is none.
pub type Told<R> = Result<R, No>;

/// Why there is no reply.
#[derive(Debug)]
pub enum No {
    /// It will not be done: the script's business, catchable.
    Refused {
        /// A stable word.
        code: &'static str,
        /// A sentence for the script's author.
        message: String,
    },
    /// A bound was met: the run is over.
    Stop(Stop),
    /// What was read is not so any more: the run is to be done again.
    Overtaken(Option<Key>),
    /// The database cannot be had.
    Unavailable(String),
    /// A fault of ours.
    Fault(anyhow::Error),
}

/// The code of whatever is more than one run may do.
pub const TOO_MUCH: &str = "limit_exceeded";

/// It will not be done.
pub(super) fn refuse<R>(code: &'static str, message: impl Into<String>) -> Told<R> {
    let message = message.into();
    Err(No::Refused { code, message })
}

/// More of something than there may be.
pub(super) fn too_much<R>(code: &'static str, what: &str, (used, allowed): (u64, u64), variable: &str) -> Told<R> {
    refuse(code, format!("{what}: {used}, {allowed} allowed ({variable})"))
}

impl From<Stop> for No {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Lost> for No {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Overtaken(key) => Self::Overtaken(key),
            Lost::Unavailable(_) | Lost::Gone | Lost::NotHeld => Self::Unavailable(lost.to_string()),
        }
    }
}

impl From<Full> for No {
    fn from(Full { keys, used, allowed }: Full) -> Self {
        let (what, variable) = if keys {
            ("entries", "PICLOUD_DATA_KEYS_PER_APP")
        } else {
            ("bytes", "PICLOUD_DATA_BYTES_PER_APP")
        };
        Self::Refused {
            code: "quota_exceeded",
            message: format!("{what} that the app keeps: {used}, {allowed} allowed ({variable})"),
        }
    }
}

/// A question of more bytes than are allowed, as the guest is told.
pub(super) fn too_long(now_ms: i64, (bytes, allowed): (usize, usize)) -> Vec<u8> {
    refused(
        now_ms,
        TOO_MUCH,
        &format!("bytes of one call: {bytes}, {allowed} allowed"),
    )
}

/// A reply, as the guest is told.
pub(super) fn given<R: Serialize>(now_ms: i64, reply: R) -> Vec<u8> {
    let answer = Answer::Given(reply);
    wire::encode(&Envelope { now_ms, answer })
}

/// What time it was for the run when it was told.
pub(super) fn told_at(answer: &[u8]) -> Option<i64> {
    wire::decode_beginning(answer)
}

/// The same of a refusal.
pub(super) fn refused(now_ms: i64, code: &str, message: &str) -> Vec<u8> {
    let answer: Answer<'_, ()> = Answer::Refused { code, message };
    wire::encode(&Envelope { now_ms, answer })
}
