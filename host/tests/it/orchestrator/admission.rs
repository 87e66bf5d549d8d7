//! Places: who is refused, how, and that every place comes back.

use serde_json::json;

use crate::harness::host::TestHost;

const TWO_PLACES: &[(&str, &str)] = &[
    ("PICLOUD_RUNS_MAX", "3"),
    ("PICLOUD_RUNS_PER_APP_MAX", "2"),
    ("PICLOUD_RUN_WAIT_MS_MAX", "0"),
];

#[tokio::test]
async fn an_app_at_its_bound_is_refused_and_others_go_on() {
    let host = TestHost::with(TWO_PLACES).await;
    host.app("noisy", &[("GET /wait", "wait"), ("POST /", "body")]).await;
    host.app("good", &[("GET /", "reply 200"), ("GET /wait", "wait")]).await;
    let mut held = [host.connect().await, host.connect().await, host.connect().await];
    for (at, wire) in held.iter_mut().enumerate() {
        let app = ["noisy", "noisy", "good"][at];
        if at == 2 {
            assert_eq!(host.visit("GET http://good.localhost/").await.status, 200);
        }
        wire.write(format!("GET /wait HTTP/1.1\r\nhost: {app}.localhost\r\n\r\n").as_bytes())
            .await;
        host.puppet.waiting(at + 1).await;
        if at == 1 {
            let answer = host.visit("GET http://noisy.localhost/wait").await;
            assert_eq!(answer.problem(), (429, "too_many_runs".to_owned()));
            assert_eq!(
                (answer.header("retry-after"), answer.header("x-execution-id")),
                (Some("1"), None)
            );
            // Before any work: the body is not even read.
            let mut wire = host.connect().await;
            wire.write(b"POST / HTTP/1.1\r\nhost: noisy.localhost\r\ncontent-length: 1000000\r\n\r\n")
                .await;
            assert_eq!(wire.answer().await.status, 429);
        }
    }
    let answer = host.visit("GET http://good.localhost/").await;
    assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    host.puppet.open(3);
    for wire in &mut held {
        assert_eq!(wire.answer().await.status, 200);
    }
    assert_eq!(
        (
            host.executions("noisy").await.len(),
            host.executions("good").await.len()
        ),
        (2, 2)
    );
}

#[tokio::test]
async fn a_client_that_goes_away_gives_the_place_back_and_leaves_a_record() {
    let host = TestHost::with(TWO_PLACES).await;
    host.app("a", &[("GET /wait", "wait"), ("GET /", "reply 200")]).await;
    for _ in 0..5 {
        let mut wire = host.connect().await;
        wire.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
        host.puppet.waiting(1).await;
        drop(wire);
        host.puppet.waiting(0).await;
    }
    assert_eq!(host.visit("GET http://a.localhost/").await.status, 200);
    let endings: Vec<_> = host
        .executions("a")
        .await
        .into_iter()
        .map(|record| record["ending"].clone())
        .collect();
    assert_eq!(endings.iter().filter(|ending| *ending == "cancelled").count(), 5);
}

#[tokio::test]
async fn a_reload_of_the_app_forgets_no_place() {
    let host = TestHost::with(TWO_PLACES).await;
    host.app("a", &[("GET /wait", "wait")]).await;
    let mut held = [host.connect().await, host.connect().await];
    for (at, wire) in held.iter_mut().enumerate() {
        wire.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
        host.puppet.waiting(at + 1).await;
        host.script("a", "more", "reply 200").await;
        host.route("a", &format!("GET /more-{at}"), "more", None).await;
    }
    assert_eq!(host.visit("GET http://a.localhost/more-0").await.status, 429);
    host.puppet.open(2);
    for wire in &mut held {
        assert_eq!(wire.answer().await.status, 200);
    }
}

#[tokio::test]
async fn a_trial_is_admitted_like_any_run() {
    let host = TestHost::with(TWO_PLACES).await;
    host.app("a", &[("GET /wait", "wait")]).await;
    let mut held = [host.connect().await, host.connect().await];
    for (at, wire) in held.iter_mut().enumerate() {
        wire.write(b"GET /wait HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
        host.puppet.waiting(at + 1).await;
    }
    let trial = host.manage("POST /apps/a/scripts/script_0/run", json!({})).await;
    assert_eq!(trial.problem(), (429, "too_many_runs".to_owned()));
    host.puppet.open(2);
    for wire in &mut held {
        assert_eq!(wire.answer().await.status, 200);
    }
    assert_eq!(host.host.admission.in_flight(), 0);
}
