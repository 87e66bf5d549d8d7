//! One app's connections. No two apps share any.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Extensions, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::dial::{Dial, Since};
use super::trouble::find;

/// A connection that nobody uses is kept for so long.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Connections to one host that nobody uses.
const IDLE_PER_HOST_MAX: usize = 8;
/// The head of a response over HTTP/1.1, in bytes and headers; over HTTP/2 in bytes as they are listed there.
const HEAD_BYTES_MAX: u32 = 64 << 10;
const HEADERS_MAX: usize = 200;
/// What may be on the way to us over HTTP/2, of one response and of all of a connection.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

type Pool = Client<HttpsConnector<Dial>, Full<Bytes>>;

/// One app's connections.
pub(super) struct AppClient {
    pool: ArcSwap<Pool>,
    make: Box<dyn Fn(Arc<AtomicUsize>) -> Dial + Send + Sync>,
    tls: rustls::ClientConfig,
    /// Connections that are open, in use or not.
    open: Arc<AtomicUsize>,
    /// More are not left open.
    open_max: usize,
    /// Requests under way.
    pub(super) places: Semaphore,
}

impl AppClient {
    /// With connections that `make` dials.
    pub(super) fn new(
        at_once_max: u32,
        tls: rustls::ClientConfig,
        make: impl Fn(Arc<AtomicUsize>) -> Dial + Send + Sync + 'static,
    ) -> Self {
        let open = Arc::new(AtomicUsize::new(0));
        let pool = pool(make(Arc::clone(&open)), tls.clone());
        Self {
            pool: ArcSwap::from_pointee(pool),
            make: Box::new(make),
            tls,
            open,
            open_max: at_once_max as usize,
            places: Semaphore::new(at_once_max as usize),
        }
    }

    /// Sends a request once; its caller holds a place. Never again by itself what may have been seen there.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        if self.open.load(Ordering::Relaxed) >= self.open_max {
            // Those that nobody uses are closed with the pool that they are in; the others when they are done.
            self.pool
                .store(Arc::new(pool((self.make)(Arc::clone(&self.open)), self.tls.clone())));
        }
        let sent = self.pool.load().request(request);
        sent.await.inspect_err(|error| {
            // Over HTTP/2 others would meet the same on it.
            if let Some(connected) = error.connect_info() {
                connected.poison();
            }
        })
    }
}

fn pool(dial: Dial, tls: rustls::ClientConfig) -> Pool {
    let secure = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = secure.https_or_http().enable_all_versions().wrap_connector(dial);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .http1_max_buf_size(HEAD_BYTES_MAX as usize)
        .http1_max_headers(HEADERS_MAX)
        .http2_max_header_list_size(HEAD_BYTES_MAX)
        .http2_initial_stream_window_size(STREAM_WINDOW_BYTES)
        .http2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .build(connector)
}

/// Whether a request that was sent at `began` failed on a connection that was there before, and was just closed, as it seems.
pub(super) fn was_closed(error: &Error, began: Instant) -> bool {
    let mut extras = Extensions::new();
    if let Some(connected) = error.connect_info() {
        connected.get_extras(&mut extras);
    }
    let was_kept = extras.get::<Since>().is_some_and(|Since(since)| *since < began);
    let is_other = find::<hyper::Error>(error).is_some_and(|error| error.is_parse() || error.is_timeout());
    was_kept && !is_other
}
