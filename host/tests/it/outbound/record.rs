//! What is told of requests, what is done again without them, and what bounds them.

use serde_json::{Value, json};

use super::{TRIED, allow, run, run_as, start, thrown};
use crate::harness::peer::{Peer, Talk, ok, response};

async fn newest(host: &crate::harness::host::TestHost) -> Value {
    let id = host.executions("a").await[0]["id"].as_str().expect("an id").to_owned();
    host.execution("a", &id).await
}

#[tokio::test]
async fn each_request_is_in_the_record() {
    let (host, _) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |request| {
        if request.contains("/moved") {
            response(302, &[("location", "/there")], b"")
        } else {
            ok("text/plain", "12345")
        }
    });
    let port = peer.port();
    let source = format!(
        "{TRIED}let to = \"http://out.example:{port}\"; http::post(to + \"/moved?token=hidden\", #{{ text: \"abc\" }}); tried(|| http::get(\"http://nowhere.example/\")).code"
    );
    host.script("a", "calls", &source).await;
    host.route("a", "GET /", "calls", None).await;
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "dns_failed");
    let execution = newest(&host).await;
    let mut outbound = execution["outbound"].clone();
    for call in outbound.as_array_mut().unwrap() {
        assert!(call["ms"].is_u64(), "{call}");
        call.as_object_mut().unwrap().remove("ms");
    }
    let call = |method: &str, host: &str, status: Value, error: Value, (sent, received): (u32, u32)| json!({ "method": method, "host": host, "status": status, "error": error, "sent_bytes": sent, "received_bytes": received });
    let there = format!("out.example:{port}");
    assert_eq!(
        outbound,
        json!([
            call("POST", &there, json!(302), Value::Null, (3, 0)),
            call("GET", &there, json!(200), Value::Null, (0, 5)),
            call("GET", "nowhere.example", Value::Null, json!("dns_failed"), (0, 0)),
        ])
    );
    assert!(!execution.to_string().contains("hidden"), "{execution}");
}

#[tokio::test]
async fn who_leaves_in_the_middle_leaves_a_record_of_what_was_sent() {
    let (host, _) = start(&[]).await;
    let (arrived, mut there) = tokio::sync::mpsc::unbounded_channel();
    let peer = Peer::on("127.0.0.2:0", move |mut talk: Talk| {
        let arrived = arrived.clone();
        async move {
            talk.request().await;
            arrived.send(()).unwrap();
            // The other side goes away: that ends it.
            talk.request().await;
            arrived.send(()).unwrap();
        }
    });
    let source = format!(
        "http::post(\"http://out.example:{}/\", #{{ text: \"abc\" }})",
        peer.port()
    );
    host.script("a", "calls", &source).await;
    host.route("a", "GET /", "calls", None).await;
    let mut wire = host.connect().await;
    wire.write(&crate::harness::http::request("GET http://a.localhost/", &[], b""))
        .await;
    there.recv().await.unwrap();
    drop(wire);
    there.recv().await.unwrap();
    while host.host.admission.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
    let execution = newest(&host).await;
    assert_eq!(execution["ending"], "cancelled");
    assert_eq!(execution["outbound"][0]["error"], "cancelled", "{execution}");
    assert_eq!(execution["outbound"][0]["sent_bytes"], 3);
}

#[tokio::test]
async fn a_replay_needs_nobody_outside() {
    let (host, names) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |request| {
        response(
            200,
            &[("x-n", "1")],
            request.split(' ').nth(1).unwrap_or_default().as_bytes(),
        )
    });
    let to = format!("http://out.example:{}", peer.port());
    let source = format!(
        "{TRIED}let all = http::all([\"{to}/a\", \"{to}/b\"]).map(|r| r.text()); log::info(`got ${{all}}`, #{{ at: time::now().to_string() }}); \
         kv::set(\"at\", time::now().to_string()); let failed = tried(|| http::get(\"http://nowhere.example/\")).message; \
         [all, failed, time::now().to_string(), random::int(1, 1000000), secret::get(\"KEY\").len]"
    );
    crate::secrets::set(&host, "a", "KEY", "a secret value").await;
    host.script("a", "calls", &source).await;
    host.route("a", "GET /", "calls", None).await;
    let reply = host.visit("GET http://a.localhost/").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let id = newest(&host).await["id"].as_str().unwrap().to_owned();
    drop(peer);
    names.answer("out.example", vec![Err(picloud::outbound::NoAddress::Failed)]);
    names.lead("nowhere.example", &["127.0.0.2"]);
    let answer = host
        .manage(&format!("POST /apps/a/executions/{id}/replay"), json!({}))
        .await;
    let replayed = answer.json();
    assert_eq!(replayed["same"], true, "{replayed}");
    assert_eq!(replayed["reply"]["body"], reply.text());
    // Another source that asks somebody else is told where it parted.
    let other = source.replace("/b", "/c");
    let answer = host
        .manage(
            &format!("POST /apps/a/executions/{id}/replay"),
            json!({ "source": other }),
        )
        .await;
    assert_eq!(
        answer.json()["parted"]["now"],
        format!("http: GET {to}/a, GET {to}/c"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_run_that_is_done_again_sends_nothing_twice() {
    let (host, _) = start(&[]).await;
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    // Two runs have read the same key when both are here; one of them is overtaken then.
    let peer = Peer::on("127.0.0.2:0", move |mut talk: Talk| {
        let barrier = std::sync::Arc::clone(&barrier);
        async move {
            while talk.request().await.is_some() {
                barrier.wait().await;
                talk.say(&ok("text/plain", "1")).await;
            }
        }
    });
    let source = format!(
        "let n = kv::get(\"n\", 0); n += parse_int(http::post(\"http://out.example:{}/\").text()); kv::set(\"n\", n); n",
        peer.port()
    );
    host.script("a", "adds", &source).await;
    host.route("a", "POST /", "adds", None).await;
    let (one, other) = tokio::join!(
        host.visit("POST http://a.localhost/"),
        host.visit("POST http://a.localhost/")
    );
    let mut counts = [one.text(), other.text()];
    counts.sort_unstable();
    assert_eq!(counts, ["1", "2"]);
    assert_eq!(peer.requests().len(), 2);
    for execution in host.executions("a").await {
        let id = execution["id"].as_str().unwrap();
        assert_eq!(host.execution("a", id).await["outbound"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_same_question_twice_is_two_requests() {
    let (host, _) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "x"));
    let source = format!(
        "for n in 0..3 {{ http::get(\"http://out.example:{}/\"); }} 1",
        peer.port()
    );
    run(&host, &source).await;
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn a_dry_run_sends_what_only_asks() {
    let (host, _) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "x"));
    let to = format!("http://out.example:{}", peer.port());
    let source = format!("{TRIED}[http::get(\"{to}\").text(), tried(|| http::post(\"{to}\"))]");
    let answer = host
        .manage(
            "POST /apps/a/scripts/draft/run",
            json!({ "source": source, "commit": false }),
        )
        .await;
    let message = format!(
        "nothing is to come of this run, so POST is not sent to out.example:{}; GET and HEAD are",
        peer.port()
    );
    assert_eq!(
        answer.json()["reply"]["body"],
        json!(["x", { "code": "not_sent", "message": message }]).to_string()
    );
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn a_run_sends_no_more_than_it_may() {
    let (host, _) = start(&[("PICLOUD_OUTBOUND_CALLS_PER_RUN_MAX", "3")]).await;
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "x"));
    let to = format!("http://out.example:{}", peer.port());
    let (code, message) = thrown(&host, &format!("for n in 0..9 {{ http::get(\"{to}\") }}")).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "limit_exceeded",
            "requests sent: 4, 3 allowed (PICLOUD_OUTBOUND_CALLS_PER_RUN_MAX)"
        )
    );
    assert_eq!(
        thrown(&host, &format!("http::all([\"{to}\", \"{to}\", \"{to}\", \"{to}\"])"))
            .await
            .0,
        "limit_exceeded"
    );
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn what_a_run_received_counts_among_the_memory_of_all() {
    let (host, _) = start(&[
        ("PICLOUD_RUN_MEMORY_BYTES_MAX", "200000000"),
        ("PICLOUD_OUTBOUND_RESPONSE_BYTES_MAX", "20000000"),
    ])
    .await;
    let body = "x".repeat(9_000_000);
    let peer = Peer::answering("127.0.0.2:0", move |_| ok("text/plain", &body));
    let to = format!("http://out.example:{}", peer.port());
    assert_eq!(run(&host, &format!("http::get(\"{to}\").blob().len")).await, 9_000_000);
    let ran = run_as(
        &host,
        "a",
        &format!("for n in 0..50 {{ http::head(\"{to}\"); http::get(\"{to}\"); }} 1"),
    )
    .await;
    assert_eq!(ran["error"]["code"], "too_large", "{ran}");
    assert!(
        ran["error"]["message"]
            .as_str()
            .unwrap()
            .contains("PICLOUD_RUN_MEMORY_BYTES_MAX"),
        "{ran}"
    );
}

const SECRET: &str = "s3cret-And-Long";

#[tokio::test]
async fn a_secret_that_was_sent_is_in_nothing_that_is_left() {
    let (host, names) = start(&[]).await;
    crate::secrets::set(&host, "a", "KEY", SECRET).await;
    names.lead(&format!("{}.example", SECRET.to_lowercase()), &["127.0.0.2"]);
    let peer = Peer::answering("127.0.0.2:0", |request| ok("text/plain", request));
    let port = peer.port();
    let source = format!(
        "let k = secret::get(\"KEY\"); let r = http::post(`http://${{k}}.example:{port}/${{k}}`, #{{ headers: #{{ \"x-key\": k }}, text: k }}); log::info(r.text()); \
         try {{ http::get(`http://${{k}}.nowhere/`) }} catch (e) {{ log::warn(e.message); throw e }}"
    );
    host.script("a", "calls", &source).await;
    host.route("a", "GET /", "calls", None).await;
    let answer = host.visit("GET http://a.localhost/").await;
    assert_eq!(answer.status, 500);
    let sent = peer.requests();
    assert!(sent.iter().any(|request| request.contains(SECRET)), "{}", answer.text());
    let execution = newest(&host).await;
    assert_eq!(execution["outbound"][0]["host"], format!("[secret:KEY].example:{port}"));
    assert!(!execution.to_string().contains(SECRET), "{execution}");
    let told = format!("{} {}", execution["outbound"], execution["error"]);
    assert!(!told.contains(&SECRET.to_lowercase()), "{told}");
    let id = execution["id"].as_str().unwrap();
    for line in [
        format!("GET /apps/a/executions/{id}/capsule"),
        format!("POST /apps/a/executions/{id}/replay"),
    ] {
        let answer = host
            .manage(
                &line,
                if line.starts_with("POST") {
                    json!({})
                } else {
                    Value::Null
                },
            )
            .await;
        assert!(!answer.text().contains(SECRET), "{line}");
    }
    allow(&host, "a", "later.example", &["GET"]).await;
}

#[tokio::test]
async fn allowed_hosts_are_listed_page_by_page() {
    let (host, _) = start(&[]).await;
    for n in 0..5 {
        allow(&host, "a", &format!("h{n}.example"), &["GET", "POST", "GET"]).await;
    }
    let mut found = Vec::new();
    let mut path = "/apps/a/allow?limit=2".to_owned();
    loop {
        let page = host.manage(&format!("GET {path}"), Value::Null).await.json();
        found.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["host"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/apps/a/allow?limit=2&after={next}");
    }
    assert_eq!(
        found,
        [
            "*",
            "h0.example",
            "h1.example",
            "h2.example",
            "h3.example",
            "h4.example"
        ]
    );
    let one = host.manage("GET /apps/a/allow/H0.example", Value::Null).await.json();
    assert_eq!(
        (one["host"].as_str(), &one["methods"]),
        (Some("h0.example"), &json!(["GET", "POST"]))
    );
    for (line, body) in [
        ("PUT /apps/a/allow/https%3A%2F%2Fa.example", json!({})),
        ("PUT /apps/a/allow/a.example", json!({ "methods": ["get"] })),
        ("PUT /apps/a/allow/a.example", json!({ "methods": ["G,T"] })),
        ("PUT /apps/a/allow/a.example", json!({ "ports": [1] })),
    ] {
        let answer = host.manage(line, body).await;
        assert!((400..500).contains(&answer.status), "{line}: {}", answer.text());
    }
    for n in 6..100 {
        allow(&host, "a", &format!("h{n}.example"), &[]).await;
    }
    let full = host.manage("PUT /apps/a/allow/more.example", json!({})).await;
    assert!((400..500).contains(&full.status), "{}", full.text());
}

#[tokio::test]
async fn a_refusal_of_a_run_that_called_somebody_is_kept_for_its_key() {
    let (host, _) = start(&[]).await;
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "no"));
    let source = format!(
        "reply(402).text(http::post(\"http://out.example:{}/\", #{{ text: \"pay\" }}).text())",
        peer.port()
    );
    host.script("a", "calls", &source).await;
    host.route("a", "POST /", "calls", None).await;
    for repeat in [None, Some("true")] {
        let answer = host
            .send("POST http://a.localhost/", &[("idempotency-key", "k")], b"")
            .await;
        assert_eq!((answer.status, answer.text()), (402, "no"));
        assert_eq!(answer.header("idempotency-replayed"), repeat);
    }
    assert_eq!(peer.requests().len(), 1);
}
