//! Who answers the requests of a listener, and what they are told of who asks.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::body::Body;
use super::traffic::{Account, Neighbour};

/// Every response is in memory before it goes out.
pub(crate) type Answer = Response<Bytes>;

/// Who answers the requests of a listener.
pub(crate) trait Answers: Send + Sync + 'static {
    /// The answer to one request; whatever the client sent, there is one. With it, on whose account it is when it is not
    /// the listener's.
    fn answer(&self, peer: &Peer, request: Request<Body>) -> impl Future<Output = (Answer, Option<Account>)> + Send;
}

/// Who is at the other end of a connection.
pub(crate) struct Peer {
    pub(crate) ip: IpAddr,
    /// The same as text.
    pub(crate) text: String,
    /// Whether it is believed what it says of others.
    pub(crate) is_proxy: bool,
    pub(crate) neighbour: Arc<Neighbour>,
}
