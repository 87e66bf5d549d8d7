//! Changes of what sets scripts off, and of what is on its way to them.

use serde_json::{Value, json};

use super::PATIENCE;
use crate::harness::host::TestHost;

/// Two dead letters of a queue of this turn.
pub(super) async fn dead(host: &TestHost, turn: usize) -> [String; 2] {
    let queue = format!("/apps/a/queues/fails{turn}");
    host.manage(&format!("PUT {queue}"), json!({ "script": "fails", "attempts": 1 }))
        .await;
    for n in 0..2 {
        let sent = host
            .manage(&format!("POST {queue}/messages"), json!({ "body": n }))
            .await;
        assert_eq!(sent.status, 202, "{}", sent.text());
    }
    let list = format!("GET /apps/a/dead-letters?source=queue&name=fails{turn}");
    let mut ids = Vec::new();
    let dying = async {
        while ids.len() < 2 {
            tokio::task::yield_now().await;
            let page = host.manage(&list, Value::Null).await.json();
            let items = page["items"].as_array().unwrap();
            ids = items.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        }
    };
    assert!(tokio::time::timeout(PATIENCE, dying).await.is_ok(), "nothing died");
    ids.try_into().unwrap()
}

/// One request for each operation of what sets its scripts off, and of what is on its way to them.
pub(super) fn changes((turn, [one, other]): (usize, &[String; 2])) -> [(&'static str, String, Value); 15] {
    let gone = turn / 2;
    let of = |which: &str| format!("source=queue&name={which}");
    let script = json!({ "script": "script_0" });
    let mut subscription = script.clone();
    subscription["topic"] = "orders.*".into();
    let mut change = script.clone();
    change["prefix"] = "k".into();
    let mut schedule = script.clone();
    schedule["when"] = "@yearly".into();
    let put = |noun: &str| format!("PUT /apps/a/{noun}/t{turn}");
    let delete = |noun: &str| format!("DELETE /apps/a/{noun}/t{gone}");
    let nothing = || Value::Null;
    [
        ("PUT /apps/{app}/queues/{name}", put("queues"), script),
        (
            "POST /apps/{app}/queues/{name}/messages",
            format!("POST /apps/a/queues/t{turn}/messages"),
            json!({ "body": turn, "delay_ms": turn % 2 * 1000 }),
        ),
        (
            "DELETE /apps/{app}/messages",
            format!("DELETE /apps/a/messages?{}", of(&format!("t{turn}"))),
            nothing(),
        ),
        ("DELETE /apps/{app}/queues/{name}", delete("queues"), nothing()),
        (
            "PUT /apps/{app}/subscriptions/{name}",
            put("subscriptions"),
            subscription,
        ),
        (
            "DELETE /apps/{app}/subscriptions/{name}",
            delete("subscriptions"),
            nothing(),
        ),
        ("PUT /apps/{app}/schedules/{name}", put("schedules"), schedule),
        (
            "POST /apps/{app}/schedules/{name}/run",
            format!("POST /apps/a/schedules/t{turn}/run"),
            nothing(),
        ),
        ("DELETE /apps/{app}/schedules/{name}", delete("schedules"), nothing()),
        ("PUT /apps/{app}/changes/{name}", put("changes"), change),
        ("DELETE /apps/{app}/changes/{name}", delete("changes"), nothing()),
        (
            "POST /apps/{app}/dead-letters/{id}/requeue",
            format!("POST /apps/a/dead-letters/{one}/requeue"),
            json!({ "body": "again" }),
        ),
        (
            "DELETE /apps/{app}/dead-letters/{id}",
            format!("DELETE /apps/a/dead-letters/{other}"),
            nothing(),
        ),
        (
            "POST /apps/{app}/dead-letters/requeue",
            format!("POST /apps/a/dead-letters/requeue?{}", of(&format!("fails{turn}"))),
            nothing(),
        ),
        (
            "DELETE /apps/{app}/dead-letters",
            format!("DELETE /apps/a/dead-letters?{}", of(&format!("fails{turn}"))),
            nothing(),
        ),
    ]
}
