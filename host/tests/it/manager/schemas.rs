//! Schemas of collections, from outside.

use serde_json::{Value, json};

use crate::harness::host::TestHost;

const OF: &str = "/apps/a/collections/c";

async fn told(host: &TestHost, line: &str, body: Value) -> (u16, Value) {
    let (method, path) = line.split_once(' ').unwrap();
    let answer = host.manage(&format!("{method} {OF}{path}"), body).await;
    let body = if answer.body.is_empty() {
        Value::Null
    } else {
        answer.json()
    };
    (answer.status, body)
}

#[tokio::test]
async fn a_schema_is_declared_read_and_removed() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        let schema = json!({ "required": ["n"], "properties": { "n": { "type": "integer" } } });
        assert_eq!(told(&host, "GET /schema", Value::Null).await.0, 404);
        assert_eq!(told(&host, "DELETE /schema", Value::Null).await.0, 404);
        assert_eq!(told(&host, "PUT /schema", schema.clone()).await, (204, Value::Null));
        assert_eq!(told(&host, "PUT /schema", schema.clone()).await, (204, Value::Null));
        assert_eq!(told(&host, "GET /schema", Value::Null).await, (200, schema));
        let made = told(&host, "POST /documents", json!({ "id": "x", "n": 1 })).await;
        assert_eq!(made.0, 201);
        let import = |documents: Value| json!({ "documents": { "c": documents } });
        for (line, body) in [
            ("POST /documents", json!({ "n": "1" })),
            ("PUT /documents/x", json!({ "n": "1" })),
            ("PATCH /documents/x", json!({ "n": "1" })),
        ] {
            let (status, body) = told(&host, line, body).await;
            let error = &body["error"];
            assert_eq!(
                (status, &error["code"]),
                (422, &json!("data_refused")),
                "{line}: {body}"
            );
            assert_eq!(error["details"]["code"], "schema_violation", "{line}: {body}");
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("`c`") && message.contains("`n`: it is not of type \"integer\"; found \"1\""),
                "{line}: {message}"
            );
        }
        // All of an import or nothing of it.
        let answer = host
            .manage("POST /apps/a/import", import(json!([{ "n": 5 }, {}])))
            .await;
        assert_eq!(answer.json()["error"]["details"]["code"], "schema_violation");
        assert_eq!(told(&host, "POST /count", json!({})).await.1["count"], 1);
        assert_eq!(told(&host, "DELETE /schema", Value::Null).await.0, 204);
        assert_eq!(told(&host, "POST /documents", json!({ "n": "1" })).await.0, 201);
        // What is declared of a collection is a key of the app's, and goes with it.
        assert_eq!(host.manage("GET /apps/a/data", Value::Null).await.json()["keys"], 2);
    }
}

#[tokio::test]
async fn what_is_no_schema_is_refused_by_name() {
    let host = TestHost::start().await;
    host.app("a", &[]).await;
    for (schema, words) in [
        (json!(true), "it is an object"),
        (json!({ "type": "text" }), "`type`"),
        (
            json!({ "$ref": "http://127.0.0.1:1/schema.json" }),
            "http://127.0.0.1:1/schema.json",
        ),
        (json!({ "items": { "$ref": "#" } }), "refers to itself"),
        (json!({ "pattern": "(a{1000}){1000}" }), "small automaton"),
        (json!({ "title": "x".repeat(65_536) }), "65536 are allowed"),
    ] {
        let (status, body) = told(&host, "PUT /schema", schema.clone()).await;
        let error = &body["error"];
        assert_eq!((status, &error["code"]), (422, &json!("invalid")), "{body}");
        assert_eq!(error["details"]["field"], "schema", "{body}");
        assert!(error["message"].as_str().unwrap().contains(words), "{body}");
    }
    assert_eq!(told(&host, "GET /schema", Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_declare() {
    let host = TestHost::start().await;
    host.app("a", &[]).await;
    let token = host
        .manage("POST /apps/a/tokens", json!({ "name": "v", "role": "viewer" }))
        .await;
    let secret = token.json()["secret"].as_str().unwrap().to_owned();
    let path = format!("{OF}/schema");
    assert_eq!(host.manage(&format!("PUT {path}"), json!({})).await.status, 204);
    let as_viewer =
        async |method: &str, body: Value| host.manage_as(&secret, &format!("{method} {path}"), body).await.status;
    assert_eq!(as_viewer("GET", Value::Null).await, 200);
    assert_eq!(as_viewer("PUT", json!({})).await, 403);
    assert_eq!(as_viewer("DELETE", Value::Null).await, 403);
}
