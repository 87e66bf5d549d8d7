//! Requests that are answered later: accepted, run, and their replies kept.

mod callbacks;
mod cancelled;
mod kept;
mod killed;
mod policies;
mod refused;
mod replies;
mod servers;

use serde_json::{Value, json};

use crate::harness::host::TestHost;
use crate::harness::http::Answer;
use crate::harness::waiting::{PATIENCE, got, until};

/// What a client says that does not want to wait.
const LATER: (&str, &str) = ("prefer", "respond-async");

/// Lets through whoever stands at a gate, however often: on a slow machine a run may be overtaken, and stand there again.
const PLENTY: usize = 1000;

/// What waits for an app `a`, or is being handled.
const WAITS: &str = "/apps/a/messages?source=request";

/// Counts its runs.
const COUNT: &str = "let n = kv::incr(\"n\"); reply(201).json(#{ n: n, body: req.text() })";

/// How often that was done.
const RUNS: (&str, &str) = ("GET /n", "kv::get(\"n\") ?? 0");

/// A request to the app `a` that is to be answered later.
async fn ask(host: &TestHost, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let line = format!("{method} http://a.localhost{path}");
    host.send(&line, &[&[LATER], headers].concat(), body).await
}

/// Where the reply to an accepted request will be.
fn place(accepted: &Answer) -> String {
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let place = accepted.header("location").unwrap().to_owned();
    let told = accepted.json();
    assert_eq!(told["status"], "waiting", "{told}");
    assert_eq!(told["location"], json!(place));
    assert!(place.ends_with(told["id"].as_str().unwrap()), "{place}");
    assert_eq!(
        (accepted.header("preference-applied"), accepted.header("retry-after")),
        (Some("respond-async"), Some("1"))
    );
    assert_eq!(accepted.header("x-execution-id"), None);
    place
}

/// What is answered at a place of the app `a` now.
async fn at(host: &TestHost, method: &str, place: &str) -> Answer {
    host.visit(&format!("{method} http://a.localhost{place}")).await
}

/// The reply, once it is there.
async fn reply(host: &TestHost, place: &str) -> Answer {
    let waiting = async {
        loop {
            let answer = at(host, "GET", place).await;
            if answer.status != 202 {
                return answer;
            }
            let told = answer.json();
            let status = told["status"].as_str().unwrap();
            assert!(["waiting", "running"].contains(&status), "{told}");
            assert_eq!(answer.header("retry-after"), Some("1"));
            tokio::task::yield_now().await;
        }
    };
    let answered = tokio::time::timeout(PATIENCE, waiting).await;
    answered.unwrap_or_else(|_| panic!("{place} is not answered"))
}

/// Accepts a request and waits for its reply.
async fn later(host: &TestHost, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let accepted = ask(host, line, headers, body).await;
    reply(host, &place(&accepted)).await
}

async fn until_none_waits(host: &TestHost) {
    until(host, WAITS, |page| page["items"] == json!([])).await;
}

/// As many of one script are in the hands of a server at once.
const IN_HAND: usize = 16;

/// Accepts so many requests for a script that stands at a gate, and one more, which waits: their places.
async fn fill_hands(host: &TestHost) -> Vec<String> {
    let mut places = Vec::new();
    for _ in 0..=IN_HAND {
        places.push(place(&ask(host, "POST /", &[], b"").await));
    }
    let in_hand = |page: &Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().filter(|item| item["is_leased"] == true).count()
    };
    until(host, WAITS, |page| in_hand(page) == IN_HAND).await;
    places
}

async fn runs(host: &TestHost) -> String {
    host.visit("GET http://a.localhost/n").await.text().to_owned()
}
