//! Calls to others: what one costs, and what runs cost that wait for one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::http::measure;
use crate::load::{closed_loop, once};
use crate::process::Server;

/// Runs that wait at once.
const WAITING: usize = 64;
/// How long they wait.
const WAIT: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(3);

pub(crate) fn report() -> anyhow::Result<()> {
    let peer = peer()?;
    let picloud = Server::picloud_with(&[
        ("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.1"),
        ("PICLOUD_OUTBOUND_AT_ONCE_PER_APP_MAX", "128"),
        ("PICLOUD_RUNS_MAX", "128"),
        ("PICLOUD_RUNS_PER_APP_MAX", "64"),
    ])?;
    prepare(&picloud, peer)?;

    println!("\n## Calls to others (a server of this program's, on loopback)\n");
    println!("| script | server CPU, us | requests/s | median, us |\n|---|---:|---:|---:|");
    let mut cpu = Vec::new();
    for script in ["none", "one", "two"] {
        let row = measure(&picloud, &request(script))?;
        println!("| {script} | {:.1} | {:.0} | {:.0} |", row.cpu, row.rate, row.latency);
        cpu.push(row.cpu);
    }
    println!(
        "\n`http::get` adds {:.1} us of CPU, a second one {:.1} us",
        cpu[1] - cpu[0],
        cpu[2] - cpu[1]
    );
    waiting(&picloud)
}

/// Throughput of a good app alone and beside runs that wait, and the memory that those take.
fn waiting(picloud: &Server) -> anyhow::Result<()> {
    let alone = closed_loop(picloud.address, &request("hello"), 4, ROUND)?;
    let before = picloud.resident_kib()?;
    let address = picloud.address;
    let until = Instant::now() + ROUND + WAIT;
    let clients: Vec<_> = (0..WAITING)
        .map(|_| {
            std::thread::spawn(move || {
                let mut answers = 0;
                while Instant::now() < until {
                    let head =
                        String::from_utf8_lossy(&request("wait")).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
                    answers +=
                        usize::from(once(address, &head, b"").is_ok_and(|reply| reply.starts_with(b"HTTP/1.1 200")));
                }
                answers
            })
        })
        .collect();
    std::thread::sleep(WAIT / 2);
    let waiting = picloud.resident_kib()?;
    let beside = closed_loop(address, &request("hello"), 4, ROUND)?;
    let answers: usize = clients.into_iter().filter_map(|client| client.join().ok()).sum();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = |load: &crate::load::Load| load.requests as f64 / load.elapsed.as_secs_f64();
    println!(
        "\nhello beside {WAITING} runs that wait a second each: {:.0} requests/s, alone {:.0} ({:.2}x); {answers} of those were answered",
        rate(&beside),
        rate(&alone),
        rate(&beside) / rate(&alone)
    );
    println!(
        "resident for each waiting run: {} KiB",
        waiting.saturating_sub(before) / WAITING as u64
    );
    Ok(())
}

fn prepare(picloud: &Server, peer: SocketAddr) -> anyhow::Result<()> {
    picloud.manage("POST", "/apps", &json!({ "name": "calls" }))?;
    picloud.manage("POST", "/apps", &json!({ "name": "good" }))?;
    picloud.manage("PUT", "/apps/calls/allow/127.0.0.1", &json!({}))?;
    let one = format!("http::get(\"http://{peer}/\").status");
    for (app, name, source) in [
        ("calls", "none", "200".to_owned()),
        ("calls", "one", one.clone()),
        ("calls", "two", format!("{one} + {one}")),
        ("calls", "wait", format!("http::get(\"http://{peer}/wait\").status")),
        ("good", "hello", "\"hello\"".to_owned()),
    ] {
        let script = json!({ "kind": "endpoint", "source": source });
        picloud.manage("PUT", &format!("/apps/{app}/scripts/{name}"), &script)?;
        let route = json!({ "method": "GET", "pattern": format!("/{name}"), "script": name });
        picloud.manage("POST", &format!("/apps/{app}/routes"), &route)?;
    }
    Ok(())
}

fn request(script: &str) -> Vec<u8> {
    let app = if script == "hello" { "good" } else { "calls" };
    format!("GET /~{app}/{script} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A server that answers at once, or after a while.
fn peer() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(&stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: &TcpStream) {
    // Nobody else is to be slow.
    let _ = stream.set_nodelay(true);
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
        if first.starts_with("GET /wait") {
            std::thread::sleep(WAIT);
        }
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .is_err()
        {
            return;
        }
    }
}
