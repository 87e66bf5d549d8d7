//! Answers that nobody takes: bounded in memory, for an app, an address and all, and given up in time.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::harness::host::TestHost;
use crate::harness::http::{Wire, request};

/// An HTTP/2 client that takes nothing of what it asks for, and pings to stay.
async fn deaf(host: &TestHost) -> (SendRequest<Full<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(host.ingress).await.unwrap();
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(0)
        .keep_alive_interval(Duration::from_millis(10))
        .keep_alive_while_idle(true)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    (sender, tokio::spawn(connection))
}

async fn get(sender: &mut SendRequest<Full<Bytes>>, path: &str) -> (StatusCode, Incoming) {
    let request = Request::get(format!("http://a.localhost{path}"));
    let answer = sender
        .send_request(request.body(Full::default()).unwrap())
        .await
        .unwrap();
    (answer.status(), answer.into_body())
}

/// Room for a body or a reply of 1 MiB, which an address may have once.
const SMALL: [(&str, &str); 3] = [
    ("PICLOUD_BODIES_BYTES_MAX", "4194304"),
    ("PICLOUD_BODY_BYTES_MAX", "1048576"),
    ("PICLOUD_REPLY_BYTES_MAX", "1048576"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_take_nothing_are_bounded_and_then_reset() {
    let mut settings = SMALL.to_vec();
    settings.push(("PICLOUD_BODY_MS_MAX", "1500"));
    let host = TestHost::with(&settings).await;
    host.app("a", &[("GET /", "fill 700000"), ("GET /small", "reply 200 x")])
        .await;
    let (mut sender, _connection) = deaf(&host).await;
    let (status, held) = get(&mut sender, "/").await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = get(&mut sender, "/").await;
    assert_eq!(
        status,
        StatusCode::SERVICE_UNAVAILABLE,
        "the address has all it may have"
    );
    // Each is reset when it was not taken in time, and the connection goes on.
    assert!(held.collect().await.is_err());
    assert!(refused.collect().await.is_err());
    let (status, held) = get(&mut sender, "/").await;
    assert_eq!(status, StatusCode::OK, "what was given up is given back");
    drop(held);
    assert_eq!(host.visit("GET http://a.localhost/small").await.text(), "x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_do_not_keep_a_connection_on_which_nothing_is_asked() {
    let host = TestHost::with(&[("PICLOUD_HEADER_MS_MAX", "60")]).await;
    host.app("a", &[("GET /", "reply 204")]).await;
    let (mut sender, connection) = deaf(&host).await;
    let (status, _) = get(&mut sender, "/").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    // However it ends.
    let _ = connection.await.unwrap();
}

/// A socket that is not read from any more when it is told so.
struct Deafened(TcpStream, Arc<AtomicBool>);

impl AsyncRead for Deafened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.1.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Deafened {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_not_taken_are_bounded_too() {
    let mut settings = SMALL.to_vec();
    settings.push(("PICLOUD_SOURCE_BYTES_MAX", "1048576"));
    let host = TestHost::with(&settings).await;
    let big = format!("header x-big: {}\nreply 204", "x".repeat(400_000));
    host.app(
        "a",
        &[
            ("GET /", &big),
            ("GET /small", "reply 200 x"),
            ("GET /body", "fill 400000"),
        ],
    )
    .await;
    // Until the system's own buffers are full, and the address has no room for as much again.
    let (mut deafened, mut asking, mut refused) = (Vec::new(), Vec::new(), 0);
    while refused < 10 {
        if host.visit("GET http://a.localhost/body").await.status == 503 {
            refused += 1;
            continue;
        }
        refused = 0;
        if asking.len() % 50 == 0 {
            deafened.push(deafen(&host).await);
        }
        let (sender, _) = deafened.last_mut().unwrap();
        let request = Request::get("http://a.localhost/").body(Full::default()).unwrap();
        asking.push(sender.send_request(request));
    }
    for (_, connection) in &deafened {
        connection.abort();
    }
    drop(asking);
    while host.visit("GET http://a.localhost/body").await.status != 200 {
        tokio::task::yield_now().await;
    }
}

/// An HTTP/2 client that stops reading after its first answer.
async fn deafen(host: &TestHost) -> (SendRequest<Full<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let deaf = Arc::new(AtomicBool::new(false));
    let stream = TcpStream::connect(host.ingress).await.unwrap();
    let (mut sender, connection) = Builder::new(TokioExecutor::new())
        .handshake::<_, Full<Bytes>>(TokioIo::new(Deafened(stream, Arc::clone(&deaf))))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    assert_eq!(get(&mut sender, "/small").await.0, StatusCode::OK);
    deaf.store(true, Ordering::Relaxed);
    (sender, connection)
}

#[tokio::test]
async fn slow_readers_have_a_bound_by_address_and_by_app() {
    let host = TestHost::with(&[
        ("PICLOUD_BODIES_BYTES_MAX", "134217728"),
        ("PICLOUD_BODY_BYTES_MAX", "1000"),
        ("PICLOUD_RUNS_PER_APP_MAX", "64"),
    ])
    .await;
    // More than the system's own buffers take.
    host.app("a", &[("GET /", "fill 30000000"), ("GET /small", "reply 200 x")])
        .await;
    host.app("b", &[("GET /", "fill 1000000")]).await;
    let mut held = Vec::new();
    for last in [2, 3] {
        let mut wire = from(&host, last).await;
        wire.write(&request("GET http://a.localhost/", &[], b"")).await;
        wire.more().await.expect("the answer begins");
        held.push(wire);
        let again = from(&host, last).await.ask("GET http://a.localhost/", &[], b"").await;
        assert_eq!(
            again.problem(),
            (503, "overloaded".to_owned()),
            "the address has a quarter"
        );
        assert!(
            again.header("x-execution-id").is_some(),
            "the run was, and has a record"
        );
        let small = from(&host, last)
            .await
            .ask("GET http://a.localhost/small", &[], b"")
            .await;
        assert_eq!(small.text(), "x", "there is always room for a small answer");
    }
    let third = from(&host, 4).await.ask("GET http://a.localhost/", &[], b"").await;
    assert_eq!(third.problem(), (503, "overloaded".to_owned()), "the app has a half");
    let other = from(&host, 4).await.ask("GET http://b.localhost/", &[], b"").await;
    assert_eq!(
        (other.status, other.body.len()),
        (200, 1_000_000),
        "another app has its own"
    );
    drop(held);
    loop {
        let answer = from(&host, 4).await.ask("GET http://a.localhost/", &[], b"").await;
        if answer.status == 200 {
            assert_eq!(answer.body.len(), 30_000_000);
            break;
        }
    }
}

/// A connection from this address of the machine's own.
async fn from(host: &TestHost, last: u8) -> Wire {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
    Wire::on(socket.connect(host.ingress).await.unwrap())
}
