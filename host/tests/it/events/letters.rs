//! What fails: attempts, pauses, dead letters.

use serde_json::json;

use super::{both, got, run, send, set, until, until_done};
use crate::harness::host::TestHost;

/// Time passes until nothing waits any more.
async fn pass(host: &TestHost) {
    for _ in 0..20 {
        let queue = until(host, "/apps/a/messages?source=queue", |page| {
            let items = page["items"].as_array().unwrap();
            items.iter().all(|one| one["is_leased"] == false && one["attempt"] != 0)
        })
        .await;
        if queue["items"] == json!([]) {
            return;
        }
        host.advance_ms(700_000);
        until(host, "/apps/a/messages?source=queue", |now| *now != queue).await;
    }
    panic!("it never ends");
}

#[tokio::test]
async fn what_always_fails_is_a_dead_letter_that_can_be_sent_again() {
    let take = "kv::set(\"never\", 1); if event.body.n == 7 { throw #{ code: \"poison\", message: `attempt ${event.attempt}` } } kv::incr(\"count\");";
    let queue = json!({ "attempts": 4 });
    for host in both(&[("take", take)], &[("work", "take", queue.clone())]).await {
        for n in 0..10 {
            send(&host, "work", json!({ "body": { "n": n } })).await;
        }
        // The others pass it.
        until(&host, "/apps/a/queues/work", |queue| queue["waiting"] == 1).await;
        pass(&host).await;
        let told = got(&host, "/apps/a/queues/work").await;
        assert_eq!((told["waiting"].as_i64(), told["dead"].as_i64()), (Some(0), Some(1)));
        assert_eq!(run(&host, "kv::get(\"count\")").await, 9);
        let letters = got(&host, "/apps/a/dead-letters?source=queue&name=work").await["items"].clone();
        let letter = &letters[0];
        assert_eq!(letters.as_array().unwrap().len(), 1);
        assert_eq!(
            (letter["attempt"].as_i64(), &letter["body"]),
            (Some(4), &json!({ "n": 7 }))
        );
        assert_eq!(
            (&letter["error"]["code"], &letter["error"]["message"]),
            (&json!("poison"), &json!("attempt 4"))
        );
        let execution = letter["error"]["execution"].as_str().unwrap();
        assert_eq!(
            got(&host, &format!("/apps/a/executions/{execution}")).await["ending"],
            "threw"
        );

        // Edited, it is handled.
        let id = letter["id"].as_str().unwrap();
        let again = json!({ "body": { "n": 8 } });
        let answer = host
            .manage(&format!("POST /apps/a/dead-letters/{id}/requeue"), again)
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 0);
        assert_eq!(run(&host, "kv::get(\"count\")").await, 10);
    }
}

#[tokio::test]
async fn a_mended_script_handles_all_dead_letters() {
    for host in both(&[("take", "throw 1")], &[("work", "take", json!({ "attempts": 1 }))]).await {
        for n in 0..30 {
            send(&host, "work", json!({ "body": n, "key": "k" })).await;
        }
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 30);
        let first = got(&host, "/apps/a/dead-letters?limit=20").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 20);
        let rest = got(
            &host,
            &format!(
                "/apps/a/dead-letters?limit=20&after={}",
                first["next"].as_str().unwrap()
            ),
        )
        .await;
        assert_eq!(
            (rest["items"].as_array().unwrap().len(), &rest["next"]),
            (10, &json!(null))
        );
        host.script("a", "take", "kv::incr(\"count\")").await;
        let answer = host
            .manage("POST /apps/a/dead-letters/requeue?source=queue&name=work", json!(null))
            .await;
        assert_eq!(answer.json(), json!({ "messages": 30 }));
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(
            (told["dead"].as_i64(), run(&host, "kv::get(\"count\")").await),
            (Some(0), json!(30))
        );
    }
}

#[tokio::test]
async fn what_waits_and_what_is_dead_can_be_deleted() {
    let paused = json!({ "paused": true, "attempts": 1 });
    for host in both(&[("take", "throw 1")], &[("work", "take", paused)]).await {
        for n in 0..5 {
            send(&host, "work", json!({ "body": n })).await;
        }
        let answer = host
            .manage("DELETE /apps/a/messages?source=queue&name=work", json!(null))
            .await;
        assert_eq!(answer.json(), json!({ "messages": 5 }));
        set(&host, "queues", "work", "take", &json!({ "attempts": 1 })).await;
        for n in 0..3 {
            send(&host, "work", json!({ "body": n })).await;
        }
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 3);
        let letter = got(&host, "/apps/a/dead-letters").await["items"][0].clone();
        let path = format!("/apps/a/dead-letters/{}", letter["id"].as_str().unwrap());
        assert_eq!(host.manage(&format!("DELETE {path}"), json!(null)).await.status, 204);
        assert_eq!(host.manage(&format!("GET {path}"), json!(null)).await.status, 404);
        assert_eq!(got(&host, "/apps/a/queues/work").await["dead"], 2);
        assert_eq!(host.manage("DELETE /apps/a/queues/work", json!(null)).await.status, 204);
        assert_eq!(got(&host, "/apps/a/dead-letters").await["items"], json!([]));
        assert_eq!(host.manage("GET /apps/a/queues/work", json!(null)).await.status, 404);
    }
}

#[tokio::test]
async fn what_expires_and_what_has_no_script_is_told() {
    for host in both(&[("take", "1")], &[("work", "take", json!({ "paused": true }))]).await {
        send(&host, "work", json!({ "body": 1, "expires_ms": 1000 })).await;
        host.advance_ms(2000);
        set(&host, "queues", "work", "take", &json!({})).await;
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 1);
        let letter = got(&host, "/apps/a/dead-letters").await["items"][0].clone();
        assert_eq!(letter["error"]["code"], "expired");
    }
}

#[tokio::test]
async fn all_dead_letters_are_sent_again_once_whatever_becomes_of_them() {
    for host in both(
        &[("take", "kv::set(\"ran\", 1); throw 1")],
        &[("work", "take", json!({ "attempts": 1 }))],
    )
    .await
    {
        // More than one step of them.
        for _ in 0..2 {
            run(&host, "for n in 0..550 { queue::send(\"work\", n); }").await;
        }
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 1100);
        let answer = host
            .manage("POST /apps/a/dead-letters/requeue?source=queue&name=work", json!(null))
            .await;
        assert_eq!(answer.json(), json!({ "messages": 1100 }));
        let told = until_done(&host, "queues", "work").await;
        assert_eq!(told["dead"], 1100);
    }
}
