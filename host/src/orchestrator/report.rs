//! From an ending to what is said of it: the one place that records, answers and the command line ask.

use data_encoding::BASE64;
use picloud_executor::{Ending, GivenUp, Reply, ScriptError};
use picloud_sdk::api;
use picloud_sdk::limits::Limit;
use picloud_sdk::report::{EndingKind, ExecutionError, NOT_HELD, OVERTAKEN, UNAVAILABLE};

/// How it ended, and why when it did not reply. What broke is ours, and stands in the server's log.
#[must_use]
pub fn report(ending: &Ending) -> (EndingKind, Option<ExecutionError>) {
    match ending {
        Ending::Replied(_) => (EndingKind::Replied, None),
        Ending::Threw(ScriptError {
            code, message, stack, ..
        }) => (
            EndingKind::Threw,
            Some(ExecutionError::thrown(code, message, stack.clone())),
        ),
        Ending::Stopped(stop, stack) => (EndingKind::Stopped, Some(ExecutionError::stopped(*stop, stack.clone()))),
        Ending::GivenUp(why) => {
            let (code, message) = match why {
                GivenUp::Overtaken => (OVERTAKEN, "others wrote what it read, at every attempt"),
                GivenUp::Unavailable => (UNAVAILABLE, "the database could not be had"),
                GivenUp::NotHeld => (NOT_HELD, "its message was handed to another run meanwhile, or deleted"),
            };
            (
                EndingKind::Undone,
                Some(ExecutionError::thrown(code, message, Vec::new())),
            )
        }
        Ending::Stale(_) | Ending::Broke(_) => (EndingKind::Broke, Some(ExecutionError::ours())),
    }
}

/// A reply as JSON can carry it: its body as text when it is some, else in base64.
#[must_use]
pub fn textual(reply: Reply) -> api::Reply {
    let Reply { status, headers, body } = reply;
    let (body, body_base64) = match String::from_utf8(body.into()) {
        Ok(text) => (Some(text), None),
        Err(bytes) => (None, Some(BASE64.encode(bytes.as_bytes()))),
    };
    api::Reply {
        status,
        headers,
        body,
        body_base64,
    }
}

/// The HTTP status that an ending is answered with.
#[must_use]
pub fn status_of(ending: &Ending) -> u16 {
    match ending {
        Ending::Replied(reply) => reply.status,
        Ending::Threw(ScriptError {
            caller_status: Some(status @ 400..=499),
            ..
        }) => *status,
        Ending::Stopped(stop, _) => match stop.limit {
            Limit::Wall => 504,
            // Not the script's doing: there may be room again in a moment.
            Limit::SharedMemory => 503,
            _ => 500,
        },
        Ending::GivenUp(_) => 503,
        Ending::Threw(_) | Ending::Stale(_) | Ending::Broke(_) => 500,
    }
}
