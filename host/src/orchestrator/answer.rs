//! From an ending to the reply that its caller gets, at once or later.

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use picloud_executor::{Ending, GivenUp, Reply, ScriptError};
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::report::ExecutionError;
use serde_json::{Value, json};

use super::idempotency::Repeat;
use super::report::{report, status_of};
use crate::ids::ExecutionId;
use crate::problem::{Code, Problem};

/// Places are free again soon, or not for long: one second is as good a guess as any.
const RETRY_AFTER_S: &str = "1";

/// What came of a run, for its caller: what it replied, or a problem. A failure is shown in full only when the app wants that.
#[must_use]
pub fn reply_of(ending: Ending, id: ExecutionId, repeat: Option<&Repeat>, show_errors: bool) -> Reply {
    let status = status_of(&ending);
    let (_, error) = report(&ending);
    let shown = error.filter(|_| show_errors);
    match ending {
        Ending::Replied(reply) => reply,
        Ending::Threw(error) => match repeat {
            Some(Repeat::Refused(code)) => failure(status, Some(id), &Problem::new(*code, error.message)),
            _ => failure(status, Some(id), &threw(&error, shown)),
        },
        Ending::Stopped(stop, _) => {
            let reply = failure(status, Some(id), &stopped(stop, shown));
            if stop.limit == Limit::SharedMemory {
                again(reply)
            } else {
                reply
            }
        }
        Ending::GivenUp(why) => {
            let problem = match why {
                GivenUp::Overtaken => {
                    Problem::new(Code::Overtaken, "others wrote what the script read, at every attempt")
                }
                // Nobody asks what came of an attempt whose message is another's.
                GivenUp::Unavailable | GivenUp::NotHeld => {
                    Problem::new(Code::Unavailable, "the database cannot be had at the moment")
                }
            };
            again(failure(status, Some(id), &problem))
        }
        Ending::Stale(_) | Ending::Broke(_) => {
            let problem = Problem::new(Code::Internal, "something went wrong on the server's side");
            failure(status, Some(id), &problem)
        }
    }
}

/// What is told of a run whose program cannot be had.
#[must_use]
pub fn not_loaded(id: ExecutionId) -> Reply {
    let problem = Problem::new(Code::Unavailable, "the script cannot be loaded at the moment");
    again(failure(problem.code.status().as_u16(), Some(id), &problem))
}

/// A problem that no run had.
pub(super) fn refusal(problem: &Problem) -> Reply {
    failure(problem.code.status().as_u16(), None, problem)
}

fn threw(error: &ScriptError, shown: Option<ExecutionError>) -> Problem {
    if let Some(400..=499) = error.caller_status {
        // The caller's fault: the caller is told, with the script's own word for it.
        return Problem::new(Code::BadRequest, &error.message).with(json!({ "code": error.code }));
    }
    match shown {
        Some(shown) => Problem::new(Code::ScriptFailed, &shown.message).with(details(&shown)),
        None => Problem::new(Code::ScriptFailed, "the script failed"),
    }
}

fn stopped(stop: Stop, shown: Option<ExecutionError>) -> Problem {
    let code = match stop.limit {
        Limit::Wall => Code::TimedOut,
        Limit::SharedMemory => Code::Overloaded,
        _ => Code::LimitExceeded,
    };
    match shown {
        Some(shown) => Problem::new(code, &shown.message).with(details(&shown)),
        None => Problem::new(code, "the script was stopped by a limit"),
    }
}

/// All that the record has of it, and the innermost place once more.
fn details(error: &ExecutionError) -> Value {
    let mut details = json!(error);
    if let Some(details) = details.as_object_mut() {
        details.remove("message");
    }
    if let Some(top) = error.stack.first() {
        details["line"] = top.line.into();
        details["column"] = top.column.into();
    }
    details
}

/// A problem with the run that had it.
fn failure(status: u16, id: Option<ExecutionId>, problem: &Problem) -> Reply {
    let mut body = problem.to_json();
    if let Some(id) = id {
        body["error"]["execution"] = Value::String(id.to_string());
    }
    Reply {
        status,
        headers: vec![(CONTENT_TYPE.to_string(), "application/json".to_owned())],
        body: body.to_string().into(),
    }
}

/// The same, worth another try soon.
fn again(mut reply: Reply) -> Reply {
    reply.headers.push((RETRY_AFTER.to_string(), RETRY_AFTER_S.to_owned()));
    reply
}
