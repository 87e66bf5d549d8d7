//! Secrets and settings: who is told them, and where they are not.

mod hidden;
mod keys;
mod told;

use serde_json::{Value, json};

use crate::harness::host::TestHost;

/// Sets a secret.
pub(crate) async fn set(host: &TestHost, app: &str, name: &str, value: &str) {
    let line = format!("PUT /apps/{app}/secrets/{name}");
    let answer = host.manage(&line, json!({ "value": value })).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// The id of the newest execution.
async fn newest(host: &TestHost, app: &str) -> String {
    host.executions(app).await[0]["id"].as_str().expect("an id").to_owned()
}

/// A run once more.
async fn again(host: &TestHost, id: &str) -> (u16, Value) {
    let answer = host
        .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
        .await;
    (answer.status, answer.json())
}
