//! What scripts keep: every run as if it were alone.

mod docs;
mod housekeeping;
mod kv;
mod replay;
mod schema;
mod serial;
mod side_by_side;

use serde_json::Value;

use crate::harness::host::TestHost;

/// What a script answers, in an app of its own name.
async fn answer(host: &TestHost, app: &str, source: &str) -> Value {
    host.script(app, "script_0", source).await;
    let answer = host.visit(&format!("GET http://{app}.localhost/")).await;
    assert_eq!(answer.status, 200, "{source}: {}", answer.text());
    answer.json()
}
