//! More servers than one, and fewer.

use super::{COUNT, LATER, PLENTY, RUNS, ask, at, place, reply, runs, until_none_waits};
use crate::harness::host::TestHost;

#[tokio::test]
async fn either_of_two_servers_may_be_asked() {
    let Some(hosts) = TestHost::two_on_postgres(&[]).await else {
        return;
    };
    hosts[0].app("a", &[("POST /", COUNT), RUNS]).await;
    hosts[1].follow().await;
    for turn in 0..10 {
        let (one, other) = (&hosts[turn % 2], &hosts[(turn + 1) % 2]);
        let accepted = one.send("POST http://a.localhost/", &[LATER], b"x").await;
        let place = place(&accepted);
        let answer = reply(other, &place).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let same = at(one, "GET", &place).await;
        assert_eq!((same.status, same.body), (answer.status, answer.body));
    }
    assert_eq!(runs(&hosts[0]).await, "10");
}

#[tokio::test]
async fn what_servers_are_lost_with_again_and_again_is_answered() {
    let host = TestHost::with(&[]).await;
    host.app("a", &[("POST /", "wait\nreply 200 done"), RUNS]).await;
    let place = place(&ask(&host, "POST /", &[], b"").await);
    host.puppet.waiting(1).await;
    // As if this were the last attempt of three that nobody lived to end.
    host.tamper("update messages set attempt = 3").await;
    host.advance_ms(60_000);
    let answer = reply(&host, &place).await;
    assert_eq!(answer.problem(), (500, "lost".to_owned()));
    // Whoever was at it all the time comes too late.
    host.puppet.open(PLENTY);
    host.puppet.waiting(0).await;
    until_none_waits(&host).await;
    assert_eq!(at(&host, "GET", &place).await.status, 500);
    let executions = host.executions("a").await;
    let endings: Vec<_> = executions.iter().map(|one| one["ending"].as_str().unwrap()).collect();
    assert_eq!(endings, ["undone"]);
}
