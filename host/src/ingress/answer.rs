//! Ending → response, and every refusal on the way there.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use picloud_executor::Reply;

use crate::edge::{Answer, closing, is_bodiless, problem, retry_later};
use crate::ids::ExecutionId;
use crate::orchestrator::{DispatchError, Finished, Refusal, Repeat, not_loaded, reply_of};
use crate::problem::{Code, Problem};

use super::headers;

/// What came of a run, for its caller. A failure is shown in full only when the app wants that.
pub(super) fn finished(finished: Finished, show_errors: bool) -> Answer {
    let Finished {
        id, execution, repeat, ..
    } = finished;
    let mut answer = replied(reply_of(execution.ending, id, repeat.as_ref(), show_errors));
    match repeat {
        Some(Repeat::Replied(first)) => repeated(&mut answer, &first),
        _ => name(&mut answer, &id.to_string()),
    }
    answer
}

/// Says that it is the answer to what was sent before, and which run that was.
pub(super) fn repeated(answer: &mut Answer, first: &str) {
    // Of one that was only accepted there is none yet.
    if first.parse::<ExecutionId>().is_ok() {
        name(answer, first);
    }
    let replayed = HeaderValue::from_static("true");
    answer.headers_mut().insert(&headers::IDEMPOTENCY_REPLAYED, replayed);
}

/// Says which run it was.
pub(super) fn name(answer: &mut Answer, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert(&headers::EXECUTION_ID, id);
    }
}

/// A reply as it goes out.
pub(super) fn replied(reply: Reply) -> Answer {
    // Dispatch saw to it that it is one.
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bodiless = is_bodiless(status);
    let mut answer = Response::new(if bodiless { Bytes::new() } else { reply.body });
    *answer.status_mut() = status;
    headers::outward(reply.headers, answer.headers_mut());
    answer
}

/// Why no run was started.
pub(super) fn not_dispatched(error: &DispatchError) -> Answer {
    match error {
        DispatchError::Refused(refusal) => refused(*refusal),
        DispatchError::NoProgram { id, .. } => {
            let mut answer = replied(not_loaded(*id));
            name(&mut answer, &id.to_string());
            answer
        }
        DispatchError::NoApp | DispatchError::NoEndpoint(_) => {
            problem(&Problem::new(Code::NotFound, "nothing answers here"))
        }
    }
}

/// A refusal, which may be different in a second.
pub(super) fn not_now(problem: &Problem) -> Answer {
    match problem.code {
        Code::Overloaded | Code::Unavailable | Code::Overtaken => retry_later(problem.code, &problem.message),
        _ => self::problem(problem),
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
