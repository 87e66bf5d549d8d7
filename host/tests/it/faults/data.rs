//! Faults under a load of writing runs: what was answered below 500 is there, and nothing is there by half.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::harness::disk::Disk;
use crate::harness::host::TestHost;
use crate::harness::http::Wire;
use crate::harness::server::Server;

/// Writes three entries that belong together.
const WRITE: &str = r#"
    let k = req.query["k"];
    kv::set(`a:${k}`, k); kv::set(`b:${k}`, k);
    `${kv::incr("count")}`
"#;
/// All of them: the count, and the keys of both kinds.
const READ: &str = r#"
    let seen = #{ count: kv::get("count", 0) };
    for kind in ["a", "b"] {
        let keys = []; let cursor = ();
        loop {
            let page = kv::list(`${kind}:`, #{ limit: 1000, cursor: cursor, values: false });
            for entry in page.entries { keys.push(entry.key.sub_string(2)); }
            cursor = page.cursor;
            if cursor == () { break; }
        }
        seen[kind] = keys;
    }
    seen
"#;
/// Kills of one test run; 50 were done by hand.
const KILLS: usize = 3;

/// Checks that what is there is whole, and holds all of `acknowledged`.
async fn check(apps: SocketAddr, acknowledged: &BTreeSet<String>) {
    let answer = Wire::connect(apps)
        .await
        .ask("GET http://a.localhost/read", &[], b"")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = answer.json();
    let keys = |kind: &str| -> BTreeSet<String> {
        let keys = seen[kind].as_array().expect("keys");
        keys.iter()
            .map(|key| key.as_str().expect("a text").to_owned())
            .collect()
    };
    assert_eq!(keys("a"), keys("b"), "a run is there by half");
    assert_eq!(
        seen["count"].as_u64(),
        Some(keys("a").len() as u64),
        "a run is there by half"
    );
    let there = keys("a");
    let lost: Vec<&String> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}

/// What clients know of each other.
#[derive(Default)]
struct Load {
    acknowledged: AtomicUsize,
    over: AtomicBool,
}

/// Writes until it cannot, or the load is over; what was acknowledged.
async fn write(apps: SocketAddr, name: String, load: Arc<Load>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let Ok(stream) = TcpStream::connect(apps).await else {
        return acknowledged;
    };
    let mut wire = Wire::on(stream);
    for number in 0.. {
        if load.over.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("{name}-{number}");
        let head = format!("GET /write?k={key} HTTP/1.1\r\nhost: a.localhost\r\n\r\n");
        if !wire.try_write(head.as_bytes()).await {
            break;
        }
        match wire.try_answer("GET").await {
            Some(answer) if answer.status < 500 => {
                assert_eq!(answer.status, 200, "{}", answer.text());
                acknowledged.push(key);
                load.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Some(_) => {}
            None => break,
        }
    }
    acknowledged
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_and_nothing_by_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        let server = Server::start(folder.path());
        if kill == 0 {
            server.app("a", &[("/write", WRITE), ("/read", READ)]);
        }
        let apps = server.address("scripts");
        check(apps, &acknowledged).await;
        let load = Arc::new(Load::default());
        let mut writing = JoinSet::new();
        for client in 0..8 {
            writing.spawn(write(apps, format!("{kill}-{client}"), Arc::clone(&load)));
        }
        // In the middle of whatever it does, at another moment each time.
        while load.acknowledged.load(Ordering::Relaxed) < 40 + 13 * kill {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(keys) = writing.join_next().await {
            acknowledged.extend(keys.expect("a client"));
        }
    }
    let server = Server::start(folder.path());
    check(server.address("scripts"), &acknowledged).await;
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_none() {
    let Some(disk) = Disk::mount() else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let server = Server::with(disk.path(), "", &[]);
    server.app("a", &[("/write", WRITE), ("/read", READ)]);
    let apps = server.address("scripts");
    let mut acknowledged = BTreeSet::new();
    for round in 0..2 {
        disk.fill();
        let mut refused = 0;
        for number in 0.. {
            let key = format!("{round}-{number}");
            let line = format!("GET http://a.localhost/write?k={key}");
            let answer = Wire::connect(apps).await.ask(&line, &[], b"").await;
            match answer.status {
                200 => drop(acknowledged.insert(key)),
                503 => {
                    assert_eq!(answer.problem().1, "unavailable");
                    assert_eq!(answer.header("retry-after"), Some("1"));
                    refused += 1;
                }
                status => panic!("{status}: {}", answer.text()),
            }
            if refused == 5 {
                break;
            }
        }
        // Reads go on.
        check(apps, &acknowledged).await;
        disk.free();
        let line = format!("GET http://a.localhost/write?k=free-{round}");
        assert_eq!(Wire::connect(apps).await.ask(&line, &[], b"").await.status, 200);
        acknowledged.insert(format!("free-{round}"));
        check(apps, &acknowledged).await;
    }
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_database_that_is_gone_and_back_loses_nothing() {
    let Some(host) = TestHost::real_on_both(&[]).await.into_iter().nth(1) else {
        return;
    };
    host.app("a", &[("GET /write", WRITE), ("GET /read", READ)]).await;
    let apps = host.ingress;
    let load = Arc::new(Load::default());
    let mut writing = JoinSet::new();
    for client in 0..8 {
        writing.spawn(write(apps, client.to_string(), Arc::clone(&load)));
    }
    for round in 1..4 {
        while load.acknowledged.load(Ordering::Relaxed) < 20 * round {
            tokio::task::yield_now().await;
        }
        host.database.lose().await;
        let answer = host.visit("GET http://a.localhost/read").await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
        assert_eq!(answer.header("retry-after"), Some("1"));
        host.database.find().await;
    }
    load.over.store(true, Ordering::Relaxed);
    let mut acknowledged = BTreeSet::new();
    while let Some(keys) = writing.join_next().await {
        acknowledged.extend(keys.expect("a client"));
    }
    check(apps, &acknowledged).await;
}
