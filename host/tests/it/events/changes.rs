//! What is published and what is changed.

use serde_json::{Value, json};

use super::{both, got, run, set, until, until_done};
use crate::harness::host::TestHost;

#[tokio::test]
async fn each_subscription_that_fits_is_told() {
    let note = "kv::set(`got/${event.name}/${event.body}`, event.kind);";
    for host in both(&[("note", note), ("fails", "throw 1")], &[]).await {
        set(&host, "subscriptions", "all", "note", &json!({ "topic": "**" })).await;
        set(
            &host,
            "subscriptions",
            "paid",
            "note",
            &json!({ "topic": "orders.paid" }),
        )
        .await;
        set(
            &host,
            "subscriptions",
            "orders",
            "note",
            &json!({ "topic": "orders.*" }),
        )
        .await;
        set(
            &host,
            "subscriptions",
            "broken",
            "fails",
            &json!({ "topic": "orders.**", "attempts": 1 }),
        )
        .await;
        run(
            &host,
            "topic::publish(\"orders.paid\", \"x\"); topic::publish(\"users.new\", \"y\");",
        )
        .await;
        for (name, dead) in [("all", 0), ("paid", 0), ("orders", 0), ("broken", 1)] {
            let told = until_done(&host, "subscriptions", name).await;
            assert_eq!(told["dead"], dead, "{name}");
        }
        let found = run(&host, "kv::list(\"got/\").entries.map(|e| e.key)").await;
        assert_eq!(found, json!(["got/all/x", "got/all/y", "got/orders/x", "got/paid/x"]));
        for topic in ["a b", "", "**.a"] {
            let new = json!({ "script": "note", "topic": topic });
            assert_eq!(
                host.manage("PUT /apps/a/subscriptions/x", new).await.status,
                422,
                "{topic}"
            );
        }
    }
}

#[tokio::test]
async fn changes_are_told_in_order_whoever_makes_them() {
    let note = "let all = kv::get(\"log/\" + event.body.key, []); all.push(event.body); kv::set(\"log/\" + event.body.key, all);";
    for host in both(&[("note", note)], &[]).await {
        set(&host, "changes", "users", "note", &json!({ "prefix": "user/" })).await;
        set(&host, "changes", "orders", "note", &json!({ "collection": "orders" })).await;
        run(&host, "kv::set(\"user/1\", \"a\"); kv::set(\"other\", 1);").await;
        run(&host, "kv::set(\"user/1\", #{ n: 2 }); kv::set(\"user/1\", 3);").await;
        // What was not there and is not there has not changed.
        run(
            &host,
            "kv::delete(\"user/1\"); kv::set(\"user/2\", 1); kv::delete(\"user/2\");",
        )
        .await;
        let answer = host
            .manage("PUT /apps/a/kv/user%2F1", json!({ "value": "by hand" }))
            .await;
        assert!(answer.status < 300, "{}", answer.text());
        let id = run(&host, "docs::insert(\"orders\", #{ total: 5 })").await;
        for name in ["users", "orders"] {
            until_done(&host, "changes", name).await;
        }
        let told = |kind: &str, new: Value, old: Value| json!({ "collection": null, "key": "user/1", "kind": kind, "new": new, "old": old });
        assert_eq!(
            run(&host, "kv::get(\"log/user/1\")").await,
            json!([
                told("set", json!("a"), Value::Null),
                told("set", json!(3), json!("a")),
                told("delete", Value::Null, json!(3)),
                told("set", json!("by hand"), Value::Null),
            ])
        );
        assert_eq!(run(&host, "kv::exists(\"log/user/2\")").await, false);
        let id = id.as_str().unwrap_or_default().to_owned();
        let order = run(&host, &format!("kv::get(\"log/{id}\")")).await;
        assert_eq!(
            (&order[0]["collection"], &order[0]["new"]["total"], &order[0]["old"]),
            (&json!("orders"), &json!(5), &json!(null)),
            "{order}"
        );
    }
}

#[tokio::test]
async fn a_chain_without_an_end_is_cut_and_shown() {
    for host in both(
        &[("again", "kv::incr(\"n/x\")"), ("ping", "queue::send(\"pong\", 1)")],
        &[],
    )
    .await
    {
        set(&host, "changes", "loop", "again", &json!({ "prefix": "n/" })).await;
        run(&host, "kv::set(\"n/x\", 0);").await;
        let told = until_done(&host, "changes", "loop").await;
        assert_eq!(told["dead"], 1);
        let letter = got(&host, "/apps/a/dead-letters").await["items"][0].clone();
        assert_eq!(letter["error"]["code"], "too_many_hops", "{letter}");
        assert_eq!(
            letter["error"]["message"]
                .as_str()
                .unwrap()
                .matches("change loop")
                .count(),
            17
        );
        assert_eq!(letter["chain"].as_str().unwrap().matches("change loop").count(), 16);
        assert_eq!(run(&host, "kv::get(\"n/x\")").await, 15);
        let execution = letter["error"]["execution"].as_str().unwrap();
        let execution = got(&host, &format!("/apps/a/executions/{execution}")).await;
        assert_eq!(execution["error"]["code"], "too_many_hops");

        // Two queues that feed each other.
        set(&host, "queues", "ping", "ping", &json!({})).await;
        host.script("a", "pong", "queue::send(\"ping\", 1)").await;
        set(&host, "queues", "pong", "pong", &json!({})).await;
        run(&host, "queue::send(\"ping\", 1);").await;
        until(&host, "/apps/a/dead-letters?source=queue", |page| {
            page["items"] != json!([])
        })
        .await;
        let letter = got(&host, "/apps/a/dead-letters?source=queue").await["items"][0].clone();
        assert_eq!(letter["error"]["code"], "too_many_hops");
        assert!(
            letter["chain"]
                .as_str()
                .unwrap()
                .starts_with("queue ping > queue pong > queue ping"),
            "{letter}"
        );
    }
}

#[tokio::test]
async fn a_key_that_no_text_of_a_database_could_be_is_told_of() {
    let note = "kv::set(\"noted\", event.body.key.len()); kv::set(\"of\", event.body.old);";
    for host in both(&[("note", note)], &[]).await {
        set(&host, "changes", "all", "note", &json!({ "prefix": "k" })).await;
        run(&host, "kv::set(\"k\\x00y\", \"a\\x00b\");").await;
        until_done(&host, "changes", "all").await;
        assert_eq!(run(&host, "kv::get(\"noted\")").await, 3);
        let message = json!({ "body": 1, "key": "a\u{0}b" });
        set(&host, "queues", "work", "note", &json!({})).await;
        let answer = host.manage("POST /apps/a/queues/work/messages", message).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains("key: it has a character 0"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_run_has_no_more_told_than_it_may_write() {
    for host in TestHost::real_on_both(&[("PICLOUD_WRITES_PER_RUN_MAX", "20")]).await {
        host.app("a", &[]).await;
        host.script("a", "note", "1").await;
        for n in 0..3 {
            set(
                &host,
                "changes",
                &format!("c{n}"),
                "note",
                &json!({ "prefix": "k", "paused": true }),
            )
            .await;
        }
        let write = |keys: i64| json!({ "source": format!("for n in 0..{keys} {{ kv::set(`k${{n}}`, 1); }}") });
        let ran = host.manage("POST /apps/a/scripts/draft/run", write(6)).await.json();
        assert_eq!(ran["ending"], "replied", "{ran}");
        let ran = host.manage("POST /apps/a/scripts/draft/run", write(7)).await.json();
        assert_eq!(ran["error"]["code"], "limit_exceeded", "{ran}");
        assert_eq!(run(&host, "kv::exists(\"k6\")").await, false);
        assert_eq!(got(&host, "/apps/a/changes/c0").await["waiting"], 6);
        for n in 3..100 {
            set(&host, "changes", &format!("c{n}"), "note", &json!({ "prefix": "z" })).await;
        }
        let one_more = json!({ "script": "note", "prefix": "z" });
        let answer = host.manage("PUT /apps/a/changes/c100", one_more).await;
        assert!(answer.text().contains("there may be 100 changes"), "{}", answer.text());
    }
}
