//! Too few file descriptors: there are fewer connections, and one listener does not take the other's.

use std::fs;

use crate::harness::http::Wire;
use crate::harness::server::Server;

/// 36 are left for connections: 27 of the apps' listener, 9 of the admin listener.
const LIMIT: &str = "ulimit -n 100";

#[tokio::test]
async fn connections_never_take_the_last_descriptor() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("PICLOUD_TRUSTED_PROXIES", "127.0.0.1"),
        ("PICLOUD_HEADER_MS_MAX", "600000"),
    ];
    let server = Server::with(folder.path(), LIMIT, &settings);
    let (apps, admin) = (server.address("scripts"), server.address("management"));
    assert!(
        server.log().contains("27 connections of the apps' listener"),
        "{}",
        server.log()
    );
    for (full, places, other) in [(apps, 27, admin), (admin, 9, apps)] {
        let mut held = Vec::new();
        for _ in 0..places {
            let mut wire = Wire::connect(full).await;
            assert_eq!(wire.ask("GET http://localhost/healthz", &[], b"").await.status, 200);
            held.push(wire);
        }
        let mut waiting = Vec::new();
        for _ in 0..100 {
            let mut wire = Wire::connect(full).await;
            wire.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .await;
            waiting.push(wire);
        }
        let open = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
        assert!(open < 100, "{open}");
        let mut wire = Wire::connect(other).await;
        assert_eq!(wire.ask("GET http://localhost/healthz", &[], b"").await.status, 200);
        drop(held);
        // Whoever waited has its turn.
        for mut wire in waiting {
            assert_eq!(wire.answer().await.status, 200);
        }
    }
    assert!(
        !server.log().contains("no connection can be accepted"),
        "{}",
        server.log()
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn with_hardly_any_it_says_so_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let said = Server::refusal(folder.path(), "ulimit -n 70", &[]);
    assert!(
        said.contains("may have 70 files open (ulimit -n), and needs 80"),
        "{said}"
    );
}
