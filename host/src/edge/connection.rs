//! One connection: HTTP/1.1 or HTTP/2, cut off when nothing comes.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::HttpConfig;

use super::activity::Activity;
use super::answers::{Answers, Peer};
use super::exchange::Exchange;
use super::linger::part;
use super::pace::{TAKING, Taking};
use super::reply::Reply;
use super::shared::{Edge, Stop};
use super::steady::Steady;
use super::watch::{End, watch};

/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// What one HTTP/2 stream may have waiting for the socket.
const STREAM_SEND_BYTES: usize = 64 << 10;
/// What hyper keeps room for without asking the heap.
const HEADERS_ON_STACK: u32 = 100;
/// How much is read ahead of one HTTP/1.1 connection.
const READ_AHEAD_BYTES: usize = 64 << 10;
/// How often to look for the rest of a first word that came in pieces.
const SNIFF_PAUSE: Duration = Duration::from_millis(5);

/// An accepted connection.
pub(super) struct Connection<A> {
    pub(super) edge: Arc<Edge>,
    pub(super) answers: Arc<A>,
    pub(super) peer: Peer,
    pub(super) tasks: TaskTracker,
    pub(super) stop: Stop,
}

impl<A: Answers> Connection<A> {
    pub(super) async fn serve(self, socket: TcpStream) {
        let Self {
            edge,
            answers,
            peer,
            tasks,
            stop,
        } = self;
        // Answers are written whole: nothing is gained by waiting for more.
        let _ = socket.set_nodelay(true);
        let spoken = tokio::select! {
            spoken = timeout(edge.http.header_max, speaks_http2(&socket)) => spoken,
            () = stop.politely.cancelled() => return,
        };
        let is_http2 = match spoken {
            Ok(Ok(is_http2)) => is_http2,
            Ok(Err(_)) => return,
            Err(_) => {
                if has_said_something(&socket) {
                    part(socket, edge.refusals.too_slow(), &edge.http, &stop).await;
                }
                return;
            }
        };
        let exchange = Arc::new(Exchange {
            edge,
            answers,
            peer,
            activity: Activity::new(!is_http2),
        });
        // What a client does wrong ends its connection and nothing else.
        if is_http2 {
            let at_once = stop.at_once.clone();
            let pause_max = exchange.edge.http.body_max;
            let spawn = Spawn {
                tasks,
                at_once,
                pause_max,
            };
            serve_http2(exchange, socket, spawn, &stop).await;
        } else {
            serve_http1(exchange, socket, &stop).await;
        }
    }
}

async fn serve_http2<A: Answers>(exchange: Arc<Exchange<A>>, socket: TcpStream, spawn: Spawn, stop: &Stop) {
    let (http, activity) = (exchange.edge.http, Arc::clone(&exchange.activity));
    let socket = Steady::new(socket, Arc::clone(&activity), http.body_max, None);
    let mut connection = Box::pin(http2_builder(&http, spawn).serve_connection(socket, service(exchange)));
    let finish = |connection: Pin<&mut Pin<Box<http2::Connection<_, _, _>>>>| {
        http2::Connection::graceful_shutdown(connection.get_mut().as_mut());
    };
    watch(&mut connection, finish, (&activity, http.header_max), stop).await;
}

async fn serve_http1<A: Answers>(exchange: Arc<Exchange<A>>, socket: TcpStream, stop: &Stop) {
    let (edge, activity) = (Arc::clone(&exchange.edge), Arc::clone(&exchange.activity));
    let http = &edge.http;
    let refusals = Some(Arc::clone(&edge.refusals));
    let socket = Steady::new(socket, Arc::clone(&activity), http.body_max, refusals);
    let mut connection = http1_builder(http).serve_connection(socket, service(exchange));
    let finish = http1::Connection::graceful_shutdown;
    let end = watch(&mut connection, finish, (&activity, http.header_max), stop).await;
    let parts = connection.into_parts();
    match end {
        End::Over if activity.is_unread() => part(parts.io.into_socket(), &[], http, stop).await,
        // A head that did not come to its end.
        End::Idle if !parts.read_buf.is_empty() => {
            part(parts.io.into_socket(), edge.refusals.too_slow(), http, stop).await;
        }
        _ => {}
    }
}

/// Answers each request of a connection.
fn service<A: Answers>(
    exchange: Arc<Exchange<A>>,
) -> impl Service<Request<Incoming>, Response = Response<Reply>, Error = Infallible, Future: Send> {
    service_fn(move |request| {
        let (exchange, busy) = (Arc::clone(&exchange), exchange.activity.begin());
        async move { Ok::<_, Infallible>(exchange.respond(request, busy).await) }
    })
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

fn has_said_something(socket: &TcpStream) -> bool {
    matches!(socket.peek(&mut [0]).now_or_never(), Some(Ok(1)))
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

fn http2_builder(http: &HttpConfig, spawn: Spawn) -> http2::Builder<Spawn> {
    let mut builder = http2::Builder::new(spawn);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_send_buf_size(STREAM_SEND_BYTES)
        .max_header_list_size(http.header_bytes_max);
    builder
}

/// Runs HTTP/2's streams as tasks, which end with the server, and when their client takes nothing of the answer.
#[derive(Clone)]
struct Spawn {
    tasks: TaskTracker,
    at_once: CancellationToken,
    pause_max: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawn {
    fn execute(&self, stream: F) {
        let (at_once, taking) = (self.at_once.clone(), Taking::new(self.pause_max));
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = TAKING.scope(Arc::clone(&taking), stream) => {}
                () = at_once.cancelled_owned() => {}
                () = taking.stalled() => {}
            }
        });
    }
}
