//! Clients that ask for much and take nothing, over HTTP/2 and HTTP/1.1: the server's memory stays in its bound, and the
//! next client is served.

use std::fs;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::client::conn::http2::Builder;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::harness::http::{Wire, request};
use crate::harness::server::Server;

/// Without a bound, what is asked for here comes to 1 GB.
const MIB_MAX: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_have_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), "", &[]);
    server.app("big", &[("/", "blob(7000000)")]);
    let apps = server.address("scripts");

    let mut held = Vec::new();
    for _ in 0..4 {
        let stream = TcpStream::connect(apps).await.unwrap();
        let (mut sender, connection) = Builder::new(TokioExecutor::new())
            .initial_stream_window_size(0)
            .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        for _ in 0..24 {
            let asked = Request::get("http://big.localhost/").body(Full::default()).unwrap();
            let answer = sender.send_request(asked).await.unwrap();
            assert!(
                matches!(answer.status(), StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE),
                "{}",
                answer.status()
            );
            held.push(answer);
        }
    }
    let taken = held.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert!(
        (1..=4).contains(&taken),
        "{taken} answers of 7 MB are held for one address"
    );

    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut wire = Wire::connect(apps).await;
        wire.write(&request("GET http://big.localhost/", &[], b"")).await;
        slow.push(wire);
    }
    let mut other = Wire::connect(apps).await;
    assert_eq!(other.ask("GET http://demo.localhost/hello", &[], b"").await.status, 200);
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let mib = peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024;
    assert!(mib < MIB_MAX, "{mib} MiB at most");
    drop((held, slow));
    assert_eq!(server.stop(), Some(0));
}
