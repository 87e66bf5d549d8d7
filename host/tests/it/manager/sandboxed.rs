//! With the real sandboxes: what authors save, try and get wrong.

use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::TestDatabase;
use crate::harness::sandbox;

async fn start() -> Api {
    Api::with(TestDatabase::sqlite().await, sandbox::engine(), &[]).await
}

#[tokio::test]
async fn the_demo_works() {
    let api = start().await;
    assert!(picloud::manager::apps::demo(&api.host).await.unwrap());
    let event = json!({ "event": { "path": "/hello", "query": "name=Ada" } });
    let hello = api
        .operator
        .post("/apps/demo/scripts/hello/run", event)
        .await
        .expect(200);
    assert_eq!(
        (&hello["ending"], &hello["reply"]["body"]),
        (&json!("replied"), &json!("Hello, Ada!"))
    );
    let order = json!({ "event": {
        "method": "POST", "path": "/orders", "headers": { "content-type": "application/json" },
        "body": r#"{"items": [{"sku": "pen", "count": 12}]}"#,
    } });
    let order = api
        .operator
        .post("/apps/demo/scripts/order/run", order)
        .await
        .expect(200);
    assert_eq!(order["reply"]["status"], 200, "{order}");
    assert_eq!(order["log"][0]["message"], "an order");
    assert!(order["usage"]["fuel"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_source_has_its_place() {
    let api = start().await;
    let check = |source: String| {
        let operator = api.operator.clone();
        async move { operator.post("/check", json!({ "source": source })).await.expect(200) }
    };
    assert_eq!(
        check("let a = 1; a".to_owned()).await,
        json!({ "ok": true, "diagnostics": [] })
    );
    for source in ["let a = ;", "\n  eval(\"1\")", "fn f( { }"] {
        let checked = check(source.to_owned()).await;
        assert_eq!(checked["ok"], false, "{source}");
        assert!(
            checked["diagnostics"][0]["line"].as_u64().unwrap() > 0,
            "{source}: {checked}"
        );
    }
    // Whatever it is, it is an answer.
    for source in [
        "(".repeat(60_000),
        "[".repeat(60_000),
        "let a=1;".repeat(8_000),
        "`${".repeat(20_000),
    ] {
        let checked = check(source).await;
        assert!(checked["ok"].is_boolean());
    }
}

#[tokio::test]
async fn a_trial_that_fails_says_where_and_why() {
    let api = start().await;
    api.app("acme").await;
    let run = |source: &str| {
        let (operator, body) = (api.operator.clone(), json!({ "source": source }));
        async move { operator.post("/apps/acme/scripts/draft/run", body).await.expect(200) }
    };
    let threw = run("fn f() {\n  throw \"no\"\n}\nf()").await;
    assert_eq!(
        (&threw["ending"], &threw["error"]["stack"][0]["line"]),
        (&json!("threw"), &json!(2))
    );
    let stopped = run("loop {}").await;
    assert_eq!(
        (&stopped["ending"], &stopped["error"]["limit"]),
        (&json!("stopped"), &json!("fuel"))
    );
    let binary = run("let b = blob(3, 255); b").await;
    assert_eq!(
        (&binary["reply"]["body"], &binary["reply"]["body_base64"]),
        (&json!(null), &json!("////"))
    );
}

#[tokio::test]
async fn the_live_version_runs_with_its_log() {
    let api = start().await;
    api.app("acme").await;
    api.operator.save("acme", "hello", "print(\"hi\"); 1").await.expect(200);
    let ran = api
        .operator
        .post("/apps/acme/scripts/hello/run", json!({}))
        .await
        .expect(200);
    assert_eq!(ran["ending"], "replied");
    assert_eq!(ran["log"], json!([{ "level": "info", "message": "hi" }]));
}
