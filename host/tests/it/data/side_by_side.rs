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

/// So many clients, each with requests of its own, all answered with 200 or 409.
async fn ask_all(host: &Arc<TestHost>, clients: usize, lines: impl Fn(usize) -> Vec<String>) -> Vec<u16> {
    let mut asking = tokio::task::JoinSet::new();
    for client in 0..clients {
        let (host, lines) = (Arc::clone(host), lines(client));
        asking.spawn(async move {
            let mut wire = host.connect().await;
            let mut statuses = Vec::new();
            for line in lines {
                let answer = wire.ask(&line, &[], b"").await;
                assert!([200, 409].contains(&answer.status), "{line}: {}", answer.text());
                statuses.push(answer.status);
            }
            statuses
        });
    }
    asking.join_all().await.concat()
}

#[tokio::test]
async fn a_sum_stays_whatever_is_transferred_and_whoever_looks() {
    const TRANSFER: &str = r#"
        let from = docs::get("accounts", req.query["from"]); let to = docs::get("accounts", req.query["to"]);
        let amount = if from.balance < 7 { from.balance } else { 7 };
        docs::update("accounts", from.id, #{ balance: from.balance - amount });
        docs::update("accounts", to.id, #{ balance: to.balance + amount });
        amount
    "#;
    const SUM: &str = r#"
        let sum = 0;
        for account in docs::find("accounts", #{}).documents { sum += account.balance; }
        if sum == 500 { reply(200) } else { reply(409).json(sum) }
    "#;
    for host in TestHost::real_on_both(&[]).await {
        let fill = "for i in 0..5 { docs::upsert(\"accounts\", `${i}`, #{ balance: 100 }); } 0";
        host.app(
            "a",
            &[("GET /fill", fill), ("GET /transfer", TRANSFER), ("GET /sum", SUM)],
        )
        .await;
        assert_eq!(host.visit("GET http://a.localhost/fill").await.status, 200);
        let host = Arc::new(host);
        let statuses = ask_all(&host, 12, |client| {
            let line = |n: usize| match client % 3 {
                0 => "GET http://a.localhost/sum".to_owned(),
                _ => format!(
                    "GET http://a.localhost/transfer?from={}&to={}",
                    (client + n) % 5,
                    (client + n + 1 + n % 4) % 5
                ),
            };
            (0..15).map(line).collect()
        });
        assert!(
            statuses.await.iter().all(|status| *status == 200),
            "a sum was another one"
        );
        assert_eq!(host.visit("GET http://a.localhost/sum").await.status, 200);
    }
}

#[tokio::test]
async fn who_finds_none_and_inserts_is_the_only_one() {
    const REGISTER: &str = r#"
        let mail = req.query["mail"];
        if docs::first("users", #{ mail: mail }) != () { return reply(409); }
        docs::insert("users", #{ mail: mail })
    "#;
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", REGISTER), ("GET /count", "docs::count(\"users\")")])
            .await;
        let host = Arc::new(host);
        let statuses = ask_all(&host, 16, |_| {
            (0..5).map(|n| format!("GET http://a.localhost/?mail=m{n}")).collect()
        })
        .await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5);
        assert_eq!(host.visit("GET http://a.localhost/count").await.text(), "5");
    }
}

#[tokio::test]
async fn nothing_is_booked_twice() {
    const BOOK: &str = r#"
        let from = parse_int(req.query["from"]); let to = parse_int(req.query["to"]);
        if docs::first("bookings", #{ from: #{ lt: to }, to: #{ gt: from } }) != () { return reply(409); }
        docs::insert("bookings", #{ from: from, to: to })
    "#;
    const CHECK: &str = r#"
        let last = 0; let twice = 0;
        for booking in docs::find("bookings", #{}, #{ sort: "from", limit: 1000 }).documents {
            if booking.from < last { twice += 1; }
            last = booking.to;
        }
        twice
    "#;
    for host in TestHost::real_on_both(&[]).await {
        host.app("a", &[("GET /", BOOK), ("GET /check", CHECK)]).await;
        let host = Arc::new(host);
        let statuses = ask_all(&host, 12, |client| {
            let line = |n: usize| {
                let from = (client * 5 + n * 7) % 40;
                format!("GET http://a.localhost/?from={from}&to={}", from + 1 + (client + n) % 6)
            };
            (0..10).map(line).collect()
        });
        assert!(statuses.await.contains(&409), "they met");
        assert_eq!(host.visit("GET http://a.localhost/check").await.text(), "0");
    }
}

#[tokio::test]
async fn a_server_that_writes_without_a_pause_leaves_another_its_turn() {
    let Some(hosts) = TestHost::two_on_postgres(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await else {
        return;
    };
    hosts[0]
        .app("a", &[("GET /", "kv::set(req.query[\"k\"], 1); `done`")])
        .await;
    hosts[1].follow().await;
    let [busy, other] = hosts.map(Arc::new);
    let over = tokio_util::sync::CancellationToken::new();
    let mut writing = tokio::task::JoinSet::new();
    for client in 0..8 {
        let (busy, over) = (Arc::clone(&busy), over.clone());
        writing.spawn(async move {
            let mut wire = busy.connect().await;
            while !over.is_cancelled() {
                let answer = wire
                    .ask(&format!("GET http://a.localhost/?k=busy{client}"), &[], b"")
                    .await;
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        });
    }
    for n in 0..10 {
        let answer = other.visit(&format!("GET http://a.localhost/?k=other{n}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    over.cancel();
    writing.join_all().await;
}

#[tokio::test]
async fn a_dry_run_holds_nobody_up() {
    let host = TestHost::real(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await;
    host.app("a", &[("GET /", COUNT)]).await;
    let host = Arc::new(host);
    let counting = {
        let host = Arc::clone(&host);
        tokio::spawn(async move { visit_all(&[host], "GET http://a.localhost/", 12, 60).await })
    };
    let mut dry = 0;
    while !counting.is_finished() || dry < 20 {
        let run = serde_json::json!({ "source": COUNT, "commit": false });
        let answer = host.manage("POST /apps/a/scripts/script_0/run", run).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        dry += 1;
    }
    counting.await.unwrap();
    assert_eq!(host.visit("GET http://a.localhost/").await.text(), "720");
}

#[tokio::test]
async fn who_leaves_has_a_record_that_says_what_became_of_it() {
    for host in TestHost::real_on_both(&[("PICLOUD_RUN_WAIT_MS_MAX", "30000")]).await {
        host.app("a", &[("GET /", COUNT), ("GET /n", "kv::get(\"n\") ?? 0")])
            .await;
        let host = Arc::new(host);
        for turn in 0..60 {
            let mut wires = Vec::new();
            for _ in 0..4 {
                let mut wire = host.connect().await;
                wire.write(b"GET / HTTP/1.1\r\nhost: a.localhost\r\n\r\n").await;
                wires.push(wire);
            }
            for _ in 0..turn * 40 {
                tokio::task::yield_now().await;
            }
        }
        // A connection may not be accepted yet, or a run wait for the disk or for another place.
        let mut recorded = -1;
        let counted: u64 = loop {
            while host.host.admission.in_flight() > 0 {
                tokio::task::yield_now().await;
            }
            let counted = host.visit("GET http://a.localhost/n").await.text().parse().unwrap();
            host.host.committer.settled().await;
            let all = host
                .number("select count(*) from executions where summary = 'GET /'")
                .await;
            if std::mem::replace(&mut recorded, all) == all {
                break counted;
            }
        };
        let replied = host
            .number("select count(*) from executions where ending = 'replied' and summary = 'GET /'")
            .await;
        assert_eq!(
            counted,
            replied.unsigned_abs(),
            "what is there and what the records say"
        );
    }
}

#[tokio::test]
async fn another_server_answers_by_what_was_changed_here() {
    let Some([one, other]) = TestHost::two_on_postgres(&[]).await else {
        return;
    };
    one.app("a", &[("GET /", "`here`")]).await;
    // It is told when the change is committed.
    while other.visit("GET http://a.localhost/").await.status != 200 {
        tokio::task::yield_now().await;
    }
}
