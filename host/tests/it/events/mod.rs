//! What runs without a request: messages, what is published, what is changed, what is to be later.

mod batches;
mod calls;
mod changes;
mod letters;
mod outbox;
mod queues;
mod replays;
mod schedules;
mod servers;

use picloud::store::Db;
use serde_json::{Value, json};

use crate::harness::host::TestHost;
use crate::harness::waiting::{PATIENCE, got, until};

/// Both databases, with an app `a` that has these scripts, and a queue for each of the last ones.
async fn both(scripts: &[(&str, &str)], queues: &[(&str, &str, Value)]) -> Vec<TestHost> {
    let hosts = TestHost::real_on_both(&[]).await;
    for host in &hosts {
        host.app("a", &[]).await;
        for (name, source) in scripts {
            host.script("a", name, source).await;
        }
        for (queue, script, more) in queues {
            set(host, "queues", queue, script, more).await;
        }
    }
    hosts
}

/// Makes or changes a trigger.
async fn set(host: &TestHost, of: &str, name: &str, script: &str, more: &Value) {
    let mut new = json!({ "script": script });
    for (field, value) in more.as_object().into_iter().flatten() {
        new[field] = value.clone();
    }
    let answer = host.manage(&format!("PUT /apps/a/{of}/{name}"), new).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// What is in hand is lost, as if its server were gone: it waits again, and whoever has it is not told.
async fn lose_all(host: &TestHost) {
    let lost = "update messages set leased_by = null, due_at = not_before where leased_by is not null";
    let look = "update lines set due_at = 0 where depth > 0";
    for statement in [lost, look] {
        execute(host, statement).await;
    }
    host.advance_ms(0);
}

/// Does something to what is stored, behind the server's back.
async fn execute(host: &TestHost, statement: &str) {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    match &host.host.db {
        Db::Sqlite { write, .. } => drop(sqlx::query(statement).execute(write).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(statement).execute(pool).await.unwrap()),
    }
}

/// Sends to a queue from outside.
async fn send(host: &TestHost, queue: &str, message: Value) {
    let answer = host
        .manage(&format!("POST /apps/a/queues/{queue}/messages"), message)
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// Runs a source of the app once, and keeps what it does: what it replies.
async fn run(host: &TestHost, source: &str) -> Value {
    let run = json!({ "source": source, "commit": true });
    let answer = host.manage("POST /apps/a/scripts/draft/run", run).await;
    let ran = answer.json();
    assert_eq!(ran["ending"], "replied", "{source}: {ran}");
    let body = ran["reply"]["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))
}

/// Waits until nothing waits for a queue, schedule, ...
async fn until_done(host: &TestHost, of: &str, name: &str) -> Value {
    until(host, &format!("/apps/a/{of}/{name}"), |one| one["waiting"] == 0).await
}
