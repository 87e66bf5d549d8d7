//! Schedules: each time once, whatever the clock does and however many servers there are.

use serde_json::{Value, json};

use super::{both, got, run, set, until, until_done};
use crate::harness::host::TestHost;

/// Notes the times that it is run for.
const NOTE: &str = "let all = kv::get(\"times\", []); all.push(#{ due: event.due, missed: event.body.missed }); kv::set(\"times\", all);";

/// Waits until nothing is due that has not fired, and what fired is over. The times that were noted.
async fn times(host: &TestHost, name: &str) -> Vec<i64> {
    let now = run(host, "ctx.now").await.as_i64().unwrap() * 1000;
    until(host, &format!("/apps/a/schedules/{name}"), |one| {
        let next = one["next_at"].as_str().map(us_of);
        next.is_none_or(|next| next > now) && one["waiting"] == 0
    })
    .await;
    let noted = run(host, "kv::get(\"times\", [])").await;
    noted
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["due"].as_i64().unwrap())
        .collect()
}

fn us_of(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[tokio::test]
async fn each_time_fires_once_and_late_ones_as_is_said() {
    for host in both(&[("note", NOTE)], &[]).await {
        // It is 22:13:20.
        let new = json!({ "when": "*/15 * * * *", "zone": "Europe/Berlin" });
        set(&host, "schedules", "quarters", "note", &new).await;
        let told = got(&host, "/apps/a/schedules/quarters").await;
        assert_eq!(
            (&told["next_at"], &told["zone"], &told["overlap"], &told["catch_up"]),
            (
                &json!("2023-11-14T22:15:00.000000Z"),
                &json!("Europe/Berlin"),
                &json!("skip"),
                &json!("once")
            )
        );
        assert!(times(&host, "quarters").await.is_empty());
        host.advance_ms(99_999);
        assert!(times(&host, "quarters").await.is_empty());
        host.advance_ms(2);
        let first = 1_700_000_100_000;
        assert_eq!(times(&host, "quarters").await, [first]);
        // Set back by an hour and forth again, nothing fires twice.
        host.advance_ms(-3_600_000);
        assert_eq!(times(&host, "quarters").await, [first]);
        host.advance_ms(3_600_000);
        assert_eq!(times(&host, "quarters").await, [first]);
        // Nobody was there for a day: the last time of it fires.
        host.advance_ms(86_400_000);
        assert_eq!(times(&host, "quarters").await, [first, first + 86_400_000]);
        let noted = run(&host, "kv::get(\"times\")").await;
        assert_eq!(noted[1]["missed"], 95);

        let none = json!({ "when": "*/15 * * * *", "catch_up": "none" });
        set(&host, "schedules", "quarters", "note", &none).await;
        // It ends a minute after a time: too late for that one, too.
        host.advance_ms(86_460_000);
        assert_eq!(times(&host, "quarters").await.len(), 2);
        host.advance_ms(840_000);
        assert_eq!(times(&host, "quarters").await.len(), 3);
        // Paused, it does not fire; run by hand, it does.
        let paused = json!({ "when": "*/15 * * * *", "paused": true });
        set(&host, "schedules", "quarters", "note", &paused).await;
        assert_eq!(got(&host, "/apps/a/schedules/quarters").await["next_at"], Value::Null);
        host.advance_ms(900_000);
        assert_eq!(times(&host, "quarters").await.len(), 3);
        set(&host, "schedules", "quarters", "note", &none).await;
        let answer = host.manage("POST /apps/a/schedules/quarters/run", Value::Null).await;
        assert_eq!(answer.status, 202);
        until_done(&host, "schedules", "quarters").await;
        assert_eq!(times(&host, "quarters").await.len(), 4);
    }
}

#[tokio::test]
async fn a_schedule_is_looked_at_before_it_is_saved() {
    let hosts = both(&[("note", NOTE)], &[]).await;
    let host = &hosts[0];
    let asked = json!({ "when": "30 2 * * *", "zone": "Europe/Berlin" });
    let answer = host.manage("POST /apps/a/schedule-times", asked).await;
    assert_eq!(answer.json()["times"][0], "2023-11-15T01:30:00.000000Z");
    assert_eq!(answer.json()["times"].as_array().unwrap().len(), 5);
    for (new, field, part) in [
        (json!({ "when": "61 * * * *" }), "when", "61"),
        (json!({ "when": "0 0 31 2 *" }), "when", "never due"),
        (json!({ "when": "every 1ms" }), "when", "1s to 366d"),
        (
            json!({ "when": "@daily", "zone": "Mars/Olympus" }),
            "zone",
            "Mars/Olympus",
        ),
        (json!({ "when": "@daily", "overlap": "maybe" }), "overlap", "maybe"),
    ] {
        let mut whole = new.clone();
        whole["script"] = json!("note");
        let answer = host.manage("PUT /apps/a/schedules/x", whole).await;
        assert!(matches!(answer.status, 400 | 422), "{new}");
        assert!(
            answer.text().contains(part) && answer.text().contains(field),
            "{new}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn two_servers_fire_each_time_once() {
    let Some([one, other]) = TestHost::two_on_postgres(&[]).await else {
        return;
    };
    one.app("a", &[]).await;
    one.script("a", "note", "kv::incr(`${event.name}/${event.due}`)").await;
    for n in 0..20 {
        set(
            &one,
            "schedules",
            &format!("s{n}"),
            "note",
            &json!({ "when": "every 1s", "overlap": "queue" }),
        )
        .await;
    }
    other.follow().await;
    for _ in 0..5 {
        one.advance_ms(1000);
        other.advance_ms(1000);
        let now = run(&one, "ctx.now").await.as_i64().unwrap() * 1000;
        for n in 0..20 {
            until(&one, &format!("/apps/a/schedules/s{n}"), |told| {
                us_of(told["next_at"].as_str().unwrap()) > now && told["waiting"] == 0
            })
            .await;
        }
    }
    let counts = run(&one, "kv::list(\"s\", #{ limit: 1000 }).entries.map(|e| e.value)").await;
    assert_eq!(counts, json!(vec![1; 100]));
}

#[tokio::test]
async fn a_run_that_goes_on_is_not_overlapped_unless_it_may() {
    for host in both(&[("fails", "throw 1"), ("note", NOTE)], &[]).await {
        // It waits for its next attempt, which keeps no time from firing.
        set(
            &host,
            "schedules",
            "fails",
            "fails",
            &json!({ "when": "every 10s", "attempts": 3, "backoff_ms": 600_000 }),
        )
        .await;
        for fired in 1..4 {
            host.advance_ms(10_000);
            until(&host, "/apps/a/messages?source=schedule", |page| {
                let items = page["items"].as_array().unwrap();
                items.len() == fired && items.iter().all(|one| one["attempt"] == 1 && one["is_leased"] == false)
            })
            .await;
        }
        // A jitter is within its bound, and the time stays what it is.
        let jittered = json!({ "when": "@hourly", "jitter_ms": 60_000 });
        set(&host, "schedules", "hours", "note", &jittered).await;
        host.advance_ms(3_600_000);
        until(&host, "/apps/a/schedules/hours", |one| {
            us_of(one["next_at"].as_str().unwrap()) > 1_700_003_600_000_000
        })
        .await;
        host.advance_ms(60_000);
        assert_eq!(times(&host, "hours").await, [1_700_002_800_000]);
    }
}
