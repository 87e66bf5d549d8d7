//! Answers that are given before the request has come whole: they arrive, and say that the connection is closed.

use std::net::SocketAddr;

use crate::harness::host::TestHost;
use crate::harness::http::{Answer, Wire, request};

const BODY: usize = 3_000_000;

/// Writes all of it before it reads a byte, as many a client does.
async fn ask(address: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut wire = Wire::connect(address).await;
    wire.write(&request(line, headers, body)).await;
    let answer = wire.answer().await;
    assert_eq!(answer.header("connection"), Some("close"), "{line}");
    assert_eq!(wire.rest().await, b"", "{line}");
    answer
}

#[tokio::test]
async fn an_answer_to_a_body_that_nobody_reads_is_not_lost() {
    let host = TestHost::with(&[("PICLOUD_BODY_BYTES_MAX", "2000000")]).await;
    host.app("a", &[("POST /", "body")]).await;
    let json = [("content-type", "application/json")];
    for round in 0..10 {
        let body = vec![b'x'; BODY + round];
        for (line, problem) in [
            ("POST http://a.localhost/nothing", (404, "not_found")),
            ("POST http://nobody.localhost/", (404, "not_found")),
            ("PUT http://a.localhost/", (405, "method_not_allowed")),
            ("POST http://a.localhost/", (413, "body_too_large")),
            ("POST http://a.localhost/../x", (400, "bad_request")),
        ] {
            let answer = ask(host.ingress, line, &[], &body).await;
            assert_eq!(answer.problem(), (problem.0, problem.1.to_owned()), "{line}");
        }
        for (line, problem) in [
            ("POST http://localhost/api/v1/nothing", (404, "not_found")),
            ("PUT http://localhost/api/v1/apps", (405, "method_not_allowed")),
            ("POST http://localhost/api/v1/apps", (401, "unauthenticated")),
            ("POST http://evil.example/api/v1/apps", (421, "misdirected")),
        ] {
            let answer = ask(host.admin, line, &json, &body).await;
            assert_eq!(answer.problem(), (problem.0, problem.1.to_owned()), "{line}");
        }
        let authorization = host.authorization();
        let headers = [("authorization", authorization.as_str()), json[0]];
        let answer = ask(host.admin, "POST http://localhost/api/v1/apps", &headers, &body).await;
        assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
    }
}

#[tokio::test]
async fn one_byte_over_the_bound_is_enough_and_a_chunked_body_is_no_other() {
    let host = TestHost::with(&[("PICLOUD_BODY_BYTES_MAX", "2000000")]).await;
    host.app("a", &[("POST /", "body")]).await;
    let body = vec![b'x'; 2_000_001];
    let answer = ask(host.ingress, "POST http://a.localhost/", &[], &body).await;
    assert_eq!(answer.problem().0, 413);
    let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    for (line, status) in [
        ("POST http://a.localhost/", 413),
        ("POST http://a.localhost/nothing", 404),
    ] {
        let answer = ask(host.ingress, line, &[("transfer-encoding", "chunked")], &chunked).await;
        assert_eq!(answer.problem().0, status);
    }
}

#[tokio::test]
async fn a_small_body_that_nobody_reads_costs_no_connection() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200")]).await;
    for address in [host.ingress, host.admin] {
        let mut wire = Wire::connect(address).await;
        for _ in 0..5 {
            let answer = wire
                .ask("POST http://a.localhost/api/v1/nothing", &[], &[b'x'; 10_000])
                .await;
            assert_eq!((answer.problem().0, answer.header("connection")), (404, None));
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_to_go_on_is_refused_and_not_told_to() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 200")]).await;
    for address in [host.ingress, host.admin] {
        let mut wire = Wire::connect(address).await;
        wire.write(
            b"POST /api/v1/nothing HTTP/1.1\r\nhost: a.localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
        )
        .await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (404, Some("close")));
        assert_eq!(wire.rest().await, b"");
    }
}
