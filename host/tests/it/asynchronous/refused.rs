//! What is not accepted.

use serde_json::json;

use super::{COUNT, PLENTY, RUNS, ask, at, later, place, reply, runs, until_none_waits};
use crate::harness::host::TestHost;
use crate::harness::http::request;

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_and_names_the_limit() {
    for host in TestHost::real_on_both(&[("PICLOUD_VALUE_BYTES_MAX", "2048")]).await {
        host.app("a", &[("POST /", "req.blob().len()")]).await;
        assert_eq!(later(&host, "POST /", &[], &[7; 1500]).await.text(), "1500");
        let refused = ask(&host, "POST /", &[], &[7; 2048]).await;
        assert_eq!(refused.problem(), (413, "body_too_large".to_owned()));
        assert!(refused.text().contains("PICLOUD_VALUE_BYTES_MAX"), "{}", refused.text());
        let at_once = host.send("POST http://a.localhost/", &[], &[7; 2048]).await;
        assert_eq!(at_once.text(), "2048");
    }
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    for host in TestHost::on_both(&[("PICLOUD_ASYNC_WAITING_PER_APP", "3")]).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        host.app("b", &[("POST /", "reply 200 b")]).await;
        let mut places = Vec::new();
        for _ in 0..3 {
            places.push(place(&ask(&host, "POST /", &[], b"").await));
        }
        let refused = ask(&host, "POST /", &[], b"").await;
        assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(
            refused.text().contains("PICLOUD_ASYNC_WAITING_PER_APP"),
            "{}",
            refused.text()
        );
        let other = host.send("POST http://b.localhost/", &[super::LATER], b"").await;
        assert_eq!(other.status, 202);
        host.puppet.open(PLENTY);
        for place in &places {
            assert_eq!(reply(&host, place).await.text(), "done");
        }
        assert_eq!(later(&host, "POST /", &[], b"").await.text(), "done");
    }
}

#[tokio::test]
async fn an_app_that_has_as_many_messages_as_it_may_accepts_none() {
    for (setting, value) in [
        ("PICLOUD_MESSAGES_PER_APP", "0"),
        ("PICLOUD_MESSAGE_BYTES_PER_APP", "100"),
    ] {
        for host in TestHost::real_on_both(&[(setting, value)]).await {
            host.app("a", &[("POST /", COUNT), RUNS]).await;
            let refused = ask(&host, "POST /", &[], &[b'x'; 100]).await;
            assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
            assert!(refused.text().contains(setting), "{}", refused.text());
            assert_eq!(host.send("POST http://a.localhost/", &[], b"x").await.status, 201);
            assert_eq!(runs(&host).await, "1");
        }
    }
}

#[tokio::test]
async fn it_is_accepted_while_all_places_are_taken() {
    let settings = [("PICLOUD_RUNS_PER_APP_MAX", "1"), ("PICLOUD_RUN_WAIT_MS_MAX", "0")];
    for host in TestHost::on_both(&settings).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        let mut busy = host.connect().await;
        busy.write(&request("POST http://a.localhost/", &[], b"")).await;
        host.puppet.waiting(1).await;
        assert_eq!(host.send("POST http://a.localhost/", &[], b"").await.status, 429);
        let asked = place(&ask(&host, "POST /", &[], b"").await);
        assert_eq!(at(&host, "GET", &asked).await.status, 202);
        host.puppet.open(PLENTY);
        assert_eq!(busy.answer().await.text(), "done");
        assert_eq!(reply(&host, &asked).await.text(), "done");
    }
}

#[tokio::test]
async fn who_leaves_has_sent_it_or_not() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT), RUNS]).await;
        for turn in 0..40 {
            let mut wire = host.connect().await;
            wire.write(&request("POST http://a.localhost/", &[super::LATER], b"x"))
                .await;
            for _ in 0..turn * 50 {
                tokio::task::yield_now().await;
            }
        }
        // The last one is after all others.
        assert_eq!(later(&host, "POST /", &[], b"x").await.status, 201);
        until_none_waits(&host).await;
        let done: u64 = runs(&host).await.parse().unwrap();
        let settled = async {
            loop {
                until_none_waits(&host).await;
                let keys = super::got(&host, "/apps/a/data").await["keys"].as_u64().unwrap();
                // Each that was accepted has its reply; `n` counts them.
                if json!(keys - 1) == json!(runs(&host).await.parse::<u64>().unwrap()) {
                    return;
                }
            }
        };
        tokio::time::timeout(super::PATIENCE, settled).await.unwrap();
        assert!(done > 0);
    }
}
