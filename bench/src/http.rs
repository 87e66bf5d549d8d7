//! Over HTTP: server CPU for a request and requests a second, beside axum; and what a hostile neighbour costs.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::load::{CONNECTIONS, closed_loop};
use crate::process::Server;
use crate::scripts::{HELLO, ORDER, order};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// As many endless loops as an app may run at a time, and more that are refused.
const NEIGHBOURS: usize = 24;

pub(crate) fn report() -> anyhow::Result<()> {
    let baseline = Server::baseline()?;
    let picloud = Server::picloud()?;
    prepare(&picloud)?;

    println!(
        "\n## Over HTTP ({CONNECTIONS} keep-alive connections, {ROUNDS} rounds of {} s, medians)\n",
        ROUND.as_secs()
    );
    println!("| server | script | server CPU, us | requests/s | median, us |\n|---|---|---:|---:|---:|");
    let mut cpu = Vec::new();
    for script in ["hello", "order"] {
        for (name, server, path) in [
            ("bare axum", &baseline, format!("/axum/{script}")),
            ("native Rhai behind axum", &baseline, format!("/rhai/{script}")),
            ("PiCloud", &picloud, format!("/~bench/{script}")),
        ] {
            let row = measure(server, &request(script, &path))?;
            println!(
                "| {name} | {script} | {:.1} | {:.0} | {:.0} |",
                row.cpu, row.rate, row.latency
            );
            cpu.push(row.cpu);
        }
    }
    println!(
        "\nhello: PiCloud / bare axum = {:.2}; order: PiCloud / native Rhai behind axum = {:.2}",
        cpu[2] / cpu[0],
        cpu[5] / cpu[4]
    );
    println!("resident after load: {} MiB", picloud.resident_mib()?);
    neighbour(&picloud)
}

/// An app with the measured scripts, and a neighbour with an endless loop.
fn prepare(picloud: &Server) -> anyhow::Result<()> {
    for app in ["bench", "hostile"] {
        picloud.manage("POST", "/apps", &json!({ "name": app }))?;
    }
    for (app, name, source, method) in [
        ("bench", "hello", HELLO.ours, "GET"),
        ("bench", "order", ORDER.ours, "POST"),
        ("hostile", "spin", "loop {}", "GET"),
    ] {
        picloud.manage(
            "PUT",
            &format!("/apps/{app}/scripts/{name}"),
            &json!({ "kind": "endpoint", "source": source }),
        )?;
        picloud.manage(
            "POST",
            &format!("/apps/{app}/routes"),
            &json!({ "method": method, "pattern": format!("/{name}"), "script": name }),
        )?;
    }
    Ok(())
}

fn request(script: &str, path: &str) -> Vec<u8> {
    let (method, body) = if script == "order" {
        ("POST", order())
    } else {
        ("GET", String::new())
    };
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\naccept: */*\r\n{length}\r\n{body}")
        .into_bytes()
}

pub(crate) struct Row {
    pub(crate) cpu: f64,
    pub(crate) rate: f64,
    pub(crate) latency: f64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn measure(server: &Server, request: &[u8]) -> anyhow::Result<Row> {
    closed_loop(server.address, request, CONNECTIONS, Duration::from_millis(500)).context("warming up")?;
    let mut rows = Vec::new();
    for _ in 0..ROUNDS {
        let before = server.cpu()?;
        let load = closed_loop(server.address, request, CONNECTIONS, ROUND)?;
        let cpu = server.cpu()?.saturating_sub(before);
        rows.push(Row {
            cpu: cpu.as_secs_f64() * 1e6 / load.requests as f64,
            rate: load.requests as f64 / load.elapsed.as_secs_f64(),
            latency: load.median.as_secs_f64() * 1e6,
        });
    }
    rows.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    Ok(rows.swap_remove(ROUNDS / 2))
}

/// One client of a good app, alone and beside a neighbour that runs `loop {}` in every place it may have.
fn neighbour(picloud: &Server) -> anyhow::Result<()> {
    let good = request("hello", "/~bench/hello");
    let alone = closed_loop(picloud.address, &good, 1, ROUND)?.median;
    let address = picloud.address;
    let hostile = b"GET /~hostile/spin HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    let until = std::time::Instant::now() + ROUND + Duration::from_secs(1);
    let neighbours: Vec<_> = (0..NEIGHBOURS)
        .map(|_| {
            std::thread::spawn(move || {
                while std::time::Instant::now() < until {
                    // Refused or stopped, it asks again.
                    let _ = crate::load::once(address, std::str::from_utf8(hostile).unwrap_or_default(), b"");
                    std::thread::sleep(Duration::from_millis(5));
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let beside = closed_loop(picloud.address, &good, 1, ROUND)?.median;
    for neighbour in neighbours {
        let _ = neighbour.join();
    }
    let ratio = beside.as_secs_f64() / alone.as_secs_f64();
    println!(
        "\na good app's median: {alone:.0?} alone, {beside:.0?} beside {NEIGHBOURS} clients of `loop {{}}` ({ratio:.2}x)"
    );
    Ok(())
}
