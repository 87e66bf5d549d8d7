//! What an app keeps, by collection: counted with each write, and by the migration that began to count.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::host::TestHost;

const SQLITE: &str = include_str!("../../../../migrations/sqlite/0007_collections.sql");
const POSTGRES: &str = include_str!("../../../../migrations/postgres/0007_collections.sql");

async fn done(host: &TestHost, line: &str, body: Value) -> Value {
    let answer = host.manage(line, body).await;
    assert!((200..300).contains(&answer.status), "{line}: {}", answer.text());
    if answer.body.is_empty() {
        Value::Null
    } else {
        answer.json()
    }
}

/// Waits until no index of `c` is being built, and nothing is left of those that were removed.
async fn settled(host: &TestHost, keys: i64) {
    let building = async || {
        let indexes = done(host, "GET /apps/a/collections/c/indexes", Value::Null).await;
        indexes["items"].to_string().contains("building")
    };
    while building().await || host.number("select cast(sum(keys) as bigint) from collections").await != keys {
        tokio::task::yield_now().await;
    }
}

/// Collections that the migration would count otherwise than they were counted, one by one.
async fn miscounted(host: &TestHost, migration: &str) -> i64 {
    let (_, insert) = migration.split_once("insert into collections").unwrap();
    let (_, select) = insert.split_once('\n').unwrap();
    let select = select.trim().trim_end_matches(';');
    let counted = "select app_id, name, documents, keys, bytes from collections";
    let query = format!(
        "select (select count(*) from (select * from ({select}) as m except {counted}) as one)
            + (select count(*) from ({counted} except select * from ({select}) as m) as other)"
    );
    host.number(query.leak()).await
}

#[tokio::test]
async fn what_a_collection_takes_is_counted_as_it_is() {
    for (host, migration) in TestHost::on_both(&[]).await.into_iter().zip([SQLITE, POSTGRES]) {
        for app in ["a", "b"] {
            host.app(app, &[]).await;
            let documents: Vec<Value> = (0..60)
                .map(|n| json!({ "id": format!("d{n}"), "n": n, "tags": ["x", n % 7] }))
                .collect();
            let import = json!({ "kv": [{ "key": "c", "value": 1 }], "documents": { "c": documents, "c.d": [{}] } });
            done(&host, &format!("POST /apps/{app}/import"), import).await;
        }
        let of = |path: &str| format!("/apps/a/collections/c{path}");
        done(&host, &format!("PUT {}", of("/schema")), json!({ "required": ["n"] })).await;
        let unique = json!({ "fields": ["n"], "unique": true });
        done(&host, &format!("PUT {}", of("/indexes/n")), unique).await;
        let each = json!({ "fields": ["tags"], "each": true });
        done(&host, &format!("PUT {}", of("/indexes/tags")), each).await;
        // Documents, entries and claims, two tags of each, and what is declared; `c.d`; and those of the other app.
        settled(&host, 60 + 120 + 120 + 1 + 1 + 61).await;
        done(&host, &format!("DELETE {}", of("/documents/d1")), Value::Null).await;
        done(
            &host,
            &format!("PATCH {}", of("/documents/d2")),
            json!({ "n": 1, "tags": [] }),
        )
        .await;
        done(
            &host,
            &format!("PUT {}", of("/documents/d3")),
            json!({ "n": 3, "more": "x".repeat(500) }),
        )
        .await;
        join_all((0..20).map(|n| done(&host, "POST /apps/a/collections/c/documents", json!({ "n": 1000 + n })))).await;
        assert_eq!(miscounted(&host, migration).await, 0);
        let listed = done(&host, "GET /apps/a/collections", Value::Null).await;
        let named = |at: usize| (&listed["items"][at]["name"], &listed["items"][at]["documents"]);
        assert_eq!(named(0), (&json!("c"), &json!(79)));
        assert_eq!(named(1), (&json!("c.d"), &json!(1)));
        let usage = done(&host, "GET /apps/a/data", Value::Null).await;
        assert_eq!(usage["kv_keys"], 1);
        let of_collections: u64 = [0, 1]
            .map(|at| listed["items"][at]["bytes"].as_u64().unwrap())
            .iter()
            .sum();
        assert_eq!(
            usage["bytes"].as_u64(),
            Some(of_collections + usage["kv_bytes"].as_u64().unwrap())
        );
    }
}

#[tokio::test]
async fn a_collection_of_which_nothing_is_left_is_none() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        let names = async || {
            let listed = done(&host, "GET /apps/a/collections", Value::Null).await;
            let items = listed["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
        };
        done(&host, "PUT /apps/a/collections/c/schema", json!({})).await;
        assert_eq!(names().await, [json!("c")]);
        done(&host, "PUT /apps/a/collections/c/documents/x", json!({})).await;
        done(&host, "DELETE /apps/a/collections/c/schema", Value::Null).await;
        assert_eq!(names().await, [json!("c")]);
        done(&host, "DELETE /apps/a/collections/c/documents/x", Value::Null).await;
        assert_eq!(names().await, [] as [Value; 0]);
        done(&host, "PUT /apps/a/collections/c/documents/x", json!({})).await;
        done(&host, "DELETE /apps/a", Value::Null).await;
        assert_eq!(host.number("select count(*) from collections").await, 0);
    }
}
