//! HTTP/2 without TLS, as a proxy speaks it.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::harness::host::TestHost;

pub(super) async fn connect(host: &TestHost) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(host.ingress).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn send(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> (StatusCode, HeaderMap, Bytes) {
    let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
}

fn request(method: &str, uri: &str, body: &[u8]) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(Full::new(Bytes::copy_from_slice(body)))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn requests_share_a_connection() {
    let host = TestHost::start().await;
    host.app(
        "a",
        &[
            ("ANY /wait", "wait\necho"),
            ("POST /", "body"),
            ("GET /", "fill 3000000"),
        ],
    )
    .await;
    let mut sender = connect(&host).await;
    let mut other = sender.clone();
    let waiting = tokio::spawn(async move { send(&mut other, request("GET", "http://a.localhost/wait", b"")).await });
    host.puppet.waiting(1).await;
    let (status, _, body) = send(&mut sender, request("POST", "http://a.localhost/", b"quick")).await;
    assert_eq!((status.as_u16(), &body[..]), (200, &b"quick"[..]));
    let (_, _, body) = send(&mut sender, request("GET", "http://a.localhost/", b"")).await;
    assert_eq!(body.len(), 3_000_000);
    host.puppet.open(1);
    let (_, _, body) = waiting.await.unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (seen["host"].as_str(), seen["path"].as_str()),
        (Some("a.localhost"), Some("/wait"))
    );
    assert_eq!(seen["headers"], serde_json::json!([["host", "a.localhost"]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_rules_are_those_of_http1() {
    let host = TestHost::with(&[("PICLOUD_BODY_BYTES_MAX", "10")]).await;
    host.app("a", &[("GET /", "reply 200 hello"), ("POST /", "body")]).await;
    let mut sender = connect(&host).await;
    let (status, headers, body) = send(&mut sender, request("HEAD", "http://a.localhost/", b"")).await;
    assert_eq!(
        (status.as_u16(), &headers["content-length"], body.len()),
        (200, &http::HeaderValue::from(5), 0)
    );
    assert_eq!(
        send(&mut sender, request("PUT", "http://a.localhost/", b"")).await.0,
        405
    );
    assert_eq!(
        send(&mut sender, request("GET", "http://nobody.localhost/", b""))
            .await
            .0,
        404
    );
    assert_eq!(
        send(&mut sender, request("GET", "http://a.localhost/a/../b", b""))
            .await
            .0,
        400
    );
    assert_eq!(
        send(
            &mut sender,
            request("POST", "http://a.localhost/", b"more than ten bytes")
        )
        .await
        .0,
        413
    );
    let mut two_hosts = request("GET", "http://a.localhost/", b"");
    two_hosts.headers_mut().insert("host", "b.localhost".parse().unwrap());
    assert_eq!(send(&mut sender, two_hosts).await.0, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stream_that_is_dropped_gives_its_place_back() {
    let host = TestHost::start().await;
    host.app("a", &[("GET /wait", "wait")]).await;
    let mut sender = connect(&host).await;
    let mut asked = Box::pin(send(&mut sender, request("GET", "http://a.localhost/wait", b"")));
    tokio::select! {
        _ = &mut asked => panic!("nobody opened the gate"),
        () = host.puppet.waiting(1) => {}
    }
    drop(asked);
    // The record comes after what the run held is dropped.
    let executions = loop {
        let executions = host.executions("a").await;
        if !executions.is_empty() {
            break executions;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(executions[0]["ending"], "cancelled");
}
