//! The admin listener has the bounds of the apps' one, and a part of its own of everything.

use crate::harness::host::TestHost;
use crate::harness::http::Wire;

#[tokio::test]
async fn only_names_of_its_own_are_answered() {
    let host = TestHost::with(&[("PICLOUD_ADMIN_HOSTS", "picloud.example.net")]).await;
    for name in [
        "localhost:1",
        "127.0.0.1",
        "[::1]",
        "picloud.example.net",
        "PICLOUD.example.net:443",
    ] {
        let line = format!("GET http://{name}/api/v1/openapi.json");
        assert_eq!(
            Wire::connect(host.admin).await.ask(&line, &[], b"").await.status,
            200,
            "{name}"
        );
    }
    for path in ["/", "/api/v1/openapi.json", "/api/v1/apps"] {
        let line = format!("GET http://rebound.example{path}");
        let answer = Wire::connect(host.admin).await.ask(&line, &[], b"").await;
        assert_eq!(answer.problem(), (421, "misdirected".to_owned()), "{path}");
        assert!(answer.text().contains("PICLOUD_ADMIN_HOSTS"), "{}", answer.text());
    }
}

#[tokio::test]
async fn beside_the_api_there_is_the_same_shape() {
    let host = TestHost::start().await;
    for (line, status, code) in [
        ("POST http://localhost/", 405, "method_not_allowed"),
        ("DELETE http://localhost/apps/demo", 405, "method_not_allowed"),
        ("GET http://localhost/_app/immutable/gone.js", 404, "not_found"),
        ("GET http://localhost/api/nothing", 404, "not_found"),
    ] {
        let answer = Wire::connect(host.admin).await.ask(line, &[], b"").await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{line}");
    }
}

#[tokio::test]
async fn connections_over_its_bound_wait_and_the_apps_are_not_concerned() {
    let host = TestHost::with(&[
        ("PICLOUD_ADMIN_CONNECTIONS_MAX", "4"),
        ("PICLOUD_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut wire = Wire::connect(host.admin).await;
        assert_eq!(wire.ask("GET http://localhost/", &[], b"").await.status, 200);
        held.push(wire);
    }
    let mut waiting = Wire::connect(host.admin).await;
    waiting.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(host.visit("GET http://localhost/healthz").await.status, 200);
    held.pop();
    assert_eq!(waiting.answer().await.status, 200);
}

#[tokio::test]
async fn one_address_has_a_share_of_the_connections() {
    let host = TestHost::with(&[
        ("PICLOUD_CONNECTIONS_PER_ADDRESS_MAX", "3"),
        ("PICLOUD_ADMIN_CONNECTIONS_MAX", "6"),
    ])
    .await;
    for address in [host.ingress, host.admin] {
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut wire = Wire::connect(address).await;
            assert_eq!(wire.ask("GET http://localhost/healthz", &[], b"").await.status, 200);
            held.push(wire);
        }
        for _ in 0..3 {
            // Said at once: a client that waits for its turn to speak hears it.
            let mut wire = Wire::connect(address).await;
            let answer = wire.answer().await;
            assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert_eq!(wire.rest().await, b"");
        }
        // Another address is not concerned.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut other = Wire::on(socket.connect(address).await.unwrap());
        assert_eq!(other.ask("GET http://localhost/healthz", &[], b"").await.status, 200);
        held.pop();
        loop {
            let mut wire = Wire::connect(address).await;
            if wire.try_ask("GET http://localhost/healthz").await {
                break;
            }
        }
    }
}

#[tokio::test]
async fn unfinished_bodies_have_a_bound_together_and_are_given_back() {
    let host = TestHost::with(&[
        ("PICLOUD_BODIES_BYTES_MAX", "16777216"),
        ("PICLOUD_BODY_BYTES_MAX", "1000"),
    ])
    .await;
    host.app("a", &[]).await;
    let head = format!(
        "POST /api/v1/apps/a/scripts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: {}\r\n\
         content-length: 15000000\r\n\r\n",
        host.authorization()
    );
    let unfinished = vec![b' '; 8_000_000];
    let (mut first, mut second) = (Wire::connect(host.admin).await, Wire::connect(host.admin).await);
    for wire in [&mut first, &mut second] {
        wire.write(head.as_bytes()).await;
        wire.write(&unfinished).await;
    }
    // Of one address there is room for one of them.
    let refused = tokio::select! {
        answer = first.answer() => answer,
        answer = second.answer() => answer,
    };
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
    drop((first, second));
    let new = serde_json::json!({ "kind": "endpoint", "source": format!("//{}", "x".repeat(20_000)) });
    while host.manage("PUT /apps/a/scripts/s", new.clone()).await.status == 503 {
        tokio::task::yield_now().await;
    }
}
