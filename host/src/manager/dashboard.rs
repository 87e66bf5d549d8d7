//! The dashboard: the files of `dashboard/build`, inside the binary. Everything that is no file and no API is its page,
//! which asks for a token by itself; there is nothing secret in it.

use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Error;
use crate::problem::{Code, Problem};

/// Empty when there was no build of it; a debug binary reads them from the disk.
#[derive(RustEmbed)]
#[folder = "../dashboard/build"]
#[allow_missing = true]
struct Files;

const PAGE: &str = "index.html";
/// Files whose names change with their content.
const IMMUTABLE: &str = "_app/immutable/";

/// What to say instead of a page.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>PiCloud</title><h1>PiCloud</h1>\
    <p>The dashboard was not built into this binary: <code>make build</code> does that. \
    The management API is here all the same, and describes itself at \
    <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>";

/// On every file. Which scripts the page may run is said in the page, where their hashes are known.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (VARY, HeaderValue::from_static("accept-encoding")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"),
    ),
];

/// A file of the dashboard, or its page.
pub(super) async fn answer(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        let why = Problem::new(Code::MethodNotAllowed, "this path answers GET, HEAD");
        return ([(ALLOW, "GET, HEAD")], Error::from(why)).into_response();
    }
    let mut response = match uri.path().trim_start_matches('/') {
        "" | PAGE => page(&headers),
        path => match Files::get(path) {
            Some(file) => deliver(path, file, &headers),
            // A page of an older build asks for what is no more: it must not take our page for it.
            None if path.starts_with("_app/") => Error::not_found("such file").into_response(),
            None => page(&headers),
        },
    };
    response.headers_mut().extend(HEADERS);
    response
}

fn page(headers: &HeaderMap) -> Response {
    match Files::get(PAGE) {
        Some(file) => deliver(PAGE, file, headers),
        None => (
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-cache")],
            NOT_BUILT,
        )
            .into_response(),
    }
}

fn deliver(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> Response {
    let small = takes_brotli(headers)
        .then(|| Files::get(&format!("{path}.br")))
        .flatten();
    let encoding = small.is_some().then_some([(CONTENT_ENCODING, "br")]);
    let file = small.unwrap_or(plain);
    let etag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    let cache = if path.starts_with(IMMUTABLE) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };

    let known = [(CACHE_CONTROL, cache.to_owned()), (ETAG, etag.clone())];
    if listed(headers, &IF_NONE_MATCH).any(|tag| tag.trim_start_matches("W/") == etag) {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    (known, [(CONTENT_TYPE, media_type(path))], encoding, file.data).into_response()
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    listed(headers, &ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0_f32);
        name.trim().eq_ignore_ascii_case("br") && !refused
    })
}

/// The members of a header's list.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Of the kinds of files that a build has.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_for_those_who_take_it() {
        let takes = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        assert!(takes("gzip, deflate, br"));
        assert!(takes("gzip;q=0.9, BR;q=0.5"));
        assert!(!takes("gzip, br;q=0"));
        assert!(!takes("brotli"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
