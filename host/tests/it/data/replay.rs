//! Runs that are over, once more.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::harness::host::TestHost;

const MIXED: &[(&str, &str)] = &[
    ("GET /hello", "`hello`"),
    (
        "GET /count",
        "let n = kv::get(\"n\") ?? 0; kv::set(\"n\", n + 1); log::info(`was ${n}`); n",
    ),
    ("GET /time", "[ctx.now, ctx.execution, ctx.trace, ctx.attempt]"),
    (
        "POST /echo",
        "let body = req.json(); kv::set(\"last\", body); #{ body: body, seen: kv::get(\"last\") }",
    ),
    (
        "GET /docs",
        "let id = docs::insert(\"c\", #{ at: ctx.now, by: req.headers[\"x-user\"] }); docs::find(\"c\", #{}, #{ limit: 3 }).documents",
    ),
    (
        "GET /throw",
        "let n = kv::get(\"n\"); if n != () { throw `n is ${n}` } 0",
    ),
    (
        "GET /caught",
        "try { kv::incr(\"last\") } catch (e) { return e.code; } 0",
    ),
    ("GET /loop", "kv::get(\"n\"); loop {}"),
    ("GET /memory", "let s = \"x\"; loop { s += s; }"),
    ("GET /503", "kv::set(\"n\", 0); reply(503)"),
    ("GET /list", "kv::list(\"\", #{ limit: 2 })"),
];

async fn again(host: &TestHost, id: &str, with: Value) -> Value {
    let answer = host.manage(&format!("POST /apps/a/executions/{id}/replay"), with).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn every_run_of_a_mixed_load_goes_the_same_way_again() {
    for host in TestHost::real_on_both(&[("PICLOUD_FUEL_MAX", "5000000")]).await {
        host.app("a", MIXED).await;
        for round in 0..3 {
            for (route, _) in MIXED {
                let (method, path) = route.split_once(' ').unwrap();
                let line = format!("{method} http://a.localhost{path}?round={round}");
                let body = if method == "POST" {
                    br#"{"a": [1, 2.5, "x"]}"#.as_slice()
                } else {
                    b""
                };
                host.send(&line, &[("x-user", "u"), ("content-type", "application/json")], body)
                    .await;
            }
        }
        let before = host.number("select csn from app_clocks").await;
        let executions = host.executions("a").await;
        assert_eq!(executions.len(), 3 * MIXED.len());
        for execution in executions {
            let replayed = again(&host, execution["id"].as_str().unwrap(), json!({})).await;
            assert_eq!(replayed["same"], json!(true), "{execution}: {replayed}");
            assert_eq!(replayed["same_guest"], json!(true));
            assert_eq!(replayed["usage"]["fuel"], execution["usage"]["fuel"]);
            assert_eq!(replayed["ending"], execution["ending"]);
        }
        assert_eq!(
            host.number("select csn from app_clocks").await,
            before,
            "a replay has no effect"
        );
        assert_eq!(host.executions("a").await.len(), 3 * MIXED.len(), "nor a record");
    }
}

#[tokio::test]
async fn other_code_parts_where_it_asks_something_else() {
    let host = TestHost::real(&[]).await;
    host.app(
        "a",
        &[("GET /", "let n = kv::get(\"n\") ?? 0; kv::set(\"n\", n + 1); n")],
    )
    .await;
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "0");
    let id = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
    let same = again(
        &host,
        &id,
        json!({ "source": "let n = kv::get(\"n\") ?? 0; kv::set(\"n\", n + 1); n" }),
    )
    .await;
    assert_eq!(same["same"], json!(true), "{same}");
    let fuel = again(
        &host,
        &id,
        json!({ "source": "let n = kv::get(\"n\") ?? 0; for i in 0..5 {} kv::set(\"n\", n + 1); n" }),
    )
    .await;
    assert_eq!(fuel["differs"], json!(["fuel"]), "{fuel}");
    let other = again(
        &host,
        &id,
        json!({ "source": "let n = kv::get(\"n\") ?? 0; kv::set(\"m\", n + 1); n" }),
    )
    .await;
    assert_eq!(
        other["parted"],
        json!({ "call": 2, "then": "kv::set(\"n\")", "now": "kv::set(\"m\")" }),
        "{other}"
    );
    let fewer = again(&host, &id, json!({ "source": "kv::get(\"n\") ?? 0" })).await;
    assert_eq!(
        fewer["parted"],
        json!({ "call": 2, "then": "kv::set(\"n\")", "now": null }),
        "{fewer}"
    );
    let reply = again(
        &host,
        &id,
        json!({ "source": "let n = kv::get(\"n\") ?? 0; kv::set(\"n\", n + 1); n + 5" }),
    )
    .await;
    assert!(
        reply["differs"].as_array().unwrap().contains(&json!("outcome")),
        "{reply}"
    );
    assert_eq!(reply["reply"]["body"], json!("5"));
    // The version that ran runs again, whatever is live by now.
    host.script("a", "script_0", "\"another\"").await;
    assert_eq!(again(&host, &id, json!({})).await["same"], json!(true));
    let second = again(&host, &id, json!({ "version": 2 })).await;
    assert_eq!(second["reply"]["body"], json!("another"));
}

#[tokio::test]
async fn what_was_not_kept_is_said_to_be() {
    let host = TestHost::real(&[("PICLOUD_JOURNAL_BODY_BYTES_MAX", "10")]).await;
    let source = "kv::set(\"last\", req.text()); req.text().len()";
    host.app("a", &[("POST /", source), ("GET /", "0")]).await;
    host.send("POST http://a.localhost/", &[], b"a longer body").await;
    let id = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
    let replayed = again(&host, &id, json!({})).await;
    assert_eq!(replayed["same"], json!(false));
    assert_eq!(replayed["parted"]["now"], json!("the body, which the journal has not"));
    let capsule = host
        .manage(&format!("GET /apps/a/executions/{id}/capsule"), Value::Null)
        .await;
    let holds = capsule.json()["holds"].to_string();
    assert!(holds.contains("the beginning of each question"), "{holds}");
    host.change("a", json!({ "journal": false })).await;
    host.visit("GET http://a.localhost/").await;
    let id = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
    let answer = host
        .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
        .await;
    assert_eq!(answer.problem().0, 404);
    assert!(answer.text().contains("journal"), "{}", answer.text());
}

#[tokio::test]
async fn a_capsule_without_bodies_has_nothing_of_them() {
    let host = TestHost::real(&[]).await;
    let source = "docs::insert(\"people\", req.json()); kv::set(\"key-of-body\", 1); 0";
    host.app("a", &[("POST /", source)]).await;
    let body = br#"{"mail": "somebody@example.org"}"#;
    host.send(
        "POST http://a.localhost/",
        &[("content-type", "application/json")],
        body,
    )
    .await;
    let id = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
    for (query, there) in [("", true), ("?bodies=false", false)] {
        let capsule = host
            .manage(&format!("GET /apps/a/executions/{id}/capsule{query}"), Value::Null)
            .await
            .json();
        let file = BASE64
            .decode(capsule["capsule_base64"].as_str().unwrap().as_bytes())
            .unwrap();
        let head = file.iter().position(|byte| *byte == b'\n').unwrap();
        let unpacked = zstd::decode_all(&file[head + 1..]).unwrap();
        let has = |text: &[u8]| unpacked.windows(text.len()).any(|window| window == text);
        assert_eq!(has(b"somebody@example.org"), there);
        let holds = capsule["holds"].to_string();
        assert_eq!(holds.contains("the beginning of each question"), there, "{holds}");
    }
    // What it ran is gone.
    let routes = host.manage("GET /apps/a/routes", Value::Null).await.json();
    let route = routes["items"][0]["id"].as_str().unwrap();
    for line in [
        format!("DELETE /apps/a/routes/{route}"),
        "DELETE /apps/a/scripts/script_0".to_owned(),
    ] {
        assert_eq!(host.manage(&line, Value::Null).await.status, 204);
    }
    let answer = host
        .manage(&format!("GET /apps/a/executions/{id}/capsule"), Value::Null)
        .await;
    assert_eq!(answer.problem().0, 404, "{}", answer.text());
}

#[tokio::test]
async fn a_journal_of_another_release_is_said_to_be_one() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("GET /", "0")]).await;
    host.visit("GET http://a.localhost/").await;
    let id = host.executions("a").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(again(&host, &id, json!({})).await["same"], json!(true));
    // A frame of zstd with one byte in it: the first form.
    host.tamper("update journals set data = x'28b52ffd200109000001'").await;
    let answer = host
        .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
        .await;
    assert_eq!(answer.problem().0, 404);
    assert!(
        answer.text().contains("another release wrote it; it has the form 1"),
        "{}",
        answer.text()
    );
}
