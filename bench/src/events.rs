//! What runs without a request: how late it begins, how much of it there may be, and what it costs while nothing is due.
//!
//! On SQLite on this machine's disk, or on a PostgreSQL whose address is given, which has to be empty.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::load::once;
use crate::process::Server;

/// Messages that wait beside those that are measured; `picloud-bench events 100000` for fewer.
pub(crate) const BACKLOG: usize = 1_000_000;
const ROUNDS: usize = 3;
/// Messages of which the way is measured, one after another.
const SINGLE: usize = 400;
/// So long after each other.
const APART: Duration = Duration::from_millis(10);
/// Messages of a round.
const MANY: usize = 10_000;
/// Messages of one run that sends.
const STEP: usize = 1000;
/// Apps with schedules, and how many each has.
const APPS: usize = 10;
const SCHEDULES: usize = 100;
/// They are due together, again after this.
const PERIOD_US: i64 = 5_000_000;
/// Schedules and queues that do nothing.
const IDLE: (usize, usize) = (10_000, 1000);
const WATCH: Duration = Duration::from_secs(30);

const SCRIPTS: &[(&str, &str)] = &[
    ("one", "queue::send(\"work\", 1); `sent`"),
    (
        "fill",
        "let queue = req.query[\"q\"]; for n in 0..1000 { queue::send(queue, n); } `sent`",
    ),
    ("take", "kv::set(`k/${event.body}`, event.id)"),
    ("tick", "1"),
];

pub(crate) fn report(backlog: usize, postgres: Option<&str>) -> anyhow::Result<()> {
    let settings: Vec<_> = postgres.map(|url| ("PICLOUD_DATABASE_URL", url)).into_iter().collect();
    let server = Server::picloud_with(&settings)?;
    prepare(&server)?;
    let database = postgres.map_or("SQLite", |_| "PostgreSQL");
    println!("\n## What runs without a request, on {database} ({ROUNDS} rounds, medians)\n");
    println!("| what | figure | target |\n|---|---:|---:|");
    let figures = rounds(|| single(&server))?;
    println!(
        "| from a sender's request to the start of the consumer, p50, p99, most | {} | <= 5 ms, <= 25 ms |",
        line(&figures)
    );
    ticks(&server)?;
    let [sent, alone, cpu] = many_of(&server)?;
    let least = if postgres.is_none() { "2,000" } else { "1,000" };
    println!("| sent, by runs of {STEP} each | {sent:.0}/s | |");
    println!("| handled and one key kept, 16 at once | {alone:.0}/s, {cpu:.0} us of CPU each | >= {least}/s |");
    queue(&server, "backlog", true)?;
    for _ in (0..backlog).step_by(STEP) {
        fill(&server, "backlog")?;
    }
    let [_, beside, _] = many_of(&server)?;
    println!(
        "| the same with {backlog} messages in a queue that is paused | {beside:.0}/s, {:.0} % | >= 80 % |",
        beside / alone * 100.0
    );
    drop(server);
    if postgres.is_none() { idle() } else { Ok(()) }
}

fn prepare(server: &Server) -> anyhow::Result<()> {
    server.manage("POST", "/apps", &json!({ "name": "bench" }))?;
    for (name, source) in SCRIPTS {
        script(server, "bench", name, source)?;
    }
    for name in ["one", "fill"] {
        let route = json!({ "method": "GET", "pattern": format!("/{name}"), "script": name });
        server.manage("POST", "/apps/bench/routes", &route)?;
    }
    queue(server, "work", false)
}

fn script(server: &Server, app: &str, name: &str, source: &str) -> anyhow::Result<()> {
    let script = json!({ "kind": "endpoint", "source": source });
    server.manage("PUT", &format!("/apps/{app}/scripts/{name}"), &script)
}

fn queue(server: &Server, name: &str, paused: bool) -> anyhow::Result<()> {
    let queue = json!({ "script": "take", "paused": paused });
    server.manage("PUT", &format!("/apps/bench/queues/{name}"), &queue)
}

fn fill(server: &Server, queue: &str) -> anyhow::Result<()> {
    request(server, &format!("/fill?q={queue}"))
}

fn request(server: &Server, path: &str) -> anyhow::Result<()> {
    let head = format!("GET /~bench{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    let reply = once(server.address, &head, b"")?;
    let is_good = reply.starts_with(b"HTTP/1.1 200");
    anyhow::ensure!(is_good, "{path}: {}", String::from_utf8_lossy(&reply));
    Ok(())
}

/// p50, p99 and the most, in milliseconds.
type Figures = [f64; 3];

fn rounds(mut round: impl FnMut() -> anyhow::Result<Vec<i64>>) -> anyhow::Result<Vec<Figures>> {
    (0..ROUNDS).map(|_| figures(round()?)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn figures(mut times_us: Vec<i64>) -> anyhow::Result<Figures> {
    times_us.sort_unstable();
    let place = |share: usize| times_us.get((times_us.len() * share / 100).min(times_us.len().saturating_sub(1)));
    let ms = |share| Some(*place(share)? as f64 / 1000.0);
    let all = [ms(50), ms(99), ms(100)];
    let [Some(p50), Some(p99), Some(most)] = all else {
        anyhow::bail!("nothing was measured")
    };
    Ok([p50, p99, most])
}

/// The median of each over some rounds.
fn line(rounds: &[Figures]) -> String {
    let median = |place: usize| {
        let mut all: Vec<f64> = rounds.iter().map(|figures| figures[place]).collect();
        all.sort_by(f64::total_cmp);
        format!("{:.1} ms", all[all.len() / 2])
    };
    format!("{}, {}, {}", median(0), median(1), median(2))
}

/// How long it takes from the start of a run that sends to the start of the run that it sends to, in microseconds.
fn single(server: &Server) -> anyhow::Result<Vec<i64>> {
    let before = last_seq(server, "bench")?;
    for _ in 0..SINGLE {
        request(server, "/one")?;
        std::thread::sleep(APART);
    }
    wait_until_empty(server)?;
    let started = |script: &str| -> anyhow::Result<Vec<i64>> {
        let mut started = executions(server, "bench", &format!("script={script}&since={before}"))?;
        started.sort_unstable();
        Ok(started)
    };
    let (sent, taken) = (started("one")?, started("take")?);
    anyhow::ensure!(
        sent.len() == SINGLE && taken.len() == SINGLE,
        "some runs have no record"
    );
    Ok(sent.iter().zip(taken).map(|(sent, taken)| taken - sent).collect())
}

/// When executions started, in microseconds.
fn executions(server: &Server, app: &str, which: &str) -> anyhow::Result<Vec<i64>> {
    let mut started = Vec::new();
    let mut after = String::new();
    loop {
        let page = server.get(&format!("/apps/{app}/executions?limit=100&{which}{after}"))?;
        for item in page["items"].as_array().context("items")? {
            started.push(us_of(item["started_at"].as_str().context("a time")?)?);
        }
        let Some(next) = page["next"].as_str() else {
            return Ok(started);
        };
        after = format!("&after={next}");
    }
}

fn last_seq(server: &Server, app: &str) -> anyhow::Result<i64> {
    let page = server.get(&format!("/apps/{app}/executions?limit=1"))?;
    Ok(page["items"][0]["seq"].as_i64().unwrap_or(0))
}

/// Of `2026-12-01T10:00:00.123456Z`, the microseconds in its hour: nothing here takes longer.
fn us_of(time: &str) -> anyhow::Result<i64> {
    let clock = time.get(14..26).context("a time")?;
    let (minute, rest) = clock.split_once(':').context("a time")?;
    let (second, part) = rest.split_once('.').context("a time")?;
    Ok((minute.parse::<i64>()? * 60 + second.parse::<i64>()?) * 1_000_000 + part.parse::<i64>()?)
}

fn wait_until_empty(server: &Server) -> anyhow::Result<()> {
    loop {
        if server.get("/apps/bench/queues/work")?["waiting"] == 0 {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sent a second, handled a second, and CPU in microseconds for each that is handled.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn many_of(server: &Server) -> anyhow::Result<Figures> {
    let mut all: Vec<Figures> = Vec::new();
    for _ in 0..ROUNDS {
        queue(server, "work", true)?;
        let began = Instant::now();
        for _ in (0..MANY).step_by(STEP) {
            fill(server, "work")?;
        }
        let sent = began.elapsed();
        let (began, cpu) = (Instant::now(), server.cpu()?);
        queue(server, "work", false)?;
        wait_until_empty(server)?;
        let (handled, cpu) = (began.elapsed(), server.cpu()?.saturating_sub(cpu));
        let rate = |time: Duration| MANY as f64 / time.as_secs_f64();
        all.push([rate(sent), rate(handled), cpu.as_secs_f64() * 1e6 / MANY as f64]);
    }
    let median = |place: usize| {
        let mut figures: Vec<f64> = all.iter().map(|figures| figures[place]).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Ok([median(0), median(1), median(2)])
}

/// How late the runs of many schedules begin that are due together.
fn ticks(server: &Server) -> anyhow::Result<()> {
    for app in 0..APPS {
        let app = format!("ticks-{app}");
        server.manage("POST", "/apps", &json!({ "name": app }))?;
        script(server, &app, "tick", "1")?;
        for n in 0..SCHEDULES {
            let schedule = json!({ "script": "tick", "when": format!("*/{} * * * * *", PERIOD_US / 1_000_000) });
            server.manage("PUT", &format!("/apps/{app}/schedules/s{n}"), &schedule)?;
        }
    }
    let before: Vec<i64> = (0..APPS)
        .map(|app| last_seq(server, &format!("ticks-{app}")))
        .collect::<anyhow::Result<_>>()?;
    // Some of those that are under way, and then so many that are whole.
    std::thread::sleep(Duration::from_micros(PERIOD_US.unsigned_abs()) * u32::try_from(ROUNDS + 2)?);
    let mut late: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (app, before) in before.iter().enumerate() {
        for started in executions(server, &format!("ticks-{app}"), &format!("since={before}"))? {
            late.entry(started / PERIOD_US).or_default().push(started % PERIOD_US);
        }
    }
    for app in 0..APPS {
        server.manage("DELETE", &format!("/apps/ticks-{app}"), &Value::Null)?;
    }
    let mut whole = late.into_values().filter(|late| late.len() == APPS * SCHEDULES);
    let figures = rounds(|| whole.next().context("too few schedules fired together"))?;
    println!(
        "| {} schedules of {APPS} apps on one second: late by, p50, p99, most | {} | <= 50 ms |",
        APPS * SCHEDULES,
        line(&figures)
    );
    Ok(())
}

/// What schedules and queues take of which nothing is due.
fn idle() -> anyhow::Result<()> {
    let server = Server::picloud()?;
    prepare(&server)?;
    let (without, server) = resident(server)?;
    for n in 0..IDLE.0 {
        let schedule = json!({ "script": "tick", "when": "0 0 1 1 *" });
        server.manage("PUT", &format!("/apps/bench/schedules/s{n}"), &schedule)?;
    }
    for n in 0..IDLE.1 {
        queue(&server, &format!("q{n}"), false)?;
    }
    let (with, server) = resident(server)?;
    let wakeups = server.wakeups()?;
    std::thread::sleep(WATCH);
    let wakeups = server.wakeups()? - wakeups;
    println!(
        "| {} schedules that are not due and {} empty queues: wake-ups in {} s | {wakeups} | 0 |",
        IDLE.0,
        IDLE.1,
        WATCH.as_secs()
    );
    println!(
        "| the same: resident memory more than without, after a restart | {} KiB | < 1024 KiB |",
        with - without
    );
    Ok(())
}

/// Resident memory after a start, in KiB: the median of some.
fn resident(mut server: Server) -> anyhow::Result<(i64, Server)> {
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        server = server.restarted()?;
        std::thread::sleep(Duration::from_secs(3));
        all.push(i64::try_from(server.resident_kib()?)?);
    }
    all.sort_unstable();
    Ok((all[ROUNDS / 2], server))
}
