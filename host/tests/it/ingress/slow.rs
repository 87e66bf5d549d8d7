//! Clients that take their time: cut off, without ever holding a place.

use crate::harness::host::TestHost;
use crate::harness::http::Wire;

#[tokio::test]
async fn a_head_that_trickles_is_cut_off() {
    let host = TestHost::with(&[("PICLOUD_HEADER_MS_MAX", "60")]).await;
    host.app("a", &[("GET /", "reply 200")]).await;
    for address in [host.ingress, host.admin] {
        for begin in ["P", "GET", "GET / HTTP/1.1\r\nhost: a.loc"] {
            let mut wire = Wire::connect(address).await;
            wire.write(begin.as_bytes()).await;
            let answer = wire.answer().await;
            assert_eq!(answer.problem(), (408, "request_timeout".to_owned()), "{begin:?}");
            assert_eq!(answer.header("connection"), Some("close"), "{begin:?}");
            assert_eq!(wire.rest().await, b"", "{begin:?}");
        }
        // Whoever said nothing, or begins with HTTP/2, has nothing to hear.
        for begin in ["", "PRI", "PRI * HTTP/2.0\r\n"] {
            let mut wire = Wire::connect(address).await;
            wire.write(begin.as_bytes()).await;
            assert!(!wire.rest().await.starts_with(b"HTTP/1.1"), "{begin:?}");
        }
        // Also when it was the second head.
        let mut wire = Wire::connect(address).await;
        assert_eq!(wire.ask("GET http://localhost/healthz", &[], b"").await.status, 200);
        wire.write(b"GET / HTT").await;
        assert_eq!(wire.answer().await.problem().0, 408);
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let host = TestHost::with(&[("PICLOUD_HEADER_MS_MAX", "60")]).await;
    host.app("a", &[("GET /", "reply 200"), ("GET /wait", "wait")]).await;
    let mut busy = host.connect().await;
    busy.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
    host.puppet.waiting(1).await;
    let mut idle = host.connect().await;
    assert_eq!(idle.ask("GET http://a.localhost/", &[], b"").await.status, 200);
    assert_eq!(
        idle.rest().await,
        b"",
        "closed by the server, with the other one still waiting"
    );
    host.puppet.open(1);
    assert_eq!(busy.answer().await.status, 200);
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off_and_holds_no_place() {
    let host = TestHost::with(&[
        ("PICLOUD_BODY_MS_MAX", "150"),
        ("PICLOUD_RUNS_MAX", "1"),
        ("PICLOUD_RUNS_PER_APP_MAX", "1"),
    ])
    .await;
    host.app("a", &[("POST /", "body")]).await;
    let mut slow = host.connect().await;
    slow.write(b"POST / HTTP/1.1\r\nhost: a.localhost\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n")
        .await;
    assert_eq!(slow.answer().await.status, 100, "the server reads the body now");
    slow.write(b"x").await;
    assert_eq!(
        host.send("POST http://a.localhost/", &[], b"quick").await.text(),
        "quick"
    );
    let answer = slow.answer().await;
    assert_eq!(answer.problem(), (408, "request_timeout".to_owned()));
    assert_eq!(slow.rest().await, b"");
    assert_eq!(host.executions("a").await.len(), 1);
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_cut_off() {
    let host = TestHost::with(&[("PICLOUD_BODY_MS_MAX", "100")]).await;
    host.app("a", &[("GET /", "fill 8000000")]).await;
    let mut wire = host.connect().await;
    wire.write("GET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n".repeat(4).as_bytes())
        .await;
    // Its answers are made one after the other, as it takes none: the connection goes, the server does not.
    while host.executions("a").await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(host.visit("HEAD http://a.localhost/").await.status, 200);
    drop(host);
    drop(wire);
}

#[tokio::test]
async fn connections_over_the_bound_wait_their_turn() {
    let host = TestHost::with(&[("PICLOUD_CONNECTIONS_MAX", "2")]).await;
    host.app("a", &[("GET /", "reply 200")]).await;
    let mut first = host.connect().await;
    let mut second = host.connect().await;
    assert_eq!(first.ask("GET http://a.localhost/", &[], b"").await.status, 200);
    assert_eq!(second.ask("GET http://a.localhost/", &[], b"").await.status, 200);
    let mut third = host.connect().await;
    third.write(b"GET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
    drop(first);
    assert_eq!(third.answer().await.status, 200);
}
