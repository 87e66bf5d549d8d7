//! How long a reply is kept, how large it may be, and with what key it was asked for.

use serde_json::{Value, json};

use super::{COUNT, LATER, PLENTY, RUNS, ask, at, got, later, place, reply, runs, until_none_waits};
use crate::harness::host::TestHost;
use crate::harness::http::Answer;

#[tokio::test]
async fn a_reply_is_kept_for_its_time_and_gives_its_room_back() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT), RUNS]).await;
        let asked = place(&ask(&host, "POST /", &[], b"x").await);
        let first = reply(&host, &asked).await;
        host.advance_ms(86_400_000 - 1);
        assert_eq!(at(&host, "GET", &asked).await.body, first.body);
        host.advance_ms(1);
        assert_eq!(at(&host, "GET", &asked).await.problem(), (404, "not_found".to_owned()));
        assert_eq!(
            at(&host, "DELETE", &asked).await.problem(),
            (404, "not_found".to_owned())
        );
        // What has expired is removed: `n`, and the next reply.
        later(&host, "POST /", &[], b"x").await;
        while got(&host, "/apps/a/data").await["keys"] != json!(2) {
            tokio::task::yield_now().await;
        }
        assert_eq!(got(&host, "/apps/a/data").await["kv_keys"], json!(1));
    }
}

#[tokio::test]
async fn a_reply_that_is_too_large_is_not_kept_and_that_is_said() {
    const LARGE: &str = r#"kv::incr("n"); let s = "x"; s.pad(parse_int(req.query.bytes), "x"); s"#;
    for host in TestHost::real_on_both(&[("PICLOUD_IDEMPOTENCY_REPLY_BYTES_MAX", "1000")]).await {
        host.app("a", &[("POST /", LARGE), RUNS]).await;
        let fits = 1000 - "content-type".len() - "text/plain; charset=utf-8".len();
        let answer = later(&host, &format!("POST /?bytes={fits}"), &[], b"").await;
        assert_eq!((answer.status, answer.body.len()), (200, fits));
        let answer = later(&host, &format!("POST /?bytes={}", fits + 1), &[], b"").await;
        assert_eq!(answer.problem(), (410, "reply_not_kept".to_owned()));
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        let execution = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
        assert!(message.contains(&execution) && message.contains("200"), "{message}");
        // It was done all the same.
        assert_eq!(runs(&host).await, "2");
    }
}

#[tokio::test]
async fn a_short_reply_has_room_in_an_app_that_is_full() {
    const FILLS: &str = r#"let s = "x"; s.pad(parse_int(req.query.bytes), "x"); kv::set("s", s); "filled""#;
    const LARGE: &str = r#"let s = "x"; s.pad(3000, "x"); s"#;
    for host in TestHost::real_on_both(&[("PICLOUD_DATA_BYTES_PER_APP", "6000")]).await {
        let scripts = [
            ("POST /fill", FILLS),
            ("POST /short", "\"short\""),
            ("POST /large", LARGE),
            ("POST /fails", "throw 1"),
        ];
        host.app("a", &scripts).await;
        let filled = host.send("POST http://a.localhost/fill?bytes=3000", &[], b"").await;
        assert_eq!(filled.text(), "filled");
        assert_eq!(later(&host, "POST /short", &[], b"").await.text(), "short");
        assert_eq!(
            later(&host, "POST /fails", &[], b"").await.problem(),
            (500, "script_failed".to_owned())
        );
        assert_eq!(
            later(&host, "POST /large", &[], b"").await.problem(),
            (410, "reply_not_kept".to_owned())
        );
        // Without any room nothing is accepted.
        let mut refused = ask(&host, "POST /short", &[], b"").await;
        while refused.status == 202 {
            reply(&host, &place(&refused)).await;
            refused = ask(&host, "POST /short", &[], b"").await;
        }
        assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
        assert!(
            refused.text().contains("PICLOUD_DATA_BYTES_PER_APP"),
            "{}",
            refused.text()
        );
        assert_eq!(
            host.send("POST http://a.localhost/short", &[], b"").await.text(),
            "short"
        );
    }
}

fn is_repeat(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[tokio::test]
async fn with_a_key_a_request_is_accepted_once() {
    let key = ("idempotency-key", "k");
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT), ("POST /fails", "throw \"no\""), RUNS])
            .await;
        let first = ask(&host, "POST /", &[key], b"x").await;
        let asked = place(&first);
        assert!(!is_repeat(&first));
        let answer = reply(&host, &asked).await;
        assert_eq!(answer.json(), json!({ "n": 1, "body": "x" }));
        // Whether or not it prefers so again.
        for headers in [&[key, LATER][..], &[key]] {
            let again = host.send("POST http://a.localhost/", headers, b"x").await;
            assert!(is_repeat(&again), "{again:?}");
            assert_eq!((again.status, &again.body), (202, &first.body));
            assert_eq!(again.header("location"), Some(asked.as_str()));
        }
        let other = ask(&host, "POST /", &[key], b"y").await;
        assert_eq!(other.problem(), (422, "idempotency_key_reused".to_owned()));
        // What was answered at once has that reply.
        let at_once = [("idempotency-key", "l")];
        let first = host.send("POST http://a.localhost/", &at_once, b"x").await;
        let again = ask(&host, "POST /", &at_once, b"x").await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("x-execution-id"), first.header("x-execution-id"));
        until_none_waits(&host).await;
        assert_eq!(runs(&host).await, "2");
        // A failure is the reply at its place, also to who sends the same again.
        let failed = place(&ask(&host, "POST /fails", &[key], b"x").await);
        assert_eq!(reply(&host, &failed).await.status, 500);
        assert_eq!(place_of(&ask(&host, "POST /fails", &[key], b"x").await), failed);
        let errors = host.executions("a").await;
        let failures = errors
            .iter()
            .filter(|one| one["path"] == "/fails" && one["ending"] == "threw");
        assert_eq!(failures.count(), 1);
    }
}

/// Where a repeat is told to ask.
fn place_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn many_at_once_with_one_key_are_one_request() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT), RUNS]).await;
        let host = std::sync::Arc::new(host);
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let host = std::sync::Arc::clone(&host);
            clients.spawn(async move {
                loop {
                    let answer = ask(&host, "POST /", &[("idempotency-key", "k")], b"x").await;
                    if answer.status != 409 {
                        return place_of(&answer);
                    }
                }
            });
        }
        let mut places = clients.join_all().await;
        places.dedup();
        assert_eq!(places.len(), 1, "{places:?}");
        assert_eq!(reply(&host, &places[0]).await.json(), json!({ "n": 1, "body": "x" }));
        until_none_waits(&host).await;
        assert_eq!(runs(&host).await, "1");
    }
}

#[tokio::test]
async fn what_is_deleted_by_people_is_not_known_any_more() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        let mut places = Vec::new();
        for _ in 0..20 {
            places.push(place(&ask(&host, "POST /", &[], b"").await));
        }
        host.puppet.waiting(8).await;
        let line = "DELETE /apps/a/messages?source=request&name=script_0";
        let deleted = host.manage(line, Value::Null).await.json()["messages"]
            .as_u64()
            .unwrap();
        host.puppet.open(PLENTY);
        let mut gone = 0;
        for place in &places {
            gone += u64::from(reply(&host, place).await.status == 404);
        }
        assert_eq!(gone, deleted);
        assert!(gone > 0);
    }
}
