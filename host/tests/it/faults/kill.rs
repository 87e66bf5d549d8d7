//! SIGKILL in the middle of everything: what was acknowledged is there after the next start.

use crate::harness::server::Server;
use crate::walkthrough::bash;

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let port = server.at("scripts").rsplit(':').next().expect("a port").to_owned();
    let saves = format!(
        r#"
        # A load of requests beside the saves.
        (while true; do curl -sS -o /dev/null http://demo.localhost:{port}/hello || exit 0; done) &
        load=$!
        for n in $(seq 1 40); do
            curl -sS --fail -o /dev/null -X PUT -H "authorization: Bearer $PICLOUD_TOKEN" \
                "$PICLOUD_URL/api/v1/apps/demo/scripts/s$n" --json "{{\"kind\": \"endpoint\", \"source\": \"$n\"}}" || break
            echo "$n"
            # Killed while it goes on.
            if [ "$n" = 15 ]; then kill -KILL {pid} & fi
        done
        kill "$load" 2>/dev/null || true
        "#,
        pid = server.id(),
    );
    let acknowledged: Vec<u32> = bash(&saves, &server)
        .lines()
        .map(|line| line.parse().expect("a number"))
        .collect();
    assert!(acknowledged.len() >= 15, "{acknowledged:?}");
    server.kill();

    let server = Server::start(folder.path());
    for n in acknowledged {
        let found = bash(
            &format!(
                "curl -sS --fail -H \"authorization: Bearer $PICLOUD_TOKEN\" $PICLOUD_URL/api/v1/apps/demo/scripts/s{n}"
            ),
            &server,
        );
        assert!(found.contains(&format!("\"source\":\"{n}\"")), "{found}");
    }
    assert_eq!(server.stop(), Some(0));
}
