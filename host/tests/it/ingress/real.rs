//! The whole way: a socket, a sandbox, a row.

use std::time::{Duration, Instant};

use crate::harness::host::TestHost;

#[tokio::test]
async fn a_script_answers_and_its_author_sees_what_happened() {
    let host = TestHost::real(&[]).await;
    let source = r#"
        log::info("asked", #{ by: req.params.name });
        reply(201).header("x-two", "1").json(#{ hello: req.params.name, q: req.query["q"], len: req.blob().len() })
    "#;
    host.app("a", &[("POST /hello/{name}", source)]).await;
    let answer = host
        .send("POST http://a.localhost/hello/w%C3%B6rld?q=1", &[], &[0, 255, 128])
        .await;
    assert_eq!(
        (answer.status, answer.header("x-two")),
        (201, Some("1")),
        "{}",
        answer.text()
    );
    assert_eq!(answer.json()["hello"], "wörld");
    assert_eq!(answer.json()["len"], 3);
    let record = host.execution("a", answer.header("x-execution-id").unwrap()).await;
    assert_eq!(record["log"][0]["fields"]["by"], "wörld");
    assert_eq!(record["ending"], "replied");
}

#[tokio::test]
async fn any_bytes_survive_a_sandbox() {
    let host = TestHost::real(&[]).await;
    host.app("a", &[("POST /", "req.blob()")]).await;
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    assert_eq!(host.send("POST http://a.localhost/", &[], &bytes).await.body, bytes);
}

/// What a script may do without end: computing, asking the host, throwing.
const NOISES: [&str; 3] = [
    "loop {}",
    "loop { log::debug(\"\"); for j in 0..160 {} }",
    "loop { try { throw \"x\" } catch { } }",
];

#[tokio::test]
async fn a_neighbour_that_is_busy_in_every_place_it_has_does_not_stop_others() {
    for noise in NOISES {
        let host = TestHost::real(&[
            ("PICLOUD_RUNS_MAX", "8"),
            ("PICLOUD_RUNS_PER_APP_MAX", "4"),
            ("PICLOUD_RUN_WAIT_MS_MAX", "0"),
            ("PICLOUD_FUEL_MAX", "1000000000000"),
            ("PICLOUD_HOST_CALLS_MAX", "10000000"),
            ("PICLOUD_LOG_BYTES_MAX", "16777216"),
            ("PICLOUD_WALL_MS_MAX", "60000"),
        ])
        .await;
        host.app("noisy", &[("GET /", noise)]).await;
        host.app("good", &[("GET /", "`hello`")]).await;
        let mut held = Vec::new();
        while host.host.admission.in_flight() < 4 {
            let mut wire = host.connect().await;
            wire.write(b"GET / HTTP/1.1\r\nhost: noisy.localhost\r\n\r\n").await;
            held.push(wire);
            let patience = Instant::now() + Duration::from_secs(10);
            while host.host.admission.in_flight() < u32::try_from(held.len()).unwrap().min(4)
                && Instant::now() < patience
            {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(host.visit("GET http://noisy.localhost/").await.status, 429, "{noise}");
        for _ in 0..20 {
            assert_eq!(
                host.visit("GET http://good.localhost/").await.text(),
                "hello",
                "{noise}"
            );
        }
        assert_eq!(host.host.admission.in_flight(), 4, "{noise}: it was busy all the time");
        // Whoever hangs up takes the loop with it.
        drop(held);
        while host.host.admission.in_flight() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_busy_script_meets_its_deadline_while_others_run() {
    let host = TestHost::real(&[
        ("PICLOUD_FUEL_MAX", "1000000000000"),
        ("PICLOUD_HOST_CALLS_MAX", "10000000"),
        ("PICLOUD_LOG_BYTES_MAX", "16777216"),
        ("PICLOUD_WALL_MS_MAX", "300"),
    ])
    .await;
    host.app("good", &[("GET /", "`hello`")]).await;
    for (number, noise) in NOISES.into_iter().enumerate() {
        let app = format!("noisy{number}");
        host.app(&app, &[("GET /", noise)]).await;
        let mut wire = host.connect().await;
        wire.write(format!("GET / HTTP/1.1\r\nhost: {app}.localhost\r\n\r\n").as_bytes())
            .await;
        let mut meanwhile = 0;
        let answer = loop {
            tokio::select! {
                biased;
                answer = wire.answer() => break answer,
                good = host.visit("GET http://good.localhost/") => {
                    assert_eq!(good.text(), "hello", "{noise}");
                    meanwhile += 1;
                }
            }
        };
        assert_eq!(answer.problem(), (504, "timed_out".to_owned()), "{noise}");
        assert!(meanwhile > 0, "{noise}: nobody else was answered");
    }
}
