//! What crosses, and what does not.

use serde_json::json;

use crate::harness::host::TestHost;

#[tokio::test]
async fn values_cross_in_order_and_hop_by_hop_headers_do_not() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "echo")]).await;
    let sent = [
        ("X-Two", "1"),
        ("x-two", "2"),
        ("Connection", "close, X-Hop"),
        ("X-Hop", "1"),
        ("TE", "trailers"),
        ("Upgrade", "websocket"),
        ("Proxy-Authorization", "secret"),
        ("Keep-Alive", "timeout=5"),
        ("Cookie", "a=1; picloud_session=secret"),
    ];
    let seen = host.send("GET http://a.localhost/", &sent, b"").await.json();
    let expected = json!([
        ["host", "a.localhost"],
        ["x-two", "1"],
        ["x-two", "2"],
        ["cookie", "a=1"]
    ]);
    assert_eq!(seen["headers"], expected);
}

#[tokio::test]
async fn a_reply_has_its_own_headers_and_never_the_connections() {
    let host = TestHost::start().await;
    let source = "header set-cookie: a=1\nheader set-cookie: b=2; Domain=example.org\nheader Connection: close, x-hop\n\
        header x-hop: 1\nheader transfer-encoding: chunked\nheader content-length: 3\nheader x-execution-id: exe_mine\n\
        header content-type: text/x\nreply 201 hello";
    host.app("a", &[("GET /", source)]).await;
    let mut wire = host.connect().await;
    for _ in 0..2 {
        let answer = wire.ask("GET http://a.localhost/", &[], b"").await;
        assert_eq!((answer.status, answer.text()), (201, "hello"));
        assert_eq!(answer.all("set-cookie"), ["a=1", "b=2"]);
        assert_eq!(answer.header("content-type"), Some("text/x"));
        assert_eq!(answer.all("content-length"), ["5"]);
        assert_eq!(
            (answer.header("x-hop"), answer.header("transfer-encoding")),
            (None, None)
        );
        let id = answer.header("x-execution-id").unwrap().to_owned();
        assert_eq!(host.execution("a", &id).await["status"], 201);
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_the_client_is() {
    let forwarded = [("x-forwarded-for", "6.6.6.6, 1.2.3.4"), ("x-forwarded-proto", "https")];
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "echo")]).await;
    let seen = host.send("GET http://a.localhost/", &forwarded, b"").await.json();
    assert_eq!(
        (&seen["client_ip"], seen["headers"].as_array().unwrap().len()),
        (&json!("127.0.0.1"), 1)
    );

    let host = TestHost::with(&[("PICLOUD_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    host.app("a", &[("GET /", "echo")]).await;
    let seen = host.send("GET http://a.localhost/", &forwarded, b"").await.json();
    assert_eq!(
        (&seen["client_ip"], seen["headers"].as_array().unwrap().len()),
        (&json!("1.2.3.4"), 3)
    );
}

#[tokio::test]
async fn a_trace_goes_on() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "echo")]).await;
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (traceparent, taken) in [
        (format!("00-{id}-00f067aa0ba902b7-01"), true),
        (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), false),
        (format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()), false),
        ("nonsense".to_owned(), false),
    ] {
        let seen = host
            .send("GET http://a.localhost/", &[("traceparent", &traceparent)], b"")
            .await
            .json();
        let trace = seen["trace"].as_str().unwrap();
        assert_eq!((trace.len(), trace == id), (32, taken), "{traceparent}");
    }
}

#[tokio::test]
async fn a_proxy_may_add_the_port_and_map_addresses() {
    let host = TestHost::with(&[("PICLOUD_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    host.app("a", &[("GET /", "echo")]).await;
    for forwarded in [
        "1.2.3.4:50123",
        "::ffff:1.2.3.4",
        "[::ffff:1.2.3.4]:50123, 127.0.0.9:80",
    ] {
        let headers = [("x-forwarded-for", forwarded)];
        let seen = host.send("GET http://a.localhost/", &headers, b"").await.json();
        assert_eq!(seen["client_ip"], "1.2.3.4", "{forwarded}");
    }
}

#[tokio::test]
async fn a_status_without_a_name_gets_its_classes() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /299", "reply 299 x"), ("GET /599", "reply 599 x")])
        .await;
    for (path, line) in [("299", "HTTP/1.1 299 OK\r\n"), ("599", "HTTP/1.1 599 Server Error\r\n")] {
        let mut wire = host.connect().await;
        let bytes = format!("GET /{path} HTTP/1.1\r\nhost: a.localhost\r\nconnection: close\r\n\r\n");
        wire.write(bytes.as_bytes()).await;
        let words = String::from_utf8(wire.rest().await).unwrap();
        assert!(words.starts_with(line), "{words}");
    }
}
