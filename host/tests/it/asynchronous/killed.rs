//! SIGKILL in the middle: what was accepted is answered all the same, and done once.

use std::net::SocketAddr;

use tokio::task::JoinSet;

use super::LATER;
use crate::harness::http::{Answer, Wire, request};
use crate::harness::server::Server;

const KILLS: usize = 3;
const LINE: &str = "POST http://a.localhost/orders";
/// Says how often it was done for this body.
const DOES: &str = "let n = kv::incr(\"k/\" + req.text()); `${req.text()} ${n}`";

/// Sends one request after another until the server is gone; where the replies to those are that it accepted.
async fn order(apps: SocketAddr, client: String) -> Vec<(String, String)> {
    let mut accepted = Vec::new();
    let mut wire = Wire::connect(apps).await;
    for number in 0.. {
        let body = format!("{client}-{number}");
        if !wire.try_write(&request(LINE, &[LATER], body.as_bytes())).await {
            break;
        }
        let Some(answer) = wire.try_answer("POST").await else {
            break;
        };
        assert_eq!(answer.status, 202, "{}", answer.text());
        accepted.push((body, answer.header("location").unwrap().to_owned()));
    }
    accepted
}

async fn reply(apps: SocketAddr, place: &str) -> Answer {
    let line = format!("GET http://a.localhost{place}");
    let mut wire = Wire::connect(apps).await;
    loop {
        let answer = wire.ask(&line, &[], b"").await;
        if answer.status != 202 {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_accepted_before_a_kill_is_answered_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("PICLOUD_ASYNC_WAITING_PER_APP", "1000000")];
    let mut accepted = Vec::new();
    for kill in 0..KILLS {
        let server = Server::with(folder.path(), "", &settings);
        if kill == 0 {
            server.app("a", &[("POST /orders", DOES)]);
        }
        let apps = server.address("scripts");
        let mut clients = JoinSet::new();
        for client in 0..4 {
            clients.spawn(order(apps, format!("{kill}-{client}")));
        }
        // In the middle of whatever it does, at another moment each time.
        for _ in 0..10 + 7 * kill {
            let first = Wire::connect(apps).await.ask(LINE, &[LATER], b"first").await;
            assert_eq!(first.status, 202);
        }
        server.kill();
        accepted.extend(clients.join_all().await.into_iter().flatten());
    }
    assert!(!accepted.is_empty());
    let server = Server::with(folder.path(), "", &settings);
    let apps = server.address("scripts");
    let answering = async {
        for (body, place) in &accepted {
            let answer = reply(apps, place).await;
            assert_eq!((answer.status, answer.text()), (200, format!("{body} 1").as_str()));
        }
    };
    tokio::time::timeout(super::PATIENCE, answering)
        .await
        .expect("all are answered");
    assert_eq!(server.stop(), Some(0));
}
