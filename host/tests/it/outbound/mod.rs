//! Requests that scripts send: whom they reach, what comes of peers that mean no good, and what is told of them.

mod guard;
mod hops;
mod peers;
mod record;
mod secure;
mod sent;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::host::TestHost;
use crate::harness::names::Names;

/// `127.0.0.2` and what is around it stand for the world outside, `127.0.0.1` for the inside.
const OUTSIDE: (&str, &str) = ("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.2/31,127.0.0.4/32");

/// A server with the app `a`, which may call everybody, and the name `out.example` for the outside.
async fn start(settings: &[(&str, &str)]) -> (TestHost, Arc<Names>) {
    let names = Arc::new(Names::default());
    names.lead("out.example", &["127.0.0.2"]);
    let settings = [&[OUTSIDE], settings].concat();
    let host = TestHost::calling(&names, &settings).await;
    host.app("a", &[]).await;
    allow(&host, "a", "*", &[]).await;
    (host, names)
}

/// Lets an app call a host.
async fn allow(host: &TestHost, app: &str, pattern: &str, methods: &[&str]) {
    let line = format!("PUT /apps/{app}/allow/{}", pattern.replace(':', "%3A"));
    let answer = host.manage(&line, json!({ "methods": methods })).await;
    assert_eq!(answer.status, 204, "{pattern}: {}", answer.text());
}

/// Runs a source of the app `a` once: what it replies, as JSON.
async fn run(host: &TestHost, source: &str) -> Value {
    let answer = run_as(host, "a", source).await;
    assert_eq!(answer["ending"], "replied", "{source}: {answer}");
    let body = answer["reply"]["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))
}

/// For sources: what `f` has, or what it throws.
const TRIED: &str = "fn tried(f) { let told = (); try { told = f.call(); } catch (e) { told = e; } told } ";

/// A trial of a source; what it writes is kept.
async fn run_as(host: &TestHost, app: &str, source: &str) -> Value {
    let run = json!({ "source": format!("{TRIED}{source}"), "commit": true });
    let answer = host.manage(&format!("POST /apps/{app}/scripts/draft/run"), run).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What a call throws: its code and message.
async fn thrown(host: &TestHost, call: &str) -> (String, String) {
    let told = run(
        host,
        &format!("let told = (); try {{ {call}; }} catch (e) {{ told = e; }} told"),
    )
    .await;
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    assert!(told["code"].is_string(), "{call}: {told}");
    (text("code"), text("message"))
}
