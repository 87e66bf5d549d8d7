//! What scripts keep: the cost of a read, committed and durable writes a second, one hot key, finds by an index.
//!
//! On SQLite on this machine's disk, or on a PostgreSQL whose address is given.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::load::{Load, closed_loop, closed_loop_of};
use crate::process::Server;
use crate::scripts::HELLO;

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// Documents that a find has to choose from; `picloud-bench data 1000000` for a million.
pub(crate) const DOCUMENTS: usize = 20_000;
/// Documents of one run that fills the collection.
const STEP: usize = 1000;

const SCRIPTS: &[(&str, &str)] = &[
    ("hello", HELLO.ours),
    ("get", "kv::get(\"k\"); `hello`"),
    ("set", "kv::set(\"k\", 1); `done`"),
    (
        "count",
        "let k = req.query[\"k\"]; kv::set(k, (kv::get(k) ?? 0) + 1); `${ctx.attempt}`",
    ),
    (
        "fill",
        "let from = parse_int(req.query[\"k\"]); for i in from..from + 1000 { docs::insert(\"docs\", #{ n: i, city: `c${i % 1000}`, name: `name ${i}` }); } `done`",
    ),
    ("insert", "docs::insert(\"more\", #{ n: 1, city: `c${ctx.execution}` })"),
    (
        "find",
        "docs::find(\"docs\", #{ city: `c${req.query[\"k\"]}` }, #{ sort: \"n\", limit: 20 }).documents.len().to_string()",
    ),
];

pub(crate) fn report(documents: usize, postgres: Option<&str>) -> anyhow::Result<()> {
    let mut settings = vec![("PICLOUD_RUNS_MAX", "128"), ("PICLOUD_RUNS_PER_APP_MAX", "128")];
    settings.extend(postgres.map(|url| ("PICLOUD_DATABASE_URL", url)));
    let server = Server::picloud_with(&settings)?;
    prepare(&server)?;
    let database = postgres.map_or("SQLite", |_| "PostgreSQL");
    println!(
        "\n## What scripts keep, on {database} ({ROUNDS} rounds of {} s, medians)\n",
        ROUND.as_secs()
    );

    let same = |path: &str| {
        let request = get(path);
        move |_: usize| request.clone()
    };
    once(&server, "/set")?;
    let hello = cpu(&server, 8, same("/hello"))?;
    let cached = cpu(&server, 8, same("/get"))?;
    println!("| what | figure | target |\n|---|---:|---:|");
    println!("| hello, server CPU | {hello:.1} us | |");
    println!(
        "| hello and a `kv::get` | {cached:.1} us ({:.2} times) | <= 1.3 times |",
        cached / hello
    );
    if postgres.is_none() {
        let asking = Server::picloud_with(&[("PICLOUD_DATA_CACHE_BYTES", "0")])?;
        prepare(&asking)?;
        once(&asking, "/set")?;
        let asked = cpu(&asking, 8, same("/get"))?;
        println!(
            "| the same, asking the database | {:.1} us more | <= 60 us |",
            asked - hello
        );
    }

    let apart = rate(&server, 32, |client| get(&format!("/count?k=key{client}")))?;
    println!(
        "| read, change, write: 32 clients on different keys | {:.0} runs/s | >= 3,000 (PostgreSQL: 1,500) |",
        apart.0
    );
    let hot = rate(&server, 64, |_| get("/count?k=hot"))?;
    println!(
        "| the same: 64 clients on one key | {:.0} runs/s, {:.2} attempts each | >= half, <= 1.5 |",
        hot.0, hot.1
    );

    for from in (0..documents).step_by(STEP) {
        once(&server, &format!("/fill?k={from}"))?;
    }
    let found = rate(&server, 1, |client| get(&format!("/find?k={}", client % 1000)))?;
    println!(
        "| find 20 of {documents} documents by an index, one client | {:.0} us each | <= 1 ms |",
        1e6 / found.0
    );
    let inserted = rate(&server, 32, |_| get("/insert"))?;
    println!(
        "| insert with two indexes: 32 clients | {:.0} runs/s | >= 2,000 |",
        inserted.0
    );
    Ok(())
}

fn prepare(server: &Server) -> anyhow::Result<()> {
    server.manage("POST", "/apps", &json!({ "name": "bench" }))?;
    for (name, source) in SCRIPTS {
        let script = json!({ "kind": "endpoint", "source": source });
        server.manage("PUT", &format!("/apps/bench/scripts/{name}"), &script)?;
        let route = json!({ "method": "GET", "pattern": format!("/{name}"), "script": name });
        server.manage("POST", "/apps/bench/routes", &route)?;
    }
    for collection in ["docs", "more"] {
        for (name, fields) in [("by_city", json!(["city", "n"])), ("by_n", json!(["n"]))] {
            let index = json!({ "fields": fields });
            server.manage(
                "PUT",
                &format!("/apps/bench/collections/{collection}/indexes/{name}"),
                &index,
            )?;
        }
    }
    Ok(())
}

fn get(path: &str) -> Vec<u8> {
    format!("GET /~bench{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\naccept: */*\r\n\r\n").into_bytes()
}

fn once(server: &Server, path: &str) -> anyhow::Result<()> {
    let head = format!("GET /~bench{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    let reply = crate::load::once(server.address, &head, b"")?;
    anyhow::ensure!(
        reply.starts_with(b"HTTP/1.1 200"),
        "{path}: {}",
        String::from_utf8_lossy(&reply)
    );
    Ok(())
}

/// Server CPU of a request, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn cpu(server: &Server, clients: usize, request: impl Fn(usize) -> Vec<u8>) -> anyhow::Result<f64> {
    closed_loop(server.address, &request(0), clients, Duration::from_millis(500)).context("warming up")?;
    let mut figures = Vec::new();
    for _ in 0..ROUNDS {
        let before = server.cpu()?;
        let load = closed_loop_of(server.address, &request, clients, ROUND)?;
        let cpu = server.cpu()?.saturating_sub(before);
        figures.push(cpu.as_secs_f64() * 1e6 / load.requests as f64);
    }
    Ok(median(figures))
}

/// Requests a second, and the mean of what was answered.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn rate(server: &Server, clients: usize, request: impl Fn(usize) -> Vec<u8>) -> anyhow::Result<(f64, f64)> {
    let (mut rates, mut means) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let Load {
            requests, elapsed, sum, ..
        } = closed_loop_of(server.address, &request, clients, ROUND)?;
        rates.push(requests as f64 / elapsed.as_secs_f64());
        means.push(sum as f64 / requests as f64);
    }
    Ok((median(rates), median(means)))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
