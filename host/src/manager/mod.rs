//! The control plane: who may do what with which app. One folder per noun, each with its handlers and its statements.
//!
//! ```text
//! request ── Caller, Member<role>, Operator: who is it, may it? ── handler ── queries ── commit and tell
//! ```
//!
//! *Invariant*: a handler reaches an app's things only through [`access`]; what has no access check is in [`PUBLIC_DOORS`].
//! *Invariant*: every statement takes the app, but for those that find out which one it is.
//! *Invariant*: what a client did wrong is a [`crate::problem::Problem`]; what we did wrong is logged and answered with 500.

pub mod access;
mod allow;
pub mod apps;
pub mod check;
mod dashboard;
mod data;
mod dead_letters;
mod docs;
mod env;
mod error;
pub mod executions;
mod extract;
mod kept;
mod kv;
mod messages;
mod openapi;
pub mod page;
mod paths;
mod precondition;
pub mod routes;
pub mod scripts;
mod secrets;
pub mod system;
pub mod tokens;
mod triggers;
pub mod versions;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, http};
use picloud_sdk::api::{
    APP_NAME_BYTES_MAX, IMPORT_MAX, PREFIX, SCRIPT_NAME_BYTES_MAX, SECRET_BYTES_MAX, VARIABLE_NAME_BYTES_MAX,
};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::deploy::routes::ROUTES_MAX;
use crate::deploy::scripts::SCRIPTS_MAX;
use crate::deploy::versions::VERSIONS_KEPT;
use crate::identity::{TOKEN_NAME_CHARS_MAX, TOKENS_MAX};
use crate::orchestrator::Host;
use crate::outbound::ALLOWED_MAX;
use crate::secrets::{HIDDEN_BYTES_MIN, SECRETS_MAX, SETTINGS_MAX, VALUES_KEPT};
use crate::store::Statement;
use crate::{names, routing};
pub use openapi::{document, document_pretty};

/// Operations that ask for no token, each with its reason.
pub const PUBLIC_DOORS: &[(&str, &str)] = &[(
    "GET /api/v1/openapi.json",
    "the document is in the public repository, and a client reads it to learn how to sign in",
)];

/// How long names may be and how many there may be of each thing: (what, at most, unit). `docs/bounds.md` shows it.
pub const BOUNDS: &[(&str, usize, &str)] = &[
    ("apps of an installation", apps::APPS_MAX, "apps"),
    ("own host names of an app", apps::HOSTS_MAX, "hosts"),
    ("scripts of an app", SCRIPTS_MAX, "scripts"),
    ("versions kept of a script", VERSIONS_KEPT as usize, "versions"),
    ("scripts of one push", extract::PUSH_BYTES_MAX, "bytes"),
    ("routes of an app", ROUTES_MAX, "routes"),
    ("secrets of an app", SECRETS_MAX, "secrets"),
    ("values kept of a secret, for replays", VALUES_KEPT as usize, "values"),
    ("settings of an app", SETTINGS_MAX, "settings"),
    ("hosts that an app may call", ALLOWED_MAX, "hosts"),
    ("tokens of an app, or of the operators", TOKENS_MAX, "tokens"),
    ("name of an app", APP_NAME_BYTES_MAX, "bytes"),
    ("name of a script, folders included", SCRIPT_NAME_BYTES_MAX, "bytes"),
    ("own host name", names::HOST_BYTES_MAX, "bytes"),
    ("name of a secret or a setting", VARIABLE_NAME_BYTES_MAX, "bytes"),
    ("value of a secret or a setting", SECRET_BYTES_MAX, "bytes"),
    (
        "longest value of a secret that is not looked for in logs",
        HIDDEN_BYTES_MIN - 1,
        "bytes",
    ),
    ("name of a token", TOKEN_NAME_CHARS_MAX, "characters"),
    ("pattern of a route", routing::PATTERN_BYTES_MAX, "bytes"),
    ("segments of a pattern", routing::SEGMENTS_MAX, "segments"),
    ("name of a pattern's parameter", routing::PARAMETER_BYTES_MAX, "bytes"),
    ("items of a page", page::PAGE_ITEMS_MAX as usize, "items"),
    ("values or documents of a page", kept::ITEMS_MAX as usize, "items"),
    ("values and documents of one import", IMPORT_MAX, "items"),
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

/// A kind of thing that the API has: its operations, and the statements behind them.
struct Noun {
    router: fn() -> OpenApiRouter<Host>,
    statements: &'static [Statement],
}

/// Every noun, in the order of the document. One line registers one.
const NOUNS: [Noun; 21] = [
    apps::NOUN,
    scripts::NOUN,
    versions::NOUN,
    routes::NOUN,
    executions::NOUN,
    data::NOUN,
    kv::NOUN,
    docs::NOUN,
    secrets::NOUN,
    allow::NOUN,
    env::NOUN,
    triggers::QUEUES,
    triggers::SCHEDULES,
    triggers::SUBSCRIPTIONS,
    triggers::CHANGES,
    messages::NOUN,
    dead_letters::NOUN,
    tokens::NOUN,
    check::NOUN,
    system::NOUN,
    openapi::NOUN,
];

/// Every statement of the nouns.
pub(crate) fn statements() -> impl Iterator<Item = Statement> {
    NOUNS.iter().flat_map(|noun| noun.statements.iter().copied())
}

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
    let nouns = NOUNS
        .iter()
        .fold(OpenApiRouter::new(), |all, noun| all.merge((noun.router)()));
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
    crate::error::Error::from(anyhow::anyhow!("a handler panicked")).into_response()
}
