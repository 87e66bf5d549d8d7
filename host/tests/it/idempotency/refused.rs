//! Requests that are not done: another one with the same key, and keys that are none.

use serde_json::json;

use super::{ORDER, RUNS, code, post, route, runs};
use crate::harness::host::TestHost;

#[tokio::test]
async fn a_key_is_not_good_for_another_request() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders/{shop}", ORDER), RUNS]).await;
        host.change("a", json!({ "hosts": ["shop.example"] })).await;
        let own = [("idempotency-key", "k"), ("authorization", "Bearer 1")];
        let first = host.send("POST http://a.localhost/orders/x?a=1", &own, b"{}").await;
        assert_eq!(first.status, 201);
        let stranger = [("idempotency-key", "k"), ("authorization", "Bearer 2")];
        let nobody = [("idempotency-key", "k")];
        for (line, headers, body) in [
            ("POST http://a.localhost/orders/x?a=1", &own[..], "{} "),
            ("POST http://a.localhost/orders/x?a=2", &own[..], "{}"),
            ("POST http://a.localhost/orders/x", &own[..], "{}"),
            ("POST http://a.localhost/orders/y?a=1", &own[..], "{}"),
            ("POST http://shop.example/orders/x?a=1", &own[..], "{}"),
            ("POST http://a.localhost/orders/x?a=1", &stranger[..], "{}"),
            ("POST http://a.localhost/orders/x?a=1", &nobody[..], "{}"),
        ] {
            let answer = host.send(line, headers, body.as_bytes()).await;
            assert_eq!(code(&answer), (422, json!("idempotency_key_reused")), "{line}");
            assert_eq!(answer.header("idempotency-replayed"), None);
        }
        assert_eq!(runs(&host).await, "1");
        let again = host.send("POST http://a.localhost/orders/x?a=1", &own, b"{}").await;
        assert_eq!((again.status, again.body), (201, first.body));
        let refused = &host.executions("a").await[2];
        assert_eq!((&refused["ending"], &refused["status"]), (&json!("threw"), &json!(422)));
    }
}

#[tokio::test]
async fn another_method_is_another_request() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /o", ORDER), RUNS]).await;
    route(&host, ("ANY", "/any"), "require").await;
    let key = [("idempotency-key", "k")];
    assert_eq!(host.send("PUT http://a.localhost/any", &key, b"").await.status, 201);
    let answer = host.send("DELETE http://a.localhost/any", &key, b"").await;
    assert_eq!(code(&answer), (422, json!("idempotency_key_reused")));
    assert_eq!(runs(&host).await, "1");
}

#[tokio::test]
async fn what_is_no_key_is_refused_before_anything_runs() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /accept", ORDER), RUNS]).await;
    route(&host, ("POST", "/require"), "require").await;
    route(&host, ("POST", "/off"), "off").await;
    let long = "k".repeat(256);
    for key in ["", "\"", "a b", "a,b", "\"a\" ", &long] {
        for path in ["/accept", "/require"] {
            let expected = match key {
                "\"a\" " => (201, json!(null)),
                _ => (400, json!("idempotency_key_malformed")),
            };
            let answer = post(&host, path, key, b"").await;
            assert_eq!(
                (answer.status, answer.json()["error"]["code"].clone()),
                expected,
                "{key:?}"
            );
        }
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "a")];
    let answer = host.send("POST http://a.localhost/accept", &two, b"").await;
    assert_eq!(code(&answer), (400, json!("idempotency_key_malformed")));
    let answer = host.send("POST http://a.localhost/require", &[], b"").await;
    assert_eq!(code(&answer), (400, json!("idempotency_key_missing")));
    assert_eq!(runs(&host).await, "2");
    assert_eq!(post(&host, "/off", &long, b"").await.status, 201);
}

#[tokio::test]
async fn while_a_request_is_under_way_its_key_is_refused() {
    for host in TestHost::on_both(&[]).await {
        host.app(
            "a",
            &[("POST /", "wait\nreply 201 done"), ("POST /other", "reply 200 other")],
        )
        .await;
        host.app("b", &[("POST /", "reply 200 b")]).await;
        let mut first = host.connect().await;
        let key = [("idempotency-key", "k")];
        first
            .write(&crate::harness::http::request("POST http://a.localhost/", &key, b""))
            .await;
        host.puppet.waiting(1).await;
        let answer = post(&host, "/", "k", b"").await;
        assert_eq!(code(&answer), (409, json!("idempotency_key_in_flight")));
        assert_eq!(answer.header("retry-after"), Some("1"));
        // Another route, another app: other keys.
        assert_eq!(post(&host, "/other", "k", b"").await.status, 200);
        assert_eq!(host.send("POST http://b.localhost/", &key, b"").await.status, 200);
        host.puppet.open(1);
        assert_eq!(first.answer_to("POST").await.text(), "done");
        let again = post(&host, "/", "k", b"").await;
        assert_eq!((again.status, again.text()), (201, "done"));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }
}

#[tokio::test]
async fn whoever_leaves_leaves_no_key_behind() {
    let host = TestHost::start().await;
    host.app("a", &[("POST /", "wait\nreply 201 done")]).await;
    let request = crate::harness::http::request("POST http://a.localhost/", &[("idempotency-key", "k")], b"");
    let mut leaving = host.connect().await;
    leaving.write(&request).await;
    host.puppet.waiting(1).await;
    drop(leaving);
    host.puppet.waiting(0).await;
    host.puppet.open(1);
    // Its run is gone; the key is so a moment later.
    let answer = loop {
        let answer = post(&host, "/", "k", b"").await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, None));
    let executions = host.executions("a").await;
    let mut endings: Vec<_> = executions.iter().map(|one| one["ending"].as_str()).collect();
    endings.sort_unstable();
    assert_eq!(endings, [Some("cancelled"), Some("replied")]);
}

#[tokio::test]
async fn a_stale_program_changes_nothing_about_it() {
    let host = TestHost::start().await;
    host.app("a", &[("POST /", "stale")]).await;
    host.tamper("update versions set source = 'reply 201 done'").await;
    assert_eq!(post(&host, "/", "k", b"").await.status, 201);
    let again = post(&host, "/", "k", b"").await;
    assert_eq!(
        (again.text(), again.header("idempotency-replayed")),
        ("done", Some("true"))
    );
}
