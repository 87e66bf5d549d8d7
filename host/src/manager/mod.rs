//! The control plane: who may do what with which app. One folder per noun, each with its handlers and its statements.
//!
//! ```text
//! request ── Caller, Member<role>, Operator: who is it, may it? ── handler ── queries ── commit ── invalidate
//! ```
//!
//! *Invariant*: a handler reaches an app's things only through [`access`]; what has no access check is in [`PUBLIC_DOORS`].
//! *Invariant*: every statement takes the app, but for those that find out which one it is.
//! *Invariant*: what a client did wrong is a [`crate::problem::Problem`]; what we did wrong is logged and answered with 500.

pub mod access;
pub mod apps;
pub mod check;
mod dashboard;
pub mod error;
pub mod executions;
mod extract;
pub mod links;
pub mod names;
mod openapi;
pub mod page;
pub mod routes;
pub mod scripts;
pub mod system;
pub mod time;
pub mod tokens;
pub mod versions;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, http};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::host::Host;
use crate::orchestrator::pattern;
use crate::store::Statement;
pub use openapi::{document, document_pretty};

/// Where the API is mounted.
pub const PREFIX: &str = "/api/v1";

/// Operations that ask for no token, each with its reason.
pub const PUBLIC_DOORS: &[(&str, &str)] = &[(
    "GET /api/v1/openapi.json",
    "the document is in the public repository, and a client reads it to learn how to sign in",
)];

/// How long names may be and how many there may be of each thing: (what, at most, unit). `docs/bounds.md` shows it.
pub const BOUNDS: &[(&str, usize, &str)] = &[
    ("apps of an installation", apps::APPS_MAX, "apps"),
    ("own host names of an app", apps::HOSTS_MAX, "hosts"),
    ("scripts of an app", scripts::SCRIPTS_MAX, "scripts"),
    (
        "versions kept of a script",
        versions::VERSIONS_KEPT as usize,
        "versions",
    ),
    ("scripts of one push", extract::PUSH_BYTES_MAX, "bytes"),
    ("routes of an app", routes::ROUTES_MAX, "routes"),
    ("tokens of an app, or of the operators", tokens::TOKENS_MAX, "tokens"),
    ("name of an app", names::APP_NAME_BYTES_MAX, "bytes"),
    (
        "name of a script, folders included",
        names::SCRIPT_NAME_BYTES_MAX,
        "bytes",
    ),
    ("own host name", names::HOST_BYTES_MAX, "bytes"),
    ("name of a token", tokens::TOKEN_NAME_CHARS_MAX, "characters"),
    ("pattern of a route", pattern::PATTERN_BYTES_MAX, "bytes"),
    ("segments of a pattern", pattern::SEGMENTS_MAX, "segments"),
    ("name of a pattern's parameter", pattern::PARAMETER_BYTES_MAX, "bytes"),
    ("items of a page", page::PAGE_ITEMS_MAX as usize, "items"),
];

/// On every answer: it is for this caller, now, and it is no page.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Every statement of the control plane.
pub(crate) const STATEMENTS: &[&[Statement]] = &[
    apps::queries::ALL,
    scripts::queries::ALL,
    versions::STATEMENTS,
    links::queries::ALL,
    routes::queries::ALL,
    executions::STATEMENTS,
    tokens::queries::ALL,
];

/// The management API, and the dashboard beside it.
pub fn router(host: Host) -> Router {
    let (router, _) = described().split_for_parts();
    router
        .route("/api", any(error::no_such_path))
        .route("/api/{*rest}", any(error::no_such_path))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(middleware::from_fn(finish))
        .fallback(dashboard::answer)
        .with_state(host)
}

/// The routes with their description, in the order of the nouns.
fn described() -> OpenApiRouter<Host> {
    let nouns = OpenApiRouter::new()
        .merge(apps::router())
        .merge(scripts::router())
        .merge(versions::router())
        .merge(routes::router())
        .merge(executions::router())
        .merge(tokens::router())
        .merge(check::router())
        .merge(system::router())
        .merge(openapi::router());
    let mut router = OpenApiRouter::with_openapi(openapi::base()).nest(PREFIX, nouns);
    openapi::finish(router.get_openapi_mut());
    router
}

/// What all answers share: our headers, our shape of a 405, our failures in the log.
async fn finish(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = error::no_such_method(&method, &response);
    }
    if let Some(error::Cause(cause)) = response.extensions().get() {
        tracing::error!(%method, path, "{method} {path} failed: {cause:#}");
    }
    response.headers_mut().extend(HEADERS);
    response
}

fn panicked() -> http::Response<axum::body::Body> {
    error::Error::from(anyhow::anyhow!("a handler panicked")).into_response()
}
