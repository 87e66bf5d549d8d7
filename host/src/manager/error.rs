//! What a management request can fail with. What went wrong on our side goes to the log, not to the client.

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::problem::{Code, Problem};
use crate::store;

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
        if matches!(
            problem.code,
            Code::TooManyRuns | Code::Overloaded | Code::Unavailable | Code::Overtaken
        ) {
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
