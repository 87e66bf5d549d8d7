//! A run for a message, run again with nobody but its journal.

use serde_json::{Value, json};

use super::{both, got, run, set, until_done};

#[tokio::test]
async fn a_run_for_a_message_goes_the_same_way_again() {
    let take = "let n = kv::incr(\"n\"); log::info(`${event.kind} ${event.name} ${event.id} ${event.attempt}`); queue::send(\"next\", #{ n: n, body: event.body, random: random::int(1, 1000000), at: ctx.now }); reply(201).json([event.body, n])";
    for host in both(&[("take", take), ("next", "1")], &[]).await {
        set(&host, "queues", "work", "take", &json!({})).await;
        set(&host, "queues", "next", "next", &json!({})).await;
        run(&host, "queue::send(\"work\", #{ text: \"ä\", blob: blob(3, 7) });").await;
        until_done(&host, "queues", "work").await;
        until_done(&host, "queues", "next").await;
        let page = got(&host, "/apps/a/executions?script=take").await;
        let id = page["items"][0]["id"].as_str().unwrap();
        let execution = got(&host, &format!("/apps/a/executions/{id}")).await;
        assert_eq!(
            (&execution["kind"], &execution["ending"], &execution["status"]),
            (&json!("queue"), &json!("replied"), &Value::Null)
        );
        let answer = host
            .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let replay = answer.json();
        assert_eq!(
            (&replay["same"], &replay["same_guest"]),
            (&json!(true), &json!(true)),
            "{replay}"
        );
        // Nothing was done once more.
        assert_eq!(run(&host, "kv::get(\"n\")").await, 1);
        assert_eq!(got(&host, "/apps/a/queues/next").await["waiting"], 0);
    }
}
