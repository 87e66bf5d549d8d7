//! Requests for later: sent after the commit, again when that may help, and never by a run that failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{got, run, until};
use crate::harness::host::TestHost;
use crate::harness::names::Names;
use crate::harness::peer::{Peer, ok, response};

/// `127.0.0.2` stands for the world outside.
const OUTSIDE: (&str, &str) = ("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.2/32");
const SECRET: &str = "a secret/of \"some\" length";
/// All that waits for the outbox.
const WAITS: &str = "/apps/a/messages?source=outbox";
/// What was given up.
const DEAD: &str = "/apps/a/dead-letters?source=outbox";

/// Both databases, with an app `a` that may call everybody, and the name `out.example` for the outside.
async fn hosts() -> Vec<TestHost> {
    let names = Arc::new(Names::default());
    names.lead("out.example", &["127.0.0.2"]);
    let hosts = TestHost::calling_on_both(&names, &[OUTSIDE]).await;
    for host in &hosts {
        host.app("a", &[]).await;
        allow(host, "*").await;
    }
    hosts
}

async fn allow(host: &TestHost, pattern: &str) {
    let answer = host
        .manage(&format!("PUT /apps/a/allow/{pattern}"), json!({ "methods": [] }))
        .await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// One that answers each request with the next of these statuses, and with the last from then on.
fn peer(statuses: &'static [u16], headers: &'static [(&str, &str)]) -> Peer {
    let asked = AtomicUsize::new(0);
    Peer::answering("127.0.0.2:0", move |_| {
        let at = asked.fetch_add(1, Ordering::SeqCst).min(statuses.len() - 1);
        response(statuses[at], headers, b"whatever")
    })
}

/// What a run does that sends this, with `TO` for the peer.
async fn send(host: &TestHost, peer: &Peer, options: &str) {
    let to = format!("http://out.example:{}", peer.port());
    let done = run(host, &format!("http::send({}); \"sent\"", options.replace("TO", &to))).await;
    assert_eq!(done, "sent");
}

/// Waits until so many wait, none of them in anybody's hands.
async fn until_waiting(host: &TestHost, count: usize, attempt: u64) -> Value {
    until(host, WAITS, |page| {
        let items = page["items"].as_array().unwrap();
        let rests = |one: &Value| one["is_leased"] == false && one["attempt"] == attempt;
        items.len() == count && items.iter().all(rests)
    })
    .await
}

async fn until_none(host: &TestHost) {
    until(host, WAITS, |page| page["items"] == json!([])).await;
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines();
    let values = lines.filter_map(|line| line.split_once(": ").filter(|(one, _)| *one == name));
    values.map(|(_, value)| value).next().unwrap_or_default()
}

#[tokio::test]
async fn what_a_run_sends_for_later_is_sent_when_it_has_ended_well() {
    let peer = Peer::answering("127.0.0.2:0", |_| ok("text/plain", "thanks"));
    for host in hosts().await {
        let before = peer.requests().len();
        for source in ["throw \"no\"", "reply(500)", "loop {}"] {
            let source = format!(
                "http::send(#{{ url: \"http://out.example:{}/\" }}); {source}",
                peer.port()
            );
            let run = json!({ "source": source, "commit": true });
            let answer = host.manage("POST /apps/a/scripts/draft/run", run).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        // Nor does a trial send anything whose effects are not kept.
        let source = format!("http::send(#{{ url: \"http://out.example:{}/\" }});", peer.port());
        let dry = json!({ "source": source, "commit": false });
        let answer = host.manage("POST /apps/a/scripts/draft/run", dry).await;
        assert_eq!(answer.json()["ending"], "replied", "{}", answer.text());
        assert_eq!(got(&host, WAITS).await["items"], json!([]));

        send(
            &host,
            &peer,
            "#{ url: \"TO/hook\", query: #{ a: \"b c\" }, headers: #{ \"x-a\": 1 }, json: #{ n: 7 } }",
        )
        .await;
        until_none(&host).await;
        send(
            &host,
            &peer,
            "#{ method: \"put\", url: \"TO/p\", headers: #{ \"Idempotency-Key\": \"mine\" }, blob: base64::decode(\"//79\") }",
        )
        .await;
        until_none(&host).await;
        let requests = peer.requests().split_off(before);
        assert_eq!(requests.len(), 2, "{requests:?}");
        assert!(
            requests[0].starts_with("POST /hook?a=b%20c HTTP/1.1\r\n"),
            "{}",
            requests[0]
        );
        assert!(requests[0].ends_with("\r\n\r\n{\"n\":7}"), "{}", requests[0]);
        assert_eq!(
            (header(&requests[0], "x-a"), header(&requests[0], "content-type")),
            ("1", "application/json")
        );
        assert!(header(&requests[0], "idempotency-key").len() > 36, "{}", requests[0]);
        assert!(requests[1].starts_with("PUT /p HTTP/1.1\r\n"), "{}", requests[1]);
        assert_eq!(header(&requests[1], "idempotency-key"), "mine");
        // Nothing is left of it, not even that there was such a host.
        assert_eq!(got(&host, DEAD).await["items"], json!([]));
        assert_eq!(
            host.number("select count(*) from lines where source = 'outbox'").await,
            0
        );
    }
}

#[tokio::test]
async fn what_may_work_later_is_sent_again_under_the_same_key() {
    for host in hosts().await {
        let peer = peer(&[503, 429, 200], &[("retry-after", "600")]);
        send(&host, &peer, "#{ url: \"TO/\", text: \"x\" }").await;
        let waits = until_waiting(&host, 1, 1).await["items"][0].clone();
        assert_eq!(
            (&waits["error"]["code"], &waits["source"], &waits["name"]),
            (
                &json!("bad_status"),
                &json!("outbox"),
                &json!(format!("out.example:{}", peer.port()))
            )
        );
        // As long as it was asked to, and no longer.
        host.advance_ms(600_000);
        until_waiting(&host, 1, 2).await;
        host.advance_ms(600_000);
        until_none(&host).await;
        let requests = peer.requests();
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0], requests[1]);
        assert_eq!(requests[1], requests[2]);
        assert_eq!(got(&host, DEAD).await["items"], json!([]));
    }
}

#[tokio::test]
async fn what_fails_too_often_or_for_good_is_a_dead_letter_that_can_be_sent_again() {
    for host in hosts().await {
        let failing = peer(&[500, 502, 200], &[]);
        send(&host, &failing, "#{ url: \"TO/\", attempts: 2 }").await;
        until_waiting(&host, 1, 1).await;
        host.advance_ms(2000);
        let letter = until(&host, DEAD, |page| page["items"] != json!([])).await["items"][0].clone();
        assert_eq!(letter["attempt"], 2);
        assert_eq!(
            letter["error"]["message"],
            format!("out.example:{} replied with the status 502", failing.port())
        );
        assert_eq!(letter["body"]["method"], "POST");
        let id = letter["id"].as_str().unwrap();
        let path = format!("POST /apps/a/dead-letters/{id}/requeue");
        let edited = host.manage(&path, json!({ "body": letter["body"] })).await;
        assert_eq!(edited.status, 422, "{}", edited.text());
        assert_eq!(host.manage(&path, json!({})).await.status, 202);
        until_none(&host).await;
        let requests = failing.requests();
        assert_eq!((requests.len(), &requests[0]), (3, &requests[2]));
        assert_eq!(got(&host, DEAD).await["items"], json!([]));

        // What the other side will never take, and what the app may not call any more.
        let refusing = peer(&[400], &[]);
        send(&host, &refusing, "#{ url: \"TO/\" }").await;
        let letter = until(&host, DEAD, |page| page["items"] != json!([])).await["items"][0].clone();
        assert_eq!((&letter["attempt"], refusing.requests().len()), (&json!(1), 1));
        send(&host, &refusing, "#{ url: \"TO/\", delay: \"10m\" }").await;
        assert_eq!(host.manage("DELETE /apps/a/allow/*", json!(null)).await.status, 204);
        host.advance_ms(600_000);
        let letters = until(&host, DEAD, |page| page["items"].as_array().unwrap().len() == 2).await;
        assert_eq!(letters["items"][0]["error"]["code"], "not_allowed");
        assert_eq!(refusing.requests().len(), 1);
        let purge = format!(
            "DELETE /apps/a/dead-letters?source=outbox&name=out.example%3A{}",
            refusing.port()
        );
        assert_eq!(host.manage(&purge, json!(null)).await.json(), json!({ "messages": 2 }));
        assert_eq!(
            host.number("select count(*) from lines where source = 'outbox'").await,
            0
        );
    }
}

#[tokio::test]
async fn a_dead_service_does_not_hold_up_others() {
    for host in hosts().await {
        let (down, up) = (peer(&[503], &[]), peer(&[200], &[]));
        for n in 0..6 {
            send(&host, &down, &format!("#{{ url: \"TO/{n}\" }}")).await;
            send(&host, &up, &format!("#{{ url: \"TO/{n}\", key: \"k\" }}")).await;
        }
        until_waiting(&host, 6, 1).await;
        let paths: Vec<String> = up.requests().iter().map(|request| request[6..7].to_owned()).collect();
        assert_eq!(paths, ["0", "1", "2", "3", "4", "5"]);
    }
}

#[tokio::test]
async fn a_secret_is_in_what_is_sent_and_in_nothing_that_is_stored() {
    for host in hosts().await {
        let set = |value: &str| json!({ "value": value });
        assert_eq!(host.manage("PUT /apps/a/secrets/KEY", set(SECRET)).await.status, 204);
        let peer = peer(&[503, 404], &[]);
        let source = "#{ url: \"TO/\", query: #{ key: secret::get(\"KEY\") }, json: #{ key: secret::get(\"KEY\") }, headers: #{ authorization: \"Bearer \" + secret::get(\"KEY\") } }";
        send(&host, &peer, source).await;
        let waits = until_waiting(&host, 1, 1).await;
        host.advance_ms(2000);
        let dead = until(&host, DEAD, |page| page["items"] != json!([])).await;
        let request = &peer.requests()[0];
        assert_eq!(header(request, "authorization"), format!("Bearer {SECRET}"));
        assert!(
            request.starts_with("POST /?key=a%20secret%2Fof%20%22some%22%20length "),
            "{request}"
        );
        assert!(request.ends_with(&json!({ "key": SECRET }).to_string()), "{request}");
        for told in [waits.to_string(), dead.to_string()] {
            assert!(told.contains("KEY") && !told.contains("some"), "{told}");
        }
        let in_messages = match &host.host.db {
            picloud::store::Db::Sqlite { .. } => {
                "select count(*) from messages where instr(body, cast('some' as blob)) > 0 or error like '%some%'"
            }
            picloud::store::Db::Postgres(_) => {
                "select count(*) from messages where position('some'::bytea in body) > 0 or error like '%some%'"
            }
        };
        assert_eq!(host.number(in_messages).await, 0);
        assert_eq!(host.number("select count(*) from messages").await, 1);

        // Sent again, it has the value of then; without one it is not sent.
        assert_eq!(
            host.manage("PUT /apps/a/secrets/KEY", set("another value"))
                .await
                .status,
            204
        );
        let id = dead["items"][0]["id"].as_str().unwrap().to_owned();
        let requeue = format!("POST /apps/a/dead-letters/{id}/requeue");
        assert_eq!(host.manage(&requeue, json!({})).await.status, 202);
        until(&host, DEAD, |page| page["items"][0]["attempt"] == 1).await;
        assert_eq!(header(&peer.requests()[2], "authorization"), "Bearer another value");
        assert_eq!(host.manage("DELETE /apps/a/secrets/KEY", json!(null)).await.status, 204);
        assert_eq!(host.manage(&requeue, json!({})).await.status, 202);
        let dead = until(&host, DEAD, |page| page["items"][0]["error"]["code"] == "no_secret").await;
        assert!(dead.to_string().contains("not there any more"), "{dead}");
        assert_eq!(peer.requests().len(), 3);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_later_is_refused_at_once() {
    for host in hosts().await {
        assert_eq!(host.manage("DELETE /apps/a/allow/*", json!(null)).await.status, 204);
        allow(&host, "out.example").await;
        let secret = json!({ "value": "secret-of-length" });
        assert_eq!(host.manage("PUT /apps/a/secrets/KEY", secret).await.status, 204);
        for (options, code, part) in [
            ("#{}", "bad_option", "no `url`"),
            ("#{ url: \"nowhere\" }", "bad_url", "cannot be called"),
            (
                "#{ url: \"http://other.example/\" }",
                "not_allowed",
                "picloud allow add other.example --app a",
            ),
            (
                "#{ url: \"http://out.example/\", headers: #{ host: \"x\" } }",
                "bad_header",
                "host",
            ),
            (
                "#{ url: \"http://out.example/\", retries: 1 }",
                "bad_option",
                "`attempts`",
            ),
            (
                "#{ url: \"http://out.example/\", attempts: 101 }",
                "bad_option",
                "1 to 100",
            ),
            (
                "#{ url: \"http://out.example/\", nothing: 1 }",
                "bad_option",
                "no option `nothing`",
            ),
            (
                "#{ url: \"http://out.example/\", blob: blob(2_000_000) }",
                "value_too_large",
                "PICLOUD_VALUE_BYTES_MAX",
            ),
            (
                "#{ url: \"http://out.example/\", headers: #{ authorization: \"Basic \" + base64::encode(\"me:\" + secret::get(\"KEY\")) } }",
                "not_kept",
                "https://user:password@host",
            ),
            (
                "#{ url: \"http://out.example/\", key: secret::get(\"KEY\") }",
                "not_kept",
                "`key`",
            ),
        ] {
            let source = format!("let told = (); try {{ http::send({options}); }} catch (e) {{ told = e; }} told");
            let told = run(&host, &source).await;
            assert_eq!(told["code"], code, "{options}: {told}");
            assert!(told["message"].as_str().unwrap().contains(part), "{options}: {told}");
        }
        assert_eq!(got(&host, WAITS).await["items"], json!([]));
    }
}
