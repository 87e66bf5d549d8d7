//! Which requests are answered later.

use serde_json::{Value, json};

use super::{IN_HAND, PLENTY, RUNS, ask, fill_hands, place, reply};
use crate::harness::host::TestHost;

/// A route of the app `a` with a policy; its id.
async fn route(host: &TestHost, method: &str, pattern: &str, policy: &str) -> (u16, Value) {
    let new = json!({ "method": method, "pattern": pattern, "script": "script_0", "async": policy });
    let answer = host.manage("POST /apps/a/routes", new).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_route_says_which_requests_are_answered_later() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("ANY /accept", "kv::incr(\"n\"); req.method"), RUNS])
            .await;
        assert_eq!(route(&host, "ANY", "/off", "off").await.0, 201);
        let (status, made) = route(&host, "ANY", "/always", "always").await;
        assert_eq!((status, &made["async"]), (201, &json!("always")));
        for (path, method, prefer, is_later) in [
            ("/accept", "POST", "respond-async", true),
            ("/accept", "POST", "wait=5, Respond-Async;x=\"1,2\"", true),
            ("/accept", "PUT", "respond-async", true),
            ("/accept", "DELETE", "respond-async", true),
            ("/accept", "GET", "respond-async", false),
            ("/accept", "HEAD", "respond-async", false),
            ("/accept", "OPTIONS", "respond-async", false),
            ("/accept", "POST", "return=minimal", false),
            ("/accept", "POST", "x=\"respond-async\"", false),
            ("/off", "POST", "respond-async", false),
            ("/always", "GET", "return=minimal", true),
            ("/always", "POST", "return=minimal", true),
            ("/always", "HEAD", "respond-async", false),
        ] {
            let line = format!("{method} http://a.localhost{path}");
            let answer = host.send(&line, &[("prefer", prefer)], b"").await;
            assert_eq!(answer.status == 202, is_later, "{line} {prefer}: {answer:?}");
            let answer = if is_later {
                reply(&host, &place(&answer)).await
            } else {
                answer
            };
            assert_eq!(answer.status, 200, "{line} {prefer}");
            if method != "HEAD" {
                assert_eq!(answer.text(), method, "{line} {prefer}");
            }
        }
        // Without any preference at all.
        assert_eq!(host.visit("GET http://a.localhost/always").await.status, 202);
        assert_eq!(host.visit("POST http://a.localhost/accept").await.status, 200);
    }
}

#[tokio::test]
async fn a_policy_is_told_and_changed() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", "1")]).await;
        let listed = host.manage("GET /apps/a/routes", Value::Null).await.json()["items"][0].clone();
        assert_eq!(
            (&listed["async"], &listed["idempotency"]),
            (&json!("accept"), &json!("accept"))
        );
        let path = format!("PATCH /apps/a/routes/{}", listed["id"].as_str().unwrap());
        for (change, told, status) in [
            (json!({ "async": "always" }), ["always", "accept"], 202),
            (json!({ "idempotency": "off" }), ["always", "off"], 202),
            (
                json!({ "async": "off", "idempotency": "accept" }),
                ["off", "accept"],
                200,
            ),
            (json!({}), ["off", "accept"], 200),
        ] {
            let changed = host.manage(&path, change).await.json();
            assert_eq!([&changed["async"], &changed["idempotency"]], told, "{changed}");
            assert_eq!(ask(&host, "POST /", &[], b"").await.status, status);
        }
        for method in ["HEAD", "OPTIONS"] {
            let (status, told) = route(&host, method, "/x", "always").await;
            assert_eq!((status, &told["error"]["details"]["field"]), (422, &json!("async")));
            let (status, made) = route(&host, method, "/x", "accept").await;
            assert_eq!(status, 201);
            let path = format!("PATCH /apps/a/routes/{}", made["id"].as_str().unwrap());
            assert_eq!(host.manage(&path, json!({ "async": "always" })).await.status, 422);
        }
        let wrong = host.manage(&path, json!({ "async": "never" })).await;
        assert!(wrong.status >= 400, "{}", wrong.text());
    }
}

#[tokio::test]
async fn the_version_that_is_live_when_it_is_handed_out_answers() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("POST /", "wait\nreply 200 one")]).await;
        let places = fill_hands(&host).await;
        host.script("a", "script_0", "reply 200 two").await;
        let routes = host.manage("GET /apps/a/routes", Value::Null).await.json();
        let delete = format!("DELETE /apps/a/routes/{}", routes["items"][0]["id"].as_str().unwrap());
        assert_eq!(host.manage(&delete, Value::Null).await.status, 204);
        host.puppet.open(PLENTY);
        let mut replies = Vec::new();
        for place in &places {
            replies.push(reply(&host, place).await.text().to_owned());
        }
        // Without its route, which only lets requests in.
        replies.sort_unstable();
        assert_eq!(replies, [vec!["one"; IN_HAND], vec!["two"]].concat());
    }
}

#[tokio::test]
async fn without_its_script_a_request_is_answered_that_nobody_answers() {
    // Room for all of them to run.
    for host in TestHost::on_both(&[("PICLOUD_RUNS_PER_APP_MAX", "32")]).await {
        host.app("a", &[("POST /", "wait\nreply 200 one")]).await;
        let mut places = Vec::new();
        for _ in 0..=IN_HAND {
            places.push(place(&ask(&host, "POST /", &[], b"").await));
        }
        host.puppet.waiting(IN_HAND).await;
        let routes = host.manage("GET /apps/a/routes", Value::Null).await.json();
        let delete = format!("DELETE /apps/a/routes/{}", routes["items"][0]["id"].as_str().unwrap());
        assert_eq!(host.manage(&delete, Value::Null).await.status, 204);
        let deleted = host.manage("DELETE /apps/a/scripts/script_0", Value::Null).await;
        assert_eq!(deleted.status, 204, "{}", deleted.text());
        host.puppet.open(PLENTY);
        let mut statuses = Vec::new();
        for place in &places {
            statuses.push(reply(&host, place).await.status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200; IN_HAND], vec![404]].concat());
    }
}
