//! A full disk under a whole server: changes are refused as a matter of time, scripts answer, and when there is room again
//! everything goes on, with all executions.

use crate::harness::disk::Disk;
use crate::harness::http::Wire;
use crate::harness::server::Server;

#[tokio::test]
async fn a_server_goes_on_after_a_full_disk() {
    let Some(disk) = Disk::mount() else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let server = Server::with(disk.path(), "", &[]);
    server.app("a", &[("/", "log::info(`asked`); `done`")]);
    let apps = server.address("scripts");
    let mut answered = 0;
    for round in 0..3 {
        disk.fill();
        let save = || server.put("/apps/a/scripts/big", &format!("`{}`", "x".repeat(60_000)));
        assert_eq!(save(), 503, "{round}");
        for _ in 0..5 {
            let answer = Wire::connect(apps).await.ask("GET http://a.localhost/", &[], b"").await;
            assert_eq!(answer.text(), "done", "{round}");
            answered += 1;
        }
        assert_eq!(save(), 503, "{round}");
        disk.free();
        assert!(matches!(save(), 200 | 201), "{round}");
        while server.executions("a") < answered {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(server.executions("a"), answered);
    assert_eq!(server.stop(), Some(0));
}
