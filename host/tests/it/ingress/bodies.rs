//! Bodies, in both directions.

use crate::harness::host::TestHost;

#[tokio::test]
async fn any_bytes_survive_both_ways() {
    let host = TestHost::start().await;
    host.app("a", &[("POST /", "body")]).await;
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut wire = host.connect().await;
    assert_eq!(wire.ask("POST http://a.localhost/", &[], &bytes).await.body, bytes);
    assert_eq!(wire.ask("POST http://a.localhost/", &[], b"").await.body, b"");

    let mut chunked = Vec::new();
    for chunk in bytes.chunks(999) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\nx-trailer: 1\r\n\r\n");
    let answer = wire
        .ask(
            "POST http://a.localhost/",
            &[("transfer-encoding", "chunked")],
            &chunked,
        )
        .await;
    assert_eq!(answer.body, bytes);
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_before_it_is_read() {
    let host = TestHost::with(&[("PICLOUD_BODY_BYTES_MAX", "1000")]).await;
    host.app("a", &[("POST /", "body")]).await;
    assert_eq!(
        host.send("POST http://a.localhost/", &[], &[b'.'; 1000])
            .await
            .body
            .len(),
        1000
    );

    let mut wire = host.connect().await;
    wire.write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\ncontent-length: 1001\r\n\r\n")
        .await;
    let answer = wire.answer().await;
    assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
    assert!(answer.text().contains("1000 bytes"));

    let mut wire = host.connect().await;
    wire.write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.write(format!("3e9\r\n{}\r\n", ".".repeat(1001)).as_bytes()).await;
    assert_eq!(wire.answer().await.problem().0, 413);
    assert_eq!(host.executions("a").await.len(), 1);
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_go_on_is_told_only_when_it_may() {
    let host = TestHost::with(&[("PICLOUD_BODY_BYTES_MAX", "1000")]).await;
    host.app("a", &[("POST /", "body")]).await;
    let mut wire = host.connect().await;
    wire.write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n")
        .await;
    assert_eq!(wire.answer().await.status, 100);
    wire.write(b"hello").await;
    assert_eq!(wire.answer().await.text(), "hello");

    let mut wire = host.connect().await;
    wire.write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\nexpect: 100-continue\r\ncontent-length: 5000\r\n\r\n")
        .await;
    assert_eq!(wire.answer().await.status, 413);
    let mut wire = host.connect().await;
    wire.write(b"PUT / HTTP/1.1\r\nhost: a.localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n")
        .await;
    assert_eq!(wire.answer().await.status, 405);
}

#[tokio::test]
async fn bodies_have_a_bounded_memory_together() {
    let host = TestHost::with(&[
        ("PICLOUD_BODIES_BYTES_MAX", "1048576"),
        ("PICLOUD_BODY_BYTES_MAX", "1048576"),
        ("PICLOUD_REPLY_BYTES_MAX", "1048576"),
    ])
    .await;
    host.app("a", &[("POST /", "wait")]).await;
    let mut first = host.connect().await;
    first
        .write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\ncontent-length: 1000000\r\n\r\n")
        .await;
    first.write(&vec![b'.'; 1_000_000]).await;
    host.puppet.waiting(1).await;
    let answer = host.send("POST http://a.localhost/", &[], &vec![b'.'; 100_000]).await;
    assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    host.puppet.open(2);
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(
        host.send("POST http://a.localhost/", &[], &vec![b'.'; 100_000])
            .await
            .status,
        200
    );
}
