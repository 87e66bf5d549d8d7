//! Request lines and headers that no client of good will sends (security: hostile HTTP).

use std::net::SocketAddr;

use crate::harness::host::TestHost;
use crate::harness::http::{Answer, Wire, request};

/// What the server says to these bytes, and then hangs up.
async fn last_words(host: &TestHost, bytes: &[u8]) -> String {
    let mut wire = host.connect().await;
    wire.write(bytes).await;
    String::from_utf8_lossy(&wire.rest().await).into_owned()
}

/// The same, as an answer like any other.
async fn last_answer(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut wire = Wire::connect(address).await;
    wire.write(bytes).await;
    let answer = wire.answer().await;
    assert_eq!(wire.rest().await, b"", "nothing after it");
    answer
}

#[tokio::test]
async fn what_hyper_refuses_is_said_in_the_one_shape_on_both_listeners() {
    let host = TestHost::with(&[("PICLOUD_HEADER_BYTES_MAX", "8192")]).await;
    host.app("a", &[("GET /", "reply 200 good")]).await;
    let good = "GET /~a/ HTTP/1.1\r\nhost: localhost\r\n\r\n";
    for (bytes, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), 400, "bad_request"),
        (
            "GET /?q=\"a\" HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
            400,
            "bad_request",
        ),
        (
            "GET / HTTP/1.1\r\nhost: localhost\r\na b: c\r\n\r\n".to_owned(),
            400,
            "bad_request",
        ),
        ("\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), 400, "bad_request"),
        (
            format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(9000)),
            431,
            "headers_too_large",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "x: 1\r\n".repeat(200)),
            431,
            "headers_too_large",
        ),
        (
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)),
            431,
            "headers_too_large",
        ),
    ] {
        for address in [host.ingress, host.admin] {
            let answer = last_answer(address, bytes.as_bytes()).await;
            assert_eq!(answer.problem(), (status, code.to_owned()), "{bytes:.60?}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("connection"), Some("close"));
            // Also as the second request of a connection.
            let mut wire = Wire::connect(address).await;
            wire.write(good.as_bytes()).await;
            assert_eq!(wire.answer().await.status, 200);
            wire.write(bytes.as_bytes()).await;
            assert_eq!(wire.answer().await.problem(), (status, code.to_owned()), "{bytes:.60?}");
            assert_eq!(wire.rest().await, b"");
        }
    }
}

#[tokio::test]
async fn an_answer_that_looks_like_hypers_is_the_scripts() {
    let host = TestHost::start().await;
    let source = "reply 400 HTTP/1.1 400 Bad Request\\r\\ncontent-length: 0\\r\\n\\r\\n";
    host.app("a", &[("GET /", source), ("GET /empty", "reply 400")]).await;
    let mut wire = host.connect().await;
    for _ in 0..3 {
        let answer = wire.ask("GET http://a.localhost/", &[], b"").await;
        assert_eq!((answer.status, answer.header("content-type")), (400, None));
        assert!(answer.text().starts_with("HTTP/1.1 400 Bad Request"));
        let answer = wire.ask("GET http://a.localhost/empty", &[], b"").await;
        assert_eq!((answer.status, answer.text()), (400, ""));
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_closed() {
    let host = TestHost::start().await;
    host.app("a", &[("ANY /{*rest}", "echo"), ("ANY /", "echo")]).await;
    let get = |rest: &str| format!("GET / HTTP/1.1\r\n{rest}\r\n\r\n");
    for bytes in [
        get("x: 1"),
        get("host: a.localhost\r\nhost: a.localhost"),
        get("host: a.localhost\r\nhost: b.localhost"),
        get("host: a.localhost:99999"),
        get("host: a.localhost/x"),
        get("host: user@a.localhost"),
        get("host: a.localhost\r\nx y: 1"),
        get("host: a.localhost\r\n folded: 1"),
        get("host: a.localhost\r\nx: a\0b"),
        get("host: a.localhost\r\ncontent-length: +5"),
        get("host: a.localhost\r\ncontent-length: 0x5"),
        get("host: a.localhost\r\ncontent-length: 5 5"),
        get("host: a.localhost\r\ncontent-length: 5\r\ncontent-length: 6"),
        get("host: a.localhost\r\ntransfer-encoding: xchunked"),
        get("host: a.localhost\r\ntransfer-encoding: chunked, identity"),
        get("host: a.localhost\r\ntransfer-encoding: gzip, chunked"),
        get("host: a.localhost\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked"),
        "GET /?q=\"a\" HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET http://b.localhost/ HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET a.localhost HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET /../x HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET /%2e%2e/x HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET /a%00b HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET /%c0%ae%c0%ae/ HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET / HTTP/1.1 HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET / HTTP/3.9\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "GET /\0 HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "G(T / HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".to_owned(),
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n".to_owned(),
    ] {
        let answer = last_answer(host.ingress, bytes.as_bytes()).await;
        assert_eq!(answer.problem(), (400, "bad_request".to_owned()), "{bytes:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{bytes:?}");
    }
    assert!(host.executions("a").await.is_empty());
    assert_eq!(
        host.visit("GET http://a.localhost/").await.status,
        200,
        "the server goes on"
    );
}

#[tokio::test]
async fn heads_have_bounds() {
    let host = TestHost::with(&[("PICLOUD_HEADERS_MAX", "20"), ("PICLOUD_HEADER_BYTES_MAX", "8192")]).await;
    host.app("a", &[("GET /{*rest}", "reply 200")]).await;
    let many = "x: 1\r\n".repeat(30);
    let long = format!("x: {}\r\n", "y".repeat(9000));
    for headers in [many, long, "x: 1\r\n".repeat(10_000)] {
        let bytes = format!("GET / HTTP/1.1\r\nhost: a.localhost\r\n{headers}\r\n");
        let answer = last_answer(host.ingress, bytes.as_bytes()).await;
        assert_eq!(answer.problem(), (431, "headers_too_large".to_owned()));
    }
}

#[tokio::test]
async fn a_request_cannot_hide_behind_a_chunked_one() {
    let host = TestHost::start().await;
    host.app("a", &[("POST /", "body"), ("GET /hidden", "reply 200 found")])
        .await;
    let hidden = "GET /hidden HTTP/1.1\r\nhost: a.localhost\r\n\r\n";
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\nhost: a.localhost\r\n{framing}\r\n\r\n0\r\n\r\n{hidden}");
        let words = last_words(&host, bytes.as_bytes()).await;
        assert!(!words.contains("found"), "{words}");
    }
    // Nor behind a body that was refused unread.
    let bytes = format!("POST /nothing HTTP/1.1\r\nhost: a.localhost\r\ncontent-length: 999999\r\n\r\n{hidden}");
    let mut wire = host.connect().await;
    wire.write(bytes.as_bytes()).await;
    assert_eq!(wire.answer().await.status, 404);
    assert_eq!(
        host.executions("a")
            .await
            .iter()
            .filter(|record| record["path"] == "/hidden")
            .count(),
        0
    );
}

#[tokio::test]
async fn broken_chunks_end_the_connection() {
    let host = TestHost::start().await;
    host.app("a", &[("POST /", "body")]).await;
    for chunks in [
        "FFFFFFFFFFFFFFFFF\r\n",
        "-1\r\nx\r\n",
        "5\r\nhello!!\r\n0\r\n\r\n",
        "zz\r\n",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\nhost: a.localhost\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        let words = last_words(&host, bytes.as_bytes()).await;
        assert!(
            words.is_empty() || words.starts_with("HTTP/1.1 400 "),
            "{chunks:?}: {words}"
        );
    }
    assert!(host.executions("a").await.is_empty());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /{n}", "echo")]).await;
    let mut wire = host.connect().await;
    let requests: Vec<_> = (0..50)
        .map(|n| request(&format!("GET http://a.localhost/{n}"), &[], b""))
        .collect();
    wire.write(&requests.concat()).await;
    for n in 0..50 {
        assert_eq!(wire.answer().await.json()["path"], format!("/{n}"));
    }
}

#[tokio::test]
async fn an_old_client_without_a_host_is_served_by_path() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200 hello")]).await;
    let words = last_words(&host, b"GET /~a/ HTTP/1.0\r\n\r\n").await;
    assert!(
        words.starts_with("HTTP/1.0 200 ") && words.ends_with("hello"),
        "{words}"
    );
}

#[tokio::test]
async fn a_path_that_is_not_encoded_is_the_same_path_or_none() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /café", "reply 200 found")]).await;
    for (path, status) in [
        (&b"/caf\xc3\xa9"[..], "200"),
        (b"/%63af%c3%a9", "200"),
        (b"/caf\xff", "400"),
    ] {
        let bytes = [
            b"GET ",
            path,
            b" HTTP/1.1\r\nhost: a.localhost\r\nconnection: close\r\n\r\n",
        ]
        .concat();
        let words = last_words(&host, &bytes).await;
        assert!(words.starts_with(&format!("HTTP/1.1 {status} ")), "{path:?}: {words}");
    }
}
