//! Values under keys from outside, as scripts see them; imports; how much an app keeps.

use serde_json::{Value, json};

use crate::harness::host::TestHost;

async fn get(host: &TestHost, path: &str) -> Value {
    let answer = host.manage(&format!("GET /apps/a{path}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn change(host: &TestHost, line: &str, body: Value) -> u16 {
    let (method, path) = line.split_once(' ').unwrap();
    host.manage(&format!("{method} /apps/a{path}"), body).await.status
}

/// Status, code, the code that a script would catch, message.
async fn refused(host: &TestHost, line: &str, body: Value) -> (u16, Value, Value, String) {
    let (method, path) = line.split_once(' ').unwrap();
    let answer = host.manage(&format!("{method} /apps/a{path}"), body).await;
    let error = answer.json()["error"].clone();
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    (
        answer.status,
        error["code"].clone(),
        error["details"]["code"].clone(),
        message,
    )
}

#[tokio::test]
async fn values_are_those_of_scripts_with_their_types() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", "0")]).await;
        let value = json!({ "i": 1, "f": 1.0, "b": { "$blob": "AP8=" }, "c": { "$char": "x" }, "n": null, "odd": { "$map": { "$x": [] } } });
        assert_eq!(
            change(&host, "PUT /kv/deep%2F%C3%A9%20k", json!({ "value": value })).await,
            204
        );
        host.script(
            "a",
            "script_0",
            r#"let v = kv::get("deep/é k"); kv::set("back", v.c); kv::set("t", "x", #{ ttl: "1h" });
               [type_of(v.i), type_of(v.f), v.b.len(), type_of(v.c), v.n == (), v.odd.keys()]"#,
        )
        .await;
        let seen = host.visit("GET http://a.localhost/").await.json();
        assert_eq!(seen, json!(["i64", "f64", 2, "char", true, ["$x"]]));
        let entry = get(&host, "/kv/deep%2F%C3%A9%20k").await;
        assert_eq!(entry, json!({ "key": "deep/é k", "value": value }));
        assert_eq!(get(&host, "/kv/back").await["value"], json!({ "$char": "x" }));
        assert_eq!(get(&host, "/kv/t").await["expires_at"], "2023-11-14T23:13:20.000000Z");

        assert_eq!(
            change(&host, "PUT /kv/back", json!({ "value": 2, "ttl": "90s" })).await,
            204
        );
        host.advance_ms(89_999);
        assert_eq!(get(&host, "/kv/back").await["value"], 2);
        host.advance_ms(1);
        assert_eq!(refused(&host, "GET /kv/back", Value::Null).await.0, 404);
        assert_eq!(change(&host, "DELETE /kv/back", Value::Null).await, 404);
        assert_eq!(change(&host, "DELETE /kv/t", Value::Null).await, 204);
        assert_eq!(change(&host, "DELETE /kv/t", Value::Null).await, 404);
    }
}

#[tokio::test]
async fn keys_come_in_pages() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        let entries: Vec<Value> = (0..25)
            .map(|n| json!({ "key": format!("u:{n:02}"), "value": n }))
            .collect();
        let mut kv = entries.clone();
        kv.push(json!({ "key": "t", "value": 0 }));
        kv.push(json!({ "key": "gone", "value": 0, "expires_at": "2020-01-01T00:00:00Z" }));
        let answer = host.manage("POST /apps/a/import", json!({ "kv": kv })).await;
        assert_eq!(answer.json(), json!({ "kv": 26, "documents": 0 }));
        for reverse in [false, true] {
            let (mut seen, mut pages, mut after) = (Vec::new(), 0, String::new());
            loop {
                let page = get(&host, &format!("/kv?prefix=u%3A&limit=10&reverse={reverse}{after}")).await;
                seen.extend(page["items"].as_array().unwrap().clone());
                pages += 1;
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            if reverse {
                seen.reverse();
            }
            assert_eq!((pages, seen), (3, entries.clone()));
        }
        let keys = get(&host, "/kv?values=false&limit=1").await;
        assert_eq!(keys["items"], json!([{ "key": "t" }]));
    }
}

/// Each with a status, a code, what a script would catch, and words of the message.
async fn all_refused(host: &TestHost, requests: Vec<(&str, Value, u16, &str, Value, &str)>) {
    for (line, body, status, code, of_script, words) in requests {
        let told = refused(host, line, body).await;
        assert_eq!(
            (told.0, &told.1, &told.2),
            (status, &json!(code), &of_script),
            "{line}: {told:?}"
        );
        assert!(told.3.contains(words), "{line}: {told:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_by_name() {
    let host = TestHost::with(&[("PICLOUD_VALUE_BYTES_MAX", "1024")]).await;
    host.app("a", &[]).await;
    let long = format!("PUT /kv/{}", "k".repeat(513));
    let (one, none) = (json!({ "value": 1 }), Value::Null);
    let large = json!({ "value": "x".repeat(2000) });
    let refusals = vec![
        (
            "PUT /kv/x",
            json!({ "value": u64::MAX }),
            422,
            "invalid",
            json!(null),
            "18446744073709551615 has no room",
        ),
        (
            "PUT /kv/x",
            json!({ "value": { "$blob": "?" } }),
            422,
            "invalid",
            json!(null),
            "value: ",
        ),
        (
            "PUT /kv/x",
            json!({ "value": 1, "ttl": "soon" }),
            422,
            "invalid",
            json!(null),
            "ttl: ",
        ),
        ("PUT /kv/x", json!({}), 422, "invalid", json!(null), "value: "),
        (
            "PUT /kv/x",
            large,
            422,
            "data_refused",
            json!("value_too_large"),
            "2003, 1024",
        ),
        (&long, one, 422, "data_refused", json!("bad_key"), "513"),
        (
            "GET /kv?limit=0",
            none.clone(),
            422,
            "invalid",
            json!(null),
            "1 to 1000",
        ),
        (
            "GET /kv?after=YQ&prefix=b",
            none.clone(),
            422,
            "data_refused",
            json!("bad_cursor"),
            "cursor",
        ),
        ("GET /kv/none", none, 404, "not_found", json!(null), "no key \"none\""),
    ];
    all_refused(&host, refusals).await;
    // What is longer than any int of a machine keeps its digits until it is refused.
    let long = "123456789012345678901234567890";
    let body = format!("{{\"value\": {long}}}");
    let answer = host.manage_text("PUT /apps/a/kv/x", &body).await;
    assert!(answer.text().contains(long), "{}", answer.text());
    assert_eq!(get(&host, "/kv").await["items"], json!([]));
}

#[tokio::test]
async fn an_import_is_bounded_and_refused_as_a_whole() {
    let host = TestHost::start().await;
    host.app("a", &[]).await;
    let many: Vec<Value> = (0..501).map(|n| json!({ "key": "k", "value": n })).collect();
    let mixed = json!({ "kv": [{ "key": "good", "value": 1 }], "documents": { "c": [{ "id": 5 }] } });
    let refusals = vec![
        (
            "POST /import",
            json!({ "kv": many }),
            422,
            "invalid",
            json!(null),
            "501 entries",
        ),
        ("POST /import", mixed, 422, "data_refused", json!("bad_id"), "string"),
    ];
    all_refused(&host, refusals).await;
    assert_eq!(get(&host, "/kv").await["items"], json!([]));
}

#[tokio::test]
async fn an_import_is_all_or_nothing_and_shows_in_what_is_kept() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[]).await;
        let nothing = get(&host, "/data").await;
        assert_eq!((&nothing["bytes"], &nothing["keys"]), (&json!(0), &json!(0)));
        let documents = json!({ "kv": [{ "key": "k", "value": 1 }], "documents": {
            "people": [{ "id": "ada", "n": 1 }, { "n": 2 }], "z.orders": [{}],
        } });
        for people in [2, 3] {
            let answer = host.manage("POST /apps/a/import", documents.clone()).await;
            assert_eq!(answer.json(), json!({ "kv": 1, "documents": 3 }), "{}", answer.text());
            // One has an id and is replaced, the other one is new each time.
            let count = host.manage("POST /apps/a/collections/people/count", json!({})).await;
            assert_eq!(count.json(), json!({ "count": people }));
        }
        let kept = get(&host, "/data").await;
        assert_eq!(kept["keys"], 6);
        assert!(kept["bytes"].as_u64() > Some(50) && kept["bytes_max"].as_u64() > kept["bytes"].as_u64());
        let first = get(&host, "/collections?limit=1").await;
        // d, the name, a zero and the id; then the document.
        let bytes = |items: &Value| items[0]["bytes"].as_u64().unwrap();
        let (people, documents) = (bytes(&first["items"]), 3);
        assert_eq!(
            first,
            json!({ "items": [{ "name": "people", "documents": documents, "bytes": people }], "next": "people" })
        );
        let second = get(&host, "/collections?limit=1&after=people").await;
        let orders = bytes(&second["items"]);
        assert_eq!(
            second,
            json!({ "items": [{ "name": "z.orders", "documents": 2, "bytes": orders }], "next": null })
        );
        let kv = kept["kv_bytes"].as_u64().unwrap();
        assert_eq!(
            (&kept["kv_keys"], kept["bytes"].as_u64()),
            (&json!(1), Some(people + orders + kv))
        );
    }
}

#[tokio::test]
async fn who_may_read_may_not_write_and_a_neighbour_does_neither() {
    let host = TestHost::start().await;
    for app in ["a", "b"] {
        host.app(app, &[]).await;
    }
    change(&host, "PUT /kv/secret", json!({ "value": 1 })).await;
    let document = json!({ "id": "x" });
    change(&host, "POST /collections/c/documents", document.clone()).await;
    let viewer = host.token("a", "viewer").await;
    let neighbour = host.token("b", "owner").await;
    for (line, body, may) in [
        ("GET /apps/a/kv", Value::Null, true),
        ("GET /apps/a/kv/secret", Value::Null, true),
        ("GET /apps/a/data", Value::Null, true),
        ("GET /apps/a/collections", Value::Null, true),
        ("POST /apps/a/collections/c/find", json!({}), true),
        ("POST /apps/a/collections/c/count", json!({}), true),
        ("GET /apps/a/collections/c/documents/x", Value::Null, true),
        ("GET /apps/a/collections/c/indexes", Value::Null, true),
        ("PUT /apps/a/kv/secret", json!({ "value": 2 }), false),
        ("DELETE /apps/a/kv/secret", Value::Null, false),
        ("POST /apps/a/import", json!({}), false),
        ("POST /apps/a/collections/c/documents", document.clone(), false),
        ("PUT /apps/a/collections/c/documents/x", document.clone(), false),
        ("PATCH /apps/a/collections/c/documents/x", document.clone(), false),
        ("DELETE /apps/a/collections/c/documents/x", Value::Null, false),
        ("PUT /apps/a/collections/c/indexes/n", json!({ "fields": ["n"] }), false),
        ("DELETE /apps/a/collections/c/indexes/n", Value::Null, false),
    ] {
        let seen = host.manage_as(&viewer, line, body.clone()).await.status;
        assert_eq!(seen, if may { 200 } else { 403 }, "{line}");
        let seen = host.manage_as(&neighbour, line, body.clone()).await;
        assert_eq!(seen.status, 404, "{line}");
        assert!(seen.text().contains("there is no app"), "{}", seen.text());
        // In its own app there is nothing of it.
        let own = host
            .manage_as(&neighbour, &line.replace("/apps/a/", "/apps/b/"), body)
            .await;
        assert!(
            !own.text().contains("secret\"") || own.status == 404,
            "{line}: {}",
            own.text()
        );
    }
    let own = host
        .manage_as(&neighbour, "GET /apps/b/collections/c/documents/x", Value::Null)
        .await;
    assert_eq!(own.status, 404);
}

#[tokio::test]
async fn a_page_of_large_values_is_shorter_and_goes_on() {
    for host in TestHost::real_on_both(&[("PICLOUD_READ_BYTES_PER_RUN_MAX", "20000")]).await {
        host.app("a", &[("GET /", "0")]).await;
        for key in 0..10 {
            let value = json!({ "value": "x".repeat(3000) });
            assert_eq!(change(&host, &format!("PUT /kv/k{key}"), value).await, 204);
        }
        let (mut keys, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = get(&host, &format!("/kv?limit=10{after}")).await;
            let items = page["items"].as_array().unwrap();
            keys.extend(items.iter().map(|item| item["key"].as_str().unwrap().to_owned()));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let all: Vec<_> = (0..10).map(|key| format!("k{key}")).collect();
        assert_eq!((keys, pages), (all, 2));
    }
}
