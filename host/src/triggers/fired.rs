//! What a schedule sends when it fires.

use std::sync::Arc;

use picloud_sdk::value::{self, Token};

use crate::commit::messages::{Cause, Line, Sent};

/// A schedule's message for a time.
pub(crate) fn of_schedule(line: Line, at_ms: i64, missed: u32) -> Sent {
    let mut body = Vec::new();
    value::write(&mut body, Token::Map(1));
    value::key(&mut body, "missed");
    value::write(&mut body, Token::Int(missed.into()));
    Sent {
        cause: Cause::default().then(&line),
        line,
        body: Arc::from(body),
        sent_ms: at_ms,
        due_ms: at_ms,
        held_ms: 0,
        key: None,
        dedup: None,
        attempts_max: None,
        expires_ms: None,
    }
}
