//! The first reply is the reply of all repeats.

use serde_json::{Value, json};

use super::{ORDER, RUNS, post, route, runs};
use crate::harness::host::TestHost;
use crate::harness::http::Answer;

fn is_repeat(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[tokio::test]
async fn the_first_reply_is_the_reply_of_all_repeats() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders", ORDER), RUNS]).await;
        let first = post(&host, "/orders", "k", b"{}").await;
        assert_eq!((first.status, first.json()), (201, json!({ "order": 1 })));
        assert!(!is_repeat(&first));
        // The same key, with and without quotes.
        for key in ["k", "\"k\"", "k"] {
            let again = post(&host, "/orders", key, b"{}").await;
            assert!(is_repeat(&again));
            assert_eq!((again.status, &again.body), (first.status, &first.body));
            let of_reply = |answer: &Answer| {
                let own = |(name, _): &&(String, String)| !["date", "idempotency-replayed"].contains(&name.as_str());
                answer.headers.iter().filter(own).cloned().collect::<Vec<_>>()
            };
            assert_eq!(of_reply(&again), of_reply(&first));
        }
        assert_eq!(runs(&host).await, "1");
        let other = post(&host, "/orders", "K", b"{}").await;
        assert_eq!((is_repeat(&other), other.json()), (false, json!({ "order": 2 })));
        let without = host.send("POST http://a.localhost/orders", &[], b"{}").await;
        assert_eq!(without.json(), json!({ "order": 3 }));
    }
}

#[tokio::test]
async fn a_repeat_has_a_record_that_names_the_run() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /orders", ORDER)]).await;
    let first = post(&host, "/orders", "k", b"").await;
    let id = first.header("x-execution-id").unwrap();
    post(&host, "/orders", "k", b"").await;
    let executions = host.executions("a").await;
    let [again, run] = &executions[..] else {
        panic!("{executions:?}");
    };
    assert_eq!(run["id"], json!(id));
    assert_eq!(
        again["summary"],
        json!(format!("POST /orders (the reply of {id} again)"))
    );
    assert_eq!((&again["ending"], &again["status"]), (&json!("replied"), &json!(201)));
    assert_eq!(again["usage"]["fuel"], json!(0));
    assert_ne!(run["usage"]["fuel"], json!(0));
}

#[tokio::test]
async fn a_key_is_forgotten_after_its_time_and_not_before() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders", ORDER), RUNS]).await;
        post(&host, "/orders", "k", b"").await;
        host.advance_ms(86_400_000 - 1);
        assert!(is_repeat(&post(&host, "/orders", "k", b"").await));
        host.advance_ms(1);
        assert!(!is_repeat(&post(&host, "/orders", "k", b"").await));
        assert_eq!(runs(&host).await, "2");
    }
}

#[tokio::test]
async fn what_was_not_committed_is_done_when_it_is_sent_again() {
    const FAILING: &str = r#"
        let path = req.params.how;
        if kv::get("mended") == () {
            kv::incr("n");
            if path == "throw" { throw "not yet" }
            if path == "json" { req.json() }
            if path == "loop" { loop {} }
            return reply(503).text("not yet");
        }
        kv::incr("n")
    "#;
    for host in TestHost::real_on_both(&[("PICLOUD_FUEL_MAX", "5000000")]).await {
        host.app(
            "a",
            &[("POST /{how}", FAILING), RUNS, ("GET /mend", "kv::set(\"mended\", 1)")],
        )
        .await;
        for (how, status) in [("throw", 500), ("json", 400), ("loop", 500), ("reply", 503)] {
            for _ in 0..2 {
                let answer = post(&host, &format!("/{how}"), how, b"{").await;
                assert_eq!((answer.status, is_repeat(&answer)), (status, false), "{how}");
            }
        }
        assert_eq!(runs(&host).await, "0");
        host.visit("GET http://a.localhost/mend").await;
        for how in ["throw", "json", "loop", "reply"] {
            let done = post(&host, &format!("/{how}"), how, b"{").await;
            assert_eq!((done.status, is_repeat(&done)), (200, false));
            let again = post(&host, &format!("/{how}"), how, b"{").await;
            assert_eq!((again.text(), is_repeat(&again)), (done.text(), true));
        }
        assert_eq!(runs(&host).await, "4");
    }
}

#[tokio::test]
async fn a_refusal_is_kept_when_the_run_wrote_something() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /", "kv::incr(\"n\"); reply(409).text(\"sold\")"), RUNS])
        .await;
    for _ in 0..3 {
        assert_eq!(post(&host, "/", "k", b"").await.text(), "sold");
    }
    assert_eq!(runs(&host).await, "1");
}

#[tokio::test]
async fn a_refusal_is_kept_when_the_run_sent_a_message() {
    for host in TestHost::real_on_both(&[]).await {
        host.app(
            "a",
            &[("POST /", "queue::send(\"work\", 1); reply(409).text(\"sold\")")],
        )
        .await;
        host.script("a", "take", "1").await;
        let queue = json!({ "script": "take", "paused": true });
        assert_eq!(host.manage("PUT /apps/a/queues/work", queue).await.status, 204);
        for replayed in [None, Some("true")] {
            let answer = post(&host, "/", "k", b"").await;
            assert_eq!((answer.status, answer.header("idempotency-replayed")), (409, replayed));
        }
        let queue = host.manage("GET /apps/a/queues/work", Value::Null).await.json();
        assert_eq!(queue["waiting"], 1);
    }
}

#[tokio::test]
async fn a_refusal_that_left_nothing_is_not_kept_and_takes_no_room() {
    const GUARDED: &str = r#"
        if req.headers["authorization"] != "new" { return reply(401).text("who are you?"); }
        kv::incr("n")
    "#;
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", GUARDED), RUNS]).await;
        let ask = async |token: &str| {
            let headers = [("idempotency-key", "k"), ("authorization", token)];
            host.send("POST http://a.localhost/", &headers, b"").await
        };
        for _ in 0..2 {
            let refused = ask("old").await;
            assert_eq!((refused.status, is_repeat(&refused)), (401, false));
        }
        assert_eq!(host.number("select count(*) from entries").await, 0);
        assert_eq!(ask("new").await.text(), "1");
        assert!(is_repeat(&ask("new").await));
        assert_eq!(ask("old").await.status, 422);
        assert_eq!(runs(&host).await, "1");
    }
}

#[tokio::test]
async fn what_wrote_nothing_has_one_reply_all_the_same() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /", "uuid::v4()")]).await;
    let first = post(&host, "/", "k", b"").await;
    assert_eq!(post(&host, "/", "k", b"").await.text(), first.text());
    assert_ne!(post(&host, "/", "l", b"").await.text(), first.text());
}

#[tokio::test]
async fn a_run_with_a_key_goes_the_same_way_again() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders", ORDER)]).await;
        post(&host, "/orders", "k", b"x").await;
        post(&host, "/orders", "k", b"x").await;
        let executions = host.executions("a").await;
        let again = async |execution: &serde_json::Value| {
            let id = execution["id"].as_str().unwrap();
            host.manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
                .await
        };
        let replayed = again(&executions[1]).await;
        assert_eq!((replayed.status, &replayed.json()["same"]), (200, &json!(true)));
        // No script ran: there is nothing to run again.
        assert_eq!(again(&executions[0]).await.status, 404);
    }
}

#[tokio::test]
async fn each_route_and_each_app_has_keys_of_its_own() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /orders", ORDER), ("POST /bills", ORDER), RUNS])
        .await;
    host.app("b", &[("POST /orders", ORDER)]).await;
    post(&host, "/orders", "k", b"").await;
    assert_eq!(post(&host, "/bills", "k", b"").await.json(), json!({ "order": 2 }));
    let others = host
        .send("POST http://b.localhost/orders", &[("idempotency-key", "k")], b"")
        .await;
    assert_eq!(others.json(), json!({ "order": 1 }));
    assert!(!is_repeat(&others));
}

#[tokio::test]
async fn a_policy_decides_which_requests_are_done_once() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("ANY /accept", ORDER), RUNS]).await;
    route(&host, ("ANY", "/off"), "off").await;
    route(&host, ("ANY", "/require"), "require").await;
    let mut expected = 0;
    for (method, path, once) in [
        ("POST", "/accept", true),
        ("PUT", "/accept", false),
        ("POST", "/off", false),
        ("POST", "/require", true),
        ("PUT", "/require", true),
        ("DELETE", "/require", true),
        ("GET", "/require", false),
    ] {
        let (line, key) = (format!("{method} http://a.localhost{path}"), format!("{method}-key"));
        let mut repeats = Vec::new();
        for _ in 0..2 {
            let answer = host.send(&line, &[("idempotency-key", &key)], b"").await;
            assert_eq!(answer.status, 201, "{line}: {}", answer.text());
            repeats.push(is_repeat(&answer));
        }
        assert_eq!(repeats, [false, once], "{line}");
        expected += if once { 1 } else { 2 };
        assert_eq!(runs(&host).await, expected.to_string(), "{line}");
    }
}

#[tokio::test]
async fn a_changed_policy_holds_at_once_and_keys_stay_known() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /", ORDER), RUNS]).await;
    let routes = host.manage("GET /apps/a/routes", json!(null)).await.json();
    let mut all = routes["items"].as_array().unwrap().iter();
    let id = all.find(|route| route["method"] == "POST").unwrap()["id"]
        .as_str()
        .unwrap();
    let set = async |policy: &str| {
        let change = json!({ "idempotency": policy });
        assert_eq!(
            host.manage(&format!("PATCH /apps/a/routes/{id}"), change).await.status,
            200
        );
    };
    post(&host, "/", "k", b"").await;
    set("off").await;
    assert!(!is_repeat(&post(&host, "/", "k", b"").await));
    set("require").await;
    assert!(is_repeat(&post(&host, "/", "k", b"").await));
    assert_eq!(host.send("POST http://a.localhost/", &[], b"").await.status, 400);
    assert_eq!(runs(&host).await, "2");
}

#[tokio::test]
async fn a_script_does_not_say_that_its_reply_is_a_repeat() {
    let host = TestHost::real(&[]).await;
    host.app(
        "a",
        &[("POST /", "reply(200).header(\"idempotency-replayed\", \"true\")")],
    )
    .await;
    assert!(!is_repeat(&post(&host, "/", "k", b"").await));
    let again = post(&host, "/", "k", b"").await;
    let said = again.headers.iter().filter(|(name, _)| name == "idempotency-replayed");
    assert_eq!(said.count(), 1);
}
