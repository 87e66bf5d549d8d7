//! Ending → response, and every refusal on the way there.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use picloud_executor::{Ending, GivenUp, Reply, ScriptError};
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::report::ExecutionError;
use serde_json::{Value, json};

use crate::edge::{Answer, closing, is_bodiless, problem, retry_later};
use crate::ids::ExecutionId;
use crate::orchestrator::{DispatchError, Finished, Refusal, Repeat, report, status_of};
use crate::problem::{Code, Problem};

use super::headers;

/// Places are free again soon, or not for long: one second is as good a guess as any.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// What came of a run, for its caller. A failure is shown in full only when the app wants that.
pub(super) fn finished(finished: Finished, show_errors: bool) -> Answer {
    let Finished {
        id, execution, repeat, ..
    } = finished;
    let status = status_of(&execution.ending);
    let (_, error) = report(&execution.ending);
    let shown = error.filter(|_| show_errors);
    let mut answer = match execution.ending {
        Ending::Replied(reply) => replied(reply),
        Ending::Threw(error) => match repeat {
            Some(Repeat::Refused(code)) => failure(status, id, &Problem::new(code, error.message)),
            _ => failure(status, id, &threw(&error, shown)),
        },
        Ending::Stopped(stop, _) => {
            let mut answer = failure(status, id, &stopped(stop, shown));
            if stop.limit == Limit::SharedMemory {
                answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
            }
            answer
        }
        Ending::GivenUp(why) => {
            let problem = match why {
                GivenUp::Overtaken => {
                    Problem::new(Code::Overtaken, "others wrote what the script read, at every attempt")
                }
                // No request is for a message.
                GivenUp::Unavailable | GivenUp::NotHeld => {
                    Problem::new(Code::Unavailable, "the database cannot be had at the moment")
                }
            };
            let mut answer = failure(status, id, &problem);
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
            answer
        }
        Ending::Stale(_) | Ending::Broke(_) => failure(
            status,
            id,
            &Problem::new(Code::Internal, "something went wrong on the server's side"),
        ),
    };
    match repeat {
        Some(Repeat::Replied(first)) => {
            name(&mut answer, &first);
            let replayed = HeaderValue::from_static("true");
            answer.headers_mut().insert(&headers::IDEMPOTENCY_REPLAYED, replayed);
        }
        _ => name(&mut answer, &id.to_string()),
    }
    answer
}

/// Says which run it was.
fn name(answer: &mut Answer, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert(&headers::EXECUTION_ID, id);
    }
}

fn replied(reply: Reply) -> Answer {
    // Dispatch saw to it that it is one.
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bodiless = is_bodiless(status);
    let mut answer = Response::new(if bodiless { Bytes::new() } else { reply.body });
    *answer.status_mut() = status;
    headers::outward(reply.headers, answer.headers_mut());
    answer
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
fn failure(status: u16, id: ExecutionId, problem: &Problem) -> Answer {
    let mut body = problem.to_json();
    body["error"]["execution"] = Value::String(id.to_string());
    json_answer(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &body,
    )
}

/// Why no run was started.
pub(super) fn not_dispatched(error: &DispatchError) -> Answer {
    match error {
        DispatchError::Refused(refusal) => refused(*refusal),
        DispatchError::NoProgram { id, .. } => {
            let problem = Problem::new(Code::Unavailable, "the script cannot be loaded at the moment");
            let mut answer = failure(Code::Unavailable.status().as_u16(), *id, &problem);
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
            name(&mut answer, &id.to_string());
            answer
        }
        DispatchError::NoApp | DispatchError::NoEndpoint(_) => {
            problem(&Problem::new(Code::NotFound, "nothing answers here"))
        }
    }
}

/// There is no place for it now.
pub(super) fn refused(refusal: Refusal) -> Answer {
    let code = match refusal {
        Refusal::App { .. } => Code::TooManyRuns,
        Refusal::Installation { .. } | Refusal::Behind => Code::Overloaded,
    };
    retry_later(code, refusal.to_string())
}

/// A problem, and the connection is not used again: nobody knows what is still to come on it.
pub(super) fn last(problem: &Problem) -> Answer {
    closing(self::problem(problem))
}

/// The path is there, the method is not.
pub(super) fn not_allowed(allow: &str, is_options: bool) -> Answer {
    let mut answer = if is_options {
        let mut answer = Response::default();
        *answer.status_mut() = StatusCode::NO_CONTENT;
        answer
    } else {
        problem(&Problem::new(
            Code::MethodNotAllowed,
            format!("this path answers {allow}"),
        ))
    };
    if let Ok(allow) = HeaderValue::from_str(allow) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}

/// The app's root is one slash further.
pub(super) fn with_slash(path: &str, query: Option<&str>) -> Answer {
    let location = query.map_or_else(|| format!("{path}/"), |query| format!("{path}/?{query}"));
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

/// The server is there.
pub(super) fn healthy() -> Answer {
    let mut answer = Response::new(Bytes::from_static(b"ok\n"));
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The answer to `HEAD`: all of it but the body, whose length stays.
pub(super) fn without_body(mut answer: Answer) -> Answer {
    let length = answer.body().len();
    answer.body_mut().clear();
    if !is_bodiless(answer.status()) {
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    answer
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
