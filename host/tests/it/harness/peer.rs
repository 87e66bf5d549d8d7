//! Another service, as a test wants it: raw sockets that say what they are told to.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// What a service does with a connection.
type Serve = Arc<dyn Fn(Talk) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Another service.
pub(crate) struct Peer {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
    /// It ends with it.
    runtime: Option<Runtime>,
    _reserved: Option<std::net::TcpListener>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

/// One connection to it.
pub(crate) struct Talk {
    pub(crate) stream: TcpStream,
    seen: Arc<Seen>,
    rest: Vec<u8>,
}

impl Peer {
    /// On this address, `127.0.0.1:0` or another one of loopback.
    pub(crate) fn on<F>(address: &str, serve: impl Fn(Talk) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (listener, reserved) = listen(address);
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Seen>::default();
        let serve: Serve = Arc::new(move |talk| Box::pin(serve(talk)));
        let counted = Arc::clone(&seen);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                counted.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, rest) = (Arc::clone(&counted), Vec::new());
                tokio::spawn(serve(Talk { stream, seen, rest }));
            }
        });
        Self {
            address,
            seen,
            runtime: Some(runtime),
            _reserved: reserved,
        }
    }

    /// One that answers each request with what `answer` says: head and body of a response.
    pub(crate) fn answering(address: &str, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::on(address, move |mut talk| {
            let answer = Arc::clone(&answer);
            async move {
                while let Some(request) = talk.request().await {
                    let answer = answer(&request);
                    if talk.say(&answer).await.is_none() {
                        return;
                    }
                }
            }
        })
    }

    /// One that nobody is to reach.
    pub(crate) fn trap(address: &str) -> Self {
        Self::answering(address, |_| ok("text/plain", "you are inside"))
    }

    /// Connections that were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Requests that it read, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Talk {
    /// The next request, with its body by `content-length`; nothing when there is none any more.
    pub(crate) async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.rest, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.rest[..end]).into_owned();
                let length = head.to_ascii_lowercase().lines().find_map(|line| {
                    line.strip_prefix("content-length:")
                        .map(|length| length.trim().parse::<usize>().unwrap())
                });
                let all = end + 4 + length.unwrap_or(0);
                if self.rest.len() >= all {
                    let rest = self.rest.split_off(all);
                    let request = String::from_utf8_lossy(&std::mem::replace(&mut self.rest, rest)).into_owned();
                    self.seen.requests.lock().unwrap().push(request.clone());
                    return Some(request);
                }
            }
            if self.stream.read_buf(&mut self.rest).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Says something, if somebody is still there.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).await.ok()
    }
}

/// Listens there. Servers under test listen on `127.0.0.1` and let nobody call their ports on this machine: a peer on another of
/// its addresses, at a port of the system's choice, keeps it there too, so that no server has the same.
fn listen(address: &str) -> (std::net::TcpListener, Option<std::net::TcpListener>) {
    loop {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let at = listener.local_addr().unwrap();
        if !address.ends_with(":0") || at.ip() == Ipv4Addr::LOCALHOST {
            return (listener, None);
        }
        if let Ok(reserved) = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, at.port())) {
            return (listener, Some(reserved));
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// A response with a body.
pub(crate) fn ok(kind: &str, body: &str) -> Vec<u8> {
    response(200, &[("content-type", kind)], body.as_bytes())
}

/// A response.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status} S\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        response = format!("{response}{name}: {value}\r\n");
    }
    response += "\r\n";
    let mut response = response.into_bytes();
    response.extend(body);
    response
}
