//! Documents and indexes from outside.

use std::collections::BTreeSet;
use std::sync::Arc;

use picloud::data::docs::index::Index;
use picloud::data::docs::layout::Name;
use picloud::data::docs::path::Path;
use picloud::jobs::{Jobs, Means};
use picloud::world::indexes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::host::TestHost;

const OF: &str = "/apps/a/collections/c";

/// What is answered, when all is well.
pub(super) async fn done(host: &TestHost, line: &str, body: Value) -> Value {
    let (method, path) = line.split_once(' ').unwrap();
    let answer = host.manage(&format!("{method} {OF}{path}"), body).await;
    assert!((200..300).contains(&answer.status), "{line}: {}", answer.text());
    if answer.body.is_empty() {
        Value::Null
    } else {
        answer.json()
    }
}

async fn refused(host: &TestHost, line: &str, body: Value) -> (u16, Value, String) {
    let (method, path) = line.split_once(' ').unwrap();
    let answer = host.manage(&format!("{method} {OF}{path}"), body).await;
    let error = answer.json()["error"].clone();
    (
        answer.status,
        error["code"].clone(),
        error["message"].as_str().unwrap_or_default().to_owned(),
    )
}

/// Waits until no index is being built; the indexes.
pub(super) async fn settled(host: &TestHost) -> Vec<Value> {
    loop {
        let indexes = done(host, "GET /indexes", Value::Null).await["items"]
            .as_array()
            .unwrap()
            .clone();
        if indexes.iter().all(|index| index["state"] != "building") {
            return indexes;
        }
        tokio::task::yield_now().await;
    }
}

pub(super) async fn fill(host: &TestHost, documents: impl IntoIterator<Item = Value>) {
    let documents: Vec<Value> = documents.into_iter().collect();
    for documents in documents.chunks(500) {
        let import = json!({ "documents": { "c": documents } });
        let answer = host.manage("POST /apps/a/import", import).await;
        assert_eq!(answer.json()["documents"], documents.len(), "{}", answer.text());
    }
}

/// All documents that a filter matches, by `n` or by id, and the index by which they were found.
async fn all(host: &TestHost, filter: Value, sort: &[&str]) -> (Vec<Value>, Value) {
    let (mut documents, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut find = json!({ "filter": filter, "sort": sort, "limit": 700, "explain": true });
        if !after.is_null() {
            find["after"] = after;
        }
        let found = done(host, "POST /find", find).await;
        documents.extend(found["items"].as_array().unwrap().clone());
        after = found["next"].clone();
        if after.is_null() {
            return (documents, found["explained"]["index"].clone());
        }
    }
}

#[tokio::test]
async fn documents_are_those_of_scripts() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let made = done(&host, "POST /documents", json!({ "id": "ada", "born": 1815, "w": 1.0 })).await;
        assert_eq!(made, json!({ "id": "ada" }));
        let other = done(&host, "POST /documents", json!({ "born": 1906 })).await;
        let source = r#"docs::update("c", "ada", #{ "at.city": "London" }); let d = docs::get("c", "ada"); [docs::count("c"), type_of(d.w), d.born]"#;
        host.script("a", "script_0", source).await;
        assert_eq!(
            host.visit("GET http://a.localhost/").await.json(),
            json!([2, "f64", 1815])
        );
        let ada = json!({ "id": "ada", "born": 1815, "w": 1.0, "at": { "city": "London" } });
        assert_eq!(done(&host, "GET /documents/ada", Value::Null).await, ada);
        let changed = done(&host, "PATCH /documents/ada", json!({ "at.city": "Paris", "w": null })).await;
        assert_eq!(changed, json!({ "id": "ada", "born": 1815, "at": { "city": "Paris" } }));
        done(&host, "PUT /documents/new%2Fone", json!({ "born": 1912 })).await;
        assert_eq!(
            done(&host, "GET /documents/new%2Fone", Value::Null).await,
            json!({ "id": "new/one", "born": 1912 })
        );
        let find = json!({ "filter": { "born": { "gt": 1900 } }, "sort": ["-born"], "limit": 1, "fields": ["born"] });
        let first = done(&host, "POST /find", find.clone()).await;
        assert_eq!(first["items"], json!([{ "id": "new/one", "born": 1912 }]));
        let mut rest = find;
        rest["after"] = first["next"].clone();
        let second = done(&host, "POST /find", rest).await;
        assert_eq!(
            (&second["items"], &second["next"]),
            (&json!([{ "id": other["id"], "born": 1906 }]), &json!(null))
        );
        done(&host, "DELETE /documents/ada", Value::Null).await;
        for line in ["GET /documents/ada", "DELETE /documents/ada", "PATCH /documents/ada"] {
            let body = if line.starts_with("PATCH") {
                json!({})
            } else {
                Value::Null
            };
            assert_eq!(refused(&host, line, body).await.0, 404, "{line}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_name() {
    let host = TestHost::with(&[("PICLOUD_LOOKED_AT_MAX", "100")]).await;
    host.app("a", &[]).await;
    fill(&host, (0..120).map(|n| json!({ "id": format!("d{n}"), "n": n }))).await;
    done(&host, "PUT /indexes/n", json!({ "fields": ["n"] })).await;
    for (line, body, status, code, words) in [
        ("POST /documents", json!({ "id": "d1" }), 409, "exists", "\"d1\""),
        ("POST /documents", json!({ "id": 1 }), 422, "data_refused", "string"),
        ("PUT /documents/x", json!({ "id": "y" }), 422, "data_refused", "\"y\""),
        ("PATCH /documents/d1", json!({ "id": "y" }), 422, "data_refused", "id"),
        (
            "POST /find",
            json!({ "filter": { "m": 1 } }),
            422,
            "data_refused",
            "picloud docs index a c m",
        ),
        (
            "POST /find",
            json!({ "filter": { "n": { "gee": 1, "lt": 2 } } }),
            422,
            "data_refused",
            "gee",
        ),
        (
            "POST /find",
            json!({ "filter": 5 }),
            422,
            "data_refused",
            "a filter is a map",
        ),
        ("POST /find", json!({ "limit": 1001 }), 422, "invalid", "1 to 1000"),
        ("POST /find", json!({ "after": "?" }), 422, "data_refused", "cursor"),
        ("POST /find", json!({ "cursor": "?" }), 422, "invalid", "no such field"),
        (
            "PUT /indexes/n",
            json!({ "fields": ["m"] }),
            409,
            "exists",
            "another index",
        ),
        ("PUT /indexes/m", json!({ "fields": [] }), 422, "invalid", "1 to 8"),
        (
            "PUT /indexes/m",
            json!({ "fields": ["a..b"] }),
            422,
            "invalid",
            "fields: ",
        ),
        (
            "PUT /indexes/a%20b",
            json!({ "fields": ["n"] }),
            422,
            "invalid",
            "name: ",
        ),
        (
            "DELETE /indexes/none",
            Value::Null,
            404,
            "not_found",
            "no index \"none\"",
        ),
    ] {
        let told = refused(&host, line, body).await;
        assert_eq!((told.0, &told.1), (status, &json!(code)), "{line}: {told:?}");
        assert!(told.2.contains(words), "{line}: {told:?}");
    }
}

#[tokio::test]
async fn a_collection_has_a_plain_name() {
    let host = TestHost::start().await;
    host.app("a", &[]).await;
    let answer = host.manage("POST /apps/a/collections/a%20b/find", json!({})).await;
    assert_eq!(answer.json()["error"]["details"]["code"], "bad_collection");
}

/// Inserts, changes, deletes and replaces documents until it is told to stop, so often at most; how often.
async fn write(host: &TestHost, turns_max: usize, stop: &CancellationToken) -> usize {
    let mut turn = 0;
    while turn < turns_max && !stop.is_cancelled() {
        done(host, "POST /documents", json!({ "n": 10_000 + turn })).await;
        let document = |step: usize| format!("/documents/d{:04}", turn * step % 1000);
        // It may be one that was deleted.
        let change = format!("PATCH {OF}{}", document(37));
        host.manage(&change, json!({ "n": 20_000 + turn })).await;
        host.manage(&format!("DELETE {OF}{}", document(91)), Value::Null).await;
        done(host, &format!("PUT {}", document(53)), json!({ "n": 30_000 + turn })).await;
        turn += 1;
    }
    turn
}

/// Builds indexes by one server over 1,000 documents while they are written by another, or the same.
async fn built_while_written(one: Arc<TestHost>, other: Arc<TestHost>, turns_max: usize) {
    fill(&one, (0..1000).map(|n| json!({ "id": format!("d{n:04}"), "n": n }))).await;
    let stop = CancellationToken::new();
    let writer = tokio::spawn({
        let (other, stop) = (Arc::clone(&other), stop.clone());
        async move { write(&other, turns_max, &stop).await }
    });
    for (name, fields) in [("n", json!(["n"])), ("n_id", json!(["n", "id"]))] {
        let declared = done(&one, &format!("PUT /indexes/{name}"), json!({ "fields": fields })).await;
        assert_eq!(declared["state"], "building");
        settled(&one).await;
    }
    stop.cancel();
    assert!(writer.await.unwrap() > 0, "nobody wrote");
    let ids = |documents: &[Value]| documents.iter().map(|d| d["id"].to_string()).collect::<BTreeSet<_>>();
    for host in [one, other] {
        let (scanned, by) = all(&host, json!({}), &[]).await;
        assert_eq!(by, Value::Null);
        let (found, by) = all(&host, json!({ "n": { "ge": 0 } }), &["n"]).await;
        assert_eq!(by, "n");
        assert_eq!((found.len(), ids(&found)), (scanned.len(), ids(&scanned)));
        for document in scanned.iter().step_by(97) {
            let filter = json!({ "n": document["n"], "id": { "exists": true } });
            let (found, by) = all(&host, filter, &[]).await;
            assert!(
                found.contains(document) && !by.is_null(),
                "{document}: {found:?} by {by}"
            );
        }
    }
}

#[tokio::test]
async fn an_index_is_built_while_others_write() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        let host = Arc::new(host);
        built_while_written(Arc::clone(&host), host, usize::MAX).await;
    }
}

#[tokio::test]
async fn an_index_is_built_while_another_server_writes() {
    let Some([one, other]) = TestHost::two_on_postgres(&[]).await else {
        return;
    };
    one.app("a", &[]).await;
    other.follow().await;
    // A server that commits all the time keeps its turn: this one comes to an end.
    built_while_written(Arc::new(one), Arc::new(other), 25).await;
}

#[tokio::test]
async fn an_index_that_cannot_be_made_says_why_and_leaves_nothing() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        fill(&host, (0..300).map(|n| json!({ "n": n / 2 }))).await;
        let keys = async || host.manage("GET /apps/a/data", Value::Null).await.json()["keys"].clone();
        let unique = json!({ "fields": ["n"], "unique": true });
        assert_eq!(done(&host, "PUT /indexes/n", unique.clone()).await["state"], "building");
        let failed = settled(&host).await;
        assert_eq!((failed.len(), &failed[0]["state"]), (1, &json!("failed")));
        assert!(
            failed[0]["message"].as_str().unwrap().contains("have the same values"),
            "{failed:?}"
        );
        while keys().await != 300 {
            tokio::task::yield_now().await;
        }
        // Nobody is refused for its sake any more, and it can be declared otherwise.
        done(&host, "POST /documents", json!({ "n": 0 })).await;
        done(&host, "PUT /indexes/n", json!({ "fields": ["n"] })).await;
        let ready = settled(&host).await;
        assert_eq!((ready.len(), &ready[0]["state"]), (1, &json!("ready")));
        // Documents, entries, and what is known of the collection.
        assert_eq!(keys().await, 301 + 301 + 1);
        // Gone, also what stood in it; and at once declared again, it is whole.
        done(&host, "DELETE /indexes/n", Value::Null).await;
        done(&host, "PUT /indexes/n", json!({ "fields": ["n"] })).await;
        settled(&host).await;
        let (found, by) = all(&host, json!({ "n": { "ge": 0 } }), &["n"]).await;
        assert_eq!((found.len(), by), (301, json!("n")));
        done(&host, "DELETE /indexes/n", Value::Null).await;
        while keys().await != 301 {
            tokio::task::yield_now().await;
        }
        assert_eq!(settled(&host).await.len(), 0);
    }
}

#[tokio::test]
async fn what_was_not_over_goes_on_at_the_next_start() {
    let host = TestHost::start().await;
    host.app("a", &[]).await;
    fill(&host, (0..250).map(|n| json!({ "n": n }))).await;
    done(&host, "PUT /indexes/old", json!({ "fields": ["n"] })).await;
    settled(&host).await;
    let app = host.host.routes.current().by_name("a").unwrap().id;
    // As a server leaves it that is killed: declared here, removed there, and nobody was told.
    let name = |name: &str| Name::of_index(name).unwrap();
    let new = Index::new(name("new"), vec![Path::new("n").unwrap()], false, false).unwrap();
    let keeping = host.host.keeping(app);
    let left = keeping.transact(|data| {
        let new = new.clone();
        Box::pin(async move {
            let collection = Name::of_collection("c").unwrap();
            indexes::remove(data, &collection, &Name::of_index("old").unwrap()).await?;
            // What one built that was removed meanwhile does not count for the next.
            for limit in [200, 100] {
                indexes::remove(data, &collection, &new.name).await?;
                indexes::declare(data, &collection, &new).await?;
                assert!(indexes::build_some(data, &collection, &new.name, limit).await?);
            }
            Ok(())
        })
    });
    left.await.unwrap();
    let jobs = Jobs::new(Means {
        changes: Arc::default(),
        db: host.host.db.clone(),
        spaces: Arc::clone(&host.host.spaces),
        data: host.host.config.data,
        clock: host.host.clock.clone(),
    });
    let stop = CancellationToken::new();
    let look = async {
        settled(&host).await;
        let (found, by) = all(&host, json!({ "n": { "ge": 0 } }), &["n"]).await;
        assert_eq!((found.len(), by), (250, json!("new")));
        while host.manage("GET /apps/a/data", Value::Null).await.json()["keys"] != 501 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(jobs.run(stop.clone()), look);
}
