//! SIGKILL in the middle: a request is done once all the same.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use super::{ORDER, RUNS};
use crate::harness::http::{Answer, Wire, request};
use crate::harness::server::Server;

const KILLS: usize = 3;
const LINE: &str = "POST http://a.localhost/orders";

/// Sends one request after another, each with a key of its own, until the server is gone; what came of each.
async fn order(apps: SocketAddr, client: String, answered: Arc<AtomicUsize>) -> BTreeMap<String, Option<String>> {
    let mut sent = BTreeMap::new();
    let mut wire = Wire::connect(apps).await;
    for number in 0.. {
        let key = format!("{client}-{number}");
        let bytes = request(LINE, &[("idempotency-key", &key)], key.as_bytes());
        let answer = if wire.try_write(&bytes).await {
            wire.try_answer("POST").await
        } else {
            None
        };
        let order = answer.as_ref().map(|answer| answer.text().to_owned());
        let is_over = order.is_none();
        sent.insert(key, order);
        if is_over {
            break;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    sent
}

async fn again(apps: SocketAddr, key: &str) -> Answer {
    let mut wire = Wire::connect(apps).await;
    wire.ask(LINE, &[("idempotency-key", key)], key.as_bytes()).await
}

#[tokio::test]
async fn what_was_sent_before_a_kill_and_is_sent_again_is_done_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sent = BTreeMap::new();
    for kill in 0..KILLS {
        let server = Server::start(folder.path());
        if kill == 0 {
            server.app("a", &[("POST /orders", ORDER), RUNS]);
        }
        let apps = server.address("scripts");
        let answered = Arc::new(AtomicUsize::new(0));
        let mut clients = JoinSet::new();
        for client in 0..8 {
            clients.spawn(order(apps, format!("{kill}-{client}"), Arc::clone(&answered)));
        }
        // In the middle of whatever it does, at another moment each time.
        while answered.load(Ordering::Relaxed) < 20 + 13 * kill {
            tokio::task::yield_now().await;
        }
        server.kill();
        sent.extend(clients.join_all().await.into_iter().flatten());
    }
    let server = Server::start(folder.path());
    let apps = server.address("scripts");
    for (key, order) in &sent {
        let answer = again(apps, key).await;
        assert_eq!(answer.status, 201, "{key}: {}", answer.text());
        if let Some(order) = order {
            assert_eq!(answer.text(), order, "{key}");
            assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{key}");
        }
    }
    let count = Wire::connect(apps)
        .await
        .ask("GET http://a.localhost/n", &[], b"")
        .await;
    assert_eq!(count.json(), json!(sent.len()));
    assert_eq!(server.stop(), Some(0));
}
