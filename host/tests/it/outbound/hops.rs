//! Scripts that call each other in circles over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use super::{OUTSIDE, allow, run, start, thrown};
use crate::harness::host::TestHost;
use crate::harness::names::Names;
use crate::harness::peer::{Peer, Talk, ok};

/// What a proxy in front of the server is to the world.
fn proxy(to: SocketAddr) -> Peer {
    Peer::on("127.0.0.2:0", move |mut talk: Talk| async move {
        let mut server = TcpStream::connect(to).await.unwrap();
        let _ = copy_bidirectional(&mut talk.stream, &mut server).await;
    })
}

/// Both databases, with the app `a` at `loop.example`.
async fn hosts() -> Vec<TestHost> {
    let names = Arc::new(Names::default());
    names.lead("loop.example", &["127.0.0.2"]);
    // Each run waits for the next one.
    let settings = [OUTSIDE, ("PICLOUD_RUNS_PER_APP_MAX", "40")];
    let hosts = TestHost::calling_on_both(&names, &settings).await;
    for host in &hosts {
        host.app("a", &[]).await;
        host.change("a", json!({ "hosts": ["loop.example"] })).await;
        allow(host, "a", "*", &[]).await;
    }
    hosts
}

#[tokio::test]
async fn a_script_that_calls_itself_ends() {
    for host in hosts().await {
        let proxy = proxy(host.ingress);
        let url = format!("http://loop.example:{}/again", proxy.port());
        let source = format!("let r = http::get(\"{url}\", #{{ timeout: \"60s\" }}); reply(r.status).text(r.text())");
        host.script("a", "again", &source).await;
        host.route("a", "GET /again", "again", None).await;
        let answer = host.visit("GET http://a.localhost/again").await;
        assert_eq!(answer.problem(), (508, "loop_detected".to_owned()));
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(
            message,
            "17 requests and messages would be consequences of each other, 16 may be: ... > http a/again"
        );
        // The first one, and sixteen hops after it; each has the call that it made.
        let executions = host.executions("a").await;
        assert_eq!(executions.len(), 17);
        for execution in &executions {
            let execution = host.execution("a", execution["id"].as_str().unwrap()).await;
            assert_eq!(
                (&execution["path"], &execution["status"]),
                (&json!("/again"), &json!(508))
            );
            assert_eq!(execution["outbound"][0]["status"], json!(508));
        }
    }
}

#[tokio::test]
async fn messages_count_on_from_requests() {
    for host in hosts().await {
        host.script(
            "a",
            "sends",
            "let told = (); try { invoke::later(\"sends\", ()); } catch (e) { told = e.message; } told",
        )
        .await;
        host.route("a", "POST /sends", "sends", None).await;
        let send = async |hops: &str| {
            host.send("POST http://a.localhost/sends", &[("picloud-hops", hops)], b"")
                .await
        };
        let told = send("16").await;
        assert!(
            told.text().ends_with("16 may be: ... > http a/sends > later sends"),
            "{}",
            told.text()
        );
        assert_eq!(send("17").await.problem(), (508, "loop_detected".to_owned()));
        // Answered later, it is the same request.
        let later = [("picloud-hops", "16"), ("prefer", "respond-async")];
        let accepted = host.send("POST http://a.localhost/sends", &later, b"").await;
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        let place = accepted.header("location").unwrap();
        let reply = loop {
            let reply = host.visit(&format!("GET http://a.localhost{place}")).await;
            if reply.status != 202 {
                break reply;
            }
        };
        assert_eq!(reply.text(), told.text());
    }
}

#[tokio::test]
async fn only_what_comes_back_is_told_how_often() {
    let (host, names) = start(&[]).await;
    names.lead("own.example", &["127.0.0.2"]);
    host.change("a", json!({ "hosts": ["own.example"] })).await;
    names.lead("a.localhost", &["127.0.0.2"]);
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "x"));
    let port = peer.port();
    for (host_name, path, is_told) in [
        ("own.example", "/", true),
        ("OWN.example", "/x", true),
        ("a.localhost", "/", true),
        ("out.example", "/~a/x", true),
        ("out.example", "/%7Ea/x", true),
        ("out.example", "/~b/x", false),
        ("out.example", "/", false),
    ] {
        for call in ["http::get", "http::send"] {
            let before = peer.requests().len();
            let url = format!("http://{host_name}:{port}{path}");
            let argument = if call == "http::get" {
                format!("\"{url}\"")
            } else {
                format!("#{{ url: \"{url}\" }}")
            };
            run(&host, &format!("{call}({argument}); 1")).await;
            while peer.requests().len() == before {
                tokio::task::yield_now().await;
            }
            let request = peer.requests()[before].to_lowercase();
            assert_eq!(
                request.contains("\r\npicloud-hops: 1\r\n"),
                is_told,
                "{call} {url}: {request}"
            );
            assert_eq!(request.contains("picloud-hops"), is_told, "{call} {url}");
        }
    }
    let refused = thrown(
        &host,
        &format!("http::get(\"http://own.example:{port}/\", #{{ headers: #{{ \"PiCloud-Hops\": 0 }} }})"),
    )
    .await;
    assert_eq!(refused.0, "bad_header");
    host.script("a", "sees", "req.headers.keys()").await;
    host.route("a", "GET /sees", "sees", None).await;
    let seen = host
        .send(
            "GET http://a.localhost/sees",
            &[("picloud-hops", "3"), ("x-a", "1")],
            b"",
        )
        .await
        .json();
    let names: Vec<&Value> = seen.as_array().unwrap().iter().collect();
    assert!(
        names.contains(&&json!("x-a")) && !names.contains(&&json!("picloud-hops")),
        "{seen}"
    );
}
