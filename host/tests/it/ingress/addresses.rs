//! Host and path → app.

use serde_json::json;

use crate::harness::host::TestHost;

#[tokio::test]
async fn an_app_answers_at_every_address_it_has() {
    let host = TestHost::with(&[("PICLOUD_BASE_DOMAIN", "apps.example.org")]).await;
    host.app("shop", &[("GET /where", "echo")]).await;
    host.change("shop", json!({ "hosts": ["www.shop.example"] })).await;
    for address in [
        "shop.localhost/where",
        "shop.localhost:8080/where",
        "shop.apps.example.org/where",
        "www.shop.example/where",
        "WWW.Shop.EXAMPLE./where",
        "127.0.0.1/~shop/where",
        "localhost:8080/~shop/where",
        "[::1]:8080/~shop/where",
        "unknown.example/~shop/where",
        "localhost/%7eshop/where",
        "shop.localhost/%77here",
    ] {
        let answer = host.visit(&format!("GET http://{address}")).await;
        assert_eq!(
            (answer.status, answer.json()["app"].as_str()),
            (200, Some("shop")),
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_script_sees_the_path_below_its_root_and_the_host_as_it_was_named() {
    let host = TestHost::start().await;
    host.app("shop", &[("GET /a/{b}/{*rest}", "echo")]).await;
    for (prefix, authority) in [
        ("shop.localhost:81", "shop.localhost:81"),
        ("Pi.local/~shop", "Pi.local"),
    ] {
        let seen = host
            .visit(&format!("GET http://{prefix}/a/%C3%A9%2F%20/x/y%2fz?q=1&q=2%20"))
            .await
            .json();
        assert_eq!(seen["path"], "/a/%C3%A9%2F%20/x/y%2fz");
        assert_eq!(seen["params"], json!([["b", "é/ "], ["rest", "x/y/z"]]));
        assert_eq!(seen["query"], "q=1&q=2%20");
        assert_eq!(seen["host"], authority);
    }
}

#[tokio::test]
async fn what_nobody_answers_is_not_found() {
    let host = TestHost::with(&[("PICLOUD_BASE_DOMAIN", "apps.example.org")]).await;
    host.app("shop", &[("GET /", "reply 200")]).await;
    for address in [
        "nobody.localhost/",
        "shop.example/",
        "shop.apps.example.com/",
        "x.shop.localhost/",
        "apps.example.org/",
        "localhost/",
        "localhost/~nobody/",
        "localhost/~Shop/",
        "localhost/~",
        "shop.localhost/nothing",
        "shop.localhost//",
        "shop.localhost/~shop/",
    ] {
        let answer = host.visit(&format!("GET http://{address}")).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{address}");
    }
}

#[tokio::test]
async fn an_apps_root_needs_its_slash() {
    let host = TestHost::start().await;
    host.app("shop", &[("ANY /", "echo")]).await;
    let answer = host.visit("POST http://localhost/~shop?a=1").await;
    assert_eq!((answer.status, answer.header("location")), (308, Some("/~shop/?a=1")));
}

#[tokio::test]
async fn the_server_says_that_it_is_there_unless_an_app_is() {
    let host = TestHost::start().await;
    host.app("shop", &[("GET /healthz", "reply 200 the app's")]).await;
    assert_eq!(host.visit("GET http://127.0.0.1/healthz").await.text(), "ok\n");
    assert_eq!(host.visit("HEAD http://localhost/healthz").await.status, 200);
    assert_eq!(host.visit("POST http://localhost/healthz").await.problem().0, 405);
    assert_eq!(
        host.visit("GET http://shop.localhost/healthz").await.text(),
        "the app's"
    );
}

#[tokio::test]
async fn a_route_of_a_host_goes_before_a_route_of_any() {
    let host = TestHost::start().await;
    host.app("shop", &[("GET /{page}", "reply 200 any")]).await;
    host.change("shop", json!({ "hosts": ["a.example", "b.example"] }))
        .await;
    host.script("shop", "own", "reply 200 own").await;
    host.route("shop", "GET /{*rest}", "own", Some("a.example")).await;
    assert_eq!(host.visit("GET http://a.example/x").await.text(), "own");
    assert_eq!(host.visit("GET http://b.example/x").await.text(), "any");
    assert_eq!(host.visit("GET http://shop.localhost/x").await.text(), "any");
}
