//! A plain load generator: keep-alive connections, one request at a time on each.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context as _;

pub(crate) const CONNECTIONS: usize = 8;

/// What a round of load gave.
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    /// Median time to answer.
    pub(crate) median: Duration,
    /// Of the answers that are numbers.
    pub(crate) sum: u64,
}

/// One request on a connection of its own; all that comes back.
pub(crate) fn once(address: SocketAddr, head: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(reply)
}

/// `connections` clients for `time`, each asking again as soon as it was answered.
pub(crate) fn closed_loop(
    address: SocketAddr,
    request: &[u8],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    closed_loop_of(address, &|_| request.to_vec(), connections, time)
}

/// The same, each client with a request of its own.
pub(crate) fn closed_loop_of(
    address: SocketAddr,
    request: &dyn Fn(usize) -> Vec<u8>,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let started = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let request = request(number);
            std::thread::spawn(move || client(address, &request, started + time))
        })
        .collect();
    let (mut times, mut sum) = (Vec::new(), 0);
    for client in clients {
        let (own, numbers) = client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
        times.extend(own);
        sum += numbers;
    }
    let elapsed = started.elapsed();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().context("no request was answered")?;
    Ok(Load {
        requests: times.len() as u64,
        elapsed,
        median,
        sum,
    })
}

fn client(address: SocketAddr, request: &[u8], until: Instant) -> anyhow::Result<(Vec<Duration>, u64)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut times, mut sum) = (Vec::new(), 0);
    let mut buffer = vec![0; 64 << 10];
    while Instant::now() < until {
        let asked = Instant::now();
        stream.write_all(request)?;
        let body = read_reply(&mut stream, &mut buffer)?;
        times.push(asked.elapsed());
        sum += std::str::from_utf8(body)?.parse::<u64>().unwrap_or(0);
    }
    Ok((times, sum))
}

/// Reads one answer with a `content-length`, and insists on 200; its body.
fn read_reply<'a>(stream: &mut TcpStream, buffer: &'a mut [u8]) -> anyhow::Result<&'a [u8]> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        anyhow::ensure!(
            read > 0,
            "the server closed the connection: {}",
            String::from_utf8_lossy(&buffer[..filled])
        );
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head])?;
        anyhow::ensure!(text.starts_with("HTTP/1.1 200"), "{text}");
        let length = text
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(|value| value.trim().to_owned())
            })
            .context("an answer with a content-length")?;
        let end = head + 4 + length.parse::<usize>()?;
        if filled >= end {
            return Ok(&buffer[head + 4..end]);
        }
    }
}
