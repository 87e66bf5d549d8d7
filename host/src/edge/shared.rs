//! What all connections of one listener share.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::config::{Config, HttpConfig, TrustedProxies};

use super::answers::Peer;
use super::refusal::Refusals;
use super::traffic::Traffic;

/// When to stop: first politely, then at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    /// No new connections and no new requests; what is under way is finished.
    pub(crate) politely: CancellationToken,
    /// What is under way is dropped.
    pub(crate) at_once: CancellationToken,
}

/// What all connections of one listener share.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) http: HttpConfig,
    pub(crate) traffic: Traffic,
    pub(super) refusals: Arc<Refusals>,
    proxies: TrustedProxies,
    pub(super) connections_max: u32,
    pub(super) per_address_max: u32,
}

impl Edge {
    /// The apps' and the admin listener's.
    pub(crate) fn pair(config: &Config) -> (Arc<Self>, Arc<Self>) {
        let (apps, admin) = Traffic::pair(config);
        let http = config.http;
        let edge = |traffic, connections_max: u32, per_address_max: u32| {
            let per_address_max = per_address_max.min(connections_max);
            Arc::new(Self {
                http,
                traffic,
                refusals: Arc::new(Refusals::new(&http, per_address_max)),
                proxies: config.bind.trusted_proxies.clone(),
                connections_max,
                per_address_max,
            })
        };
        let of_one = http.connections_per_address_max;
        // Whoever has all that one address may have leaves the other half to the operator.
        let of_one_admin = of_one.min(http.admin_connections_max.div_ceil(2));
        (
            edge(apps, http.connections_max, of_one),
            edge(admin, http.admin_connections_max, of_one_admin),
        )
    }

    pub(super) fn peer(&self, address: SocketAddr) -> Peer {
        let ip = address.ip().to_canonical();
        Peer {
            ip,
            text: ip.to_string(),
            is_proxy: self.proxies.contain(ip),
            neighbour: self.traffic.neighbour(ip),
        }
    }
}
