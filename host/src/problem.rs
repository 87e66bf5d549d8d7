//! Every error code that a client of either listener may meet, and the one JSON shape that carries it.
//!
//! `docs/errors.md` is compared with [`Code::ALL`] by a test.

use http::StatusCode;
use picloud_sdk::api::{Error, ErrorBody};
use serde::Serialize;
use serde_json::{Value, json};

/// An error as a client sees it: `{"error": {"code", "message", "details"?}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What a program decides by.
    pub code: Code,
    /// What a person reads.
    pub message: String,
    /// What a program may show: names, bounds, positions.
    pub details: Option<Value>,
}

impl Problem {
    /// One without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
        }
    }

    /// A field has a value that is not allowed.
    pub fn invalid(field: &str, problem: impl std::fmt::Display) -> Self {
        Self::new(Code::Invalid, format!("{field}: {problem}")).with(json!({ "field": field }))
    }

    /// The same with `details`, a JSON object.
    #[must_use]
    pub fn with(self, details: Value) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!(Error {
            error: ErrorBody {
                code: self.code.as_str().to_owned(),
                message: self.message.clone(),
                details: self.details.clone(),
            },
        })
    }
}

macro_rules! codes {
    ($($name:ident = $word:literal, $status:ident, $meaning:literal;)*) => {
        /// A stable word for what went wrong. Words are never reused, nor is their meaning changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum Code {
            $(#[doc = $meaning] #[serde(rename = $word)] $name,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The status it is answered with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// One sentence for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    // Both listeners.
    BadRequest = "bad_request", BAD_REQUEST, "The request is not well-formed; the message says where. Where a script says so, the status is the one that fits, and `details.code` the script's word for it, such as `bad_json` or `expired`.";
    NotFound = "not_found", NOT_FOUND, "There is no such thing, or it is not yours to see.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The path exists, but not for this method; `Allow` lists those it has.";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is larger than allowed; the message names both sizes.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side; the server's log has the cause.";

    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request did not arrive in time.";
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too many or too large.";

    // The apps' listener.
    TooManyRuns = "too_many_runs", TOO_MANY_REQUESTS, "The app has as many runs as it may; try again after `Retry-After` seconds.";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "There is no room now: for more runs, bodies, answers or connections; try again after `Retry-After` seconds.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "A script or the database cannot be had at the moment; try again after `Retry-After` seconds.";
    Overtaken = "overtaken", SERVICE_UNAVAILABLE, "Others wrote what the script read, at every attempt; nothing was done. Try again after `Retry-After` seconds.";
    IdempotencyKeyMissing = "idempotency_key_missing", BAD_REQUEST, "The route demands a header `Idempotency-Key`, and there is none.";
    IdempotencyKeyMalformed = "idempotency_key_malformed", BAD_REQUEST, "There are several headers `Idempotency-Key`, or what it says is no key.";
    IdempotencyKeyInFlight = "idempotency_key_in_flight", CONFLICT, "A request with this `Idempotency-Key` is under way; try again after `Retry-After` seconds.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "This `Idempotency-Key` was another request's: of another method, URL or body, or with other credentials. Nothing was done.";
    ReplyNotKept = "reply_not_kept", GONE, "The request was done, and its reply was too large to be kept, for a repeat or for later. Nothing was done again.";
    RequestCancelled = "request_cancelled", GONE, "Somebody let go of this request before it was answered; nothing of it is kept.";
    AlreadyAnswered = "already_answered", CONFLICT, "The request is answered, and cannot be let go of any more.";
    CallbackRefused = "callback_refused", BAD_REQUEST, "What `PiCloud-Callback` says is no URL that the app may send to. Nothing was done.";
    Lost = "lost", INTERNAL_SERVER_ERROR, "A request that was to be answered later was begun as often as may be, and its server ended each time. Nothing of it is kept.";
    LoopDetected = "loop_detected", LOOP_DETECTED, "The request is one consequence too many of others; the message says how many came before, and which are known.";
    LimitExceeded = "limit_exceeded", INTERNAL_SERVER_ERROR, "The script was stopped by a limit; `execution` names the run for its author.";
    TimedOut = "timed_out", GATEWAY_TIMEOUT, "The script took longer than it may; `execution` names the run for its author.";
    ScriptFailed = "script_failed", INTERNAL_SERVER_ERROR, "The script failed; `execution` names the run for its author.";

    // The management API.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "There is no valid token: none was sent, or it is unknown, revoked or expired.";
    Misdirected = "misdirected", MISDIRECTED_REQUEST, "The admin listener has no such host name; `PICLOUD_ADMIN_HOSTS` lists those it has.";
    Forbidden = "forbidden", FORBIDDEN, "The token's role is too small for this.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body is not `application/json`.";
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "A field has a value that is not allowed; `details.field` names it.";
    SourceTooLarge = "source_too_large", UNPROCESSABLE_ENTITY, "The source is larger than a script may be.";
    CompileFailed = "compile_failed", UNPROCESSABLE_ENTITY, "The source does not compile; `details.diagnostics` says where and why.";
    ImportCycle = "import_cycle", UNPROCESSABLE_ENTITY, "Scripts import each other in a circle; `details.cycle` names it whole.";
    ImportsTooDeep = "imports_too_deep", UNPROCESSABLE_ENTITY, "A chain of imports is longer than allowed; `details.chain` names it whole.";
    LinkFailed = "link_failed", CONFLICT, "A script would no longer find what it imports; `details` says which script, where and what.";
    Exists = "exists", CONFLICT, "Something of that name exists already.";
    HostTaken = "host_taken", CONFLICT, "Another app has this host name.";
    InUse = "in_use", CONFLICT, "It cannot go while others point at it; `details` names them.";
    VersionConflict = "version_conflict", PRECONDITION_FAILED, "The script is not in the version that `If-Match` names; `details` says which is live.";
    RouteConflict = "route_conflict", CONFLICT, "Another route answers the same requests; `details.route` is its id.";
    NotUnique = "not_unique", CONFLICT, "Another document has the same values in a unique index; the message names both.";
    DataRefused = "data_refused", UNPROCESSABLE_ENTITY, "What the app keeps cannot be read or changed so; `details.code` is the word that a script would catch.";
    NoNewKey = "no_new_key", CONFLICT, "The server makes no key of secrets itself in this set-up, and its file of keys has no new one; the message says how to add one.";
    TooMany = "too_many", CONFLICT, "There may be no more of these; delete some first.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_things() {
        let words: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn a_problem_is_one_json_shape() {
        let problem = Problem::new(Code::Exists, "an app of the name acme exists").with(json!({ "name": "acme" }));
        assert_eq!(
            problem.to_json(),
            json!({ "error": {
                "code": "exists", "message": "an app of the name acme exists", "details": { "name": "acme" }
            } })
        );
    }
}
