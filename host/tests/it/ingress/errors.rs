//! What a caller is told of a script that fails, and what its author is.

use serde_json::{Value, json};

use crate::harness::host::TestHost;

const SCRIPTS: &[(&str, &str)] = &[
    ("GET /throw", "log warn before\nthrow secret words"),
    ("GET /blame", "blame 422 `n` is no number"),
    ("GET /odd", "blame 200 not a caller's fault"),
    ("GET /fuel", "stop fuel"),
    ("GET /wall", "stop wall"),
    ("GET /break", "break"),
    ("GET /panic", "panic"),
    ("GET /status", "reply 99"),
];

#[tokio::test]
async fn a_caller_learns_no_more_than_the_executions_id() {
    let host = TestHost::start().await;
    host.app("a", SCRIPTS).await;
    for (path, status, code, message) in [
        ("throw", 500, "script_failed", "the script failed"),
        ("blame", 422, "bad_request", "`n` is no number"),
        ("odd", 500, "script_failed", "the script failed"),
        ("fuel", 500, "limit_exceeded", "the script was stopped by a limit"),
        ("wall", 504, "timed_out", "the script was stopped by a limit"),
        ("break", 500, "internal", "something went wrong on the server's side"),
        ("panic", 500, "internal", "something went wrong on the server's side"),
        ("status", 500, "internal", "something went wrong on the server's side"),
    ] {
        let answer = host.visit(&format!("GET http://a.localhost/{path}")).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{path}");
        let error = &answer.json()["error"];
        assert_eq!(error["message"], message, "{path}");
        // Whom it blames is told its word for that.
        let details = (path == "blame").then(|| json!({ "code": "thrown" }));
        assert_eq!(error.get("details"), details.as_ref(), "{path}");
        let id = answer
            .header("x-execution-id")
            .unwrap_or_else(|| panic!("{path}: {answer:?}"));
        assert_eq!(error["execution"], id, "{path}");
        assert_eq!(host.execution("a", id).await["status"], status, "{path}");
    }
}

#[tokio::test]
async fn an_app_may_show_its_errors() {
    let host = TestHost::start().await;
    host.app("a", SCRIPTS).await;
    host.change("a", json!({ "show_errors": true })).await;
    let error = host.visit("GET http://a.localhost/throw").await.json()["error"].clone();
    assert_eq!(error["message"], "secret words");
    let frame = json!({ "function": "f", "line": 3, "column": 5 });
    assert_eq!(
        error["details"],
        json!({ "code": "thrown", "line": 3, "column": 5, "stack": [frame.clone()] })
    );
    let error = host.visit("GET http://a.localhost/fuel").await.json()["error"].clone();
    let details = json!({
        "code": "limit_exceeded", "limit": "fuel", "used": 11, "allowed": 10,
        "line": 3, "column": 5, "stack": [frame],
    });
    assert_eq!(error["details"], details);
    let error = host.visit("GET http://a.localhost/break").await.json()["error"].clone();
    assert_eq!(error.get("details"), None::<&Value>, "what broke is ours");
}

#[tokio::test]
async fn an_author_finds_everything_in_the_record() {
    let host = TestHost::start().await;
    host.app("a", SCRIPTS).await;
    let id = host
        .visit("GET http://a.localhost/throw?secret=1")
        .await
        .header("x-execution-id")
        .unwrap()
        .to_owned();
    let record = host.execution("a", &id).await;
    assert_eq!(
        (&record["ending"], &record["method"], &record["path"]),
        (&json!("threw"), &json!("GET"), &json!("/throw"))
    );
    assert_eq!(record["error"]["message"], "secret words");
    assert_eq!(record["error"]["stack"][0]["line"], 3);
    assert_eq!(record["log"][0]["message"], "before");
    assert_eq!(record["log"][0]["level"], "warn");
}
