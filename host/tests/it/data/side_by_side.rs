//! Many clients at once.

use std::sync::Arc;

use crate::harness::host::TestHost;

const COUNT: &str = "let n = kv::get(\"n\") ?? 0; kv::set(\"n\", n + 1); n";

/// So many clients of each host, each with so many requests on one connection; all of them are answered with 200.
async fn visit_all(hosts: &[Arc<TestHost>], line: &'static str, clients: usize, requests: usize) {
    let mut visiting = tokio::task::JoinSet::new();
    for host in hosts {
        for client in 0..clients {
            let host = Arc::clone(host);
            visiting.spawn(async move {
                let mut wire = host.connect().await;
                for request in 0..requests {
                    let answer = wire.ask(line, &[], b"").await;
                    assert_eq!(answer.status, 200, "{client}/{request}: {}", answer.text());
                }
            });
        }
    }
    while let Some(done) = visiting.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_counter_counts_every_request() {
    for host in TestHost::real_on_both(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await {
        host.app("a", &[("GET /", COUNT), ("GET /n", "kv::get(\"n\")")]).await;
        let host = Arc::new(host);
        visit_all(&[Arc::clone(&host)], "GET http://a.localhost/", 64, 20).await;
        assert_eq!(host.visit("GET http://a.localhost/n").await.text(), "1280");
        assert_eq!(host.number("select csn from app_clocks").await, 1280);
    }
}

#[tokio::test]
async fn two_servers_on_one_database_count_every_request() {
    let Some(hosts) = TestHost::two_on_postgres(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await else {
        return;
    };
    hosts[0]
        .app("a", &[("GET /", COUNT), ("GET /n", "kv::get(\"n\")")])
        .await;
    hosts[1].follow().await;
    let hosts = hosts.map(Arc::new);
    visit_all(&hosts, "GET http://a.localhost/", 32, 20).await;
    for host in &hosts {
        assert_eq!(host.visit("GET http://a.localhost/n").await.text(), "1280");
    }
}
