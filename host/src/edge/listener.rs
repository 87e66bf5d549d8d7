//! Connections: accepted while there are fewer than allowed, in all and of one address.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::answers::Answers;
use super::connection::Connection;
use super::shared::{Edge, Stop};
use super::traffic::Visit;

/// Pause when the system has no more sockets to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// A listener with who answers there.
pub(crate) struct Listener<A> {
    pub(crate) socket: TcpListener,
    pub(crate) edge: Arc<Edge>,
    pub(crate) answers: Arc<A>,
    pub(crate) stop: Stop,
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
