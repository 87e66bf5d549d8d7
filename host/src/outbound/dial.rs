//! Connections. Every address of an answer is checked, and the connection goes to one of those: nothing is looked up twice.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower::{BoxError, Service};

use super::guard::Guard;
use super::resolver::Resolve;
use super::trouble::Trouble;
use crate::config::Proxy;

/// A connection that is not there by then will not be.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Opens connections of one app.
#[derive(Clone)]
pub(super) struct Dial {
    resolver: Arc<dyn Resolve>,
    guard: Arc<Guard>,
    proxy: Option<Proxied>,
    open: Arc<AtomicUsize>,
}

/// A proxy, as it is asked.
#[derive(Clone)]
struct Proxied {
    uri: Uri,
    authorization: Option<HeaderValue>,
}

impl Dial {
    pub(super) fn new(
        (resolver, guard): (Arc<dyn Resolve>, Arc<Guard>),
        proxy: Option<&Proxy>,
        open: Arc<AtomicUsize>,
    ) -> Self {
        let proxy = proxy.map(|proxy| Proxied {
            uri: proxy.uri.clone(),
            authorization: authorization(proxy),
        });
        Self {
            resolver,
            guard,
            proxy,
            open,
        }
    }

    async fn connect(self, to: Uri) -> Result<Dialed, BoxError> {
        let is_secure = to.scheme_str() == Some("https");
        let (Some(host), port) = (to.host(), to.port_u16().unwrap_or(if is_secure { 443 } else { 80 })) else {
            return Err(Trouble::new("bad_url", "there is no host").into());
        };
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        if literal.is_some_and(|address| !self.guard.lets(SocketAddr::new(address, port))) {
            return Err(Trouble::forbidden(host).into());
        }
        let (io, is_proxied) = match self.proxy {
            None => {
                let addresses = match literal {
                    Some(address) => vec![address],
                    None => checked(&*self.resolver, &self.guard, host, port).await?,
                };
                let mut direct = connector(Found(addresses));
                (direct.call(to).await?, false)
            }
            Some(Proxied { uri, authorization }) if is_secure => {
                let mut tunnel = Tunnel::new(uri, connector(GaiResolver::new()));
                if let Some(authorization) = authorization {
                    tunnel = tunnel.with_auth(authorization);
                }
                (tunnel.call(to).await?, false)
            }
            Some(Proxied { uri, .. }) => (connector(GaiResolver::new()).call(uri).await?, true),
        };
        Ok(Dialed {
            io,
            is_proxied,
            since: Since(Instant::now()),
            _open: Open::one(self.open),
        })
    }
}

/// Every address of a name, of which none may be inside.
async fn checked(resolver: &dyn Resolve, guard: &Guard, name: &str, port: u16) -> Result<Vec<IpAddr>, Trouble> {
    let found = resolver.resolve(name).await;
    let found = found.map_err(|why| Trouble::dns(name, why.as_str()))?;
    if found.iter().all(|address| guard.lets(SocketAddr::new(*address, port))) {
        Ok(found)
    } else {
        Err(Trouble::forbidden(name))
    }
}

/// It tries addresses of both families side by side (RFC 8305).
fn connector<R>(resolver: R) -> HttpConnector<R> {
    let mut connector = HttpConnector::new_with_resolver(resolver);
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_MAX));
    connector
}

/// What a proxy wants to hear of who asks it.
pub(super) fn authorization(proxy: &Proxy) -> Option<HeaderValue> {
    let encoded = BASE64.encode(proxy.user.as_ref()?.as_bytes());
    let mut value = HeaderValue::try_from(format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Service<Uri> for Dial {
    type Response = Dialed;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Dialed, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

/// The addresses that were found of whatever name.
#[derive(Clone)]
struct Found(Vec<IpAddr>);

impl Service<Name> for Found {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        let addresses: Vec<SocketAddr> = self.0.iter().map(|address| SocketAddr::new(*address, 0)).collect();
        ready(Ok(addresses.into_iter()))
    }
}

/// A connection of an app.
pub(super) struct Dialed {
    io: TokioIo<TcpStream>,
    /// Whether a proxy reads the requests.
    is_proxied: bool,
    since: Since,
    _open: Open,
}

/// Since when a connection is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since(pub(super) Instant);

/// Counts it.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn one(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection for Dialed {
    fn connected(&self) -> Connected {
        // Not what the connector would tell of it: the addresses of both ends.
        Connected::new().proxy(self.is_proxied).extra(self.since)
    }
}

impl Read for Dialed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Dialed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
