//! Letting go of a request.

use serde_json::{Value, json};

use super::{
    COUNT, IN_HAND, LATER, PLENTY, RUNS, WAITS, ask, at, fill_hands, got, later, place, reply, runs, until,
    until_none_waits,
};
use crate::harness::host::TestHost;
use crate::harness::peer::{Peer, Talk, ok};

/// Lets go of it, and sees that nothing is left.
async fn cancel(host: &TestHost, place: &str) {
    // However often.
    for _ in 0..2 {
        let cancelled = at(host, "DELETE", place).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
        assert_eq!(cancelled.json()["status"], "cancelled");
        assert_eq!(
            at(host, "GET", place).await.problem(),
            (410, "request_cancelled".to_owned())
        );
    }
}

#[tokio::test]
async fn what_waits_is_not_run() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        let places = fill_hands(&host).await;
        let mut waiting = Vec::new();
        for place in &places {
            if at(&host, "GET", place).await.json()["status"] == "waiting" {
                waiting.push(place.clone());
            }
        }
        assert_eq!(waiting.len(), 1);
        cancel(&host, &waiting[0]).await;
        host.puppet.open(PLENTY);
        for place in places.iter().filter(|place| **place != waiting[0]) {
            assert_eq!(reply(&host, place).await.text(), "done");
        }
        until_none_waits(&host).await;
        assert_eq!(host.executions("a").await.len(), IN_HAND);
        assert_eq!(at(&host, "GET", &waiting[0]).await.status, 410);
    }
}

#[tokio::test]
async fn what_runs_is_ended_and_nothing_of_it_is_kept() {
    for host in TestHost::on_both(&[]).await {
        host.app("a", &[("POST /", "wait\nreply 200 done")]).await;
        let place = place(&ask(&host, "POST /", &[], b"").await);
        host.puppet.waiting(1).await;
        cancel(&host, &place).await;
        // The run is gone, and its place is free.
        host.puppet.waiting(0).await;
        until_none_waits(&host).await;
        let executions = host.executions("a").await;
        assert_eq!(executions.len(), 1);
        assert_eq!(executions[0]["ending"], "cancelled");
        host.puppet.open(PLENTY);
        assert_eq!(later(&host, "POST /", &[], b"").await.text(), "done");
    }
}

#[tokio::test]
async fn what_is_answered_stays() {
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("POST /", COUNT), RUNS]).await;
        let place = place(&ask(&host, "POST /", &[], b"x").await);
        let answer = reply(&host, &place).await;
        assert_eq!(
            at(&host, "DELETE", &place).await.problem(),
            (409, "already_answered".to_owned())
        );
        let again = at(&host, "GET", &place).await;
        assert_eq!((again.status, again.body), (201, answer.body));
        assert_eq!(runs(&host).await, "1");
        // That it is cancelled is forgotten like a reply.
        let unknown = format!("{}0", &place[..place.len() - 1]);
        let other = format!("{}1", &place[..place.len() - 1]);
        let unknown = if unknown == place { other } else { unknown };
        assert_eq!(
            at(&host, "DELETE", &unknown).await.problem(),
            (404, "not_found".to_owned())
        );
    }
}

#[tokio::test]
async fn what_another_server_runs_comes_to_nothing() {
    let settings = [("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.2/32")];
    let Some(hosts) = TestHost::two_on_postgres(&settings).await else {
        return;
    };
    let (release, released) = tokio::sync::watch::channel(false);
    let peer = Peer::on("127.0.0.2:0", move |mut talk: Talk| {
        let mut released = released.clone();
        async move {
            while talk.request().await.is_some() {
                let _ = released.wait_for(|released| *released).await;
                let _ = talk.say(&ok("text/plain", "now")).await;
            }
        }
    });
    let source = format!("http::get(\"http://127.0.0.2:{}/\"); kv::incr(\"n\")", peer.port());
    hosts[0].app("a", &[("POST /", &source), RUNS]).await;
    let allowed = hosts[0]
        .manage("PUT /apps/a/allow/127.0.0.2", json!({ "methods": [] }))
        .await;
    assert_eq!(allowed.status, 204, "{}", allowed.text());
    hosts[1].follow().await;
    let mut places = Vec::new();
    for host in &hosts {
        let accepted = host.send("POST http://a.localhost/", &[LATER], b"").await;
        places.push(place(&accepted));
    }
    let is_in_hand = |page: &Value| {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["is_leased"] == true)
    };
    until(&hosts[0], WAITS, is_in_hand).await;
    while peer.requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    // Whichever runs it, either may be asked.
    for place in &places {
        for host in &hosts {
            assert_eq!(at(host, "GET", place).await.json()["status"], "running");
        }
        cancel(&hosts[0], place).await;
        assert_eq!(at(&hosts[1], "GET", place).await.status, 410);
    }
    assert_eq!(got(&hosts[0], WAITS).await["items"], json!([]));
    release.send(true).unwrap();
    let over = "/apps/a/executions?limit=100";
    until(&hosts[0], over, |page| page["items"].as_array().unwrap().len() == 2).await;
    let executions = hosts[0].executions("a").await;
    let endings: Vec<_> = executions.iter().map(|one| one["ending"].as_str().unwrap()).collect();
    // Ended where it was let go of, and undone on the other one.
    assert!(
        endings.iter().all(|ending| ["cancelled", "undone"].contains(ending)),
        "{endings:?}"
    );
    assert_eq!(runs(&hosts[0]).await, "0");
}
