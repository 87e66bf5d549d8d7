//! Connections of the apps' listener: accepted while there are fewer than allowed, cut off when nothing comes.

use std::convert::Infallible;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::HttpConfig;
use crate::host::Host;
use crate::problem::{Code, Problem};

use super::activity::Activity;
use super::answer;
use super::body::Buffers;
use super::http::{Peer, Server};
use super::steady::Steady;

/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// What hyper keeps room for without asking the heap.
const HEADERS_ON_STACK: u32 = 100;
/// How much is read ahead of one HTTP/1.1 connection.
const READ_AHEAD_BYTES: usize = 64 << 10;
/// How long a connection without a request under way is given to say goodbye when the server stops.
const GOODBYE_MAX: Duration = Duration::from_millis(500);
/// Pause when the system has no more sockets to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How often to look for the rest of a first word that came in pieces.
const SNIFF_PAUSE: Duration = Duration::from_millis(5);

/// When to stop: first politely, then at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    /// No new connections and no new requests; what is under way is finished.
    pub(crate) politely: CancellationToken,
    /// What is under way is dropped.
    pub(crate) at_once: CancellationToken,
}

/// Serves apps on `listener` until told to stop; done when the last connection is.
pub(crate) async fn accept(host: Host, listener: TcpListener, stop: Stop) {
    let connections = Arc::new(Semaphore::new(
        usize::try_from(host.config.http.connections_max).unwrap_or(1),
    ));
    let buffers = Buffers::new(&host.config.http);
    let server = Arc::new(Server { host, buffers });
    let tasks = TaskTracker::new();
    let acceptor = Acceptor {
        server,
        tasks: tasks.clone(),
        stop: stop.clone(),
    };
    loop {
        let accepted = async {
            let slot = Arc::clone(&connections).acquire_owned().await;
            (listener.accept().await, slot)
        };
        let (accepted, slot) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.politely.cancelled() => break,
        };
        match accepted {
            Ok((socket, _)) => {
                let serving = acceptor.for_one().serve(socket);
                tasks.spawn(async move {
                    serving.await;
                    drop(slot);
                });
            }
            Err(error) => {
                if !is_the_clients(&error) {
                    tracing::error!("no connection can be accepted at the moment: {error}");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// The client went away before it was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Acceptor {
    server: Arc<Server>,
    tasks: TaskTracker,
    stop: Stop,
}

impl Acceptor {
    /// What one connection needs. Its tokens are its own: asking them locks nobody else's.
    fn for_one(&self) -> Self {
        Self {
            server: Arc::clone(&self.server),
            tasks: self.tasks.clone(),
            stop: Stop {
                politely: self.stop.politely.child_token(),
                at_once: self.stop.at_once.child_token(),
            },
        }
    }

    async fn serve(self, socket: TcpStream) {
        let http = self.server.host.config.http;
        // Answers are written whole: nothing is gained by waiting for more.
        let _ = socket.set_nodelay(true);
        let speaks_http2 = tokio::select! {
            spoken = timeout(http.header_max, speaks_http2(&socket)) => spoken,
            () = self.stop.politely.cancelled() => return,
        };
        let Ok(Ok(speaks_http2)) = speaks_http2 else { return };
        let activity = Arc::new(Activity::default());
        let socket = Steady::new(socket, Arc::clone(&activity), http.body_max);
        let Ok(address) = socket.peer() else { return };
        let peer = Arc::new(Peer::new(&self.server.host, address.ip()));

        let service = service_fn(|request| {
            let (server, peer, busy) = (Arc::clone(&self.server), Arc::clone(&peer), activity.begin());
            async move {
                let answer = AssertUnwindSafe(server.answer(&peer, request)).catch_unwind().await;
                drop(busy);
                Ok::<_, Infallible>(answer.unwrap_or_else(|_| {
                    tracing::error!("answering a request panicked, which is our fault");
                    answer::last(&Problem::new(
                        Code::Internal,
                        "something went wrong on the server's side",
                    ))
                }))
            }
        });
        // What a client does wrong ends its connection and nothing else.
        if speaks_http2 {
            let tasks = Spawn {
                tasks: self.tasks.clone(),
                at_once: self.stop.at_once.clone(),
            };
            let connection = pin!(http2_builder(&http, tasks).serve_connection(socket, service));
            watch(
                connection,
                http2::Connection::graceful_shutdown,
                (&activity, http.header_max),
                &self.stop,
            )
            .await;
        } else {
            let connection = pin!(http1_builder(&http).serve_connection(socket, service));
            watch(
                connection,
                http1::Connection::graceful_shutdown,
                (&activity, http.header_max),
                &self.stop,
            )
            .await;
        }
    }
}

/// Whether the client begins with HTTP/2's first word. Nothing is taken from the socket.
async fn speaks_http2(socket: &TcpStream) -> io::Result<bool> {
    const WORD: &[u8] = b"PRI";
    let mut begin = [0; WORD.len()];
    loop {
        let length = socket.peek(&mut begin).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if length == WORD.len() || !WORD.starts_with(&begin[..length]) {
            return Ok(begin == *WORD);
        }
        sleep(SNIFF_PAUSE).await;
    }
}

fn http1_builder(http: &HttpConfig) -> http1::Builder {
    let header_bytes_max = usize::try_from(http.header_bytes_max).unwrap_or(READ_AHEAD_BYTES);
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(header_bytes_max)
        .max_buf_size(READ_AHEAD_BYTES.max(header_bytes_max));
    if http.headers_max > HEADERS_ON_STACK {
        builder.max_headers(usize::try_from(http.headers_max).unwrap_or(usize::MAX));
    }
    builder
}

fn http2_builder(http: &HttpConfig, tasks: Spawn) -> http2::Builder<Spawn> {
    let mut builder = http2::Builder::new(tasks);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(http.header_bytes_max);
    builder
}

/// Drives a connection to its end: the client's, one for lack of activity, or ours.
async fn watch<C: Future>(
    mut connection: Pin<&mut C>,
    finish: impl Fn(Pin<&mut C>),
    (activity, idle_max): (&Activity, Duration),
    stop: &Stop,
) {
    let mut idle_max = idle_max;
    let mut deadline = pin!(sleep_until(Instant::now() + idle_max));
    let (mut seen, mut asked, mut stopping) = (0, false, false);
    loop {
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = &mut deadline => {
                if activity.is_idle_since(&mut seen) {
                    // Whoever was told to finish and did not, or never said anything, is cut off.
                    if asked || seen == 0 {
                        return;
                    }
                    asked = true;
                    finish(connection.as_mut());
                }
                deadline.as_mut().reset(Instant::now() + idle_max);
            }
            () = stop.politely.cancelled(), if !stopping => {
                (stopping, asked, idle_max) = (true, true, idle_max.min(GOODBYE_MAX));
                finish(connection.as_mut());
                deadline.as_mut().reset(Instant::now() + idle_max);
            }
            () = stop.at_once.cancelled() => return,
        }
    }
}

/// Runs HTTP/2's streams as tasks that end with the server.
#[derive(Clone)]
struct Spawn {
    tasks: TaskTracker,
    at_once: CancellationToken,
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawn {
    fn execute(&self, stream: F) {
        let at_once = self.at_once.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stream => {}
                () = at_once.cancelled_owned() => {}
            }
        });
    }
}
