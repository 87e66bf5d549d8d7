//! Little address space: sandboxes are arranged to fit, and a script that wants more memory than it may have is stopped
//! without harm to anybody.

use crate::harness::http::Wire;
use crate::harness::server::Server;

/// In KiB: too little for reservations of 4 GiB each.
const LIMIT: &str = "ulimit -v 3000000";

const HUNGRY: &str = "let a = []; loop { a.push(blob(1000000)); }";

#[tokio::test]
async fn a_server_in_little_address_space_serves() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), LIMIT, &[("PICLOUD_RUNS_MAX", "8")]);
    server.app("hungry", &[("/", HUNGRY)]);
    let apps = server.address("scripts");
    let asking = (0..6).map(|_| async {
        let mut wire = Wire::connect(apps).await;
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(wire.ask("GET http://hungry.localhost/", &[], b"").await.status);
            statuses.push(wire.ask("GET http://demo.localhost/hello", &[], b"").await.status);
        }
        statuses
    });
    for statuses in futures_util::future::join_all(asking).await {
        for pair in statuses.chunks(2) {
            assert!(matches!(pair, [500 | 503 | 429, 200]), "{statuses:?}");
        }
    }
    assert_eq!(server.stop(), Some(0));
}
