//! Who may do what: every role at doors of every kind.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::harness::api::Api;

/// Method, path, body, the smallest role that gets past the check.
fn doors() -> Vec<(Method, &'static str, Value, &'static str)> {
    let save = json!({ "kind": "endpoint", "source": "hi" });
    vec![
        (Method::GET, "/apps", json!(null), "viewer"),
        (Method::POST, "/apps", json!({ "name": "new" }), "operator"),
        (Method::GET, "/apps/acme", json!(null), "viewer"),
        (Method::PATCH, "/apps/acme", json!({}), "owner"),
        (Method::GET, "/apps/acme/scripts", json!(null), "viewer"),
        (Method::PUT, "/apps/acme/scripts/hello", save, "deployer"),
        (Method::GET, "/apps/acme/scripts/hello", json!(null), "viewer"),
        (Method::GET, "/apps/acme/scripts/hello/versions", json!(null), "viewer"),
        (
            Method::GET,
            "/apps/acme/scripts/hello/versions/1",
            json!(null),
            "viewer",
        ),
        (
            Method::POST,
            "/apps/acme/scripts/hello/versions/1/live",
            json!(null),
            "deployer",
        ),
        (Method::POST, "/apps/acme/scripts/hello/run", json!({}), "deployer"),
        (Method::GET, "/apps/acme/routes", json!(null), "viewer"),
        (
            Method::POST,
            "/apps/acme/routes",
            json!({ "method": "GET", "pattern": "/", "script": "hello" }),
            "deployer",
        ),
        (Method::GET, "/apps/acme/executions", json!(null), "viewer"),
        (Method::GET, "/apps/acme/tokens", json!(null), "owner"),
        (
            Method::POST,
            "/apps/acme/tokens",
            json!({ "name": "x", "role": "viewer" }),
            "owner",
        ),
        (Method::GET, "/tokens", json!(null), "operator"),
        (Method::POST, "/tokens", json!({ "name": "x" }), "operator"),
        (Method::POST, "/check", json!({ "source": "hi" }), "deployer"),
        (Method::GET, "/system", json!(null), "viewer"),
        (Method::DELETE, "/apps/acme/scripts/other", json!(null), "deployer"),
        (Method::DELETE, "/apps/acme", json!(null), "owner"),
    ]
}

#[tokio::test]
async fn each_door_has_its_smallest_role() {
    const ROLES: [&str; 4] = ["viewer", "deployer", "owner", "operator"];
    for (at, role) in ROLES.iter().enumerate() {
        let api = Api::start().await;
        api.app("acme").await;
        for script in ["hello", "other"] {
            api.operator.save("acme", script, "hi").await.expect(200);
        }
        let caller = if *role == "operator" {
            api.operator.clone()
        } else {
            api.member("acme", role).await
        };
        for (method, path, body, least) in doors() {
            let body = Some(body).filter(|body| !body.is_null());
            let answer = caller.send(method.clone(), path, body).await;
            let may = ROLES[..=at].contains(&least);
            assert_eq!(
                answer.status.is_success(),
                may,
                "{role} at {method} {path}: {}",
                answer.json
            );
            if !may {
                let why = answer.refused(403, "forbidden");
                assert_eq!(why, format!("this takes the role {least}, the token has {role}"));
            }
        }
    }
}

#[tokio::test]
async fn only_a_valid_bearer_token_gets_in() {
    let api = Api::start().await;
    let secret = std::fs::read_to_string(api.host.config.store.data.join("operator.token")).unwrap();
    let secret = secret.trim();
    let (head, tail) = secret.split_at(secret.len() - 1);
    let other = format!("{head}{}", if tail == "a" { "b" } else { "a" });
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        secret,
        "Bearer pic_",
        "Bearer pic_00000000_",
        &format!("Token {secret}"),
        &format!("Bearer {other}"),
        &format!("Bearer {secret}x"),
        &format!("Bearer {head}"),
        "Bearer pic_00000000_0000000000000000000000000000000000000000",
        "Bearer pic_%00%00%00%00_x",
    ] {
        let request = Request::get("/api/v1/apps")
            .header("authorization", header)
            .body(Body::empty())
            .unwrap();
        let answer = api.stranger().send_raw(request).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{header}");
        answer.refused(401, "unauthenticated");
    }
    let twice = Request::get("/api/v1/apps")
        .header("authorization", format!("Bearer {secret}"))
        .header("authorization", format!("Bearer {secret}"))
        .body(Body::empty())
        .unwrap();
    api.stranger().send_raw(twice).await.refused(401, "unauthenticated");
    let scheme = Request::get("/api/v1/apps").header("authorization", format!("bEARER {secret}"));
    api.stranger()
        .send_raw(scheme.body(Body::empty()).unwrap())
        .await
        .expect(200);
}

#[tokio::test]
async fn what_the_installation_has_to_do_is_for_operators() {
    let api = Api::start().await;
    api.app("acme").await;
    let owner = api.member("acme", "owner").await;
    let system = owner.get("/system").await.expect(200);
    assert_eq!((&system["load"], &system["database"]), (&json!(null), &json!("sqlite")));
    let system = api.operator.get("/system").await.expect(200);
    assert_eq!(system["load"]["runs_in_flight"], 0);
}
