//! Queues: what is sent is handled, once.

use serde_json::{Value, json};

use super::{both, got, run, send, set, until, until_done};
use crate::harness::host::TestHost;

#[tokio::test]
async fn what_is_sent_is_handled_once() {
    let take = "kv::incr(\"count\"); kv::set(`got/${event.body.n}`, #{ kind: event.kind, name: event.name, attempt: event.attempt, id: event.id, key: event.key, body: event.body });";
    for host in both(&[("take", take)], &[("work", "take", json!({}))]).await {
        run(
            &host,
            "for n in 0..20 { queue::send(\"work\", #{ n: n, text: \"ä\" }); }",
        )
        .await;
        send(&host, "work", json!({ "body": { "n": 20, "text": "ä" } })).await;
        let queue = until_done(&host, "queues", "work").await;
        assert_eq!((queue["dead"].as_i64(), &queue["oldest_at"]), (Some(0), &json!(null)));
        assert_eq!(run(&host, "kv::get(\"count\")").await, 21);
        for n in 0..21 {
            let told = run(&host, &format!("kv::get(\"got/{n}\")")).await;
            assert!(told["id"].is_string(), "{told}");
            assert_eq!(told["body"], json!({ "n": n, "text": "ä" }));
            assert_eq!(
                (&told["kind"], &told["name"], &told["attempt"], &told["key"]),
                (&json!("queue"), &json!("work"), &json!(1), &json!(null))
            );
        }
        let executions = got(&host, "/apps/a/executions?script=take&limit=100").await;
        let items = executions["items"].as_array().unwrap();
        assert_eq!(items.len(), 21);
        assert!(
            items
                .iter()
                .all(|one| one["kind"] == "queue" && one["method"].is_null())
        );
    }
}

#[tokio::test]
async fn a_run_that_fails_sends_nothing() {
    for host in both(&[("take", "kv::incr(\"count\")")], &[("work", "take", json!({}))]).await {
        for source in [
            "queue::send(\"work\", 1); throw \"no\"",
            "queue::send(\"work\", 1); reply(500)",
            "queue::send(\"work\", 1); loop {}",
        ] {
            let run = json!({ "source": source, "commit": true });
            host.manage("POST /apps/a/scripts/draft/run", run).await;
        }
        // A refused call sends nothing, and the run goes on.
        let caught = run(
            &host,
            "let told = (); try { queue::send(\"nobody\", 1); } catch (e) { told = e; } told",
        )
        .await;
        assert_eq!(caught["code"], "no_such_queue");
        assert!(caught["message"].as_str().unwrap().contains("picloud queue set nobody"));
        // Nor does a dry run.
        let dry = json!({ "source": "queue::send(\"work\", 1);", "commit": false });
        assert_eq!(
            host.manage("POST /apps/a/scripts/draft/run", dry).await.json()["ending"],
            "replied"
        );
        assert_eq!(got(&host, "/apps/a/messages").await["items"], json!([]));
        run(&host, "queue::send(\"work\", 1);").await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"count\")").await, 1);
    }
}

#[tokio::test]
async fn messages_of_one_key_are_handled_in_order_and_repeats_are_not_sent() {
    let take = "let all = kv::get(event.key, []); all.push(event.body); kv::set(event.key, all);";
    for host in both(&[("take", take)], &[("work", "take", json!({ "concurrency": 16 }))]).await {
        let send =
            "for n in 0..40 { queue::send(\"work\", n, #{ key: if n % 2 == 0 { \"even\" } else { \"odd\" } }); }";
        run(&host, send).await;
        run(
            &host,
            "for n in 0..3 { queue::send(\"work\", 100, #{ key: \"even\", dedup: \"x\" }); }",
        )
        .await;
        run(&host, "queue::send(\"work\", 101, #{ key: \"even\", dedup: \"x\" });").await;
        until_done(&host, "queues", "work").await;
        let mut even: Vec<i64> = (0..40).step_by(2).collect();
        even.push(100);
        assert_eq!(run(&host, "kv::get(\"even\")").await, json!(even));
        let odd: Vec<i64> = (1..40).step_by(2).collect();
        assert_eq!(run(&host, "kv::get(\"odd\")").await, json!(odd));
        // A day later it may be sent again.
        host.advance_ms(24 * 3_600_000);
        run(&host, "queue::send(\"work\", 102, #{ key: \"odd\", dedup: \"x\" });").await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"odd\").pop()").await, 102);
    }
}

#[tokio::test]
async fn what_is_for_later_waits_and_what_is_paused_loses_nothing() {
    let take = "kv::incr(\"count\"); kv::set(\"due\", event.due - event.sent);";
    for host in both(&[("take", take)], &[("work", "take", json!({}))]).await {
        run(&host, "queue::send(\"work\", 1, #{ delay: \"10m\" });").await;
        run(&host, "invoke::later(\"take\", 1, #{ at: ctx.now + 1_200_000 });").await;
        let waits = got(&host, "/apps/a/messages?source=queue&name=work").await["items"][0].clone();
        assert_eq!(
            (waits["attempt"].as_i64(), waits["is_leased"].as_bool()),
            (Some(0), Some(false))
        );
        host.advance_ms(600_000);
        until_done(&host, "queues", "work").await;
        assert_eq!(
            run(&host, "[kv::get(\"count\"), kv::get(\"due\")]").await,
            json!([1, 600_000])
        );
        host.advance_ms(600_000);
        until(&host, "/apps/a/messages?source=later", |page| {
            page["items"] == json!([])
        })
        .await;
        assert_eq!(
            run(&host, "[kv::get(\"count\"), kv::get(\"due\")]").await,
            json!([2, 1_200_000])
        );

        set(&host, "queues", "work", "take", &json!({ "paused": true })).await;
        for n in 0..5 {
            send(&host, "work", json!({ "body": n })).await;
        }
        // Another queue goes on meanwhile, so whoever hands out has looked.
        set(&host, "queues", "other", "take", &json!({})).await;
        send(&host, "other", json!({ "body": 0 })).await;
        until_done(&host, "queues", "other").await;
        let queue = got(&host, "/apps/a/queues/work").await;
        assert_eq!(
            (queue["waiting"].as_i64(), queue["paused"].as_bool()),
            (Some(5), Some(true))
        );
        set(&host, "queues", "work", "take", &json!({})).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"count\")").await, 8);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_name() {
    for host in both(&[("take", "1")], &[("work", "take", json!({}))]).await {
        for (call, code, part) in [
            ("queue::send(\"work\", |x| x)", "cannot_be_kept", "Fn"),
            ("queue::send(\"work\", 1, #{ delay: -1 })", "bad_option", "before now"),
            (
                "queue::send(\"work\", 1, #{ delay: \"400d\" })",
                "bad_option",
                "366 days",
            ),
            ("queue::send(\"work\", 1, #{ delay: 0.5 })", "bad_option", "a duration"),
            (
                "queue::send(\"work\", 1, #{ key: \"\" })",
                "bad_option",
                "`key`: 1 to 256 bytes",
            ),
            (
                "queue::send(\"work\", 1, #{ key: \"a\\x00b\" })",
                "bad_option",
                "character 0",
            ),
            (
                "queue::send(\"work\", 1, #{ dedup: \"\\x00\" })",
                "bad_option",
                "`dedup`",
            ),
            ("queue::send(\"work\", 1, #{ attempts: 0 })", "bad_option", "1 to 100"),
            (
                "queue::send(\"work\", 1, #{ later: 1 })",
                "bad_option",
                "no option `later`",
            ),
            (
                "queue::send(\"work\", \"x\".repeat(2_000_000))",
                "value_too_large",
                "PICLOUD_VALUE_BYTES_MAX",
            ),
            ("topic::publish(\"a b\", 1)", "bad_topic", "with dots between"),
            ("invoke::later(\"nobody\", 1)", "no_such_script", "nobody"),
            (
                "invoke::later(\"take\", 1, #{ at: 99999999999999 })",
                "bad_option",
                "366 days",
            ),
            (
                "for n in 0..1001 { queue::send(\"work\", n); }",
                "limit_exceeded",
                "1001, 1000 allowed",
            ),
        ] {
            let source = format!(
                "fn repeat(n) {{ let t = this; let all = \"\"; for i in 0..n {{ all += t; }} all }} let told = (); try {{ {call}; }} catch (e) {{ told = e; }} told"
            );
            let told = run(&host, &source.replace("\"x\".repeat(2_000_000)", "blob(2_000_000)")).await;
            assert_eq!(told["code"], code, "{call}: {told}");
            assert!(told["message"].as_str().unwrap().contains(part), "{call}: {told}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_by_name() {
    for host in both(&[("take", "1")], &[("work", "take", json!({}))]).await {
        for (name, new, part) in [
            ("x", json!({ "script": "nobody" }), "no endpoint"),
            ("X", json!({ "script": "take" }), "a letter first"),
            ("x", json!({ "script": "take", "concurrency": 0 }), "1 to 256"),
            ("x", json!({ "script": "take", "attempts": 101 }), "1 to 100"),
            ("x", json!({ "script": "take", "batch": 0 }), "1 to 100"),
            ("x", json!({ "script": "take", "batch": 101 }), "batch"),
            (
                "x",
                json!({ "script": "take", "backoff_ms": 1_000_000_000_000_u64 }),
                "86400000",
            ),
        ] {
            let answer = host.manage(&format!("PUT /apps/a/queues/{name}"), new.clone()).await;
            assert_eq!(answer.status, 422, "{new}");
            assert!(answer.text().contains(part), "{new}: {}", answer.text());
        }
        // A script that is run for a queue stays.
        let answer = host.manage("DELETE /apps/a/scripts/take", json!(null)).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (409, Some("in_use"))
        );
        assert!(answer.text().contains("the queue \\\"work\\\""), "{}", answer.text());
        let module = json!({ "kind": "module", "source": "fn f() { 1 }" });
        let answer = host.manage("PUT /apps/a/scripts/take", module).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (409, Some("in_use"))
        );
    }
}

/// What a source of the app `a` throws, or nothing.
async fn thrown(host: &TestHost, source: &str) -> Value {
    run(
        host,
        &format!("let told = #{{}}; try {{ {source} }} catch (e) {{ told = e; }} told"),
    )
    .await
}

#[tokio::test]
async fn an_app_has_no_more_messages_than_it_may() {
    let settings = [
        ("PICLOUD_MESSAGES_PER_APP", "3"),
        ("PICLOUD_MESSAGE_BYTES_PER_APP", "100"),
    ];
    for host in TestHost::real_on_both(&settings).await {
        host.app("a", &[]).await;
        host.script("a", "take", "1").await;
        let paused = json!({ "paused": true });
        set(&host, "queues", "work", "take", &paused).await;
        set(
            &host,
            "changes",
            "all",
            "take",
            &json!({ "prefix": "k/", "paused": true }),
        )
        .await;
        let full = thrown(&host, "let t = \"x\"; t.pad(101, \"x\"); queue::send(\"work\", t);").await;
        assert_eq!(full["code"], "quota_exceeded");
        assert!(full["message"].as_str().unwrap().contains("BYTES_PER_APP"), "{full}");
        let full = thrown(&host, "for n in 0..4 { queue::send(\"work\", n); }").await;
        assert_eq!(full["code"], "quota_exceeded");
        let message = full["message"].as_str().unwrap();
        assert!(message.contains("4, 3 allowed (PICLOUD_MESSAGES_PER_APP)"), "{full}");
        // Those before it are sent.
        assert_eq!(got(&host, "/apps/a/queues/work").await["waiting"], 3);
        let full = host
            .manage("POST /apps/a/queues/work/messages", json!({ "body": 1 }))
            .await;
        assert!(full.text().contains("PICLOUD_MESSAGES_PER_APP"), "{}", full.text());
        let change = json!({ "source": "kv::set(\"k/1\", 1);", "commit": true });
        let full = host.manage("POST /apps/a/scripts/draft/run", change).await.json();
        assert_eq!(full["error"]["code"], "quota_exceeded");
        assert_eq!(run(&host, "kv::exists(\"k/1\")").await, false);
        // What an app had on its way goes with it.
        host.delete("a").await;
        host.app("a", &[]).await;
        assert_eq!(got(&host, "/apps/a/messages").await["items"], json!([]));
    }
}

#[tokio::test]
async fn old_dead_letters_go() {
    for host in TestHost::real_on_both(&[("PICLOUD_DEAD_LETTERS_KEPT_S", "60")]).await {
        host.app("a", &[]).await;
        host.script("a", "take", "throw 1").await;
        set(&host, "queues", "work", "take", &json!({ "attempts": 1 })).await;
        send(&host, "work", json!({ "body": 1 })).await;
        until_done(&host, "queues", "work").await;
        host.advance_ms(59_000);
        send(&host, "work", json!({ "body": 2 })).await;
        until(&host, "/apps/a/queues/work", |queue| queue["dead"] == 2).await;
        host.advance_ms(2_000);
        until(&host, "/apps/a/queues/work", |queue| queue["dead"] == 1).await;
        assert_eq!(got(&host, "/apps/a/dead-letters").await["items"][0]["body"], 2);
    }
}

#[tokio::test]
async fn what_was_handed_out_and_has_not_begun_waits_again_when_it_is_paused() {
    let slow = "let n = 0; while n < 300_000 { n += 1; } kv::incr(\"count\")";
    let queue = json!({ "concurrency": 2 });
    for host in both(&[("slow", slow)], &[("work", "slow", queue.clone())]).await {
        run(&host, "for n in 0..30 { queue::send(\"work\", n); }").await;
        until(&host, "/apps/a/queues/work", |queue| queue["waiting"] != 30).await;
        set(
            &host,
            "queues",
            "work",
            "slow",
            &json!({ "concurrency": 2, "paused": true }),
        )
        .await;
        let page = until(&host, "/apps/a/messages?limit=100", |page| {
            let items = page["items"].as_array().unwrap();
            items.iter().all(|one| one["is_leased"] == false)
        })
        .await;
        let items = page["items"].as_array().unwrap();
        assert!(
            !items.is_empty() && items.iter().all(|one| one["attempt"] == 0),
            "{page}"
        );
        set(&host, "queues", "work", "slow", &queue).await;
        until_done(&host, "queues", "work").await;
        assert_eq!(run(&host, "kv::get(\"count\")").await, 30);
        // Deleted in the middle, nothing of it is left.
        run(&host, "for n in 0..30 { queue::send(\"work\", n); }").await;
        until(&host, "/apps/a/queues/work", |queue| queue["waiting"] != 30).await;
        assert_eq!(host.manage("DELETE /apps/a/queues/work", json!(null)).await.status, 204);
        assert_eq!(got(&host, "/apps/a/messages").await["items"], json!([]));
    }
}

#[tokio::test]
async fn large_messages_are_few_in_hand_and_many_queues_wait_for_each_other() {
    let slow = "let n = 0; while n < 300_000 { n += 1; } kv::incr(`n/${event.name}`)";
    for host in both(&[("slow", slow)], &[("large", "slow", json!({}))]).await {
        run(&host, "for n in 0..9 { queue::send(\"large\", blob(700_000)); }").await;
        until(&host, "/apps/a/messages?source=queue&name=large&limit=100", |page| {
            let items = page["items"].as_array().unwrap();
            let leased = items.iter().filter(|one| one["is_leased"] == true).count();
            assert!(leased <= 3, "{page}");
            items.is_empty()
        })
        .await;
        assert_eq!(run(&host, "kv::get(\"n/large\")").await, 9);
        for n in 0..40 {
            set(&host, "queues", &format!("q{n}"), "slow", &json!({})).await;
        }
        run(&host, "for m in 0..3 { for n in 0..40 { queue::send(`q${n}`, m); } }").await;
        until(&host, "/apps/a/messages", |page| page["items"] == json!([])).await;
        let counts = run(&host, "kv::list(\"n/q\").entries.map(|e| e.value)").await;
        assert_eq!(counts, json!(vec![3; 40]));
    }
}
