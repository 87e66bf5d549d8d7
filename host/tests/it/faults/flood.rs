//! Scripts that log as much as they can: their history stays in its bound, others' stays whole, the server's own log says
//! nothing of it.

use std::net::SocketAddr;

use crate::harness::http::Wire;
use crate::harness::server::Server;

/// All the bytes that a run may log, in lines and in fields.
const FLOOD: &str = "for i in 0..60 { log::warn(\"x\".pad_text(), #{ n: i, text: \"y\".pad_text() }); }
    fn pad_text() { let text = this; text.pad(500, text); text }
    `flooded`";
const HISTORY_BYTES: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_log_lines_drowns_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let history = HISTORY_BYTES.to_string();
    let server = Server::with(folder.path(), "", &[("PICLOUD_HISTORY_BYTES_PER_APP", &history)]);
    server.app("loud", &[("/", FLOOD)]);
    server.app("quiet", &[("/", "log::info(`once`); `ok`")]);
    let apps = server.address("scripts");
    assert_eq!(ask(apps, "quiet").await, (200, "ok".to_owned()));
    let before = server.log().len();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(async move {
                for _ in 0..50 {
                    let (status, text) = ask(apps, "loud").await;
                    assert!(matches!(status, 200 | 429 | 503), "{status} {text}");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(ask(apps, "quiet").await, (200, "ok".to_owned()));
    assert_eq!(server.executions("quiet"), 2);
    let kept = server.executions("loud");
    assert!((1..100).contains(&kept), "{kept} executions of the flood are kept");
    let said = server.log()[before..].lines().count();
    assert!(said < 5, "{}", server.log());
    assert_eq!(server.stop(), Some(0));
}

async fn ask(apps: SocketAddr, app: &str) -> (u16, String) {
    let line = format!("GET http://{app}.localhost/");
    let answer = Wire::connect(apps).await.ask(&line, &[], b"").await;
    (answer.status, answer.text().to_owned())
}
