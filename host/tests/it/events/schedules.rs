//! Schedules: each time once, whatever the clock does and however many servers there are.

use serde_json::{Value, json};

use super::{both, got, lose_all, run, set, until, until_done};
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

#[tokio::test]
async fn many_that_are_due_together_fire_once_each() {
    let take = "kv::incr(`n/${event.name}`); kv::set(`attempt/${event.name}`, event.attempt)";
    for host in both(&[("take", take)], &[]).await {
        // More than are handed out as they come.
        for n in 100..250 {
            set(
                &host,
                "schedules",
                &format!("s{n}"),
                "take",
                &json!({ "when": "every 10s" }),
            )
            .await;
        }
        for round in 1..3 {
            host.advance_ms(10_000);
            let path = "/apps/a/messages?source=schedule";
            until(&host, path, |page| page["items"] == json!([])).await;
            for n in [100, 249] {
                until(&host, &format!("/apps/a/schedules/s{n}"), |told| {
                    us_of(told["next_at"].as_str().unwrap()) > 1_700_000_000_000_000 + round * 10_000_000
                })
                .await;
            }
            until(&host, path, |page| page["items"] == json!([])).await;
            for under in ["n/", "attempt/"] {
                let counts = run(
                    &host,
                    &format!("kv::list(\"{under}\", #{{ limit: 1000 }}).entries.map(|e| e.value)"),
                )
                .await;
                let each = if under == "n/" { round } else { 1 };
                assert_eq!(counts, json!(vec![each; 150]));
            }
        }
    }
}

#[tokio::test]
async fn what_a_server_did_not_live_to_end_is_run_again() {
    let slow = "let n = 0; while n < 300_000 { n += 1; } kv::incr(\"n\"); kv::set(\"attempt\", event.attempt)";
    for host in both(&[("slow", slow)], &[]).await {
        set(&host, "schedules", "s", "slow", &json!({ "when": "every 10s" })).await;
        host.advance_ms(10_000);
        let path = "/apps/a/messages?source=schedule";
        until(&host, path, |page| page["items"][0]["is_leased"] == true).await;
        lose_all(&host).await;
        until_done(&host, "schedules", "s").await;
        assert_eq!(
            run(&host, "[kv::get(\"n\"), kv::get(\"attempt\")]").await,
            json!([1, 2])
        );
    }
}

#[tokio::test]
async fn while_one_runs_the_next_is_left_out_or_waits() {
    let slow = "let n = 0; while n < 300_000 { n += 1; } let all = kv::get(event.name, []); all.push(event.due); kv::set(event.name, all)";
    for host in both(&[("slow", slow)], &[]).await {
        for overlap in ["skip", "queue"] {
            let new = json!({ "when": "every 10s", "overlap": overlap });
            set(&host, "schedules", overlap, "slow", &new).await;
        }
        host.advance_ms(10_000);
        let path = "/apps/a/messages?source=schedule";
        until(&host, path, |page| {
            let items = page["items"].as_array().unwrap();
            items.len() == 2 && items.iter().all(|one| one["is_leased"] == true)
        })
        .await;
        host.advance_ms(10_000);
        // It fired again, and waits for the first.
        until(&host, "/apps/a/schedules/queue", |told| {
            us_of(told["next_at"].as_str().unwrap()) > 1_700_000_020_000_000 && told["waiting"] == 0
        })
        .await;
        until_done(&host, "schedules", "skip").await;
        let first = 1_700_000_010_000_i64;
        assert_eq!(run(&host, "kv::get(\"queue\")").await, json!([first, first + 10_000]));
        let skipped = run(&host, "kv::get(\"skip\")").await;
        assert_eq!(skipped[0], first);
        assert!(skipped.as_array().unwrap().len() <= 2, "{skipped}");
    }
}

#[tokio::test]
async fn the_last_runs_are_told() {
    let takes = [("note", NOTE), ("fails", "if event.due % 20000 == 0 { throw \"odd\" }")];
    for host in both(&takes, &[]).await {
        let new = json!({ "when": "every 10s", "attempts": 1 });
        for (name, script) in [("notes", "note"), ("fails", "fails")] {
            set(&host, "schedules", name, script, &new).await;
        }
        assert_eq!(got(&host, "/apps/a/schedules/notes").await["last"], Value::Null);
        for round in 1..4 {
            host.advance_ms(10_000);
            for name in ["notes", "fails"] {
                until(&host, &format!("/apps/a/schedules/{name}"), |told| {
                    us_of(told["next_at"].as_str().unwrap()) > 1_700_000_000_000_000 + round * 10_000_000
                        && told["waiting"] == 0
                })
                .await;
            }
        }
        let page = got(&host, "/apps/a/executions?kind=schedule&name=fails&limit=2").await;
        let endings: Vec<&Value> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["ending"])
            .collect();
        assert_eq!(endings, ["replied", "threw"], "{page}");
        let after = page["next"].as_str().unwrap();
        let rest = got(
            &host,
            &format!("/apps/a/executions?kind=schedule&name=fails&limit=2&after={after}"),
        )
        .await;
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        let last = &got(&host, "/apps/a/schedules/fails").await["last"];
        let newest = &page["items"][0];
        assert_eq!(
            (
                &last["execution"],
                &last["ending"],
                &last["started_at"],
                &last["wall_us"]
            ),
            (
                &newest["id"],
                &newest["ending"],
                &newest["started_at"],
                &newest["usage"]["wall_us"]
            )
        );
        // In a list, too, and of nothing but the schedule.
        let page = got(&host, "/apps/a/schedules").await;
        assert_eq!(&page["items"][0]["last"], last);
        let page = got(&host, "/apps/a/executions?kind=queue&name=fails").await;
        assert_eq!(page["items"], json!([]));
        let of_kind = got(&host, "/apps/a/executions?kind=schedule&ending=threw").await;
        assert_eq!(of_kind["items"].as_array().unwrap().len(), 1);
        assert_eq!(of_kind["items"][0]["name"], "fails");
        let answer = host.manage("GET /apps/a/executions?name=fails", Value::Null).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
}
