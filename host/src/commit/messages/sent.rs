//! What is asked of a message that is sent, by a script or from outside, and what of it may be so.

use picloud_sdk::call::queue::{ATTEMPTS_MAX, DELAY_MS_MAX, LABEL_BYTES_MAX, Message};

use super::{Cause, Line, Sent};

/// How long a message keeps others with the same `dedup` away, in milliseconds.
const DEDUP_MS: i64 = 24 * 60 * 60 * 1000;

/// What may not be so of a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Bad {
    /// What of it, as scripts name it.
    pub option: &'static str,
    /// What may be.
    pub why: String,
}

impl Sent {
    /// `message` to `line`, sent at `now_ms` and not before `at_ms`. Its body is taken as it is.
    ///
    /// # Errors
    /// Which option is wrong, and why.
    pub fn of(
        line: Line,
        cause: Cause,
        message: &Message<'_>,
        (now_ms, at_ms): (i64, Option<i64>),
    ) -> Result<Self, Bad> {
        let Message {
            body,
            delay_ms,
            key,
            dedup,
            attempts,
            expires_ms,
        } = message;
        for (option, ms) in [("delay", Some(*delay_ms)), ("expires", *expires_ms)] {
            if ms.is_some_and(|ms| ms > DELAY_MS_MAX) {
                return bad(option, "it is at most 366 days");
            }
        }
        if let Some(attempts) = attempts.filter(|attempts| !(1..=ATTEMPTS_MAX).contains(attempts)) {
            return bad(
                "attempts",
                format!("1 to {ATTEMPTS_MAX} are allowed, this is {attempts}"),
            );
        }
        let latest_ms = now_ms.saturating_add_unsigned(DELAY_MS_MAX);
        if at_ms.is_some_and(|at_ms| at_ms > latest_ms) {
            return bad("at", "it is at most 366 days ahead");
        }
        let delayed_ms = now_ms.saturating_add_unsigned(*delay_ms);
        let due_ms = at_ms.map_or(delayed_ms, |at_ms| at_ms.max(delayed_ms));
        let dedup = label("dedup", *dedup)?;
        Ok(Self {
            line,
            cause,
            body: body.0.into(),
            sent_ms: now_ms,
            due_ms,
            held_ms: 0,
            key: label("key", *key)?,
            dedup: dedup.map(|dedup| (dedup, now_ms.saturating_add(DEDUP_MS))),
            attempts_max: *attempts,
            expires_ms: expires_ms.map(|ms| due_ms.saturating_add_unsigned(ms)),
        })
    }
}

fn label(option: &'static str, text: Option<&str>) -> Result<Option<Box<str>>, Bad> {
    let Some(text) = text else { return Ok(None) };
    if !(1..=LABEL_BYTES_MAX).contains(&text.len()) {
        let bytes = text.len();
        return bad(
            option,
            format!("1 to {LABEL_BYTES_MAX} bytes are allowed, these are {bytes}"),
        );
    }
    // No text of PostgreSQL has one.
    if text.contains('\0') {
        return bad(option, "it has a character 0");
    }
    Ok(Some(text.into()))
}

fn bad<T>(option: &'static str, why: impl Into<String>) -> Result<T, Bad> {
    let why = why.into();
    Err(Bad { option, why })
}
