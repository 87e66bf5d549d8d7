//! Version → program, when the cache does not have it.

use crate::harness::host::TestHost;

#[tokio::test]
async fn an_artifact_of_another_guest_is_compiled_anew_once_and_kept() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200 hello")]).await;
    host.tamper("update versions set guest_hash = 'another', artifact = x'ff'")
        .await;
    let before = host.puppet.compilations();
    let mut wires = Vec::new();
    for _ in 0..8 {
        let mut wire = host.connect().await;
        wire.write(b"GET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
        wires.push(wire);
    }
    for wire in &mut wires {
        assert_eq!(wire.answer().await.text(), "hello");
    }
    assert_eq!(host.puppet.compilations() - before, 1, "however many ask at once");
    host.tamper("update versions set source = 'reply 500' where guest_hash = 'puppet'")
        .await;
    assert_eq!(
        host.visit("GET http://a.localhost/").await.text(),
        "hello",
        "from the cache"
    );
}

#[tokio::test]
async fn an_artifact_that_is_damaged_is_compiled_anew() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200 hello")]).await;
    host.tamper("update versions set artifact = x'ff00ff'").await;
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "hello");
}

#[tokio::test]
async fn an_artifact_that_the_guest_finds_stale_is_compiled_anew_and_run_again() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "stale")]).await;
    host.tamper("update versions set source = 'log info again' || char(10) || 'reply 200 renewed'")
        .await;
    let answer = host.visit("GET http://a.localhost/").await;
    assert_eq!((answer.status, answer.text()), (200, "renewed"));
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "renewed");
    assert_eq!(host.executions("a").await.len(), 2, "one record for each event");
}

#[tokio::test]
async fn a_source_that_stays_stale_breaks_and_is_not_tried_for_ever() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "stale")]).await;
    let before = host.puppet.compilations();
    assert_eq!(
        host.visit("GET http://a.localhost/").await.problem(),
        (500, "internal".to_owned())
    );
    assert_eq!(host.puppet.compilations() - before, 1);
    assert_eq!(host.executions("a").await[0]["ending"], "broke");
}

#[tokio::test]
async fn a_program_that_cannot_be_had_is_unavailable_and_recorded() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200")]).await;
    host.tamper("delete from versions").await;
    let answer = host.visit("GET http://a.localhost/").await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    let records = host.executions("a").await;
    assert_eq!(
        (records[0]["ending"].as_str(), records[0]["status"].as_u64()),
        (Some("broke"), Some(503))
    );
}
