//! What is remembered: everything that was admitted, as far as there is room.

use serde_json::json;

use crate::harness::host::TestHost;

#[tokio::test]
async fn every_admitted_event_has_one_record_and_nothing_else_has() {
    for host in TestHost::on_both(&[]).await {
        has_one_record_for_every_event(&host).await;
    }
}

async fn has_one_record_for_every_event(host: &TestHost) {
    host.app(
        "a",
        &[
            ("GET /x/{n}", "reply 204"),
            ("GET /log", "log info one\nlog error two\nreply 200"),
        ],
    )
    .await;
    let mut wire = host.connect().await;
    for n in 0..1200 {
        assert_eq!(
            wire.ask(&format!("GET http://a.localhost/x/{n}?secret"), &[], b"")
                .await
                .status,
            204
        );
    }
    for refused in [
        "GET http://a.localhost/nothing",
        "POST http://a.localhost/log",
        "OPTIONS http://a.localhost/log",
    ] {
        wire.ask(refused, &[], b"").await;
    }
    let id = wire
        .ask("GET http://a.localhost/log", &[], b"")
        .await
        .header("x-execution-id")
        .unwrap()
        .to_owned();
    let record = host.execution("a", &id).await;
    assert_eq!(
        record["log"],
        json!([
            { "level": "info", "message": "one" },
            { "level": "error", "message": "two" },
        ])
    );
    assert_eq!(
        (&record["script"], &record["version"], &record["kind"]),
        (&json!("script_1"), &json!(1), &json!("http"))
    );

    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page = host
            .manage(&format!("GET /apps/a/executions?limit=100{cursor}"), json!(null))
            .await
            .json();
        for record in page["items"].as_array().unwrap() {
            assert!(
                !record["path"].as_str().unwrap().contains("secret"),
                "the query may hold secrets"
            );
            count += 1;
        }
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&after={next}");
    }
    assert_eq!(count, 1201);
}

#[tokio::test]
async fn the_ring_keeps_failures_longest() {
    for host in TestHost::on_both(&[("PICLOUD_HISTORY_BYTES_PER_APP", "65536")]).await {
        keeps_failures_longest(&host).await;
    }
}

async fn keeps_failures_longest(host: &TestHost) {
    host.app("a", &[("GET /ok", "reply 204"), ("GET /fail", "throw up")])
        .await;
    host.app("other", &[("GET /", "reply 204")]).await;
    let mut wire = host.connect().await;
    wire.ask("GET http://other.localhost/", &[], b"").await;
    for _ in 0..5 {
        wire.ask("GET http://a.localhost/fail", &[], b"").await;
    }
    for round in 0..4 {
        for _ in 0..200 {
            assert_eq!(
                wire.ask("GET http://a.localhost/ok", &[], b"").await.status,
                204,
                "{round}"
            );
        }
        host.host.committer.settled().await;
    }
    let bytes = host
        .number("select cast(sum(bytes) as bigint) from executions join apps on apps.id = app_id where apps.name = 'a'")
        .await;
    assert!(bytes <= 65_536, "{bytes} bytes are kept");
    assert!(bytes >= 65_536 / 2, "{bytes} bytes are kept");
    let failures = host
        .number("select count(*) from executions where ending = 'threw'")
        .await;
    assert_eq!(failures, 5);
    assert_eq!(
        host.executions("other").await.len(),
        1,
        "a neighbour's history is its own"
    );
}

#[tokio::test]
async fn a_deleted_app_takes_its_records_with_it_and_holds_up_nobodys() {
    for host in TestHost::on_both(&[]).await {
        is_not_held_up_by_a_deleted_app(&host).await;
    }
}

async fn is_not_held_up_by_a_deleted_app(host: &TestHost) {
    host.app("gone", &[("GET /", "wait\nreply 200")]).await;
    host.app("stays", &[("GET /", "reply 200")]).await;
    let mut wire = host.connect().await;
    wire.write(b"GET / HTTP/1.1\r\nhost: gone.localhost\r\n\r\n").await;
    host.puppet.waiting(1).await;
    host.delete("gone").await;
    host.puppet.open(1);
    assert_eq!(wire.answer().await.status, 200, "what was admitted is answered");
    host.visit("GET http://stays.localhost/").await;
    assert_eq!(host.executions("stays").await.len(), 1);
    assert_eq!(host.visit("GET http://gone.localhost/").await.status, 404);
}

#[tokio::test]
async fn odd_texts_are_kept_readable() {
    for host in TestHost::on_both(&[]).await {
        keeps_odd_texts_readable(&host).await;
    }
}

async fn keeps_odd_texts_readable(host: &TestHost) {
    host.app(
        "a",
        &[(
            "GET /{*rest}",
            "log info nul \\0 and \u{1f600} \"quoted\"\nthrow nul \\0 \u{7}",
        )],
    )
    .await;
    let path = format!("/{}", "%F0%9F%98%80".repeat(500));
    let id = host
        .visit(&format!("GET http://a.localhost{path}"))
        .await
        .header("x-execution-id")
        .unwrap()
        .to_owned();
    let record = host.execution("a", &id).await;
    assert_eq!(record["error"]["message"], "nul \0 \u{7}");
    assert_eq!(record["log"][0]["message"], "nul \0 and \u{1f600} \"quoted\"");
    assert!(path.starts_with(record["path"].as_str().unwrap()) && record["path"].as_str().unwrap().len() <= 4096);
}
