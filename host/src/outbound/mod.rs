//! Requests that scripts send to other services, and the guard that keeps the inside out of their reach.
//!
//! ```text
//! http::get ── Outgoing: is it one? ── AllowList: may the app? ── Dial: look up, Guard every address, connect to one of those ── response, bounded
//!                                   ▲                                                                      │
//!                                   └──────────────── a redirect begins anew ─────────────────────────────┘
//! ```
//!
//! *Invariant*: a connection goes to an address that the guard let through; nothing looks a name up a second time. *Invariant*:
//! no two apps share a connection. *Invariant*: what a script is told of a failure has no address in it.

mod allow;
mod body;
mod calls;
mod client;
mod dial;
mod fetch;
mod guard;
mod kept;
mod ledger;
pub(crate) mod queries;
mod reach;
mod request;
mod resolver;
mod response;
mod room;
mod target;
mod trouble;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Context as _;
use moka::sync::Cache;
use rustls::RootCertStore;
use rustls::crypto::ring;
use tokio::sync::Semaphore;

pub use allow::{AllowList, Allowed, Hint};
pub use calls::{Asked, Calls};
use client::AppClient;
use dial::Dial;
pub use guard::Guard;
pub use kept::{Kept, Opened};
pub use ledger::Answered;
pub use reach::{Here, Reach};
pub use request::Outgoing;
pub use resolver::{Dns, NoAddress, Resolve};
pub use response::Fetched;
pub(crate) use response::pairs;
pub use trouble::Trouble;

use crate::config::OutboundConfig;
use crate::ids::AppId;

/// Hosts that one app may be allowed to call.
pub const ALLOWED_MAX: usize = 100;
/// Connections of an app that sends nothing are given up after so long.
const APP_IDLE_MAX: Duration = Duration::from_mins(5);
/// Apps that have connections.
const APPS_MAX: u64 = 10_000;

/// What all requests of scripts go through.
pub struct Outbound {
    pub(self) config: OutboundConfig,
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolve>,
    clients: Cache<AppId, Arc<AppClient>>,
    pub(self) places: Semaphore,
    /// Whom to trust; read when the first request goes out.
    tls: LazyLock<rustls::ClientConfig>,
}

impl Outbound {
    /// As the operator set it, with names looked up by `resolver`.
    #[must_use]
    pub fn new(config: OutboundConfig, resolver: Arc<dyn Resolve>) -> Self {
        Self {
            guard: Arc::new(Guard::new(config.networks.0.clone())),
            resolver,
            clients: Cache::builder()
                .max_capacity(APPS_MAX)
                .time_to_idle(APP_IDLE_MAX)
                .build(),
            places: Semaphore::new(config.at_once_max as usize),
            tls: LazyLock::new(tls),
            config,
        }
    }

    /// The same, with names looked up by DNS.
    #[must_use]
    pub fn with_dns(config: OutboundConfig) -> Self {
        let resolver = Arc::new(Dns::new(config.dns.0.clone()));
        Self::new(config, resolver)
    }

    /// Which addresses may be called.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    fn client(&self, app: AppId) -> Arc<AppClient> {
        self.clients.get_with(app, || {
            let (resolver, guard) = (Arc::clone(&self.resolver), Arc::clone(&self.guard));
            let proxy = self.config.proxy.clone();
            let make = move |open| Dial::new((Arc::clone(&resolver), Arc::clone(&guard)), proxy.as_ref(), open);
            Arc::new(AppClient::new(self.config.at_once_per_app_max, self.tls.clone(), make))
        })
    }
}

/// The machine's certificates, so that an operator's own authority is trusted; where there are none, those that Mozilla trusts.
fn tls() -> rustls::ClientConfig {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    let (added, ignored) = roots.add_parsable_certificates(native.certs);
    if added == 0 {
        tracing::info!("the machine has no certificates; those that Mozilla trusts are trusted");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    } else if ignored > 0 {
        tracing::debug!("{ignored} certificates of the machine cannot be read");
    }
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .context("the versions of TLS");
    config
        .expect("ring has them")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
