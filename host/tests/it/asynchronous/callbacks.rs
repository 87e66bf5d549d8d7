//! `PiCloud-Callback`: the reply is sent, too.

use std::sync::Arc;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{LATER, RUNS, ask, got, place, reply, until, until_none_waits};
use crate::harness::host::TestHost;
use crate::harness::names::Names;
use crate::harness::peer::{Peer, ok, response};

/// `127.0.0.2` stands for the world outside.
const OUTSIDE: (&str, &str) = ("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.2/32");

const SCRIPTS: &[(&str, &str)] = &[
    (
        "POST /text",
        "kv::incr(\"n\"); reply(201).header(\"x-a\", \"1\").text(\"made\")",
    ),
    ("POST /bytes", "blob(2, 255)"),
    ("POST /fails", "throw \"no\""),
    ("POST /503", "reply(503).text(\"down\")"),
    ("POST /secret", "reply(200).text(secret::get(\"KEY\"))"),
    RUNS,
];

/// Both databases, with an app `a` that may call the outside, which is called `out.example`.
async fn hosts() -> Vec<TestHost> {
    let names = Arc::new(Names::default());
    names.lead("out.example", &["127.0.0.2"]);
    let hosts = TestHost::calling_on_both(&names, &[OUTSIDE]).await;
    for host in &hosts {
        host.app("a", SCRIPTS).await;
        let allowed = host
            .manage("PUT /apps/a/allow/out.example", json!({ "methods": ["POST"] }))
            .await;
        assert_eq!(allowed.status, 204, "{}", allowed.text());
    }
    hosts
}

/// What the peer was told, and in which request.
fn told(request: &str) -> Value {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /done?x=1 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/json"), "{head}");
    assert!(head.contains("\r\nidempotency-key: "), "{head}");
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn whoever_wants_to_be_called_is_told_the_reply() {
    for host in hosts().await {
        let secret = host
            .manage("PUT /apps/a/secrets/KEY", json!({ "value": "a long secret" }))
            .await;
        assert_eq!(secret.status, 204);
        let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "thanks"));
        let url = format!("http://out.example:{}/done?x=1", peer.port());
        for (at, path) in ["/text", "/bytes", "/fails", "/503", "/secret"].into_iter().enumerate() {
            let line = format!("POST {path}");
            let asked = place(&ask(&host, &line, &[("picloud-callback", &url)], b"").await);
            let answer = reply(&host, &asked).await;
            while peer.requests().len() <= at {
                tokio::task::yield_now().await;
            }
            let told = told(&peer.requests()[at]);
            assert!(asked.ends_with(told["id"].as_str().unwrap()), "{told}");
            assert_eq!(told["status"], json!(answer.status), "{told}");
            assert_eq!(told["execution"].as_str(), answer.header("x-execution-id"), "{told}");
            let body = match told["body_base64"].as_str() {
                Some(bytes) => BASE64.decode(bytes.as_bytes()).unwrap(),
                None => told["body"].as_str().unwrap().as_bytes().to_vec(),
            };
            assert_eq!(body, answer.body, "{told}");
            let type_of = json!(["content-type", answer.header("content-type").unwrap()]);
            assert!(told["headers"].as_array().unwrap().contains(&type_of), "{told}");
        }
        until(&host, "/apps/a/messages", |page| page["items"] == json!([])).await;
        assert_eq!(peer.requests().len(), 5);
        assert_eq!(host.visit("GET http://a.localhost/n").await.text(), "1");
        // At once there is nothing to be called for.
        let at_once = host
            .send("POST http://a.localhost/text", &[("picloud-callback", &url)], b"")
            .await;
        assert_eq!(at_once.status, 201);
        until(&host, "/apps/a/messages", |page| page["items"] == json!([])).await;
        assert_eq!(peer.requests().len(), 5);
    }
}

#[tokio::test]
async fn a_call_that_fails_is_a_dead_letter_and_the_reply_is_there() {
    for host in hosts().await {
        let peer = Peer::answering("127.0.0.2:0", |_| response(400, &[], b"no"));
        let url = format!("http://out.example:{}/done?x=1", peer.port());
        let asked = place(&ask(&host, "POST /text", &[("picloud-callback", &url)], b"").await);
        let dead = "/apps/a/dead-letters?source=outbox";
        let letters = until(&host, dead, |page| page["items"] != json!([])).await;
        assert_eq!(letters["items"][0]["error"]["code"], "bad_status");
        assert_eq!(reply(&host, &asked).await.text(), "made");
        until_none_waits(&host).await;
    }
}

#[tokio::test]
async fn nobody_is_called_whom_the_app_may_not_call() {
    for host in hosts().await {
        for (url, why) in [
            ("http://elsewhere.example/", "may not send"),
            ("https://127.0.0.1/", "may not send"),
            ("file:///etc/passwd", "http:// and https://"),
            ("no url", "PiCloud-Callback"),
            ("", "PiCloud-Callback"),
        ] {
            let refused = ask(&host, "POST /text", &[("picloud-callback", url)], b"").await;
            assert_eq!(refused.problem(), (400, "callback_refused".to_owned()), "{url}");
            assert!(refused.text().contains(why), "{url}: {}", refused.text());
        }
        let two = [
            ("picloud-callback", "http://out.example/"),
            ("picloud-callback", "http://out.example/"),
        ];
        assert_eq!(ask(&host, "POST /text", &two, b"").await.status, 400);
        assert_eq!(
            host.send("POST http://a.localhost/text", &[LATER, two[0]], b"")
                .await
                .status,
            202
        );
        until_none_waits(&host).await;
        let n = host.visit("GET http://a.localhost/n").await;
        assert_eq!(n.text(), "1", "only the last one was accepted");
        let waits = got(&host, "/apps/a/messages").await;
        assert_eq!(
            waits["items"].as_array().unwrap().len(),
            1,
            "its call, to a port where nobody answers"
        );
    }
}
