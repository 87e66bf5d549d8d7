//! What a management request can fail with. What went wrong on our side goes to the log, not to the client.

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::problem::{Code, Problem};
use crate::store;

/// What handlers answer with.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal for the client, or a failure of ours with its cause.
#[derive(Debug)]
pub enum Error {
    /// Told to the client as it is.
    Refused(Box<Problem>),
    /// The client is told that it is our fault; the cause is logged.
    Internal(anyhow::Error),
}

impl Error {
    /// No token, or none that is good for anything.
    pub(super) fn unauthenticated(why: &str) -> Self {
        Problem::new(Code::Unauthenticated, why).into()
    }

    /// There is no such thing, or it is another app's.
    pub(super) fn not_found(what: impl std::fmt::Display) -> Self {
        Problem::new(Code::NotFound, format!("there is no {what}")).into()
    }

    /// A field has a value that is not allowed.
    pub(super) fn invalid(field: &str, problem: impl std::fmt::Display) -> Self {
        Problem::new(Code::Invalid, format!("{field}: {problem}"))
            .with(json!({ "field": field }))
            .into()
    }

    /// There may be no more of them.
    pub(super) fn too_many(what: &str, allowed: usize) -> Self {
        Problem::new(
            Code::TooMany,
            format!("there may be {allowed} {what}, and there are; delete some first"),
        )
        .with(json!({ "allowed": allowed }))
        .into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Internal(anyhow::Error::from(cause).context("a statement of the management API"))
    }
}

/// Why a request failed on our side, for the log. Beside the answer, not in it.
#[derive(Clone)]
pub(super) struct Cause(pub(super) std::sync::Arc<anyhow::Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (problem, cause) = match self {
            Self::Refused(problem) => (*problem, None),
            Self::Internal(cause) => (what_broke(&cause), Some(Cause(cause.into()))),
        };
        let mut response = (problem.code.status(), Json(problem.to_json())).into_response();
        if problem.code == Code::Unauthenticated {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(problem.code, Code::TooManyRuns | Code::Overloaded | Code::Unavailable) {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

/// It may work in a while when only the database cannot be had.
fn what_broke(cause: &anyhow::Error) -> Problem {
    let causes = || cause.chain().filter_map(|cause| cause.downcast_ref::<sqlx::Error>());
    if causes().any(store::is_unavailable) {
        let message = "the database cannot be had at the moment; the server's log has the cause";
        return Problem::new(Code::Unavailable, message);
    }
    Problem::new(
        Code::Internal,
        "something went wrong on our side; the server's log has the cause",
    )
}

/// The answer for a path that is not there.
pub(super) async fn no_such_path() -> Error {
    Error::not_found("such path; /api/v1/openapi.json lists those there are")
}

/// Gives axum's bare 405 our shape; axum has put `Allow` into it.
pub(super) fn no_such_method(method: &Method, response: &Response) -> Response {
    let allow = response.headers().get(ALLOW).cloned();
    let message = match allow.as_ref().and_then(|allow| allow.to_str().ok()) {
        Some(allow) => format!("this path has no {method}, only {allow}"),
        None => format!("this path has no {method}; the header allow lists what it has"),
    };
    let mut response = Error::from(Problem::new(Code::MethodNotAllowed, message)).into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
