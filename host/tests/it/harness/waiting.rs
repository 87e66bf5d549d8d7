//! Waiting for what the management API will say.

use std::time::Duration;

use serde_json::Value;

use super::host::TestHost;

/// Longer than any test takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What the API has at a path.
pub(crate) async fn got(host: &TestHost, path: &str) -> Value {
    let answer = host.manage(&format!("GET {path}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// Waits until what is read from the API is as wanted.
pub(crate) async fn until(host: &TestHost, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let waiting = async {
        loop {
            last = got(host, path).await;
            if is_so(&last) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
    assert!(in_time, "{path} stays {last}");
    last
}
