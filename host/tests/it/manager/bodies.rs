//! Requests that are not what they should be: one shape of error, and never a 500.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::harness::api::{Answer, Api};
use crate::harness::database::TestDatabase;
use crate::harness::echo;

async fn post(api: &Api, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let secret = std::fs::read_to_string(api.host.config.store.data.join("operator.token")).unwrap();
    let mut request = Request::post("/api/v1/apps").header("authorization", format!("Bearer {}", secret.trim()));
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    api.stranger().send_raw(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_body_is_json_of_the_right_form() {
    let api = Api::start().await;
    let json = Some("application/json");
    post(&api, None, "{}").await.refused(415, "unsupported_media_type");
    post(&api, Some("text/plain"), r#"{"name":"acme"}"#)
        .await
        .refused(415, "unsupported_media_type");
    for body in ["", "{", "nothing", "{\"name\":\"\u{0}\"", r#"{"name":"a"} x"#] {
        post(&api, json, body).await.refused(400, "bad_request");
    }
    post(&api, json, vec![b'{', b'"', 0xff, b'"'])
        .await
        .refused(400, "bad_request");
    post(&api, json, "[".repeat(100_000)).await.refused(422, "invalid");
    for body in [
        "{}",
        "[]",
        "null",
        r#"{"name":1}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"\u0000"}"#,
    ] {
        post(&api, json, body).await.refused(422, "invalid");
    }
    for (body, field, message) in [
        (
            r#"{"name":"acme","plan":"gold"}"#,
            "plan",
            "plan: there is no such field; there are name",
        ),
        (
            r#"{"name":1}"#,
            "name",
            "name: a string is expected, this is the number 1",
        ),
        ("{}", "name", "name: this has to be there"),
        (
            r#"{"name":"-"}"#,
            "name",
            "name: lower-case letters, digits and - are allowed, and no - at either end; got \"-\"",
        ),
    ] {
        let answer = post(&api, json, body).await;
        assert_eq!(answer.json["error"]["details"]["field"], field, "{}", answer.json);
        assert_eq!(answer.refused(422, "invalid"), message);
    }
    let why = post(&api, json, r#"["acme"]"#).await.refused(422, "invalid");
    assert_eq!(why, "the body: an object is expected, this is an array");
    // As some editors and shells write it.
    post(&api, json, "\u{feff}{\"name\":\"acme\"}").await.expect(201);
    let why = api.operator.get("/apps?limit=x").await.refused(400, "bad_request");
    assert_eq!(why, "limit: invalid digit found in string");
    let why = api.operator.get("/apps?limits=5").await.refused(400, "bad_request");
    assert_eq!(why, "limits: there is no such field; there are limit, after");
}

/// serde would take an array's items for the fields in their order.
#[tokio::test]
async fn an_array_is_no_object_anywhere() {
    let api = Api::start().await;
    api.app("acme").await;
    for (path, body, field) in [
        (
            "scripts",
            json!({ "scripts": [["a", "endpoint", "1", []]] }),
            "scripts[0]",
        ),
        (
            "scripts",
            json!({ "scripts": [{ "name": "a", "kind": "endpoint", "source": "1", "routes": [["GET", "/"]] }] }),
            "scripts[0].routes[0]",
        ),
        ("scripts/a/run", json!({ "source": "1", "event": ["GET"] }), "event"),
    ] {
        let answer = api.operator.post(&format!("/apps/acme/{path}"), body).await;
        assert_eq!(answer.json["error"]["details"]["field"], field, "{}", answer.json);
        let why = answer.refused(422, "invalid");
        assert_eq!(why, format!("{field}: an object is expected, this is an array"));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_unread() {
    let api = Api::start().await;
    let why = post(&api, Some("application/json"), vec![b' '; 20 << 20])
        .await
        .refused(413, "body_too_large");
    assert!(why.contains("bytes that are allowed"), "{why}");
    let stream = futures_util::stream::repeat_with(|| Ok::<_, std::convert::Infallible>(vec![b' '; 1 << 20]));
    post(&api, Some("application/json"), Body::from_stream(stream))
        .await
        .refused(413, "body_too_large");
}

#[tokio::test]
async fn a_stranger_is_refused_before_the_body_is_read() {
    let api = Api::start().await;
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::convert::Infallible>>());
    let request = Request::post("/api/v1/apps")
        .header("content-type", "application/json")
        .body(never)
        .unwrap();
    api.stranger().send_raw(request).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off() {
    let api = Api::with(
        TestDatabase::sqlite().await,
        echo::engine(),
        &[("PICLOUD_BODY_MS_MAX", "10")],
    )
    .await;
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::convert::Infallible>>());
    post(&api, Some("application/json"), never)
        .await
        .refused(408, "request_timeout");
}

#[tokio::test]
async fn unknown_paths_and_methods_have_our_shape() {
    let api = Api::start().await;
    let why = api.operator.get("/nothing").await.refused(404, "not_found");
    assert!(why.contains("openapi.json"), "{why}");
    let outside = Request::get("/api/etc/passwd").body(Body::empty()).unwrap();
    api.stranger().send_raw(outside).await.refused(404, "not_found");
    let answer = api.operator.put("/apps", json!({})).await;
    assert_eq!(answer.headers["allow"], "GET,HEAD,POST");
    answer.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_an_api() {
    let api = Api::start().await;
    for answer in [
        api.operator.get("/apps").await,
        api.operator.get("/no").await,
        api.stranger().get("/apps").await,
    ] {
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(
            answer.headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.headers["content-type"], "application/json");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn queries_are_checked() {
    let api = Api::start().await;
    for query in ["limit=x", "limit=-1", "limit=4294967296", "page=2", "limit=1&limit=2"] {
        api.operator
            .get(&format!("/apps?{query}"))
            .await
            .refused(400, "bad_request");
    }
    for query in ["limit=0", "limit=101", "after=%00", "after=..", "after="] {
        api.operator
            .get(&format!("/apps?{query}"))
            .await
            .refused(422, "invalid");
    }
}
