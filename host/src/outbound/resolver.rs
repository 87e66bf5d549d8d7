//! Who turns names into addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use tokio::time::Instant;

/// After so long the machine's configuration is read again.
const CONFIGURED_FOR: Duration = Duration::from_mins(5);
/// A server gets so long for an answer, twice.
const SERVER_MAX: Duration = Duration::from_secs(2);
/// Names whose addresses are remembered, for as long as their records say and no longer than this.
const NAMES_KEPT: u64 = 1024;
const KEPT_MAX: Duration = Duration::from_mins(5);

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAddress {
    /// There is no such name, or it has none.
    NoSuchName,
    /// No server answered in time.
    TimedOut,
    /// They cannot be asked.
    Failed,
}

impl NoAddress {
    /// For a sentence.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchName => "there is no such name",
            Self::TimedOut => "no DNS server answers",
            Self::Failed => "the DNS servers cannot say",
        }
    }
}

/// Turns names into addresses; tests have one of their own.
pub trait Resolve: Send + Sync {
    /// Every address of `name`; one at least.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>>;
}

/// By asking DNS servers. It holds no thread while it waits.
pub struct Dns {
    servers: Vec<SocketAddr>,
    /// Since when there is one.
    made: Mutex<Option<(Instant, Arc<TokioResolver>)>>,
}

impl Dns {
    /// These servers, or those of the machine's configuration.
    #[must_use]
    pub const fn new(servers: Vec<SocketAddr>) -> Self {
        let made = Mutex::new(None);
        Self { servers, made }
    }

    fn resolver(&self) -> Result<Arc<TokioResolver>, NetError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, resolver)) = &*made
            && since.elapsed() < CONFIGURED_FOR
        {
            return Ok(Arc::clone(resolver));
        }
        let mut builder = if self.servers.is_empty() {
            TokioResolver::builder_tokio()?
        } else {
            let servers = self.servers.iter().copied().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        bound(builder.options_mut());
        let resolver = Arc::new(builder.build()?);
        *made = Some((Instant::now(), Arc::clone(&resolver)));
        Ok(resolver)
    }
}

fn server(address: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}

fn bound(options: &mut ResolverOpts) {
    options.timeout = SERVER_MAX;
    options.attempts = 2;
    // All of them are looked at, so all are asked for.
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.cache_size = NAMES_KEPT;
    options.positive_max_ttl = Some(KEPT_MAX);
    options.negative_max_ttl = Some(KEPT_MAX);
}

impl Resolve for Dns {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>> {
        Box::pin(async move {
            let resolver = self.resolver().map_err(|error| {
                tracing::warn!("names cannot be looked up for scripts: {error}");
                NoAddress::Failed
            })?;
            // As it is: a name of a URL is not completed by the domains that the machine searches.
            match resolver.lookup_ip(format!("{name}.")).await {
                Ok(found) => Some(found.iter().collect::<Vec<_>>())
                    .filter(|found| !found.is_empty())
                    .ok_or(NoAddress::NoSuchName),
                Err(NetError::Timeout) => Err(NoAddress::TimedOut),
                Err(error) if error.is_no_records_found() => Err(NoAddress::NoSuchName),
                Err(error) => {
                    tracing::debug!("{name} cannot be looked up: {error}");
                    Err(NoAddress::Failed)
                }
            }
        })
    }
}
