//! How far a find or a count gets, and what it says when that is not far enough.

use serde_json::{Value, json};

use super::docs::{done, fill, settled};
use crate::harness::host::TestHost;

/// An index that is made and ready.
async fn make_index(host: &TestHost, name: &str, index: Value) {
    done(host, &format!("PUT /indexes/{name}"), index).await;
    let indexes = settled(host).await;
    assert!(indexes.iter().all(|index| index["state"] == "ready"), "{indexes:?}");
}

#[tokio::test]
async fn an_index_makes_no_find_fail_that_worked_without_it() {
    let few = [
        ("PICLOUD_LOOKED_AT_MAX", "1000"),
        ("PICLOUD_READS_PER_RUN_MAX", "2000"),
        ("PICLOUD_WRITES_PER_RUN_MAX", "5000"),
    ];
    for host in TestHost::real_on_both(&few).await {
        host.app("a", &[("GET /", "0")]).await;
        fill(
            &host,
            (0..1100).map(|v| json!({ "id": format!("{v:05}"), "kind": "x", "v": v })),
        )
        .await;
        let first = json!({ "filter": { "v": { "ge": 0 } }, "limit": 2, "explain": true });
        let rare = json!({ "filter": { "v": { "ge": 900 } }, "limit": 2, "explain": true });
        let of = |found: &Value, field: &str| found["explained"][field].clone();
        let found = done(&host, "POST /find", first.clone()).await;
        assert_eq!((of(&found, "looked_at"), of(&found, "advice")), (json!(2), Value::Null));
        let found = done(&host, "POST /find", rare.clone()).await;
        assert_eq!(of(&found, "looked_at"), 902);
        assert_eq!(of(&found, "advice")["command"], "picloud docs index a c v");

        make_index(&host, "v", json!({ "fields": ["v"] })).await;
        let found = done(&host, "POST /find", first.clone()).await;
        assert_eq!(
            (of(&found, "looked_at"), of(&found, "given_up")),
            (json!(2), json!("index"))
        );
        let mut next = first;
        next["after"] = found["next"].clone();
        assert_eq!(done(&host, "POST /find", next).await["items"][0]["v"], 2);
        let found = done(&host, "POST /find", rare).await;
        assert_eq!((of(&found, "index"), of(&found, "looked_at")), (json!("v"), json!(200)));
        assert_eq!(found["items"][1]["v"], 901);

        let either = json!({ "filter": { "or": [{ "v": 3 }, { "v": { "ge": 1098 } }] }, "explain": true });
        let found = done(&host, "POST /find", either.clone()).await;
        assert_eq!((of(&found, "index"), of(&found, "looked_at")), (json!("v"), json!(3)));
        let counted = json!({ "filter": either["filter"] });
        assert_eq!(done(&host, "POST /count", counted).await["count"], 3);
    }
}

#[tokio::test]
async fn what_has_to_be_sorted_in_memory_and_is_too_much_is_too_broad() {
    let few = [("PICLOUD_LOOKED_AT_MAX", "1000"), ("PICLOUD_READS_PER_RUN_MAX", "2000")];
    let host = TestHost::real(&few).await;
    host.app("a", &[("GET /", "0")]).await;
    fill(
        &host,
        (0..1100).map(|v| json!({ "id": format!("{v:05}"), "kind": "x", "v": v, "w": -v })),
    )
    .await;
    make_index(&host, "v", json!({ "fields": ["v"] })).await;
    let refused = |find: Value| host.manage("POST /apps/a/collections/c/find", find);
    let sorted = refused(json!({ "filter": { "v": { "ge": 0 } }, "sort": ["w"] }))
        .await
        .json();
    assert_eq!(sorted["error"]["details"]["code"], "too_broad", "{sorted}");
    let message = sorted["error"]["message"].as_str().unwrap();
    assert!(
        message.ends_with("an index would help: picloud docs index a c w"),
        "{message}"
    );
    let foreign = refused(json!({ "filter": { "v": { "$gte": 0 } } })).await.json();
    let message = foreign["error"]["message"].as_str().unwrap();
    assert!(message.contains("no operator \"$gte\""), "{message}");
    let none = refused(json!({ "filter": { "v": { "ge": 0 }, "w": { "has": 7 } } }))
        .await
        .json();
    let message = none["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("picloud docs index --each a c w v"), "{message}");
}

#[tokio::test]
async fn what_is_counted_is_not_looked_at() {
    let few = [("PICLOUD_LOOKED_AT_MAX", "500"), ("PICLOUD_READS_PER_RUN_MAX", "2000")];
    for host in TestHost::real_on_both(&few).await {
        host.app("a", &[("GET /", "0")]).await;
        fill(&host, (0..1500).map(|v| json!({ "kind": v % 2, "v": v }))).await;
        assert_eq!(done(&host, "POST /count", json!({})).await["count"], 1500);
        let refused = |count: Value| host.manage("POST /apps/a/collections/c/count", count);
        let many = refused(json!({ "filter": { "kind": 1 } })).await.json();
        assert_eq!(many["error"]["details"]["code"], "too_broad", "{many}");
        make_index(&host, "kind_v", json!({ "fields": ["kind", "v"] })).await;
        let filters = [json!({ "kind": 1 }), json!({ "kind": 0, "v": { "ge": 10 } })];
        let counts = [750, 745];
        for (filter, count) in filters.into_iter().zip(counts) {
            assert_eq!(
                done(&host, "POST /count", json!({ "filter": filter })).await["count"],
                count
            );
        }
        fill(&host, (0..600).map(|v| json!({ "kind": 3, "v": v }))).await;
        let many = refused(json!({})).await.json();
        assert_eq!(many["error"]["details"]["code"], "too_broad", "{many}");
        let message = many["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("entries read") && message.contains("PICLOUD_READS_PER_RUN_MAX"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_look_at_too_many_bytes_is_refused_with_advice() {
    let host = TestHost::real(&[("PICLOUD_READ_BYTES_PER_RUN_MAX", "50000")]).await;
    host.app("a", &[("GET /", "0")]).await;
    fill(&host, (0..60).map(|n| json!({ "n": n, "text": "x".repeat(1000) }))).await;
    let find = json!({ "filter": { "n": 59 } });
    let refused = host.manage("POST /apps/a/collections/c/find", find).await.json();
    assert_eq!(refused["error"]["details"]["code"], "limit_exceeded", "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("bytes read") && message.ends_with("picloud docs index a c n"),
        "{message}"
    );
    assert_eq!(done(&host, "POST /count", json!({})).await["count"], 60);
}
