//! HEAD, OPTIONS, 405, and which route a method finds.

use crate::harness::host::TestHost;

#[tokio::test]
async fn another_method_is_refused_naming_those_there_are() {
    let host = TestHost::start().await;
    host.app(
        "a",
        &[
            ("GET /x", "reply 200"),
            ("PUT /x", "reply 200"),
            ("POST /y", "reply 200"),
        ],
    )
    .await;
    let answer = host.visit("DELETE http://a.localhost/x").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS, PUT"));
    let answer = host.visit("HEAD http://a.localhost/y").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("OPTIONS, POST")));
}

#[tokio::test]
async fn options_are_answered_without_the_script() {
    let host = TestHost::start().await;
    host.app(
        "a",
        &[
            ("GET /x", "reply 200"),
            ("OPTIONS /own", "reply 200 own"),
            ("ANY /any", "reply 200 any"),
        ],
    )
    .await;
    let answer = host.visit("OPTIONS http://a.localhost/x").await;
    assert_eq!(
        (answer.status, answer.header("allow"), answer.body.len()),
        (204, Some("GET, HEAD, OPTIONS"), 0)
    );
    assert!(host.executions("a").await.is_empty());
    assert_eq!(host.visit("OPTIONS http://a.localhost/own").await.text(), "own");
    assert_eq!(host.visit("OPTIONS http://a.localhost/any").await.text(), "any");
    assert_eq!(host.visit("OPTIONS http://a.localhost/nothing").await.status, 404);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let host = TestHost::start().await;
    host.app(
        "a",
        &[("GET /x", "header x-a: 1\nfill 1234"), ("GET /empty", "reply 204")],
    )
    .await;
    let mut wire = host.connect().await;
    let answer = wire.ask("HEAD http://a.localhost/x", &[], b"").await;
    assert_eq!(
        (answer.status, answer.header("content-length"), answer.header("x-a")),
        (200, Some("1234"), Some("1"))
    );
    // Nothing of a body is left on the connection.
    let answer = wire.ask("HEAD http://a.localhost/empty", &[], b"").await;
    assert_eq!((answer.status, answer.header("content-length")), (204, None));
    assert_eq!(wire.ask("GET http://a.localhost/x", &[], b"").await.body.len(), 1234);
}

#[tokio::test]
async fn a_script_is_told_the_method_that_was_asked() {
    let host = TestHost::start().await;
    host.app("a", &[("ANY /x", "echo")]).await;
    for method in ["GET", "POST", "PATCH", "PURGE"] {
        let seen = host.visit(&format!("{method} http://a.localhost/x")).await.json();
        assert_eq!(seen["method"], method);
    }
    assert!(
        host.executions("a")
            .await
            .iter()
            .any(|record| record["method"] == "PURGE")
    );
}

#[tokio::test]
async fn a_better_path_without_the_method_leaves_it_to_the_next() {
    let host = TestHost::start().await;
    host.app(
        "a",
        &[
            ("POST /orders/new", "reply 200 new"),
            ("GET /orders/{id}", "reply 200 one"),
            ("ANY /{*rest}", "reply 200 any"),
        ],
    )
    .await;
    for (request, text) in [
        ("POST http://a.localhost/orders/new", "new"),
        ("GET http://a.localhost/orders/new", "one"),
        ("HEAD http://a.localhost/orders/new", ""),
        ("DELETE http://a.localhost/orders/new", "any"),
        ("GET http://a.localhost/orders/new/", "any"),
    ] {
        assert_eq!(host.visit(request).await.text(), text, "{request}");
    }
}

#[tokio::test]
async fn trace_and_connect_are_nobodys() {
    let host = TestHost::start().await;
    host.app("a", &[("ANY /x", "echo")]).await;
    assert_eq!(host.visit("TRACE http://a.localhost/x").await.problem().0, 405);
    let mut wire = host.connect().await;
    wire.write(b"CONNECT a.localhost:80 HTTP/1.1\r\nhost: a.localhost\r\n\r\n")
        .await;
    assert!(matches!(wire.answer().await.status, 400 | 405));
    let long = "X".repeat(1000);
    assert_eq!(
        host.visit(&format!("{long} http://a.localhost/x")).await.problem().0,
        400
    );
}
