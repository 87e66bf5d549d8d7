//! Queues whose script is handed several messages at once.

use serde_json::{Value, json};

use super::{both, execute, got, lose_all, run, send as send_one, set, until, until_done};
use crate::harness::host::TestHost;

/// How many it was handed each time, and how often each was handled.
const TAKE: &str = "let sizes = kv::get(\"sizes\", []); sizes.push(event.messages.len()); kv::set(\"sizes\", sizes); for m in event.messages { kv::incr(`done/${m.body}`); }";

/// A queue that waits for what is sent to it.
fn paused(more: &Value) -> Value {
    let mut queue = json!({ "batch": 10, "concurrency": 1, "backoff_ms": 0, "paused": true });
    for (field, value) in more.as_object().into_iter().flatten() {
        queue[field] = value.clone();
    }
    queue
}

/// Sends `source`'s messages while the queue waits, and has them handed out.
async fn hand_out(host: &TestHost, script: &str, source: &str, more: &Value) {
    let mut queue = paused(more);
    set(host, "queues", "work", script, &queue).await;
    run(host, source).await;
    queue["paused"] = false.into();
    set(host, "queues", "work", script, &queue).await;
}

/// How often each was handled, in the order of what was sent.
async fn handled(host: &TestHost) -> Value {
    run(host, "kv::list(\"done/\", #{ limit: 100 }).entries.map(|e| e.value)").await
}

#[tokio::test]
async fn a_run_is_handed_up_to_so_many_and_does_not_wait_for_more() {
    let all = format!(
        "{TAKE} kv::set(\"first\", [event.id == event.messages[0].id, event.body == event.messages[0].body, event.attempt, event.messages[0].attempt, event.messages[0].due - event.due, event.messages[0].sent - event.sent, event.messages[0].key]);"
    );
    for host in both(&[("take", &all)], &[]).await {
        let send = "for n in 0..25 { queue::send(\"work\", n); }";
        hand_out(&host, "take", send, &json!({})).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"sizes\")").await, json!([10, 10, 5]));
        assert_eq!(handled(&host).await, json!(vec![1; 25]));
        assert_eq!(
            run(&host, "kv::get(\"first\")").await,
            json!([true, true, 1, 1, 0, 0, null])
        );
        let page = got(&host, "/apps/a/executions?kind=queue&name=work").await;
        let summaries: Vec<&str> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["summary"].as_str().unwrap())
            .collect();
        assert!(
            summaries[0].ends_with(" and 4 more") && summaries[2].ends_with(" and 9 more"),
            "{page}"
        );
        // One by itself is an array of one, and its body is whatever was sent.
        set(&host, "queues", "work", "take", &json!({ "batch": 10 })).await;
        send_one(&host, "work", json!({ "body": [1, 2] })).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"sizes\")").await, json!([10, 10, 5, 1]));
        assert_eq!(run(&host, "kv::get(`done/${[1, 2]}`)").await, 1);
        assert_eq!(got(&host, "/apps/a/queues/work").await["batch"], 10);
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_handed_out_together() {
    let take = "let sizes = kv::get(\"sizes\", []); sizes.push(event.messages.len()); kv::set(\"sizes\", sizes);";
    for host in both(&[("take", take)], &[]).await {
        let send = "for n in 0..4 { queue::send(\"work\", blob(400_000)); }";
        hand_out(&host, "take", send, &json!({})).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"sizes\")").await, json!([2, 2]));
    }
}

#[tokio::test]
async fn messages_of_one_key_are_in_order_and_never_together() {
    let take = "for m in event.messages { let all = kv::get(m.key, []); all.push(m.body); kv::set(m.key, all); } let keys = event.messages.map(|m| m.key); keys.sort(); keys.dedup(); if keys.len() != event.messages.len() { kv::set(\"together\", true); }";
    for host in both(&[("take", take)], &[]).await {
        let send = "for n in 0..30 { queue::send(\"work\", n, #{ key: `k${n % 3}` }); }";
        hand_out(&host, "take", send, &json!({ "concurrency": 4 })).await;
        until_done(&host, "queues", "work").await;
        for key in 0..3 {
            let order: Vec<i64> = (key..30).step_by(3).collect();
            assert_eq!(run(&host, &format!("kv::get(\"k{key}\")")).await, json!(order));
        }
        assert_eq!(run(&host, "kv::exists(\"together\")").await, false);
    }
}

#[tokio::test]
async fn some_of_them_are_wanted_again() {
    let take = "for m in event.messages { if m.body % 2 == 0 && m.attempt == 1 { queue::retry(m.id); queue::retry(m.id); } else { kv::incr(`done/${m.body}`); } } kv::incr(\"runs\"); kv::set(`attempt/${event.attempt}`, event.messages.len());";
    for host in both(&[("take", take)], &[]).await {
        let send = "for n in 0..10 { queue::send(\"work\", n); }";
        hand_out(&host, "take", send, &json!({})).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(handled(&host).await, json!(vec![1; 10]));
        // One for all of them, and one for each that was wanted again.
        assert_eq!(
            run(
                &host,
                "[kv::get(\"runs\"), kv::get(\"attempt/1\"), kv::get(\"attempt/2\")]"
            )
            .await,
            json!([6, 10, 1])
        );
        // Which waits for what it is told to wait for.
        host.script("a", "take", "if event.attempt == 1 { queue::retry(event.id, #{ delay: \"10m\" }); } kv::set(\"attempt\", event.attempt);").await;
        send_one(&host, "work", json!({ "body": 1 })).await;
        let path = "/apps/a/messages?source=queue&name=work";
        let page = until(&host, path, |page| page["items"][0]["error"]["code"] == "retry").await;
        assert_eq!(page["items"][0]["is_leased"], false);
        assert_eq!(page["items"][0]["due_at"], "2023-11-14T22:23:20.000000Z");
        host.advance_ms(600_000);
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"attempt\")").await, 2);
    }
}

#[tokio::test]
async fn what_is_wanted_again_too_often_is_dead_and_a_run_that_fails_wants_nothing() {
    let take = "let told = (); try { queue::retry(\"007\"); } catch (e) { told = e; } kv::set(\"told\", told); if event.body == 1 { queue::retry(event.id); } if event.body == 2 { queue::retry(event.id); throw \"no\"; }";
    for host in both(&[("take", take)], &[]).await {
        for n in 1..3 {
            let send = format!("queue::send(\"work\", {n});");
            hand_out(&host, "take", &send, &json!({ "attempts": 1 })).await;
            until_done(&host, "queues", "work").await;
        }
        let page = got(&host, "/apps/a/dead-letters").await;
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{page}");
        let codes: Vec<&Value> = items.iter().map(|one| &one["error"]["code"]).collect();
        assert_eq!(codes, ["thrown", "retry"], "{page}");
        let id = items[1]["error"]["execution"].as_str().unwrap();
        assert_eq!(
            got(&host, &format!("/apps/a/executions/{id}")).await["ending"],
            "replied"
        );
        let told = run(&host, "kv::get(\"told\")").await;
        assert_eq!(told["code"], "no_such_message", "{told}");
        // A request has no messages.
        let told = run(
            &host,
            "let told = (); try { queue::retry(\"1\"); } catch (e) { told = e; } [told.code, event.messages]",
        )
        .await;
        assert_eq!(told, json!(["no_such_message", null]));
    }
}

#[tokio::test]
async fn one_that_always_fails_takes_no_others_along() {
    let take = "for m in event.messages { if m.body == 3 { throw \"poison\"; } kv::incr(`done/${m.body}`); }";
    for host in both(&[("take", take)], &[]).await {
        let send = "for n in 0..6 { queue::send(\"work\", n); }";
        hand_out(&host, "take", send, &json!({ "attempts": 2 })).await;
        let queue = until_done(&host, "queues", "work").await;
        assert_eq!(queue["dead"], 1);
        assert_eq!(handled(&host).await, json!(vec![1; 5]));
        let letter = got(&host, "/apps/a/dead-letters").await["items"][0].clone();
        assert_eq!((&letter["body"], &letter["attempt"]), (&json!(3), &json!(2)));
        // One run for all, and one for each of them.
        let page = got(&host, "/apps/a/executions?kind=queue&name=work").await;
        assert_eq!(page["items"].as_array().unwrap().len(), 7);
    }
}

#[tokio::test]
async fn what_has_expired_is_sorted_out_before() {
    for host in both(&[("take", TAKE)], &[]).await {
        let mut queue = paused(&json!({}));
        set(&host, "queues", "work", "take", &queue).await;
        run(
            &host,
            "for n in 0..6 { queue::send(\"work\", n, if n % 3 == 0 { #{ expires: 1000 } } else { #{} }); }",
        )
        .await;
        host.advance_ms(2000);
        queue["paused"] = false.into();
        set(&host, "queues", "work", "take", &queue).await;
        until(&host, "/apps/a/queues/work", |queue| {
            queue["waiting"] == 0 && queue["dead"] == 2
        })
        .await;
        assert_eq!(run(&host, "kv::get(\"sizes\")").await, json!([4]));
        let letters = got(&host, "/apps/a/dead-letters").await;
        assert!(
            letters["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["error"]["code"] == "expired"),
            "{letters}"
        );
    }
}

#[tokio::test]
async fn a_batch_whose_server_is_gone_is_handled_once() {
    let slow = format!("let n = 0; while n < 300_000 {{ n += 1; }} {TAKE}");
    for host in both(&[("slow", &slow)], &[]).await {
        let send = "for n in 0..10 { queue::send(\"work\", n); }";
        hand_out(&host, "slow", send, &json!({})).await;
        let path = "/apps/a/messages?source=queue&name=work";
        until(&host, path, |page| page["items"][0]["is_leased"] == true).await;
        lose_all(&host).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(handled(&host).await, json!(vec![1; 10]));
        // What was lost is an attempt: each is handed out alone.
        assert_eq!(run(&host, "kv::get(\"sizes\")").await, json!(vec![1; 10]));
    }
}

#[tokio::test]
async fn a_batch_of_which_one_is_lost_is_undone_and_the_others_are_handled_together() {
    let slow = format!("let n = 0; while n < 300_000 {{ n += 1; }} {TAKE}");
    for host in both(&[("slow", &slow)], &[]).await {
        let send = "for n in 0..5 { queue::send(\"work\", n); }";
        hand_out(&host, "slow", send, &json!({ "concurrency": 2 })).await;
        let path = "/apps/a/messages?source=queue&name=work";
        let page = until(&host, path, |page| page["items"][0]["is_leased"] == true).await;
        // Somebody else has the first of them.
        let first = page["items"].as_array().unwrap().last().unwrap()["id"]
            .as_str()
            .unwrap();
        let theirs = "update messages set attempt = attempt + 1, leased_by = 77, due_at = due_at + 3600000 where seq =";
        execute(&host, &format!("{theirs} {first}")).await;
        // On PostgreSQL it is seen soon that there is no such server.
        until(&host, "/apps/a/queues/work", |queue| {
            queue["waiting"].as_i64() <= Some(1)
        })
        .await;
        lose_all(&host).await;
        until_done(&host, "queues", "work").await;
        let sizes = run(&host, "kv::get(\"sizes\")").await;
        let all: i64 = sizes
            .as_array()
            .unwrap()
            .iter()
            .map(|size| size.as_i64().unwrap())
            .sum();
        assert_eq!(all, 5, "{sizes}");
        assert_eq!(handled(&host).await, json!(vec![1; 5]));
    }
}

#[tokio::test]
async fn a_run_for_several_goes_the_same_way_again() {
    let take = "for m in event.messages { log::info(`${m.id} ${m.body} ${m.due}`); if m.body == 2 { queue::retry(m.id); } } reply(201).json([event.messages.len(), event.messages[1].body])";
    for host in both(&[("take", take)], &[]).await {
        let send = "for n in 0..5 { queue::send(\"work\", n); }";
        hand_out(&host, "take", send, &json!({ "attempts": 1 })).await;
        until_done(&host, "queues", "work").await;
        let page = got(&host, "/apps/a/executions?kind=queue&name=work").await;
        let id = page["items"][0]["id"].as_str().unwrap();
        let answer = host
            .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
            .await;
        let replay = answer.json();
        assert_eq!((answer.status, &replay["same"]), (200, &json!(true)), "{replay}");
        assert_eq!(got(&host, "/apps/a/queues/work").await["dead"], 1);
    }
}
