//! The reply is the one that would have been given at once.

use serde_json::{Value, json};

use super::{COUNT, LATER, PLENTY, RUNS, ask, at, got, later, place, reply, until_none_waits};
use crate::harness::host::TestHost;
use crate::harness::http::Answer;

/// Tells all that it sees, in bytes that are no text.
const TELLS: &str = r#"
    let told = #{
        method: req.method, host: req.host, path: req.path, id: req.params.id, query: req.query.to_map(),
        body: base64::encode(req.blob()), header: req.headers["x-a"], kind: event.kind, ip: req.ip, trace: ctx.trace,
    };
    let bytes = json::stringify(told).to_blob();
    bytes.push(255);
    reply(203).header("x-two", "a").header("x-two", "b").cookie("c", "d").blob(bytes)
"#;

/// Its headers, but for those that are of the one answer.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let own = |(name, _): &&(String, String)| !["date", "x-execution-id"].contains(&name.as_str());
    answer.headers.iter().filter(own).cloned().collect()
}

#[tokio::test]
async fn the_reply_is_what_it_would_have_been_at_once() {
    let trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("ANY /orders/{id}", TELLS)]).await;
        for line in ["POST /orders/7?x=1&y=%20", "PATCH /orders/a%2Fb", "DELETE /orders/9"] {
            let (method, path) = line.split_once(' ').unwrap();
            let body: &[u8] = if method == "DELETE" { b"" } else { b"\xff\0body" };
            let sent = [("x-a", "1"), trace];
            let later = later(&host, line, &sent, body).await;
            let at_once = host
                .send(&format!("{method} http://a.localhost{path}"), &sent, body)
                .await;
            assert_eq!(at_once.status, 203, "{at_once:?}");
            assert_eq!((later.status, &later.body), (at_once.status, &at_once.body), "{line}");
            assert_eq!(headers(&later), headers(&at_once), "{line}");
            assert_eq!(later.all("x-two"), ["a", "b"]);
        }
    }
}

#[tokio::test]
async fn it_leaves_the_execution_of_a_request() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /orders/{id}", COUNT)]).await;
        let answer = later(&host, "POST /orders/7?secret=1", &[], b"x").await;
        assert_eq!((answer.status, answer.json()), (201, json!({ "n": 1, "body": "x" })));
        let id = answer.header("x-execution-id").unwrap();
        let execution = host.execution("a", id).await;
        assert_eq!(
            [
                &execution["kind"],
                &execution["method"],
                &execution["path"],
                &execution["status"],
                &execution["ending"],
                &execution["summary"]
            ],
            [
                &json!("http"),
                &json!("POST"),
                &json!("/orders/7"),
                &json!(201),
                &json!("replied"),
                &json!("POST /orders/7")
            ]
        );
        assert_eq!(host.executions("a").await.len(), 1);
        let path = format!("POST /apps/a/executions/{id}/replay");
        let replay = host.manage(&path, json!({})).await;
        assert_eq!(replay.status, 200, "{}", replay.text());
        assert_eq!(replay.json()["same"], json!(true), "{}", replay.text());
    }
}

#[tokio::test]
async fn below_a_path_of_its_own_an_app_answers_there() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT)]).await;
        let accepted = host.send("POST http://127.0.0.1/~a/", &[LATER], b"x").await;
        let place = place(&accepted);
        assert!(place.starts_with("/~a/.well-known/picloud/executions/req_"), "{place}");
        until_none_waits(&host).await;
        let answer = host.visit(&format!("GET http://127.0.0.1{place}")).await;
        assert_eq!((answer.status, answer.json()["n"].clone()), (201, json!(1)));
        // The same request, wherever the app is.
        let same = at(&host, "GET", place.strip_prefix("/~a").unwrap()).await;
        assert_eq!((same.status, &same.body), (answer.status, &answer.body));
        let head = at(&host, "HEAD", place.strip_prefix("/~a").unwrap()).await;
        assert_eq!(head.status, 201);
        assert_eq!(
            head.header("content-length"),
            Some(answer.body.len().to_string().as_str())
        );
    }
}

#[tokio::test]
async fn whatever_way_a_run_ends_is_its_reply() {
    const FAILS: &[(&str, &str)] = &[
        ("POST /throws", "kv::incr(\"n\"); throw \"no\""),
        ("POST /json", "kv::incr(\"n\"); req.json()"),
        ("POST /loops", "kv::incr(\"n\"); loop {}"),
        (
            "POST /fails",
            "kv::incr(\"n\"); reply(503).header(\"x-why\", \"so\").text(\"down\")",
        ),
        ("POST /refuses", "reply(404).text(\"no such order\")"),
        RUNS,
    ];
    for host in TestHost::real_on_both(&[("PICLOUD_FUEL_MAX", "5000000")]).await {
        host.app("a", FAILS).await;
        for show_errors in [false, true] {
            host.change("a", json!({ "show_errors": show_errors })).await;
            for (line, _) in &FAILS[..5] {
                let (method, path) = line.split_once(' ').unwrap();
                let later = later(&host, line, &[], b"{").await;
                let at_once = host
                    .send(&format!("{method} http://a.localhost{path}"), &[], b"{")
                    .await;
                assert_eq!(
                    (later.status, headers(&later)),
                    (at_once.status, headers(&at_once)),
                    "{line}"
                );
                let text = |answer: &Answer| {
                    let id = answer.header("x-execution-id").unwrap();
                    answer.text().replace(id, "ID")
                };
                assert_eq!(text(&later), text(&at_once), "{line}");
                let id = later.header("x-execution-id").unwrap();
                assert_eq!(host.execution("a", id).await["status"], json!(later.status), "{line}");
            }
        }
        // Nothing of what failed is kept, and nobody tried twice.
        assert_eq!(super::runs(&host).await, "0");
        assert_eq!(host.executions("a").await.len(), 2 * 2 * 5 + 1);
        assert_eq!(got(&host, "/apps/a/dead-letters").await["items"], json!([]));
    }
}

#[tokio::test]
async fn what_waits_is_told_to_nobody_else() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        host.app("b", &[("POST /", "reply 200 b"), ("ANY /{*rest}", "reply 200 rest")])
            .await;
        let authorization = ("authorization", "Bearer of-the-client");
        let place = place(&ask(&host, "POST /", &[authorization], b"").await);
        host.puppet.waiting(1).await;
        let page = got(&host, super::WAITS).await;
        let message = &page["items"][0];
        assert_eq!(
            (&message["source"], &message["name"]),
            (&json!("request"), &json!("script_0"))
        );
        assert_eq!((&message["body"], &message["key"]), (&Value::Null, &Value::Null));
        let id = place.rsplit('/').next().unwrap();
        assert!(
            !page.to_string().contains(id) && !page.to_string().contains("of-the-client"),
            "{page}"
        );
        assert_eq!(at(&host, "GET", &place).await.json()["status"], "running");
        // Another app does not know it, whatever routes it has, and no app has routes there.
        for method in ["GET", "DELETE"] {
            let other = host.visit(&format!("{method} http://b.localhost{place}")).await;
            assert_eq!(other.problem(), (404, "not_found".to_owned()));
        }
        host.puppet.open(PLENTY);
        assert_eq!(reply(&host, &place).await.text(), "done");
        let unknown = place.replace(id, &format!("req_{}", "0".repeat(32)));
        for wrong in [
            unknown.as_str(),
            "/.well-known/picloud/executions/x",
            "/.well-known/picloud/",
            "/.well-known/picloud/x",
        ] {
            assert_eq!(
                at(&host, "GET", wrong).await.problem(),
                (404, "not_found".to_owned()),
                "{wrong}"
            );
        }
        assert_eq!(at(&host, "POST", &place).await.status, 405);
        let options = at(&host, "OPTIONS", &place).await;
        assert_eq!(
            (options.status, options.header("allow")),
            (204, Some("GET, HEAD, DELETE, OPTIONS"))
        );
        let rest = host.visit("GET http://b.localhost/.well-known/other").await;
        assert_eq!(rest.text(), "rest");
    }
}
