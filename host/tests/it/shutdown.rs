//! Told to stop: what was admitted is answered and recorded, nothing else is begun.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::host::TestHost;

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_is_begun() {
    let mut host = TestHost::start().await;
    host.app("a", &[("GET /wait", "wait\nreply 200 done")]).await;
    let mut idle = host.connect().await;
    assert_eq!(idle.ask("GET http://a.localhost/nothing", &[], b"").await.status, 404);
    let mut busy = host.connect().await;
    busy.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
    host.puppet.waiting(1).await;

    host.stop.cancel();
    assert_eq!(idle.rest().await, b"", "idle connections are closed at once");
    // The listener is a task of its own, and closes when it gets its turn.
    let closed = async {
        while TcpStream::connect(host.ingress).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), closed)
        .await
        .expect("nobody listens any more");
    host.puppet.open(1);
    assert_eq!(busy.answer().await.text(), "done");
    assert_eq!(busy.rest().await, b"", "and that was the last one");
    host.stop();
    assert_eq!(host.host.committer.figures().waiting, 0);
}

#[tokio::test]
async fn what_takes_too_long_is_dropped_and_recorded() {
    let mut host = TestHost::with(&[("PICLOUD_DRAIN_MS_MAX", "50")]).await;
    host.app("a", &[("GET /wait", "wait")]).await;
    let mut wire = host.connect().await;
    wire.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
    host.puppet.waiting(1).await;
    host.stop();
    assert!(wire.try_answer("GET").await.is_none());
    host.puppet.waiting(0).await;
    assert_eq!(host.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn everything_that_was_answered_is_recorded_when_it_stops_under_load() {
    let mut host = TestHost::start().await;
    host.app("a", &[("GET /", "reply 204")]).await;
    let ingress = host.ingress;
    let clients: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(async move {
                let mut answered = 0;
                let mut wire = crate::harness::http::Wire::connect(ingress).await;
                while wire.try_ask("GET http://a.localhost/").await {
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    while host.host.committer.figures().waiting < 50 && host.endings().await.len() < 50 {
        tokio::task::yield_now().await;
    }
    host.stop.cancel();
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    host.stop();
    let recorded = host.endings().await.len();
    assert!(recorded >= answered, "{answered} answers, {recorded} records");
}
