//! `Idempotency-Key`: a request is done once, however often it is sent.

mod at_once;
mod killed;
mod refused;
mod replies;
mod room;

use serde_json::{Value, json};

use crate::harness::host::TestHost;
use crate::harness::http::Answer;

/// Counts its runs, and says which one it is.
const ORDER: &str = r#"
    let n = kv::incr("n");
    reply(201).header("location", `/orders/${n}`).header("x-two", "a").header("x-two", "b").json(#{ order: n })
"#;

/// How often `ORDER` was done.
const RUNS: (&str, &str) = ("GET /n", "kv::get(\"n\") ?? 0");

/// A `POST` to `a.localhost` with a key.
async fn post(host: &TestHost, path: &str, key: &str, body: &[u8]) -> Answer {
    let line = format!("POST http://a.localhost{path}");
    host.send(&line, &[("idempotency-key", key)], body).await
}

/// A route of the app `a` with a policy of its own.
async fn route(host: &TestHost, (method, pattern): (&str, &str), policy: &str) {
    let new = json!({ "method": method, "pattern": pattern, "script": "script_0", "idempotency": policy });
    let answer = host.manage("POST /apps/a/routes", new).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

async fn runs(host: &TestHost) -> String {
    host.visit("GET http://a.localhost/n").await.text().to_owned()
}

fn code(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["error"]["code"].clone())
}
