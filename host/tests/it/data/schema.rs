//! Schemas of collections, from a script's side: what is not as it has to be is refused, whichever way it comes.

use serde_json::{Value, json};

use super::answer;
use crate::harness::host::TestHost;

const SCHEMA: &str = "/apps/a/collections/people/schema";

async fn declare(host: &TestHost, schema: Value) {
    let declared = host.manage(&format!("PUT {SCHEMA}"), schema).await;
    assert_eq!(declared.status, 204, "{}", declared.text());
}

fn person() -> Value {
    json!({
        "required": ["name"],
        "properties": {
            "id": { "type": "string", "pattern": "^[a-z]+$" },
            "name": { "type": "string" },
            "age": { "type": "integer", "minimum": 0 },
            "at": { "properties": { "city": { "enum": ["Bern", "Thun"] } } },
            "photo": { "required": ["$blob"] },
        },
    })
}

#[tokio::test]
async fn every_write_of_a_document_is_checked() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let before = "docs::insert(\"people\", #{ id: \"old\", age: -1 }); docs::insert(\"other\", #{ age: -1 }); 0";
        answer(&host, "a", before).await;
        declare(&host, person()).await;
        // What is there stays, and other collections have nothing to do with it.
        let source = r#"
            docs::insert("other", #{ id: "X" });
            docs::insert("people", #{ id: "ada", name: "Ada", age: 36, at: #{ city: "Bern" }, photo: blob(3) });
            docs::update("people", "ada", #{ age: 37.0, "at.city": "Thun" });
            docs::upsert("people", "bob", #{ name: "Bob" });
            docs::replace("people", "bob", #{ name: "Rob" });
            [docs::count("people"), docs::get("people", "old").age, docs::get("people", "ada").age, docs::get("people", "bob").name]
        "#;
        assert_eq!(answer(&host, "a", source).await, json!([3, -1, 37.0, "Rob"]));
        for (source, words) in [
            (
                r#"docs::insert("people", #{ id: "x" })"#,
                "\"name\" is a required property",
            ),
            (
                r#"docs::insert("people", #{ id: "X", name: "x" })"#,
                "`id`: it does not match \"^[a-z]+$\"; found \"X\"",
            ),
            (
                r#"docs::insert("people", #{ name: "x", id: "x", photo: "none" , at: #{ city: "Rome" } })"#,
                "`at.city`: it is not one of \"Bern\" or \"Thun\"; found \"Rome\"",
            ),
            (
                r#"docs::update("people", "ada", #{ age: -5 })"#,
                "`age`: it is less than the minimum of 0; found -5",
            ),
            (
                r#"docs::update("people", "ada", #{ name: () })"#,
                "\"name\" is a required property",
            ),
            (r#"docs::update("people", "old", #{ name: "Old" })"#, "`age`"),
            (
                r#"docs::replace("people", "ada", #{ name: 'A' })"#,
                r#"`name`: it is not of type "string"; found {"$char":"A"}"#,
            ),
            (r#"docs::upsert("people", "zed", #{ name: 5 })"#, "`name`"),
        ] {
            let caught = format!("try {{ {source}; }} catch (e) {{ return reply(200).json([e.code, e.message]); }} 0");
            let told = answer(&host, "a", &caught).await;
            assert_eq!(told[0], json!("schema_violation"), "{source}: {told}");
            let message = told[1].as_str().unwrap();
            assert!(
                message.contains(words) && message.contains("`people`"),
                "{source}: {message}"
            );
        }
        let left = r#"[docs::count("people"), docs::get("people", "ada").age, docs::delete("people", "old")]"#;
        assert_eq!(answer(&host, "a", left).await, json!([3, 37.0, true]));
    }
}

#[tokio::test]
async fn a_schema_is_what_a_run_has_read() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        declare(&host, json!({ "properties": { "n": { "const": 0 } } })).await;
        let insert = "docs::insert(\"people\", #{ n: 1 }); 1";
        let caught = format!("try {{ {insert}; }} catch (e) {{ return reply(200).json([e.code]); }} 0");
        assert_eq!(answer(&host, "a", &caught).await, json!(["schema_violation"]));
        // The next run goes by the next one, also within the caches of this server.
        for n in 1..4 {
            declare(&host, json!({ "properties": { "n": { "const": n } } })).await;
            let source = format!("docs::insert(\"people\", #{{ n: {n} }}); docs::count(\"people\")");
            assert_eq!(answer(&host, "a", &source).await, json!(n));
        }
        let removed = host.manage(&format!("DELETE {SCHEMA}"), Value::Null).await;
        assert_eq!(removed.status, 204);
        assert_eq!(answer(&host, "a", insert).await, json!(1));
    }
}

#[tokio::test]
async fn indexes_and_schema_of_a_collection_do_not_lose_each_other() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        declare(&host, person()).await;
        let indexes = "/apps/a/collections/people/indexes";
        let index = json!({ "fields": ["name"] });
        assert_eq!(host.manage(&format!("PUT {indexes}/name"), index).await.status, 202);
        while host.manage(&format!("GET {indexes}"), Value::Null).await.json()["items"][0]["state"] != "ready" {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            host.manage(&format!("GET {SCHEMA}"), Value::Null).await.json(),
            person()
        );
        declare(&host, json!({ "required": ["name", "age"] })).await;
        let found = r#"
            docs::insert("people", #{ name: "x", age: 1 });
            [docs::find("people", #{ name: "x" }, #{ explain: true }).explain.index]
        "#;
        assert_eq!(answer(&host, "a", found).await, json!(["name"]));
        assert_eq!(
            host.manage(&format!("DELETE {indexes}/name"), Value::Null).await.status,
            204
        );
        let schema = host.manage(&format!("GET {SCHEMA}"), Value::Null).await.json();
        assert_eq!(schema, json!({ "required": ["name", "age"] }));
    }
}

#[tokio::test]
async fn what_takes_too_long_to_check_is_refused() {
    let host = TestHost::real(&[("PICLOUD_CHECK_STEPS_PER_RUN_MAX", "1000000")]).await;
    host.app("a", &[("GET /", "0")]).await;
    let any: Vec<Value> = (0..500).map(|n| json!({ "minimum": n })).collect();
    declare(&host, json!({ "properties": { "n": { "items": { "anyOf": any } } } })).await;
    let source = "let n = []; for i in 0..5000 { n.push(i); } try { docs::insert(\"people\", #{ n: n }); } catch (e) { return reply(200).json([e.code, e.message]); } 0";
    let told = answer(&host, "a", source).await;
    assert_eq!(told[0], json!("limit_exceeded"), "{told}");
    assert!(
        told[1].as_str().unwrap().contains("PICLOUD_CHECK_STEPS_PER_RUN_MAX"),
        "{told}"
    );
    let small = "for i in 0..20 { docs::insert(\"people\", #{ n: [i] }); } docs::count(\"people\")";
    assert_eq!(answer(&host, "a", small).await, json!(20));
}
