//! Scripts: saved, read, tried, deleted.

use http::Method;
use serde_json::json;

use crate::harness::api::Api;
use crate::harness::database::on_both_databases;

on_both_databases! {
    async fn saving_makes_a_version_and_that_one_is_live(api: Api) {
        api.app("acme").await;
        let first = api.operator.save("acme", "shop%2Fhello", "one").await.expect(200);
        assert_eq!((&first["name"], &first["version"]), (&json!("shop/hello"), &json!(1)));
        api.advance_us(1);
        let second = api.operator.save("acme", "shop%2Fhello", "two").await.expect(200);
        assert_eq!((&second["id"], &second["version"]), (&first["id"], &json!(2)));
        assert_ne!(second["updated_at"], second["created_at"]);
        let read = api.operator.get("/apps/acme/scripts/shop%2Fhello").await.expect(200);
        assert_eq!((&read["source"], &read["kind"]), (&json!("two"), &json!("endpoint")));
        let list = api.operator.get("/apps/acme/scripts").await.expect(200);
        let mut listed = list["items"][0].clone();
        listed["warnings"] = json!([]);
        listed["relinked"] = json!([]);
        assert_eq!((listed, &list["next"]), (second, &json!(null)));
    }

    async fn what_does_not_compile_is_not_saved(api: Api) {
        api.app("acme").await;
        api.operator.save("acme", "hello", "good").await.expect(200);
        let answer = api.operator.save("acme", "hello", "fine\n!!").await;
        let diagnostic = json!({
            "code": "syntax", "severity": "error", "message": "unexpected !!", "line": 2, "column": 1, "end": { "line": 2, "column": 3 }
        });
        assert_eq!(answer.json["error"]["details"]["diagnostics"], json!([diagnostic]));
        assert_eq!(answer.refused(422, "compile_failed"), "hello does not compile: line 2: unexpected !!");
        assert_eq!(api.operator.get("/apps/acme/scripts/hello").await.expect(200)["version"], 1);
        api.operator.save("acme", "other", "!!").await.refused(422, "compile_failed");
        api.operator.get("/apps/acme/scripts/other").await.refused(404, "not_found");
    }

    async fn two_saves_at_once_are_two_versions(api: Api) {
        api.app("acme").await;
        let saves = (0..12).map(|n| {
            let operator = api.operator.clone();
            tokio::spawn(async move {
                operator.save("acme", "hello", &format!("{n}")).await.expect(200)["version"].as_i64().unwrap()
            })
        });
        let mut numbers = Vec::new();
        for save in saves.collect::<Vec<_>>() {
            numbers.push(save.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<i64>>());
        assert_eq!(api.operator.get("/apps/acme/scripts/hello").await.expect(200)["version"], 12);
    }

    async fn a_change_can_be_of_the_version_that_was_seen(api: Api) {
        api.app("acme").await;
        let path = "/apps/acme/scripts/hello";
        let save = async |tag: (&str, &str), source: &str| {
            let body = json!({ "kind": "endpoint", "source": source });
            api.operator.send_with(tag, Method::PUT, path, body).await
        };
        let mine = save(("if-none-match", "*"), "one").await;
        assert_eq!(mine.headers["etag"], "\"1\"");
        mine.expect(200);
        save(("if-none-match", "*"), "late").await.refused(412, "version_conflict");
        assert_eq!(api.operator.get(path).await.headers["etag"], "\"1\"");
        save(("if-match", "\"1\""), "theirs").await.expect(200);
        let late = save(("if-match", "\"1\""), "mine").await;
        let details = json!({ "script": "hello", "expected": 1, "actual": 2 });
        assert_eq!(late.json["error"]["details"], details);
        let why = "\"hello\" was changed meanwhile: version 2 is live, and this is a change of version 1";
        assert_eq!(late.refused(412, "version_conflict"), why);
        assert_eq!(api.operator.get(path).await.expect(200)["source"], "theirs", "nothing is lost");

        let live = format!("{path}/versions/1/live");
        let stale = ("if-match", "\"1\"");
        api.operator.send_with(stale, Method::POST, &live, json!(null)).await.refused(412, "version_conflict");
        api.operator.send_with(stale, Method::DELETE, path, json!(null)).await.refused(412, "version_conflict");
        for bad in ["1", "\"x\"", "W/\"1\"", "\"1\", \"2\""] {
            save(("if-match", bad), "mine").await.refused(400, "bad_request");
        }
        save(("if-match", "*"), "three").await.expect(200);
        api.operator.send_with(("if-match", "\"3\""), Method::DELETE, path, json!(null)).await.expect(204);
        save(("if-match", "*"), "gone").await.refused(412, "version_conflict");
    }

    async fn a_script_with_routes_stays(api: Api) {
        api.app("acme").await;
        api.operator.save("acme", "hello", "hi").await.expect(200);
        let route = json!({ "method": "GET", "pattern": "/hello/{name}", "script": "hello" });
        let route = api.operator.post("/apps/acme/routes", route).await.expect(201);
        let answer = api.operator.delete("/apps/acme/scripts/hello").await;
        assert_eq!(answer.json["error"]["details"]["routes"], json!([route["id"]]));
        let why = answer.refused(409, "in_use");
        assert!(why.contains("GET /hello/{name}"), "{why}");
        let module = json!({ "kind": "module", "source": "hi" });
        let why = api.operator.put("/apps/acme/scripts/hello", module).await.refused(409, "in_use");
        assert!(why.contains("become a module"), "{why}");

        api.operator.delete(&format!("/apps/acme/routes/{}", route["id"].as_str().unwrap())).await.expect(204);
        api.operator.delete("/apps/acme/scripts/hello").await.expect(204);
        api.operator.get("/apps/acme/scripts/hello").await.refused(404, "not_found");
        api.operator.delete("/apps/acme/scripts/hello").await.refused(404, "not_found");
    }

    async fn a_byte_order_mark_is_no_part_of_a_source(api: Api) {
        api.app("acme").await;
        api.operator.save("acme", "marked", "\u{feff}1").await;
        let script = api.operator.get("/apps/acme/scripts/marked").await.expect(200);
        assert_eq!(script["source"], "1");
    }

    async fn a_source_may_have_any_text_but_nul(api: Api) {
        api.app("acme").await;
        let source = "// \u{feff}é🦀\u{202e}\u{1b}[2J\r\n\t1";
        api.operator.save("acme", "hello", source).await.expect(200);
        assert_eq!(api.operator.get("/apps/acme/scripts/hello").await.expect(200)["source"], source);
        let answer = api.operator.save("acme", "hello", "one\né\0").await;
        let first = &answer.json["error"]["details"]["diagnostics"][0];
        assert_eq!((&first["line"], &first["column"]), (&json!(2), &json!(2)));
        answer.refused(422, "compile_failed");
    }
}

#[tokio::test]
async fn a_source_has_64_kib_at_most() {
    let api = Api::start().await;
    api.app("acme").await;
    api.operator
        .save("acme", "hello", &"\u{1}".repeat(65_536))
        .await
        .expect(200);
    let why = api
        .operator
        .save("acme", "hello", &"x".repeat(65_537))
        .await
        .refused(422, "source_too_large");
    assert_eq!(
        why,
        "the source has 65537 bytes, 65536 are allowed (PICLOUD_SOURCE_BYTES_MAX)"
    );
    let why = api
        .operator
        .post("/check", json!({ "source": "x".repeat(65_537) }))
        .await
        .refused(422, "source_too_large");
    assert!(why.contains("65537"), "{why}");
}

#[tokio::test]
async fn a_check_answers_what_is_wrong_and_keeps_nothing() {
    let api = Api::start().await;
    let good = api
        .operator
        .post("/check", json!({ "source": "fine" }))
        .await
        .expect(200);
    assert_eq!(good, json!({ "ok": true, "diagnostics": [] }));
    let bad = api.operator.post("/check", json!({ "source": "!!" })).await.expect(200);
    assert_eq!((&bad["ok"], &bad["diagnostics"][0]["line"]), (&json!(false), &json!(1)));
    let stopped = api
        .operator
        .post("/check", json!({ "source": "deep" }))
        .await
        .expect(200);
    assert_eq!(stopped["diagnostics"][0]["code"], "limit");
    let message = stopped["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.contains("fuel: used 11 units, allowed 10"), "{message}");
}

#[tokio::test]
async fn a_trial_answers_reply_log_and_usage() {
    let api = Api::start().await;
    api.app("acme").await;
    let run = "/apps/acme/scripts/hello/run";
    api.operator.post(run, json!({})).await.refused(404, "not_found");
    let draft = api.operator.post(run, json!({ "source": "a draft" })).await.expect(200);
    assert_eq!(
        (&draft["ending"], &draft["reply"]["body"]),
        (&json!("replied"), &json!("a draft"))
    );
    assert_eq!(draft["reply"]["headers"], json!([["content-type", "text/plain"]]));
    assert_eq!(
        draft["log"],
        json!([{ "level": "info", "message": "ran", "fields": { "n": 1 } }])
    );
    assert_eq!(draft["usage"]["fuel"], 7);

    api.operator.save("acme", "hello", "live").await.expect(200);
    let event = json!({ "method": "POST", "path": "/x", "query": "a=1", "headers": { "a": ["b", "c"] }, "body": "é" });
    let live = api.operator.post(run, json!({ "event": event })).await.expect(200);
    assert_eq!(live["reply"]["body"], "live");

    let threw = api.operator.post(run, json!({ "source": "throw" })).await.expect(200);
    assert_eq!((&threw["ending"], &threw["reply"]), (&json!("threw"), &json!(null)));
    assert_eq!(
        threw["error"]["stack"],
        json!([{ "function": "f", "line": 3, "column": 5 }])
    );
    let stopped = api.operator.post(run, json!({ "source": "loop" })).await.expect(200);
    assert_eq!(
        (&stopped["error"]["limit"], &stopped["error"]["allowed"]),
        (&json!("fuel"), &json!(100))
    );

    api.operator
        .post(run, json!({ "source": "!!" }))
        .await
        .refused(422, "compile_failed");
    let bad = json!({ "source": "x", "event": { "method": "get" } });
    let why = api.operator.post(run, bad).await.refused(422, "invalid");
    assert!(why.starts_with("event: method"), "{why}");
    let both = json!({ "source": "x", "event": { "body": "a", "body_base64": "YQ==" } });
    api.operator.post(run, both).await.refused(422, "invalid");
    let none = api.operator.get("/apps/acme/executions").await.expect(200);
    assert_eq!(none["items"], json!([]), "a trial is not recorded unless asked");
}
