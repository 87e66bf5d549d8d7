//! Connections: accepted while there are fewer than allowed, in all and of one address.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Config, HttpConfig, TrustedProxies};

use super::connection::Connection;
use super::exchange::{Answers, Peer};
use super::refusal::Refusals;
use super::traffic::{Traffic, Visit};

/// Pause when the system has no more sockets to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

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
    connections_max: u32,
    per_address_max: u32,
}

/// A listener with who answers there.
pub(crate) struct Listener<A> {
    pub(crate) socket: TcpListener,
    pub(crate) edge: Arc<Edge>,
    pub(crate) answers: Arc<A>,
    pub(crate) stop: Stop,
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

    fn peer(&self, address: SocketAddr) -> Peer {
        let ip = address.ip().to_canonical();
        Peer {
            ip,
            text: ip.to_string(),
            is_proxy: self.proxies.contain(ip),
            neighbour: self.traffic.neighbour(ip),
        }
    }
}

impl<A: Answers> Listener<A> {
    /// Serves until told to stop; done when the last connection is.
    pub(crate) async fn serve(self) {
        let places = usize::try_from(self.edge.connections_max).unwrap_or(1);
        let connections = Arc::new(Semaphore::new(places));
        let tasks = TaskTracker::new();
        let mut is_refused = false;
        loop {
            let accepted = async {
                let place = Arc::clone(&connections).acquire_owned().await;
                (self.socket.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                accepted = accepted => accepted,
                () = self.stop.politely.cancelled() => break,
            };
            match accepted {
                Ok((socket, address)) => {
                    is_refused = false;
                    if let Some((connection, visit)) = self.admit(&socket, address, &tasks) {
                        tasks.spawn(async move {
                            connection.serve(socket).await;
                            drop((visit, place));
                        });
                    }
                }
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    if !is_refused {
                        tracing::error!("no connection can be accepted at the moment: {error}");
                    }
                    is_refused = true;
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.socket);
        tasks.close();
        tasks.wait().await;
    }

    /// What one connection needs; none when its address has as many as it may. A trusted proxy is many clients.
    fn admit(
        &self,
        socket: &TcpStream,
        address: SocketAddr,
        tasks: &TaskTracker,
    ) -> Option<(Connection<A>, Option<Visit>)> {
        let peer = self.edge.peer(address);
        let visit = if peer.is_proxy {
            None
        } else if let Some(visit) = Visit::begin(&peer.neighbour, self.edge.per_address_max) {
            Some(visit)
        } else {
            tracing::debug!("{} has as many connections as it may", peer.text);
            // As much as fits: nobody waits for a client that has too many connections.
            let _ = socket.try_write(self.edge.refusals.too_many());
            return None;
        };
        let connection = Connection {
            edge: Arc::clone(&self.edge),
            answers: Arc::clone(&self.answers),
            peer,
            tasks: tasks.clone(),
            // Its tokens are its own: asking them locks nobody else's.
            stop: Stop {
                politely: self.stop.politely.child_token(),
                at_once: self.stop.at_once.child_token(),
            },
        };
        Some((connection, visit))
    }
}

/// The client went away before it was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
