//! SIGTERM under load: what was admitted is answered and recorded, and the end is a good one.

use std::net::SocketAddr;

use crate::harness::http::Wire;
use crate::harness::server::Server;

/// What leaves a log line is never forgotten in a rush.
const NOTED: &str = "log::info(`asked`); `done`";
/// Long enough to be seen under way.
const LONG: &str = "let n = 0; while n < 3000000 { n += 1; } `done`";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("PICLOUD_HISTORY_BYTES_PER_APP", "1073741824")];
    let server = Server::with(folder.path(), "", &settings);
    server.app("a", &[("/", NOTED)]);
    let apps = server.address("scripts");
    let clients: Vec<_> = (0..4).map(|_| tokio::spawn(ask_until_the_end(apps))).collect();
    while server.executions("a") < 20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stop(), Some(0));
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    let server = Server::with(folder.path(), "", &settings);
    let recorded = server.executions("a");
    assert!(
        answered >= 20 && recorded >= answered,
        "{answered} answers, {recorded} records"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), "", &[("PICLOUD_FUEL_MAX", "1000000000000")]);
    server.app("a", &[("/", LONG)]);
    let mut wire = Wire::connect(server.address("scripts")).await;
    wire.write(b"GET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
    while server.runs() == 0 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::task::spawn_blocking(|| server.stop());
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.text()), (200, "done"));
    assert_eq!(stopping.await.unwrap(), Some(0));
}

async fn ask_until_the_end(apps: SocketAddr) -> usize {
    let mut answered = 0;
    let mut wire = Wire::connect(apps).await;
    while wire.try_ask("GET http://a.localhost/").await {
        answered += 1;
    }
    answered
}
