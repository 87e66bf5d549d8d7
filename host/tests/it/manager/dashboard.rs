//! The dashboard beside the API: its page for every path that is no API, and none of the one's rules for the other.
//! Whether it was built does not matter here; `npm run e2e` drives it.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use picloud::manager;
use tower::ServiceExt as _;

use crate::harness::api::Api;

async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

#[tokio::test]
async fn every_path_that_is_no_api_is_its_page() {
    let router = manager::router(Api::start().await.host.clone());
    for path in ["/", "/index.html", "/apps/demo/scripts/shop/orders", "/no/such/page"] {
        let (status, headers) = ask(&router, Method::GET, path, &[]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn the_api_keeps_its_own_answers() {
    let router = manager::router(Api::start().await.host.clone());
    for path in ["/api", "/api/v1", "/api/v1/nothing", "/api/v2/apps"] {
        for method in [Method::GET, Method::POST] {
            let (status, headers) = ask(&router, method, path, &[]).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(headers["content-type"], "application/json", "{path}");
            assert_eq!(headers["cache-control"], "no-store", "{path}");
        }
    }
    let (status, _) = ask(&router, Method::GET, "/api/v1/apps", &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_an_older_build_asks_for_is_not_there() {
    let router = manager::router(Api::start().await.host.clone());
    for path in ["/_app/immutable/gone.js", "/_app/../../Cargo.toml", "/_app/%2e%2e/x"] {
        let (status, _) = ask(&router, Method::GET, path, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_page_is_read_and_not_written() {
    let router = manager::router(Api::start().await.host.clone());
    let (status, headers) = ask(&router, Method::POST, "/", &[]).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers["allow"], "GET, HEAD");
}

#[tokio::test]
async fn who_has_the_page_is_told_so() {
    let router = manager::router(Api::start().await.host.clone());
    let (_, headers) = ask(&router, Method::GET, "/", &[]).await;
    // A page that was not built has no tag.
    let Some(tag) = headers.get("etag").and_then(|tag| tag.to_str().ok()) else {
        return;
    };
    let known = format!("\"other\", W/{tag}");
    let (status, headers) = ask(&router, Method::GET, "/", &[("if-none-match", &known)]).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
    assert_eq!(headers["etag"], tag);
    let (status, _) = ask(&router, Method::GET, "/", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(status, StatusCode::OK);
}
